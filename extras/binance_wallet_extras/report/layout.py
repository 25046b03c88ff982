"""What the page is made of: sections of words, charts and tables of text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar

from attrs import frozen

from .text import Rounded

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from binance_wallet_extras.export.prices import Quote

    from .charts import Spec
    from .text import Text

__all__ = ["Cell", "Column", "Figure", "ForPeriod", "Scope", "Section", "Table", "columns"]

Cell: TypeAlias = str | Rounded

K = TypeVar("K")

# On paper, in characters.
_MOST_CHARACTERS: Final = 120
_MOST_OF_A_NAME: Final = 24
_SPACE: Final = 2
_BAR: Final = 14


@frozen
class Column:
    """A column of a table; numbers stand at the right, and are sorted as numbers."""

    title: str
    numeric: bool = True
    bar: bool = False
    """Whether each cell, which is in percent, has a bar of that length."""


@frozen
class ForPeriod:
    """A text, and the first day of the period that it is for; None if it is for all of them."""

    text: Cell
    since: date | None = None


@frozen
class Table:
    """A table of text, whose first cells name the rows."""

    caption: str
    columns: Sequence[Column] = ()
    rows: Sequence[Sequence[Cell]] = ()
    total: Sequence[Cell] = ()
    since: date | None = None
    """The first day of its period, where there is one such table for each period."""
    by_day: bool = False
    """Whether the rows are days, of which the page shows those in the period."""

    @property
    def is_wide(self) -> bool:
        """Whether it takes a page of paper across. Names are broken into lines, and numbers are not."""
        characters = 0
        for place, column in enumerate(self.columns):
            longest = max(len(str(row[place])) for row in self.rows)
            head = max(map(len, column.title.split()), default=0)
            characters += max(head, longest if column.numeric else min(longest, _MOST_OF_A_NAME))
            characters += _SPACE + (_BAR if column.bar else 0)
        return characters > _MOST_CHARACTERS


@frozen
class Figure:
    """A chart, and in words what it shows."""

    title: str
    texts: Sequence[ForPeriod]
    chart: Spec


@frozen
class Section:
    """A part of the page, under a heading of its own."""

    id: str
    title: str
    sources: Sequence[ForPeriod]
    group: str = ""
    """What is chosen to see only this section, and others of this group; empty if it is always there."""
    headline: Cell = ""
    changes: Sequence[ForPeriod] = ()
    """Below the headline."""
    warning: Cell = ""
    notes: Sequence[ForPeriod] = ()
    figures: Sequence[Figure] = ()
    tables: Sequence[Table] = ()


@frozen
class Scope:
    """What all sections of a page share."""

    text: Text
    periods: Sequence[date]
    """The first day of each period to choose from; the last of them is all there is."""
    quote: Quote
    """The asset that the wallets are worth so much of, and prices of BTC in it."""

    def in_periods(self, days: Mapping[K, date]) -> Iterator[tuple[date, list[K]]]:
        """For each period, what has its day in it; not for those in which there is none."""
        for since in self.periods:
            if found := [key for key, day in days.items() if day >= since]:
                yield since, found


def columns(text: Text, *keys: str) -> list[Column]:
    """Columns of numbers, by the keys of their titles."""
    return [Column(text(key)) for key in keys]
