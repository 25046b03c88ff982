"""Texts from outside are shown to people with escapes for what a terminal could take for a command."""

import csv
import io
import json
import re
import sys

import pytest

# Escape sequences in 7 and 8 bits, a clipboard command, DEL, a change of direction, a line separator, a tag, a null.
HOSTILE = "\x1b]52;c;eA==\x07\x9b31m\x7f\u202e\u2028\U000e0041\x00\ufeff"
SHOWN = r"\x1b]52;c;eA==\x07\x9b31m\x7f\u202e\u2028\U000e0041\x00\ufeff"
UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\U000e0000-\U000e007f]")


def unsafe(shown):
    """The control characters in a text, except the colours of the tables."""
    return UNSAFE.findall(re.sub(r"\x1b\[[\d;]*m", "", shown))


@pytest.fixture
def hostile(exchange):
    """An account in which every name is hostile."""
    balances = [{"activate": True, "balance": "1.5", "walletName": HOSTILE}]
    exchange.fail(200, body=json.dumps(balances), path="/sapi/v1/asset/wallet/balance", times=9)
    exchange.account.set_spot({HOSTILE: "1", "BTC": "2"})
    exchange.account.set_margin({HOSTILE: "1"})
    exchange.account.set_futures({HOSTILE: "100", "USDT": "1"}, positions={HOSTILE: ("1", "2")})
    return exchange


TABLES = [
    ["balances", "--all"],
    ["snapshots", "spot", "--days", "1"],
    ["snapshots", "margin", "--days", "1"],
    ["snapshots", "futures", "--days", "1"],
    ["snapshots", "futures", "--days", "3", "--plot"],
]
DATA = [["balances", "--json"], ["balances", "--format", "ndjson"], ["balances", "--format", "csv"]]


@pytest.mark.parametrize("args", TABLES, ids=" ".join)
@pytest.mark.usefixtures("hostile")
def test_names_reach_a_terminal_with_escapes(run_on_terminal, args):
    code, shown = run_on_terminal(*args, columns=200)

    assert code == 0
    assert SHOWN in shown or "--plot" in args
    assert unsafe(shown) == []


@pytest.mark.parametrize("args", TABLES, ids=" ".join)
@pytest.mark.usefixtures("hostile")
def test_text_for_people_has_escapes_in_a_pipe_and_in_a_file_too(run, tmp_path, args):
    piped = run(*args, COLUMNS="120")[1]
    run(*args, "--output", "out.txt", COLUMNS="120")

    for text in (piped, (tmp_path / "out.txt").read_text()):
        assert SHOWN in text or "--plot" in args
        assert UNSAFE.findall(text) == []


@pytest.mark.parametrize("columns", [12, 40, 80])
@pytest.mark.usefixtures("hostile")
def test_escapes_are_counted_in_the_width_of_a_table(run_on_terminal, columns):
    _, shown = run_on_terminal("balances", columns=columns, NO_COLOR="1")

    assert unsafe(shown) == []
    assert "…" not in shown


@pytest.mark.parametrize("args", DATA, ids=" ".join)
@pytest.mark.usefixtures("hostile")
def test_data_reaches_a_terminal_with_escapes(run_on_terminal, args):
    code, shown = run_on_terminal(*args)

    assert code == 0
    assert unsafe(shown) == []


@pytest.mark.parametrize("form", ["json", "ndjson", "csv"])
@pytest.mark.usefixtures("hostile")
def test_data_in_a_pipe_is_what_the_exchange_sent(run, form):
    shown = run("balances", "--format", form)[1]

    read = {
        "json": lambda: json.loads(shown),
        "ndjson": lambda: [json.loads(line) for line in shown.splitlines()],
        "csv": lambda: [*csv.DictReader(io.StringIO(shown, newline=""))],
    }
    assert HOSTILE in [row["wallet_name"] for row in read[form]()]


@pytest.mark.parametrize("form", ["json", "ndjson"])
@pytest.mark.usefixtures("hostile")
def test_json_has_its_own_escapes_everywhere(run, form):
    assert UNSAFE.findall(run("balances", "--format", form)[1]) == []


MESSAGES = {
    "of the exchange": lambda exchange: exchange.fail(400, -1130, f"no {HOSTILE}"),
    "of a proxy": lambda exchange: exchange.fail(403, body=f"<html>{HOSTILE}</html>"),
    "of a limit": lambda exchange: exchange.fail(429, -1003, f"slow {HOSTILE}", headers={"Retry-After": "9999"}),
}


@pytest.mark.parametrize("fault", MESSAGES.values(), ids=MESSAGES)
@pytest.mark.parametrize("command", ["balances", "doctor"])
def test_messages_from_outside_reach_a_terminal_with_escapes(run_on_terminal, exchange, fault, command):
    fault(exchange)

    code, shown = run_on_terminal(command, columns=300)

    assert code == 1
    assert r"\x1b]52;c;eA==\x07\x9b31m\x7f" in shown
    assert unsafe(shown) == []


def test_a_wait_is_announced_with_escapes(run_on_terminal, exchange):
    exchange.fail(429, -1003, "slow \x9b31m\u202e", headers={"Retry-After": "1"})

    code, shown = run_on_terminal("balances", "--timeout", 1, columns=200)

    assert code == 0
    assert r"slow \x9b31m\u202e" in shown
    assert "\x9b" not in shown
    assert "\u202e" not in shown


ARGUMENTS = {
    "a command": ["\x1b[31m"],
    "an option": ["balances", "--\x1b[31m"],
    "a format": ["balances", "--format", "\x1b[31m"],
    "a file": ["balances", "--output", "missing/\x1b[31m\x9b.txt"],
    "an ending": ["balances", "--output", "x.\x1b[31m"],
    "a file that is not text": ["balances", "--output", "missing/\udc9b\udcff.txt"],
    "a picture": ["snapshots", "spot", "--plot", "\x1b[31m.gif"],
    "an asset": ["balances", "--quote", "\x1b[31m"],
    "an asset that is not text": ["balances", "--quote", "\udc9b"],
    "a base URL": ["balances", "--base-url", "https://\x1b[31m"],
    "a budget": ["balances", "--budget", "sqlite:////missing/\x1b[31m.db"],
    "an archive": ["history", "--archive", "missing/\x1b[31m.sqlite"],
    "an account": ["history", "--archive", "missing.sqlite", "--account", "\x1b[31m"],
    "a day": ["history", "--from", "\x1b[31m"],
}


@pytest.mark.parametrize("args", ARGUMENTS.values(), ids=ARGUMENTS)
def test_arguments_are_repeated_with_escapes(run, args):
    code, shown, errors = run(*args)

    assert code in {1, 2}
    assert (shown, errors.count("\n")) == ("", 1)
    assert UNSAFE.findall(errors) == []


def test_what_any_module_prints_has_escapes(run):
    """Such as `click.echo` in a command, a warning, or a handler of logging."""
    program = f"""
import logging, sys, warnings
import click
from binance_wallet_extras.cli import main
from binance_wallet_extras.cli import app

def run():
    click.echo({HOSTILE!r})
    click.echo({HOSTILE!r}, err=True)
    print({HOSTILE!r}, file=sys.stderr)
    warnings.warn({HOSTILE!r})
    logging.basicConfig()
    logging.error({HOSTILE!r})
    return 0

app.run = run
sys.exit(main())
"""
    code, shown, errors = run(command=[sys.executable, "-c", program])

    assert code == 0
    assert shown == f"{SHOWN}\n"
    assert errors.count(SHOWN) >= 4
    assert UNSAFE.findall(errors) == []
