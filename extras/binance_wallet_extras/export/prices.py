"""Prices of BTC by day, from a file, and totals in other assets by these prices."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import MAX_PREC, Context, Decimal, localcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, TextIO, TypeAlias, TypedDict

from attrs import frozen
from binance_wallet.errors import WalletError
from binance_wallet_client.models import MarginSnapshot, SpotSnapshot

from binance_wallet_extras.names import quote_asset_problem

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Iterator

    from binance_wallet_client.models import AccountSnapshot

__all__ = [
    "Prices",
    "PricesError",
    "Quote",
    "QuoteArguments",
    "check_not_future",
    "check_prices",
    "day_of_price",
    "is_price",
    "quote_arguments",
    "read_prices",
    "total_in_btc",
]

Prices: TypeAlias = Mapping[date, Decimal]
"""By day (UTC), what one BTC was worth at its end, all in one quote asset."""

_EIGHT_DECIMALS: Final = Decimal("0.00000001")  # as the exchange's own amounts have
_ROUNDED: Final = Context(prec=15)  # digits: more than a price is accurate to, and as many as Excel keeps
_MIN_PRICE: Final = Decimal("1E-18")
_MAX_PRICE: Final = Decimal("1E+20")
_MAX_PRICE_DIGITS: Final = 38
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_PRICE: Final = re.compile(r"\d{1,20}(\.\d{1,18})?", re.ASCII)
_MAX_LINE: Final = 1000  # characters: in another kind of file, a line may have gigabytes
_EXAMPLE: Final = "2025-12-31,81473.12"
_NOON: Final = time(12)


class PricesError(WalletError, ValueError):
    """The prices are wrong. The message names the line or the day."""


def read_prices(file: str | os.PathLike[str]) -> dict[date, Decimal]:
    """Read a CSV file with two columns: a day (UTC) such as 2025-12-31, and what one BTC was worth at its end.

    A first line without digits names the columns, and may be left out. The days may be in any order.

    Raises:
        PricesError: A line is not as it must be, or a day is there twice or is in the future, or there is no price.
        OSError: The file cannot be read.

    """
    prices: dict[date, Decimal] = {}
    lines: dict[date, int] = {}
    try:
        with Path(file).open(encoding="utf-8-sig") as text:
            for number, cells in _rows(text):
                try:
                    day, price = _parse(cells, lines)
                except PricesError as error:
                    raise PricesError(f"{file}, line {number}: {error}") from None
                prices[day], lines[day] = price, number
    except UnicodeDecodeError:
        raise PricesError(f"{file} is not text in UTF-8: save it as CSV in UTF-8") from None
    if not prices:
        raise PricesError(f"{file} has no prices: write lines such as {_EXAMPLE}")
    return prices


@frozen
class Quote:
    """The asset that totals are shown in, and the prices of BTC in it."""

    asset: str
    prices: Prices

    @classmethod
    def of(cls, asset: str | None, prices: Prices | None) -> Quote | None:
        """Check the user's arguments. Returns None if both are None. Raises PricesError."""
        if asset is None and prices is None:
            return None
        if asset is None:
            raise PricesError("prices do not say which asset they are in: give quote_asset=")
        if problem := quote_asset_problem(asset):
            raise PricesError(problem)
        if prices is None:
            raise PricesError(f"totals in {asset} take prices: give prices= with quote_asset=")
        check_prices(prices)
        return cls(asset, prices)

    def value(self, snapshot: AccountSnapshot) -> Decimal | None:
        """What an account was worth, rounded; None if its day has no price, or it has no total."""
        total = total_in_btc(snapshot)
        return None if total is None else self.value_of_btc(total, snapshot.update_time.date())

    def value_of_btc(self, btc: Decimal, day: date) -> Decimal | None:
        """The value of an amount of BTC, rounded; None if the day has no price."""
        price = self.prices.get(day)
        if price is None:
            return None
        with localcontext(prec=MAX_PREC):
            value = (btc * price).quantize(_EIGHT_DECIMALS)
        return _ROUNDED.plus(value)


