"""Whatever the arguments, the environment and the state of its output: one line, and an exit code that --help lists."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

YESTERDAY = f"{datetime.now(UTC).date() - timedelta(days=1)}"
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="/\0"), max_size=12)
WORDS = TEXT | st.sampled_from(
    ["", "-", "--", "0", "-1", "nan", "x" * 300, "\udcff", "\x1b[31m", "币安人生", "spot", "--no"]
)
VALUES = {
    "--quote": ["USDT", "usdt", "BTC"],
    "--days": ["1", "30", "31"],
    "--from": [YESTERDAY, "2025-01-01"],
    "--to": [YESTERDAY, "9999-12-31"],
    "--plot": ["-", "out.svg", "out.csv"],
    "--format": ["table", "json", "csv", "ndjson", "parquet"],
    "--output": ["out.csv", "out.txt", "."],
    "--base-url": ["http://127.0.0.1:9", "http://example.com", "https://[::1"],
    "--timeout": ["1", "1e-9", "inf"],
    "--port": ["0", "1", "65536"],
    "--weight-limit": ["1", "1e3"],
}
FLAGS = ["--json", "--all", "--plot", "--no-wait", "--version", "-h"]
CONNECTION = ["--base-url", "--timeout"]
OUTPUT = ["--format", "--output", "--json", "--no-wait"]
COMMANDS = {
    "balances": ["--quote", "--all", *CONNECTION, *OUTPUT],
    "snapshots spot": ["--days", "--plot", *CONNECTION, *OUTPUT],
    "snapshots futures": ["--from", "--to", *CONNECTION, *OUTPUT],
    "history": ["--days", "--from", *CONNECTION, *OUTPUT],
    "doctor": CONNECTION,
    "mock": ["--port", "--weight-limit"],
    "": [*FLAGS, *VALUES],
}


@st.composite
def arguments(draw):
    """A command with some of its options, most of them right, and perhaps a word that does not belong there."""
    command = draw(st.sampled_from([*COMMANDS]))
    arguments = command.split()
    for option in draw(st.lists(st.sampled_from(COMMANDS[command]), max_size=3)):
        arguments += [option, draw(st.sampled_from(VALUES[option]) | WORDS)] if option in VALUES else [option]
    return arguments + draw(st.lists(WORDS | st.sampled_from(FLAGS), max_size=1))


VARIABLES = {
    "BINANCE_API_KEY": st.sampled_from(["", "short", "a b", "\udcff"]),
    "BINANCE_API_SECRET": st.sampled_from(["", "wrong", "a b", "\udcff"]),
    "BINANCE_PRIVATE_KEY": st.sampled_from(["", "no.pem", ".", "-----BEGIN PRIVATE KEY-----\n"]),
    "BINANCE_BASE_URL": st.sampled_from(["", "foo", "http://example.com", "http://127.0.0.1:9", "https://[::1"]) | TEXT,
    "HTTPS_PROXY": st.sampled_from(["http://127.0.0.1:9", "nonsense", "socks5://127.0.0.1:9"]),
    "SSL_CERT_FILE": st.sampled_from(["no.pem", "."]),
    "COLUMNS": st.sampled_from(["0", "1", "40", "-5", "x"]),
    "TERM": st.sampled_from(["", "dumb", "xterm"]),
    "NO_COLOR": st.just("1"),
}
ENVIRONMENTS = st.fixed_dictionaries({}, optional=VARIABLES)


@pytest.fixture(scope="module")
def launch(tmp_path_factory):
    """Run the command; return its exit code and what it wrote to standard error, None if that was closed or full."""
    folder = tmp_path_factory.mktemp("launched")
    with subprocess.Popen(
        [sys.executable, Path(__file__).with_name("launcher.py")],
        cwd=folder,
        env={"PATH": os.environ["PATH"]},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as launcher:

        def launch(args, env, stdout, stderr):
            errors = folder / "stderr"
            errors.write_text("")
            streams = {"stdout": stdout, "stderr": str(errors) if stderr == "file" else stderr}
            launcher.stdin.write(json.dumps({"args": args, "env": env, **streams}) + "\n")
            launcher.stdin.flush()
            code = int(launcher.stdout.readline())
            return code, errors.read_text() if stderr == "file" else None

        yield launch
        launcher.stdin.close()


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    args=arguments(),
    variables=ENVIRONMENTS,
    stdout=st.sampled_from(["/dev/null", "/dev/full", None]),
    stderr=st.sampled_from(["file", "file", "/dev/full", None]),
)
@example(args=["balances"], variables={}, stdout="/dev/full", stderr="file")
@example(args=["balances"], variables={}, stdout=None, stderr="file")
@example(args=["history", "--json"], variables={}, stdout=None, stderr=None)
@example(args=["--help"], variables={}, stdout="/dev/full", stderr="/dev/full")
@example(args=["doctor"], variables={}, stdout="/dev/full", stderr="file")
@example(args=["mock", "--port", "0"], variables={"BINANCE_API_KEY": "short"}, stdout=None, stderr="file")
def test_there_is_never_a_traceback_and_always_a_documented_exit_code(  # noqa: PLR0917
    launch, exchange, environment, args, variables, stdout, stderr
):
    exchange.reset()
    proxy = {"HTTPS_PROXY": "http://127.0.0.1:9"}  # nothing here reaches the real exchange

    code, errors = launch(args, environment | proxy | variables, stdout, stderr)

    assert code in {0, 1, 2, 130}
    if errors is not None:
        assert "Traceback" not in errors
        if code in {1, 2} and "doctor" not in args:
            assert errors.splitlines()[-1].startswith("binance-wallet: ") or errors.startswith("Usage: ")
