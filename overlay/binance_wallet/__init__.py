"""A typed client for Binance's wallet endpoints. See `WalletClient`, and `binance_wallet.errors` for what it raises."""

from binance_wallet_client.models import FuturesSnapshot, MarginSnapshot, SpotSnapshot, WalletBalance

from . import errors
from .client import AsyncWalletClient, WalletClient
from .errors import *  # noqa: F403 - the whole tree, by the names that `except` needs
from .limits import Usage

__all__ = [
    "AsyncWalletClient",
    "FuturesSnapshot",
    "MarginSnapshot",
    "SpotSnapshot",
    "Usage",
    "WalletBalance",
    "WalletClient",
]
__all__ += errors.__all__
