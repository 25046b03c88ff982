"""The price of BTC, from the exchange's valuations of the wallets. Decisions only, no I/O."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, localcontext
from typing import TYPE_CHECKING, Final

from binance_wallet_extras.export.prices import day_of_price

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from binance_wallet_client.models import AssetBalance, WalletBalance

    from .records import Price

__all__ = ["NoPriceError", "distance_from_end", "effective_prices", "price_of_btc"]

_DAY: Final = timedelta(days=1)
_MAX_APART: Final = timedelta(seconds=10)
_ROUNDED_TO: Final = Decimal("0.00000001")  # as the exchange rounds amounts
# Of a smaller balance, rounding alone could change the price by more than 0.1 %.
_MIN_BALANCE: Final = 1000 * _ROUNDED_TO
_TOLERANCE: Final = Decimal("0.01")
_DRIFT: Final = Decimal("0.001")  # of a valuation in BTC, between the two responses
_MAX_PRICE: Final = Decimal(10) ** 20
_DIGITS: Final = 60


class NoPriceError(Exception):
    """The balances tell no price. The message says why."""


def price_of_btc(quoted: Sequence[WalletBalance], in_btc: Sequence[WalletBalance], apart: timedelta) -> Decimal | None:
    """What one BTC is worth, with the digits that are known, or None if the wallets hold too little to tell it.

    It is the quotient of the largest wallet, which rounding changes least. The two responses are of two moments, and a
    deposit or transfer between them would make it wrong. So, where the first response lists assets, a wallet counts
    only if they were worth its balance in the second, within 0.1 % and rounding. What a margin or futures wallet lists
    may be worth something else, as it may owe: then a smaller wallet tells the price. And all wallets together must
    have nearly the same quotient.

    Args:
        quoted: The balances in the quote asset, best with the assets of the wallets.
        in_btc: The balances in BTC.
        apart: The time between the two responses.

    Raises:
        NoPriceError: The two do not fit together.
    """
    if apart > _MAX_APART:
        raise NoPriceError(f"the call for the balances in BTC took longer than {_MAX_APART.seconds} s")
    worth, btc = _by_name(quoted), _by_name(in_btc)
    telling = [
        name for name in btc if abs(btc[name]) >= _MIN_BALANCE and abs(worth.get(name, Decimal(0))) >= _MIN_BALANCE
    ]
    if not telling:
        return None
    with localcontext(prec=_DIGITS):
        if any(wallet.asset_balances for wallet in quoted):
            listed: defaultdict[str, list[AssetBalance]] = defaultdict(list)
            for wallet in quoted:
                listed[wallet.wallet_name] += wallet.asset_balances or []
            telling = [name for name in telling if _are_worth(listed[name], btc[name])]
            if not telling:
                raise NoPriceError(
                    "no wallet is worth in BTC what its assets were: the balances changed between the two calls"
                )
        largest = max(telling, key=lambda name: abs(btc[name]))
        price = worth[largest] / btc[largest]
        difference = sum(worth.values()) - price * sum(btc.values())
        if abs(difference) > _TOLERANCE * sum(map(abs, worth.values())) or not _ROUNDED_TO < price < _MAX_PRICE:
            raise NoPriceError("the balances changed between the two calls")
        # Rounding changes a balance by at most half of its last decimal. Leave out the digits that this can change.
        uncertainty = price * _ROUNDED_TO / 2 * (1 / abs(btc[largest]) + 1 / abs(worth[largest]))
        known = price.quantize(max(Decimal(1).scaleb(uncertainty.adjusted()), _ROUNDED_TO))
        return known + 0  # 81470 rather than 8.147E+4


def _by_name(wallets: Sequence[WalletBalance]) -> dict[str, Decimal]:
    """The balance of each wallet. A wallet that is listed twice is added up."""
    found: defaultdict[str, Decimal] = defaultdict(Decimal)
    with localcontext(prec=_DIGITS):
        for wallet in wallets:
            found[wallet.wallet_name] += wallet.balance
    return found


def _are_worth(assets: Sequence[AssetBalance], btc: Decimal) -> bool:
    """Whether assets are listed and their rounded valuations add up to nearly this many BTC."""
    difference = abs(sum((each.btc_valuation for each in assets), Decimal(0)) - btc)
    return bool(assets) and difference <= _DRIFT * abs(btc) + len(assets) * _ROUNDED_TO


def distance_from_end(day: date, moment: datetime) -> timedelta:
    """The time between a moment and the end of a day (UTC)."""
    return abs(datetime.combine(day, time.min, UTC) + _DAY - moment)


def effective_prices(prices: Iterable[Price]) -> list[Price]:
    """One price for each asset and day, in this order. An imported price overrides the exchange's own.

    The exchange's own price is left out if the end of another day is nearer: older archives have such prices.
    """
    valid = [each for each in prices if each.source == "file" or each.day == day_of_price(each.recorded_at)]
    valid.sort(key=lambda each: (each.quote_asset, each.day, each.source == "file"))
    return [*{(each.quote_asset, each.day): each for each in valid}.values()]
