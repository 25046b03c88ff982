"""The texts of the page in each language, and its number formats."""

from __future__ import annotations

import os
import tomllib
from decimal import Decimal
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from attrs import frozen

from binance_wallet_extras.plot.series import runs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date, datetime

__all__ = [
    "NOT_THERE", "Language", "Rounded", "Text",
    "amount", "amounts", "decimals", "decimals_of", "describe", "moment", "percent", "percent_or_word", "sentence",
    "share",
]  # fmt: skip

NOT_THERE: Final = "\N{EN DASH}"
"""In a table, stands for a missing amount."""

_DIGITS: Final = 6

# Assets with cents: those with USD or EUR in their names, as most stablecoins have; DAI; and other large currencies
# with cents (ISO 4217). This is our choice.
_NAMES_WITH_CENTS: Final = ("USD", "EUR")
_WITH_CENTS: Final = frozenset(
    {"AUD", "BRL", "CAD", "CHF", "CZK", "DAI", "GBP", "INR", "MXN", "PLN", "RON", "TRY", "UAH", "ZAR"}
)


class Language(StrEnum):
    """The languages of the page."""

    EN = "en"
    ZH = "zh"

    @classmethod
    def of(cls, environment: Mapping[str, str] = os.environ) -> Language:
        """The user's language, from the locale in the environment; English if the page lacks it."""
        names = (environment.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
        return cls.ZH if next(filter(None, names), "").startswith("zh") else cls.EN


@frozen
class Text:
    """The texts of one language, by their keys in `strings.toml`."""

    language: Language

    def __call__(self, key: str, **values: object) -> str:
        """The text, with values filled in."""
        return _catalogue()[key][self.language].format(**values)

    def days(self, days: Iterable[date]) -> str:
        """Days, where consecutive days are written as the first and the last of them."""
        return self.listed(self.span(run[0], run[-1]) for run in runs(days))

    def listed(self, names: Iterable[str]) -> str:
        """Names or days, one after the other."""
        return self("between").join(names)

    def span(self, first: date, last: date) -> str:
        """From the first to the last day, or that one day."""
        return str(first) if first == last else self("to", first=first, last=last)


@cache
def _catalogue() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads(files("binance_wallet_extras.report").joinpath("strings.toml").read_text(encoding="utf-8"))


@frozen
class Rounded:
    """A text with rounded numbers, and the same with all digits if some were left out."""

    text: str
    exact: str = ""

    def __str__(self) -> str:
        return self.text


def sentence(text: Text, key: str, amounts: Mapping[str, Rounded], **values: object) -> Rounded:
    """A text of the catalogue with amounts in it."""
    is_rounded = any(found.exact for found in amounts.values())
    exact = {name: found.exact or found.text for name, found in amounts.items()}
    return Rounded(text(key, **amounts, **values), text(key, **exact, **values) if is_rounded else "")


def decimals_of(value: Decimal) -> int:
    """The number of decimals of an amount, without trailing zeros."""
    return len(f"{value:f}".partition(".")[2].rstrip("0"))


def decimals(values: Iterable[Decimal], unit: str = "") -> int:
    """The number of decimals to show, for amounts in one unit that stand together.

    - If the unit has cents, and the largest amount is at least 1: two, or none if all amounts are whole.
    - Otherwise: as many as give the largest amount six digits, but at least two, and no more than any amount has.
    """
    amounts = [value for value in values if value]
    most = max(map(decimals_of, amounts), default=0)
    if not most:
        return 0
    largest = max(map(abs, amounts))
    six_digits = _DIGITS - 1 - largest.adjusted()
    if unit in _WITH_CENTS or any(name in unit for name in _NAMES_WITH_CENTS):
        return 2 if largest >= 1 else min(max(most, 2), six_digits)
    return min(most, max(2, six_digits))


def amount(value: Decimal, places: int | None = None, *, unit: str = "", sign: str = "") -> Rounded:
    """An amount with thousands separators and `places` decimals; by default, as many as `decimals` gives it alone.

    An amount other than zero is never rounded to zero. With the sign "+", every amount but zero has a sign.
    """
    if not value:
        return Rounded("0" if sign else f"{0:.{places or 0}f}")
    if places is None or not Decimal(f"{value:.{places}f}"):
        places = decimals([value], unit)
    is_exact = Decimal(f"{value:.{places}f}") == value
    return Rounded(f"{value:{sign},.{places}f}", "" if is_exact else f"{value:{sign},f}")


def amounts(values: Sequence[Decimal], unit: str = "") -> list[Rounded]:
    """The amounts of a row, in one unit. A zero has no decimals: the next row may be in another unit."""
    places = decimals(values, unit)
    return [amount(value, places if value else 0) for value in values]


def percent(before: Decimal, after: Decimal) -> str:
    """The change in percent, with two decimals; empty if the amount before is zero."""
    if not before:
        return ""
    return "0.00" if after == before else f"{100 * (after - before) / abs(before):+,.2f}"


def percent_or_word(text: Text, before: Decimal, after: Decimal) -> str:
    """The change in percent, or a word if an asset is new or gone; empty if both amounts are zero."""
    if not before:
        return text("came") if after else ""
    return percent(before, after) if after else text("went")


def share(part: Decimal, whole: Decimal) -> str:
    """A part of a whole in percent, with two decimals; empty if the whole is zero."""
    return f"{100 * part / whole:.2f}" if whole else ""


def describe(text: Text, by_day: Mapping[date, Decimal], unit: str, since: date) -> str | Rounded:
    """A chart in words: the amounts from a day on."""
    shown = {day: found for day, found in by_day.items() if day >= since}
    if not shown:
        return text("no_record")
    places = decimals(shown.values(), unit)
    cells = {day: amount(found, places) for day, found in shown.items()}
    first, last = min(shown), max(shown)
    if first == last:
        return sentence(text, "one_day", {"amount": cells[first]}, day=first)
    lowest, highest = min(shown, key=shown.__getitem__), max(shown, key=shown.__getitem__)
    if shown[lowest] == shown[highest]:
        return sentence(text, "unchanged", {"amount": cells[first]}, days=text.span(first, last))
    amounts = {"first": cells[first], "last": cells[last], "lowest": cells[lowest], "highest": cells[highest]}
    days = {"first_day": first, "last_day": last, "lowest_day": lowest, "highest_day": highest}
    return sentence(text, "series_text", amounts, **days)


def moment(at: datetime) -> str:
    """A moment in UTC, to the minute."""
    return f"{at:%Y-%m-%d %H:%M} UTC"
