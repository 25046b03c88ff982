"""Binance Wallet: a client generated from its contract."""

from .client import AsyncClient, Client
from .contract import BASE_URL, REQUEST_WEIGHT_LIMIT
from .errors import (
    ApiError,
    AuthenticationError,
    BannedError,
    InvalidRequestError,
    InvalidResponseError,
    RateLimitError,
    ServerError,
    TimestampError,
    WalletError,
)

__all__ = (
    "BASE_URL",
    "REQUEST_WEIGHT_LIMIT",
    "ApiError",
    "AsyncClient",
    "AuthenticationError",
    "BannedError",
    "Client",
    "InvalidRequestError",
    "InvalidResponseError",
    "RateLimitError",
    "ServerError",
    "TimestampError",
    "WalletError",
)
