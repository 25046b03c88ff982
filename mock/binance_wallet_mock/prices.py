"""Names and prices of assets. Prices are invented, but always the same for a day.

A price is that at the end of a day. A day is a number of days since 1970-01-01 (UTC).
"""

from __future__ import annotations

import hashlib
import math
from decimal import Context, Decimal
from functools import lru_cache
from typing import Final

STABLECOINS: Final = frozenset({"USDT", "USDC", "FDUSD", "TUSD", "DAI"})

# Rough prices in USDT; each then has its own ups and downs.
PRICES: Final = {
    "BTC": "91000", "ETH": "3100", "USDT": "1", "BNB": "890", "币安人生": "0.14", "USDC": "1", "SOL": "138",
    "XRP": "2.1", "DOGE": "0.15", "ADA": "0.43", "TRX": "0.28", "AVAX": "14", "LINK": "13.2", "DOT": "2.3",
    "LTC": "84", "BCH": "520", "UNI": "6.1", "ATOM": "2.5", "ETC": "14", "FIL": "1.6", "NEAR": "1.8",
    "APT": "2.4", "ARB": "0.21", "OP": "0.32", "SUI": "1.5", "INJ": "5.8", "AAVE": "172", "MKR": "1500",
    "GRT": "0.05", "XLM": "0.24", "ALGO": "0.14", "VET": "0.013", "HBAR": "0.14", "ICP": "4.2", "SAND": "0.15",
    "MANA": "0.17", "SHIB": "0.0000085", "PEPE": "0.0000047", "1000SATS": "0.000019", "FDUSD": "1",
    "WLD": "0.62", "TIA": "0.6", "SEI": "0.14", "RUNE": "0.7", "CRV": "0.4", "COMP": "33", "SNX": "0.5",
    "ENS": "11", "LDO": "0.66", "DYDX": "0.22", "GALA": "0.0073", "CHZ": "0.029", "ZEC": "410", "DASH": "52",
    "EOS": "0.4", "XTZ": "0.5", "THETA": "0.36", "KSM": "8.6", "ZIL": "0.0055", "IOTA": "0.11",
}  # fmt: skip
NAMES: Final = {
    "BTC": "Bitcoin", "ETH": "Ethereum", "USDT": "TetherUS", "USDC": "USD Coin", "FDUSD": "First Digital USD",
    "SOL": "Solana", "XRP": "Ripple", "DOGE": "Dogecoin", "ADA": "Cardano", "TRX": "TRON", "AVAX": "Avalanche",
    "LINK": "Chainlink", "DOT": "Polkadot", "LTC": "Litecoin", "BCH": "Bitcoin Cash", "UNI": "Uniswap",
    "ATOM": "Cosmos", "ETC": "Ethereum Classic", "FIL": "Filecoin", "NEAR": "NEAR Protocol",
}  # fmt: skip
"""Full names; an asset that is not among them is called by its code."""

WIDE: Final = Context(prec=100)
"""Precise enough for every amount that can be set."""

_SATOSHI: Final = Decimal("0.00000001")


def draw(*what: object) -> float:
    """A number in [0, 1) that looks random and is always the same for the same question."""
    digest = hashlib.blake2b(repr(what).encode(), digest_size=8).digest()
    return int.from_bytes(digest) / 2**64


def satoshis(amount: Decimal) -> Decimal:
    # `plus` takes the sign off a zero.
    return WIDE.plus(amount.quantize(_SATOSHI, context=WIDE))


@lru_cache(maxsize=100_000)
def price(asset: str, day: int) -> Decimal:
    """The price of an asset in USDT at the end of a day. An asset that is not listed has a price, too."""
    if asset in STABLECOINS:
        return Decimal(1)
    listed = PRICES.get(asset) or f"{10 ** (4 * draw('price', asset) - 2):.4f}"
    phase = 2 * math.pi * draw("phase", asset)
    swing = 0.15 * math.sin(day / 9 + phase) + 0.05 * math.sin(day / 2 + 3 * phase) + 0.03 * draw("noise", asset, day)
    return Decimal(listed) * satoshis(Decimal(1 + swing))


def price_in_btc(asset: str, day: int) -> Decimal:
    """The price of an asset in BTC at the end of a day."""
    return price(asset, day) / price("BTC", day)
