"""Symbols of futures contracts."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["quote_asset_of_symbol"]


def quote_asset_of_symbol(symbol: str, assets: Iterable[str]) -> str:
    """The asset of an account that a contract's prices are in: USDT for BTCUSDT and for BTCUSDT_260327.

    If several assets match, the longest one wins.
    """
    contract = symbol.partition("_")[0]
    return max((asset for asset in assets if contract.endswith(asset)), key=len, default="quote asset")
