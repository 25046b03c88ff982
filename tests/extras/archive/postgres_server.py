"""A real PostgreSQL server, for as long as something needs it."""

import os
import shutil
import socket
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

PASSWORD = "right-password"


def binaries():
    """The folder with PostgreSQL's programs, or None where no server is installed."""
    found = shutil.which("pg_ctl") or next(map(str, sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))), None)
    return found and Path(found).resolve().parent


@contextmanager
def running(authentication="scram-sha-256"):
    """A server on a free port; its URL, to which the name of a database is added."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    # Not below a tmp_path: as root, the server runs as another user, who cannot look in there.
    folder = tempfile.mkdtemp(prefix="binance-wallet-postgres-")
    as_user = {}
    if os.getuid() == 0:  # PostgreSQL refuses to run as root
        shutil.chown(folder, "nobody")
        as_user = {"user": "nobody", "cwd": folder}

    def control(program, *arguments):
        command = [str(binaries() / program), "-D", f"{folder}/data", *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, **as_user)

    password = Path(folder, "password")
    password.write_text(PASSWORD, encoding="utf-8")
    try:
        control("initdb", "-U", "wallet", "-A", authentication, "--pwfile", str(password), "-E", "UTF8", "-N")
        options = f"-p {port} -c listen_addresses=127.0.0.1 -k {folder} -c fsync=off"
        control("pg_ctl", "start", "-w", "-l", f"{folder}/log", "-o", options)
        try:
            yield f"postgresql://wallet:{PASSWORD}@127.0.0.1:{port}"
        finally:
            control("pg_ctl", "stop", "-m", "immediate")
    finally:
        shutil.rmtree(folder)


def pgbouncer():
    """The path of PgBouncer, or None where it is not installed."""
    return shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")


@contextmanager
def pooled(port):
    """A PgBouncer in transaction mode in front of the server at a port; its URL."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        own_port = free.getsockname()[1]
    folder = Path(tempfile.mkdtemp(prefix="binance-wallet-pgbouncer-"))
    settings = f"""
[databases]
* = host=127.0.0.1 port={port} user=wallet password={PASSWORD}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {own_port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 2
"""
    configuration = folder / "pgbouncer.ini"
    configuration.write_text(settings, encoding="utf-8")
    command = [pgbouncer(), str(configuration)]
    if os.getuid() == 0:  # as which it refuses to run
        for path in (folder, configuration):
            shutil.chown(path, "nobody")
        command[1:1] = ["-u", "nobody"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        try:
            while b"process up" not in (line := process.stderr.readline()):
                assert line, "PgBouncer has ended"
            yield f"postgresql://wallet@127.0.0.1:{own_port}"
        finally:
            process.kill()
            shutil.rmtree(folder)
