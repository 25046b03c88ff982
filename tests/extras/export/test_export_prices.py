"""Prices of one BTC: which lines a file may have, and what snapshots are worth by them."""

from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO

import pytest
import time_machine
from binance_wallet import WalletError
from binance_wallet_extras.export import (
    ExportError,
    PricesError,
    columns,
    read_prices,
    rows,
    to_arrow,
    to_excel,
    to_pandas,
    to_polars,
)
from openpyxl import load_workbook

DAY, PRICE = date(2025, 12, 31), Decimal("81473.12")


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(datetime(2026, 3, 10, 23, 59, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def read(tmp_path):
    def read(content):
        file = tmp_path / "prices.csv"
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_prices(file)

    return read


@pytest.mark.parametrize(
    "content",
    [
        "2025-12-31,81473.12",
        "2025-12-31,81473.12\n",
        "day,price\n2025-12-31,81473.12\n",
        "Date,Close\r\n2025-12-31,81473.12\r\n",
        "\ufeffday,price\r\n2025-12-31,81473.12\r\n",
        "\n day , price \n\n 2025-12-31 , 81473.12 \n  \n",
        '"day","price"\n"2025-12-31","81473.12"\n',
    ],
)
def test_a_file_may_be_written_in_several_ways(read, content):
    assert read(content) == {DAY: PRICE}


def test_days_may_be_in_any_order_and_prices_keep_their_digits(read):
    found = read("2026-03-10,0.10\n2024-02-29,81473\n2025-01-01,12345678901234567890.123456789012345678\n")
    assert {str(day): str(price) for day, price in found.items()} == {
        "2026-03-10": "0.10",
        "2024-02-29": "81473",
        "2025-01-01": "12345678901234567890.123456789012345678",
    }


GOOD = "day,price\n2025-12-30,80000\n"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("2025-12-31;81473,12", "write a day, a comma and a price with a decimal point, as in 2025-12-31,81473.12"),
        ("2025-12-31;81473.12", "write a day, a comma and a price with a decimal point"),
        ("2025-12-31\t81473.12", "write a day, a comma and a price with a decimal point"),
        ("2025-12-31,81,473.12", "write a day, a comma and a price with a decimal point"),
        ("2025-12-31", "write a day, a comma and a price with a decimal point"),
        ('2025-12-31,"81,473.12"', "'81,473.12' is not a price"),
        ('2025-12-31,"81473,12', "'81473,12' is not a price"),
        ("2025-12-31,$81473", "'$81473' is not a price"),
        ("2025-12-31,", "'' is not a price"),
        ("2025-12-31,NaN", "'NaN' is not a price"),
        ("2025-12-31,-1", "'-1' is not a price"),
        ("2025-12-31,1e5", "'1e5' is not a price"),
        ("2025-12-31,\uff11", "'\uff11' is not a price"),
        ("2025-12-31,0", "0 is not a price: it must be above zero"),
        ("2025-12-31,0.00", "0.00 is not a price: it must be above zero"),
        ("2025-12-31,0.0000000000000000001", "'0.0000000000000000001' is not a price"),
        ("2025-12-31,111111111111111111111", "'111111111111111111111' is not a price"),
        ("31.12.2025,81473.12", "'31.12.2025' is not a day"),
        ("20251231,81473.12", "'20251231' is not a day"),
        ("2025-12-31T23:59:59Z,81473.12", "'2025-12-31T23:59:59Z' is not a day"),
        ("day,price", "'day' is not a day"),
        ("2025-02-29,81473.12", "there is no day 2025-02-29"),
        ("0000-01-01,81473.12", "there is no day 0000-01-01"),
        ("2026-03-11,81473.12", "2026-03-11 is in the future: by this machine's clock, today is 2026-03-10 (UTC)"),
        ("2025-12-30,80000", "2025-12-30 is in line 2 already"),
    ],
)
def test_a_bad_line_is_named(read, tmp_path, line, message):
    with pytest.raises(PricesError) as caught:
        read(f"{GOOD}\n{line}\n2025-01-01,1\n")
    assert str(caught.value).startswith(f"{tmp_path}/prices.csv, line 4: {message}")


def test_a_line_without_end_is_refused_in_few_words(read):
    with pytest.raises(PricesError, match=r"line 3: '1{40}' is not a price") as caught:
        read(f"{GOOD}2025-12-31,{'1' * 100_000}")
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    "content", ["day;price\n2025-12-31;1", "Date,Open,Close\n2025-12-31,1,2", "price of 1 BTC,day"]
)
def test_names_of_other_columns_are_refused(read, content):
    with pytest.raises(PricesError, match="line 1: "):
        read(content)


@pytest.mark.parametrize("content", ["", "\n\n", "day,price\n"])
def test_a_file_without_prices_is_refused(read, content):
    with pytest.raises(PricesError, match=r"has no prices: write lines such as 2025-12-31,81473\.12"):
        read(content)


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1"])
def test_a_file_in_another_encoding_is_refused(read, encoding):
    with pytest.raises(PricesError, match="is not text in UTF-8"):
        read("Tag,Währung\n2025-12-31,1\n".encode(encoding))


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(FileNotFoundError) as caught:
        read_prices(tmp_path / "no.csv")
    assert caught.value.filename == str(tmp_path / "no.csv")


