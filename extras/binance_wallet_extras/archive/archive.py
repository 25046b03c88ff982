"""The archive."""

from __future__ import annotations

import logging
import os
import time
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Final, Literal, Self, TypeVar, cast, get_args, overload
from weakref import WeakKeyDictionary

import msgspec
from binance_wallet.client import AsyncWalletClient
from binance_wallet.errors import InvalidRequestError
from binance_wallet_client.models import FuturesSnapshot, MarginSnapshot, SnapshotType, SpotSnapshot
from msgspec.structs import asdict

from binance_wallet_extras.export import RecordedBalance

from . import plan, queries
from .content import decode_balances, decode_snapshot
from .errors import ArchiveError, NotRecordedError
from .records import Correction, Status
from .store import Store, default_file

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType

    from binance_wallet import WalletClient
    from binance_wallet.client import Snapshots
    from binance_wallet_client.models import AccountSnapshot, WalletBalance
    from sqlalchemy import Connection

__all__ = ["Archive", "default_url"]

T = TypeVar("T")
_LOG: Final = logging.getLogger("binance_wallet")
_TYPES: Final[tuple[SnapshotType, ...]] = get_args(SnapshotType)


def default_url() -> str:
    """Return BINANCE_ARCHIVE from the environment, or the path of `archive.sqlite` in the user's data directory."""
    return os.environ.get("BINANCE_ARCHIVE") or str(default_file())


