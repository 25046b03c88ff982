"""A realistic account: what it holds, and what that is worth, on any day.

Everything is computed from a seed and the number of the day (days since 1970-01-01, UTC), so that the same question
always has the same result. A total is always the sum of the holdings beside it, at the prices of that day.
"""

from __future__ import annotations

import math
from datetime import date, datetime
from decimal import Decimal, localcontext
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, TypeVar, get_args, overload

from .prices import NAMES, PRICES, WIDE, draw, price, price_in_btc, satoshis

if TYPE_CHECKING:
    from collections.abc import Mapping

AccountType: TypeAlias = Literal["SPOT", "MARGIN", "FUTURES"]
Amount: TypeAlias = Decimal | int | str
Holdings: TypeAlias = dict[str, dict[str, Decimal]]
"""By asset or symbol, its amounts by their names in the exchange's JSON."""

_T = TypeVar("_T")

_WALLETS: Final = (
    "Spot", "Funding", "Cross Margin", "Isolated Margin", "USDⓈ-M Futures",
    "COIN-M Futures", "Earn", "Options", "Trading Bots", "Copy Trading",
)  # fmt: skip
_MARGIN_ASSETS: Final = ("BTC", "ETH", "USDT", "BNB", "XRP", "SOL")
_FUTURES_ASSETS: Final = ("USDT", "USDC", "BNB")
_FUTURES_SYMBOLS: Final = ("BTCUSDT", "ETHUSDT", "SOLUSDT", "币安人生USDT")

_COLUMNS: Final = ("free", "locked", "freeze", "withdrawing")

_AMOUNT_LIMIT: Final = Decimal(10) ** 20
_EPOCH: Final = date(1970, 1, 1).toordinal()


