"""The database under an archive: its transactions, its version, and its errors as errors of ours."""

from __future__ import annotations

import os
import re
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from platformdirs import user_data_path
from sqlalchemy import URL, NullPool, create_engine, event, false, insert, inspect, make_url, select, text, update
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    IntegrityError,
    OperationalError,
    ProgrammingError,
    SQLAlchemyError,
)

from binance_wallet_extras.extra import extra

from . import schema
from .errors import ArchiveError, NotRecordedError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from sqlite3 import Connection as SqliteConnection

    from sqlalchemy import Connection, Dialect, Engine
    from sqlalchemy.engine.interfaces import DBAPIConnection

__all__ = ["Store", "default_file"]

_VERSION: Final = schema.archive_version.c.version
# How long to wait for a server, and for another writer, in seconds. A URL may say otherwise.
_LONGEST_WAIT: Final = 30
_SQLITE_OPTIONS: Final = {"timeout": f"{_LONGEST_WAIT}"}
_POSTGRES_OPTIONS: Final = {"connect_timeout": "10", "options": "-c lock_timeout=30s"}
_LONG_PASSWORD: Final = 8  # characters: it is redacted inside words, too


def default_file() -> Path:
    """Where an archive is, unless the user says otherwise."""
    return user_data_path("binance-wallet", appauthor=False) / "archive.sqlite"


class Store:
    """A database with the tables of `schema`. The first write makes them."""

    def __init__(self, location: str | os.PathLike[str]) -> None:
        url = _url(location)
        self._file = Path(url.database or "") if url.get_backend_name() == "sqlite" else None
        passwords = (url.password, url.query.get("password"))
        self._secrets = [_pattern(each) for each in passwords if isinstance(each, str) and each]
        self._is_open = False
        self.name = str(self._file or f"{url.database or 'PostgreSQL'} at {url.host or 'localhost'}")
        try:
            with extra("postgres"):  # the driver is imported here
                # A connection for each transaction: none goes stale, and a forked process shares none.
                self._engine = create_engine(url, poolclass=NullPool)
        except (ArgumentError, TypeError, ValueError):
            raise ArchiveError(f"an option after the ? in the URL of the archive {self.name} is wrong") from None
        self._writer = self._engine.execution_options(writes=True)
        self._autocommit = self._engine.execution_options(isolation_level="AUTOCOMMIT")
        if self._file:
            _control_transactions(self._engine)
            _read_without_locks(self._engine, self._file)

    def close(self) -> None:
        """Give up all connections."""
        self._engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a transaction that only reads. Raises NotRecordedError if there is no archive yet."""
        with self._own_errors():
            self._open(create=False)
            changed = self._file and _changed_without_locks(self._file)
            with self._engine.begin() as connection:
                self._check(connection.execute(select(_VERSION)).scalar_one())
                yield connection
            if self._file and changed and self._file.stat().st_mtime_ns != changed:
                raise ArchiveError(f"the archive {self.name} changed while it was read: read it again")

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Open a transaction that writes all or nothing. Writers wait for each other."""
        with self._own_errors():
            self._open(create=True)
            with self._writer.begin() as connection:
                # SQLite has locked the whole file when the transaction began, and knows no FOR UPDATE.
                self._check(connection.execute(select(_VERSION).with_for_update()).scalar_one())
                # SQLite begins also where it may only read, and fails at the first write: this one changes nothing.
                connection.execute(update(schema.archive_version).where(false()).values(version=0))
                yield connection

    def _open(self, *, create: bool) -> None:
        if self._is_open and (not self._file or self._file.exists()):
            return
        if self._file:
            self._open_file(self._file, create=create)
        with self._engine.begin() as connection:
            version = self._version(connection)
        if version is None:
            if not create:
                raise self._no_archive()
            self._create()
        elif version < schema.current_version():
            self._migrate()
        self._is_open = True

    def _open_file(self, file: Path, *, create: bool) -> None:
        # An empty file has no archive either: an update was killed before it made one.
        if file.exists() and (create or not file.is_file() or file.stat().st_size):
            return
        if file != default_file() and not file.parent.is_dir():  # a path that is mistyped makes no second archive
            raise ArchiveError(f"the archive {file}: there is no directory {file.parent}")
        if not create:
            raise self._no_archive()
        file.parent.mkdir(parents=True, exist_ok=True)
        # Not left to SQLite: it would let everybody read it. Its other files take this mode over.
        os.close(os.open(file, os.O_CREAT | os.O_WRONLY, 0o600))

    def _create(self) -> None:
        if self._file:
            self._prepare_file(self._file)
        try:
            with self._writer.begin() as connection:
                if self._version(connection) is None:
                    schema.metadata.create_all(connection, checkfirst=False)  # never into tables of another program
                    connection.execute(insert(schema.archive_version).values(version=schema.current_version()))
        except (IntegrityError, ProgrammingError):
            with self._engine.begin() as connection:
                if self._version(connection) is None:
                    raise
            # PostgreSQL lets two processes make the same table, and then refuses one of them: the other was faster.

    def _prepare_file(self, file: Path) -> None:
        with self._engine.begin() as connection:
            tables = inspect(connection).get_table_names()
        if schema.archive_version.name in tables:
            return  # another process was faster
        if tables:
            raise ArchiveError(
                f"the file {self.name} has tables of another program: give the archive a file of its own"
            )
        file.chmod(0o600)  # it may have been an empty file that everybody may read
        self._use_write_ahead_log()

    def _use_write_ahead_log(self) -> None:
        """The file keeps this. If another process makes the same archive, SQLite does not wait for it by itself."""
        deadline = time.monotonic() + _LONGEST_WAIT
        while True:
            try:
                with self._autocommit.connect() as connection:
                    connection.exec_driver_sql("PRAGMA journal_mode = WAL")
            except OperationalError as error:
                if "locked" not in str(error) or time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
            else:
                return

    def _migrate(self) -> None:
        with self._writer.begin() as connection:
            version = connection.execute(select(_VERSION).with_for_update()).scalar_one()
            if version >= schema.current_version():
                return  # another process was faster
            if self._file:
                self._copy_file(self._file, version)
            else:
                for table in {*inspect(connection).get_table_names()} & {*schema.metadata.tables}:
                    copy = f"CREATE TABLE {table}_version_{version} AS SELECT * FROM {table}"  # noqa: S608 - our names
                    connection.execute(text(copy))
            for step in schema.MIGRATIONS[version - 1 :]:
                step(connection)
            connection.execute(update(schema.archive_version).values(version=schema.current_version()))

    def _copy_file(self, file: Path, version: int) -> None:
        """Copy the archive to `NAME.version-N` beside it, whole or not at all."""
        copy = file.with_name(f"{file.name}.version-{version}")
        part = copy.with_name(f"{copy.name}.part")
        part.unlink(missing_ok=True)
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        with self._autocommit.connect() as connection:
            connection.exec_driver_sql("VACUUM INTO ?", (str(part),))
        part.replace(copy)

    def _version(self, connection: Connection) -> int | None:
        if not inspect(connection).has_table(schema.archive_version.name):
            return None
        version: int = connection.execute(select(_VERSION)).scalar_one()
        return version

    def _check(self, version: int) -> None:
        if version > schema.current_version():
            raise ArchiveError(
                f"the archive {self.name} is of version {version}, and this binance-wallet reads versions up to "
                f"{schema.current_version()}: update binance-wallet"
            )

    def _no_archive(self) -> NotRecordedError:
        return NotRecordedError(f"there is no archive at {self.name} yet: an update makes one")

    @contextmanager
    def _own_errors(self) -> Iterator[None]:
        try:
            yield
        except (SQLAlchemyError, OSError) as error:
            said = error.orig if isinstance(error, DBAPIError) else getattr(error, "strerror", None) or error
            message = " ".join(str(said).split())
            for secret in self._secrets:
                message = secret.sub("***", message)
            # The cause is left out, because drivers may quote the URL.
            raise ArchiveError(f"the archive {self.name} failed: {message}") from None


