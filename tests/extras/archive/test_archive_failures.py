"""Whatever goes wrong with an archive is an error of ours, shows no password and loses nothing."""

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from contextlib import closing
from datetime import date
from pathlib import Path

import psycopg
import pytest
from archive_steps import FakeWallet
from binance_wallet import NetworkError
from binance_wallet_extras.archive import Archive, ArchiveError, NotRecordedError
from sqlalchemy import Engine, event, make_url


@pytest.fixture
def archive_path(tmp_path):
    return tmp_path / "archive.sqlite"


def test_a_sqlite_archive_is_readable_by_its_owner_only(archive_path, fake_wallet):
    previous = os.umask(0)
    try:
        Archive(archive_path).update(fake_wallet, "SPOT")
    finally:
        os.umask(previous)
    assert archive_path.stat().st_mode & 0o777 == 0o600


def test_a_file_of_the_users_own_keeps_its_mode(archive_path, fake_wallet):
    archive_path.touch(0o644)
    Archive(archive_path).update(fake_wallet, "SPOT")
    assert archive_path.stat().st_mode & 0o777 == 0o644


def test_the_write_ahead_log_is_readable_by_its_owner_only(archive_path, fake_wallet):
    Archive(archive_path).update(fake_wallet, "SPOT")
    with closing(sqlite3.connect(archive_path)) as connection:
        connection.execute("DELETE FROM archive_version")
        assert Path(f"{archive_path}-wal").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("name", ["", "file/archive.sqlite"])
def test_a_place_that_cannot_be_written_is_known_before_a_call(tmp_path, fake_wallet, name):
    """The archive's path is a folder, or leads through a file."""
    (tmp_path / "file").write_text("text")
    with pytest.raises(ArchiveError, match=str(tmp_path)):
        Archive(tmp_path / name).update(fake_wallet, "SPOT")
    with pytest.raises(ArchiveError):
        Archive(tmp_path / name).record_balances(fake_wallet)
    assert fake_wallet.calls == []


def run(script, archive_path, **values):
    """Run a script in a process of its own, and return its output. It has `archive`, and `wallet`, the client."""
    start = """
import os, resource, signal, sys
sys.path.insert(0, {folder!r})
from archive_steps import FakeWallet
from binance_wallet_extras.archive import Archive, ArchiveError
archive, wallet = Archive({path!r}), FakeWallet()
"""
    code = (start + script).format(folder=str(Path(__file__).parent), path=str(archive_path), **values)
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout


READ_ONLY = """
archive.status()  # imports what it needs
if os.getuid() == 0:  # who may write everything
    os.setuid(65534)
try:
    archive.record_balances(wallet)
except ArchiveError as error:
    print(error)
"""


def test_a_file_that_may_only_be_read_is_not_written(archive_path, fake_wallet):
    Archive(archive_path).update(fake_wallet, "SPOT")
    before = Archive(archive_path).snapshots("SPOT")
    archive_path.chmod(0o444)
    assert f"the archive {archive_path} failed" in run(READ_ONLY, archive_path)
    assert Archive(archive_path).snapshots("SPOT") == before


READ_ONLY_FOLDER = """
archive.status()  # imports what it needs
if os.getuid() == 0:  # who may write everything
    os.setuid(65534)
again = Archive({path!r})
print(len(again.snapshots("SPOT")), again.status()[0].days, len(again.balances()))
try:
    again.update(wallet, "MARGIN")
except ArchiveError as error:
    print(error, len(wallet.calls))
"""


@pytest.fixture
def read_only_folder(fake_wallet):
    """A folder that cannot be written, with an archive that has characters of URLs in its name; its path."""
    # Not below a tmp_path: another user cannot look in there.
    folder = Path(tempfile.mkdtemp(prefix="binance-wallet-archive-"))
    archive_path = folder / "100% mine? #1.sqlite"
    Archive(archive_path).update(fake_wallet, "SPOT")
    Archive(archive_path).record_balances(fake_wallet)
    archive_path.chmod(0o644)
    folder.chmod(0o555)
    yield archive_path
    folder.chmod(0o755)
    shutil.rmtree(folder)


