"""Archives in SQLite and in a real PostgreSQL, and an exchange to fill them from."""

import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

import psycopg
import pytest
from archive_steps import FakeWallet
from binance_wallet.archive import Archive


@pytest.fixture(scope="session")
def postgres_server():
    """The URL of a PostgreSQL server that runs on a free port for the length of the session."""
    found = shutil.which("pg_ctl") or next(map(str, sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))), None)
    if found is None:
        pytest.skip("no PostgreSQL server is installed (Debian: apt-get install postgresql)")
    binaries = Path(found).resolve().parent
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    # Not below tmp_path: as root, the server runs as another user, who cannot look in there.
    folder = tempfile.mkdtemp(prefix="binance-wallet-postgres-")
    as_user = {}
    if os.getuid() == 0:  # PostgreSQL refuses to run as root
        shutil.chown(folder, "nobody")
        as_user = {"user": "nobody", "cwd": folder}

    def control(*command):
        subprocess.run([*map(str, command)], check=True, stdout=subprocess.DEVNULL, **as_user)

    password = Path(folder, "password")
    password.write_text("right-password")
    data, options = f"{folder}/data", f"-p {port} -c listen_addresses=127.0.0.1 -k {folder} -c fsync=off"
    try:
        control(binaries / "initdb", "-D", data, "-U", "wallet", "-A", "scram-sha-256", "--pwfile", password, "-N")
        control(binaries / "pg_ctl", "start", "-w", "-D", data, "-l", f"{folder}/log", "-o", options)
        try:
            yield f"postgresql://wallet:right-password@127.0.0.1:{port}"
        finally:
            control(binaries / "pg_ctl", "stop", "-m", "immediate", "-D", data)
    finally:
        shutil.rmtree(folder)


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


@pytest.fixture(params=["sqlite", "postgresql"])
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
