"""The account's value over time, drawn with characters."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import plotext  # type: ignore[import-untyped]

from binance_wallet_extras.export.prices import Quote
from binance_wallet_extras.text import printable

from .series import records, runs, ticks, values

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import date

    from binance_wallet_client.models import AccountSnapshot

    from binance_wallet_extras.export import Prices

    from .series import Series

__all__ = ["sketch"]


def sketch(
    snapshots: Iterable[AccountSnapshot],
    *,
    width: int = 80,
    height: int = 18,
    quote_asset: str | None = None,
    prices: Prices | None = None,
) -> str:
    """Draw what an account was worth at the end of each day: in BTC, or for futures one drawing for each asset.

    Args:
        snapshots: Of one type. Days may be missing.
        width: Characters in a line.
        height: Lines in a drawing.
        quote_asset: The asset that `prices` are in.
        prices: By day, what one BTC was worth: see `chart`. A last line counts the days without a price.

    Raises:
        ExportError: There is nothing to draw, or these are not snapshots of one type, or they have no total
            that a price would fit.
        PricesError: `prices` are not prices by day; or `quote_asset` is not as the exchange writes it; or one of them
            is given without the other.
    """
    account = records(snapshots)
    days = {snapshot.update_time.date() for snapshot in account}
    series = values(account, Quote.of(quote_asset, prices))
    drawings = [_drawing(each, days, width, height) for each in series]
    if unpriced := len(days) - len(series[0].amounts):
        drawings.append(f"Days without a price of BTC in {printable(series[0].unit)}: {unpriced} of {len(days)}.\n")
    return f"{account[0].type.capitalize()} account\n" + "\n".join(drawings)


def _drawing(series: Series, of_days: Collection[date], width: int, height: int) -> str:
    days, months = ticks(of_days, max_ticks=max(2, width // 11))
    plotext.terminal.limit(width=False, height=False)
    figure = plotext.figure
    figure.clear()
    title = printable(f"{series.name} ({series.unit}) at the end of each day (UTC)")
    figure.plot_size(width, height).title(title[:width])
    labels = [f"{day:%Y-%m}" if months else f"{day:%m-%d}" for day in days]
    figure.ruler("x").ticks([day.toordinal() for day in days], labels)
    first, last = min(of_days).toordinal(), max(of_days).toordinal()
    if first < last:
        figure.ruler("x").lim(first, last)
    low, high = _bounds(series)
    figure.ruler("y").lim(low, high).ticks(*_scale(low, high))
    for run in runs(series.amounts):  # a line ends where a day is missing
        amounts = [float(series.amounts[day]) for day in run]
        figure.draw(figure.signal([day.toordinal() for day in run], amounts, marker="braille").lines())
    lines = figure.build().string(colorless=True).splitlines()
    return "".join(f"{line.rstrip()}\n" for line in lines)


def _bounds(series: Series) -> tuple[float, float]:
    """The minimum and the maximum. If they are equal, one of them becomes zero."""
    low, high = float(min(series.amounts.values())), float(max(series.amounts.values()))
    return (low, high) if low < high else (min(low, 0.0), max(high, 0.0))


def _scale(low: float, high: float) -> tuple[list[float], list[str]]:
    """The five ticks of an axis and their labels, with enough decimals to distinguish them."""
    step = (high - low) / 4
    decimals = max(0, -math.floor(math.log10(step)))
    found = [low + n * step for n in range(5)]
    return found, [f"{amount:,.{decimals}f}" for amount in found]