def test_an_archive_in_a_folder_that_may_only_be_read_is_read(read_only_folder):
    read, written = run(READ_ONLY_FOLDER, read_only_folder).splitlines()
    assert read == "30 30 10"
    assert written == f"the archive {read_only_folder} failed: attempt to write a readonly database 0"


def test_an_archive_in_such_a_folder_is_read_while_another_process_that_may_write_has_it_open(read_only_folder):
    """The changes of the other process are in its write-ahead log."""
    with closing(sqlite3.connect(read_only_folder)) as other, other:
        read_only_folder.parent.chmod(0o755)
        other.execute("DELETE FROM snapshots WHERE day < (SELECT max(day) FROM snapshots)")
        other.commit()
        read_only_folder.parent.chmod(0o555)
        assert run(READ_ONLY_FOLDER, read_only_folder).startswith("1 1 10\n")


def test_an_archive_in_such_a_folder_that_changes_while_it_is_read_is_an_error(archive_path, fake_wallet, monkeypatch):
    """Then SQLite may have mixed old and new content."""
    Archive(archive_path).update(fake_wallet, "SPOT")
    access = os.access
    monkeypatch.setattr(os, "access", lambda place, mode: Path(place) != archive_path.parent and access(place, mode))
    archive = Archive(archive_path)
    assert len(archive.snapshots("SPOT")) == 30

    def change(*_):
        with closing(sqlite3.connect(archive_path)) as other, other:
            other.execute("DELETE FROM assets")

    event.listen(Engine, "connect", change, once=True)
    with pytest.raises(ArchiveError, match="changed while it was read: read it again"):
        archive.snapshots("SPOT")
    assert len(archive.snapshots("SPOT")) == 30


def test_a_file_that_is_no_database_stays_as_it_is(archive_path, fake_wallet):
    archive_path.write_text("a letter to my aunt " * 100)
    for call in (lambda: Archive(archive_path).update(fake_wallet, "SPOT"), Archive(archive_path).status):
        with pytest.raises(ArchiveError, match="file is not a database"):
            call()
    assert archive_path.read_text().startswith("a letter to my aunt")


def test_a_database_of_another_program_stays_as_it_is(archive_path, fake_wallet):
    with closing(sqlite3.connect(archive_path)) as connection:
        connection.execute("CREATE TABLE theirs (content)")
    archive_path.chmod(0o644)
    before = archive_path.read_bytes()
    with pytest.raises(NotRecordedError):
        Archive(archive_path).status()
    with pytest.raises(ArchiveError, match="has tables of another program"):
        Archive(archive_path).update(fake_wallet, "SPOT")
    assert fake_wallet.calls == []
    assert archive_path.read_bytes() == before
    assert archive_path.stat().st_mode & 0o777 == 0o644


def test_a_program_that_reads_the_archive_does_not_hold_an_update_up(archive_path, fake_wallet):
    Archive(archive_path).update(fake_wallet, "SPOT")
    with closing(sqlite3.connect(archive_path, isolation_level=None)) as other:
        other.execute("BEGIN")
        other.execute("SELECT * FROM snapshots").fetchone()
        assert len(Archive(f"sqlite:///{archive_path}?timeout=0.1").update(fake_wallet, "MARGIN")) == 30


