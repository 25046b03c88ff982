"""Binance Wallet: a client generated from its contract, spec/openapi.yaml.

openapi-python-client makes the names, lays the package out and renders the templates: a package in `api` for each tag,
a module in it for each operation, with the functions `sync`, `sync_detailed`, `asyncio` and `asyncio_detailed`; a
module in `models` for each object. What stands in these modules are the project's own templates: msgspec models with
exact Decimals, arguments that are checked before a request is made, errors that are raised. `contract` holds the rate
limits and the error codes of the contract. All other modules are copied from spec/runtime.
"""

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
