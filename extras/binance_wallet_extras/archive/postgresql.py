"""An archive in a database of a PostgreSQL server, perhaps behind a pooler."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Final, TypeVar

from sqlalchemy import NullPool, create_engine, event, inspect, text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from binance_wallet_extras.extra import extra

from .errors import ArchiveError

with extra("postgres"):
    import psycopg

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from sqlalchemy import Connection, Engine

    from .location import Server

__all__ = ["PostgresDatabase"]

T = TypeVar("T")

# In seconds. The URL may say otherwise, except for the last one.
_LONGEST_CONNECT: Final = 10
_LONGEST_LOCK: Final = 30
_LONGEST_STATEMENT: Final = 60
_LONGEST_SILENCE: Final = 75  # of the server, or of what stands between

# Begins each transaction. A pooler hands the next one to another session, so nothing is set for longer.
_SETTINGS: Final = {
    "lock_timeout": f"{_LONGEST_LOCK}s",
    "statement_timeout": f"{_LONGEST_STATEMENT}s",
    "datestyle": "ISO, YMD",  # the driver reads no other
    "timezone": "UTC",
}
_PARAMETERS: Final = {
    "connect_timeout": str(_LONGEST_CONNECT),
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "60000",  # milliseconds
}


class PostgresDatabase:
    """The database: its transactions, its copies."""

    def __init__(self, place: Server) -> None:
        self._name = place.name
        encryption = _encryption(place.conninfo)
        parameters: dict[str, Any] = {**_PARAMETERS, **encryption, **place.conninfo}
        parameters |= {
            "client_encoding": "utf8",
            "prepare_threshold": None,
        }  # prepared statements outlive a transaction
        settings = {**_SETTINGS, **place.settings}

        def connect() -> _Connection:
            try:
                return _Connection.connect(**parameters)
            except psycopg.OperationalError as error:
                if not encryption or "SSL" not in str(error):
                    raise
                remedy = "on a network that you trust, add ?sslmode=disable to the URL"
                raise psycopg.OperationalError(f"{error}: {remedy}") from None

        # A connection for each transaction: none goes stale, and a forked process shares none.
        self.engine = create_engine(
            "postgresql+psycopg://", creator=connect, poolclass=NullPool, use_native_hstore=False
        )
        _set_in_each_transaction(self.engine, settings)

    def is_gone(self) -> bool:
        """A database does not go away by itself."""
        return False

    def find(self, *, make: bool) -> bool:  # noqa: ARG002 - a database is not made
        """Whether there is a database: connecting tells."""
        return True

    def rehearse(self, version_table: str, make_tables: Callable[[Connection], None]) -> None:
        """Raise an error if no archive can be made: its tables are made, and then taken back."""
        with self.engine.connect() as connection:
            self.prepare(connection)
            try:
                make_tables(connection)
            except (IntegrityError, ProgrammingError):
                connection.rollback()
                if version_table not in inspect(connection).get_table_names():
                    raise
                # Otherwise another process was faster.
            connection.rollback()

    def prepare(self, connection: Connection) -> None:
        """Raise ArchiveError where the database cannot hold what the exchange sends."""
        encoding = connection.execute(text("SHOW server_encoding")).scalar_one()
        if encoding not in {"UTF8", "SQL_ASCII"}:  # the latter takes any bytes
            raise ArchiveError(
                f"the archive {self._name} has the encoding {encoding}, which lacks characters of wallets and assets: "
                "make a database with ENCODING 'UTF8'"
            )

    def before_tables(self, version_table: str) -> None:
        """The database may have tables of other programs."""

    def copy(self, connection: Connection, tables: list[str], label: str) -> str:
        """Copy tables to `TABLE_LABEL`, in the same transaction. No earlier copy is replaced."""
        taken = {*inspect(connection).get_table_names()}
        ending = label.replace("-", "_")
        number = 1
        while taken & {f"{table}_{ending}" for table in tables}:
            number += 1
            ending = f"{label.replace('-', '_')}_{number}"
        for table in taken.intersection(tables):
            connection.execute(text(f"CREATE TABLE {table}_{ending} AS SELECT * FROM {table}"))  # noqa: S608 - our names
        return f"the tables *_{ending}"

    def faults(self, connection: Connection) -> list[str]:
        """What has been put on the tables: PostgreSQL checks its files itself, if it is told to."""
        query = text(
            "SELECT DISTINCT trigger_name FROM information_schema.triggers WHERE trigger_schema = current_schema()"
        )
        return [f"a trigger of another program: {name}" for name in connection.scalars(query)]

    @contextmanager
    def unchanged(self) -> Iterator[None]:
        """A transaction sees no changes of others."""
        yield


class _Connection(psycopg.Connection[Any]):
    """Gives up a server that stays silent: its own time-outs help only as long as it counts them."""

    def wait(self, gen: Generator[Any, Any, T], *args: Any, **kwargs: Any) -> T:
        return super().wait(self._watched(gen), *args, **kwargs)

    def _watched(self, waiting: Generator[Any, Any, T]) -> Generator[Any, Any, T]:
        """Pass on what `waiting` waits for, and that it is ready, or after a moment that it is not yet."""
        heard = time.monotonic()
        try:
            ready = yield next(waiting)
            while True:
                if ready:
                    heard = time.monotonic()
                elif time.monotonic() - heard > _LONGEST_SILENCE:
                    self.close()
                    raise psycopg.OperationalError(f"the server has said nothing for {_LONGEST_SILENCE} s")
                ready = yield waiting.send(ready)
        except StopIteration as end:
            result: T = end.value
            return result


def _encryption(conninfo: dict[str, str]) -> dict[str, str]:
    """What keeps passwords and amounts from other machines: TLS, unless the user says otherwise.

    libpq by itself goes on without TLS where the server has none.
    """
    if "sslmode" in conninfo or "service" in conninfo or {"PGSSLMODE", "PGSERVICE"} & os.environ.keys():
        return {}
    hosts = conninfo.get("hostaddr") or conninfo.get("host") or os.environ.get("PGHOSTADDR") or os.environ.get("PGHOST")
    return {} if all(map(_is_this_machine, (hosts or "").split(","))) else {"sslmode": "require"}


def _is_this_machine(host: str) -> bool:
    if host.startswith(("/", "@")) or host.lower() in {
        "",
        "localhost",
    }:  # a Unix socket, by its path, its name or by default
        return True
    try:
        return ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False


def _set_in_each_transaction(engine: Engine, settings: dict[str, str]) -> None:
    terms = ", ".join(f"set_config(:name{n}, :value{n}, true)" for n in range(len(settings)))
    values = {
        key: part
        for n, pair in enumerate(settings.items())
        for key, part in zip((f"name{n}", f"value{n}"), pair, strict=True)
    }

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.execute(text(f"SELECT {terms}"), values)
