"""Migrations of older archives. Each also works on an archive that went back a version by hand."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from sqlalchemy import inspect, text

from . import schema
from .check import add_digests

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

__all__ = ["MIGRATIONS", "current_version"]

_LOG: Final = logging.getLogger("binance_wallet")


def current_version() -> int:
    """The version of the tables in `schema`."""
    return 1 + len(MIGRATIONS)


def _to_version_2(connection: Connection) -> None:
    """Add digests, the assets of wallets, and prices."""
    schema.metadata.create_all(connection, tables=[schema.wallet_assets, schema.prices])
    for table in (schema.snapshots, schema.corrections, schema.balance_records):
        if "digest" not in {column["name"] for column in inspect(connection).get_columns(table.name)}:
            connection.execute(text(f"ALTER TABLE {table.name} ADD COLUMN digest TEXT NOT NULL DEFAULT ''"))
    for damage in add_digests(connection):
        _LOG.warning("the archive was damaged before it was brought up to date %s", damage)


MIGRATIONS: list[Callable[[Connection], None]] = [_to_version_2]
"""The migrations from version 1 to 2, from 2 to 3, and so on."""
