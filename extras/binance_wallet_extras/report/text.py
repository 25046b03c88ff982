"""The words of the page in the languages that it speaks, and numbers as the page writes them."""

from __future__ import annotations

import os
import tomllib
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from attrs import frozen

from binance_wallet_extras.plot.series import runs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date, datetime
    from decimal import Decimal

__all__ = ["Language", "Text", "amount", "moment", "percent", "signed"]


class Language(StrEnum):
    """The languages of the page."""

    EN = "en"
    ZH = "zh"

    @classmethod
    def of(cls, environment: Mapping[str, str] = os.environ) -> Language:
        """The user's language, from the locale in the environment; English if it is another one."""
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
        """Days that follow each other are written as the first and the last of them."""
        return ", ".join(str(run[0]) if len(run) == 1 else self("to", first=run[0], last=run[-1]) for run in runs(days))


@cache
def _catalogue() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads(files("binance_wallet_extras.report").joinpath("strings.toml").read_text(encoding="utf-8"))


def amount(value: Decimal) -> str:
    """All digits, in groups of three."""
    return f"{value:,f}"


def signed(value: Decimal) -> str:
    """As `amount`, and with a sign unless it is zero."""
    return f"{value:+,f}" if value else amount(value)


def percent(before: Decimal, after: Decimal) -> str:
    """The change in percent, with two places; empty if there was nothing before."""
    if not before:
        return ""
    return "0.00" if after == before else f"{100 * (after - before) / abs(before):+,.2f}"


def moment(at: datetime) -> str:
    """A moment in UTC, to the minute."""
    return f"{at:%Y-%m-%d %H:%M} UTC"
