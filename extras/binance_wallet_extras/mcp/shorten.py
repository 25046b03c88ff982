"""Shortens results that are too long for an assistant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from pydantic_core import to_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import date

    from .results import Day, Granularity, Point

__all__ = ["MAX_SIZE", "downsampled", "fitting", "newest_days"]

Row = TypeVar("Row")

MAX_SIZE: Final = 40_000
"""Bytes of JSON in a result: about 15,000 tokens. Some assistants refuse 25,000."""

_PERIODS: Final[dict[Granularity, Callable[[date], object]]] = {
    "day": lambda day: day,
    "week": lambda day: day.isocalendar()[:2],
    "month": lambda day: (day.year, day.month),
}


def fitting(rows: Iterable[Row], room: int = MAX_SIZE) -> list[Row]:
    """The first rows, as many as fit."""
    kept: list[Row] = []
    for row in rows:
        room -= _size(row)
        if room < 0:
            break
        kept.append(row)
    return kept


def newest_days(days: Sequence[Day]) -> list[Day]:
    """The newest days that fit, first with their totals alone. Assets of the newest days then fill the room."""
    kept = fitting(day.model_copy(update={"assets": None, "positions": []}) for day in reversed(days))
    room = MAX_SIZE - sum(map(_size, kept))
    for index, day in enumerate(reversed(days[len(days) - len(kept) :])):
        if _size(day) - _size(kept[index]) > room:
            if index == 0:  # the newest day alone is too long: keep a part of it
                kept[0] = _shorten(day, room)
            break
        room -= _size(day) - _size(kept[index])
        kept[index] = day
    return kept[::-1]


def _shorten(day: Day, room: int) -> Day:
    assets = fitting(day.assets or (), room)
    positions = fitting(day.positions, room - sum(map(_size, assets)))
    return day.model_copy(update={"assets": assets, "positions": positions})


def downsampled(points: Sequence[Point]) -> tuple[Granularity, list[Point]]:
    """All points if they fit, or else the last one of each day, week or month.

    If not all months fit, the newest ones are kept.
    """
    granularity: Granularity = "record"
    kept = [*points]
    for coarser, period in _PERIODS.items():
        if sum(map(_size, kept)) <= MAX_SIZE:
            break
        granularity = coarser
        kept = [*{period(point.day): point for point in points}.values()]
    return granularity, fitting(reversed(kept))[::-1]


def _size(row: object) -> int:
    return len(to_json(row)) + 1