class Account:
    """One user's wallets.

    At first, the seed decides everything. A setter changes all days, or only `day` (in UTC). What you set is valued at
    the prices of each day.

    Args:
        seed: The same seed makes the same account.
        assets: How many assets the spot wallet holds.

    Raises:
        TypeError: `seed` is not a whole number.
        ValueError: `assets` is not a whole number, or negative.
    """

    def __init__(self, seed: int = 0, assets: int = 40) -> None:
        if not isinstance(seed, int):
            raise TypeError(f"seed must be a whole number, not {seed!r}")
        if not isinstance(assets, int) or assets < 0:
            raise ValueError(f"assets must be a whole number of at least 0, not {assets!r}")
        self._seed = seed
        listed = list(PRICES)[:assets]
        self._assets = listed + [f"COIN{n}" for n in range(1, assets - len(listed) + 1)]
        # Part of each cache key: a setter changes it, which invalidates all entries.
        self._version = 0
        self._cached_balances = lru_cache(maxsize=128)(self._compute_balances)
        self._cached_snapshot = lru_cache(maxsize=128)(self._compute_snapshot)
        self.reset()

    def set_balances(self, balances: Mapping[str, Amount]) -> None:
        """Set what wallets are worth now, in BTC, by the wallet's name. Other wallets stay as they are.

        In the details of the balances, a wallet that was set holds that much BTC, and nothing else.

        Raises:
            ValueError: There is no such wallet, or an amount is wrong.
        """
        if unknown := balances.keys() - set(_WALLETS):
            raise ValueError(f"no such wallet: {', '.join(sorted(unknown))}; there are {', '.join(_WALLETS)}")
        self._balances |= {name: _amount(name, amount) for name, amount in balances.items()}
        self._version += 1

    def set_spot(
        self, free: Mapping[str, Amount], *, locked: Mapping[str, Amount] | None = None, day: date | None = None
    ) -> None:
        """Set the whole spot wallet, amounts by asset: on all days, or on one."""
        self._spot[_number(day)] = _holdings(free=free, locked=locked)
        self._version += 1

    def set_margin(
        self,
        free: Mapping[str, Amount],
        *,
        locked: Mapping[str, Amount] | None = None,
        borrowed: Mapping[str, Amount] | None = None,
        interest: Mapping[str, Amount] | None = None,
        day: date | None = None,
    ) -> None:
        """Set the whole margin wallet, amounts by asset: on all days, or on one."""
        self._margin[_number(day)] = _holdings(free=free, locked=locked, borrowed=borrowed, interest=interest)
        self._version += 1

    def set_futures(
        self,
        wallet: Mapping[str, Amount],
        *,
        positions: Mapping[str, tuple[Amount, Amount]] | None = None,
        day: date | None = None,
    ) -> None:
        """Set the whole futures wallet, on all days or on one.

        Args:
            wallet: Amounts by asset.
            positions: By symbol, size (negative: short) and entry price.
            day: Only on this day.
        """
        opened = positions or {}
        self._futures[_number(day)] = (
            _holdings(walletBalance=wallet),
            _holdings(
                positionAmt={symbol: amount for symbol, (amount, _) in opened.items()},
                entryPrice={symbol: entry for symbol, (_, entry) in opened.items()},
            ),
        )
        self._version += 1

    def set_first_day(self, day: date | None, *, type: AccountType | None = None) -> None:
        """Start the snapshots on a day, as if the account had been opened then. Earlier days have none.

        Args:
            day: The first day with a snapshot; None for an account that was never used, which has no snapshots.
            type: The one account to which this applies, instead of all three.
        """
        first = math.inf if day is None else _number(day)
        self._first_days |= dict.fromkeys(_types(type), first)

    def set_missing(self, day: date, *, type: AccountType | None = None, until: datetime | None = None) -> None:
        """Leave out the snapshot of a day.

        Args:
            day: The day without a snapshot.
            type: The one account to which this applies, instead of all three.
            until: When the snapshot appears after all, by the exchange's clock; by default, never.

        Raises:
            ValueError: `until` is not a datetime with a time zone.
        """
        appears = math.inf if until is None else epoch_seconds("until", until)
        self._missing |= {(each, _number(day)): appears for each in _types(type)}

    def reset(self) -> None:
        """Forget all that was set."""
        self._balances: dict[str, Decimal] = {}
        self._spot: dict[int | None, Holdings] = {}
        self._margin: dict[int | None, Holdings] = {}
        self._futures: dict[int | None, tuple[Holdings, Holdings]] = {}
        self._first_days: dict[str, float] = {}
        self._missing: dict[tuple[str, int | None], float] = {}
        self._version += 1

    def has_snapshot(self, account_type: str, day: int, now: float) -> bool:
        """Whether there is a snapshot of a day, at a time in seconds since the epoch."""
        started = day >= self._first_days.get(account_type, -math.inf)
        return started and now >= self._missing.get((account_type, day), -math.inf)

    def knows(self, asset: str) -> bool:
        """Whether the exchange lists an asset: a well-known one, or one that this account holds."""
        held = [*self._spot.values(), *self._margin.values(), *(wallet for wallet, _ in self._futures.values())]
        return asset in PRICES or asset in self._assets or any(asset in holdings for holdings in held)

    def balances(self, quote_asset: str, day: int, *, details: bool = False) -> list[dict[str, object]]:
        """The ten wallets at the end of a day, as the exchange's JSON shows them: with `details`, with their assets."""
        return self._cached_balances(self._version, quote_asset, day, details)

    def snapshot(self, account_type: str, day: int) -> dict[str, object]:
        """One of the three accounts at the end of a day, as the exchange's JSON shows it."""
        return self._cached_snapshot(self._version, account_type, day)

    def _compute_snapshot(self, _version: int, account_type: str, day: int) -> dict[str, object]:
        shown = {"SPOT": self._spot_snapshot, "MARGIN": self._margin_snapshot, "FUTURES": self._futures_snapshot}
        return shown[account_type](day)

    def _compute_balances(self, _version: int, quote_asset: str, day: int, details: bool) -> list[dict[str, object]]:
        rate = price_in_btc(quote_asset, day)
        wallets: list[dict[str, object]] = []
        for name in _WALLETS:
            worth = self._worth_of(name, day)
            wallet: dict[str, object] = {
                # Options is the wallet that this user has never opened.
                "activate": name != "Options" or name in self._balances,
                "balance": f"{satoshis(worth / rate):f}".rstrip("0").rstrip("."),
                "walletName": name,
            }
            if details:
                wallet["assetBalances"] = _asset_balances(self._holdings_of(name, day), satoshis(worth), day)
            wallets.append(wallet)
        return wallets

    def _worth_of(self, wallet: str, day: int) -> Decimal:
        """What a wallet is worth, in BTC."""
        if wallet in self._balances:
            return self._balances[wallet]
        if wallet == "Cross Margin":
            return self._margin_totals(day)[2]
        return _worth(self._holdings_of(wallet, day), day, *_COLUMNS)

    def _holdings_of(self, wallet: str, day: int) -> Holdings:
        """What a wallet holds, in the columns of `assetBalances`. Margin and futures are net: minus what is owed."""
        held: Holdings = {}
        if wallet in self._balances:
            held = {"BTC": {"free": satoshis(self._balances[wallet])}}
        elif wallet == "Spot":
            held = self._spot_on(day)
        elif wallet == "Cross Margin":
            for asset, row in self._margin_on(day).items():
                held[asset] = {"free": row["netAsset"] - row["locked"], "locked": row["locked"]}
        elif wallet == "USDⓈ-M Futures":
            held = {asset: {"free": row["marginBalance"]} for asset, row in self._futures_on(day)[0].items()}
        elif wallet == "Funding":
            amount = self._some(wallet, "BTC", day)
            freeze, withdrawing = satoshis(amount / 20), satoshis(amount / 10)
            held = {"BTC": {"free": amount - freeze - withdrawing, "freeze": freeze, "withdrawing": withdrawing}}
        elif wallet in {"COIN-M Futures", "Earn", "Trading Bots"}:
            held = {"BTC": {"free": self._some(wallet, "BTC", day)}}
        return {asset: dict.fromkeys(_COLUMNS, Decimal(0)) | row for asset, row in held.items()}

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
        """The quantity of an asset for a purpose. Worth tens to thousands of USDT, it changes every few days."""
        what = (self._seed, purpose, asset)
        worth = 10 ** (1.5 + 2.5 * draw("worth", *what)) * (0.75 + 0.5 * draw("step", *what, self._step(day, *what)))
        return satoshis(Decimal(f"{worth:.2f}") / price(asset, 0))

    def _step(self, day: int, *what: object) -> int:
        """The day on which something last changed. It changes every 3 to 9 days, depending on what it is."""
        rhythm = 3 + int(7 * draw("rhythm", *what))
        return day - day % rhythm

    def _spot_on(self, day: int) -> Holdings:
        if (holdings := _set_for(self._spot, day)) is not None:
            return holdings
        holdings = {}
        for asset in self._assets:
            held = self._some("spot", asset, day)
            # One asset in six has an open order.
            locked = satoshis(held / 4) if draw(self._seed, "order", asset, day) < 1 / 6 else Decimal(0)
            holdings[asset] = {"free": held - locked, "locked": locked}
        return holdings

    def _margin_on(self, day: int) -> Holdings:
        holdings = _set_for(self._margin, day)
        if holdings is None:
            holdings = {}
            for asset in _MARGIN_ASSETS:
                held = self._some("margin", asset, day)
                borrowed = satoshis(held / 3) if draw(self._seed, "loan", asset) < 1 / 2 else Decimal(0)
                interest = satoshis(borrowed / 4000)
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
        wallet, held = _set_for(self._futures, day) or (
            {asset: {"walletBalance": self._some("futures", asset, day)} for asset in _FUTURES_ASSETS},
            {symbol: self._position(symbol, day) for symbol in _FUTURES_SYMBOLS},
        )
        positions: Holdings = {}
        for symbol, row in held.items():
            mark = _mark_price(symbol, day)
            profit = satoshis((mark - row["entryPrice"]) * row["positionAmt"])
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
        size = satoshis(Decimal((draw(self._seed, symbol, opened) - 0.5) * 1000) / entry)
        return {"entryPrice": entry, "positionAmt": size}


