"""Checks the records of an archive one by one, so that a damaged record does not hide the others."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import Boolean, Integer, select, type_coerce
from sqlalchemy.exc import DatabaseError, DataError

from . import queries
from .content import DamageError
from .schema import balance_records, corrections, prices

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection, Table

__all__ = ["add_digests", "find_damage"]


def find_damage(connection: Connection) -> Iterator[str]:
    """Yield what is wrong with each damaged record."""
    try:
        for table, number, found in _examine(connection):
            if isinstance(found, DamageError):
                yield f"{table.name} {number} is damaged {found}"
    except DatabaseError as error:
        yield f"the rest cannot be read: {error.orig}"


def add_digests(connection: Connection) -> Iterator[str]:
    """Add the digest to each record that has none. Yield what is wrong with each damaged record, which gets none."""
    for table, number, found in _examine(connection):
        if isinstance(found, DamageError):
            yield f"{table.name} {number} is damaged {found}"
        else:
            queries.set_digest(connection, table, number, found)


def _examine(connection: Connection) -> Iterator[tuple[Table, int, Sequence[Any] | DamageError]]:
    """Yield table, id and facts of each record, or the damage in place of its facts."""
    for table in queries.FACTS:
        if not queries.is_there(connection, table):
            continue
        for number in connection.scalars(select(table.c.id).order_by(table.c.id)).all():
            try:
                yield table, number, _checked_facts(connection, table, number)
            except DamageError as error:
                yield table, number, error
            except DataError as error:  # a value that PostgreSQL has and Python lacks
                yield table, number, DamageError(f"and cannot be read: {error.orig}")


def _checked_facts(connection: Connection, table: Table, number: int) -> Sequence[Any]:
    """The facts of a record. Raises DamageError, also if the tables for SQL have other values."""
    found = [*queries.read(connection, table, table.c.id == number)]
    if not found:
        raise DamageError("and belongs to no day")
    [(_, facts)] = found
    _check_tables(connection, table, number, facts)
    return facts


def _check_tables(connection: Connection, table: Table, number: int, facts: Sequence[Any]) -> None:
    """Compare a record with its rows in the tables for SQL. Raises DamageError."""
    if table is prices:
        queries.price_of(facts)
        return
    if table is balance_records:
        shown = queries.tables_of_balances(queries.balances_of(facts))
    else:
        shown = queries.tables_of_snapshot(queries.snapshot_of(facts))
    if table is corrections:
        return  # it is in no other table
    of_records = {column.name for column in (table.c.id, table.c.digest, *queries.FACTS[table])}
    for other, expected in shown:
        if not queries.is_there(connection, other):
            continue
        [key, *_] = other.primary_key
        columns = [column for column in other.c if column.name not in of_records and column is not key]
        # SQLAlchemy would make a Boolean of any value.
        plain = (type_coerce(column, Integer) if isinstance(column.type, Boolean) else column for column in columns)
        query = select(*plain).where(key == number).order_by(*other.primary_key)
        wanted = [tuple(row.get(column.name) for column in columns) for row in expected]
        try:
            found = connection.execute(query).all()
        except (TypeError, ValueError):  # a value that its column cannot hold
            found = []
        if len(found) != len(wanted) or not all(map(_are_equal, found, wanted)):
            raise DamageError(f"at {queries.moment_of(facts)}: the table {other.name} says otherwise")


def _are_equal(found: Sequence[Any], wanted: Sequence[Any]) -> bool:
    """Amounts of PostgreSQL are numbers. Those of SQLite are texts, which must be equal to the last zero."""
    return all(
        Decimal(should) == value if isinstance(value, Decimal) and should is not None else value == should
        for value, should in zip(found, wanted, strict=True)
    )
