"""Standard streams of any encoding, and closed ones: no traceback, and nothing is lost."""

import csv
import io
import json
import os
import re
import sys
import time
from pathlib import Path
from select import select

import pytest
from binance_wallet import Balances, WalletClient

COMMAND = Path(sys.executable).with_name("binance-wallet")
ENCODINGS = ["ascii", "cp1252", "latin-1", "cp437", "gb18030", "utf-16"]
COMMANDS = {
    "balances": ["balances", "--all"],
    "snapshots": ["snapshots", "spot", "--days", "2"],
    "a sketch": ["snapshots", "spot", "--plot"],
    "history": ["history", "--days", "1"],
    "json": ["balances", "--json"],
    "ndjson": ["balances", "--format", "ndjson"],
    "csv": ["balances", "--format", "csv"],
    "doctor": ["doctor"],
    "help": ["--help"],
    "an update": ["archive", "update", "--account", "基金", "--archive", "基金.sqlite"],
    "a status": ["archive", "status", "--archive", "基金.sqlite"],
}
NAME = "USDⓈ-M Futures"


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
@pytest.mark.parametrize("args", COMMANDS.values(), ids=COMMANDS)
@pytest.mark.usefixtures("exchange")
def test_no_command_minds_the_encoding_of_its_streams(run_bytes, args, encoding):
    if args[:2] == ["archive", "status"]:
        run_bytes(*COMMANDS["an update"])

    code, shown, errors = run_bytes(*args, PYTHONIOENCODING=f"{encoding}:strict")

    assert (code, errors) == (0, b"")
    assert shown


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_table_is_in_the_encoding_of_standard_output(run_bytes, encoding):
    _, shown, errors = run_bytes("balances", "--all", PYTHONIOENCODING=encoding)

    text = shown.decode(encoding)
    assert errors == b""
    assert NAME.encode(encoding, "backslashreplace").decode(encoding) in text
    points = {line.index(".") for line in text.splitlines() if re.search(r"\d\.\d", line)}
    assert len(points) == 1  # the decimal points are in line


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_data_is_in_utf_8_whatever_the_encoding_of_standard_output(run_bytes, encoding):
    _, shown, _ = run_bytes("balances", "--json", PYTHONIOENCODING=encoding)

    assert NAME in [row["wallet_name"] for row in json.loads(shown.decode())]


@pytest.mark.parametrize("encoding", ["ascii", "utf-16"])
@pytest.mark.parametrize("name", ["out.txt", "out.csv", "out.json"])
def test_files_are_in_utf_8_whatever_the_encoding_of_standard_output(run_bytes, tmp_path, name, encoding):
    run_bytes("balances", "--output", name, PYTHONIOENCODING=encoding)

    assert NAME in (tmp_path / name).read_text("utf-8")


def test_a_sketch_is_drawn_in_ascii_where_there_is_no_more(run_bytes):
    _, shown, _ = run_bytes("snapshots", "spot", "--plot", PYTHONIOENCODING="ascii")

    assert "***" in shown.decode("ascii")
    assert "\\u" not in shown.decode("ascii")


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "latin-1"])
def test_an_error_is_told_in_any_encoding(run_bytes, encoding):
    code, _, errors = run_bytes("balances", "--output", "没有/x.txt", PYTHONIOENCODING=f"{encoding}:strict")

    assert code == 1
    assert errors.decode(encoding) == "binance-wallet: \\u6ca1\\u6709/x.txt: No such file or directory\n"


def test_an_account_of_an_archive_is_named_in_any_encoding(run_bytes):
    _, shown, errors = run_bytes(*COMMANDS["an update"], PYTHONIOENCODING="ascii")

    assert errors == b""
    assert b"added to \\u57fa\\u91d1: spot" in shown


@pytest.mark.parametrize(
    "args",
    [
        ["balances"],
        ["balances", "--json"],
        ["snapshots", "spot"],
        ["snapshots", "spot", "--plot"],
        ["history", "--output", "-"],
        ["history", "--output", "/dev/stdout"],
        ["doctor"],
    ],
    ids=" ".join,
)
def test_a_closed_standard_output_is_said_before_a_call_is_spent(run_in, exchange, tmp_path, args):
    with (tmp_path / "errors").open("wb") as errors, Path("/dev/null").open("rb") as stdin:
        code = run_in(*args, streams=[stdin, None, errors])

    assert code == 1
    assert (tmp_path / "errors").read_text().endswith("closed\n")
    assert (tmp_path / "errors").read_text().startswith("binance-wallet: ")
    assert exchange.requests == []


CLOSED = {"stdout": [0, 2], "stderr": [0, 1], "stdin": [1, 2], "stdin and stdout": [2], "all": []}


