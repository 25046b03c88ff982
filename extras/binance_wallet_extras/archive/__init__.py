"""An archive of daily snapshots and wallet balances, in SQLite or PostgreSQL. See `Archive`. Extra `archive`."""

from binance_wallet_extras.extra import extra

with extra("archive"):
    from .archive import Archive, default_url, problems
from .errors import ArchiveError, NotRecordedError, OtherAccountError
from .records import Account, BalancesStatus, Correction, Gap, Price, PricesStatus, Status

__all__ = [
    "Account",
    "Archive",
    "ArchiveError",
    "BalancesStatus",
    "Correction",
    "Gap",
    "NotRecordedError",
    "OtherAccountError",
    "Price",
    "PricesStatus",
    "Status",
    "default_url",
    "problems",
]
