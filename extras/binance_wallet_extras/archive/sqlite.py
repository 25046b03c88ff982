"""An archive in a SQLite file."""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import URL, NullPool, create_engine, event, inspect
from sqlalchemy.exc import DatabaseError, OperationalError

from binance_wallet_extras.files import make_folder

from . import permissions
from .errors import ArchiveError
from .location import default_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from sqlite3 import Connection as SqliteConnection

    from sqlalchemy import Connection, Dialect, Engine
    from sqlalchemy.engine.interfaces import DBAPIConnection

    from .location import File

__all__ = ["SqliteDatabase"]

_MIN_VERSION: Final = (3, 35)  # has RETURNING
_RETRY_DELAY: Final = 0.02  # seconds, until a locked file is tried again


class SqliteDatabase:
    """The file: its transactions, its safety, its copies."""

    def __init__(self, place: File) -> None:
        if sqlite3.sqlite_version_info < _MIN_VERSION:
            raise ArchiveError(
                f"an archive needs SQLite 3.35 or later, and this Python has {sqlite3.sqlite_version}: "
                "use a newer Python, or PostgreSQL"
            )
        self._file = place.path
        self._timeout = place.timeout
        # A connection for each transaction: none goes stale, and a forked process shares none.
        url = URL.create("sqlite", database=str(place.path))
        self.engine = create_engine(url, poolclass=NullPool, connect_args={"timeout": place.timeout})
        self._autocommit = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        _control_transactions(self.engine, place.timeout)
        _read_without_locks(self.engine, place.path)

    def is_gone(self) -> bool:
        """Whether the file was removed since it was opened."""
        return not self._file.exists()

    def exists(self) -> bool:
        """Whether there is a file that may hold an archive. Raises ArchiveError."""
        permissions.check_safe(self._file)
        # In an empty file, an update was killed before it made the archive.
        if self._file.exists() and self._file.stat().st_size:
            return True
        self._check_folder()
        return False

    def ensure_exists(self) -> None:
        """Make the file if there is none. Raises ArchiveError."""
        permissions.check_safe(self._file)
        if self._file.exists():
            return
        self._check_folder()
        make_folder(self._file.parent)
        permissions.check_safe(self._file)
        try:
            # SQLite would let everybody read it. The files that it makes beside it get the same mode.
            permissions.make_file(self._file)
        except FileExistsError:
            permissions.check_safe(self._file)  # another process was faster

    def check_creatable(self, version_table: str, make_tables: Callable[[Connection], None]) -> None:  # noqa: ARG002
        """Raise an error if no archive can be made. Leaves nothing but the folder of the default archive."""
        permissions.check_safe(self._file)
        self._check_folder()
        make_folder(self._file.parent)
        TemporaryFile(dir=self._file.parent).close()
        if self._file.exists():
            self._file.open("ab").close()
            self._has_archive(version_table)

    def check_database(self, connection: Connection) -> None:
        """A SQLite file needs no check."""

    def before_first_tables(self, version_table: str) -> None:
        """Prepare a file for its first tables. Raises ArchiveError if it has those of another program."""
        if not self._has_archive(version_table):
            self._use_write_ahead_log()

    def copy(self, connection: Connection, tables: list[str], label: str) -> str:  # noqa: ARG002 - all tables, committed
        """Copy the archive to `NAME.LABEL` beside it, atomically. No earlier copy is replaced."""
        copy = self._file.with_name(f"{self._file.name}.{label}")
        number = 1
        while copy.exists():
            number += 1
            copy = self._file.with_name(f"{self._file.name}.{label}-{number}")
        part = copy.with_name(f"{copy.name}.part")
        part.unlink(missing_ok=True)
        permissions.make_file(part)
        try:
            with self._autocommit.connect() as other:
                other.exec_driver_sql("VACUUM INTO ?", (str(part),))
            part.rename(copy)
        except OperationalError as error:
            raise ArchiveError(f"the copy {copy} cannot be written: {error.orig}") from None
        finally:
            part.unlink(missing_ok=True)
        return str(copy)

    def self_check(self, connection: Connection) -> list[str]:
        """The problems that SQLite's own checks find."""
        integrity = _query(connection, "PRAGMA integrity_check")
        orphans = _query(connection, "PRAGMA foreign_key_check")
        triggers = _query(connection, "SELECT name FROM sqlite_master WHERE type = 'trigger'")
        return [
            *(f"SQLite's integrity check: {' '.join(map(str, row))}" for row in integrity if row != ("ok",)),
            *(f"SQLite's foreign key check: {' '.join(map(str, row))}" for row in orphans),
            *(f"a trigger of another program: {' '.join(map(str, row))}" for row in triggers),
        ]

    @contextmanager
    def check_unchanged(self) -> Iterator[None]:
        """Raise ArchiveError if the file changed meanwhile and could not be locked."""
        changed = _changed_without_locks(self._file)
        yield
        if changed and self._file.stat().st_mtime_ns != changed:
            raise ArchiveError(f"the archive {self._file} changed while it was read: read it again")

    def _check_folder(self) -> None:
        """A mistyped path must not make a second archive."""
        folder = self._file.parent
        if self._file != default_file() and not folder.is_dir():
            raise ArchiveError(f"the archive {self._file}: there is no directory {folder}")

    def _has_archive(self, version_table: str) -> bool:
        """Whether another process was faster. Raises ArchiveError if the file has tables of another program."""
        with self.engine.begin() as connection:
            tables = inspect(connection).get_table_names()
        if tables and version_table not in tables:
            raise ArchiveError(
                f"the file {self._file} has tables of another program: give the archive a file of its own"
            )
        return bool(tables)

    def _use_write_ahead_log(self) -> None:
        """Set WAL mode, which the file keeps. SQLite does not wait for the lock here, so we do."""

        def use() -> None:
            with self._autocommit.connect() as connection:
                connection.exec_driver_sql("PRAGMA journal_mode = WAL")

        _when_unlocked(use, self._timeout)


