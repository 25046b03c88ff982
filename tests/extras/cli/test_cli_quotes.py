"""`--quote` and `--prices` of snapshots and history: totals in another asset, on the days that have a price."""

import csv
import io
import json
import re
from datetime import timedelta
from decimal import Decimal

import pytest
from binance_wallet_extras.archive import Archive
from openpyxl import load_workbook
from pyarrow import parquet

DAY = timedelta(days=1)


@pytest.fixture
def file(tmp_path, yesterday):
    """A file with prices of three days. The archive has one of them, too."""
    file = tmp_path / "prices.csv"
    days = {yesterday - 2 * DAY: "70000", yesterday - DAY: "80000.5", yesterday: "1"}
    file.write_text("day,price\n" + "".join(f"{day},{price}\n" for day, price in days.items()))
    return file


def worth(rows):
    return {row["update_time"][:10]: row["total_in_quote"] for row in rows}


def test_an_archive_shows_totals_in_what_its_updates_are_in(run, template, yesterday):
    args = ["history", "--archive", template, "--quote", "usdt", "--days", 2, "--format", "json"]
    code, shown, errors = run(*args)
    assert code == 0
    missing = f"1 of 2, the first is {yesterday - DAY}, the last {yesterday - DAY}"
    assert errors == f"binance-wallet: days without a price of BTC in USDT: {missing}\n"
    price = Archive(template).prices("USDT")[yesterday]
    by_type = {
        type_: worth(row for row in json.loads(shown) if row["type"] == type_)
        for type_ in ("spot", "margin", "futures")
    }
    spot, margin = (Archive(template).snapshots(type_, start=yesterday)[0].data for type_ in ("SPOT", "MARGIN"))
    totals = {"spot": spot.total_asset_of_btc, "margin": margin.total_net_asset_of_btc}
    for type_, total in totals.items():
        assert by_type[type_] == {str(yesterday - DAY): None, str(yesterday): f"{round(total * price, 8):f}"}
    assert by_type["futures"] == {str(yesterday - DAY): None, str(yesterday): None}
    assert {row["quote_asset"] for row in json.loads(shown)} == {"USDT"}


def test_the_prices_of_a_file_come_before_those_of_the_archive(run, template, file, yesterday):
    args = ["snapshots", "spot", "--archive", template, "--days", 4, "--quote", "USDT", "--format", "csv"]
    own = worth(csv.DictReader(io.StringIO(run(*args)[1])))
    complete_archive = worth(csv.DictReader(io.StringIO(run(*args, "--prices", file)[1])))
    assert [bool(amount) for amount in own.values()] == [False, False, False, True]
    assert [bool(amount) for amount in complete_archive.values()] == [False, True, True, True]
    total = Archive(template).snapshots("SPOT", start=yesterday)[0].data.total_asset_of_btc
    assert complete_archive[str(yesterday)] == f"{total:f}"  # its price is 1


def test_a_file_is_enough_without_an_archive(run, library, file, yesterday):
    [*_, last] = library.snapshots("SPOT", days=7)
    shown = run("snapshots", "spot", "--quote", "USDT", "--prices", file, "--json")[1]
    assert worth(json.loads(shown))[str(yesterday)] == f"{last.data.total_asset_of_btc:f}"
    assert len(worth(json.loads(run("history", "--days", 7, "--quote", "USDT", "--prices", file, "--json")[1]))) == 7


def test_a_table_marks_the_days_without_a_price(run, template, file, yesterday):
    args = ["--archive", template, "--days", 3, "--quote", "USDT"]
    code, shown, errors = run("snapshots", "spot", *args)
    assert (code, errors) == (0, "")
    rows = [line.split() for line in shown.splitlines() if line.strip().startswith("20")]
    assert [row[1:3] for row in rows[:2]] == [["no", "price"]] * 2
    assert len(rows[2]) == 3  # nothing is known of the change
    assert re.search(r"Value \(USDT\) +Change \(USDT\) +Change \(%\) +Value \(BTC\)\n", shown)
    shown = run("snapshots", "margin", *args, "--prices", file)[1]
    rows = [line.split() for line in shown.splitlines() if line.strip().startswith("20")]
    before, after = (Decimal(row[1]) for row in rows[:2])
    assert rows[1][2:4] == [f"{after - before:+f}", f"{100 * (after - before) / before:+.2f}"]


