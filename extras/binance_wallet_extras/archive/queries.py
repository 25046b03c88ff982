"""Queries of an archive. Each function runs in the caller's transaction.

A record is checked against its digest, and each value against the type of its column, which SQLite does not enforce. If
either is wrong, DamageError is raised.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import msgspec
from binance_wallet_client.models import FuturesPosition
from sqlalchemy import delete, func, insert, null, select, update

from .content import DamageError, amount, decode_balances, decode_price, decode_snapshot, digest, encode
from .records import Price
from .schema import assets, balance_records, balances, corrections, positions, prices, snapshots, wallet_assets

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from binance_wallet_client.models import AccountSnapshot, WalletBalance
    from sqlalchemy import ColumnElement, Connection, Select, Table

__all__ = [
    "FACTS",
    "accounts",
    "add_balances",
    "add_correction",
    "add_price",
    "add_snapshot",
    "balances_of",
    "count_corrections",
    "days_by_group",
    "first_day",
    "is_there",
    "moment_of",
    "moments_by_group",
    "price_of",
    "read",
    "recorded_days",
    "remove_account",
    "remove_prices",
    "rename_account",
    "select_balances",
    "select_corrections",
    "select_prices",
    "select_snapshots",
    "set_digest",
    "snapshot_of",
    "tables_of_balances",
    "tables_of_snapshot",
]

_DAY: Final = snapshots.c.day
_OF_SNAPSHOT: Final = snapshots.c.account, snapshots.c.type, _DAY
_WITH_DIGESTS: Final = 2  # the first version of the tables that has them, and prices

# The tables of records, and the facts that the digest of a record is made of. Its account is the first of them, except
# that a price has none; what was recorded is the last.
FACTS: Final[Mapping[Table, tuple[ColumnElement[Any], ...]]] = {
    snapshots: (*_OF_SNAPSHOT, snapshots.c.recorded_at, snapshots.c.content),
    corrections: (*_OF_SNAPSHOT, corrections.c.seen_at, corrections.c.content),
    balance_records: (
        balance_records.c.account,
        balance_records.c.recorded_at,
        balance_records.c.quote_asset,
        balance_records.c.content,
    ),
    prices: (
        prices.c.quote_asset,
        prices.c.day,
        prices.c.source,
        prices.c.recorded_at,
        prices.c.price,
    ),
}

# Oldest first; of corrections, in the order seen.
_ORDER: Final[Mapping[Table, tuple[ColumnElement[Any], ...]]] = {
    snapshots: (_DAY,),
    corrections: (corrections.c.id,),
    balance_records: (balance_records.c.recorded_at, balance_records.c.id),
    prices: (prices.c.quote_asset, prices.c.day),
}


def is_there(connection: Connection, table: Table) -> bool:
    """Whether an archive of its version has this table."""
    return table not in {prices, wallet_assets} or _has_digests(connection)


def read(connection: Connection, table: Table, *where: ColumnElement[bool]) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """Id and facts of the records of a table, in order."""
    has_digests = _has_digests(connection)
    kinds = [int, *(column.type.python_type for column in FACTS[table]), str if has_digests else type(None)]
    query = select(table.c.id, *FACTS[table], table.c.digest if has_digests else null()).where(*where)
    if table is corrections:
        query = query.join(snapshots)
    for number, *facts, written in _rows(connection, query.order_by(*_ORDER[table]), kinds):
        if has_digests and written != digest(table.name, *facts):
            raise DamageError(f"at {moment_of(facts)}: this is not what was recorded")
        yield number, tuple(facts)


def snapshot_of(facts: Sequence[Any]) -> AccountSnapshot:
    """The snapshot of a record in `snapshots` or `corrections`."""
    _, type_, day, _, content = facts
    try:
        return decode_snapshot(content, type_, day)
    except DamageError as error:
        raise DamageError(f"at {day}: {error}") from None


def balances_of(facts: Sequence[Any]) -> list[WalletBalance]:
    """What the wallets hold in a record of `balance_records`."""
    try:
        return decode_balances(facts[-1])
    except DamageError as error:
        raise DamageError(f"at {moment_of(facts)}: {error}") from None


def price_of(facts: Sequence[Any]) -> Price:
    """The price of a record in `prices`."""
    quote_asset, day, source, recorded_at, price = facts
    try:
        return Price(day, quote_asset, source, recorded_at, decode_price(price))
    except DamageError as error:
        raise DamageError(f"at {day}: {error}") from None


def moment_of(facts: Sequence[Any]) -> date:
    """The day of a snapshot or a price, or the time of a record of balances."""
    return next(fact for fact in facts if isinstance(fact, date))


def accounts(connection: Connection) -> dict[str, tuple[int, int]]:
    """By account, the number of days of any type, and the number of records of balances."""
    days = _numbers_by_account(connection, snapshots)
    moments = _numbers_by_account(connection, balance_records)
    return {name: (days.get(name, 0), moments.get(name, 0)) for name in sorted({*days, *moments})}


def first_day(connection: Connection, account: str, type_: str) -> date | None:
    """The first day that has a snapshot."""
    query = select(_DAY).where(*_conditions(account, type_)).order_by(_DAY).limit(1)
    return next((day for [day] in _rows(connection, query, [date])), None)


def recorded_days(connection: Connection, account: str, type_: str, start: date) -> set[date]:
    """The days from `start` on that have a snapshot."""
    return {day for [day] in _rows(connection, select(_DAY).where(*_conditions(account, type_, start)), [date])}


def days_by_group(connection: Connection, account: str | None) -> dict[tuple[str, str], list[date]]:
    """By account and type, the days that have a snapshot, in order."""
    query = select(*_OF_SNAPSHOT).order_by(*_OF_SNAPSHOT)
    if account is not None:
        query = query.where(snapshots.c.account == account)
    found: dict[tuple[str, str], list[date]] = {}
    for name, type_, day in _rows(connection, query, [str, str, date]):
        found.setdefault((name, type_), []).append(day)
    return found


def moments_by_group(connection: Connection, account: str | None) -> list[tuple[str, str, datetime, datetime, int]]:
    """Account, quote asset, first time, last time and number of the records of balances."""
    group, moment = (balance_records.c.account, balance_records.c.quote_asset), balance_records.c.recorded_at
    query = select(*group, func.min(moment), func.max(moment), func.count()).group_by(*group).order_by(*group)
    if account is not None:
        query = query.where(balance_records.c.account == account)
    rows = _rows(connection, query, [str, str, datetime, datetime, int])
    return [(name, asset, first, last, number) for name, asset, first, last, number in rows]


def count_corrections(connection: Connection) -> dict[tuple[str, str], int]:
    """By account and type, the number of corrections."""
    group = snapshots.c.account, snapshots.c.type
    query = select(*group, func.count()).join(corrections).group_by(*group)
    return {(name, type_): number for name, type_, number in _rows(connection, query, [str, str, int])}


def select_snapshots(
    connection: Connection, account: str, type_: str, start: date | None = None, end: date | None = None
) -> list[tuple[int, date, AccountSnapshot]]:
    """Id, day and content of each snapshot in a period, oldest first."""
    found = _check_account(account, read(connection, snapshots, *_conditions(account, type_, start, end)))
    return [(number, facts[2], snapshot_of(facts)) for number, facts in found]


def select_corrections(
    connection: Connection, account: str, type_: str, start: date | None = None, end: date | None = None
) -> list[tuple[date, datetime, AccountSnapshot]]:
    """Day, time and content of each correction of a period's snapshots, in the order seen."""
    found = _check_account(account, read(connection, corrections, *_conditions(account, type_, start, end)))
    return [(facts[2], facts[3], snapshot_of(facts)) for _, facts in found]


