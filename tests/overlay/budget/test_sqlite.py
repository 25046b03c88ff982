"""The file: who may read it, and what becomes of calls when it fails."""

import logging
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NoReturn

import anyio
import pytest
from binance_wallet.budget import Blocked, Release, Reserve
from binance_wallet.budget.operations import Block, Confirm, Full
from binance_wallet.budget.shared import StoreError
from binance_wallet.budget.sqlite import SqliteStore

from .stores import EVERYTHING, NOW, PATH, assert_counts_alone, reserve, warnings


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "budget.db"


def child(path: Path, *code: str) -> subprocess.Popen[str]:
    """Another process that has the store of this file."""
    setup = f"""
import logging, time
from pathlib import Path
from binance_wallet.budget import Reserve
from binance_wallet.budget.sqlite import SqliteStore
logging.basicConfig(format="%(levelname)s %(message)s")
store, everything = SqliteStore(Path({str(path)!r}), "test"), {EVERYTHING!r}
"""
    command = [sys.executable, "-c", "\n".join([setup, *code])]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def new_store(path: Path) -> SqliteStore:
    return SqliteStore(path, "test")


def test_only_its_owner_may_read_it(path: Path) -> None:
    reserve(new_store(path))
    modes = {file.name: file.stat().st_mode & 0o777 for file in path.parent.iterdir()}
    assert set(modes.values()) == {0o600}
    assert path.name in modes


def test_what_it_holds_outlives_the_process(path: Path) -> None:
    reserve(new_store(path))
    assert reserve(new_store(path)) == Full()


def test_two_addresses_in_one_file_do_not_count_together(path: Path) -> None:
    reserve(SqliteStore(path, "one"))
    assert reserve(SqliteStore(path, "other")) is None