FIRST = date(2019, 12, 13)
PRICES = {FIRST: Decimal("7000.5"), date(2020, 1, 1): Decimal(1)}


def test_rows_say_what_spot_and_margin_accounts_were_worth_on_days_with_a_price(spot, margin, futures):
    table = rows([*spot, *margin, *futures], quote_asset="USDT", prices=PRICES)
    found = [(row["type"], row["update_time"].day, row["total_in_quote"], row["quote_asset"]) for row in table]
    assert found == [
        ("spot", 13, Decimal("696.03871350"), "USDT"),
        ("spot", 13, Decimal("696.03871350"), "USDT"),
        ("spot", 14, None, "USDT"),
        ("margin", 13, Decimal("1400.10000000"), "USDT"),
        ("futures", 13, None, "USDT"),
        ("futures", 13, None, "USDT"),
    ]
    assert str(table[0]["total_in_quote"]) == "696.03871350"


def test_only_with_prices_there_are_columns_for_them(spot):
    assert [*columns(spot, prices=PRICES)] == [*columns(spot), "total_in_quote", "quote_asset"]
    assert "total_in_quote" not in rows(spot)[0]
    assert [*rows(spot, quote_asset="USDT", prices={})[0]] == [*columns(spot, prices={})]
    assert rows([], quote_asset="USDT", prices=PRICES) == []


def test_a_worth_has_no_more_digits_than_excel(snapshots):
    whole = {"balances": [], "totalAssetOfBtc": "123456.12345678"}
    [row] = rows(snapshots("spot", whole), quote_asset="IDR", prices={FIRST: Decimal("1500000000.5")})
    assert f"{row['total_in_quote']:f}" == "185184185246898"
    [row] = rows(snapshots("spot", whole), quote_asset="XAU", prices={FIRST: Decimal("0.000001")})
    assert f"{row['total_in_quote']:f}" == "0.12345612"


@pytest.mark.parametrize("to_frame", [to_arrow, to_pandas, to_polars])
@pytest.mark.parametrize("floats", [False, True])
def test_frames_say_what_accounts_were_worth(spot, to_frame, floats):
    frame = to_frame(spot, quote_asset="USDT", prices=PRICES, floats=floats)
    column = frame["total_in_quote"]
    found = column.to_pylist() if to_frame is to_arrow else [*column]
    assert [float(each) for each in found[:2]] == [696.0387135] * 2
    assert found[2] is None or found[2] != found[2]
    assert {*map(str, frame["quote_asset"])} == {"USDT"}


def test_a_workbook_says_what_accounts_were_worth(spot, margin, futures):
    book = load_workbook(BytesIO(to_excel([*spot, *margin, *futures], quote_asset="USDT", prices=PRICES)))
    assert [[str(cell.value) for cell in row][:2] for row in book["Spot"]] == [
        ["Day (UTC)", "Value (USDT)"],
        ["2019-12-13 00:00:00", "696.0387135"],
        ["2019-12-14 00:00:00", "None"],
    ]
    assert [cell.value for cell in book["Margin"]["B"]] == ["Net value (USDT)", 1400.1]
    assert [cell.value for cell in book["Futures assets"][1]][:2] == ["Day (UTC)", "Asset"]


@pytest.mark.parametrize("export", [rows, to_arrow, to_pandas, to_polars, to_excel])
def test_what_prices_do_not_fit_is_refused(export, spot, futures, balances):
    with pytest.raises(ExportError, match="leave prices= out"):
        export(balances, quote_asset="USDT", prices=PRICES)
    if export is not rows:
        with pytest.raises(ExportError, match="a table of futures has no totals in BTC that prices would fit"):
            export(futures, quote_asset="USDT", prices=PRICES)
    with pytest.raises(PricesError, match="do not say which asset they are in: give quote_asset="):
        export(spot, prices=PRICES)
    with pytest.raises(PricesError, match="give prices by day, not a list"):
        export(spot, quote_asset="USDT", prices=[Decimal(7000)])


@pytest.mark.parametrize("export", [rows, to_arrow, to_pandas, to_polars, to_excel])
def test_totals_in_an_asset_without_prices_are_refused(export, spot):
    with pytest.raises(PricesError, match="totals in USDT take prices: give prices= with quote_asset="):
        export(spot, quote_asset="USDT")


@pytest.mark.parametrize("export", [rows, to_arrow, to_pandas, to_polars, to_excel])
@pytest.mark.parametrize("prices", [None, PRICES])
def test_an_asset_in_small_letters_is_refused(export, prices, spot, balances):
    records = [*balances] if prices is None else spot
    with pytest.raises(WalletError, match="quote_asset must be in upper case, as the exchange writes it: 'USDT', not"):
        export(records, quote_asset="usdt", prices=prices)
