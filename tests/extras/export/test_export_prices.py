"""A file with prices of one BTC: which lines it may have, and which line is wrong."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import time_machine
from binance_wallet_extras.export import PricesError, read_prices

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
        ('2025-12-31,"81,473.12"', "'81,473.12' is no price"),
        ('2025-12-31,"81473,12', "'81473,12' is no price"),
        ("2025-12-31,$81473", "'$81473' is no price"),
        ("2025-12-31,", "'' is no price"),
        ("2025-12-31,NaN", "'NaN' is no price"),
        ("2025-12-31,-1", "'-1' is no price"),
        ("2025-12-31,1e5", "'1e5' is no price"),
        ("2025-12-31,\uff11", "'\uff11' is no price"),
        ("2025-12-31,0", "0 is no price: it must be above zero"),
        ("2025-12-31,0.00", "0.00 is no price: it must be above zero"),
        ("2025-12-31,0.0000000000000000001", "'0.0000000000000000001' is no price"),
        ("2025-12-31,111111111111111111111", "'111111111111111111111' is no price"),
        ("31.12.2025,81473.12", "'31.12.2025' is no day"),
        ("20251231,81473.12", "'20251231' is no day"),
        ("2025-12-31T23:59:59Z,81473.12", "'2025-12-31T23:59:59Z' is no day"),
        ("day,price", "'day' is no day"),
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
    with pytest.raises(PricesError, match=r"line 3: '1{40}' is no price") as caught:
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
    with pytest.raises(PricesError, match="is no text in UTF-8"):
        read("Tag,Währung\n2025-12-31,1\n".encode(encoding))


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(FileNotFoundError) as caught:
        read_prices(tmp_path / "no.csv")
    assert caught.value.filename == str(tmp_path / "no.csv")
