"""Archives in SQLite and in a real PostgreSQL, and an exchange to fill them from."""

import postgres_server as postgres
import psycopg
import pytest
import time_machine
from archive_steps import NOON, FakeWallet
from binance_wallet_extras.archive import Archive
from psycopg import sql


@pytest.fixture(scope="session")
def postgres_server():
    """The URL of a PostgreSQL server that runs on a free port for the length of the session."""
    if postgres.binaries() is None:
        pytest.skip("no PostgreSQL server is installed (Debian: apt-get install postgresql)")
    with postgres.running("md5") as url:  # which takes a third of the time of a connection: tests make thousands
        yield url


@pytest.fixture
def postgres_url(postgres_server):
    """A database of that server, emptied: to create one for each test takes longer than most tests."""
    url = f"{postgres_server}/postgres"
    with psycopg.connect(url, autocommit=True) as connection:
        others = "datname = current_database() AND pid <> pg_backend_pid()"
        connection.execute(f"SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE {others}")
        made = "nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema'"
        for (name,) in connection.execute(f"SELECT nspname FROM pg_namespace WHERE {made}").fetchall():
            connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(name)))
        connection.execute("CREATE SCHEMA public")
    return url


@pytest.fixture
def sqlite_url(tmp_path):
    return f"sqlite:///{tmp_path / 'archive.sqlite'}"


@pytest.fixture
def url(sqlite_url):
    """The URL of an archive that does not exist yet. For what differs between databases, use `each_url`."""
    return sqlite_url


@pytest.fixture(params=["sqlite", "postgresql"])
def each_url(request):
    return request.getfixturevalue({"sqlite": "sqlite_url", "postgresql": "postgres_url"}[request.param])


@pytest.fixture
def archive(url):
    with Archive(url) as archive:
        yield archive


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def fake_wallet():
    return FakeWallet()