def test_an_archive_that_another_program_has_locked_is_waited_for_and_then_given_up(archive_path, fake_wallet):
    Archive(archive_path).update(fake_wallet, "SPOT")
    with closing(sqlite3.connect(archive_path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(ArchiveError, match="database is locked"):
            Archive(f"sqlite:///{archive_path}?timeout=0.1").update(fake_wallet, "MARGIN")
        assert len(Archive(archive_path).snapshots("SPOT")) == 30  # reading goes on
    assert len(Archive(archive_path).update(fake_wallet, "MARGIN")) == 30


INTERRUPTED = """
signal.signal(signal.SIGALRM, signal.default_int_handler)
signal.setitimer(signal.ITIMER_REAL, 0.2)
try:
    archive.update(wallet, "MARGIN")
except KeyboardInterrupt:
    print("interrupted")
"""


def test_ctrl_c_ends_the_wait_for_a_locked_archive(archive_path, fake_wallet):
    """SQLite's own wait, of 30 seconds, would go on."""
    Archive(archive_path).update(fake_wallet, "SPOT")
    with closing(sqlite3.connect(archive_path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        started = time.monotonic()
        assert run(INTERRUPTED, archive_path) == "interrupted\n"
        assert time.monotonic() - started < 20
    assert len(Archive(archive_path).update(fake_wallet, "MARGIN")) == 30


def test_a_postgresql_archive_that_is_locked_is_waited_for_and_then_given_up(postgres_url, fake_wallet):
    Archive(postgres_url).update(fake_wallet, "SPOT")
    with psycopg.connect(postgres_url) as other:
        other.execute("SELECT version FROM archive_version FOR UPDATE")
        with pytest.raises(ArchiveError, match="lock timeout"):
            Archive(f"{postgres_url}?options=-clock_timeout%3D100ms").update(fake_wallet, "MARGIN")
    assert len(Archive(postgres_url).update(fake_wallet, "MARGIN")) == 30


FULL_DISK = """
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size}))  # each file, as a full disk would
try:
    archive.update(wallet, "MARGIN")
except ArchiveError as error:
    print(error)
"""


def test_a_full_disk_loses_nothing(archive_path, fake_wallet):
    Archive(archive_path).update(fake_wallet, "SPOT")
    before = Archive(archive_path).snapshots("SPOT")
    said = run(FULL_DISK, archive_path, size=archive_path.stat().st_size - 8192)
    assert f"the archive {archive_path} failed: d" in said  # "disk I/O error", or "database or disk is full"
    assert Archive(archive_path).snapshots("SPOT") == before
    assert len(Archive(archive_path).update(fake_wallet, "MARGIN")) == 30


NO_ROOM_FOR_A_COPY = """
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))
try:
    archive.update(wallet, "SPOT")
except ArchiveError as error:
    print(error, len(wallet.calls))
"""


def test_a_copy_that_does_not_fit_on_the_disk_stops_a_migration(archive_path):
    with closing(sqlite3.connect(archive_path)) as connection:
        connection.executescript(Path(__file__).with_name("archive_version_1.sql").read_text(encoding="utf-8"))
    archive_path.chmod(0o600)
    said = run(NO_ROOM_FOR_A_COPY, archive_path)
    assert said.startswith(f"the copy {archive_path}.version-1 cannot be written: d")
    assert said.endswith(" 0\n")
    assert [file.name for file in archive_path.parent.iterdir()] == [archive_path.name]
    assert Archive(archive_path).status()[0].days == 1


def test_a_call_that_fails_leaves_the_archive_as_it_was(archive, fake_wallet):
    archive.update(fake_wallet, "SPOT")

    def lost(*_, **__):
        raise NetworkError("no response")

    fake_wallet.snapshots = lost
    with pytest.raises(NetworkError):
        archive.update(fake_wallet, "MARGIN")
    assert [status.type for status in archive.status()] == ["SPOT"]


@pytest.mark.parametrize("call", [lambda archive, wallet: archive.update(wallet, "SPOT"), Archive.record_balances])
def test_a_call_that_fails_makes_no_archive(each_url, archive_path, call):
    def lost(*_, **__):
        raise NetworkError("no response")

    wallet = FakeWallet()
    wallet.snapshots = wallet.balances = lost
    with pytest.raises(NetworkError):
        call(Archive(each_url), wallet)
    with pytest.raises(NotRecordedError, match="there is no archive at"):
        Archive(each_url).status()
    assert not archive_path.exists()
    assert len(Archive(each_url).update(FakeWallet(), "SPOT")) == 30


def test_a_response_without_a_day_makes_an_archive(each_url, fake_wallet):
    fake_wallet.snapshots = lambda *_, **__: []
    assert Archive(each_url).update(fake_wallet, "MARGIN") == []
    assert Archive(each_url).status() == []


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="only Linux has this folder, in which nobody makes files")
def test_a_folder_in_which_no_file_can_be_made_is_known_before_a_call(fake_wallet):
    archive = Archive("/proc/new.sqlite")
    for call in (lambda: archive.update(fake_wallet, "SPOT"), lambda: archive.record_balances(fake_wallet)):
        with pytest.raises(ArchiveError, match=r"the archive /proc/new\.sqlite failed: "):
            call()
    assert fake_wallet.calls == []


def test_a_role_that_may_make_no_tables_is_refused_before_a_call(postgres_url, fake_wallet):
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("CREATE ROLE maker LOGIN PASSWORD 'right-password'")
        try:
            url = make_url(postgres_url).set(username="maker", password="right-password")
            with pytest.raises(ArchiveError, match=r"permission denied for schema public|no schema"):
                Archive(url.render_as_string(hide_password=False)).update(fake_wallet, "SPOT")
        finally:
            connection.execute("DROP ROLE maker")
    assert fake_wallet.calls == []


def test_a_wrong_password_is_not_shown(postgres_url):
    archive = Archive(postgres_url.replace("right-password", "s3cret-word"))
    with pytest.raises(ArchiveError, match="password authentication failed") as caught:
        archive.status()
    assert "s3cret-word" not in "".join(traceback.format_exception(caught.value))
    assert "s3cret-word" not in repr(archive)


@pytest.mark.parametrize(
    ("password", "database", "message"),
    [
        ("r", None, "permission denied for table archive_version"),
        ("gone", "gone", 'database "***" does not exist'),
        ("long-enough", "not-long-enough-yet", 'database "not-***-yet" does not exist'),
    ],
)
def test_a_short_password_is_redacted_only_as_a_word(postgres_url, fake_wallet, password, database, message):
    Archive(postgres_url).update(fake_wallet, "SPOT")
    url = make_url(postgres_url).set(username="reader", password=password)
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("GRANT USAGE ON SCHEMA public TO PUBLIC")
        connection.execute(f"CREATE ROLE reader LOGIN PASSWORD '{password}'")
        try:
            with pytest.raises(ArchiveError) as caught:
                Archive(url.set(database=database or url.database).render_as_string(hide_password=False)).status()
        finally:
            connection.execute("DROP ROLE reader")
    assert message in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:s3cret-word@127.0.0.1:port/wallets",
        "postgresql://me:s3cret-word@127.0.0.1:1/wallets",
        "postgresql://127.0.0.1:1/wallets?user=me&password=s3cret-word",
        "postgresql://me:s3cret-word@127.0.0.1:1/wallets?nonsense=1",
        "mysql://me:s3cret-word@127.0.0.1/wallets",
        "://me:s3cret-word@",
    ],
)
def test_an_address_that_does_not_work_is_an_error_without_its_password(url):
    with pytest.raises(ArchiveError) as caught:
        Archive(url).status()
    assert "s3cret-word" not in "".join(traceback.format_exception(caught.value))


def test_a_path_may_have_any_characters(tmp_path, fake_wallet):
    archive_path = tmp_path / "what? 100% of it & more.sqlite"
    Archive(archive_path).update(fake_wallet, "SPOT")
    assert [file.name for file in tmp_path.iterdir()] == [archive_path.name]


@pytest.mark.parametrize("url", ["~/archive.sqlite", "sqlite:///~/archive.sqlite"])
def test_a_path_may_begin_with_the_home_directory(tmp_path, monkeypatch, fake_wallet, url):
    monkeypatch.setenv("HOME", str(tmp_path))
    Archive(url).update(fake_wallet, "SPOT")
    assert (tmp_path / "archive.sqlite").exists()
    with pytest.raises(ArchiveError):
        Archive(url.replace("~", "~nobody-here"))


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "sqlite:///file:archive?mode=ro&uri=true"])
def test_an_archive_that_is_no_plain_file_is_refused(url):
    with pytest.raises(ArchiveError, match="is a file"):
        Archive(url)


