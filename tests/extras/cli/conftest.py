"""The command, run as a process: off a terminal, and on one.

Most tests run it from a launcher, which is the same but for the time that it takes to start: see launcher.py.
"""

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
from pathlib import Path

import launcher
import pytest
from binance_wallet import WalletClient
from binance_wallet_mock import MockExchange

COMMAND = Path(sys.executable).parent / "binance-wallet"


@pytest.fixture(scope="package")
def served():
    with MockExchange(weight_limit=10**6) as exchange:
        yield exchange


@pytest.fixture
def exchange(served):
    served.reset()
    return served


@pytest.fixture
def wallet(exchange):
    """The same account, seen through the library."""
    with WalletClient(exchange.api_key, exchange.api_secret, base_url=exchange.base_url, weight_limit=None) as wallet:
        yield wallet


@pytest.fixture
def environment(exchange, tmp_path_factory):
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.environ.get("PYTHONPATH", ""),  # where `mutants.py` has its sources
        "LANG": "C.UTF-8",
        "XDG_STATE_HOME": str(tmp_path_factory.mktemp("state")),
        "BINANCE_BUDGET": "none",  # this exchange allows more than the real one: see test_cli_budget.py
        "TERM": "xterm-256color",
        "BINANCE_API_KEY": exchange.api_key,
        "BINANCE_API_SECRET": exchange.api_secret,
        "BINANCE_BASE_URL": exchange.base_url,
    }


@pytest.fixture
def start(environment, tmp_path):
    """Start the installed command; the test waits for it."""
    started = []

    def start(*args, command=(COMMAND,), stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=None, **variables):
        line = [*command, *map(str, args)]
        env = environment | variables
        process = subprocess.Popen(line, env=env, cwd=tmp_path, stdin=stdin, stdout=stdout, stderr=stderr)
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def launched(environment, tmp_path):
    """What a launcher takes to run the command: its arguments, environment and folder."""

    def launched(args, without=(), **variables):
        env = {name: value for name, value in (environment | variables).items() if name not in without}
        return [*map(str, args)], env, str(tmp_path)

    return launched


@pytest.fixture
def run(launched_command, launched, start):
    """Run the command off a terminal; return its exit code, standard output and standard error."""

    def run(*args, command=None, **options):
        if not command:
            return launcher.run(launched_command, *launched(args, **options))
        process = start(*args, command=command, **options)
        stdout, stderr = process.communicate(timeout=30)
        return process.returncode, stdout.decode(), stderr.decode()

    return run


@pytest.fixture
def run_on_terminal(launched_command, launched, start):
    """Run the command on a terminal of so many columns; return its exit code, and all that the terminal was sent."""

    def run_on_terminal(*args, columns=100, command=None, **options):
        terminal, process_side = pty.openpty()
        fcntl.ioctl(process_side, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
        streams = [process_side] * 3
        if command:
            stdin, stdout, stderr = streams
            process = start(*args, command=command, stdin=stdin, stdout=stdout, stderr=stderr, **options)
        else:
            connection = launcher.start(launched_command, *launched(args, **options), streams)
        os.close(process_side)
        shown = b""
        try:
            while chunk := os.read(terminal, 65536):
                shown += chunk
        except OSError:
            pass  # how Linux says that the other side is closed
        finally:
            os.close(terminal)
        code = process.wait(timeout=30) if command else launcher.wait(connection, 30)
        return code, shown.decode().replace("\r\n", "\n")

    return run_on_terminal
