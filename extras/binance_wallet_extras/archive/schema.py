"""The tables of an archive.

`content` is the exact record as JSON, and what an archive returns; `digest` tells whether it is as it was written. The
tables `assets`, `positions`, `balances` and `wallet_assets`, and the totals in `snapshots`, hold the same amounts for
SQL. `prices` belong to no account.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import msgspec
from binance_wallet_client.models import (
    AssetBalance,
    FuturesAsset,
    FuturesPosition,
    MarginAsset,
    MarginSnapshotData,
    SpotAsset,
    SpotSnapshotData,
)
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Numeric,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.types import TypeDecorator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Dialect

__all__ = [
    "archive_version",
    "assets",
    "balance_records",
    "balances",
    "corrections",
    "metadata",
    "positions",
    "prices",
    "snapshots",
    "wallet_assets",
]


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime in UTC. SQLite has no time zones, and stores it as text."""

    impl = DateTime(timezone=True)
    cache_ok = True

    @property
    def python_type(self) -> type[datetime]:
        """What its values are."""
        return datetime

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Turn it into UTC."""
        return value and value.astimezone(UTC)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Mark it as UTC again."""
        return value and (value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC))


# SQLite has no exact decimal numbers, so there an amount is text; PostgreSQL adds them up exactly.
_AMOUNT: Final = Text().with_variant(Numeric(), "postgresql")


class PlainAmount(TypeDecorator[str]):
    """An amount that is read as it was written, from both databases."""

    impl = Text().with_variant(Numeric(), "postgresql")
    cache_ok = True

    @property
    def python_type(self) -> type[str]:
        """What its values are."""
        return str

    def process_result_value(self, value: Any | None, dialect: Dialect) -> Any | None:  # noqa: ARG002
        """Write a number of PostgreSQL's with all its digits."""
        return format(value, "f") if isinstance(value, Decimal) else value


def _amounts(*models: type[msgspec.Struct]) -> Iterator[Column[Any]]:
    """A column for each amount that one of these models has."""
    fields = (field for model in models for field in msgspec.structs.fields(model) if field.type is Decimal)
    for name in dict.fromkeys(field.name for field in fields):
        yield Column(name, _AMOUNT)


def _digest() -> Column[str]:
    """See `content.digest`. It is empty if a record was damaged before digests were added."""
    return Column("digest", Text, nullable=False, server_default="")


metadata: Final = MetaData()

archive_version: Final = Table("archive_version", metadata, Column("version", Integer, primary_key=True))

snapshots: Final = Table(
    "snapshots",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("account", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("day", Date, nullable=False),
    Column("update_time_ms", BigInteger, nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
    *_amounts(SpotSnapshotData, MarginSnapshotData),
    Column("content", Text, nullable=False),
    _digest(),
    UniqueConstraint("account", "type", "day"),
)

assets: Final = Table(
    "assets",
    metadata,
    Column("snapshot_id", ForeignKey(snapshots.c.id), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("asset", Text, nullable=False),
    *_amounts(SpotAsset, MarginAsset, FuturesAsset),
    sqlite_with_rowid=False,
)

positions: Final = Table(
    "positions",
    metadata,
    Column("snapshot_id", ForeignKey(snapshots.c.id), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("symbol", Text, nullable=False),
    *_amounts(FuturesPosition),
    sqlite_with_rowid=False,
)

corrections: Final = Table(
    "corrections",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("snapshot_id", ForeignKey(snapshots.c.id), nullable=False, index=True),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("content", Text, nullable=False),
    _digest(),
)

balance_records: Final = Table(
    "balance_records",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("account", Text, nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
    Column("quote_asset", Text, nullable=False),
    Column("content", Text, nullable=False),
    _digest(),
    Index("balance_records_by_time", "account", "recorded_at"),
)

balances: Final = Table(
    "balances",
    metadata,
    Column("record_id", ForeignKey(balance_records.c.id), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("wallet_name", Text, nullable=False),
    Column("activate", Boolean, nullable=False),
    Column("balance", _AMOUNT, nullable=False),
    sqlite_with_rowid=False,
)

wallet_assets: Final = Table(
    "wallet_assets",
    metadata,
    Column("record_id", Integer, primary_key=True, autoincrement=False),
    Column("wallet_number", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("asset", Text, nullable=False),
    Column("asset_name", Text, nullable=False),
    *_amounts(AssetBalance),
    ForeignKeyConstraint(["record_id", "wallet_number"], [balances.c.record_id, balances.c.number]),
    sqlite_with_rowid=False,
)

prices: Final = Table(
    "prices",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("day", Date, nullable=False),
    Column("quote_asset", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
    Column("price", PlainAmount, nullable=False),
    _digest(),
    UniqueConstraint("quote_asset", "day", "source"),
)
