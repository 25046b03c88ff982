"""A believable account: what it holds, and what that is worth, on any day.

Everything is worked out from a seed and the number of the day (days since 1970-01-01, UTC), so the same question always
has the same answer. Totals are always the sum of the holdings beside them at that day's prices.
"""

from __future__ import annotations

import hashlib
import math
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

Amount: TypeAlias = Decimal | int | str
Holdings: TypeAlias = dict[str, dict[str, Decimal]]
"""Per asset (or symbol), its amounts by the name that the exchange gives them."""

STABLECOINS: Final = frozenset({"USDT", "USDC", "FDUSD", "TUSD", "DAI"})

# Rough prices in USDT; each then has its own ups and downs.
_PRICES: Final = {
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
_WALLETS: Final = (
    "Spot", "Funding", "Cross Margin", "Isolated Margin", "USDⓈ-M Futures",
    "COIN-M Futures", "Earn", "Options", "Trading Bots", "Copy Trading",
)  # fmt: skip
_MARGIN_ASSETS: Final = ("BTC", "ETH", "USDT", "BNB", "XRP", "SOL")
_FUTURES_ASSETS: Final = ("USDT", "USDC", "BNB")
_FUTURES_SYMBOLS: Final = ("BTCUSDT", "ETHUSDT", "SOLUSDT", "币安人生USDT")

_SATOSHI: Final = Decimal("0.00000001")


def _draw(*what: object) -> float:
    """A number in [0, 1) that looks random and is always the same for the same question."""
    digest = hashlib.blake2b(repr(what).encode(), digest_size=8).digest()
    return int.from_bytes(digest) / 2**64


def _satoshis(amount: Decimal) -> Decimal:
    # Adding zero takes the sign off a zero.
    return amount.quantize(_SATOSHI) + 0


@lru_cache(maxsize=100_000)
def price(asset: str, day: int) -> Decimal:
    """The price of an asset in USDT at the end of a day; an asset that nobody has heard of has one, too."""
    if asset in STABLECOINS:
        return Decimal(1)
    listed = _PRICES.get(asset) or f"{10 ** (4 * _draw('price', asset) - 2):.4f}"
    phase = 2 * math.pi * _draw("phase", asset)
    swing = 0.15 * math.sin(day / 9 + phase) + 0.05 * math.sin(day / 2 + 3 * phase) + 0.03 * _draw("noise", asset, day)
    return Decimal(listed) * _satoshis(Decimal(1 + swing))


def price_in_btc(asset: str, day: int) -> Decimal:
    """The price of an asset in BTC at the end of a day."""
    return price(asset, day) / price("BTC", day)


class Account:
    """One user's wallets.

    Until something is set, all of it comes from the seed. What is set stays as it is from day to day, while its worth
    still moves with the prices.

    Args:
        seed: The same seed makes the same account.
        assets: How many assets the spot wallet holds.
    """

    def __init__(self, seed: int = 0, assets: int = 40) -> None:
        self._seed = seed
        listed = list(_PRICES)[:assets]
        self._assets = listed + [f"COIN{n}" for n in range(1, assets - len(listed) + 1)]
        self._balances: dict[str, Decimal] = {}
        self._spot: Holdings | None = None
        self._margin: Holdings | None = None
        self._futures: tuple[Holdings, Holdings] | None = None

    def set_balances(self, balances: Mapping[str, Amount]) -> None:
        """Set what wallets are worth, in BTC, by the wallet's name. Wallets that are not named stay as they are."""
        if unknown := balances.keys() - set(_WALLETS):
            raise ValueError(f"no such wallet: {', '.join(sorted(unknown))}")
        self._balances |= {name: Decimal(amount) for name, amount in balances.items()}

    def set_spot(self, free: Mapping[str, Amount], *, locked: Mapping[str, Amount] | None = None) -> None:
        """Set the whole spot wallet, amounts by asset."""
        self._spot = _holdings(free=free, locked=locked)

    def set_margin(
        self,
        free: Mapping[str, Amount],
        *,
        locked: Mapping[str, Amount] | None = None,
        borrowed: Mapping[str, Amount] | None = None,
        interest: Mapping[str, Amount] | None = None,
    ) -> None:
        """Set the whole margin wallet, amounts by asset."""
        self._margin = _holdings(free=free, locked=locked, borrowed=borrowed, interest=interest)

    def set_futures(
        self, wallet: Mapping[str, Amount], *, positions: Mapping[str, tuple[Amount, Amount]] | None = None
    ) -> None:
        """Set the whole futures wallet: amounts by asset; by symbol, size (negative: short) and entry price."""
        opened = positions or {}
        self._futures = (
            _holdings(walletBalance=wallet),
            _holdings(
                positionAmt={symbol: amount for symbol, (amount, _) in opened.items()},
                entryPrice={symbol: entry for symbol, (_, entry) in opened.items()},
            ),
        )

    def reset(self) -> None:
        """Forget all that was set."""
        self._balances = {}
        self._spot = self._margin = self._futures = None

    def balances(self, quote_asset: str, day: int) -> list[dict[str, object]]:
        """The ten wallets at the end of a day, as the exchange's JSON shows them."""
        worth = {name: self._some(name, "BTC", day) for name in ("Funding", "COIN-M Futures", "Earn", "Trading Bots")}
        worth["Spot"] = _worth(self._spot_on(day), day, "free", "locked")
        worth["Cross Margin"] = self._margin_totals(day)[2]
        worth["USDⓈ-M Futures"] = _worth(self._futures_on(day)[0], day, "marginBalance")
        worth |= self._balances
        rate = price_in_btc(quote_asset, day)
        return [
            {
                # Options is the wallet that this user has never opened.
                "activate": name != "Options" or name in self._balances,
                "balance": f"{_satoshis(worth.get(name, Decimal(0)) / rate):f}".rstrip("0").rstrip("."),
                "walletName": name,
            }
            for name in _WALLETS
        ]

    def snapshot(self, account_type: str, day: int) -> dict[str, object]:
        """One of the three accounts at the end of a day, as the exchange's JSON shows it."""
        shown = {"SPOT": self._spot_snapshot, "MARGIN": self._margin_snapshot, "FUTURES": self._futures_snapshot}
        return shown[account_type](day)

    def _spot_snapshot(self, day: int) -> dict[str, object]:
        holdings = self._spot_on(day)
        total = _worth(holdings, day, "free", "locked")
        return {"balances": _rows("asset", holdings), "totalAssetOfBtc": f"{total:.8f}"}

    def _margin_snapshot(self, day: int) -> dict[str, object]:
        total, liability, net = self._margin_totals(day)
        # The exchange shows 999 where nothing is owed.
        level = total / liability if liability else Decimal(999)
        return {
            "marginLevel": f"{level:.8f}",
            "totalAssetOfBtc": f"{total:.8f}",
            "totalLiabilityOfBtc": f"{liability:.8f}",
            "totalNetAssetOfBtc": f"{net:.8f}",
            "userAssets": _rows("asset", self._margin_on(day)),
        }

    def _futures_snapshot(self, day: int) -> dict[str, object]:
        assets, positions = self._futures_on(day)
        return {"assets": _rows("asset", assets), "position": _rows("symbol", positions)}

    def _some(self, purpose: str, asset: str, day: int) -> Decimal:
        """What is held of an asset for some purpose: worth some tens to thousands of USDT, changing every few days."""
        what = (self._seed, purpose, asset)
        worth = 10 ** (1.5 + 2.5 * _draw("worth", *what)) * (0.75 + 0.5 * _draw("step", *what, self._step(day, *what)))
        return _satoshis(Decimal(f"{worth:.2f}") / price(asset, 0))

    def _step(self, day: int, *what: object) -> int:
        """The day on which something last changed: each thing has a rhythm of its own, of 3 to 9 days."""
        rhythm = 3 + int(7 * _draw("rhythm", *what))
        return day - day % rhythm

    def _spot_on(self, day: int) -> Holdings:
        if self._spot is not None:
            return self._spot
        holdings: Holdings = {}
        for asset in self._assets:
            held = self._some("spot", asset, day)
            # One asset in six has an open order.
            locked = _satoshis(held / 4) if _draw(self._seed, "order", asset, day) < 1 / 6 else Decimal(0)
            holdings[asset] = {"free": held - locked, "locked": locked}
        return holdings

    def _margin_on(self, day: int) -> Holdings:
        holdings = self._margin
        if holdings is None:
            holdings = {}
            for asset in _MARGIN_ASSETS:
                held = self._some("margin", asset, day)
                borrowed = _satoshis(held / 3) if _draw(self._seed, "loan", asset) < 1 / 2 else Decimal(0)
                interest = _satoshis(borrowed / 4000)
                holdings[asset] = {"borrowed": borrowed, "free": held, "interest": interest, "locked": Decimal(0)}
        return {
            asset: row | {"netAsset": row["free"] + row["locked"] - row["borrowed"] - row["interest"]}
            for asset, row in holdings.items()
        }

    def _margin_totals(self, day: int) -> tuple[Decimal, Decimal, Decimal]:
        """Assets, liability and their difference, in BTC."""
        holdings = self._margin_on(day)
        total = _worth(holdings, day, "free", "locked")
        liability = _worth(holdings, day, "borrowed", "interest")
        return total, liability, total - liability

    def _futures_on(self, day: int) -> tuple[Holdings, Holdings]:
        wallet, held = self._futures or (
            {asset: {"walletBalance": self._some("futures", asset, day)} for asset in _FUTURES_ASSETS},
            {symbol: self._position(symbol, day) for symbol in _FUTURES_SYMBOLS},
        )
        positions: Holdings = {}
        for symbol, row in held.items():
            mark = _mark_price(symbol, day)
            profit = _satoshis((mark - row["entryPrice"]) * row["positionAmt"])
            positions[symbol] = row | {"markPrice": mark, "unRealizedProfit": profit}
        assets: Holdings = {}
        for asset, row in wallet.items():
            profits = (row["unRealizedProfit"] for symbol, row in positions.items() if symbol.endswith(asset))
            assets[asset] = row | {"marginBalance": row["walletBalance"] + sum(profits)}
        return assets, positions

    def _position(self, symbol: str, day: int) -> dict[str, Decimal]:
        """A position opened some days ago, long or short."""
        opened = self._step(day, self._seed, symbol)
        entry = _mark_price(symbol, opened)
        size = _satoshis(Decimal((_draw(self._seed, symbol, opened) - 0.5) * 1000) / entry)
        return {"entryPrice": entry, "positionAmt": size}


def _mark_price(symbol: str, day: int) -> Decimal:
    """The price of a contract, whose symbol is an asset and the stablecoin (four letters) that it is paid in."""
    return _satoshis(price(symbol[:-4], day))


def _holdings(**columns: Mapping[str, Amount] | None) -> Holdings:
    """Columns turned into rows, an amount that is not given being zero."""
    assets = dict.fromkeys(asset for column in columns.values() for asset in column or {})
    return {
        asset: {name: Decimal((column or {}).get(asset, 0)) for name, column in columns.items()} for asset in assets
    }


def _worth(holdings: Holdings, day: int, *columns: str) -> Decimal:
    """What the amounts in some columns are worth in BTC, all together."""
    amounts = ((sum(row[column] for column in columns), price_in_btc(asset, day)) for asset, row in holdings.items())
    return _satoshis(sum((amount * rate for amount, rate in amounts), Decimal(0)))


def _rows(label: str, holdings: Holdings) -> list[dict[str, str]]:
    return [{label: name} | {column: f"{row[column]:.8f}" for column in sorted(row)} for name, row in holdings.items()]