def test_a_file_that_is_no_database(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path.write_text("These are my notes.\n" * 100)
    assert_counts_alone(new_store(path), caplog, "not a database")
    assert path.read_text().startswith("These are my notes.")


def test_the_database_of_another_program_is_left_alone(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE bookmarks (url TEXT)")
    connection.close()
    assert_counts_alone(new_store(path), caplog, "another program")
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT name FROM sqlite_schema").fetchall() == [("bookmarks",)]
    connection.close()


def test_a_file_of_a_later_version(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    reserve(new_store(path))
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 2")
    connection.close()
    assert_counts_alone(new_store(path), caplog, "later version")


def test_a_row_that_does_not_hold_what_it_should(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    reserve(new_store(path))
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE budget SET state = '{\"usage\": 7}'")
    connection.close()
    assert_counts_alone(new_store(path), caplog, "Expected `object`")


def test_a_directory_that_is_gone(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    store = new_store(path / "gone" / "budget.db")
    assert_counts_alone(store, caplog, f"{path}/gone/budget.db: No such file or directory")


def test_a_file_that_is_gone_is_made_anew(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Programs that clean up temporary files know nothing of us."""
    store = new_store(path)
    reserve(store)
    for file in path.parent.iterdir():
        file.unlink()
    reserve(store)
    assert reserve(new_store(path)) == Full()
    assert not warnings(caplog)


def test_a_file_that_another_process_has_made_anew_is_used_in_place_of_the_one_that_is_gone(path: Path) -> None:
    store, half = new_store(path), EVERYTHING._replace(weight=6000)
    store.perform(half, time.monotonic() + 60)
    for file in path.parent.iterdir():
        file.unlink()
    reserve(new_store(path))
    assert store.perform(half, time.monotonic() + 60) == Full()


def test_a_second_store_of_the_process_leaves_the_locks_of_the_first_one_alone(path: Path) -> None:
    """Without them, another process that ends takes itself for the last one, and deletes the write-ahead log."""
    stores = new_store(path), SqliteStore(path, "another")
    for store in stores:
        reserve(store)
    with child(path, "store.perform(everything, time.monotonic() + 60)") as process:
        assert process.wait(timeout=30) == 0
    assert (path.parent / f"{path.name}-wal").exists()


@pytest.fixture
def lock(path: Path):
    """Another process's, held too long."""
    reserve(SqliteStore(path, "another"))
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    yield connection
    connection.close()


def test_a_file_that_is_locked_for_long(path: Path, lock: sqlite3.Connection, caplog: pytest.LogCaptureFixture) -> None:
    store = new_store(path)
    store.max_timeout = 0.5
    assert_counts_alone(store, caplog, "locked")


def test_a_wait_for_a_lock_leaves_time_for_the_call(path: Path, lock: sqlite3.Connection) -> None:
    began = time.monotonic()
    assert reserve(new_store(path), seconds=0.9) is None
    assert 0.25 < time.monotonic() - began < 0.85


def test_callers_that_meet_a_lock_at_the_same_time_lengthen_the_pause_once(
    path: Path, lock: sqlite3.Connection
) -> None:
    """After a second, not after half a minute, the store is tried again."""
    store = new_store(path)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: reserve(store, seconds=0.6), range(8)))
    lock.execute("COMMIT")
    time.sleep(1.1)
    assert reserve(store) is None
    assert store.failure is None


def test_the_wait_for_a_lock_does_not_hold_up_the_event_loop(path: Path, lock: sqlite3.Connection) -> None:
    store, ticks = new_store(path), []

    async def tick() -> None:
        while True:
            ticks.append(time.monotonic())
            await anyio.sleep(0.01)

    async def main() -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(tick)
            await store.aperform(EVERYTHING, time.monotonic() + 1.5)
            group.cancel_scope.cancel()

    anyio.run(main)
    assert len(ticks) > 5


def test_a_lock_that_ends_is_waited_for(path: Path, lock: sqlite3.Connection) -> None:
    with child(path, "print('asking', flush=True)", "store.perform(everything, time.monotonic() + 60)") as process:
        assert process.stdout.readline() == "asking\n"
        time.sleep(0.3)
        lock.execute("COMMIT")
        assert process.wait(timeout=30) == 0
    assert reserve(new_store(path)) == Full()


def test_nobody_else_writes_between_what_it_reads_and_what_it_writes(path: Path) -> None:
    """Or one of two reservations would be lost."""
    other = new_store(path)

    def meanwhile() -> float:
        reserve(other, seconds=0.3)
        return time.time()

    reserve(SqliteStore(path, "test", wall=meanwhile))
    assert other.failure == f"{path} is locked by another process"


def test_a_ban_is_told_to_other_processes_even_after_the_deadline(path: Path) -> None:
    new_store(path).perform(Block(NOW + 600, ban=True, now=NOW), time.monotonic() - 1)
    assert reserve(new_store(path)) == Blocked(NOW + 600, ban=True)


def test_a_store_that_works_again_is_used_again(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "binance_wallet")
    store = new_store(path.parent / "later" / "budget.db")
    reserve(store)
    (path.parent / "later").mkdir()
    time.sleep(1.1)
    assert reserve(store) is None  # the new file knows of nothing, and what this process counted alone was its own
    assert reserve(new_store(path.parent / "later" / "budget.db")) == Full()
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]


def test_what_was_not_reserved_in_it_is_not_released_in_it(path: Path) -> None:
    """With too little time left for the file, a request is counted in this process only."""
    minute = EVERYTHING.minutes[0]
    reserve(new_store(path))
    store = new_store(path)
    assert reserve(store, seconds=0.05) is None
    store.perform(Release(PATH, 12_000, (minute,)), time.monotonic() + 60)
    assert reserve(new_store(path)) == Full()
    assert reserve(store, seconds=0.05) is None  # here it was released


def test_what_is_released_while_it_is_out_of_order_is_not_released_once_more_later(path: Path) -> None:
    minute = EVERYTHING.minutes[0]
    release = Release(PATH, 12_000, (minute,))
    store = new_store(path.parent / "later" / "budget.db")
    assert reserve(store) is None  # here only: there is no such directory
    store.perform(release, time.monotonic() + 60)
    (path.parent / "later").mkdir()
    time.sleep(1.1)
    assert reserve(store) is None  # in the file
    store.perform(release, time.monotonic() + 60)
    assert reserve(new_store(path.parent / "later" / "budget.db")) is None


RESERVE_HALF_THREE_TIMES = """
for _ in range(3):
    print(type(store.perform(everything._replace(weight=6000), time.monotonic() + 9)).__name__)
"""


@pytest.mark.parametrize("size", [0, 6000, 40_000])
def test_a_full_disk(path: Path, size: int) -> None:
    reserve(SqliteStore(path, "another"))
    full = f"""
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size}))
"""
    with child(path, full, RESERVE_HALF_THREE_TIMES) as process:
        output, log = process.communicate(timeout=30)
    assert output.splitlines() == ["NoneType", "NoneType", "Full"]
    assert log.count("WARNING") == (0 if size == 40_000 else 1)
    assert reserve(SqliteStore(path, "another")) == Full()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_a_file_that_may_not_be_written() -> None:
    with TemporaryDirectory() as folder:  # pytest's are for their owner alone
        Path(folder).chmod(0o755)
        path = Path(folder, "budget.db")
        reserve(new_store(path))
        path.chmod(0o444)
        with child(path, "import os; os.setgid(65534); os.setuid(65534)", RESERVE_HALF_THREE_TIMES) as process:
            output, log = process.communicate(timeout=30)
    assert output.splitlines() == ["NoneType", "NoneType", "Full"]
    assert "readonly database" in log


def test_a_process_that_is_killed_at_any_moment_leaves_the_file_in_order(path: Path) -> None:
    write_for_ever = """
print('writing', flush=True)
while True:
    store.perform(everything._replace(weight=1), time.monotonic() + 9)
"""
    for delay in (0.0, 0.001, 0.003, 0.01, 0.02):
        with child(path, write_for_ever) as process:
            assert process.stdout.readline() == "writing\n"
            time.sleep(delay)
            process.send_signal(signal.SIGKILL)
        assert reserve(new_store(path)) in (None, Full())
        connection = sqlite3.connect(path)
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        connection.close()


def test_the_child_of_a_fork_goes_on_with_a_connection_of_its_own(path: Path) -> None:
    store = new_store(path)
    store.perform(EVERYTHING._replace(weight=2400), time.monotonic() + 9)
    child = os.fork()
    if child == 0:
        good = all(store.perform(EVERYTHING._replace(weight=2400), time.monotonic() + 9) is None for _ in range(3))
        os._exit(0 if good else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert store.perform(EVERYTHING._replace(weight=2400), time.monotonic() + 9) is None
    assert store.perform(EVERYTHING._replace(weight=2400), time.monotonic() + 9) == Full()


def test_what_was_reserved_in_this_process_only_gives_back_nothing_of_others(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    others, store = new_store(path), new_store(path)
    deadline, minute = time.monotonic() + 60, int(NOW // 60)
    late = Reserve(PATH, 2400, 12_000, (minute, minute + 1), NOW + 55, NOW + 56)
    for _ in range(3):
        assert others.perform(late, deadline) is None
    with monkeypatch.context() as broken:
        broken.setattr("binance_wallet.budget.shared._FIRST_PAUSE", 0.0)
        broken.setattr(SqliteStore, "_attempt", raises(StoreError("out of order")))
        assert store.perform(late, deadline) is None
    store.perform(Confirm(PATH, 2400, late.minutes, minute, 9600, NOW + 55, NOW + 56), deadline)
    others.perform(Reserve(PATH, 0, None, (minute + 1,), NOW + 61, NOW + 62), deadline)
    assert others.used(minute + 1)[PATH] == 7200


def raises(error: Exception) -> Callable[..., NoReturn]:
    def function(*_: object) -> NoReturn:
        raise error

    return function
