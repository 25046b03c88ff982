"""The charts of the page. Their colours are variables of the page's style, which knows dark screens and paper."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import altair as alt
from attrs import frozen

from binance_wallet_extras.plot.charts import labels as named
from binance_wallet_extras.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date
    from decimal import Decimal

__all__ = ["CONFIG", "Labels", "Spec", "bars", "over_time"]

Spec: TypeAlias = dict[str, Any]
"""A chart in Vega-Lite's JSON."""

_COLOUR: Final = "var(--series)"
_ROWS: Final = alt.NamedData("rows")
_DAY: Final = 24 * 60 * 60 * 1000  # milliseconds
_HALF_DAY: Final = _DAY // 2
_DATE_WIDTH: Final = 120  # pixels, with the space around a date

CONFIG: Final[dict[str, Any]] = alt.Config(
    aria=False,  # the page says in words what a chart shows; hundreds of points, read aloud, do not
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
    """The words at the pointer."""

    day: str
    amount: str
    missing: str


def over_time(by_day: Mapping[date, Decimal], missing: Iterable[date], labels: Labels) -> Spec:
    """A line, which is thin and dashed over days that are missing; over days that are not there at all, it goes on.

    It begins at the parameter `since` (milliseconds).
    """
    amounts = {**by_day, **dict.fromkeys(missing)}
    # Amounts as text are exact where they are shown, and become numbers only to be drawn.
    rows = [
        {"day": str(day), "amount": None if (found := amounts[day]) is None else f"{found:f}"}
        for day in sorted(amounts)
    ]
    flat = len({*by_day.values()}) == 1  # then only a scale from zero says how much it is
    base = (
        alt.Chart(_ROWS, height=180)
        .transform_calculate(
            when="toDate(datum.day)",
            start=f"datum.when - {_HALF_DAY}",
            end=f"datum.when + {_HALF_DAY}",
            number="toNumber(datum.amount)",
            shown=f"datum.amount || {json.dumps(labels.missing)}",
        )
        .transform_filter("datum.when >= since")
    )
    x = alt.X("when:T", scale=alt.Scale(type="utc"), title=None, axis=_dates(min(amounts), max(amounts)))
    y = alt.Y("number:Q", title=None, scale=alt.Scale(zero=flat), axis=alt.Axis(tickCount=4))
    # With round ends, a day alone between two that are missing is a dot.
    line = base.mark_line(color=_COLOUR, strokeCap="round", strokeWidth=2.5).encode(x, y)
    there = base.transform_filter("datum.amount !== null")
    dashes = there.mark_line(color=_COLOUR, strokeWidth=1, strokeDash=[3, 3]).encode(x, y)
    hovered = alt.selection_point("hovered", on="pointerover", clear="pointerout", fields=["day"], empty=False)
    days = (
        base.mark_rect(color=_COLOUR)
        .encode(
            alt.X("start:T"),
            alt.X2("end"),
            opacity=alt.when(hovered).then(alt.value(0.2)).otherwise(alt.value(0)),
            tooltip=[alt.Tooltip("day:N", title=labels.day), alt.Tooltip("shown:N", title=labels.amount)],
        )
        .add_params(hovered)
    )
    lines = [line, dashes] if amounts.keys() > by_day.keys() else [line]
    chart = alt.layer(*lines, days).add_params(alt.param("since", value=0)).properties(width="container")
    return _with(rows, chart)


def _dates(first: date, last: date) -> alt.Axis:
    """An axis of whole days, evenly spread and as many as there is room for. Vega would mix hours, days and months."""
    begin = f"max(since, toNumber(toDate('{first}')))"
    end = f"toNumber(toDate('{last}'))"
    step = f"{_DAY} * ceil((({end} - {begin}) / {_DAY} + 1) / max(1, floor(width / {_DATE_WIDTH})))"
    values = alt.ExprRef(f"sequence({begin}, {end} + 1, {step})")
    return alt.Axis(grid=False, format="%Y-%m-%d", values=values, labelFlush=_DATE_WIDTH // 3)


def bars(amounts: Sequence[tuple[str, Decimal]], label: str) -> Spec:
    """A bar for each name, in this order; the label stands before the amount at the pointer."""
    rows: list[dict[str, int | str | None]] = [
        {"row": row, "name": printable(name), "amount": f"{found:f}"} for row, (name, found) in enumerate(amounts)
    ]
    names = named(printable(name) for name, _ in amounts)
    chart = (
        alt.Chart(_ROWS, width="container", height=24 * len(rows))
        .transform_calculate(number="toNumber(datum.amount)")
        .mark_bar(color=_COLOUR)
        .encode(
            alt.X("number:Q", title=None, axis=alt.Axis(tickCount=4)),
            alt.Y("row:O", title=None, axis=alt.Axis(labelExpr=names, labelLimit=130, ticks=False)),
            tooltip=[alt.Tooltip("name:N", title=" "), alt.Tooltip("amount:N", title=label)],
        )
    )
    return _with(rows, chart)


def _with(rows: Sequence[Mapping[str, int | str | None]], chart: alt.Chart | alt.LayerChart | alt.FacetChart) -> Spec:
    # Altair would check the rows one by one, which takes longer than all the rest.
    return {**chart.to_dict(), "datasets": {_ROWS.name: rows}}