class Archive:
    """Daily snapshots and wallet balances, recorded for good. A context manager.

    Safe to share between threads; several processes may use the same archive at the same time. A write is one
    transaction, so a process that is killed leaves all of it or nothing.
    """

    def __init__(self, url: str | os.PathLike[str] | None = None) -> None:
        """Name an archive. Nothing is opened yet; the first update creates it.

        Args:
            url: The path of a SQLite file, in a directory that exists; `sqlite:///PATH`, with a fourth slash if the
                path is absolute; or `postgresql://USER:PASSWORD@HOST/DATABASE` (extra `postgres`). By default
                `default_url()`, whose directory is made.

        Raises:
            ArchiveError: `url` is none of these.

        """
        self._store = Store(default_url() if url is None else url)
        # The clients that were called, and the accounts whose recorded days each client's key has been compared with.
        self._compared: WeakKeyDictionary[WalletClient, set[str]] = WeakKeyDictionary()

    def __repr__(self) -> str:
        return f"Archive({self._store.name!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the archive. No method leaves a connection open, so forgetting this leaks nothing."""
        self._store.close()

    def update(self, wallet: WalletClient, type: SnapshotType, *, account: str = "main") -> list[date]:
        """Ask the exchange for the days that are missing, record them, and return the days added, oldest first.

        This is one call (weight 2400). If no day seems to be missing, it is a call for the balances (weight 60), which
        tells the exchange's time, once for each client. If a response shows that this machine's clock has the wrong
        day, there is a second call. The call also returns some recorded days. If one of them has changed, its new
        content is kept as a correction, and a warning is logged: see `corrections`. If it returns none, and days of
        another type are recorded, one more call compares those, once for each client.

        Args:
            wallet: The client with this account's key. Async code runs the update in a thread:
                `await asyncio.to_thread(archive.update, wallet, "SPOT")`.
            type: "SPOT", "MARGIN" or "FUTURES".
            account: The account's name in the archive.

        Raises:
            InvalidRequestError: An argument is wrong, or `wallet` is an AsyncWalletClient. Nothing was sent.
            OtherAccountError: Several recorded days have changed, and these are most of them; or the exchange serves
                none of them. Nothing was recorded.
            ArchiveError: The archive cannot be written.
            WalletError: The call failed: see `WalletClient.snapshots`.

        """
        _check_client(wallet)
        kind = _checked(type, account)
        found = self._ask(wallet, type, account)
        if not found:
            return []
        self._compare(wallet, account, kind, found)
        with self._store.writing() as connection:
            now = wallet.server_time  # the call may have corrected it
            ids, known = self._recorded(connection, account, kind, found)
            changes = plan.changes(found, known, now.date())
            for snapshot in changes.added:
                ids[plan.day(snapshot)] = queries.add_snapshot(connection, account, snapshot, now)
            for snapshot in changes.corrected:
                queries.add_correction(connection, ids[plan.day(snapshot)], snapshot, now)
        for snapshot in changes.corrected:
            _LOG.warning("the %s snapshot of %s has changed since it was recorded", type, plan.day(snapshot))
        return sorted(map(plan.day, changes.added))

    def record_balances(
        self, wallet: WalletClient, quote_asset: str = "USDT", *, account: str = "main"
    ) -> list[RecordedBalance]:
        """Ask for the balances of all wallets, record them with the current time, and return them.

        This is one call (weight 60). If days of the account are recorded and no update with this client has compared
        them, one more call (weight 2400) does, so that balances of another account are never recorded.

        Raises:
            InvalidRequestError: An argument is wrong, or `wallet` is an AsyncWalletClient. Nothing was sent.
            OtherAccountError: The recorded days are of another account. Nothing was recorded.
            ArchiveError: The archive cannot be written.
            WalletError: The call failed: see `WalletClient.balances`.

        """
        _check_client(wallet)
        _check_account(account)
        if not isinstance(quote_asset, str) or not quote_asset:
            raise InvalidRequestError(f"quote_asset must be the name of an asset, not {quote_asset!r}")
        with self._store.writing():
            pass  # so no weight is spent where the archive cannot be written
        found = wallet.balances(quote_asset)
        self._compare(wallet, account)
        now = wallet.server_time
        now = now.replace(microsecond=now.microsecond // 1000 * 1000)  # data frames have milliseconds
        with self._store.writing() as connection:
            queries.add_balances(connection, account, now, quote_asset, found)
        return _wallets(now, quote_asset, found)

    @overload
    def snapshots(
        self, type: Literal["SPOT"], *, account: str = ..., start: date | None = ..., end: date | None = ...
    ) -> list[SpotSnapshot]: ...
    @overload
    def snapshots(
        self, type: Literal["MARGIN"], *, account: str = ..., start: date | None = ..., end: date | None = ...
    ) -> list[MarginSnapshot]: ...
    @overload
    def snapshots(
        self, type: Literal["FUTURES"], *, account: str = ..., start: date | None = ..., end: date | None = ...
    ) -> list[FuturesSnapshot]: ...
    @overload
    def snapshots(
        self, type: SnapshotType, *, account: str = ..., start: date | None = ..., end: date | None = ...
    ) -> Snapshots: ...
    def snapshots(
        self, type: SnapshotType, *, account: str = "main", start: date | None = None, end: date | None = None
    ) -> Snapshots:
        """Return one account's recorded snapshots, oldest first: the same objects as `WalletClient.snapshots` returns.

        Args:
            type: "SPOT", "MARGIN" or "FUTURES"; the class of the snapshots follows it.
            account: The account's name in the archive.
            start: The first day (UTC); by default the first recorded one.
            end: The last day (UTC); by default the last recorded one.

        Raises:
            NotRecordedError: There is no archive, no such account, or no snapshot in the period.
            ArchiveError: The archive cannot be read.

        """
        kind = _checked(type, account)
        _check_days(start=start, end=end)
        with self._store.reading() as connection:
            rows = queries.select_snapshots(connection, account, kind, start, end)
            if not rows:
                raise self._not_recorded(connection, account, f"{kind} snapshots", start, end)
        return cast("Snapshots", [self._decode(decode_snapshot, content, day) for _, day, content in rows])

    def corrections(self, type: SnapshotType, *, account: str = "main") -> list[Correction]:
        """Return the contents that the exchange served later for recorded days, in the order they were seen.

        `snapshots` returns what was recorded first. An account without corrections gives an empty list. Raises
        ArchiveError if the archive cannot be read.
        """
        kind = _checked(type, account)
        with self._store.reading() as connection:
            rows = queries.select_corrections(connection, account, kind)
        return [Correction(day, at, self._decode(decode_snapshot, content, day)) for day, at, content in rows]

    def balances(
        self,
        *,
        account: str = "main",
        quote_asset: str | None = None,
        start: date | None = None,
        end: date | None = None,
    ) -> list[RecordedBalance]:
        """Return the recorded balances of all wallets, oldest first.

        Args:
            account: The account's name in the archive.
            quote_asset: Only balances in this asset.
            start: The first day (UTC); by default the first recorded one.
            end: The last day (UTC); by default the last recorded one.

        Raises:
            NotRecordedError: There is no archive, no such account, or no record in the period.
            ArchiveError: The archive cannot be read.

        """
        _check_account(account)
        _check_days(start=start, end=end)
        with self._store.reading() as connection:
            rows = queries.select_balances(connection, account, quote_asset, start, end)
            if not rows:
                what = f"balances in {quote_asset}" if quote_asset else "balances"
                raise self._not_recorded(connection, account, what, start, end)
        return [
            balance
            for at, quote, content in rows
            for balance in _wallets(at, quote, self._decode(decode_balances, content, at))
        ]

    def status(self, account: str | None = None, *, today: date | None = None) -> list[Status]:
        """Return which days are recorded, for each account and type that has any.

        Args:
            account: Only the account of this name.
            today: The current day (UTC); by default the one of this machine's clock.

        Raises:
            NotRecordedError: There is no archive, or no such account.
            ArchiveError: The archive cannot be read.

        """
        _check_days(today=today)
        today = today or datetime.fromtimestamp(time.time(), UTC).date()
        with self._store.reading() as connection:
            if account is not None and account not in queries.accounts(connection):
                raise self._not_recorded(connection, account)
            days = queries.days_by_group(connection, account)
            corrections = queries.count_corrections(connection)
        return [
            Status(
                account=name,
                type=type_,
                first=found[0],
                last=found[-1],
                days=len(found),
                gaps=plan.gaps(found, today),
                corrections=corrections.get((name, type_.lower()), 0),
            )
            for name in dict.fromkeys(name for name, _ in days)
            for type_ in _TYPES
            if (found := days.get((name, type_.lower())))
        ]

    def _ask(self, wallet: WalletClient, type: SnapshotType, account: str) -> list[AccountSnapshot]:
        """The snapshots of the missing days, and others."""
        found: list[AccountSnapshot] = []
        for _ in range(2):
            today = wallet.server_time.date()
            with self._store.writing() as connection:  # so no weight is spent where the archive cannot be written
                first = queries.first_day(connection, account, type.lower())
                recent = queries.recorded_days(connection, account, type.lower(), plan.oldest_served(today))
            days = plan.days_to_ask(first, recent, today)
            if days is not None:
                found += wallet.snapshots(type, days=days)
            elif wallet not in self._compared:
                wallet.balances()  # a light call: its response tells whether it is a later day
            self._compared.setdefault(wallet, set())
            if wallet.server_time.date() == today:
                break
            # This machine's clock was wrong until the exchange's response, so the wrong days were asked for.
        return found

    def _compare(
        self, wallet: WalletClient, account: str, kind: str = "", found: Sequence[AccountSnapshot] = ()
    ) -> None:
        """Compare an account's recorded days with the response `found`, or with one of its own, once for each client.

        Raises OtherAccountError.
        """
        compared = self._compared.setdefault(wallet, set())
        if account in compared:
            return
        today = wallet.server_time.date()
        since = plan.oldest_served(today)
        with self._store.reading() as connection:
            _, known = self._recorded(connection, account, kind, found)
            served: list[SnapshotType] = [
                type_
                for type_ in _TYPES
                if plan.is_served(queries.recorded_days(connection, account, type_.lower(), since), today)
            ]
        if not plan.changes(found, known, today).compared:
            self._compare_by_a_call(wallet, account, served)
        compared.add(account)

    def _compare_by_a_call(self, wallet: WalletClient, account: str, served: Sequence[SnapshotType]) -> None:
        for type_ in served:
            found = wallet.snapshots(type_, days=plan.SERVED)
            with self._store.reading() as connection:
                _, known = self._recorded(connection, account, type_.lower(), found)
            if plan.changes(found, known, wallet.server_time.date()).compared:
                return
        if served:
            raise plan.other_account("the exchange serves none of the days that are recorded")

    def _recorded(
        self, connection: Connection, account: str, kind: str, found: Sequence[AccountSnapshot]
    ) -> tuple[dict[date, int], dict[date, list[AccountSnapshot]]]:
        """What is recorded of the days of a response: ids, and snapshots, each followed by its corrections."""
        ids: dict[date, int] = {}
        known: dict[date, list[AccountSnapshot]] = {}
        if found:
            period = min(map(plan.day, found)), max(map(plan.day, found))
            for number, day, content in queries.select_snapshots(connection, account, kind, *period):
                ids[day], known[day] = number, [self._decode(decode_snapshot, content, day)]
            for day, _, content in queries.select_corrections(connection, account, kind, *period):
                known[day].append(self._decode(decode_snapshot, content, day))
        return ids, known

    def _not_recorded(
        self,
        connection: Connection,
        account: str,
        what: str = "records",
        start: date | None = None,
        end: date | None = None,
    ) -> NotRecordedError:
        accounts = queries.accounts(connection)
        if account not in accounts:
            known = f"it has {', '.join(accounts)}" if accounts else "it is empty"
            return NotRecordedError(f"the archive {self._store.name} has no account {account!r}: {known}")
        period = (f" from {start}" if start else "") + (f" to {end}" if end else "")
        return NotRecordedError(f"the archive {self._store.name} has no {what} of account {account!r}{period}")

    def _decode(self, decode: Callable[[str], T], content: str, when: date) -> T:
        try:
            return decode(content)
        except (msgspec.MsgspecError, UnicodeError) as error:
            raise ArchiveError(f"the archive {self._store.name} is damaged at {when}: {error}") from None


def _wallets(at: datetime, quote_asset: str, wallets: list[WalletBalance]) -> list[RecordedBalance]:
    return [RecordedBalance(**asdict(each), recorded_at=at, quote_asset=quote_asset) for each in wallets]


def _checked(type: SnapshotType, account: str) -> str:
    """The type as the exchange writes it in a snapshot."""
    _check_account(account)
    if type not in _TYPES:
        raise InvalidRequestError(f"type must be one of {', '.join(_TYPES)}, not {type!r}")
    return type.lower()


def _check_client(wallet: object) -> None:
    if isinstance(wallet, AsyncWalletClient):
        raise InvalidRequestError(
            "an archive takes a WalletClient: in async code, run asyncio.to_thread(archive.update, wallet, type)"
        )


def _check_account(account: str) -> None:
    if not isinstance(account, str) or not account or not account.isprintable():
        raise InvalidRequestError(f"account must be a name, not {account!r}")


def _check_days(*, start: date | None = None, end: date | None = None, today: date | None = None) -> None:
    for name, day in {"start": start, "end": end, "today": today}.items():
        if day is not None and (not isinstance(day, date) or isinstance(day, datetime)):
            raise InvalidRequestError(f"{name} must be a date, not {day!r}")
    if start and end and start > end:
        raise InvalidRequestError(f"start ({start}) must not be after end ({end})")
