"""The formats for programs: each has the same rows as `binance_wallet_extras.export`."""

import csv
import io
import json
from decimal import Decimal
from io import BytesIO

import pytest
from binance_wallet_extras.export import COLUMNS, rows, to_excel
from openpyxl import load_workbook

ACCOUNTS = ["spot", "margin", "futures"]


@pytest.fixture
def expected(exchange, library):
    expected = {account: rows(library.snapshots(account.upper(), days=2)) for account in ACCOUNTS}
    exchange.reset()  # the request weight that this took
    return expected


def as_text(table):
    """Rows as JSON shows them."""
    return [
        {
            name: f"{value:f}"
            if isinstance(value, Decimal)
            else f"{value:%Y-%m-%dT%H:%M:%SZ}"
            if name == "update_time"
            else value
            for name, value in row.items()
        }
        for row in table
    ]


@pytest.mark.parametrize("account", ACCOUNTS)
def test_json_holds_every_row_exactly(run, expected, account):
    code, shown, _ = run("snapshots", account, "--days", 2, "--json")

    assert code == 0
    assert json.loads(shown) == as_text(expected[account])


@pytest.mark.parametrize("account", ACCOUNTS)
def test_csv_has_the_documented_columns_and_every_amount_exactly(run, expected, account):
    shown = run("snapshots", account, "--days", 2, "--format", "csv")[1]

    table = [*csv.reader(io.StringIO(shown))]
    assert table[0] == [*COLUMNS[account]]
    assert table[1:] == [["" if cell is None else cell for cell in row.values()] for row in as_text(expected[account])]


@pytest.mark.parametrize("account", ACCOUNTS)
def test_parquet_holds_exact_decimals_and_times_in_utc(run, expected, account, tmp_path):
    from pyarrow import parquet

    assert run("snapshots", account, "--days", 2, "--output", "out.parquet") == (0, "", "")

    assert parquet.read_table(tmp_path / "out.parquet").to_pylist() == expected[account]


@pytest.fixture
def records(exchange, library):
    """The records from the library, by kind."""
    spot, margin, futures = library.history(days=2)
    records = {
        "spot": spot,
        "snapshots": [*spot, *margin, *futures],
        "balances": library.balances(),
        "wallet_assets": library.balances(details=True),
    }
    exchange.reset()  # the request weight that this took
    return records


@pytest.mark.parametrize(
    ("args", "kind"),
    [
        (["snapshots", "spot", "--days", 2], "spot"),
        (["history", "--days", 2], "snapshots"),
        (["balances", "--all"], "balances"),
        (["balances", "--all", "--details"], "wallet_assets"),
    ],
    ids=str,
)
def test_a_workbook_is_that_of_the_library(run, records, tmp_path, args, kind):
    assert run(*args, "--output", "out.xlsx") == (0, "", "")

    found, expected = load_workbook(tmp_path / "out.xlsx"), load_workbook(BytesIO(to_excel(records[kind], kind=kind)))
    assert {sheet.title: [*sheet.values] for sheet in found} == {sheet.title: [*sheet.values] for sheet in expected}


def test_a_workbook_is_for_its_owner_alone_and_may_have_any_name(run, tmp_path):
    assert run("balances", "--format", "XLSX", "--output", "out") == (0, "", "")

    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o600
    assert load_workbook(BytesIO((tmp_path / "out").read_bytes())).sheetnames == ["Balances BTC"]


def test_balances_say_what_they_are_expressed_in(run, library):
    code, shown, _ = run("balances", "--quote", "USDT", "--all", "--json")

    assert code == 0
    assert json.loads(shown) == as_text(rows(library.balances("USDT"), quote_asset="USDT"))


def test_truth_values_in_csv_are_those_of_json(run):
    shown = run("balances", "--all", "--format", "csv")[1]

    assert {row["activate"] for row in csv.DictReader(io.StringIO(shown))} == {"true", "false"}


def test_a_history_has_the_columns_of_all_accounts_whatever_is_in_it(run, exchange):
    exchange.fail(200, body='{"code":200,"msg":"","snapshotVos":[]}', times=3)

    assert run("history", "--format", "csv") == (0, ",".join(COLUMNS["snapshots"]) + "\n", "")


def test_a_history_holds_the_rows_of_all_accounts_and_ndjson_one_a_line(run, expected):
    shown = run("history", "--days", 2, "--format", "ndjson")[1]

    assert [json.loads(line) for line in shown.splitlines()] == as_text(
        [row for table in expected.values() for row in table]
    )


@pytest.mark.parametrize("name", ["out.csv", "out.JSON", "out.ndjson", "out.txt", "out"])
def test_the_format_follows_the_name_of_the_file(run, tmp_path, name):
    assert run("balances", "-o", name) == (0, "", "")

    written = (tmp_path / name).read_text()
    starts = {".csv": "activate,", ".json": "[\n", ".ndjson": '{"activate"', ".txt": "Wallets\n", "": "Wallets\n"}
    assert written.startswith(starts[(tmp_path / name).suffix.lower()])


@pytest.mark.parametrize("name", ["out.data", "out.txt", "out"])
def test_any_format_goes_into_a_file_that_is_named_after_none(run, tmp_path, name):
    assert run("balances", "-o", name, "--json") == (0, "", "")

    assert json.loads((tmp_path / name).read_text())


@pytest.mark.parametrize(
    ("period", "days"), [(["--from", "{first}", "--to", "{last}"], 3), (["--from", "{first}"], 3), ([], 7)]
)
def test_the_days_asked_for_are_the_days_that_come(run, library, period, days):
    first, *_, last = (f"{day.update_time:%Y-%m-%d}" for day in library.snapshots("SPOT", days=3))

    options = [option.format(first=first, last=last) for option in period]
    shown = run("snapshots", "spot", *options, "--format", "csv")[1]

    found = sorted({row["update_time"][:10] for row in csv.DictReader(io.StringIO(shown))})
    assert len(found) == days
    assert found[-1] == last


def test_a_history_is_of_thirty_days_unless_a_period_is_given(run):
    rows = csv.DictReader(io.StringIO(run("history", "--format", "csv")[1]))

    days = {account: set() for account in ACCOUNTS}
    for row in rows:
        days[row["type"]].add(row["update_time"])
    assert {account: len(found) for account, found in days.items()} == dict.fromkeys(ACCOUNTS, 30)


def test_amounts_that_parquet_cannot_hold_are_refused_with_the_formats_that_can(run, exchange, tmp_path):
    (tmp_path / "out.parquet").write_text("old")
    amounts = ["12345678901234567890123456789012345.5", "0.12345678"]
    balances = [{"activate": True, "balance": amount, "walletName": "Spot"} for amount in amounts]
    exchange.fail(200, body=json.dumps(balances), times=2)

    code, _, errors = run("balances", "--output", "out.parquet")

    assert code == 1
    assert errors.endswith("holds 38: write csv, json or ndjson, which have no limit\n")
    assert (tmp_path / "out.parquet").read_text() == "old"
    assert amounts[0] in run("balances", "--format", "csv")[1]
