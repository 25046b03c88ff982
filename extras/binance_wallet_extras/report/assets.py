"""The assets of each wallet, if the exchange lists them, and how they changed."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from binance_wallet_extras.export.prices import day_of_price

from .changes import changes_table
from .language import amount, amounts, decimals, moment, share
from .layout import Cell, Column, ForPeriod, Scope, Section, Table, columns

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from binance_wallet_client.models import AssetBalance, WalletBalance

    from .language import Text

__all__ = ["assets"]


def assets(scope: Scope, records: Mapping[datetime, Sequence[WalletBalance]]) -> Section:
    """The section with the last assets of each wallet, and their changes since the first record of each period.

    Args:
        scope: The page's.
        records: The balances with their assets, oldest first.
    """
    text = scope.text
    last = max(records)
    tables = [_held(scope, records[last], last)]
    if len(records) > 1:
        firsts = {since: ats[0] for since, ats in scope.in_periods({at: at.date() for at in records})}
        tables += [_changes(text, records, first, last, since) for since, first in firsts.items()]
    return Section("assets", text("assets"), [ForPeriod(text("source_balances", moment=moment(last)))], tables=tables)


def _changes(
    text: Text, records: Mapping[datetime, Sequence[WalletBalance]], first: datetime, last: datetime, since: date
) -> Table:
    if first == last:
        return Table(text("changed_unknown"), since=since)
    names = [text("asset"), text("name_of_wallets")]
    moments = {"first": moment(first), "last": moment(last)}
    captions = text("changed_moments", **moments), text("changed_moments_nothing", **moments)
    return changes_table(
        text, names, _quantities(records[first]), _quantities(records[last]), since=since, captions=captions
    )


def _assets(wallets: Sequence[WalletBalance]) -> list[tuple[str, AssetBalance]]:
    return [(wallet.wallet_name, asset) for wallet in wallets for asset in wallet.asset_balances or ()]


def _quantity(asset: AssetBalance) -> Decimal:
    return asset.free + asset.locked + asset.freeze + asset.withdrawing


def _quantities(wallets: Sequence[WalletBalance]) -> dict[tuple[str, ...], Decimal]:
    """By asset and wallet."""
    found: dict[tuple[str, ...], Decimal] = {}
    for name, asset in _assets(wallets):
        key = asset.asset, name
        found[key] = found.get(key, Decimal(0)) + _quantity(asset)
    return found


def _held(scope: Scope, wallets: Sequence[WalletBalance], at: datetime) -> Table:
    """The assets of all wallets, the most valuable first; their value is in the quote asset if there is a price."""
    text = scope.text
    day = day_of_price(at)
    unit = scope.quote.asset if day in scope.quote.prices else "BTC"
    listed = sorted(_assets(wallets), key=lambda row: -row[1].btc_valuation)
    in_btc = [asset.btc_valuation for _, asset in listed]
    values = [btc if (found := scope.quote.value_of_btc(btc, day)) is None else found for btc in in_btc]
    places = decimals(values, unit)
    rows: list[list[Cell]] = [
        [
            *(asset.asset, name),
            *amounts([_quantity(asset), _quantity(asset) - asset.free], asset.asset),
            *(amount(value, places), share(value, sum(values, Decimal(0)))),
        ]
        for (name, asset), value in zip(listed, values, strict=True)
        if _quantity(asset) or value
    ]
    heads = [Column(text("asset"), numeric=False), Column(text("name_of_wallets"), numeric=False)]
    heads += columns(text, "quantity", "not_free")
    heads += [Column(text("with_unit", name=text("value"), unit=unit)), *columns(text, "share")]
    return Table(text("held_in_wallets", moment=moment(at)), heads, rows)
