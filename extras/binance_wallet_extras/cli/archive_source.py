"""An archive to read from instead of the exchange: `--archive`."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click
from attrs import evolve, frozen

from binance_wallet_extras.names import ALL

from .each_account import ONE
from .options import url_or_path

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date
    from decimal import Decimal

    from binance_wallet.period import Period
    from binance_wallet.snapshots import Snapshots
    from binance_wallet_client.models import SnapshotType

    from binance_wallet_extras.archive import Archive
    from binance_wallet_extras.export import RecordedBalance

__all__ = ["ArchiveSource", "archive_options", "open_archive"]

Command = TypeVar("Command", bound="Callable[..., None]")
T = TypeVar("T")

_DEFAULT: Final = "-"  # the value of `--archive` without a value


@frozen
class ArchiveSource:
    """An account in an archive. A `url` of None is the default archive."""

    url: str | None
    name: str

    def names(self) -> list[str]:
        """The accounts: all in the archive, or `ONE`."""
        if self.name != ALL:
            return [ONE]
        with open_archive(self.url) as archive:
            return [account.name for account in archive.accounts()]

    def read_accounts(self, read: Callable[[ArchiveSource], T], what: str, period: Period) -> dict[str, T]:
        """Read one account or all, and return the results by account.

        With all, an account without records is left out. If no account has any, it raises NotRecordedError. The message
        names the period and `what` is missing, such as "balances".
        """
        if self.name != ALL:
            return {ONE: read(self)}
        from binance_wallet_extras.archive import NotRecordedError
        from binance_wallet_extras.archive.errors import not_recorded

        found: dict[str, T] = {}
        for name in self.names():
            with suppress(NotRecordedError):
                found[name] = read(evolve(self, name=name))
        if not found:
            with open_archive(self.url) as archive:
                raise not_recorded(archive.name, f"{what} of any account", *_days(period))
        return found

    def snapshots(self, type_: SnapshotType, period: Period) -> Snapshots:
        """The snapshots of a period, by default all of them. Raises NotRecordedError if there is none."""
        start, end = _days(period)
        with open_archive(self.url) as archive:
            return archive.snapshots(type_, account=self.name, start=start, end=end)

    def history(self, types: list[SnapshotType], period: Period) -> list[Snapshots]:
        """The snapshots of each type; an empty list if a type has none. Raises NotRecordedError if no type has any."""
        from binance_wallet_extras.archive import NotRecordedError
        from binance_wallet_extras.archive.errors import not_recorded

        found: list[Snapshots] = []
        missing = None
        for type_ in types:
            try:
                found.append(self.snapshots(type_, period))
            except NotRecordedError as error:
                missing = error
                found.append([])
        if missing and not any(found):
            with open_archive(self.url) as archive:
                known = {account.name for account in archive.accounts()}
            if self.name in known:  # `missing` names the last type only
                raise not_recorded(archive.name, f"snapshots of account {self.name!r}", *_days(period))
            raise missing
        return found

    def prices(self, quote_asset: str) -> dict[date, Decimal]:
        """What one BTC was worth on each day that has a price. Raises NotRecordedError if there is no archive."""
        with open_archive(self.url) as archive:
            return archive.prices(quote_asset)

    def balances(self, quote_asset: str | None, period: Period, *, details: bool = False) -> list[RecordedBalance]:
        """The balances recorded in a period, by default all of them. Raises NotRecordedError if there is none."""
        start, end = _days(period)
        with open_archive(self.url) as archive:
            return archive.balances(account=self.name, quote_asset=quote_asset, start=start, end=end, details=details)


def archive_options(command: Command) -> Command:
    """Pass on `source`, or None for the exchange: `--archive`. Use it above `connection_options`."""

    @click.option(
        "--archive",
        "url",
        is_flag=False,
        flag_value=_DEFAULT,
        type=url_or_path,
        metavar="[URL]",
        help="Read from an archive instead of the exchange: the default one, a SQLite file, or a PostgreSQL URL.",
    )
    @wraps(command)
    def wrapper(*, url: str | None, **rest: Any) -> None:
        place = None if url == _DEFAULT else url
        command(source=None if url is None else ArchiveSource(place, rest["account_name"] or "main"), **rest)

    return wrapper  # type: ignore[return-value]


def open_archive(url: str | None, *, create: bool = True) -> Archive:
    """Open the archive at a URL or path, or the default one."""
    from binance_wallet_extras.archive import Archive

    return Archive(url or None, create=create)


def _days(period: Period) -> tuple[date | None, date | None]:
    if days := period.get("days"):
        today = datetime.fromtimestamp(time.time(), UTC).date()
        days = min(days, today.toordinal() - 1)  # not before year 1
        return today - timedelta(days=days), None  # no end: today has balances already
    start, end = period.get("start"), period.get("end")
    return start, end  # type: ignore[return-value]  # the options give dates only
