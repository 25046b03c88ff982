"""An account to report on, and its records."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from attrs import frozen
from binance_wallet import Balances
from binance_wallet_client.models import AccountSnapshot, WalletBalance

from binance_wallet_extras.details import lists_assets
from binance_wallet_extras.export import ExportError, RecordedBalance
from binance_wallet_extras.export.rows import as_list

from .snapshots import holds_something
from .values import ValueHistory, wallets_history

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date, datetime

    from binance_wallet import History

__all__ = ["Account", "AccountData", "quote_asset_of"]


@frozen
class Account:
    """An account to report on. It may have any of these, and needs a name where there are several accounts."""

    snapshots: Iterable[AccountSnapshot] | History = ()
    """Daily snapshots of one or more types, in any order; or a `History`."""
    balances: Iterable[WalletBalance] = ()
    """What the wallets are worth now. With `details`, the page shows what each of them holds."""
    recorded: Iterable[RecordedBalance] = ()
    """What the wallets were worth earlier. Without `balances`, the last record stands for now.

    With `details`, the page shows how quantities changed.
    """
    name: str = ""
    """The name of the account on the page, if there are several accounts."""
    failed: bool = False
    """Whether it could not be read. Then the page says so, and there must be no records of it."""

    def records(self) -> AccountRecords:
        """Return the records as lists. Raises ExportError."""
        found = AccountRecords(
            as_list(self.snapshots, AccountSnapshot, "snapshots"),
            as_list(self.balances, WalletBalance, "balances"),
            as_list(self.recorded, RecordedBalance, "recorded balances"),
            self.name,
            self.failed,
        )
        if self.failed and (found.snapshots or found.balances or found.recorded):
            raise ExportError(f"the account {self.name!r} cannot have failed: it has records")
        return found


@frozen
class AccountRecords:
    """The records of an account, as lists."""

    snapshots: list[AccountSnapshot]
    balances: list[WalletBalance]
    recorded: list[RecordedBalance]
    name: str
    failed: bool


def quote_asset_of(accounts: Sequence[AccountRecords], named: str | None) -> str:
    """The asset that all balances are in. Raises ExportError if there is none."""
    found = {balance.quote_asset for account in accounts for balance in account.recorded}
    found |= {account.balances.quote_asset for account in accounts if isinstance(account.balances, Balances)}
    if named is not None:
        found.add(named)
    elif any(account.balances and not isinstance(account.balances, Balances) for account in accounts):
        raise ExportError("a list of balances does not say which asset they are in: give quote_asset=")
    if len(found) > 1:
        raise ExportError(f"a report is in one asset, not in {' and '.join(sorted(found))}")
    return found.pop() if found else "BTC"


@frozen
class AccountData:
    """The records of an account, prepared for the page."""

    name: str
    failed: bool
    """Whether it could not be read."""
    types: list[list[AccountSnapshot]]
    """The snapshots of each type, oldest first, one a day."""
    values: ValueHistory | None
    """The values of the wallets; None if there are no balances."""
    assets: dict[datetime, Sequence[WalletBalance]]
    """The wallets with their assets, by the time of the record, oldest first."""

    @classmethod
    def of(cls, account: AccountRecords, quote_asset: str, made_at: datetime) -> AccountData:
        """Prepare the records of an account. Its current balances are of the time `made_at`."""
        types: dict[str, dict[date, AccountSnapshot]] = {"spot": {}, "margin": {}, "futures": {}}
        for snapshot in sorted(account.snapshots, key=lambda snapshot: snapshot.update_time):
            types[snapshot.type][snapshot.update_time.date()] = snapshot
        records = _records(account, made_at)
        return cls(
            account.name,
            account.failed,
            [[*days.values()] for days in types.values() if days],
            wallets_history(records, quote_asset) if records else None,
            {at: wallets for at, wallets in records.items() if lists_assets(wallets)},
        )

    @property
    def held(self) -> list[list[AccountSnapshot]]:
        """The snapshots of the types that hold something."""
        return [each for each in self.types if holds_something(each)]

    @property
    def snapshot_days(self) -> list[date]:
        """The days of these snapshots."""
        return [snapshot.update_time.date() for each in self.held for snapshot in each]

    @property
    def days(self) -> list[date]:
        """The days of these snapshots and of the balances."""
        return [*self.snapshot_days, *(self.values.moments if self.values else ())]


def _records(account: AccountRecords, made_at: datetime) -> Mapping[datetime, Sequence[WalletBalance]]:
    """The balances by the moment in UTC, oldest first."""
    records: defaultdict[datetime, list[WalletBalance]] = defaultdict(list)
    for balance in account.recorded:
        records[balance.recorded_at.astimezone(made_at.tzinfo)].append(balance)
    records[made_at] += account.balances
    return {at: records[at] for at in sorted(records) if records[at]}
