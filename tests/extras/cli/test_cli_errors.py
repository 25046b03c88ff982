"""Each error is one line on standard error, and an exit code."""

import json
import re
import signal
import subprocess
import time
from datetime import UTC, datetime, timedelta

import pytest

WRONG_USAGE = {
    "an unknown command": (["wallets"], "wallets"),
    "an unknown option": (["balances", "--fast"], "--fast"),
    "an unknown type": (["snapshots", "savings"], "'savings' is not a type: choose spot, margin, futures"),
    "no type": (["snapshots"], "TYPE is missing: choose spot, margin, futures (see --help)"),
    "an unknown format": (["balances", "--format", "xml"], "choose table, json, csv, ndjson, parquet"),
    "two formats": (["balances", "--format", "csv", "--json"], "--json"),
    "what is not a date": (["snapshots", "spot", "--from", "yesterday"], "'yesterday' is not a date"),
    "a date that does not exist": (["snapshots", "spot", "--to", "2025-02-30"], "'2025-02-30' is not a date"),
    "two periods": (["snapshots", "spot", "--days", "3", "--to", "2025-12-31"], "--days"),
    "too many days": (
        ["history", "--days", "31"],
        "--days: the exchange serves 30 days at most, not 31: give --archive for more (see --help)",
    ),
    "half a day": (["history", "--days", "7.5"], "'7.5' is not a whole number of at least 1"),
    "days that the library refuses, too": (["history", "--days", "7.0"], "'7.0' is not a whole number"),
    "days as Python writes them": (["history", "--days", "1_0"], "'1_0' is not a whole number"),
    "a last day before the first": (["history", "--from", "2025-11-10", "--to", "2025-11-01"], "--from (2025-11-10"),
    "a first day to come": (["history", "--from", "9999-12-31"], "--from: 9999-12-31 is in the future"),
    "a last day to come": (["snapshots", "spot", "--to", "9999-12-31"], "--to: 9999-12-31 is in the future"),
    "a last day alone": (["history", "--to", "2025-11-01"], "--to needs a --from"),
    "no time at all": (["balances", "--timeout", "0"], "--timeout must be"),
    "less than no time": (["balances", "--timeout", "-1"], "--timeout must be"),
    "no time for the doctor": (["doctor", "--timeout", "0"], "--timeout must be"),
    "no quote asset": (["balances", "--quote", ""], "--quote: it is empty"),
    "no quote asset to read": (["snapshots", "spot", "--archive", "x", "--quote", ""], "--quote: it is empty"),
    "no quote asset to record": (["archive", "update", "--archive", "x", "--quote", ""], "--quote: it is empty"),
    "an address that is none": (["balances", "--base-url", "foo"], "--base-url (BINANCE_BASE_URL) must be"),
    "parquet for a terminal": (["balances", "--format", "parquet"], "--output"),
    "a folder for a file": (["balances", "--output", "."], "--output: '.' is not the name of a file"),
    "a file without a name": (["balances", "--output", ""], "--output: '' is not the name of a file"),
    "a folder that is not there": (["balances", "--output", "x.csv/"], "'x.csv/' is not the name of a file"),
    "a short option with =": (["balances", "-o=~/x.csv"], "'=~/x.csv' begins with '='"),
    "the home of nobody": (["balances", "--output=~nobody-has-this-name/x.csv"], "there is no such home directory"),
    "a picture without a name": (["snapshots", "spot", "--plot="], "--plot: '' is not the name of a file"),
    "a folder for a picture": (["snapshots", "spot", "--plot=."], "--plot: '.' is not the name of a file"),
    "an archive without a place": (["archive", "update", "--archive", ""], "--archive: it is empty"),
    "an archive to read without a place": (["history", "--archive", ""], "--archive: it is empty"),
    "snapshots of an archive without a place": (["snapshots", "spot", "--archive", ""], "--archive: it is empty"),
    "a budget without a place": (["balances", "--budget", ""], "--budget: it is empty"),
    "a word for a number of seconds": (["balances", "--timeout", "soon"], "'soon' is not a number of seconds"),
    "an option without its value": (["balances", "--quote"], "--quote"),
    "one argument too many": (["snapshots", "spot", "margin"], "margin"),
    "an unknown kind of file": (
        ["balances", "--output", "x.xls"],
        ".txt (the table), .json, .csv, .ndjson, .parquet, .xlsx",
    ),
    "a workbook for a terminal": (["balances", "--format", "xlsx"], "xlsx is binary: name a file for it with --output"),
    "a workbook and the name of another form": (["history", "--output", "x.csv", "--format", "xlsx"], "xlsx and x.csv"),
    "a form and the name of another": (["balances", "--output", "x.csv", "--json"], "json and x.csv"),
    "one file for two things": (
        ["snapshots", "spot", "--plot", "x.png", "--output", "./x.png", "--format", "csv"],
        "--plot and --output",
    ),
    "an unknown kind of picture": (["snapshots", "spot", "--plot", "spot.pdf"], ".png, .svg, .html"),
    "a sketch as CSV": (["snapshots", "spot", "--plot", "--format", "csv"], "--plot"),
    "a port that is none": (["mock", "--port", "70000"], "'70000' is not a whole number from 0 to 65535"),
    "a minute of no length": (["mock", "--port", "0", "--minute", "0"], "--minute must be a positive number"),
    "an unknown command of the archive": (["archive", "statsu"], "no command 'statsu': choose update, status"),
    "a report of another kind": (["report", "--output", "r.pdf"], "r.pdf must end in .html"),
    "a weight limit that lets nothing through": (["mock", "--weight-limit", "0"], "'0' is not a whole number of at"),
}
# Days from today.
IMPOSSIBLE = {
    "a period before the last month": ((-400, -394), "one month: --from must be"),
    "a period of more than 30 days": ((-30, 0), "30 days"),
    "a day that is yet to come": ((-3, 1), "in the future"),
    "a period that ends before it begins": ((-3, -5), "before"),
}


