"""What an archive reads from its tables, and what it adds. Each function is a part of the caller's transaction."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import msgspec
from binance_wallet_client.models import FuturesPosition
from sqlalchemy import func, insert, select, union

from .content import amount, encode
from .schema import assets, balance_records, balances, corrections, positions, snapshots

if TYPE_CHECKING:
    from collections.abc import Sequence

    from binance_wallet_client.models import AccountSnapshot, WalletBalance
    from sqlalchemy import Connection, Row, Table
    from sqlalchemy.sql import ColumnElement

__all__ = [
    "accounts",
    "add_balances",
    "add_correction",
    "add_snapshot",
    "days_by_group",
    "first_day",
    "select_balances",
    "select_corrections",
    "select_snapshots",
]

_DAY: Final = snapshots.c.day


def accounts(connection: Connection) -> list[str]:
    """The names of all accounts."""
    return sorted(connection.scalars(union(select(snapshots.c.account), select(balance_records.c.account))))


def first_day(connection: Connection, account: str, type_: str) -> date | None:
    """The first day of which there is a snapshot."""
    found: date | None = connection.scalar(select(func.min(_DAY)).where(*_of(account, type_)))
    return found


def recorded_days(connection: Connection, account: str, type_: str, start: date) -> set[date]:
    """The days from `start` on of which there is a snapshot."""
    return {*connection.scalars(select(_DAY).where(*_of(account, type_, start)))}


def days_by_group(connection: Connection, account: str | None) -> dict[tuple[str, str], list[date]]:
    """By account and type, the days of which there are snapshots, in order."""
    group = snapshots.c.account, snapshots.c.type
    query = select(*group, _DAY).order_by(*group, _DAY)
    found: dict[tuple[str, str], list[date]] = {}
    for name, type_, day in connection.execute(query.where(snapshots.c.account == account) if account else query):
        found.setdefault((name, type_), []).append(day)
    return found


def count_corrections(connection: Connection) -> dict[tuple[str, str], int]:
    """By account and type, how many corrections there are."""
    group = snapshots.c.account, snapshots.c.type
    query = select(*group, func.count()).join(corrections).group_by(*group)
    return {(name, type_): number for name, type_, number in connection.execute(query)}


def select_snapshots(
    connection: Connection, account: str, type_: str, start: date | None = None, end: date | None = None
) -> Sequence[Row[int, date, str]]:
    """Id, day and content of each snapshot in a period, oldest first."""
    query = select(snapshots.c.id, _DAY, snapshots.c.content).where(*_of(account, type_, start, end))
    return connection.execute(query.order_by(_DAY)).all()


def select_corrections(
    connection: Connection, account: str, type_: str, start: date | None = None, end: date | None = None
) -> Sequence[Row[date, datetime, str]]:
    """Day, time and content of each correction of a period's snapshots, in the order seen."""
    query = select(_DAY, corrections.c.seen_at, corrections.c.content).join(snapshots)
    return connection.execute(query.where(*_of(account, type_, start, end)).order_by(corrections.c.id)).all()


def select_balances(
    connection: Connection, account: str, quote_asset: str | None, start: date | None, end: date | None
) -> Sequence[Row[datetime, str, str]]:
    """Time, quote asset and content of each record of balances in a period, oldest first."""
    moment = balance_records.c.recorded_at
    where = [balance_records.c.account == account]
    where += [balance_records.c.quote_asset == quote_asset] if quote_asset else []
    where += [moment >= _midnight(start)] if start else []
    where += [moment < _midnight(end + timedelta(days=1))] if end else []
    query = select(moment, balance_records.c.quote_asset, balance_records.c.content)
    return connection.execute(query.where(*where).order_by(moment, balance_records.c.id)).all()


def add_snapshot(connection: Connection, account: str, snapshot: AccountSnapshot, now: datetime) -> int:
    """Add a snapshot, and return its id."""
    values = {
        "account": account,
        "type": snapshot.type,
        "day": snapshot.update_time.date(),
        "update_time_ms": snapshot.update_time_ms,
        "recorded_at": now,
        "content": encode(snapshot),
    }
    number = _add(connection, snapshots, values | _cells(snapshot.data))
    for rows in msgspec.structs.asdict(snapshot.data).values():
        if not isinstance(rows, list):
            continue
        table = positions if rows and isinstance(rows[0], FuturesPosition) else assets
        _add_rows(connection, table, {"snapshot_id": number}, rows)
    return number


def add_correction(connection: Connection, snapshot_id: int, snapshot: AccountSnapshot, now: datetime) -> None:
    """Add other content of a snapshot."""
    _add(connection, corrections, {"snapshot_id": snapshot_id, "seen_at": now, "content": encode(snapshot)})


def add_balances(
    connection: Connection, account: str, now: datetime, quote_asset: str, wallets: Sequence[WalletBalance]
) -> None:
    """Add what all wallets hold at one moment."""
    values = {"account": account, "recorded_at": now, "quote_asset": quote_asset, "content": encode(wallets)}
    _add_rows(connection, balances, {"record_id": _add(connection, balance_records, values)}, wallets)


def _add(connection: Connection, table: Table, values: dict[str, Any]) -> int:
    number: int = connection.execute(insert(table).values(values).returning(table.c.id)).scalar_one()
    return number


def _add_rows(connection: Connection, table: Table, key: dict[str, int], rows: Sequence[msgspec.Struct]) -> None:
    if rows:
        cells = [key | {"number": number} | _cells(row) for number, row in enumerate(rows)]
        connection.execute(insert(table), cells)


def _cells(struct: msgspec.Struct) -> dict[str, Any]:
    values = msgspec.structs.asdict(struct).items()
    return {
        name: amount(value) if isinstance(value, Decimal) else value
        for name, value in values
        if not isinstance(value, list)
    }


def _of(account: str, type_: str, start: date | None = None, end: date | None = None) -> list[ColumnElement[bool]]:
    where = [snapshots.c.account == account, snapshots.c.type == type_]
    where += [start <= _DAY] if start else []
    where += [end >= _DAY] if end else []
    return where


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)