def epoch_seconds(name: str, moment: datetime) -> float:
    """A moment in seconds since the epoch. `name` is the argument's, for the ValueError if it has no time zone."""
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        raise ValueError(f"{name} must be a datetime with a time zone, as in datetime(..., tzinfo=UTC): {moment!r}")
    return moment.timestamp()


def _types(type: AccountType | None) -> tuple[str, ...]:
    if type is not None and type not in get_args(AccountType):
        raise ValueError(f"no such account: {type!r}; there are {', '.join(get_args(AccountType))}")
    return get_args(AccountType) if type is None else (type,)


@overload
def _number(day: date) -> int: ...
@overload
def _number(day: None) -> None: ...
def _number(day: date | None) -> int | None:
    """Days since 1970-01-01. None stands for all days."""
    if not isinstance(day, date | None):
        raise TypeError(f"a day must be a date, as in date(2026, 3, 31): {day!r}")
    return None if day is None else day.toordinal() - _EPOCH


def _set_for(days: Mapping[int | None, _T], day: int) -> _T | None:
    """The value that was set for a day, or else for all days."""
    return days.get(day, days.get(None))


def _amount(name: str, amount: Amount) -> Decimal:
    try:
        number = Decimal(amount)
    except (ArithmeticError, TypeError, ValueError):
        number = Decimal("NaN")
    if not (number.is_finite() and abs(number) < _AMOUNT_LIMIT):
        raise ValueError(f"{name}: {amount!r} is not an amount: give a number below 10**20, such as '0.25'")
    return number


