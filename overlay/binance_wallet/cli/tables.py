"""Tables for people to read. No digit of an amount is ever left out: where a terminal is too narrow, cells fold."""

from __future__ import annotations

from decimal import MAX_PREC, Decimal, localcontext
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from rich.box import SIMPLE
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from binance_wallet_client.models import (
        AccountSnapshot,
        FuturesSnapshot,
        MarginSnapshot,
        SpotSnapshot,
        WalletBalance,
    )

__all__ = ["balances", "snapshots"]


def balances(wallets: Sequence[WalletBalance], quote_asset: str) -> RenderableType:
    """What each wallet is worth, and what they are worth together."""
    table = _table("Wallets", "Wallet", f"Balance ({quote_asset})")
    for wallet in wallets:
        inactive = "" if wallet.activate else " (inactive)"
        _row(table, wallet.wallet_name + inactive, wallet.balance)
    table.add_section()
    with localcontext(prec=MAX_PREC):
        total = sum((wallet.balance for wallet in wallets), Decimal(0))
    _row(table, "Total", total, style="bold")
    return table


def snapshots(account: str, days: Sequence[AccountSnapshot]) -> RenderableType:
    """What an account was worth day by day, and what it held at the end of the last of these days."""
    if not days:
        return Text(f"No snapshots of the {account} account in this period.\n")
    return Group(*_ACCOUNTS[account](days))


def _spot(days: Sequence[SpotSnapshot]) -> Iterable[Table]:
    worth = _table("Spot account", "Day (UTC)", "Value (BTC)", "Change (BTC)", "Change (%)")
    values = [day.data.total_asset_of_btc for day in days]
    for day, value, change in zip(days, values, _changes(values), strict=True):
        _row(worth, _date(day), value, *change)
    yield worth

    held = _table(f"Held at the end of {_date(days[-1])} (UTC)", "Asset", "Free", "Locked")
    for asset in days[-1].data.balances:
        if asset.free or asset.locked:
            _row(held, asset.asset, asset.free, asset.locked)
    yield held


def _margin(days: Sequence[MarginSnapshot]) -> Iterable[Table]:
    worth = _table(
        "Margin account", "Day (UTC)", "Net value (BTC)", "Change (BTC)", "Change (%)", "Owed (BTC)", "Margin level"
    )
    values = [day.data.total_net_asset_of_btc for day in days]
    for day, value, change in zip(days, values, _changes(values), strict=True):
        _row(worth, _date(day), value, *change, day.data.total_liability_of_btc, day.data.margin_level)
    yield worth

    title = f"Held at the end of {_date(days[-1])} (UTC)"
    held = _table(title, "Asset", "Net", "Free", "Locked", "Borrowed", "Interest")
    for asset in days[-1].data.user_assets:
        amounts = asset.net_asset, asset.free, asset.locked, asset.borrowed, asset.interest
        if any(amounts):
            _row(held, asset.asset, *amounts)
    yield held


def _futures(days: Sequence[FuturesSnapshot]) -> Iterable[Table]:
    # Snapshots of this account have no value of the whole, and no prices to work it out from.
    balances = [{asset.asset: asset.wallet_balance for asset in day.data.assets} for day in days]
    assets = dict.fromkeys(asset for held in balances for asset, amount in held.items() if amount)
    wallet = _table("Futures account: wallet balance", "Day (UTC)", *assets)
    for day, held in zip(days, balances, strict=True):
        _row(wallet, _date(day), *(held.get(asset) for asset in assets))
    yield wallet

    title = f"Positions at the end of {_date(days[-1])} (UTC)"
    positions = _table(title, "Symbol", "Size", "Entry price", "Mark price", "Size at mark price")
    for position in days[-1].data.position:
        with localcontext(prec=MAX_PREC):
            notional = abs(position.position_amt) * position.mark_price
        _row(positions, position.symbol, position.position_amt, position.entry_price, position.mark_price, notional)
    yield positions


_ACCOUNTS: Final[Mapping[str, Callable[[Sequence[Any]], Iterable[Table]]]] = {
    "spot": _spot,
    "margin": _margin,
    "futures": _futures,
}


def _date(day: AccountSnapshot) -> str:
    return f"{day.update_time:%Y-%m-%d}"


def _changes(values: Sequence[Decimal]) -> Iterable[tuple[str, str]]:
    """From each day to the next: by how much, and by how many percent. Nothing is known of the day before the first."""
    yield "", ""
    for before, value in pairwise(values):
        yield f"{value - before:+f}", f"{100 * (value - before) / abs(before):+.2f}" if before else ""


def _table(title: str, name: str, *amounts: str) -> Table:
    table = Table(title=Text(title), title_justify="left", title_style="bold", box=SIMPLE, pad_edge=False)
    table.add_column(Text(name), overflow="fold")
    for amount in amounts:
        table.add_column(Text(amount), justify="right", overflow="fold")
    return table


def _row(table: Table, name: str, *amounts: Decimal | str | None, style: str = "") -> None:
    cells = (f"{amount:f}" if isinstance(amount, Decimal) else amount or "" for amount in amounts)
    table.add_row(Text(name), *map(Text, cells), style=style)
