"""The parts of the page: sections with texts, charts and tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar

from attrs import frozen

from .language import Rounded

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from binance_wallet_extras.export.prices import Quote

    from .charts import Spec
    from .language import Text

__all__ = ["Cell", "Column", "Figure", "ForPeriod", "Scope", "Section", "Table", "columns"]

Cell: TypeAlias = str | Rounded

K = TypeVar("K")

# On paper, in characters.
_MAX_CHARACTERS: Final = 120
_MAX_NAME: Final = 24
_SPACE: Final = 2
_BAR: Final = 14


@frozen
class Column:
    """A column of a table. Numbers are right-aligned, and sorted as numbers."""

    title: str
    numeric: bool = True
    bar: bool = False
    """Whether each cell has a bar. Its length is the number of the cell, in percent."""


@frozen
class ForPeriod:
    """A text, and the first day of its period; None if it is for all periods."""

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
    """The first day of its period, if there is such a table for each period."""
    by_day: bool = False
    """Whether the rows are days. Then the page shows those in the period."""

    @property
    def is_wide(self) -> bool:
        """Whether it needs landscape paper. Names can be broken into lines, and numbers cannot."""
        characters = 0
        for place, column in enumerate(self.columns):
            longest = max(len(str(row[place])) for row in self.rows)
            head = max(map(len, column.title.split()), default=0)
            characters += max(head, longest if column.numeric else min(longest, _MAX_NAME))
            characters += _SPACE + (_BAR if column.bar else 0)
        return characters > _MAX_CHARACTERS


@frozen
class Figure:
    """A chart, and the same in words."""

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
    """The choice that shows this section; empty if it is always shown."""
    headline: Cell = ""
    changes: Sequence[ForPeriod] = ()
    """Below the headline."""
    warning: Cell = ""
    notes: Sequence[ForPeriod] = ()
    figures: Sequence[Figure] = ()
    tables: Sequence[Table] = ()


@frozen
class Scope:
    """Context that all sections of a page share."""

    text: Text
    periods: Sequence[date]
    """The first day of each period to choose from. The last one is the whole period."""
    quote: Quote
    """The quote asset, and the prices of BTC in it."""

    def in_periods(self, days: Mapping[K, date]) -> Iterator[tuple[date, list[K]]]:
        """For each period, the keys whose day is in it. A period without any is left out."""
        for since in self.periods:
            if found := [key for key, day in days.items() if day >= since]:
                yield since, found


def columns(text: Text, *keys: str) -> list[Column]:
    """Columns of numbers, by the keys of their titles."""
    return [Column(text(key)) for key in keys]
