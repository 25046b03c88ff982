"""The account's value over time, drawn with characters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import plotext  # type: ignore[import-untyped]

from .series import tick_days, values

if TYPE_CHECKING:
    from collections.abc import Sequence

    from binance_wallet_client.models import AccountSnapshot

    from .series import Series

__all__ = ["sketch"]


def sketch(snapshots: Sequence[AccountSnapshot], *, width: int = 80, height: int = 18) -> str:
    """Draw what an account was worth at the end of each day: in BTC, or for futures one drawing for each asset.

    Args:
        snapshots: Of one account.
        width: Characters in a line.
        height: Lines in a drawing.

    Raises:
        ExportError: There is nothing to draw, or something else than the snapshots of one account.
    """
    drawings = [_drawing(series, width, height) for series in values(snapshots)]
    return f"{snapshots[-1].type.capitalize()} account\n" + "\n".join(drawings)


def _drawing(series: Series, width: int, height: int) -> str:
    days = sorted(series.amounts)
    ticks = tick_days([series])
    plotext.terminal.limit(width=False, height=False)
    figure = plotext.figure
    figure.clear()
    figure.plot_size(width, height).title(f"{series.name} ({series.unit}) at the end of each day (UTC)")
    figure.ruler("x").ticks([day.toordinal() for day in ticks], [f"{day:%m-%d}" for day in ticks])
    amounts = [float(series.amounts[day]) for day in days]
    figure.draw(figure.signal([day.toordinal() for day in days], amounts, marker="braille").lines())
    lines = figure.build().string(colorless=True).splitlines()
    return "".join(f"{line.rstrip()}\n" for line in lines)
