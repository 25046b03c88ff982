"""The numbers behind the pictures."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from attrs import frozen
from binance_wallet_client.models import FuturesSnapshot, MarginSnapshot, SpotSnapshot

from binance_wallet.export import ExportError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from binance_wallet_client.models import AccountSnapshot, MarginAsset, SpotAsset

__all__ = ["Position", "Series", "parts", "positions", "quantities", "tick_days", "values"]

_MOST_TICKS: Final = 7


@frozen
class Series:
    """What something amounted to at the end of some days (UTC)."""

    name: str
    unit: str
    amounts: dict[date, Decimal]


@frozen
class Position:
    """What a position is worth at the mark price, in the asset that its price is in. Shorts are worth as much."""

    symbol: str
    quote_asset: str
    short: bool
    worth: Decimal


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


def tick_days(series: Iterable[Series]) -> list[date]:
    """The days to write at an axis: evenly spread, from the first on, and few enough for a terminal."""
    days = sorted({day for each in series for day in each.amounts})
    return days[:: -(-len(days) // _MOST_TICKS)]


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
    """What the value is made of, as far as it can be told without prices: BTC itself, all other assets, and debts."""
    return _series(snapshots, _parts(snapshots))


def _parts(snapshots: Sequence[AccountSnapshot]) -> Iterator[tuple[str, str, date, Decimal]]:
    for snapshot in snapshots:
        if isinstance(snapshot, FuturesSnapshot):
            continue
        day = snapshot.update_time.date()
        btc = sum((asset.free + asset.locked for asset in _assets(snapshot) if asset.asset == "BTC"), Decimal(0))
        yield "BTC", "BTC", day, btc
        yield "All other assets", "BTC", day, snapshot.data.total_asset_of_btc - btc
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
            position.position_amt < 0,
            abs(position.position_amt) * position.mark_price,
        )
        for position in snapshot.data.position
        if position.position_amt
    ]


def _series(snapshots: Sequence[AccountSnapshot], points: Iterable[tuple[str, str, date, Decimal]]) -> list[Series]:
    """Series over all days. The exchange may list what there is nothing of, and may leave it out: here it is zero."""
    days = [snapshot.update_time.date() for snapshot in snapshots]
    found: dict[tuple[str, str], dict[date, Decimal]] = defaultdict(lambda: dict.fromkeys(days, Decimal(0)))
    for name, unit, day, amount in points:
        found[name, unit][day] = amount
    return [Series(name, unit, amounts) for (name, unit), amounts in found.items() if any(amounts.values())]