@pytest.mark.parametrize(("args", "hint"), WRONG_USAGE.values(), ids=WRONG_USAGE)
def test_wrong_usage_ends_with_2_and_says_what_is_right(run, exchange, args, hint):
    code, shown, errors = run(*args)

    assert (code, shown) == (2, "")
    assert re.fullmatch(r"binance-wallet: .+\n", errors)
    assert hint in errors
    assert exchange.requests == []


@pytest.mark.parametrize(
    ("args", "hint"),
    [
        (["history", "--plot", "x.png"], ""),
        (["balances", "--quot", "USDT"], ": did you mean --quote?"),
        (["balances", "--QUOTE", "USDT"], ": did you mean --quote?"),
        (["balances", "--time_out", "1"], ": did you mean --timeout?"),
        (["report", "--lange", "zh"], ": did you mean --lang?"),
        (["archive", "status", "--acount", "main"], ": did you mean --account?"),
        (["-v", "balances"], ": it comes after a command"),
        (["archive", "--no-balances", "update"], ": it comes after a command"),
    ],
    ids=lambda value: value[1] if isinstance(value, list) else value[-12:],
)
def test_an_option_that_is_unknown_gets_a_hint_only_where_there_is_a_likely_one(run, args, hint):
    _, _, errors = run(*args)

    option = next(arg for arg in args if arg.startswith("-"))
    pointer = "" if "did you mean" in hint else " (see --help)"
    assert errors == f"binance-wallet: there is no option {option}{hint}{pointer}\n"


