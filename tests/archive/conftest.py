"""Archives in SQLite and in a real PostgreSQL, and an exchange to fill them from."""

import os

import postgres_server as postgres
import psycopg
import pytest
from archive_steps import FakeWallet
from binance_wallet.archive import Archive


@pytest.fixture(scope="session")
def postgres_server():
    """The URL of a PostgreSQL server that runs on a free port for the length of the session."""
    if postgres.binaries() is None:
        pytest.skip("no PostgreSQL server is installed (Debian: apt-get install postgresql)")
    with postgres.running() as url:
        yield url


@pytest.fixture
def postgres_url(postgres_server):
    """An empty database of that server."""
    with psycopg.connect(f"{postgres_server}/postgres", autocommit=True) as connection:
        name = f"archive_{os.urandom(4).hex()}"
        connection.execute(f"CREATE DATABASE {name}")
        yield f"{postgres_server}/{name}"
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def sqlite_url(tmp_path):
    return f"sqlite:///{tmp_path / 'archive.sqlite'}"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.xdist_group("postgres_server"))])
def url(request):
    """An archive that is not there yet, on each of the two databases."""
    return request.getfixturevalue({"sqlite": "sqlite_url", "postgresql": "postgres_url"}[request.param])


@pytest.fixture
def archive(url):
    with Archive(url) as archive:
        yield archive


@pytest.fixture
def wallet():
    return FakeWallet()
