"""The archive."""

from __future__ import annotations

import logging
import os
import time
from collections import Counter
from contextlib import contextmanager
from datetime import UTC, date, datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final, Literal, Self, cast, get_args, overload
from weakref import WeakKeyDictionary

from binance_wallet.client import AsyncWalletClient
from binance_wallet.errors import InvalidRequestError, WalletError
from binance_wallet_client.model import Records
from binance_wallet_client.models import FuturesSnapshot, MarginSnapshot, SnapshotType, SpotSnapshot
from msgspec import UNSET
from msgspec.structs import asdict

from binance_wallet_extras.details import NO_DETAILS, detailed_balances, lists_assets
from binance_wallet_extras.export import Prices, RecordedBalance
from binance_wallet_extras.export.prices import check_not_future, check_prices, day_of_price
from binance_wallet_extras.names import ALL, quote_asset_problem
from binance_wallet_extras.text import did_you_mean, first_few

from . import permissions, plan, queries
from .check import find_damage
from .errors import ArchiveError, NotRecordedError, not_recorded
from .location import File, default_file, locate
from .prices import NoPriceError, distance_from_end, effective_prices, price_of_btc
from .records import Account, BalancesStatus, Correction, Price, PricesStatus, Status
from .store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from decimal import Decimal
    from types import TracebackType

    from binance_wallet import WalletClient
    from binance_wallet.snapshots import Snapshots
    from binance_wallet_client.models import AccountSnapshot, WalletBalance
    from sqlalchemy import Connection

__all__ = ["Archive", "default_url", "problems"]

_LOG: Final = logging.getLogger("binance_wallet")
_TYPES: Final[tuple[SnapshotType, ...]] = get_args(SnapshotType)
_BTC: Final = "BTC"
_EXCHANGE: Final = "exchange"


def default_url() -> str:
    """Return BINANCE_ARCHIVE from the environment, or the path of `archive.sqlite` in the user's data directory."""
    return os.environ.get("BINANCE_ARCHIVE") or str(default_file())


def problems(url: str | os.PathLike[str] | None = None) -> list[str]:
    """Return what is wrong with the location of an archive, each in one line with its remedy.

    It makes no file and does not connect. Of a server, only the URL is checked.

    Args:
        url: As for `Archive`.

    """
    try:
        place = locate(default_url() if url is None else url)
    except (ArchiveError, ImportError) as error:
        return [str(error)]
    if not isinstance(place, File):
        return []
    try:
        return [
            *permissions.safety_problems(place.path),
            *permissions.access_problems(place.path, is_default=place.path == default_file()),
        ]
    except OSError as error:
        return [f"the archive {place.name}: {error.strerror}"]


