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

# In seconds. The URL may change all but the last one.
_CONNECT_TIMEOUT: Final = 10
_LOCK_TIMEOUT: Final = 30
_STATEMENT_TIMEOUT: Final = 60
_READ_TIMEOUT: Final = 75  # without data from the server or a pooler

# Set in each transaction and for it alone: a pooler may run the next one in another session.
_SETTINGS: Final = {
    "lock_timeout": f"{_LOCK_TIMEOUT}s",
    "statement_timeout": f"{_STATEMENT_TIMEOUT}s",
    "datestyle": "ISO, YMD",  # the driver reads only this one
    "timezone": "UTC",
}
_PARAMETERS: Final = {
    "connect_timeout": str(_CONNECT_TIMEOUT),
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
        # Prepared statements would outlive a transaction.
        parameters |= {"client_encoding": "utf8", "prepare_threshold": None}
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

    def exists(self) -> bool:
        """Connecting shows whether there is a database."""
        return True

    def ensure_exists(self) -> None:
        """We make no database, only its tables."""

    def check_creatable(self, version_table: str, make_tables: Callable[[Connection], None]) -> None:
        """Raise an error if no archive can be made: make its tables, and roll back."""
        with self.engine.connect() as connection:
            self.check_database(connection)
            try:
                make_tables(connection)
            except (IntegrityError, ProgrammingError):
                connection.rollback()
                if version_table not in inspect(connection).get_table_names():
                    raise
                # Otherwise another process was faster.
            connection.rollback()

    def check_database(self, connection: Connection) -> None:
        """Raise ArchiveError if the database cannot hold all characters that the exchange sends."""
        encoding = connection.execute(text("SHOW server_encoding")).scalar_one()
        if encoding not in {"UTF8", "SQL_ASCII"}:  # the latter takes any bytes
            raise ArchiveError(
                f"the archive {self._name} has the encoding {encoding}, which lacks characters of wallets and assets: "
                "make a database with ENCODING 'UTF8'"
            )

    def before_first_tables(self, version_table: str) -> None:
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

    def self_check(self, connection: Connection) -> list[str]:
        """The triggers on the tables. PostgreSQL can check its own files."""
        query = text(
            "SELECT DISTINCT trigger_name FROM information_schema.triggers WHERE trigger_schema = current_schema()"
        )
        return [f"a trigger of another program: {name}" for name in connection.scalars(query)]

    @contextmanager
    def check_unchanged(self) -> Iterator[None]:
        """A transaction sees no changes by others."""
        yield


class _Connection(psycopg.Connection[Any]):
    """Closes the connection if the server stays silent: the server's own timeouts do not help if it hangs."""

    def wait(self, gen: Generator[Any, Any, T], *args: Any, **kwargs: Any) -> T:
        return super().wait(self._with_read_timeout(gen), *args, **kwargs)

    def _with_read_timeout(self, waiting: Generator[Any, Any, T]) -> Generator[Any, Any, T]:
        """Drive psycopg's generator. Raise OperationalError after `_READ_TIMEOUT` seconds without data."""
        last_data_at = time.monotonic()
        try:
            ready = yield next(waiting)
            while True:
                if ready:
                    last_data_at = time.monotonic()
                elif time.monotonic() - last_data_at > _READ_TIMEOUT:
                    self.close()
                    raise psycopg.OperationalError(f"the server has said nothing for {_READ_TIMEOUT} s")
                ready = yield waiting.send(ready)
        except StopIteration as end:
            result: T = end.value
            return result


def _encryption(conninfo: dict[str, str]) -> dict[str, str]:
    """Require TLS for other machines, unless the user says otherwise: libpq connects without TLS if it must."""
    if "sslmode" in conninfo or "service" in conninfo or {"PGSSLMODE", "PGSERVICE"} & os.environ.keys():
        return {}
    hosts = conninfo.get("hostaddr") or conninfo.get("host") or os.environ.get("PGHOSTADDR") or os.environ.get("PGHOST")
    return {} if all(map(_is_this_machine, (hosts or "").split(","))) else {"sslmode": "require"}


def _is_this_machine(host: str) -> bool:
    # A Unix socket has a path or an abstract name; it is the default, too.
    if host.startswith(("/", "@")) or host.lower() in {"", "localhost"}:
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