def select_balances(
    connection: Connection, account: str, quote_asset: str | None, start: date | None, end: date | None
) -> list[tuple[datetime, str, list[WalletBalance]]]:
    """Time, quote asset and content of each record of balances in a period, oldest first."""
    moment = balance_records.c.recorded_at
    where = [balance_records.c.account == account]
    where += [balance_records.c.quote_asset == quote_asset] if quote_asset is not None else []
    where += [moment >= datetime.combine(start, time.min, UTC)] if start else []
    where += [moment <= datetime.combine(end, time.max, UTC)] if end else []
    found = _check_account(account, read(connection, balance_records, *where))
    return [(facts[1], facts[2], balances_of(facts)) for _, facts in found]


def select_prices(
    connection: Connection,
    quote_asset: str | None = None,
    start: date | None = None,
    end: date | None = None,
    *,
    source: str | None = None,
) -> list[Price]:
    """The prices in a period, by quote asset and day."""
    if not is_there(connection, prices):
        return []
    where = [prices.c.quote_asset == quote_asset] if quote_asset is not None else []
    where += [start <= prices.c.day] if start else []
    where += [end >= prices.c.day] if end else []
    where += [prices.c.source == source] if source else []
    return [price_of(facts) for _, facts in read(connection, prices, *where)]


