"""Shortens answers that would be too long for an assistant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from pydantic_core import to_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import date

    from .answers import Day, Each, Point

__all__ = ["LARGEST", "fitting", "newest_days", "thinned"]

Row = TypeVar("Row")

LARGEST: Final = 40_000
"""Bytes of JSON in an answer: about 15,000 tokens. Some assistants refuse 25,000."""

_STEPS: Final[dict[Each, Callable[[date], object]]] = {
    "day": lambda day: day,
    "week": lambda day: day.isocalendar()[:2],
    "month": lambda day: (day.year, day.month),
}


def fitting(rows: Iterable[Row], room: int = LARGEST) -> list[Row]:
    """The first rows, as many as fit."""
    kept: list[Row] = []
    for row in rows:
        room -= _size(row)
        if room < 0:
            break
        kept.append(row)
    return kept


def newest_days(days: Sequence[Day]) -> list[Day]:
    """The newest days that fit. Totals come first; the assets of the newest days fill the room that is left."""
    kept = fitting(day.model_copy(update={"assets": None, "positions": []}) for day in reversed(days))
    room = LARGEST - sum(map(_size, kept))
    for index, day in enumerate(reversed(days[len(days) - len(kept) :])):
        if _size(day) - _size(kept[index]) > room:
            if index == 0:  # not even one day fits: keep a part of it
                kept[0] = _shortened(day, room)
            break
        room -= _size(day) - _size(kept[index])
        kept[index] = day
    return kept[::-1]


def _shortened(day: Day, room: int) -> Day:
    assets = fitting(day.assets or (), room)
    positions = fitting(day.positions, room - sum(map(_size, assets)))
    return day.model_copy(update={"assets": assets, "positions": positions})


def thinned(points: Sequence[Point]) -> tuple[Each, list[Point]]:
    """All points if they fit, or else the last one of each day, week or month. Of months, the newest that fit."""
    each: Each = "record"
    kept = [*points]
    for step, period in _STEPS.items():
        if sum(map(_size, kept)) <= LARGEST:
            break
        each, kept = step, [*{period(point.day): point for point in points}.values()]
    return each, fitting(reversed(kept))[::-1]


def _size(row: object) -> int:
    return len(to_json(row)) + 1