def _mark_price(symbol: str, day: int) -> Decimal:
    """The price of a contract. Its symbol is an asset and a stablecoin of four letters."""
    return satoshis(price(symbol[:-4], day))


def _holdings(**columns: Mapping[str, Amount] | None) -> Holdings:
    """Turn columns into rows. An amount that is not given is zero."""
    assets = dict.fromkeys(asset for column in columns.values() for asset in column or {})
    return {
        asset: {name: _amount(asset, (column or {}).get(asset, 0)) for name, column in columns.items()}
        for asset in assets
    }


def _worth(holdings: Holdings, day: int, *columns: str) -> Decimal:
    """The sum in BTC of the amounts in some columns."""
    amounts = ((sum(row[column] for column in columns), price_in_btc(asset, day)) for asset, row in holdings.items())
    return satoshis(sum((amount * rate for amount, rate in amounts), Decimal(0)))


def _asset_balances(holdings: Holdings, worth: Decimal, day: int) -> list[dict[str, str]]:
    """The assets of a wallet, as the exchange's JSON shows them. Their values add up to what the wallet is worth."""
    held = {asset: row for asset, row in holdings.items() if any(row.values())}
    with localcontext(WIDE):
        values = {asset: satoshis(sum(row.values()) * price_in_btc(asset, day)) for asset, row in held.items()}
        if values:
            largest = max(values, key=lambda asset: abs(values[asset]))
            values[largest] += worth - sum(values.values())  # the rest from rounding
    return [
        {
            "asset": asset,
            "assetName": NAMES.get(asset, asset),
            **{column: f"{row[column]:.8f}" for column in _COLUMNS},
            "btcValuation": f"{values[asset]:.8f}",
        }
        for asset, row in held.items()
    ]


def _rows(label: str, holdings: Holdings) -> list[dict[str, str]]:
    return [{label: name} | {column: f"{row[column]:.8f}" for column in sorted(row)} for name, row in holdings.items()]