def add_snapshot(connection: Connection, account: str, snapshot: AccountSnapshot, now: datetime) -> int:
    """Add a snapshot, and return its id."""
    values = {
        "account": account,
        "type": snapshot.type,
        "day": snapshot.update_time.date(),
        "recorded_at": now,
        "content": encode(snapshot),
    }
    (_, [totals]), *others = tables_of_snapshot(snapshot)
    number = _add(connection, snapshots, values, **totals)
    for table, rows in others:
        _add_rows(connection, table, {"snapshot_id": number}, rows)
    return number


def add_correction(
    connection: Connection, account: str, snapshot_id: int, snapshot: AccountSnapshot, now: datetime
) -> None:
    """Add other content of a snapshot."""
    content = encode(snapshot)
    written = digest(corrections.name, account, snapshot.type, snapshot.update_time.date(), now, content)
    values = {"snapshot_id": snapshot_id, "seen_at": now, "content": content, "digest": written}
    connection.execute(insert(corrections).values(values))


def add_balances(
    connection: Connection, account: str, now: datetime, quote_asset: str, wallets: Sequence[WalletBalance]
) -> None:
    """Add what all wallets hold at one moment."""
    values = {"account": account, "recorded_at": now, "quote_asset": quote_asset, "content": encode(wallets)}
    number = _add(connection, balance_records, values)
    for table, rows in tables_of_balances(wallets):
        _add_rows(connection, table, {"record_id": number}, rows)


def add_price(connection: Connection, price: Price) -> None:
    """Add a price, in place of the one of the same day and source."""
    remove_prices(connection, price.quote_asset, price.source, price.day)
    values = {name: getattr(price, name) for name in ("day", "quote_asset", "source", "recorded_at")}
    _add(connection, prices, values | {"price": f"{price.price:f}"})


def remove_prices(connection: Connection, quote_asset: str, source: str, day: date | None = None) -> int:
    """Remove the prices of a source, of one day or of all, and return how many."""
    query = delete(prices).where(prices.c.quote_asset == quote_asset, prices.c.source == source)
    return connection.execute(query if day is None else query.where(prices.c.day == day)).rowcount


def tables_of_snapshot(snapshot: AccountSnapshot) -> list[tuple[Table, list[dict[str, Any]]]]:
    """The rows of a snapshot for people with SQL: its own row with the totals, then those of the other tables."""
    parts = [part for part in msgspec.structs.asdict(snapshot.data).values() if isinstance(part, list)]
    rows = [row for part in parts for row in part]
    return [
        (snapshots, [{"update_time_ms": snapshot.update_time_ms} | _cells(snapshot.data)]),
        (assets, _numbered_rows(row for row in rows if not isinstance(row, FuturesPosition))),
        (positions, _numbered_rows(row for row in rows if isinstance(row, FuturesPosition))),
    ]


def tables_of_balances(wallets: Sequence[WalletBalance]) -> list[tuple[Table, list[dict[str, Any]]]]:
    """The rows of balances for people with SQL."""
    held = [
        {"wallet_number": number} | row
        for number, wallet in enumerate(wallets)
        for row in _numbered_rows(wallet.asset_balances or ())
    ]
    return [(balances, _numbered_rows(wallets)), (wallet_assets, held)]


def set_digest(connection: Connection, table: Table, number: int, facts: Sequence[Any]) -> None:
    """Write the digest that belongs to a record with these facts."""
    written = digest(table.name, *facts)
    connection.execute(update(table).where(table.c.id == number).values(digest=written))