@pytest.mark.parametrize("opened", CLOSED.values(), ids=CLOSED)
@pytest.mark.parametrize(
    "args",
    [
        ["balances", "--output", "out.csv"],
        ["snapshots", "spot", "--plot", "out.svg"],
        ["history", "--output", "out.parquet"],
        ["history", "--output", "out.xlsx"],
        ["report", "--output", "out.html"],
        ["archive", "update", "--archive", "out.sqlite"],
    ],
    ids=" ".join,
)
@pytest.mark.usefixtures("exchange")
def test_a_file_takes_no_standard_stream(run_in, tmp_path, args, opened):
    name = tmp_path / args[-1]
    with (tmp_path / "text").open("w+b") as text:
        code = run_in(*args, streams=[text if number in opened else None for number in range(3)])

    said = (tmp_path / "text").read_text()
    assert code == 0
    if name.suffix == ".sqlite" and 1 in opened:
        assert said.startswith("made a new archive: ")
    else:
        assert not said
    assert name.stat().st_size > 100
    if name.suffix == ".csv":
        assert next(csv.DictReader(io.StringIO(name.read_text())))["wallet_name"] == "Spot"


@pytest.mark.parametrize("change", [["rename", "main", "fund"], ["remove", "main"]], ids=" ".join)
@pytest.mark.usefixtures("exchange")
def test_accounts_are_changed_though_standard_output_is_closed(run, run_in, tmp_path, change):
    run("archive", "update", "--archive", "a.db")
    with (tmp_path / "errors").open("w+b") as errors:
        assert run_in("archive", "accounts", *change, "--archive", "a.db", streams=[errors, None, errors]) == 0

    assert (tmp_path / "errors").read_bytes() == b""
    shown = run("archive", "accounts", "--archive", "a.db")[1]
    assert "main" not in shown
    assert ("fund" in shown) == ("fund" in change)


@pytest.mark.parametrize("args", [["--help"], ["--version"], ["balances", "--fast"], ["archive", "--help"]])
def test_with_all_streams_closed_there_is_still_an_exit_code(run_in, args):
    assert run_in(*args, streams=[None, None, None]) == (2 if "--fast" in args else 0)


def test_with_standard_error_closed_an_error_is_not_told_to_standard_output(run_in, tmp_path):
    with (tmp_path / "shown").open("w+b") as shown:
        assert run_in("balances", "--fast", streams=[shown, shown, None]) == 2

    assert (tmp_path / "shown").read_bytes() == b""


def test_a_real_process_may_have_them_closed_too(run, tmp_path):
    code, shown, errors = run("-c", f"exec {COMMAND} balances --output x.txt >&- <&-", command=["sh"])

    assert (code, shown, errors) == (0, "", "")
    assert "Total" in (tmp_path / "x.txt").read_text()


@pytest.mark.parametrize(
    ("unbuffered", "destination"),
    [("", []), ("1", []), ("", ["--output", "/dev/stderr"])],
    ids=["stdout", "stdout unbuffered", "stderr"],
)
def test_a_pipe_that_does_not_block_gets_everything(start_command, unbuffered, destination):
    """Other programs on the same pipe, such as node, set it so."""
    here, there = os.pipe()
    os.set_blocking(there, False)
    args = ["history", "--format", "ndjson", *destination]
    process = start_command(*args, PYTHONUNBUFFERED=unbuffered, **{"stderr" if destination else "stdout": there})
    while select([], [there], [], 0)[1]:
        time.sleep(0.01)  # the pipe is not full yet
    os.close(there)
    with os.fdopen(here, "rb") as pipe:
        shown = pipe.read()

    assert process.wait(timeout=10) == 0
    assert len(shown) > 100_000
    assert all(json.loads(line) for line in shown.splitlines())


@pytest.mark.parametrize("variables", [{"FORCE_COLOR": "1"}, {"FORCE_COLOR": "1", "TERM": "dumb"}, {"COLUMNS": "20"}])
def test_a_pipe_gets_whole_tables_without_colour_whatever_is_forced(run, variables):
    assert run("balances", **variables) == run("balances")


@pytest.mark.parametrize("columns", [30, 60, 120])
def test_a_terminal_that_knows_no_escape_sequences_has_its_own_width(run_on_terminal, columns):
    code, shown = run_on_terminal("snapshots", "margin", "--days", "1", columns=columns, TERM="dumb")

    assert code == 0
    assert "\x1b" not in shown
    assert "…" not in shown
    assert all(len(line) <= columns for line in shown.splitlines())


def test_what_a_library_prints_is_in_no_file_that_is_opened_while_standard_output_is_closed(
    run_in, monkeypatch, tmp_path
):
    def balances(self, quote_asset):
        os.write(1, b"a message of a library in C")
        return Balances([], quote_asset=quote_asset)

    monkeypatch.setattr(WalletClient, "balances", balances)

    assert run_in("balances", "--output", "out.json", streams=[None, None, None]) == 0
    assert json.loads((tmp_path / "out.json").read_text()) == []
