"""The command, off a terminal and on one: in this process (see command.py), or with `command=` in one of its own."""

import os
import subprocess
import sys
from datetime import UTC, datetime, time, timedelta
from functools import cache
from pathlib import Path

import command
import pytest
import time_machine
from binance_wallet import WalletClient
from binance_wallet_extras.archive import Archive
from binance_wallet_mock import MockExchange
from command import run as run_command
from terminal import on_terminal

COMMAND = Path(sys.executable).parent / "binance-wallet"


@pytest.fixture(scope="package")
def served():
    with MockExchange(weight_limit=10**6) as exchange:
        yield exchange


@pytest.fixture
def yesterday():
    return datetime.now(UTC).date() - timedelta(days=1)


@pytest.fixture(scope="package")
def template_up_to(tmp_path_factory):
    """Make an archive up to a day. The tests of one day share it; midnight may come between two tests."""

    @cache
    def template_up_to(day):
        path = tmp_path_factory.mktemp("archive") / "template.sqlite"
        with (
            MockExchange() as exchange,
            time_machine.travel(datetime.combine(day + timedelta(days=1), time(), UTC)),
            WalletClient(exchange.api_key, exchange.api_secret, base_url=exchange.base_url) as wallet,
            Archive(path) as archive,
        ):
            for type_ in ("SPOT", "MARGIN", "FUTURES"):
                archive.update(wallet, type_)
            archive.record_balances(wallet)
        return path

    return template_up_to


@pytest.fixture
def template(template_up_to, yesterday):
    """The path of an archive of 30 days of each account, of balances and of a price, as from the seed. Only read it.

    It is of the first minute of today, so the price is that of yesterday.
    """
    return template_up_to(yesterday)


@pytest.fixture
def exchange(served):
    served.reset()
    return served


@pytest.fixture
def library(exchange):
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
        "XDG_CONFIG_HOME": str(tmp_path_factory.mktemp("config")),
        "PYTHON_KEYRING_BACKEND": os.environ["PYTHON_KEYRING_BACKEND"],
        "BINANCE_BUDGET": "none",  # this exchange allows more than the real one: see test_cli_budget.py
        "TERM": "xterm-256color",
        "BINANCE_API_KEY": exchange.api_key,
        "BINANCE_API_SECRET": exchange.api_secret,
        "BINANCE_BASE_URL": exchange.base_url,
    }


@pytest.fixture
def start_command(environment, tmp_path):
    """Start the installed command; the test waits for it."""
    started = []

    def start_command(
        *args, command=(COMMAND,), stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=None, **variables
    ):
        line = [*command, *map(str, args)]
        env = environment | variables
        process = subprocess.Popen(line, env=env, cwd=tmp_path, stdin=stdin, stdout=stdout, stderr=stderr)
        started.append(process)
        return process

    yield start_command
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def prepared(environment, tmp_path):
    """The arguments, the environment and the folder of the command, for command.py."""

    def prepared(args, without=(), **variables):
        env = {name: value for name, value in (environment | variables).items() if name not in without}
        return [*map(str, args)], env, str(tmp_path)

    return prepared


@pytest.fixture
def run_bytes(prepared):
    """Run the command off a terminal; return its exit code, and the bytes of standard output and standard error."""

    def run_bytes(*args, **options):
        return command.output(*prepared(args, **options))

    return run_bytes


@pytest.fixture
def run(run_bytes, start_command):
    """Run the command off a terminal; return its exit code, standard output and standard error."""

    def run(*args, command=None, **options):
        if not command:
            code, stdout, stderr = run_bytes(*args, **options)
        else:
            process = start_command(*args, command=command, **options)
            stdout, stderr = process.communicate(timeout=30)
            code = process.returncode
        return code, stdout.decode(), stderr.decode()

    return run


@pytest.fixture
def run_in(prepared):
    """Run the command with an open file or None, for a closed one, for each standard stream; return its exit code."""

    def run_in(*args, streams, **options):
        return command.run(*prepared(args, **options), [stream and stream.fileno() for stream in streams])

    return run_in


@pytest.fixture
def run_on_terminal(prepared, start_command):
    """Run the command on a terminal with this many columns. Return its exit code, and all output on the terminal."""

    def run_on_terminal(*args, columns=100, command=None, **options):
        def run(terminal):
            if command:
                process = start_command(
                    *args, command=command, stdin=terminal, stdout=terminal, stderr=terminal, **options
                )
                return process.wait(timeout=30)
            return run_command(*prepared(args, **options), [terminal] * 3)

        return on_terminal(run, columns)

    return run_on_terminal