def _when_unlocked(action: Callable[[], object], timeout: float) -> None:
    """Repeat an action while another process locks the file, for up to `timeout` seconds. Ctrl-C ends this."""
    deadline = time.monotonic() + timeout
    while True:
        try:
            action()
        except OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(_RETRY_DELAY)
        else:
            return


def _query(connection: Connection, query: str) -> list[tuple[Any, ...]]:
    """The rows of a query, or one row with an error: SQLite's checks fail on some damage."""
    try:
        return [tuple(row) for row in connection.exec_driver_sql(query)]
    except DatabaseError as error:
        return [(error.orig,)]


def _control_transactions(engine: Engine, timeout: float) -> None:
    """Begin SQLite's transactions as SQLAlchemy's documentation advises, because the driver begins them too late."""

    @event.listens_for(engine, "connect")
    def configure(connection: SqliteConnection, _: Any) -> None:
        connection.isolation_level = None

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        if options.get("isolation_level") == "AUTOCOMMIT":
            return
        if not options.get("writes"):
            connection.exec_driver_sql("BEGIN")
            return
        # Take the write lock at BEGIN: a transaction that has read cannot wait for it later. We wait in Python, because
        # SQLite's own wait blocks Ctrl-C.
        connection.exec_driver_sql("PRAGMA busy_timeout = 0")
        _when_unlocked(lambda: connection.exec_driver_sql("BEGIN IMMEDIATE"), timeout)
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {timeout * 1000:.0f}")


def _changed_without_locks(file: Path) -> int | None:
    """The time of the last change, if SQLite cannot lock the file because it can make no files beside it; else None."""
    if os.access(file.parent, os.W_OK) or Path(f"{file}-wal").exists():
        return None
    return file.stat().st_mtime_ns


def _read_without_locks(engine: Engine, file: Path) -> None:
    """Open a file that SQLite cannot lock as one that does not change. `check_unchanged` checks that it did not."""

    @event.listens_for(engine, "do_connect")
    def connect(dialect: Dialect, _: Any, __: Any, options: dict[str, Any]) -> DBAPIConnection | None:
        if not _changed_without_locks(file):
            return None  # connect as usual
        return dialect.connect(f"{file.absolute().as_uri()}?mode=ro&immutable=1", **{**options, "uri": True})
