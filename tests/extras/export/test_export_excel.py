"""Excel workbooks, read back by openpyxl and, where it is installed, by LibreOffice."""

import csv
import gc
import io
import os
import shutil
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from binance_wallet import Balances, History
from binance_wallet_client.models import (
    AssetBalance,
    FuturesAsset,
    FuturesPosition,
    MarginAsset,
    MarginSnapshotData,
    SpotAsset,
    SpotSnapshot,
    SpotSnapshotData,
    WalletBalance,
)
from binance_wallet_extras.export import ExportError, RecordedBalance, to_excel
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import fields, replace
from openpyxl import load_workbook
from openpyxl.utils.escape import unescape

FIRST = datetime(2019, 12, 13)  # noqa: DTZ001 - Excel has no time zones
HOSTILE = ["=1+1", "+1", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0", *"\uff1d\uff0b\uff0d\uff20"]


def workbook(records, **options):
    return load_workbook(io.BytesIO(to_excel(records, **options)))


def table(sheet):
    return [list(row) for row in sheet.iter_rows(values_only=True)]


def wallets(*names, balance="1.5", quote_asset="USDT"):
    return Balances(
        [WalletBalance(activate=True, balance=Decimal(balance), wallet_name=name) for name in names],
        quote_asset=quote_asset,
    )


def recorded(quote_asset, days=1, name="Spot"):
    at = datetime(2026, 1, 31, 12, 30, 15, 250_000, UTC)
    return [
        RecordedBalance(
            activate=True,
            balance=Decimal(n),
            wallet_name=name,
            recorded_at=at + timedelta(n),
            quote_asset=quote_asset,
        )
        for n in range(days)
    ]


def amounts(*free):
    assets = [SpotAsset(asset=f"A{n}", free=Decimal(amount), locked=Decimal(0)) for n, amount in enumerate(free)]
    return [SpotSnapshot(data=SpotSnapshotData(balances=assets, total_asset_of_btc=Decimal(0)), update_time_ms=0)]


def exact(cell):
    """The value of a cell; for a number, the decimal that Excel shows."""
    return Decimal(str(cell.value))


def test_snapshots_of_spot_are_a_sheet_of_days_and_one_of_their_assets(spot):
    book = workbook(spot)

    assert {sheet.title: table(sheet) for sheet in book} == {
        "Spot": [["Day (UTC)", "Total assets (BTC)"], [FIRST, 0.099427], [FIRST + timedelta(1), 0]],
        "Spot assets": [
            ["Day (UTC)", "Asset", "Free", "Locked"],
            [FIRST, "BTC", 0.09905021, 0],
            [FIRST, "币安人生", 1.89109409, 0.00000001],
        ],
    }


def test_snapshots_of_margin_are_a_sheet_of_days_and_one_of_their_assets(margin):
    book = workbook(margin)

    assert {sheet.title: table(sheet) for sheet in book} == {
        "Margin": [
            ["Day (UTC)", "Margin level", "Total assets (BTC)", "Owed (BTC)", "Net value (BTC)"],
            [FIRST, 2748.02909813, 0.3, 0.1, 0.2],
        ],
        "Margin assets": [
            ["Day (UTC)", "Asset", "Borrowed", "Free", "Interest", "Locked", "Net"],
            [FIRST, "XRP", 2, 1, 0.1, 0.5, -0.6],
        ],
    }


def test_snapshots_of_futures_are_a_sheet_of_assets_and_one_of_positions(futures):
    book = workbook(futures)

    assert {sheet.title: table(sheet) for sheet in book} == {
        "Futures assets": [
            ["Day (UTC)", "Asset", "Margin balance", "Wallet balance"],
            [FIRST, "USDT", 118.99782335, 120.23811389],
        ],
        "Futures positions": [
            ["Day (UTC)", "Symbol", "Entry price", "Mark price", "Size", "Unrealized profit"],
            [FIRST, "BTCUSDT", 7130.41, 7257.66239673, -0.01, 1.24029054],
        ],
    }


def test_a_history_has_the_sheets_of_all_accounts_also_of_one_without_a_day(spot, futures):
    book = workbook(History(spot, [], futures))

    names = ["Spot", "Spot assets", "Margin", "Margin assets", "Futures assets", "Futures positions"]
    assert book.sheetnames == names
    assert [sheet.max_row - 1 for sheet in book] == [2, 2, 0, 0, 1, 1]


def test_balances_are_a_sheet_that_names_their_asset(balances):
    (sheet,) = workbook(balances)

    assert sheet.title == "Balances USDT"
    assert table(sheet) == [
        ["Wallet", "Balance (USDT)", "Active"],
        ["USDⓈ-M Futures", 0.71842752, True],
        ["Options", 0, False],
    ]


def test_details_are_a_sheet_of_their_own(detailed):
    wallets, assets = workbook(detailed)

    assert table(wallets)[1:] == [["Spot", 175000, True], ["Funding", 0, True]]
    assert table(assets) == [
        ["Wallet", "Asset", "Name", "Free", "Locked", "Frozen", "Withdrawing", "Value (BTC)"],
        ["Spot", "BTC", "Bitcoin", 1.5, 0, 0.25, 0, 1.75],
    ]


def test_recorded_balances_are_a_sheet_for_each_asset_so_that_a_sum_adds_no_two_assets():
    book = workbook([*recorded("USDT", 2), *recorded("BTC")])

    assert book.sheetnames == ["Balances USDT", "Balances BTC"]
    assert table(book["Balances USDT"])[0] == ["Recorded at (UTC)", "Wallet", "Balance (USDT)", "Active"]
    moments = [row[0] for row in table(book["Balances USDT"])[1:]]
    begin = datetime(2026, 1, 31, 12, 30, 15, 250_000)  # noqa: DTZ001
    assert moments == [begin, begin + timedelta(1)]
    assert book["Balances USDT"]["A2"].number_format == "yyyy-mm-dd hh:mm:ss"


def test_details_of_recorded_balances_are_a_sheet_with_a_row_for_each_time_wallet_and_asset(detailed):
    assets = detailed[0].asset_balances
    (one,) = recorded("USDT")
    book = workbook([replace(one, asset_balances=assets), *recorded("BTC")])

    assert book.sheetnames == ["Balances USDT", "Balances BTC", "Wallet assets"]
    headings, row = table(book["Wallet assets"])
    assert headings[:4] == ["Recorded at (UTC)", "Wallet", "Asset", "Name"]
    assert row[1:5] == ["Spot", "BTC", "Bitcoin", 1.5]


@pytest.mark.parametrize(
    ("model", "sheet"),
    [
        (SpotAsset, "Spot assets"),
        (MarginAsset, "Margin assets"),
        (MarginSnapshotData, "Margin"),
        (FuturesAsset, "Futures assets"),
        (FuturesPosition, "Futures positions"),
        (AssetBalance, "Wallet assets"),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_no_field_is_left_out_or_without_a_heading(model, sheet):
    kind = "wallet_assets" if model is AssetBalance else "snapshots"
    headings = table(workbook(Balances([], quote_asset="BTC"), kind=kind)[sheet])[0]

    scalars = [field.name for field in fields(model) if field.type in (Decimal, str)]
    assert len(headings) == 1 + len(scalars)
    assert not {*headings} & {*scalars}


def test_the_header_is_frozen_and_repeated_on_paper(spot):
    for sheet in workbook(spot):
        assert sheet.freeze_panes == "A2"
        assert sheet.print_title_rows == "$1:$1"
        assert all(cell.font.bold for cell in sheet[1])


def test_days_are_dates(spot):
    cell = workbook(spot)["Spot"]["A2"]

    assert cell.is_date
    assert cell.number_format == "yyyy-mm-dd"


def test_the_amounts_of_a_column_show_the_same_decimals():
    sheet = workbook(amounts("1.50000000", "2", "-0.123"))["Spot assets"]

    assert [cell.number_format for cell in sheet["C"][1:]] == ["#,##0.00000000"] * 3
    assert [cell.number_format for cell in sheet["D"][1:]] == ["#,##0"] * 3


LIMITS = {
    "0": True,
    "0.00000000": True,
    "123456789012345": True,
    "1234567.12345678": True,
    "-999999999999.999": True,
    "12345678.123456700000": True,
    "1E+20": True,
    "1E-30": True,
    "9.00719925474099": True,
    "1234567890123456": False,
    "12345678.12345678": False,
    "-877904487.93940587": False,
    "0.1234567890123456": False,
    "1E-31": False,
    "1E+400": False,
}


@pytest.mark.parametrize(("amount", "is_number"), LIMITS.items())
def test_an_amount_is_a_number_where_excel_keeps_all_its_digits(amount, is_number):
    cell = workbook(amounts(amount))["Spot assets"]["C2"]

    assert (cell.data_type == "n") == is_number
    assert exact(cell) == Decimal(amount)
    if not is_number:
        assert cell.value == f"{Decimal(amount):f}"
        assert cell.fill.fgColor.rgb == "FFFFF2CC"


@settings(max_examples=25)
@given(st.lists(st.decimals(allow_nan=False, allow_infinity=False, places=8), min_size=1))
def test_all_digits_of_any_amount_are_there(free):
    sheet = workbook(amounts(*free))["Spot assets"]

    assert [exact(cell) for cell in sheet["C"][1:]] == free


def test_a_column_with_amounts_that_are_text_says_so():
    sheet = workbook(amounts("1", "12345678.12345678"))["Spot assets"]

    assert "Yellow cells are text. Excel keeps 15 digits of a number" in sheet["C1"].comment.text
    assert sheet["D1"].comment is None


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_is_a_formula_not_even_when_its_cell_is_edited(name):
    cell = workbook(wallets(name))["Balances USDT"]["A2"]

    assert (cell.value, cell.data_type) == (name, "s")
    assert cell.quotePrefix


NAMES = {
    "Spot": "Spot",
    "币安人生": "币安人生",
    " a  b ": " a  b ",
    "<b>&amp;\"'": "<b>&amp;\"'",
    "_x0041_": "_x0041_",
    "<r><t>A</t></r>": "<r><t>A</t></r> ",  # XlsxWriter would take it for XML of its own
    "<r></is></c><f>1+1</f></r>": "<r></is></c><f>1+1</f></r> ",
    "a\x00b\x1b[31m\x07": r"a\x00b\x1b[31m\x07",
    "a\r\n\tb": r"a\r\n\tb",
    "\ud800": r"\ud800",
    "\ufffe\uffff": r"\ufffe\uffff",
    "\u202egpj": r"\u202egpj",
}


@pytest.mark.parametrize(("name", "shown"), NAMES.items(), ids=ascii)
def test_a_name_breaks_no_file(name, shown):
    cell = workbook(wallets(name))["Balances USDT"]["A2"]

    assert unescape(cell.value) == shown
    assert cell.data_type == "s"


@settings(max_examples=25)
@given(st.lists(st.text(), min_size=1))
def test_any_name_can_be_written(names):
    assert workbook(wallets(*names))["Balances USDT"].max_row == 1 + len(names)


@pytest.mark.parametrize(
    ("asset", "name"),
    [
        ("[a]:b*c?d/e\\f", "Balances _a__b_c_d_e_f"),
        ("A" * 40, f"Balances {'A' * 22}"),
        ("币" * 40, f"Balances {'币' * 22}"),
        ("\U0001f4b0" * 40, f"Balances {chr(0x1F4B0) * 11}"),
        ("it's'", "Balances it's"),
        ("\x07", r"Balances _x07"),
        ("'", "Balances"),
    ],
    ids=ascii,
)
def test_any_asset_gives_a_sheet_a_name_that_excel_takes(asset, name):
    book = workbook(wallets("Spot", quote_asset=asset))

    assert book.sheetnames == [name]


def test_no_two_sheets_have_one_name():
    book = workbook([each for asset in ("A" * 40, "A" * 39, "a" * 22) for each in recorded(asset)])

    assert book.sheetnames == [f"Balances {'A' * 22}", f"Balances {'A' * 18} (2)", f"Balances {'a' * 18} (3)"]


@pytest.mark.parametrize("name", ["a rather long name of a wallet", "币安人生币安人生"])
def test_columns_are_wide_enough(name):
    sheet = workbook(wallets(name, balance="-123456789.12345678"))["Balances USDT"]

    columns = sheet.column_dimensions
    assert columns["A"].width > (30 if name.isascii() else 16)
    assert columns["B"].width > len("-123,456,789.12345678")
    assert columns["C"].width > len("Active")


def test_more_rows_than_excel_has_are_refused():
    asset = SpotAsset(asset="A", free=Decimal(1), locked=Decimal(0))
    data = SpotSnapshotData(balances=[asset] * 1_048_576, total_asset_of_btc=Decimal(0))

    with pytest.raises(ExportError, match=r"the sheet 'Spot assets' takes 1,048,577 rows, and Excel has 1,048,576: "):
        to_excel([SpotSnapshot(data=data, update_time_ms=0)])


def test_a_text_that_no_cell_holds_is_refused():
    with pytest.raises(ExportError, match="Wallet: a text is longer than a cell of Excel holds"):
        to_excel(wallets("a" * 32_768))
    assert len(workbook(wallets("\U0001f4b0" * 16_383))["Balances USDT"]["A2"].value) == 16_383


@pytest.mark.parametrize(
    ("kind", "sheets"),
    [
        ("spot", ["Spot", "Spot assets"]),
        ("snapshots", 6),
        ("wallet_assets", ["Balances USDT", "Wallet assets"]),
        ("recorded_balances", ["Balances"]),
    ],
)
def test_without_records_there_are_the_sheets_of_the_kind(kind, sheets):
    book = workbook([], kind=kind, quote_asset="USDT")

    assert book.sheetnames == sheets or len(book.sheetnames) == sheets
    assert {sheet.max_row for sheet in book} == {1}


def test_what_is_no_list_of_records_is_refused(spot):
    for records, options in (([], {}), (spot[0], {}), (spot, {"kind": "margin"}), (wallets("a")[:], {})):
        with pytest.raises(ExportError):
            to_excel(records, **options)


def test_records_may_come_from_any_iterable(spot):
    assert workbook(iter(spot))["Spot"].max_row == 3


def test_a_missing_library_is_named_with_its_extra(spot, monkeypatch):
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)

    with pytest.raises(ModuleNotFoundError, match="xlsxwriter is not installed: it comes with the extra 'excel'"):
        to_excel(spot)


@pytest.fixture
def temporary_folder(monkeypatch, tmp_path):
    """The folder for temporary files."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_no_file_is_left_behind(spot, temporary_folder):
    to_excel(spot)

    assert [*temporary_folder.iterdir()] == []


@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")  # XlsxWriter leaves it to the garbage collector
def test_a_full_disk_is_an_error_that_names_the_folder(temporary_folder, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("xlsxwriter.packager.Packager._create_package", full)

    with pytest.raises(OSError, match="No space left on device") as caught:
        to_excel(amounts("1"))
    assert caught.value.filename == str(temporary_folder)
    assert [*temporary_folder.iterdir()] == []
    del caught
    gc.collect()


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed (Debian: libreoffice-calc)")
def test_libreoffice_reads_the_same(detailed, tmp_path):
    detailed.append(WalletBalance(activate=True, balance=Decimal("12345678.12345678"), wallet_name="=1+1"))
    (tmp_path / "out.xlsx").write_bytes(to_excel(detailed))
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    every_sheet = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"

    subprocess.run(
        ["soffice", "--headless", profile, "--convert-to", every_sheet, "out.xlsx"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        env=os.environ | {"LC_ALL": "C.UTF-8"},
    )

    def rows(sheet):
        return [*csv.reader((tmp_path / f"out-{sheet}.csv").read_text("utf-8").splitlines())][1:]

    assert [(name, Decimal(balance), active) for name, balance, active in rows("Balances USDT")] == [
        (wallet.wallet_name, wallet.balance, "TRUE") for wallet in detailed
    ]
    assert rows("Wallet assets") == [["Spot", "BTC", "Bitcoin", "1.5", "0", "0.25", "0", "1.75"]]
