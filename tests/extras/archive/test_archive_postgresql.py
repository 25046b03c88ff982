"""PostgreSQL as people have it: behind a pooler, with other settings, shared with other programs, and silent."""

import os
import socket
import sys
import threading
from contextlib import ExitStack, contextmanager, suppress

import postgres_server as postgres
import psycopg
import pytest
from archive_steps import TYPES, FakeWallet
from binance_wallet_extras.archive import Archive, ArchiveError, postgresql
from psycopg import sql
from sqlalchemy import Engine, event, make_url


def fill(archive):
    wallet = FakeWallet(kept=3)
    for type_ in TYPES:
        archive.update(wallet, type_)
    archive.record_balances(wallet)
    return [wallet.snapshots(type_, 30) for type_ in TYPES]


def read(archive):
    archive.balances()
    archive.status()
    return [archive.snapshots(type_) for type_ in TYPES]


@pytest.fixture
def pooled_url(postgres_url):
    if postgres.pgbouncer() is None:
        pytest.skip("PgBouncer is not installed (Debian: apt-get install pgbouncer)")
    with postgres.pooled(make_url(postgres_url).port) as url:
        yield f"{url}/postgres"


def test_an_archive_behind_a_pooler_in_transaction_mode(pooled_url, postgres_url):
    """More archives at once than the pool has connections, each of which sees those of the others."""
    expected = fill(Archive(pooled_url))
    found = []
    threads = [threading.Thread(target=lambda: found.append(read(Archive(pooled_url)))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [expected] * 6
    assert Archive(pooled_url).check() == []
    assert Archive(pooled_url).remove_account("main") == "the tables *_before_removal"


def test_the_options_of_a_url_reach_the_server_behind_a_pooler(pooled_url, postgres_url):
    with psycopg.connect(postgres_url) as connection:
        connection.execute("CREATE SCHEMA ours")
    fill(Archive(f"{pooled_url}?options=-csearch_path%3Dours"))
    with psycopg.connect(postgres_url) as connection:
        assert connection.execute("SELECT count(*) FROM ours.snapshots").fetchone() == (9,)


def test_a_pooler_keeps_no_setting_for_the_next_program(pooled_url):
    Archive(f"{pooled_url}?options=-clock_timeout%3D12345ms").update(FakeWallet(), "SPOT")
    with psycopg.connect(pooled_url, prepare_threshold=None, autocommit=True) as connection:
        for _ in range(4):
            assert connection.execute("SHOW lock_timeout").fetchone() == ("0",)
            assert connection.execute("SHOW statement_timeout").fetchone() == ("0",)


def settings_of(url, names):
    """The settings of each transaction of an update."""
    found = []

    def note(connection):
        found.append([connection.exec_driver_sql(f"SHOW {name}").scalar() for name in names])

    event.listen(Engine, "commit", note)
    try:
        Archive(url).update(FakeWallet(kept=1), "SPOT")
    finally:
        event.remove(Engine, "commit", note)
    [one] = {tuple(each) for each in found}
    return [*one]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("", ["30s", "1min", "10s"]),
        ("?options=-csearch_path%3Dpublic", ["30s", "1min", "10s"]),
        ("?options=-clock_timeout%3D5s", ["5s", "1min", "10s"]),
        ("?options=-c%20statement_timeout%3D2min", ["30s", "2min", "10s"]),
        ("?options=--statement-timeout%3D0%20-c%20lock_timeout%3D1s", ["1s", "0", "10s"]),
        ("?options=-cSTATEMENT_TIMEOUT%3D7s", ["30s", "7s", "10s"]),
        ("?keepalives_idle=5&connect_timeout=3", ["30s", "1min", "10s"]),
    ],
)
def test_no_wait_is_without_end_whatever_the_url_says(postgres_url, options, expected):
    """The last value is the server's own, and shows that only ours are changed."""
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("ALTER DATABASE postgres SET deadlock_timeout = '10s'")
    assert settings_of(postgres_url + options, ["lock_timeout", "statement_timeout", "deadlock_timeout"]) == expected


@pytest.mark.parametrize("options", ["nonsense", "-c", "-clock_timeout", "-x%20y"])
def test_options_that_cannot_be_read_are_refused(options):
    with pytest.raises(ArchiveError, match="options in the URL"):
        Archive(f"postgresql://host/db?options={options}")


def test_an_option_that_the_server_does_not_know_is_an_error_of_ours(postgres_url):
    with pytest.raises(ArchiveError, match="nonsense"):
        Archive(f"{postgres_url}?options=-cnonsense%3D1").status()


