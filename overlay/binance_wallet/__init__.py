"""A typed client for Binance's wallet endpoints. See `WalletClient`, and `binance_wallet.errors` for what it raises."""

from binance_wallet_client.models import FuturesSnapshot, MarginSnapshot, SpotSnapshot, WalletBalance

from .client import AsyncWalletClient, WalletClient
from .errors import (
    AnswerError,
    ApiError,
    AuthenticationError,
    BannedError,
    DeadlineError,
    InvalidRequestError,
    NetworkError,
    RateLimitError,
    ServerError,
    TimestampError,
    WalletError,
)
from .limits import Usage

__all__ = [
    "AnswerError",
    "ApiError",
    "AsyncWalletClient",
    "AuthenticationError",
    "BannedError",
    "DeadlineError",
    "FuturesSnapshot",
    "InvalidRequestError",
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