@pytest.mark.parametrize("option", ["timeout=abc", "check_same_thread=x"])
def test_an_option_that_is_wrong_is_an_error_of_ours(archive_path, option, fake_wallet):
    with pytest.raises(ArchiveError):
        Archive(f"sqlite:///{archive_path}?{option}").update(fake_wallet, "SPOT")


def test_a_server_that_is_gone_in_mid_update_loses_nothing(postgres_url, fake_wallet):
    """The update waits for a lock when its connection is cut."""
    archive = Archive(postgres_url)
    archive.update(fake_wallet, "SPOT")
    raised = []

    def update():
        try:
            archive.update(fake_wallet, "MARGIN")
        except ArchiveError as error:
            raised.append(error)

    with psycopg.connect(postgres_url) as locking, psycopg.connect(postgres_url, autocommit=True) as other:
        locking.execute("LOCK TABLE assets")
        thread = threading.Thread(target=update)
        thread.start()
        waiting = "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        deadline = time.monotonic() + 20
        while not (pids := other.execute(waiting).fetchall()) and time.monotonic() < deadline:
            time.sleep(0.01)
        other.execute("SELECT pg_terminate_backend(%s)", pids[0])
        thread.join()
    assert "connection" in str(raised[0])
    assert [status.type for status in archive.status()] == ["SPOT"]
    assert len(archive.update(fake_wallet, "MARGIN")) == 30


