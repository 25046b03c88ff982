"""A typed client for Binance's wallet endpoints. See `WalletClient`, and `binance_wallet.errors` for what it raises."""

from binance_wallet_client.models import (
    AccountSnapshot,
    AssetBalance,
    FuturesAsset,
    FuturesPosition,
    FuturesSnapshot,
    FuturesSnapshotData,
    MarginAsset,
    MarginSnapshot,
    MarginSnapshotData,
    SnapshotType,
    SpotAsset,
    SpotSnapshot,
    SpotSnapshotData,
    WalletBalance,
)

from .balances import Balances
from .budget import Usage
from .client import AsyncWalletClient, WalletClient
from .errors import *  # the whole tree, by the names that `except` needs
from .period import Moment
from .pipeline import Attempt
from .snapshots import History

# Written out, since type checkers know no other.
__all__ = [
    "AccountSnapshot",
    "ApiError",
    "AssetBalance",
    "AsyncWalletClient",
    "Attempt",
    "AuthenticationError",
    "Balances",
    "BannedError",
    "DeadlineError",
    "FuturesAsset",
    "FuturesPosition",
    "FuturesSnapshot",
    "FuturesSnapshotData",
    "History",
    "InvalidRequestError",
    "InvalidResponseError",
    "MarginAsset",
    "MarginSnapshot",
    "MarginSnapshotData",
    "Moment",
    "NetworkError",
    "RateLimitError",
    "ServerError",
    "SnapshotType",
    "SpotAsset",
    "SpotSnapshot",
    "SpotSnapshotData",
    "TimestampError",
    "Usage",
    "WalletBalance",
    "WalletClient",
    "WalletError",
]