def test_futures_have_no_total_and_say_so(run, template):
    shown = run("history", "--archive", template, "--days", 3, "--quote", "USDT")[1]
    assert shown.count("Snapshots of futures have no total, and so none in USDT.") == 1
    code, shown, errors = run("snapshots", "futures", "--archive", template, "--quote", "USDT")
    assert (code, shown, errors.count("\n")) == (2, "", 1)
    assert "snapshots of futures have no total, and so none in USDT" in errors


def test_a_history_of_futures_alone_is_written(run, exchange, file):
    for type_ in ("SPOT", "MARGIN"):
        exchange.account.set_first_day(None, type=type_)
    code, shown, errors = run("history", "--days", 2, "--quote", "USDT", "--prices", file, "--json")
    assert (code, errors) == (0, "")
    assert {row["total_in_quote"] for row in json.loads(shown)} == {None}


def test_files_and_pictures_are_in_the_quote_asset(run, template, file, tmp_path):
    args = ["--archive", template, "--days", 5, "--quote", "USDT", "--prices", file]
    assert run("history", *args, "--output", "history.parquet")[0] == 0
    assert parquet.read_table(tmp_path / "history.parquet").column_names[-2:] == ["total_in_quote", "quote_asset"]
    assert run("snapshots", "spot", *args, "--plot", "spot.svg", "--output", "spot.xlsx")[0] == 0
    assert "Value (USDT)" in (tmp_path / "spot.svg").read_text()
    assert "Grey: days without a record or without a price." in (tmp_path / "spot.svg").read_text()
    assert load_workbook(tmp_path / "spot.xlsx")["Spot"]["B1"].value == "Value (USDT)"
    code, shown, errors = run("snapshots", "spot", *args, "--plot")
    assert (code, errors) == (0, "")
    assert "Value (USDT) at the end of each day" in shown
    assert "Days without a price of BTC in USDT: 2 of 5." in shown


def test_without_a_quote_asset_nothing_is_different(run, template):
    shown = run("snapshots", "spot", "--archive", template, "--format", "csv")[1]
    assert "total_in_quote" not in shown


@pytest.mark.parametrize(
    ("args", "code", "message"),
    [
        (["--quote", "USDT"], 2, "--quote takes prices of BTC: give --archive, where updates record them, or --prices"),
        (["--prices", "prices.csv"], 2, "--prices does not say which asset the prices are in: give --quote, too"),
        (["--quote", "btc", "--prices", "prices.csv"], 2, "--quote: totals are in BTC anyway"),
        (["--quote", "USDT", "--prices", "no.csv"], 1, "no.csv: No such file or directory"),
        (["--quote", "USDT", "--prices", "bad.csv"], 1, "bad.csv, line 2: '1,5' is not a price: write it as in 2025-"),
        (
            ["--quote", "EUR", "--archive", "ARCHIVE"],
            1,
            "the archive has no price of BTC in EUR: an update with --quote",
        ),
        (["--quote", "USDT", "--archive", "no.sqlite"], 1, "there is no archive at no.sqlite yet"),
    ],
)
@pytest.mark.parametrize("command", [["history"], ["snapshots", "margin"]])
def test_what_is_wrong_with_prices_is_known_before_a_call(
    run, exchange, template, file, *, command, args, code, message
):
    file.with_name("bad.csv").write_text('2025-12-31,1\n2025-12-30,"1,5"\n')
    exchange.requests.clear()
    found, shown, errors = run(*command, *(str(template) if arg == "ARCHIVE" else arg for arg in args))
    assert (found, shown, errors.count("\n")) == (code, "", 1)
    assert message in errors
    assert exchange.requests == []
