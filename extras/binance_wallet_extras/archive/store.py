"""The database of an archive: its transactions and its version. Its errors become `ArchiveError`s."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, Protocol

from sqlalchemy import false, insert, inspect, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError, NoSuchTableError, ProgrammingError, SQLAlchemyError

from . import migrations, schema
from .content import DamageError
from .errors import ArchiveError, NotRecordedError
from .location import File, Server, locate
from .sqlite import SqliteDatabase

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from sqlalchemy import Connection, Engine
    from sqlalchemy.sql import Select

__all__ = ["Store"]

_VERSION: Final = schema.archive_version.c.version
_LONG_PASSWORD: Final = 8  # characters: it is redacted inside words, too


class _Database(Protocol):
    """The differences between SQLite and PostgreSQL: see `SqliteDatabase`."""

    engine: Engine

    def is_gone(self) -> bool: ...
    def exists(self) -> bool: ...
    def ensure_exists(self) -> None: ...
    def check_creatable(self, version_table: str, make_tables: Callable[[Connection], None]) -> None: ...
    def check_database(self, connection: Connection) -> None: ...
    def before_first_tables(self, version_table: str) -> None: ...
    def copy(self, connection: Connection, tables: list[str], label: str) -> str: ...
    def self_check(self, connection: Connection) -> list[str]: ...
    def check_unchanged(self) -> AbstractContextManager[None]: ...


class Store:
    """A database with the tables of `schema`. The first write makes them, or brings older ones up to date."""

    def __init__(self, location: str | os.PathLike[str], *, create: bool = True) -> None:
        place = locate(location)
        self.name = place.name
        self._create_allowed = create
        self._secrets = [_pattern(each) for each in place.secrets] if isinstance(place, Server) else []
        self._database = _database(place)
        self._engine = self._database.engine
        self._writer = self._engine.execution_options(writes=True)
        self._is_found = self._is_ready = False

    def close(self) -> None:
        """Give up all connections."""
        self._engine.dispose()

    def exists(self) -> bool:
        """Whether there is an archive."""
        with self._own_errors():
            try:
                self._check_exists()
            except NotRecordedError:
                return False
            return True

    def check_creatable(self) -> None:
        """Raise ArchiveError if the first write cannot make the archive, or must not."""
        with self._own_errors():
            if not self._create_allowed:
                raise self._no_archive()
            self._database.check_creatable(schema.archive_version.name, self._make_tables)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a transaction that only reads, also an archive of an older version.

        Raises NotRecordedError if there is no archive yet.
        """
        with self._own_errors():
            self._check_exists()
            # No commit at the end: SQLite refuses it after it has found damage.
            with self._database.check_unchanged(), self._engine.connect() as connection:
                self._begin(connection, select(_VERSION))
                yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Open a transaction that writes all or nothing. Writers wait for each other."""
        with self._own_errors():
            self._make_ready()
            with self._writer.begin() as connection:
                # SQLite ignores FOR UPDATE: BEGIN IMMEDIATE has locked the file.
                self._begin(connection, select(_VERSION).with_for_update())
                # On a read-only file, SQLite fails only at the first write. This one changes nothing.
                connection.execute(update(schema.archive_version).where(false()).values(version=0))
                yield connection

    def copy(self, connection: Connection, label: str) -> str:
        """Copy the whole archive, and return where the copy is."""
        return self._database.copy(connection, [*schema.metadata.tables], label)

    def self_check(self, connection: Connection) -> list[str]:
        """The problems that the database finds in itself."""
        return self._database.self_check(connection)

    def _check_exists(self) -> None:
        """Raises NotRecordedError."""
        if self._is_found and not self._database.is_gone():
            return
        if not self._database.exists():
            raise self._no_archive()
        with self._engine.begin() as connection:
            if self._version_if_any(connection) is None:
                raise self._no_archive()
        self._is_found = True

    def _make_ready(self) -> None:
        if self._is_ready and not self._database.is_gone():
            return
        if not self._create_allowed:
            self._check_exists()
        self._database.ensure_exists()
        with self._engine.begin() as connection:
            version = self._version_if_any(connection)
            self._database.check_database(connection)
        if version is None:
            self._create()
        elif version < migrations.current_version():
            self._migrate()
        self._is_found = self._is_ready = True

    def _create(self) -> None:
        self._database.before_first_tables(schema.archive_version.name)
        try:
            with self._writer.begin() as connection:
                if self._version_if_any(connection) is None:
                    self._make_tables(connection)
        except (IntegrityError, ProgrammingError):
            with self._engine.begin() as connection:
                if self._version_if_any(connection) is None:
                    raise
            # Another process was faster: PostgreSQL lets two make the same table, and then refuses one of them.

    def _make_tables(self, connection: Connection) -> None:
        schema.metadata.create_all(connection, checkfirst=False)  # never into tables of another program
        connection.execute(insert(schema.archive_version).values(version=migrations.current_version()))

    def _migrate(self) -> None:
        with self._writer.begin() as connection:
            version = self._begin(connection, select(_VERSION).with_for_update())
            if version >= migrations.current_version():
                return  # another process was faster
            self.copy(connection, f"version-{version}")
            for step in migrations.MIGRATIONS[version - 1 :]:
                step(connection)
            connection.execute(update(schema.archive_version).values(version=migrations.current_version()))

    def _begin(self, connection: Connection, query: Select[int]) -> int:
        """Read the version, check it, and keep it with the connection."""
        found = connection.scalars(query.limit(2)).all()
        match found:
            case [int(version)] if version > 0:
                pass
            case _:
                raise self._not_ours()
        if version > migrations.current_version():
            raise ArchiveError(
                f"the archive {self.name} is of version {version}, and this binance-wallet reads versions up to "
                f"{migrations.current_version()}: update binance-wallet"
            )
        connection.execution_options(archive_version=version)
        return version

    def _version_if_any(self, connection: Connection) -> int | None:
        try:
            columns = inspect(connection).get_columns(schema.archive_version.name)
        except NoSuchTableError:
            return None
        if [column["name"] for column in columns] != [_VERSION.name]:
            raise self._not_ours()
        return self._begin(connection, select(_VERSION))

    def _not_ours(self) -> ArchiveError:
        return ArchiveError(
            f"the table {schema.archive_version.name} at {self.name} is of another program, or damaged: "
            "give the archive a place of its own, or go back to a copy"
        )

    def _no_archive(self) -> NotRecordedError:
        return NotRecordedError(f"there is no archive at {self.name} yet: an update makes one")

    @contextmanager
    def _own_errors(self) -> Iterator[None]:
        try:
            yield
        except DamageError as error:
            raise ArchiveError(f"the archive {self.name} is damaged {error}") from None
        except UnicodeError:  # SQLite's message quotes damaged bytes
            raise ArchiveError(f"the archive {self.name} is damaged: go back to a copy") from None
        except (SQLAlchemyError, OSError) as error:
            said = error.orig if isinstance(error, DBAPIError) else getattr(error, "strerror", None) or error
            message = " ".join(str(said).split())
            for secret in self._secrets:
                message = secret.sub("***", message)
            # The cause is left out, because drivers may quote the URL.
            raise ArchiveError(f"the archive {self.name} failed: {message}") from None


def _database(place: File | Server) -> _Database:
    if isinstance(place, File):
        return SqliteDatabase(place)
    from .postgresql import PostgresDatabase  # its driver comes with another extra

    return PostgresDatabase(place)


def _pattern(password: str) -> re.Pattern[str]:
    """A pattern to redact in messages. A short password is redacted only as a whole word: `r` is in many words."""
    found = re.escape(password)
    return re.compile(found if len(password) >= _LONG_PASSWORD else rf"(?<!\w){found}(?!\w)")