@pytest.mark.parametrize(
    ("args", "meant"),
    [
        (["balance"], "balances"),
        (["Balances"], "balances"),
        (["snapshot", "spot"], "snapshots"),
        (["archive", "statsu"], "status"),
        (["archive", "updates"], "update"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else value,
)
def test_a_command_that_is_close_to_what_was_typed_is_named(run, args, meant):
    code, _, errors = run(*args)

    assert code == 2
    assert errors.endswith(f": did you mean {meant}?\n")


def test_a_command_that_lacks_its_subcommand_lists_them(run):
    code, shown, errors = run("archive")

    assert (code, shown) == (2, "")
    assert errors == (
        "binance-wallet: a command is missing: choose update, status, check, accounts, prices (see --help)\n"
    )


def test_a_command_is_guessed_at_only_where_it_is_close(run):
    assert "did you mean" not in run("wallets")[2]


def test_what_is_wrong_with_usage_is_said_without_ado(run):
    _, _, errors = run("balances", "--format", "parquet")

    assert errors == "binance-wallet: parquet is binary: name a file for it with --output (see --help)\n"


@pytest.mark.parametrize(("period", "hint"), IMPOSSIBLE.values(), ids=IMPOSSIBLE)
def test_a_period_that_the_exchange_cannot_serve_is_refused_here(run, exchange, period, hint):
    first, last = (datetime.now(UTC).date() + timedelta(days) for days in period)

    code, shown, errors = run("snapshots", "spot", "--from", first, "--to", last)

    assert (code, shown) == (2, "")
    assert re.fullmatch(r"binance-wallet: .+\n", errors)
    assert hint in errors
    assert exchange.requests == []


@pytest.mark.parametrize("command", [["balances"], ["archive", "update"]])
def test_an_asset_that_the_exchange_does_not_know_gets_a_hint(run, tmp_path, command):
    code, _, errors = run(*command, "--quote", "NOPE", BINANCE_ARCHIVE=str(tmp_path / "archive.sqlite"))

    assert code == 1
    assert "--quote takes the name of an asset that the exchange lists, such as USDT" in errors
    assert "upper case" not in errors  # the command sees to that


@pytest.mark.parametrize("name", ["usdt", "Usdt", "USDT"])
def test_an_asset_may_be_named_in_lower_case(run, name):
    code, shown, _ = run("balances", "--quote", name, "--json")

    assert code == 0
    assert {row["quote_asset"] for row in json.loads(shown)} == {"USDT"}


def test_a_name_of_other_letters_is_left_as_it_is(run, exchange):
    run("balances", "--quote", "币安ß")

    (request,) = exchange.requests
    assert request.query["quoteAsset"] == "币安ß"


UNREACHABLE = "[^.]+Connection refused. Check the connection, HTTPS_PROXY and BINANCE_BASE_URL"


@pytest.mark.parametrize(
    ("command", "line"),
    [
        (["balances"], UNREACHABLE),
        (["snapshots", "spot"], UNREACHABLE),
        (["history"], UNREACHABLE.replace("Check", "In the call for spot snapshots. Check")),
        (["archive", "update"], UNREACHABLE),
        (["report", "--output", "r.html"], UNREACHABLE.replace("Check", "In the call for balances. Check")),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_an_exchange_that_cannot_be_reached_is_told_in_one_line_with_what_to_do(run, tmp_path, command, line):
    nowhere = {"BINANCE_BASE_URL": "http://localhost:1", "BINANCE_ARCHIVE": str(tmp_path / "archive.sqlite")}

    code, shown, errors = run(*command, "--timeout", "1", **nowhere)

    assert (code, shown) == (1, "")
    assert re.fullmatch(f"binance-wallet: {line}", errors.splitlines()[-1])


KEYS = {
    "no key": (
        {"BINANCE_API_KEY": ""},
        "keep one with binance-wallet keys add NAME, or set BINANCE_API_KEY",
    ),
    "no secret": ({"BINANCE_API_SECRET": ""}, "set BINANCE_API_SECRET or BINANCE_PRIVATE_KEY"),
    "two secrets": ({"BINANCE_PRIVATE_KEY": "key.pem"}, "are both set"),
    "a space in the key": ({"BINANCE_API_KEY": "a b"}, "BINANCE_API_KEY has a character that no key has"),
    "a file that is not there": ({"BINANCE_API_SECRET": "", "BINANCE_PRIVATE_KEY": "no.pem"}, "BINANCE_PRIVATE_KEY"),
}


@pytest.mark.parametrize(("variables", "hint"), KEYS.values(), ids=KEYS)
@pytest.mark.parametrize("command", ["balances", "doctor"])
def test_a_key_that_cannot_be_used_ends_with_2_and_names_the_variable(run, exchange, variables, hint, command):
    code, shown, errors = run(command, **variables)

    assert code == 2
    assert hint in (shown if command == "doctor" else errors)
    assert exchange.requests == []


def test_the_exchange_is_quoted_in_one_line_whatever_it_says(run, exchange):
    exchange.fail(400, -1130, "first\nsecond \x1b[31mred\x07")

    code, shown, errors = run("balances")

    assert (code, shown) == (1, "")
    assert re.fullmatch(r"binance-wallet: first second \\x1b\[31mred\\x07 .*-1130.*\n", errors)


def test_no_secret_is_ever_shown(run, exchange):
    exchange.fail(500, times=9, body="{")

    shown = "".join(map(str, run("snapshots", "spot", "--timeout", "0.5") + run("doctor", "--timeout", "0.5")))

    assert exchange.api_key not in shown
    assert exchange.api_secret not in shown
    assert "signature=" not in shown


def test_without_a_command_there_is_help_and_2(run):
    code, shown, errors = run()

    assert (code, shown) == (2, "")
    assert errors.startswith("Usage: binance-wallet")


def test_help_has_examples_and_every_exit_code(run):
    code, shown, _ = run("--help")

    assert code == 0
    assert "binance-wallet snapshots spot --days 30" in shown
    assert [int(found) for found in re.findall(r"^ {4}(\d+)  ", shown, re.MULTILINE)] == [0, 1, 2, 130]


@pytest.mark.parametrize("command", ["balances", "snapshots", "history"])
def test_every_example_in_help_works(run, exchange, command):
    _, shown, _ = run(command, "--help")

    examples = re.findall(r"^ {4}binance-wallet (.*)$", shown, re.MULTILINE)
    assert examples
    for example in examples:
        if "--archive" in example or "--account" in example:  # see test_cli_archive.py and test_cli_accounts.py
            continue
        exchange.reset()  # the request weight
        assert run(*example.split())[0] == 0, example


def test_help_cuts_no_sentence_short(run):
    _, shown, _ = run("--help")

    commands = shown.partition("Commands:\n")[2].splitlines()
    assert len(commands) > 7
    assert all(re.search(r"[^.]\.$", line) for line in commands)


@pytest.mark.parametrize("command", ["snapshots", "history", "mock"])
def test_help_knows_no_types_of_ours(run, command):
    _, shown, _ = run(command, "-h")

    assert not re.search("INTEGER|<int|range>|x<=|FUNCTION", shown)


@pytest.mark.parametrize(("words", "found"), [("ba", ["balances"]), ("snapshots m", ["margin"])])
def test_shells_complete_what_is_typed(run, words, found):
    line = f"binance-wallet {words}"

    code, shown, _ = run(_BINANCE_WALLET_COMPLETE="bash_complete", COMP_WORDS=line, COMP_CWORD=str(line.count(" ")))

    assert (code, shown.split()) == (0, [f"plain,{word}" for word in found])


def test_ctrl_c_ends_it_with_130_and_nothing_half_written(start_command, exchange, tmp_path):
    exchange.delay(20)
    process = start_command("history", "--output", "out.csv")
    while process.poll() is None and not [*tmp_path.iterdir()]:
        time.sleep(0.02)
    time.sleep(0.3)

    process.send_signal(signal.SIGINT)

    stdout, stderr = process.communicate(timeout=10)
    assert (process.returncode, stdout, stderr) == (130, b"", b"\n")  # a terminal shows ^C before the line break
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize("module", ["msgspec", "click", "rich"])
def test_ctrl_c_ends_it_with_130_and_no_traceback_while_it_is_starting(start_command, tmp_path, module):
    (tmp_path / f"{module}.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGINT)\n")

    process = start_command("balances", PYTHONPATH=str(tmp_path))

    assert (*process.communicate(timeout=30), process.returncode) == (b"", b"", 130)


def test_ctrl_c_ends_the_mock_exchange(start_command):
    process = start_command("mock", "--port", "0")
    assert b"mock exchange" in process.stderr.readline()
    assert b"export" in process.stdout.readline()

    process.send_signal(signal.SIGINT)

    assert (process.wait(timeout=10), process.stderr.read()) == (130, b"\n\n")


def test_a_reader_that_has_had_enough_ends_it_quietly(start_command):
    process = start_command("history", "--format", "ndjson", stdout=subprocess.PIPE)
    process.stdout.readline()
    process.stdout.close()

    assert (process.wait(timeout=10), process.stderr.read()) == (0, b"")
