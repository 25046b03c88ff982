"""Whatever the arguments, the environment and the state of its output: one line, and an exit code that --help lists."""

import os
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import patch

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
    "--format": ["table", "json", "csv", "ndjson", "parquet", "xlsx"],
    "--output": ["out.csv", "out.txt", "."],
    "--base-url": ["http://127.0.0.1:9", "http://example.com", "https://[::1"],
    "--timeout": ["1", "1e-9", "inf"],
    "--port": ["0", "1", "65536"],
    "--weight-limit": ["1", "1e3"],
}
FLAGS = ["--json", "--all", "--plot", "--no-wait", "--version", "-h"]
CONNECTION = ["--base-url", "--timeout", "--verbose"]
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
    run_in, exchange, tmp_path, args, variables, stdout, stderr
):
    exchange.reset()
    variables = {
        "HTTPS_PROXY": "http://127.0.0.1:9",  # nothing here reaches the real exchange
        **variables,
    }
    errors = tmp_path / "stderr"
    errors.unlink(missing_ok=True)
    with ExitStack() as opened:
        streams = [
            path and opened.enter_context(Path(path).open("a"))
            for path in (os.devnull, stdout, errors if stderr == "file" else stderr)
        ]
        opened.enter_context(patch("binance_wallet_mock.serve", side_effect=KeyboardInterrupt))  # it would not end
        code = run_in(*args, streams=streams, **variables)

    assert code in {0, 1, 2, 130}
    if stderr == "file":
        shown = errors.read_text()
        assert "Traceback" not in shown
        if code in {1, 2} and "doctor" not in args:
            assert shown.splitlines()[-1].startswith("binance-wallet: ") or shown.startswith("Usage: ")
