"""The data of the pictures."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from attrs import frozen
from binance_wallet_client.models import FuturesSnapshot, MarginSnapshot, SpotSnapshot

from binance_wallet_extras.export import ExportError
from binance_wallet_extras.export.prices import total_in_btc
from binance_wallet_extras.export.rows import as_list
from binance_wallet_extras.futures_symbols import quote_asset_of_symbol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from binance_wallet_client.models import AccountSnapshot, MarginAsset, SpotAsset

    from binance_wallet_extras.export.prices import Quote

__all__ = [
    "Position",
    "Series",
    "Span",
    "gaps",
    "missing",
    "over_days",
    "parts",
    "positions",
    "quantities",
    "quantity",
    "records",
    "runs",
    "spans",
    "ticks",
    "value",
    "values",
]

_DAY: Final = timedelta(days=1)
_MAX_DAYS_BY_DAY: Final = 62
_MAX_DAYS_BY_WEEK: Final = 400
_MAX_DAYS_WITH_DAY_TICKS: Final = 180
_MAX_TICKS: Final = 8
_MONTHS_BETWEEN_TICKS: Final = (1, 2, 3, 6, 12, 24, 60, 120, 1200)
_NEGLIGIBLE: Final = Decimal("0.1")
_VALUES: Final = {"spot": "Value", "margin": "Net value", "futures": "Wallet balance"}


@frozen
class Series:
    """Amounts at the end of days (UTC). A missing day has no record."""

    name: str
    unit: str
    amounts: dict[date, Decimal]


@frozen
class Position:
    """The notional value of a position at the mark price, in the quote asset; below zero for a short."""

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


def records(snapshots: Iterable[AccountSnapshot]) -> list[AccountSnapshot]:
    """The snapshots as a list. Raises ExportError if they are not snapshots of one type."""
    found = as_list(snapshots)
    types = {getattr(snapshot, "type", "balances") for snapshot in found}
    if "balances" in types:
        raise ExportError("balances are of one moment and cannot be drawn over time: give snapshots")
    if len(types) > 1:
        raise ExportError(f"a drawing is of one type, not of {' and '.join(sorted(types))}: draw each by itself")
    return found


def values(snapshots: Sequence[AccountSnapshot], quote: Quote | None = None) -> list[Series]:
    """What the account was worth; of a futures account, which has no such value, the balance of each asset.

    With `quote`, it is in that asset, of the days that have a price.

    Raises ExportError if it never held anything, or if no day has a price, or for the value of a futures account.
    """
    by_unit = over_days(snapshots, value)
    if quote and any(isinstance(snapshot, FuturesSnapshot) for snapshot in snapshots):
        raise ExportError(f"snapshots of futures have no total, and so none in {quote.asset}")
    if quote and by_unit:
        found = {snapshot.update_time.date(): quote.value(snapshot) for snapshot in snapshots}
        worth = {day: amount for day, amount in sorted(found.items()) if amount is not None}
        if not worth:
            raise ExportError(f"there is nothing to draw: none of these days has a price of BTC in {quote.asset}")
        by_unit = {quote.asset: worth}
    series = [Series(_VALUES[snapshots[0].type], unit, by_day) for unit, by_day in by_unit.items()]
    series = [each for each in series if any(each.amounts.values())]
    if not series:
        raise ExportError("there is nothing to draw: no snapshots, or none that holds anything")
    return series


def value(snapshot: AccountSnapshot) -> dict[str, Decimal]:
    """What an account is worth by unit: in BTC, or of a futures account, which has no such value, in each asset."""
    if isinstance(snapshot, FuturesSnapshot):
        return {asset.asset: asset.wallet_balance for asset in snapshot.data.assets}
    total = total_in_btc(snapshot)
    return {} if total is None else {"BTC": total}


def quantity(snapshot: AccountSnapshot) -> dict[str, Decimal]:
    """The quantity of each asset of an account, free and locked, minus what it owes."""
    match snapshot:
        case SpotSnapshot():
            return {asset.asset: asset.free + asset.locked for asset in snapshot.data.balances}
        case MarginSnapshot():
            return {asset.asset: asset.net_asset for asset in snapshot.data.user_assets}
        case FuturesSnapshot():
            return value(snapshot)


def over_days(
    snapshots: Iterable[AccountSnapshot], measure: Callable[[AccountSnapshot], Mapping[str, Decimal]]
) -> dict[str, dict[date, Decimal]]:
    """The measured amounts, by day. The exchange may leave out an asset of which nothing is left: then it is zero."""
    measured = {snapshot.update_time.date(): measure(snapshot) for snapshot in snapshots}
    names = dict.fromkeys(name for amounts in measured.values() for name in amounts)
    return {name: {day: measured[day].get(name, Decimal(0)) for day in sorted(measured)} for name in names}


def parts(snapshots: Sequence[AccountSnapshot]) -> list[Series]:
    """The parts of the value that are known without prices: BTC itself, all other assets, and debts.

    BTC is a part of its own if both it and the rest reach 10 % of the assets on some day. If only one part is left,
    which is the value itself, there are none.
    """
    held = [snapshot for snapshot in snapshots if not isinstance(snapshot, FuturesSnapshot)]
    series = [Series(name, "BTC", by_day) for name, by_day in over_days(held, _parts).items()]
    found = {each.name: each for each in series if any(each.amounts.values())}
    if not all(name in found and _matters(found[name], found["All assets"]) for name in ("BTC", "All other assets")):
        shown = [found[name] for name in ("All assets", "Owed") if name in found]
    else:
        shown = [found[name] for name in ("BTC", "All other assets", "Owed") if name in found]
    return shown if len(shown) > 1 else []


def _matters(part: Series, whole: Series) -> bool:
    return any(amount >= _NEGLIGIBLE * whole.amounts[day] > 0 for day, amount in part.amounts.items())


def _parts(snapshot: AccountSnapshot) -> dict[str, Decimal]:
    match snapshot:
        case SpotSnapshot():
            assets: Sequence[SpotAsset | MarginAsset] = snapshot.data.balances
            owed = Decimal(0)
        case MarginSnapshot():
            assets = snapshot.data.user_assets
            owed = snapshot.data.total_liability_of_btc
        case FuturesSnapshot():
            return {}
    total = snapshot.data.total_asset_of_btc
    btc = sum((asset.free + asset.locked for asset in assets if asset.asset == "BTC"), Decimal(0))
    # The exchange rounds the total, so it may be a little less than the BTC in it.
    return {"BTC": btc, "All other assets": max(total - btc, Decimal(0)), "All assets": total, "Owed": -owed}


def quantities(snapshots: Sequence[AccountSnapshot]) -> list[Series]:
    """The quantity of each asset. There are none for a futures account, whose values are quantities."""
    held = [snapshot for snapshot in snapshots if not isinstance(snapshot, FuturesSnapshot)]
    series = [Series("Quantity", asset, by_day) for asset, by_day in over_days(held, quantity).items()]
    return [each for each in series if any(each.amounts.values())]


def positions(snapshot: FuturesSnapshot) -> list[Position]:
    """The positions that were open."""
    assets = [asset.asset for asset in snapshot.data.assets]
    return [
        Position(
            position.symbol,
            quote_asset_of_symbol(position.symbol, assets),
            position.position_amt * position.mark_price,
        )
        for position in snapshot.data.position
        if position.position_amt
    ]


def runs(days: Iterable[date]) -> list[list[date]]:
    """The days in order, as runs of consecutive days."""
    found: list[list[date]] = []
    for day in sorted(days):
        if found and found[-1][-1] + _DAY == day:
            found[-1].append(day)
        else:
            found.append([day])
    return found


def gaps(days: Iterable[date], among: Iterable[date] = ()) -> list[tuple[date, date]]:
    """The first and the last day of each gap in these days, between the first and the last day of these and `among`."""
    known = {*days}
    every = sorted({*known, *among})
    return [(run[0], run[-1]) for run in runs({*_every(every[0], every[-1])} - known)]


def missing(days: Iterable[date], last: date) -> list[date]:
    """The days that are missing, from the first of these to `last`."""
    recorded = set(days)
    return [day for day in _every(min(recorded), last) if day not in recorded]


def _every(first: date, last: date) -> Iterator[date]:
    return (first + n * _DAY for n in range((last - first).days + 1))


def spans(days: Iterable[date]) -> list[Span]:
    """The days; or their weeks (from Monday), or their months, if the days are too many to distinguish."""
    ordered = sorted(days)
    length = (ordered[-1] - ordered[0]).days
    found: dict[date, Span] = {}
    for day in ordered:
        if length <= _MAX_DAYS_BY_DAY:
            name, start, end = "day", day, day + _DAY
        elif length <= _MAX_DAYS_BY_WEEK:
            start = day - timedelta(days=day.weekday())
            name, end = "week", start + 7 * _DAY
        else:
            start = day.replace(day=1)
            name, end = "month", (start + 31 * _DAY).replace(day=1)
        found[start] = Span(name, start, end, day)
    return [*found.values()]


def ticks(days: Iterable[date], max_ticks: int = _MAX_TICKS) -> tuple[list[date], bool]:
    """The days to label on an axis, few and evenly spread; and whether the labels are months."""
    ordered = sorted(days)
    first, last = ordered[0], ordered[-1]
    length = (last - first).days + 1
    if length <= _MAX_DAYS_WITH_DAY_TICKS:
        step = -(-length // max_ticks)
        return [first + n * _DAY for n in range(0, length, step)], False
    # The first of each month in between, its months counted from the year 0.
    months = range(first.year * 12 + first.month - (first.day == 1), last.year * 12 + last.month)
    step = next(step for step in _MONTHS_BETWEEN_TICKS if sum(month % step == 0 for month in months) <= max_ticks)
    return [date(month // 12, month % 12 + 1, 1) for month in months if month % step == 0], True