def rename_account(connection: Connection, account: str, name: str) -> None:
    """Give an account another name. A damaged record stays damaged."""
    for table in (snapshots, corrections, balance_records):
        its_account = FACTS[table][0]
        numbers = connection.scalars(_numbers(table, its_account == account)).all()
        for number in numbers:
            try:
                found = [*read(connection, table, table.c.id == number)]
            except DamageError:
                continue  # its digest is wrong, and stays wrong
            for _, facts in found:
                set_digest(connection, table, number, (name, *facts[1:]))
    for table in (snapshots, balance_records):
        connection.execute(update(table).where(table.c.account == account).values(account=name))


def remove_account(connection: Connection, account: str) -> None:
    """Remove all records of an account."""
    days = select(snapshots.c.id).where(snapshots.c.account == account)
    moments = select(balance_records.c.id).where(balance_records.c.account == account)
    for table in (assets, positions, corrections):
        connection.execute(delete(table).where(table.c.snapshot_id.in_(days)))
    for table in (wallet_assets, balances):
        connection.execute(delete(table).where(table.c.record_id.in_(moments)))
    for table in (snapshots, balance_records):
        connection.execute(delete(table).where(table.c.account == account))


def _has_digests(connection: Connection) -> bool:
    return bool(connection.get_execution_options()["archive_version"] >= _WITH_DIGESTS)


def _numbers_by_account(connection: Connection, table: Table) -> dict[str, int]:
    query = select(table.c.account, func.count()).group_by(table.c.account)
    rows = _rows(connection, query, [str, int])
    return {name: number for name, number in rows}  # noqa: C416 - mypy does not know that these are pairs


def _rows(connection: Connection, query: Select[*tuple[Any, ...]], kinds: Sequence[type]) -> Sequence[Sequence[Any]]:
    """The rows of a query. Raises DamageError for a value of another type, which SQLite would keep."""
    try:
        rows = connection.execute(query).all()
    except (TypeError, ValueError, OverflowError):  # a value in a column of days is not a day
        rows = None
    if rows is None or any(type(value) is not kind for row in rows for value, kind in zip(row, kinds, strict=True)):
        [table, *_] = query.columns_clause_froms
        raise DamageError(f"in the table {table}: a value has the wrong type")
    return rows


def _numbers(table: Table, *where: ColumnElement[bool]) -> Select[int]:
    query = select(table.c.id).where(*where)
    return query.join(snapshots) if table is corrections else query


def _check_account(account: str, found: Iterator[tuple[int, tuple[Any, ...]]]) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """Check the account of each record: with a damaged index, SQLite finds those of other accounts."""
    for number, facts in found:
        if facts[0] != account:
            raise DamageError(f"at {moment_of(facts)}: it is a record of another account")
        yield number, facts


def _add(connection: Connection, table: Table, values: dict[str, Any], **others: Any) -> int:
    values["digest"] = digest(table.name, *(values[str(column.key)] for column in FACTS[table]))
    query = insert(table).values(values | others).returning(table.c.id)
    number: int = connection.execute(query).scalar_one()
    return number


def _add_rows(connection: Connection, table: Table, key: dict[str, int], rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        connection.execute(insert(table), [key | row for row in rows])


def _numbered_rows(structs: Iterable[msgspec.Struct]) -> list[dict[str, Any]]:
    return [{"number": number} | _cells(struct) for number, struct in enumerate(structs)]


def _cells(struct: msgspec.Struct) -> dict[str, Any]:
    """A row for people with SQL. PostgreSQL stores no NUL characters, so each becomes U+FFFD."""
    cells = msgspec.structs.asdict(struct).items()
    return {name: _cell(value) for name, value in cells if not isinstance(value, list | msgspec.UnsetType)}


def _cell(value: Any) -> Any:
    match value:
        case Decimal():
            return amount(value)
        case str():
            return value.replace("\0", "\N{REPLACEMENT CHARACTER}")
    return value


def _conditions(
    account: str, type_: str, start: date | None = None, end: date | None = None
) -> list[ColumnElement[bool]]:
    where = [snapshots.c.account == account, snapshots.c.type == type_]
    where += [start <= _DAY] if start else []
    where += [end >= _DAY] if end else []
    return where
