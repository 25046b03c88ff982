"""Binance Wallet: a client generated from its contract."""

from .client import AsyncClient, Client
from .contract import BASE_URL, REQUEST_WEIGHT_LIMIT
from .errors import ApiError, InvalidRequestError, InvalidResponseError, WalletError

__all__ = (
    "BASE_URL",
    "REQUEST_WEIGHT_LIMIT",
    "ApiError",
    "AsyncClient",
    "Client",
    "InvalidRequestError",
    "InvalidResponseError",
    "WalletError",
)
