"""The charts of the page. Their colours are variables of the page's style, which knows dark screens and paper."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import altair as alt
from attrs import frozen

from .language import decimals_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date
    from decimal import Decimal

    from .language import Text

__all__ = ["CONFIG", "Labels", "Spec", "over_time"]

Spec: TypeAlias = dict[str, Any]
"""A chart in Vega-Lite's JSON."""

_COLOUR: Final = "var(--series)"
_ROWS: Final = alt.NamedData("rows")
_NUMBER: Final = "datum.amount && toNumber(replace(datum.amount, regexp(',', 'g'), ''))"
_DAY: Final = 24 * 60 * 60 * 1000  # milliseconds
_DATE_WIDTH: Final = 80  # pixels, with the space around a date
_MAX_DAYS_WITH_DAY_TICKS: Final = 120
_MAX_DOTS: Final = 31
_LONG: Final = timedelta(days=7)

CONFIG: Final[dict[str, Any]] = alt.Config(
    aria=False,  # the page describes each chart in words; hundreds of points, read aloud, do not help
    background="transparent",
    font="system-ui, sans-serif",
    view=alt.ViewConfig(stroke=None),
    axis=alt.AxisConfig(
        labelColor="currentColor",
        titleColor="currentColor",
        domainColor="var(--line)",
        tickColor="var(--line)",
        gridColor="var(--line)",
        labelFontSize=12,
    ),
).to_dict()
"""What all charts share."""


@frozen
class Labels:
    """The labels of the tooltip and the axis."""

    day: str
    amount: str
    axis_day: str
    """The format of a day on the axis, in d3's syntax."""
    axis_month: str

    @classmethod
    def of(cls, text: Text, amount: str) -> Labels:
        """In a language."""
        return cls(text("day"), text(amount), text("axis_day"), text("axis_month"))


def over_time(by_day: Mapping[date, Decimal], labels: Labels, *, height: int = 160, daily: bool = False) -> Spec:
    """A line over the days. It begins at the parameter `since` (milliseconds).

    With `daily`, for amounts that should exist for every day, it is thin and dashed across gaps of more than a week.
    """
    days = sorted(by_day)
    # Amounts are text, which is exact in tooltips. They become numbers only for drawing.
    places = max(map(decimals_of, by_day.values()))
    rows: list[dict[str, str | None]] = [{"day": str(day), "amount": f"{by_day[day]:,.{places}f}"} for day in days]
    breaks = [*_breaks(days)] if daily else []
    rows += [{"day": str(day), "amount": None} for day in breaks]
    flat = len({*by_day.values()}) == 1  # then the scale begins at zero, to show the size
    base = (
        alt.Chart(_ROWS, height=height)
        .transform_calculate(when="toDate(datum.day)", number=_NUMBER)
        .transform_filter("datum.when >= since")
    )
    x = alt.X("when:T", scale=alt.Scale(type="utc"), title=None, axis=_dates(days[0], days[-1], labels))
    y = alt.Y("number:Q", title=None, scale=alt.Scale(zero=flat), axis=alt.Axis(tickCount=4))
    # With round ends, a day alone between two breaks is a dot.
    line = base.mark_line(color=_COLOUR, strokeCap="round", strokeJoin="round", strokeWidth=2).encode(x, y)
    there = base.transform_filter("datum.amount !== null")
    dashes = there.mark_line(color=_COLOUR, strokeWidth=1, strokeDash=[3, 3]).encode(x, y)
    hovered = alt.selection_point("hovered", on="pointerover", clear="pointerout", fields=["day"], empty=False)
    dots = there.mark_point(color=_COLOUR, filled=True, size=40).encode(
        x, y, opacity=alt.when(hovered).then(alt.value(1)).otherwise(alt.value(int(len(days) <= _MAX_DOTS)))
    )
    # Hovering selects the nearest day: each reaches halfway to its neighbours.
    near = (
        there.transform_window(before="lag(when)", after="lead(when)", sort=[alt.SortField("when")])
        .transform_calculate(
            start="isValid(datum.before) ? (datum.before + datum.when) / 2 : datum.when",
            end="isValid(datum.after) ? (datum.after + datum.when) / 2 : datum.when",
        )
        .mark_rect(opacity=0)
        .encode(
            alt.X("start:T"),
            alt.X2("end"),
            tooltip=[alt.Tooltip("day:N", title=labels.day), alt.Tooltip("amount:N", title=labels.amount)],
        )
        .add_params(hovered)
    )
    lines = [line, dashes] if breaks else [line]
    chart = alt.layer(*lines, dots, near).add_params(alt.param("since", value=0)).properties(width="container")
    # Validating takes a third of the time, and a page has dozens of charts. A test validates them.
    return {**chart.to_dict(validate=False), "datasets": {_ROWS.name: rows}}


def _breaks(days: list[date]) -> Iterator[date]:
    """A day in each gap of more than a week."""
    for before, after in pairwise(days):
        if after - before > _LONG:
            yield before + timedelta(days=1)


def _dates(first: date, last: date, labels: Labels) -> alt.Axis:
    """An axis with days, or with the first days of months, evenly spread, and as many as fit.

    Vega's own axis would mix hours, days and months.
    """
    begin = f"max(since, toNumber(toDate('{first}')))"
    end = f"toNumber(toDate('{last}'))"
    days = f"(({end} - {begin}) / {_DAY} + 1)"
    room = f"max(1, floor(width / {_DATE_WIDTH}))"
    by_day = f"sequence({begin}, {end} + 1, {_DAY} * ceil({days} / {room}))"
    by_month = f"utcSequence('month', {begin}, {end} + 1, ceil({days} / 30 / {room}))"
    is_long = f"{days} > {_MAX_DAYS_WITH_DAY_TICKS}"
    return alt.Axis(
        grid=False,
        values=alt.ExprRef(f"{is_long} ? {by_month} : {by_day}"),
        labelExpr=f"utcFormat(datum.value, {is_long} ? '{labels.axis_month}' : '{labels.axis_day}')",
        labelFlush=_DATE_WIDTH // 3,
    )
