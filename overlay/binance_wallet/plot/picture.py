"""Pictures for reports: black, grey and white, and a unit at each axis."""

from __future__ import annotations

import io
from datetime import UTC, datetime, time
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import altair as alt
import vl_convert  # noqa: F401 - what Altair needs to save anything
from binance_wallet_client.models import FuturesSnapshot

from .series import parts, positions, quantities, tick_days, values

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from binance_wallet_client.models import AccountSnapshot

    from .series import Position, Series

__all__ = ["PictureFormat", "chart", "picture"]

_WIDTH: Final = 640
_MOST_ASSETS: Final = 25
_BLACK, _GREY, _PALE = "#1a1a1a", "#8c8c8c", "#dedede"


class PictureFormat(StrEnum):
    """What a picture can be. HTML brings along all that it needs: it works without a network."""

    PNG = "png"
    SVG = "svg"
    HTML = "html"


def picture(snapshots: Sequence[AccountSnapshot], format: PictureFormat) -> bytes:
    """Draw an account's `chart` as the content of a file."""
    drawn = chart(snapshots)
    if format is PictureFormat.PNG:
        image = io.BytesIO()
        drawn.save(image, "png", scale_factor=2)
        return image.getvalue()
    text = io.StringIO()
    if format is PictureFormat.SVG:
        drawn.save(text, "svg")
    else:
        drawn.save(text, "html", inline=True)
    return text.getvalue().encode()


def chart(snapshots: Sequence[AccountSnapshot]) -> alt.VConcatChart:
    """Draw an account: what it was worth at the end of each day, and below it what that was made of.

    Args:
        snapshots: Of one account.

    Raises:
        ExportError: There is nothing to draw, or something else than the snapshots of one account.
    """
    panels = [*_panels(snapshots)]
    title = alt.TitleParams(f"{snapshots[-1].type.capitalize()} account", anchor="start", fontSize=18, offset=16)
    drawn: alt.VConcatChart = alt.vconcat(*panels, spacing=30, title=title).resolve_scale(color="independent")
    return drawn


def _panels(snapshots: Sequence[AccountSnapshot]) -> Iterator[alt.Chart]:
    series = values(snapshots)
    for each in series:
        yield _over_time(each, height=240 if len(series) == 1 else 120)
    if made_of := parts(snapshots):
        yield _by_part(made_of)
    yield from _by_asset(quantities(snapshots))
    if isinstance(last := snapshots[-1], FuturesSnapshot):
        yield from _by_position(positions(last), f"{last.update_time:%d %b %Y}")


def _over_time(series: Series, height: int) -> alt.Chart:
    alone = len({*series.amounts.values()}) == 1  # then only a scale from zero says how much it is
    panel: alt.Chart = (
        alt.Chart(_data([series]), title=_title(f"{series.name} ({series.unit}) at the end of each day"))
        .mark_line(color=_BLACK, point=alt.OverlayMarkDef(color=_BLACK, size=20))
        .encode(
            x=_days("day:T", [series]),
            y=alt.Y("amount:Q", title=f"{series.name} ({series.unit})", scale=alt.Scale(zero=alone)),
        )
        .properties(width=_WIDTH, height=height)
    )
    return panel


def _by_part(series: list[Series]) -> alt.Chart:
    shades = {"BTC": _BLACK, "All other assets": _PALE, "Owed": _GREY}
    names = [each.name for each in series]
    panel: alt.Chart = (
        alt.Chart(
            _data(series),
            title=_title(
                "Allocation: BTC and all other assets",
                "Snapshots hold no prices, so how the value of the other assets divides among them is not known.",
            ),
        )
        .mark_bar(stroke=_BLACK, strokeWidth=0.5)
        .encode(
            x=_days("utcyearmonthdate(day):T", series),
            y=alt.Y("amount:Q", title="Value (BTC)"),
            color=alt.Color(
                "name:N", title=None, scale=alt.Scale(domain=names, range=[shades[name] for name in names])
            ).legend(orient="top"),
            order=alt.Order("name:N", sort="descending"),
        )
        .properties(width=_WIDTH, height=200)
    )
    return panel


def _by_asset(series: list[Series]) -> Iterator[alt.Chart]:
    changed = [each for each in series if len({*each.amounts.values()}) > 1]
    changed.sort(key=lambda each: min(each.amounts.values()) / max(each.amounts.values()))
    shown = changed[:_MOST_ASSETS]
    if not shown:
        return
    caption = "Each row has its own scale: white is none of the asset, black the most of it in this period. "
    caption += f"Shown: {len(shown)} of {len(series)} assets, those that changed most."
    cells = [
        {"asset": each.unit, "day": day.isoformat(), "share": float(100 * amount / max(each.amounts.values()))}
        for each in shown
        for day, amount in each.amounts.items()
    ]
    yield (
        alt.Chart(alt.InlineData(cells), title=_title("Quantity of each asset", caption))
        .mark_rect()
        .encode(
            x=_days("utcyearmonthdate(day):T", series),
            y=alt.Y("asset:N", sort=None, title="Asset"),
            color=alt.Color(
                "share:Q", title="% of its largest", scale=alt.Scale(domain=[0, 100], range=["white", _BLACK])
            ),
        )
        .properties(width=_WIDTH, height=alt.Step(14))
    )


def _by_position(open_: list[Position], day: str) -> Iterator[alt.Chart]:
    for quote_asset in dict.fromkeys(position.quote_asset for position in open_):
        bars = [
            {"symbol": position.symbol, "side": "short" if position.short else "long", "worth": float(position.worth)}
            for position in open_
            if position.quote_asset == quote_asset
        ]
        yield (
            alt.Chart(
                alt.InlineData(bars),
                title=_title(f"Allocation: positions in {quote_asset} at the end of {day}", "Size at mark price."),
            )
            .mark_bar(stroke=_BLACK, strokeWidth=0.5)
            .encode(
                x=alt.X("worth:Q", title=f"Size at mark price ({quote_asset})"),
                y=alt.Y("symbol:N", sort="-x", title="Position"),
                color=alt.Color(
                    "side:N", title=None, scale=alt.Scale(domain=["long", "short"], range=[_BLACK, _PALE])
                ).legend(orient="top"),
            )
            .properties(width=_WIDTH, height=alt.Step(20))
        )


def _days(field: str, series: Iterable[Series]) -> alt.X:
    # In UTC also where a browser draws it. Ticks are at days that there are: a bar ends where the day after begins.
    ticks = [datetime.combine(day, time.min, UTC).timestamp() * 1000 for day in tick_days(series)]
    axis = alt.Axis(format="%d %b", values=ticks, grid=False)
    return alt.X(field, title="Day (UTC)", scale=alt.Scale(type="utc"), axis=axis)


def _data(series: Iterable[Series]) -> alt.InlineData:
    return alt.InlineData(
        [
            {"name": each.name, "day": day.isoformat(), "amount": float(amount)}
            for each in series
            for day, amount in each.amounts.items()
        ]
    )


def _title(text: str, caption: str = "") -> alt.TitleParams:
    return alt.TitleParams(text, subtitle=caption, anchor="start", subtitleColor="#555555")
