"""A typed client for Binance's wallet endpoints. See `WalletClient`, and `binance_wallet.errors` for what it raises."""

from binance_wallet_client.models import FuturesSnapshot, MarginSnapshot, SpotSnapshot, WalletBalance

from .client import AsyncWalletClient, WalletClient
from .errors import *  # the whole tree, by the names that `except` needs
from .limits import Usage

# Written out, since type checkers know no other.
__all__ = [
    "ApiError",
    "AsyncWalletClient",
    "AuthenticationError",
    "BannedError",
    "DeadlineError",
    "FuturesSnapshot",
    "InvalidRequestError",
    "InvalidResponseError",
    "MarginSnapshot",
    "NetworkError",
    "RateLimitError",
    "ServerError",
    "SpotSnapshot",
    "TimestampError",
    "Usage",
    "WalletBalance",
    "WalletClient",
    "WalletError",
]
