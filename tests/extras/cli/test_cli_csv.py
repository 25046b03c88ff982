"""CSV files: no cell is run by a spreadsheet, rows stay whole, and Excel can be told the encoding."""

import csv
import io
import json
from decimal import Decimal

import pandas as pd
import polars as pl
import pytest
from binance_wallet_client.models import FuturesAsset, FuturesPosition, FuturesSnapshot, FuturesSnapshotData
from binance_wallet_extras.cli.formats import Format, write
from binance_wallet_extras.cli.output import Content

BALANCE = "/sapi/v1/asset/wallet/balance"
FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "=cmd|' /C calc'!A0", *"\uff1d\uff0b\uff0d\uff20"]
HARMLESS = ["Spot", "USDⓈ-M Futures", "a=b", "1-2", "'quoted", "", " =1", "5%", "币安人生", "a\rb", "a\nb", 'a"b,c']


def rows(text):
    return [*csv.DictReader(io.StringIO(text, newline=""))]


@pytest.fixture
def named(exchange):
    """Give wallets these names."""

    def named(*names):
        balances = [{"activate": True, "balance": "1.5", "walletName": name} for name in names]
        exchange.fail(200, body=json.dumps(balances), path=BALANCE, times=9)

    return named


def in_format(form, *names):
    """A futures snapshot with negative amounts, and with these names of assets and symbols."""
    assets = [FuturesAsset(name, Decimal("-1.5"), Decimal(-2)) for name in names]
    positions = [FuturesPosition(*map(Decimal, ("1", "2", "-3.5")), name, Decimal(-4)) for name in names]
    content = Content()
    write(content, form, [FuturesSnapshot(FuturesSnapshotData(assets, positions), 0)], "futures", table=str)
    return content.getvalue().decode()


@pytest.mark.parametrize("name", FORMULAS)
def test_a_name_that_a_spreadsheet_would_run_gets_an_apostrophe(run, tmp_path, named, name):
    named(name)

    (shown,) = rows(run("balances", "--format", "csv")[1])
    run("balances", "--output", "out.csv")

    assert shown["wallet_name"] == f"'{name}"
    assert rows((tmp_path / "out.csv").read_bytes().decode()) == [shown]


@pytest.mark.parametrize("form", [Format.CSV, Format.CSV_EXCEL])
def test_names_in_every_column_get_one_and_amounts_never(form):
    table = rows(in_format(form, "=1", "-BTC").removeprefix("\ufeff"))

    assert [row["asset"] for row in table] == ["'=1", "'-BTC", "", ""]
    assert [row["symbol"] for row in table] == ["", "", "'=1", "'-BTC"]
    assert [row["margin_balance"] for row in table] == ["-1.5", "-1.5", "", ""]
    assert [row["un_realized_profit"] for row in table] == ["", "", "-4", "-4"]


def test_the_asset_that_balances_are_valued_in_is_a_name_too(run, named):
    named("Spot")

    (shown,) = rows(run("balances", "--quote", "=USDT", "--format", "csv")[1])

    assert shown["quote_asset"] == "'=USDT"


def test_names_that_need_none_are_unchanged_and_rows_stay_whole(run, named):
    named(*HARMLESS)

    shown = run("balances", "--format", "csv")[1]

    assert [row["wallet_name"] for row in rows(shown)] == HARMLESS


@pytest.mark.parametrize("name", ["a\rb", "a\nb", "a\r\nb", "\r", "a\r"])
def test_a_line_break_in_a_name_breaks_no_row_of_other_readers(run, tmp_path, named, name):
    named(name, "Spot")

    run("balances", "--output", "out.csv")

    content = (tmp_path / "out.csv").read_bytes()
    assert content.count(f'"{name}"'.encode()) == 1 or content.count(f'"\'{name}"'.encode()) == 1
    assert pd.read_csv(tmp_path / "out.csv")["wallet_name"].tolist()[1:] == ["Spot"]
    assert pl.read_csv(tmp_path / "out.csv")["wallet_name"].to_list()[1:] == ["Spot"]


@pytest.mark.parametrize("form", ["json", "ndjson"])
def test_other_formats_have_the_names_as_they_are(run, named, form):
    named(*FORMULAS)

    shown = run("balances", "--format", form)[1]

    table = json.loads(shown) if form == "json" else [json.loads(line) for line in shown.splitlines()]
    assert [row["wallet_name"] for row in table] == FORMULAS


def test_parquet_has_the_names_as_they_are(run, tmp_path, named):
    named(*FORMULAS)

    run("balances", "--output", "out.parquet")

    assert pl.read_parquet(tmp_path / "out.parquet")["wallet_name"].to_list() == FORMULAS


@pytest.mark.parametrize("args", [["--output", "out.csv"], ["--output", "out.data"], ["-o", "OUT.CSV"]])
def test_csv_for_excel_is_the_same_behind_a_byte_order_mark(run, tmp_path, args):
    plain = run("balances", "--format", "csv")[1]

    assert run("balances", "--format", "csv-excel", *args) == (0, "", "")

    (file,) = tmp_path.iterdir()
    assert file.read_bytes() == b"\xef\xbb\xbf" + plain.encode()


@pytest.mark.parametrize("args", [["--output", "out.csv"], ["--format", "csv", "--output", "out.csv"]])
def test_without_being_asked_for_there_is_no_byte_order_mark(run, tmp_path, args):
    run("balances", *args)

    assert (tmp_path / "out.csv").read_bytes().startswith(b"activate,")


@pytest.mark.parametrize("name", ["out.json", "out.parquet", "out.ndjson"])
def test_csv_for_excel_and_the_name_of_another_format_contradict_each_other(run, name):
    assert run("balances", "--format", "csv-excel", "--output", name)[0] == 2