def day_of_price(moment: datetime) -> date:
    """The day (UTC) whose end is nearest to a moment, and so at most 12 hours away. At noon, it is the day before."""
    moment = moment.astimezone(UTC)
    return moment.date() - timedelta(days=1) if moment.time() <= _NOON else moment.date()


class QuoteArguments(TypedDict, total=False):
    """The keyword arguments for a quote, of the public functions."""

    quote_asset: str
    prices: Prices


def quote_arguments(quote: Quote | None) -> QuoteArguments:
    """The keyword arguments for a quote."""
    return {"quote_asset": quote.asset, "prices": quote.prices} if quote else {}


def total_in_btc(snapshot: AccountSnapshot) -> Decimal | None:
    """The value of an account, minus what it owed. A futures snapshot has no total."""
    match snapshot:
        case SpotSnapshot():
            return snapshot.data.total_asset_of_btc
        case MarginSnapshot():
            return snapshot.data.total_net_asset_of_btc
    return None


def check_prices(prices: Prices) -> None:
    """Raise PricesError if these are not prices by day."""
    if not isinstance(prices, Mapping):
        raise PricesError(f"give prices by day, not a {type(prices).__name__}")
    for day, price in prices.items():
        if type(day) is not date:
            raise PricesError(f"a day must be a date, not {day!r}")
        if not isinstance(price, Decimal):
            raise PricesError(f"the price of {day} must be a Decimal, not {price!r}")
        _check(price)


def is_price(price: Decimal) -> bool:
    """Whether it is above zero, and has no more digits than prices may have."""
    return price.is_finite() and _MIN_PRICE <= price <= _MAX_PRICE and len(price.as_tuple().digits) <= _MAX_PRICE_DIGITS


def check_not_future(days: Iterable[date]) -> None:
    """Raise PricesError if one of these days has not begun yet."""
    today = datetime.now(UTC).date()
    for day in days:
        if day > today:
            raise PricesError(f"{day} is in the future: by this machine's clock, today is {today} (UTC)")


def _rows(text: TextIO) -> Iterator[tuple[int, list[str]]]:
    """Number and cells of each line that has a text, without the names of the columns."""
    is_first = True
    for number, line in enumerate(iter(partial(text.readline, _MAX_LINE), ""), 1):
        if not line.strip():
            continue
        # Line by line: an unclosed quote would make one cell of the rest of the file. In a line with a semicolon, the
        # comma is a decimal comma.
        found = [line] if ";" in line else next(csv.reader([line]))
        cells = [cell.strip() for cell in found]
        if not (is_first and len(cells) == 2 and not re.search(r"\d", line)):
            yield number, cells
        is_first = False


def _parse(cells: list[str], lines: Mapping[date, int]) -> tuple[date, Decimal]:
    """The day and the price of a line; `lines` are those of the days before it. Raises PricesError."""
    if len(cells) != 2:
        raise PricesError(f"write a day, a comma and a price with a decimal point, as in {_EXAMPLE}")
    if not _DAY.fullmatch(cells[0]):
        raise PricesError(f"{cells[0][:40]!r} is not a day: write it as in {_EXAMPLE}")
    if not _PRICE.fullmatch(cells[1]):
        raise PricesError(f"{cells[1][:40]!r} is not a price: write it as in {_EXAMPLE}")
    try:
        day = date.fromisoformat(cells[0])
    except ValueError:
        raise PricesError(f"there is no day {cells[0]}") from None
    price = Decimal(cells[1])
    _check(price)
    check_not_future([day])
    if day in lines:
        raise PricesError(f"{day} is in line {lines[day]} already")
    return day, price


def _check(price: Decimal) -> None:
    """Raises PricesError."""
    if not is_price(price):
        raise PricesError(f"{price} is not a price: it must be above zero, and of up to {_MAX_PRICE_DIGITS} digits")