def _pattern(password: str) -> re.Pattern[str]:
    """What to redact in messages. A short password is redacted as a whole word only: `r` is in many others."""
    found = re.escape(password)
    return re.compile(found if len(password) >= _LONG_PASSWORD else rf"(?<!\w){found}(?!\w)")


def _url(location: str | os.PathLike[str]) -> URL:
    """A SQLAlchemy URL of a path or a URL."""
    address = os.fspath(location)
    try:
        url = make_url(address) if "://" in address else URL.create("sqlite", database=address)
    except (ArgumentError, ValueError):
        raise ArchiveError("the archive is neither a path nor a URL: write postgresql://USER@HOST/DATABASE") from None
    options: dict[str, str]
    match url.drivername.partition("+")[0]:
        case "sqlite":
            options = _SQLITE_OPTIONS
            if not url.database or url.database.startswith((":memory:", "file:")):
                raise ArchiveError(
                    "an archive in SQLite is a file: write its path, or sqlite:///PATH "
                    "(with a fourth slash if the path is absolute)"
                )
            url = url.set(database=_expanded(url.database))
        case "postgresql" | "postgres":  # libpq knows both names
            options = _POSTGRES_OPTIONS
            url = url.set(drivername="postgresql+psycopg")
        case other:
            raise ArchiveError(f"an archive is in SQLite or PostgreSQL, not in {other!r}")
    return url.set(query={**options, **url.query})


def _expanded(path: str) -> str:
    try:
        return str(Path(path).expanduser())
    except RuntimeError as error:  # of an unknown user
        raise ArchiveError(f"the archive {path}: {error}") from None


def _control_transactions(engine: Engine) -> None:
    """Begin SQLite's transactions as SQLAlchemy's documentation advises, because the driver begins them too late."""

    @event.listens_for(engine, "connect")
    def configure(connection: SqliteConnection, _: Any) -> None:
        connection.isolation_level = None

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        if options.get("isolation_level") != "AUTOCOMMIT":
            # A writer locks at once: one that has read before could no longer wait for another.
            connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("writes") else "BEGIN")


def _changed_without_locks(file: Path) -> int | None:
    """When a file was changed, if SQLite cannot lock it: in a read-only folder, it cannot make its files beside it."""
    if os.access(file.parent, os.W_OK) or Path(f"{file}-wal").exists():
        return None
    return file.stat().st_mtime_ns


def _read_without_locks(engine: Engine, file: Path) -> None:
    """Open a file that SQLite cannot lock as one that does not change. `Store.reading` checks that it did not."""

    @event.listens_for(engine, "do_connect")
    def connect(dialect: Dialect, _: Any, __: Any, options: dict[str, Any]) -> DBAPIConnection | None:
        if not _changed_without_locks(file):
            return None  # connect as usual
        return dialect.connect(f"{file.absolute().as_uri()}?mode=ro&immutable=1", **{**options, "uri": True})
