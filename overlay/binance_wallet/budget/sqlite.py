"""A budget store for the processes of one machine: a file."""

import os
import random
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from threading import RLock
from typing import Final
from weakref import finalize

import msgspec

from binance_wallet.forks import ForkSafe

from .operations import Operation, Verdict
from .shared import Reply, SharedAddressState, SharedStore, StoreError

_VERSION: Final = 1
_APPLICATION_ID: Final = 0x42574257  # tells our files from those of other programs
_BUSY: Final = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_FIRST_PAUSE, _LONGEST_PAUSE = 0.001, 0.05  # seconds until a lock is tried again
_READ: Final = "SELECT state FROM budget WHERE address = ?"
_WRITE: Final = "INSERT INTO budget VALUES (?, ?) ON CONFLICT (address) DO UPDATE SET state = excluded.state"

# SQLite forbids to use or close a connection in the child of a fork: these are kept as they are.
_inherited: list[sqlite3.Connection] = []

# POSIX drops all locks that a process holds on a file when it closes any descriptor of it. So a file is opened apart
# from SQLite only to create it, and no thread connects to it meanwhile.
_creation: Final = ForkSafe()


class SqliteStore(SharedStore):
    """Thread-safe, and safe between processes: each operation is a transaction of its own.

    The state of an address is one small row. With a write-ahead log that is not flushed each time, a transaction takes
    less than 0.1 ms, so it is done in the event loop, too; only the wait for another process's lock is a sleep. A
    process that is killed leaves nothing behind, and a power failure costs at most the last operations.
    """

    max_timeout = 5.0

    def __init__(self, path: Path, address: str, wall: Callable[[], float] = time.time) -> None:
        self._path = path
        self._address = address
        self._wall = wall
        self._connection: sqlite3.Connection | None = None
        self._inode = 0
        self._decoder = msgspec.json.Decoder(SharedAddressState)
        super().__init__()

    def __str__(self) -> str:
        return str(self._path)

    def init_process_state(self) -> None:
        super().init_process_state()
        self._connection_lock = RLock()
        if self._connection is not None:
            self._closing.detach()
            _inherited.append(self._connection)
            self._connection = None

    def _call(self, operations: Sequence[Operation], seconds: float) -> Reply:
        for pause in _backoff(seconds):
            if (reply := self._attempt(operations)) is not None:
                return reply
            time.sleep(pause)
        raise StoreError(f"{self._path} is locked by another process")

    async def _acall(self, operations: Sequence[Operation], seconds: float) -> Reply:
        for pause in _backoff(seconds):
            if (reply := self._attempt(operations)) is not None:
                return reply
            import anyio  # slow to import, and rarely needed

            await anyio.sleep(pause)
        raise StoreError(f"{self._path} is locked by another process")

    def _attempt(self, operations: Sequence[Operation]) -> Reply | None:
        """Perform the operations in one transaction; None if another process has the lock."""
        with self._connection_lock:
            try:
                return self._perform(self._opened(), operations)
            except sqlite3.OperationalError as error:
                if getattr(error, "sqlite_errorcode", 0) & 0xFF in _BUSY:
                    return None
                self._close()
                raise StoreError(f"{self._path}: {error}") from None
            except OSError as error:
                self._close()
                raise StoreError(f"{self._path}: {error.strerror or error}") from None
            except (sqlite3.Error, msgspec.MsgspecError, TypeError, ValueError, StoreError) as error:
                self._close()
                raise StoreError(f"{self._path}: {error}") from None

    def _perform(self, connection: sqlite3.Connection, operations: Sequence[Operation]) -> Reply:
        verdict: Verdict = None
        with connection:
            connection.execute("BEGIN IMMEDIATE")
            row = connection.execute(_READ, (self._address,)).fetchone()
            before = row[0] if row else b"{}"
            state = self._decoder.decode(before)
            for operation in operations:
                verdict = state.perform_at(self._wall(), operation)
            if (after := msgspec.json.encode(state)) != before:
                connection.execute(_WRITE, (self._address, after))
        return Reply(verdict, state.usage)

    def _opened(self) -> sqlite3.Connection:
        """The open connection, or a new one if the file was deleted or replaced, as cleaners of temporary files do."""
        if self._connection is not None:
            try:
                if self._path.stat().st_ino == self._inode:
                    return self._connection
            except FileNotFoundError:
                pass
            self._close()
        with _creation.lock:
            if not self._path.exists():
                with suppress(FileExistsError):  # another process was faster
                    os.close(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
            self._inode = self._path.stat().st_ino
            connection = sqlite3.connect(self._path, timeout=0, isolation_level=None, check_same_thread=False)
        closing = finalize(self, connection.close)
        try:
            _prepare(connection)
        except BaseException:
            closing()
            raise
        self._connection = connection
        self._closing = closing
        return connection

    def _close(self) -> None:
        if self._connection is not None:
            self._closing()
            self._connection = None


def _prepare(connection: sqlite3.Connection) -> None:
    """Make the table in a new file. Raises StoreError for a file that is not ours."""
    connection.execute("PRAGMA synchronous = NORMAL")
    with connection:
        connection.execute("BEGIN")  # so that all three are of the same moment
        ((tables,),) = connection.execute("SELECT count(*) FROM sqlite_schema")
        ((application,),) = connection.execute("PRAGMA application_id")
        ((version,),) = connection.execute("PRAGMA user_version")
    if application != _APPLICATION_ID and (tables or application or version):
        raise StoreError("this is a database of another program")
    if version > _VERSION:
        raise StoreError("a later version of binance-wallet has written this file")
    if tables:
        return
    connection.execute("PRAGMA journal_mode = WAL")
    with connection:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("CREATE TABLE IF NOT EXISTS budget (address TEXT PRIMARY KEY, state BLOB) WITHOUT ROWID")
        connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {_VERSION}")


def _backoff(seconds: float) -> Iterator[float]:
    """Pauses between attempts, until `seconds` are over: growing ones, of random length."""
    end = time.monotonic() + seconds
    longest = _FIRST_PAUSE
    while time.monotonic() < end:
        yield random.uniform(0, longest)  # noqa: S311 - no secret
        longest = min(2 * longest, _LONGEST_PAUSE)