def test_an_unknown_account_is_an_error_that_names_the_known_ones(archive, fake_wallet):
    archive.update(fake_wallet, "SPOT")
    archive.record_balances(fake_wallet, account="second")
    for call in (
        lambda: archive.snapshots("SPOT", account="third"),
        lambda: archive.balances(account="third"),
        lambda: archive.status("third"),
    ):
        with pytest.raises(NotRecordedError, match="has no account 'third': it has main, second"):
            call()


def test_a_period_without_data_is_an_error(archive, fake_wallet):
    archive.update(fake_wallet, "SPOT")
    with pytest.raises(NotRecordedError, match="no spot snapshots of account 'main' from 2019-01-01 to 2019-12-31"):
        archive.snapshots("SPOT", start=date(2019, 1, 1), end=date(2019, 12, 31))
    with pytest.raises(NotRecordedError, match="no balances in EUR"):
        archive.balances(quote_asset="EUR")
    with pytest.raises(NotRecordedError, match="no futures snapshots"):
        archive.snapshots("FUTURES")


def test_an_archive_that_is_not_there_is_not_made_by_reading(url, archive_path):
    for call in (
        lambda: Archive(url).status(),
        lambda: Archive(url).snapshots("SPOT"),
        lambda: Archive(url).balances(),
    ):
        with pytest.raises(NotRecordedError, match="there is no archive at"):
            call()
    assert not archive_path.exists()


def test_an_archive_of_which_only_the_file_was_made_is_made_by_the_next_update(archive_path, fake_wallet):
    archive_path.touch()
    with pytest.raises(NotRecordedError, match="there is no archive at"):
        Archive(archive_path).status()
    assert len(Archive(archive_path).update(fake_wallet, "SPOT")) == 30


def test_an_archive_that_was_deleted_while_it_is_used_is_made_again(archive_path, fake_wallet):
    archive = Archive(archive_path)
    archive.update(fake_wallet, "SPOT")
    for file in archive_path.parent.glob(f"{archive_path.name}*"):
        file.unlink()
    with pytest.raises(NotRecordedError, match="there is no archive at"):
        archive.status()
    assert not archive_path.exists()
    assert len(archive.update(fake_wallet, "SPOT")) == 30
    assert archive_path.stat().st_mode & 0o777 == 0o600


def test_damaged_content_is_an_error_that_names_the_day(archive_path, fake_wallet):
    Archive(archive_path).update(fake_wallet, "SPOT")
    with closing(sqlite3.connect(archive_path)) as connection, connection:
        connection.execute("UPDATE snapshots SET content = '{}' WHERE day = (SELECT max(day) FROM snapshots)")
    with pytest.raises(ArchiveError, match=r"damaged at \d{4}-\d\d-\d\d"):
        Archive(archive_path).snapshots("SPOT")


def test_no_secret_is_in_an_archive(archive_path):
    secret = "k" * 64
    wallet = FakeWallet()
    wallet.api_secret = secret
    Archive(archive_path).update(wallet, "SPOT")
    Archive(archive_path).record_balances(wallet)
    assert secret.encode() not in archive_path.read_bytes()
