"""What the symbol of a futures contract says."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["priced_in"]


def priced_in(symbol: str, assets: Iterable[str]) -> str:
    """The asset of an account that a contract's prices are in.

    BTCUSDT is priced in USDT, and so is BTCUSDT_260327, which ends on that day. Of two that fit, it is the longer one.
    """
    contract = symbol.partition("_")[0]
    return max((asset for asset in assets if contract.endswith(asset)), key=len, default="quote asset")
