"""What the page is made of: sections of words, charts and tables of text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar

from attrs import frozen

from .text import Rounded

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from .charts import Spec
    from .text import Text

__all__ = ["Cell", "Column", "Figure", "ForPeriod", "Section", "Table", "columns", "in_periods"]

Cell: TypeAlias = str | Rounded

K = TypeVar("K")

_MOST_CHARACTERS: Final = 130
_MOST_OF_A_NAME: Final = 24
_SPACE: Final = 2


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
        """Whether it takes a page of paper across. Words are broken into lines, and numbers are not."""
        widths = [
            min(_MOST_OF_A_NAME, longest) if not column.numeric else longest
            for place, column in enumerate(self.columns)
            for longest in [max(len(str(row[place])) for row in self.rows)]
        ]
        return sum(widths) + _SPACE * len(widths) > _MOST_CHARACTERS


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


def columns(text: Text, *keys: str) -> list[Column]:
    """Columns of numbers, by the keys of their titles."""
    return [Column(text(key)) for key in keys]


def in_periods(periods: Sequence[date], days: Mapping[K, date]) -> Iterator[tuple[date, list[K]]]:
    """For each period, what has its day in it; not for those in which there is none."""
    for since in periods:
        if found := [key for key, day in days.items() if day >= since]:
            yield since, found
