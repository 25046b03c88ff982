"""What an archive returns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from attrs import frozen

if TYPE_CHECKING:
    from datetime import date, datetime
    from decimal import Decimal

    from binance_wallet_client.models import AccountSnapshot, SnapshotType

__all__ = ["Account", "BalancesStatus", "Correction", "Gap", "Price", "PricesStatus", "Status"]


@frozen
class Account:
    """An account in the archive."""

    name: str
    days: int
    """The number of snapshots, of all types."""
    balances: int
    """The number of times that its balances were recorded."""


@frozen
class Gap:
    """Days in a row without a snapshot, `first` and `last` included."""

    first: date
    last: date
    lost: bool
    """Whether the exchange no longer serves these days. An update asks for those that are not lost."""

    @property
    def days(self) -> int:
        """The number of days."""
        return (self.last - self.first).days + 1


@frozen
class Status:
    """What the archive has of one type of snapshot of one account."""

    account: str
    type: SnapshotType
    first: date
    last: date
    days: int
    gaps: list[Gap]
    """From the first day to yesterday, oldest first. Days before the first record are not a gap."""
    corrections: int
    """The number of snapshots that the exchange later served with other content: see `Archive.corrections`."""


@frozen
class BalancesStatus:
    """What the archive has of one account's balances in one asset."""

    account: str
    quote_asset: str
    first: datetime
    """The time of the first record, in UTC."""
    last: datetime
    records: int
    """The number of times that the balances of all wallets were recorded."""


@frozen
class PricesStatus:
    """What the archive has of the prices of BTC in one asset."""

    quote_asset: str
    first: date
    last: date
    days: int
    """The number of days with a price."""
    imported: int
    """The number of days with an imported price, which overrides the exchange's own."""


@frozen
class Correction:
    """Other content that the exchange served for a day that was already recorded."""

    day: date
    seen_at: datetime
    snapshot: AccountSnapshot


@frozen
class Price:
    """What one BTC was worth at the end of a day (UTC)."""

    day: date
    quote_asset: str
    """The asset that the price is in units of."""
    source: Literal["exchange", "file"]
    """Whether it is the exchange's own, recorded by an update, or imported from a file."""
    recorded_at: datetime
    """When the exchange's own price was valid, at most 12 hours from the end of `day`; or when another was imported."""
    price: Decimal