class Archive:
    """Daily snapshots and wallet balances, recorded for good. A context manager.

    Safe to share between threads; several processes may use the same archive at the same time. A write is one
    transaction, so a process that is killed leaves all of it or nothing.
    """

    def __init__(self, url: str | os.PathLike[str] | None = None, *, create: bool = True) -> None:
        """Name an archive. Nothing is opened yet. The first update that gets a response makes the archive.

        Args:
            url: The path of a SQLite file, in a directory that exists; `sqlite:///PATH`, with a fourth slash if the
                path is absolute; or `postgresql://USER:PASSWORD@HOST/DATABASE` (extra `postgres`). By default
                `default_url()`, whose directory is made. A server on another machine must have TLS, unless the URL
                has libpq's option `sslmode`.
            create: Whether an update makes an archive that is not there. Otherwise it raises NotRecordedError.

        Raises:
            ArchiveError: `url` is none of these, or this Python has a SQLite before 3.35.

        """
        self._store = Store(default_url() if url is None else url, create=create)
        # By client that was called, the accounts that its key has been compared with.
        self._compared: WeakKeyDictionary[WalletClient, set[str]] = WeakKeyDictionary()

    @property
    def name(self) -> str:
        """Its path; of one in PostgreSQL, the database and the host. Never a password."""
        return self._store.name

    def __repr__(self) -> str:
        return f"Archive({self.name!r})"

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

        It makes one call (weight 2400). If no day seems to be missing, it makes a call for the balances instead (weight
        60), once for each client, to learn the exchange's time. If a response shows that this machine's clock has the
        wrong day, it makes a second call. The response also has some recorded days. If one of them has changed, its new
        content is kept as a correction, and a warning is logged: see `corrections`. If the response has none, and days
        of another type are recorded, it compares those by one more call, once for each client.

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
        _check_type(type, account)
        found = self._ask(wallet, type, account)
        if not found:
            with self._store.writing():
                pass  # make the archive: the exchange has responded
            return []
        with self._writing_compared(wallet, account, found) as (connection, ids, changes):
            now = wallet.server_time
            for snapshot in changes.added:
                ids[plan.day(snapshot)] = queries.add_snapshot(connection, account, snapshot, now)
            for snapshot in changes.corrected:
                queries.add_correction(connection, account, ids[plan.day(snapshot)], snapshot, now)
        if changes.added:
            self._compared[wallet].add(account)
        for snapshot in changes.corrected:
            _LOG.warning("the %s snapshot of %s has changed since it was recorded", type, plan.day(snapshot))
        return sorted(map(plan.day, changes.added))

    def record_balances(
        self, wallet: WalletClient, quote_asset: str = "USDT", *, account: str = "main"
    ) -> list[RecordedBalance]:
        """Ask for the balances of all wallets and what they hold, and record them with the exchange's time.

        It makes two calls (weight 60 each): in the quote asset, and in BTC. The value of the largest wallet in both
        gives the exchange's own price of one BTC at this moment. That is recorded, too: see `prices`. If the second
        call fails, or the balances have changed between the two, no price is recorded, and a warning is logged. A
        warning is also logged if the exchange does not list what the wallets hold.

        If days of the account are recorded and no update with this client has compared them, one more call (weight
        2400) does, so that balances of another account are never recorded.

        Args:
            wallet: The client with this account's key. Async code runs this in a thread, as `update`.
            quote_asset: The asset that the balances are in.
            account: The account's name in the archive.

        Returns:
            The balance of each wallet, in the order of the response, without `asset_balances`.

        Raises:
            InvalidRequestError: An argument is wrong, or `wallet` is an AsyncWalletClient. Nothing was sent.
            OtherAccountError: The recorded days are of another account. Nothing was recorded.
            ArchiveError: The archive cannot be written.
            WalletError: The call failed: see `WalletClient.balances`.

        """
        _check_client(wallet)
        _check_account(account)
        _check_quote_asset(quote_asset)
        if self._store.exists():
            with self._store.writing():
                pass  # fail before a call costs weight
        else:
            self._store.check_creatable()
        found = detailed_balances(wallet, quote_asset)
        now = wallet.server_time
        now = now.replace(microsecond=now.microsecond // 1000 * 1000)  # data frames have milliseconds
        if not found:
            raise ArchiveError("the exchange lists no wallets: nothing was recorded")
        price = None if quote_asset == _BTC else _price(wallet, quote_asset, found, now)
        if not lists_assets(found):
            _LOG.warning("%s: their balances alone are recorded", NO_DETAILS)
        for name, number in Counter(each.wallet_name for each in found).items():
            if number > 1:
                _LOG.warning("the exchange lists the wallet %r %d times: recorded as it is", name, number)
        with self._writing_compared(wallet, account) as (connection, _, _):
            queries.add_balances(connection, account, now, quote_asset, found)
            if price is not None:
                _add_price(connection, quote_asset, now, price)
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
            InvalidRequestError: An argument is wrong.
            NotRecordedError: There is no archive, no such account, or no snapshot in the period.
            ArchiveError: The archive cannot be read.

        """
        kind = _check_type(type, account)
        _check_dates(start=start, end=end)
        with self._store.reading() as connection:
            rows = queries.select_snapshots(connection, account, kind, start, end)
            if not rows:
                raise self._not_recorded(connection, account, f"{kind} snapshots", start, end)
        return cast("Snapshots", Records(snapshot for _, _, snapshot in rows))

    def corrections(self, type: SnapshotType, *, account: str = "main") -> list[Correction]:
        """Return other contents that the exchange served later for recorded days, in the order they were seen.

        `snapshots` returns what was recorded first. An account without corrections gives an empty list.

        Args:
            type: "SPOT", "MARGIN" or "FUTURES".
            account: The account's name in the archive.

        Raises:
            InvalidRequestError: An argument is wrong.
            NotRecordedError: There is no archive.
            ArchiveError: The archive cannot be read.

        """
        kind = _check_type(type, account)
        with self._store.reading() as connection:
            rows = queries.select_corrections(connection, account, kind)
        return [Correction(day, at, snapshot) for day, at, snapshot in rows]

    def balances(
        self,
        *,
        account: str = "main",
        quote_asset: str | None = None,
        start: date | None = None,
        end: date | None = None,
        details: bool = False,
    ) -> list[RecordedBalance]:
        """Return the recorded balances of all wallets, oldest first. Each of them says which asset it is in.

        Args:
            account: The account's name in the archive.
            quote_asset: Only balances in this asset.
            start: The first day (UTC); by default the first recorded one.
            end: The last day (UTC); by default the last recorded one.
            details: Whether each wallet also has its `asset_balances`. They stay UNSET where the exchange listed none.

        Raises:
            InvalidRequestError: An argument is wrong.
            NotRecordedError: There is no archive, no such account, or no record in the period.
            ArchiveError: The archive cannot be read.

        """
        _check_account(account)
        if quote_asset is not None:
            _check_quote_asset(quote_asset)
        _check_dates(start=start, end=end)
        with self._store.reading() as connection:
            rows = queries.select_balances(connection, account, quote_asset, start, end)
            if not rows:
                what = "balances" if quote_asset is None else f"balances in {quote_asset}"
                raise self._not_recorded(connection, account, what, start, end)
        return [balance for row in rows for balance in _wallets(*row, details=details)]

    def prices(self, quote_asset: str, *, start: date | None = None, end: date | None = None) -> dict[date, Decimal]:
        """Return what one BTC was worth in an asset, by day (UTC), oldest first. A day without a price is left out.

        Snapshots are taken at the end of the day. So a day's price is the imported one, or else the exchange's own that
        was recorded nearest to its end, at most 12 hours before or after it. Prices are for all accounts.
        `price_records` says where each is from. With `rows` and data frames, they show what spot and margin accounts
        were worth: `rows(snapshots, quote_asset="USDT", prices=archive.prices("USDT"))`.

        Args:
            quote_asset: The asset, such as "USDT". In BTC itself, no price is recorded.
            start: The first day (UTC); by default the first that has a price.
            end: The last day (UTC); by default the last that has a price.

        Raises:
            InvalidRequestError: An argument is wrong.
            NotRecordedError: There is no archive. Without prices, the dictionary is empty.
            ArchiveError: The archive cannot be read.

        """
        _check_quote_asset(quote_asset)
        return {each.day: each.price for each in self.price_records(quote_asset, start=start, end=end)}

    def price_records(
        self, quote_asset: str | None = None, *, start: date | None = None, end: date | None = None
    ) -> list[Price]:
        """Return the effective price of each day, and where it is from, by quote asset and day.

        Args:
            quote_asset: Only prices in this asset.
            start: The first day (UTC).
            end: The last day (UTC).

        Raises:
            InvalidRequestError: An argument is wrong.
            NotRecordedError: There is no archive.
            ArchiveError: The archive cannot be read.

        """
        if quote_asset is not None:
            _check_quote_asset(quote_asset)
        _check_dates(start=start, end=end)
        with self._store.reading() as connection:
            return effective_prices(queries.select_prices(connection, quote_asset, start, end))

    def prices_status(self) -> list[PricesStatus]:
        """Return which days have a price, for each quote asset that has any.

        Raises:
            NotRecordedError: There is no archive.
            ArchiveError: The archive cannot be read.

        """
        return [
            PricesStatus(
                quote_asset=quote_asset,
                first=prices[0].day,
                last=prices[-1].day,
                days=len(prices),
                imported=sum(price.source != _EXCHANGE for price in prices),
            )
            for quote_asset, found in groupby(self.price_records(), lambda price: price.quote_asset)
            for prices in [[*found]]
        ]

    def import_prices(self, prices: Prices, quote_asset: str) -> None:
        """Import prices of one BTC, all of them or none.

        They replace imported prices of the same days. An imported price overrides the exchange's own, which the archive
        keeps: see `remove_prices`.

        Args:
            prices: By day (UTC), what one BTC was worth at its end: see `read_prices`.
            quote_asset: The asset that the prices are in units of.

        Raises:
            PricesError: A price is not allowed, or its day is in the future.
            InvalidRequestError: `quote_asset` is wrong.
            NotRecordedError: There is no archive: an update makes one.
            ArchiveError: The archive cannot be written.

        """
        check_prices(prices)
        check_not_future(prices)
        _check_priced(quote_asset)
        now = datetime.fromtimestamp(int(time.time()), UTC)
        with self._changing() as connection:
            for day, price in prices.items():
                queries.add_price(connection, Price(day, quote_asset, "file", now, price))

    def remove_prices(self, quote_asset: str) -> int:
        """Remove all imported prices in an asset, and return how many. The exchange's own of these days count again.

        Raises:
            InvalidRequestError: `quote_asset` is wrong.
            NotRecordedError: There is no archive.
            ArchiveError: The archive cannot be written.

        """
        _check_priced(quote_asset)
        with self._changing() as connection:
            return queries.remove_prices(connection, quote_asset, "file")

    def status(self, account: str | None = None, *, today: date | None = None) -> list[Status]:
        """Return which days are recorded, for each account and type that has any.

        Args:
            account: Only the account of this name.
            today: The current day (UTC); by default the one of this machine's clock.

        Raises:
            InvalidRequestError: `today` is not a date.
            NotRecordedError: There is no archive, or no such account.
            ArchiveError: The archive cannot be read.

        """
        _check_dates(today=today)
        today = today or datetime.fromtimestamp(time.time(), UTC).date()
        with self._store.reading() as connection:
            self._check_known(connection, account)
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

    def balances_status(self, account: str | None = None) -> list[BalancesStatus]:
        """Return when balances were recorded, for each account and quote asset that has any.

        Args:
            account: Only the account of this name.

        Raises:
            NotRecordedError: There is no archive, or no such account.
            ArchiveError: The archive cannot be read.

        """
        with self._store.reading() as connection:
            self._check_known(connection, account)
            return [BalancesStatus(*found) for found in queries.moments_by_group(connection, account)]

    def accounts(self) -> list[Account]:
        """Return the accounts, in the order of their names.

        Raises:
            NotRecordedError: There is no archive.
            ArchiveError: The archive cannot be read.

        """
        with self._store.reading() as connection:
            return [Account(name, *numbers) for name, numbers in queries.accounts(connection).items()]

    def rename_account(self, account: str, name: str) -> None:
        """Give an account another name.

        Args:
            account: The account's name until now.
            name: Its new name.

        Raises:
            InvalidRequestError: `name` is not allowed as a name.
            NotRecordedError: There is no such account.
            ArchiveError: There is an account of that name already, or the archive cannot be written.

        """
        _check_account(name)
        with self._existing(account) as connection:
            if name in queries.accounts(connection):
                raise ArchiveError(f"the archive {self.name} has an account {name!r} already")
            queries.rename_account(connection, account, name)

    def remove_account(self, account: str) -> str:
        """Copy the archive, and remove all records of an account.

        Args:
            account: The account's name in the archive.

        Returns:
            Where the copy is: the path of a file, or in PostgreSQL the names of the tables, as in
            "the tables *_before_removal".

        Raises:
            NotRecordedError: There is no such account.
            ArchiveError: The archive cannot be copied or written. Nothing was removed.

        """
        with self._existing(account) as connection:
            copy = self._store.copy(connection, "before-removal")
            queries.remove_account(connection, account)
        return copy

    def check(self) -> list[str]:
        """Check all that is recorded, and return what is damaged, each in one line; an empty list if nothing is.

        Each record is compared with its digest and with the tables for SQL. Then the database checks itself.

        Raises:
            NotRecordedError: There is no archive.
            ArchiveError: The archive cannot be read.

        """
        with self._store.reading() as connection:
            return [*find_damage(connection), *self._store.self_check(connection)]

    @contextmanager
    def _changing(self) -> Iterator[Connection]:
        """A transaction that changes an archive. Raises NotRecordedError, and makes no archive."""
        with self._store.reading():
            pass
        with self._store.writing() as connection:
            yield connection

    @contextmanager
    def _existing(self, account: str) -> Iterator[Connection]:
        """A transaction that changes an account. Raises NotRecordedError, and makes no archive."""
        with self._changing() as connection:
            if account not in queries.accounts(connection):
                raise self._not_recorded(connection, account)
            yield connection
        for names in self._compared.values():
            names.discard(account)

    def _ask(self, wallet: WalletClient, type: SnapshotType, account: str) -> list[AccountSnapshot]:
        """Ask the exchange for the missing days. The response may have other days, too."""
        found: list[AccountSnapshot] = []
        for _ in range(2):
            today = wallet.server_time.date()
            first: date | None = None
            recent: set[date] = set()
            if self._store.exists():
                with self._store.writing() as connection:  # writing: fail before a call costs weight
                    first = queries.first_day(connection, account, type.lower())
                    recent = queries.recorded_days(connection, account, type.lower(), plan.oldest_served(today))
            else:
                self._store.check_creatable()
            days = plan.days_to_ask(first, recent, today)
            if days is not None:
                found += wallet.snapshots(type, days=days)
            elif wallet not in self._compared:
                with _purpose("the call for the balances, which tells what day it is"):
                    wallet.balances()
            self._compared.setdefault(wallet, set())
            if wallet.server_time.date() == today:
                break
            # Before the response, this machine's clock was wrong, so the call asked for the wrong days.
        return found

    @contextmanager
    def _writing_compared(
        self, wallet: WalletClient, account: str, found: Sequence[AccountSnapshot] = ()
    ) -> Iterator[tuple[Connection, dict[date, int], plan.Changes]]:
        """Open a transaction in which this key is known to belong to the account.

        Yields it with the ids of the recorded days of the response `found`, and the changes. Raises OtherAccountError.
        Another process may record the account's first days at any time, so only the transaction itself can say what to
        compare with. Calls are made outside it.
        """
        compared = self._compared.setdefault(wallet, set())
        while True:
            with self._store.writing() as connection:
                today = wallet.server_time.date()
                ids, known = _recorded_snapshots(connection, account, found)
                changes = plan.changes(found, known, today)
                served = _served_types(connection, account, today)
                if changes.compared:
                    compared.add(account)
                if account in compared or not served:
                    yield connection, ids, changes
                    return
            self._compare_by_a_call(wallet, account, served)
            compared.add(account)

    def _compare_by_a_call(self, wallet: WalletClient, account: str, served: Sequence[SnapshotType]) -> None:
        for type_ in served:
            with _purpose(f"the call for {type_.lower()} snapshots, which shows whether the key is of this account"):
                found = wallet.snapshots(type_, days=plan.SERVED)
            with self._store.reading() as connection:
                _, known = _recorded_snapshots(connection, account, found)
            if plan.changes(found, known, wallet.server_time.date()).compared:
                return
        raise plan.other_account("the exchange serves none of the days that are recorded")

    def _check_known(self, connection: Connection, account: str | None) -> None:
        if account is not None and account not in queries.accounts(connection):
            raise self._not_recorded(connection, account)

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
            known = f"it has {first_few(accounts)}" if accounts else "it is empty"
            near = did_you_mean(account, accounts)
            return NotRecordedError(f"the archive {self._store.name} has no account {account!r}: {known}{near}")
        return not_recorded(self._store.name, f"{what} of account {account!r}", start, end)


def _recorded_snapshots(
    connection: Connection, account: str, found: Sequence[AccountSnapshot]
) -> tuple[dict[date, int], dict[date, list[AccountSnapshot]]]:
    """By day of a response, the recorded snapshot: its id; and its content, followed by its corrections."""
    ids: dict[date, int] = {}
    known: dict[date, list[AccountSnapshot]] = {}
    if found:
        period = min(map(plan.day, found)), max(map(plan.day, found))
        for number, day, snapshot in queries.select_snapshots(connection, account, found[0].type, *period):
            ids[day], known[day] = number, [snapshot]
        for day, _, snapshot in queries.select_corrections(connection, account, found[0].type, *period):
            known[day].append(snapshot)
    return ids, known


def _served_types(connection: Connection, account: str, today: date) -> list[SnapshotType]:
    """The types with a recorded day that the exchange still serves."""
    since = plan.oldest_served(today)
    days = {type_: queries.recorded_days(connection, account, type_.lower(), since) for type_ in _TYPES}
    return [type_ for type_ in _TYPES if plan.is_served(days[type_], today)]


@contextmanager
def _purpose(call: str) -> Iterator[None]:
    """Add a note that says which call failed: the user did not ask for this one."""
    try:
        yield
    except WalletError as error:
        error.add_note(f"in {call}")
        raise


def _price(
    wallet: WalletClient, quote_asset: str, quoted: Sequence[WalletBalance], asked_at: datetime
) -> Decimal | None:
    """The price of BTC, from a second call; None if that fails."""
    try:
        in_btc = wallet.balances(_BTC)
        return price_of_btc(quoted, in_btc, wallet.server_time - asked_at)
    except (WalletError, NoPriceError) as error:
        _LOG.warning("no price of BTC in %s was recorded: %s", quote_asset, error)
        return None


def _add_price(connection: Connection, quote_asset: str, now: datetime, price: Decimal) -> None:
    """Record a price for the day whose end is nearest, unless a recorded one is nearer."""
    day = day_of_price(now)
    recorded = queries.select_prices(connection, quote_asset, day, day, source=_EXCHANGE)
    if all(distance_from_end(day, now) <= distance_from_end(day, each.recorded_at) for each in recorded):
        queries.add_price(connection, Price(day, quote_asset, _EXCHANGE, now, price))


def _wallets(
    at: datetime, quote_asset: str, wallets: Sequence[WalletBalance], *, details: bool = False
) -> list[RecordedBalance]:
    left_out: dict[str, Any] = {} if details else {"asset_balances": UNSET}
    return [RecordedBalance(**asdict(each) | left_out, recorded_at=at, quote_asset=quote_asset) for each in wallets]


def _check_type(type: SnapshotType, account: str) -> str:
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


def _check_quote_asset(quote_asset: str) -> None:
    if problem := quote_asset_problem(quote_asset):
        raise InvalidRequestError(problem)


def _check_priced(quote_asset: str) -> None:
    """Raise InvalidRequestError for BTC itself, and for a name that PostgreSQL could not record."""
    _check_quote_asset(quote_asset)
    if quote_asset == _BTC or not quote_asset.isprintable():
        raise InvalidRequestError(f"quote_asset must be an asset that BTC has a price in, not {quote_asset!r}")


def _check_account(account: str) -> None:
    if not isinstance(account, str) or not account or not account.isprintable() or account == ALL:
        raise InvalidRequestError(f"account must be a name, not {account!r}")


def _check_dates(*, start: date | None = None, end: date | None = None, today: date | None = None) -> None:
    for name, day in {"start": start, "end": end, "today": today}.items():
        if day is not None and (not isinstance(day, date) or isinstance(day, datetime)):
            raise InvalidRequestError(f"{name} must be a date, not {day!r}")
    if start and end and start > end:
        raise InvalidRequestError(f"start ({start}) must not be after end ({end})")
