"""The numbers behind the pictures."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from attrs import frozen
from binance_wallet_client.models import FuturesSnapshot, MarginSnapshot, SpotSnapshot

from binance_wallet.export import ExportError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from binance_wallet_client.models import AccountSnapshot, MarginAsset, SpotAsset

__all__ = ["Position", "Series", "Span", "gaps", "parts", "positions", "quantities", "runs", "spans", "ticks", "values"]

_DAY: Final = timedelta(days=1)
_LONGEST_IN_DAYS: Final = 62
_LONGEST_IN_WEEKS: Final = 400
_LONGEST_WITH_DAYS: Final = 180
_MOST_TICKS: Final = 8
_MONTHS_BETWEEN_TICKS: Final = (1, 2, 3, 6, 12, 24, 60, 120, 1200)
_NEGLIGIBLE: Final = Decimal("0.1")


@frozen
class Series:
    """Amounts at the end of days (UTC). A missing day has no record."""

    name: str
    unit: str
    amounts: dict[date, Decimal]


@frozen
class Position:
    """What a position is worth at the mark price, in the asset that its price is in; below zero for a short."""

    symbol: str
    quote_asset: str
    worth: Decimal


@frozen
class Span:
    """A day, a week or a month, `end` not included; `last` is the last day in it that has a record."""

    name: str
    start: date
    end: date
    last: date


def values(snapshots: Sequence[AccountSnapshot]) -> list[Series]:
    """What the account was worth; of a futures account, which has no such value, the balance of each asset."""
    accounts = {getattr(snapshot, "type", "balances") for snapshot in snapshots}
    if "balances" in accounts:
        raise ExportError("balances are of one moment and cannot be drawn over time: give snapshots")
    if len(accounts) > 1:
        raise ExportError(f"a drawing is of one account, not of {' and '.join(sorted(accounts))}: draw each by itself")
    series = _series(snapshots, _values(snapshots))
    if not series:
        raise ExportError("there is nothing to draw: no snapshots, or none that holds anything")
    return series


def _values(snapshots: Sequence[AccountSnapshot]) -> Iterator[tuple[str, str, date, Decimal]]:
    for snapshot in snapshots:
        day = snapshot.update_time.date()
        match snapshot:
            case SpotSnapshot():
                yield "Value", "BTC", day, snapshot.data.total_asset_of_btc
            case MarginSnapshot():
                yield "Net value", "BTC", day, snapshot.data.total_net_asset_of_btc
            case FuturesSnapshot():
                for asset in snapshot.data.assets:
                    yield "Wallet balance", asset.asset, day, asset.wallet_balance


def parts(snapshots: Sequence[AccountSnapshot]) -> list[Series]:
    """What the value is made of, as far as it can be told without prices: BTC itself, all other assets, and debts.

    BTC is told apart where both it and the rest reach 10 % of the assets on some day. Where this leaves but one part,
    which is the value itself, there are none.
    """
    found = {series.name: series for series in _series(snapshots, _parts(snapshots))}
    if not all(name in found and _matters(found[name], found["All assets"]) for name in ("BTC", "All other assets")):
        shown = [found[name] for name in ("All assets", "Owed") if name in found]
    else:
        shown = [found[name] for name in ("BTC", "All other assets", "Owed") if name in found]
    return shown if len(shown) > 1 else []


def _matters(part: Series, whole: Series) -> bool:
    return any(amount >= _NEGLIGIBLE * whole.amounts[day] > 0 for day, amount in part.amounts.items())


def _parts(snapshots: Sequence[AccountSnapshot]) -> Iterator[tuple[str, str, date, Decimal]]:
    for snapshot in snapshots:
        if isinstance(snapshot, FuturesSnapshot):
            continue
        day, total = snapshot.update_time.date(), snapshot.data.total_asset_of_btc
        btc = sum((asset.free + asset.locked for asset in _assets(snapshot) if asset.asset == "BTC"), Decimal(0))
        yield "BTC", "BTC", day, btc
        # The exchange rounds the total, and so it may be a little less than the BTC in it.
        yield "All other assets", "BTC", day, max(total - btc, Decimal(0))
        yield "All assets", "BTC", day, total
        if isinstance(snapshot, MarginSnapshot):
            yield "Owed", "BTC", day, -snapshot.data.total_liability_of_btc


def quantities(snapshots: Sequence[AccountSnapshot]) -> list[Series]:
    """How much of each asset the account had, be it tied up or borrowed."""
    found = (
        ("Quantity", asset.asset, snapshot.update_time.date(), asset.free + asset.locked)
        for snapshot in snapshots
        for asset in _assets(snapshot)
    )
    return _series(snapshots, found)


def _assets(snapshot: AccountSnapshot) -> Sequence[SpotAsset | MarginAsset]:
    match snapshot:
        case SpotSnapshot():
            return snapshot.data.balances
        case MarginSnapshot():
            return snapshot.data.user_assets
        case FuturesSnapshot():
            return ()


def positions(snapshot: FuturesSnapshot) -> list[Position]:
    """The positions that were open."""
    assets = [asset.asset for asset in snapshot.data.assets]
    return [
        Position(
            position.symbol,
            # BTCUSDT is priced in USDT, and so is BTCUSDT_260327, which ends on that day.
            next((asset for asset in assets if position.symbol.partition("_")[0].endswith(asset)), "quote asset"),
            position.position_amt * position.mark_price,
        )
        for position in snapshot.data.position
        if position.position_amt
    ]


def _series(snapshots: Sequence[AccountSnapshot], points: Iterable[tuple[str, str, date, Decimal]]) -> list[Series]:
    """Series over all days. The exchange may list what there is nothing of, and may leave it out: here it is zero."""
    days = sorted(snapshot.update_time.date() for snapshot in snapshots)
    found: dict[tuple[str, str], dict[date, Decimal]] = defaultdict(lambda: dict.fromkeys(days, Decimal(0)))
    for name, unit, day, amount in points:
        found[name, unit][day] = amount
    return [Series(name, unit, amounts) for (name, unit), amounts in found.items() if any(amounts.values())]


def runs(days: Iterable[date]) -> list[list[date]]:
    """The days in order, parted where one is missing."""
    found: list[list[date]] = []
    for day in sorted(days):
        if found and found[-1][-1] + _DAY == day:
            found[-1].append(day)
        else:
            found.append([day])
    return found


def gaps(days: Iterable[date]) -> list[tuple[date, date]]:
    """Between which two days with a record there are days without one."""
    return [(before[-1], after[0]) for before, after in pairwise(runs(days))]


def spans(days: Iterable[date]) -> list[Span]:
    """The days; in their place the weeks (from Monday), or the months, if the days were too many to tell apart."""
    ordered = sorted(days)
    length = (ordered[-1] - ordered[0]).days
    found: dict[date, Span] = {}
    for day in ordered:
        if length <= _LONGEST_IN_DAYS:
            name, start, end = "day", day, day + _DAY
        elif length <= _LONGEST_IN_WEEKS:
            start = day - timedelta(days=day.weekday())
            name, end = "week", start + 7 * _DAY
        else:
            start = day.replace(day=1)
            name, end = "month", (start + 31 * _DAY).replace(day=1)
        found[start] = Span(name, start, end, day)
    return [*found.values()]


def ticks(days: Iterable[date], most: int = _MOST_TICKS) -> tuple[list[date], bool]:
    """The days to write at an axis, evenly spread and few; and whether they stand for their months."""
    ordered = sorted(days)
    first, last = ordered[0], ordered[-1]
    length = (last - first).days + 1
    if length <= _LONGEST_WITH_DAYS:
        step = -(-length // most)
        return [first + n * _DAY for n in range(0, length, step)], False
    # The first of each month in between, its months counted from the year 0.
    months = range(first.year * 12 + first.month - (first.day == 1), last.year * 12 + last.month)
    step = next(step for step in _MONTHS_BETWEEN_TICKS if sum(month % step == 0 for month in months) <= most)
    return [date(month // 12, month % 12 + 1, 1) for month in months if month % step == 0], True
