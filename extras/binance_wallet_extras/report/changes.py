"""A table of quantities that changed."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from .language import amount, amounts, decimals, percent_or_word
from .layout import Cell, Column, Table, columns

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from .language import Text

__all__ = ["changes_table"]

_ZERO: Final = Decimal(0)


def changes_table(
    text: Text,
    names: Sequence[str],
    before: Mapping[tuple[str, ...], Decimal],
    after: Mapping[tuple[str, ...], Decimal],
    *,
    since: date,
    captions: tuple[str, str],
) -> Table:
    """The quantities that changed: what is new or gone, then by relative change.

    Args:
        text: The page's language.
        names: The headings of the columns that name a quantity. The first one is the asset.
        before: The quantities at the first moment, by the cells of those columns.
        after: The same at the last moment. A missing quantity is zero.
        since: The first day of the period.
        captions: The caption of the table, and the text in its place if nothing changed.
    """
    both = {name: (before.get(name, _ZERO), after.get(name, _ZERO)) for name in {**before, **after}}
    rows = [(name, *found) for name, found in both.items() if found[0] != found[1]]
    caption, nothing = captions
    if not rows:
        return Table(nothing, since=since)
    rows.sort(key=lambda row: _relative(row[1], row[2]), reverse=True)
    heads = [*(Column(name, numeric=False) for name in names), *columns(text, "before", "after", "change", "percent")]
    cells = [[*name, *_cells(text, name[0], first, last)] for name, first, last in rows]
    return Table(caption, heads, cells, since=since)


def _cells(text: Text, asset: str, before: Decimal, after: Decimal) -> list[Cell]:
    places = decimals([before, after], asset)
    change = amount(after - before, places, sign="+")
    return [*amounts([before, after], asset), change, percent_or_word(text, before, after)]


def _relative(before: Decimal, after: Decimal) -> Decimal:
    return abs((after - before) / before) if before and after else Decimal("Infinity")