@contextmanager
def silent_after(url, number):
    """A proxy that passes on what the server says, up to a number of messages; its URL."""
    port = make_url(url).port
    with ExitStack() as opened, socket.create_server(("127.0.0.1", 0)) as listener:

        def serve():
            while True:
                try:
                    client = opened.enter_context(listener.accept()[0])
                except OSError:
                    return
                server = opened.enter_context(socket.create_connection(("127.0.0.1", port)))
                threading.Thread(target=pass_on, args=(client, server, sys.maxsize)).start()
                threading.Thread(target=pass_on, args=(server, client, number)).start()

        def pass_on(source, target, number):
            with suppress(OSError):
                while number and (data := source.recv(65_536)):
                    target.sendall(data)
                    number -= 1
            if number:  # this side has closed the connection
                with suppress(OSError):
                    target.shutdown(socket.SHUT_WR)

        accepting = threading.Thread(target=serve)
        accepting.start()
        yield url.replace(f":{port}/", f":{listener.getsockname()[1]}/")
        listener.shutdown(socket.SHUT_RDWR)
        accepting.join()


@pytest.mark.parametrize("number", [3, 9, 14])
def test_a_server_that_falls_silent_is_given_up(postgres_url, fake_wallet, monkeypatch, number):
    """After the login, which has a time-out of its own; a server whose machine still answers."""
    Archive(postgres_url).update(FakeWallet(kept=3), "SPOT")
    monkeypatch.setattr(postgresql, "_READ_TIMEOUT", 0.2)
    with silent_after(postgres_url, number) as url, pytest.raises(ArchiveError, match=r"has said nothing for 0\.2 s"):
        Archive(url).update(fake_wallet, "MARGIN")
    assert [each.type for each in Archive(postgres_url).status()] == ["SPOT"]


@pytest.fixture
def database(postgres_url):
    """Make a database with an encoding; return its URL. Each is dropped again."""
    made = []

    def database(encoding):
        made.append(f"in_{encoding.lower()}")
        with psycopg.connect(postgres_url, autocommit=True) as connection:
            query = "CREATE DATABASE {} ENCODING {} LOCALE 'C' TEMPLATE template0"
            connection.execute(sql.SQL(query).format(sql.Identifier(made[-1]), sql.Literal(encoding)))
        return postgres_url.removesuffix("postgres") + made[-1]

    yield database
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        for name in made:
            connection.execute(sql.SQL("DROP DATABASE {} (FORCE)").format(sql.Identifier(name)))


def test_an_archive_in_a_database_without_an_encoding(database):
    url = database("SQL_ASCII")
    assert fill(Archive(url)) == read(Archive(url))


@pytest.mark.parametrize("encoding", ["LATIN1", "EUC_CN"])
def test_a_database_that_lacks_characters_is_refused_before_a_call(database, fake_wallet, encoding):
    url = database(encoding)
    for use in (lambda: Archive(url).update(fake_wallet, "SPOT"), lambda: Archive(url).record_balances(fake_wallet)):
        with pytest.raises(ArchiveError, match=f"has the encoding {encoding}.*ENCODING 'UTF8'"):
            use()
    assert fake_wallet.calls == []


@pytest.mark.parametrize(
    "settings",
    [
        {"client_encoding": "LATIN1", "datestyle": "German", "timezone": "Asia/Kathmandu"},
        {"client_encoding": "SQL_ASCII", "datestyle": "SQL, DMY", "timezone": "<+03>-03", "bytea_output": "escape"},
        {"datestyle": "Postgres, MDY", "standard_conforming_strings": "off", "intervalstyle": "sql_standard"},
        {"default_transaction_isolation": "serializable", "default_transaction_deferrable": "on"},
    ],
)
def test_an_archive_in_a_database_with_settings_of_its_own(postgres_url, settings):
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        for name, value in settings.items():
            connection.execute(f"ALTER DATABASE postgres SET {name} = '{value}'")
        try:
            assert fill(Archive(postgres_url)) == read(Archive(postgres_url))
        finally:
            connection.execute("ALTER DATABASE postgres RESET ALL")


@pytest.mark.parametrize(
    "theirs",
    [
        "CREATE TABLE archive_version (id int, name text)",
        "CREATE TABLE archive_version (version text); INSERT INTO archive_version VALUES ('2.0')",
        "CREATE TABLE archive_version (version int)",
        "CREATE TABLE archive_version (version int); INSERT INTO archive_version VALUES (1), (2)",
        "CREATE TABLE archive_version (version int); INSERT INTO archive_version VALUES (NULL)",
        "CREATE TABLE archive_version (version numeric); INSERT INTO archive_version VALUES (2.5)",
        "CREATE VIEW archive_version AS SELECT now() AS version",
        "CREATE TABLE archive_version ()",
    ],
)
def test_a_table_of_another_program_with_our_name_stays_as_it_is(postgres_url, fake_wallet, theirs):
    with psycopg.connect(postgres_url) as connection:
        connection.execute(theirs)
    for use in (Archive(postgres_url).status, lambda: Archive(postgres_url).update(fake_wallet, "SPOT")):
        with pytest.raises(ArchiveError, match="is of another program, or damaged"):
            use()
    assert fake_wallet.calls == []


