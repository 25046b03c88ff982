"""Charts of an account. They set no colours: Altair's theme or a configuration does."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

import altair as alt
from binance_wallet_client.models import FuturesSnapshot

from binance_wallet_extras.export.prices import Quote
from binance_wallet_extras.text import printable

from .series import gaps, parts, positions, quantities, records, runs, spans, ticks, values

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from datetime import date

    from binance_wallet_client.models import AccountSnapshot

    from binance_wallet_extras.export import Prices

    from .series import Position, Series, Span

__all__ = ["Panel", "chart", "labels", "over_time", "panels"]

Panel: TypeAlias = alt.Chart | alt.LayerChart
"""One of the charts that `chart` puts below each other."""

_DAY: Final = timedelta(days=1)
_WIDTH: Final = 640
_LABEL: Final = 280
_MAX_ASSETS: Final = 25
_MAX_POINTS: Final = 62
_NO_RECORD: Final = "Grey: days without a record."
_NO_PRICE: Final = "Grey: days without a record or without a price."
_MAX_TEXT: Final = 200  # characters: Vega needs minutes to measure a title of 50,000
_TAG: Final = re.compile("<(?=[A-Za-z/!?])")
_ESCAPED: Final = r"\\x3c"


def chart(
    snapshots: Iterable[AccountSnapshot], *, quote_asset: str | None = None, prices: Prices | None = None
) -> alt.VConcatChart:
    """Draw an account: its value at the end of each day, and below it the parts of that value.

    It uses Altair's theme. For the colours of the pictures: `chart(snapshots).configure(**THEME)`.

    Args:
        snapshots: Of one type. Days may be missing.
        quote_asset: The asset that `prices` are in.
        prices: By day, what one BTC was worth: see `Archive.prices` and `read_prices`. Then the first chart has the
            value in that asset, on the days that have a price.

    Raises:
        ExportError: There is nothing to draw, or these are not snapshots of one type, or they have no total
            that a price would fit.
        PricesError: `prices` are not prices by day; or `quote_asset` is not as the exchange writes it; or one of them
            is given without the other.
    """
    account = records(snapshots)
    below = panels(account, quote_asset=quote_asset, prices=prices)
    title = alt.TitleParams(f"{account[0].type.capitalize()} account", anchor="start", fontSize=18, offset=16)
    drawn: alt.VConcatChart = alt.vconcat(*below, spacing=30, title=title).resolve_scale(color="independent")
    return drawn


def panels(
    snapshots: Iterable[AccountSnapshot], *, quote_asset: str | None = None, prices: Prices | None = None
) -> list[Panel]:
    """Return the charts that `chart` puts below each other, for a page that places them itself.

    Arguments and errors are those of `chart`.
    """
    return [*_panels(records(snapshots), Quote.of(quote_asset, prices))]


def _panels(snapshots: Sequence[AccountSnapshot], quote: Quote | None) -> Iterator[Panel]:
    if quote:
        [worth] = values(snapshots, quote)
        title = f"{worth.name} ({worth.unit}) at the end of each day"
        yield _over_time([worth], title, height=240, among=[each.update_time.date() for each in snapshots])
    series = values(snapshots)
    shown = series[:_MAX_ASSETS]
    left_out = f"Shown: the first {len(shown)} assets, of {len(series)}." if len(shown) < len(series) else ""
    for each in shown:
        title = f"{each.name} ({each.unit}) at the end of each day"
        yield _over_time([each], title, left_out, height=240 if len(series) == 1 else 120)
        left_out = ""
    if made_of := parts(snapshots):
        yield _by_part(made_of)
    yield from _by_asset(quantities(snapshots))
    last = max(snapshots, key=lambda snapshot: snapshot.update_time)
    if isinstance(last, FuturesSnapshot):
        yield from _by_position(positions(last), f"{last.update_time:%d %b %Y}")


def over_time(series: Sequence[Series], *, title: str, height: int = 240) -> Panel:
    """Draw amounts over time, a line for each series. A line ends where a day is missing, and starts anew after it.

    Args:
        series: Amounts in one unit; at least one series.
        title: The heading of the chart.
        height: In pixels.
    """
    return _over_time(series, title, height=height)


def _over_time(
    series: Sequence[Series], title: str, *captions: str, height: int, among: Collection[date] = ()
) -> Panel:
    """`among` are the days with a record, if the amounts are only of days with a price."""
    priced = {day for each in series for day in each.amounts}
    days = priced.union(among)
    first = series[0]
    axis = f"{first.name} ({first.unit})" if len(series) == 1 else first.unit
    amounts = {amount for each in series for amount in each.amounts.values()}
    alone = len(amounts) == 1  # then the scale begins at zero, to show the size
    lines = (
        alt.Chart(_lines(series))
        .mark_line(strokeCap="round", point=True if len(days) <= _MAX_POINTS else "transparent")
        .encode(
            x=_x("day:T", days),
            y=alt.Y("amount:Q", title="Amount", scale=alt.Scale(zero=alone), axis=_axis(axis, limit=height)),
            tooltip=[
                alt.Tooltip("date:N", title="Day (UTC)"),
                alt.Tooltip("exact:N", title="Amount"),
                *([alt.Tooltip("name:N", title="Of")] if len(series) > 1 else []),
            ],
        )
    )
    if len(series) > 1:
        names = labels(_text(each.name) for each in series)
        lines = lines.encode(color=alt.Color("row:N", title=None).legend(orient="top", labelExpr=names))
    missing = gaps(priced, days)
    # Half a day away from days with an amount, so that a single one is not all in grey.
    bands = [{"start": f"{first - _DAY}T12:00:00Z", "end": f"{last}T12:00:00Z"} for first, last in missing]
    band = alt.Chart(alt.InlineData(bands)).mark_rect(color="#888888", opacity=0.2)
    panel = alt.layer(band.encode(x=_x("start:T", days), x2="end:T"), lines) if missing else lines
    grey = (_NO_PRICE if among else _NO_RECORD) if missing else ""
    return cast("Panel", panel.properties(width=_WIDTH, height=height, title=_title(title, grey, *captions)))


def _by_part(series: list[Series]) -> Panel:
    names = [each.name for each in series]
    days = {*series[0].amounts}
    caption = ""
    if "BTC" in names:
        caption = "Snapshots hold no prices, so how the value of the other assets divides among them is not known."
    title = "Assets and debts" if "Owed" in names else "Allocation: BTC and all other assets"
    bars = []
    for span in spans(days):
        top = Decimal(0)  # debts go down from zero, and all else is stacked
        for each in series:
            amount = each.amounts[span.last]
            base = top if amount > 0 else Decimal(0)
            top += max(amount, Decimal(0))
            bar = {"name": each.name, "from": float(base), "to": float(base + amount), "exact": f"{amount:f}"}
            bars.append(_dates(span) | bar)
    panel: Panel = (
        alt.Chart(alt.InlineData(bars), title=_title(f"{title}, at the end of each {_span(days)}", caption))
        .mark_rect(stroke="white", strokeWidth=0.5)
        .encode(
            x=_x("start:T", days),
            x2="end:T",
            y=alt.Y("from:Q", title="Value (BTC)", scale=alt.Scale(zero=True)),
            y2="to:Q",
            color=alt.Color("name:N", title=None, sort=names).legend(orient="top"),
            tooltip=[
                alt.Tooltip("date:N", title="Day (UTC)"),
                alt.Tooltip("name:N", title="Part"),
                alt.Tooltip("exact:N", title="Value (BTC)"),
            ],
        )
        .properties(width=_WIDTH, height=200)
    )
    return panel


def _by_asset(series: list[Series]) -> Iterator[Panel]:
    changed = [each for each in series if len({*each.amounts.values()}) > 1]
    changed.sort(key=lambda each: (min(each.amounts.values()) - max(each.amounts.values())) / _largest(each))
    shown = changed[:_MAX_ASSETS]
    if not shown:
        return
    days = {*series[0].amounts}
    cells = [
        _dates(span)
        | {
            "row": row,
            "asset": _text(each.unit),
            "share": float(100 * each.amounts[span.last] / _largest(each)),
            "exact": f"{each.amounts[span.last]:f}",
        }
        for row, each in enumerate(shown)
        for span in spans(days)
    ]
    owes = any(amount < 0 for each in shown for amount in each.amounts.values())
    scale = alt.Scale(domain=[-100, 100], scheme="purpleorange") if owes else alt.Scale(domain=[0, 100])
    what = "Net quantity" if owes else "Quantity"
    title = _title(f"{what} of each asset, at the end of each {_span(days)}", *_which(series, changed, shown, owes))
    yield (
        alt.Chart(alt.InlineData(cells), title=title)
        .mark_rect(stroke="white", strokeWidth=0.5)
        .encode(
            x=_x("start:T", days),
            x2="end:T",
            y=alt.Y(
                "row:O",
                title="Asset",
                axis=alt.Axis(labelExpr=labels(_text(each.unit) for each in shown), labelLimit=_LABEL),
            ),
            color=alt.Color("share:Q", title="% of its largest", scale=scale),
            tooltip=[
                alt.Tooltip("asset:N", title="Asset"),
                alt.Tooltip("date:N", title="Day (UTC)"),
                alt.Tooltip("exact:N", title=what),
            ],
        )
        .properties(width=_WIDTH, height=alt.Step(14))
    )


def _largest(series: Series) -> Decimal:
    return max(map(abs, series.amounts.values()))


def _which(series: list[Series], changed: list[Series], shown: list[Series], owes: bool) -> Iterator[str]:
    more = "The darker, the more is there, or owed (below zero)" if owes else "The darker, the more of the asset"
    yield f"{more}; each row has its own scale."
    if len(shown) < len(changed):
        yield f"Shown: the {len(shown)} assets that changed most, of {len(series)}."
    elif still := len(series) - len(changed):
        yield f"Left out: {still} asset{'s' if still > 1 else ''} whose quantity did not change."


def _by_position(open_: list[Position], day: str) -> Iterator[Panel]:
    shorts = "A short position is below zero." if any(position.worth < 0 for position in open_) else ""
    for quote_asset in dict.fromkeys(position.quote_asset for position in open_):
        shown = [position for position in open_ if position.quote_asset == quote_asset]
        shown.sort(key=lambda position: position.worth, reverse=True)
        bars = [
            {
                "row": row,
                "symbol": _text(position.symbol),
                "side": "short" if position.worth < 0 else "long",
                "worth": float(position.worth),
                "exact": f"{position.worth:f}",
            }
            for row, position in enumerate(shown)
        ]
        size = f"Size at mark price ({quote_asset})"
        yield (
            alt.Chart(
                alt.InlineData(bars),
                title=_title(f"Positions in {quote_asset} at the end of {day}", shorts),
            )
            .mark_bar()
            .encode(
                x=alt.X("worth:Q", title="Size at mark price", axis=_axis(size, limit=_WIDTH, tickCount=8)),
                y=alt.Y(
                    "row:O",
                    title="Position",
                    axis=alt.Axis(labelExpr=labels(_text(position.symbol) for position in shown), labelLimit=_LABEL),
                ),
                color=alt.Color("side:N", title=None, scale=alt.Scale(domain=["long", "short"])).legend(
                    orient="top", values=sorted({str(bar["side"]) for bar in bars})
                ),
                tooltip=[
                    alt.Tooltip("symbol:N", title="Position"),
                    alt.Tooltip("side:N", title="Side"),
                    alt.Tooltip("exact:N", title="Size at mark price"),
                ],
            )
            .properties(width=_WIDTH, height=alt.Step(20))
        )


def _x(field: str, days: Iterable[date]) -> alt.X:
    # In UTC, also in a browser.
    found, months = ticks(days)
    at = [datetime.combine(day, time.min, UTC).timestamp() * 1000 for day in found]
    axis = alt.Axis(format="%b %Y" if months else "%d %b", values=at, grid=False)
    return alt.X(field, title="Month (UTC)" if months else "Day (UTC)", scale=alt.Scale(type="utc"), axis=axis)


def _dates(span: Span) -> dict[str, Any]:
    return {"start": span.start.isoformat(), "end": span.end.isoformat(), "date": span.last.isoformat()}


def _span(days: Iterable[date]) -> str:
    return spans(days)[0].name


def _lines(series: Iterable[Series]) -> alt.InlineData:
    """Points by day. A null amount ends a line."""
    points: list[dict[str, Any]] = []
    for row, each in enumerate(series):
        for run in runs(each.amounts):
            for day in run:
                amount = each.amounts[day]
                point = {"row": row, "name": _text(each.name), "day": day.isoformat(), "date": day.isoformat()}
                points.append(point | {"amount": float(amount), "exact": f"{amount:f}"})
            points.append({"row": row, "day": (run[-1] + _DAY).isoformat(), "amount": None})
    return alt.InlineData(points)


def _title(text: str, *captions: str) -> alt.TitleParams:
    subtitle = " ".join(filter(None, captions))
    return alt.TitleParams(_text(text), subtitle=subtitle, anchor="start", frame="group", limit=_WIDTH)


def _axis(title: str, limit: int, **options: Any) -> alt.Axis:
    """An axis whose title contains a name. Vega-Lite would write the title of a field into an expression."""
    return alt.Axis(title=_text(title), titleLimit=limit, **options)


def labels(names: Iterable[str]) -> str:
    """An expression for the labels of rows that are numbered from 0; the names are printable.

    Names are neither rows of their own nor literals: either way, one like `constructor` would break Vega.
    """
    lines = "".join(f"\n{name:.{_MAX_TEXT}}" for name in names)
    return f"split({json.dumps(lines)}, '\\n')[datum.value + 1]"


def _text(text: str) -> str:
    """A text in a chart, with `<` escaped where it begins a tag: Altair's pages would run it."""
    return f"{_TAG.sub(_ESCAPED, printable(text)):.{_MAX_TEXT}}"