def test_other_tables_of_another_program_are_an_error_before_a_call(postgres_url, fake_wallet):
    with psycopg.connect(postgres_url) as connection:
        connection.execute("CREATE TABLE assets (id int)")
    with pytest.raises(ArchiveError, match='"assets" already exists'):
        Archive(postgres_url).update(fake_wallet, "SPOT")
    assert fake_wallet.calls == []


@pytest.mark.parametrize("day", ["infinity", "0044-03-15 BC"])
def test_a_day_that_python_lacks_is_an_error_of_ours(postgres_url, day):
    Archive(postgres_url).update(FakeWallet(kept=3), "SPOT")
    with psycopg.connect(postgres_url) as connection:
        connection.execute("UPDATE snapshots SET day = %s::date WHERE id = 1", [day])
    for use in (Archive(postgres_url).status, lambda: Archive(postgres_url).snapshots("SPOT")):
        with pytest.raises(ArchiveError):
            use()
    assert any(line.startswith("snapshots 1 is damaged") for line in Archive(postgres_url).check())


REMOTE = "0.0.0.0"


def test_a_server_elsewhere_without_tls_is_refused_before_a_call(postgres_url, fake_wallet):
    url = postgres_url.replace("127.0.0.1", REMOTE)
    with pytest.raises(ArchiveError, match=r"SSL was required: on a network that you trust, add \?sslmode=disable"):
        Archive(url).update(fake_wallet, "SPOT")
    assert fake_wallet.calls == []


@pytest.mark.parametrize("asked", ["sslmode=disable", "sslmode=prefer", "sslmode=allow"])
def test_a_server_elsewhere_without_tls_is_used_where_this_is_asked_for(postgres_url, fake_wallet, asked):
    Archive(f"{postgres_url.replace('127.0.0.1', REMOTE)}?{asked}").update(fake_wallet, "SPOT")


def test_the_environment_may_ask_for_it_too(postgres_url, fake_wallet, monkeypatch):
    monkeypatch.setenv("PGSSLMODE", "disable")
    Archive(postgres_url.replace("127.0.0.1", REMOTE)).update(fake_wallet, "SPOT")


@pytest.mark.parametrize(
    "location",
    [
        f"{REMOTE}:PORT/postgres",
        f"/postgres?port=PORT&host={REMOTE}",
        f"x:PORT/postgres?hostaddr={REMOTE}",
        f"127.0.0.1:1,{REMOTE}:PORT/postgres",
    ],
)
def test_a_host_elsewhere_is_found_wherever_it_stands(postgres_url, location):
    url = make_url(postgres_url)
    location = location.replace("PORT", str(url.port))
    with pytest.raises(ArchiveError, match="SSL was required"):
        Archive(f"postgresql://{url.username}:{url.password}@{location}").status()


@pytest.mark.parametrize("location", ["localhost:PORT/postgres", "LOCALHOST:PORT/postgres", "127.0.0.1:PORT/postgres"])
def test_this_machine_needs_no_tls(postgres_url, fake_wallet, location):
    url = make_url(postgres_url)
    location = location.replace("PORT", str(url.port))
    Archive(f"postgresql://{url.username}:{url.password}@{location}").update(fake_wallet, "SPOT")


def test_the_host_of_the_environment_is_elsewhere_too(postgres_url, monkeypatch):
    url = make_url(postgres_url)
    monkeypatch.setenv("PGHOST", REMOTE)
    monkeypatch.setenv("PGPORT", str(url.port))
    with pytest.raises(ArchiveError, match="SSL was required"):
        Archive(f"postgresql://{url.username}:{url.password}@/postgres").status()


def test_a_unix_socket_needs_no_tls(postgres_url, fake_wallet):
    url = make_url(postgres_url)
    with psycopg.connect(postgres_url) as connection:
        [folder] = connection.execute("SHOW unix_socket_directories").fetchone()
    if os.getuid() == 0:
        os.chmod(folder, 0o711)  # noqa: PTH101 - the server's user is another one
    Archive(f"postgresql://{url.username}:{url.password}@/postgres?host={folder}&port={url.port}").update(
        fake_wallet, "SPOT"
    )
