"""The balances of a user's wallets."""

from __future__ import annotations

from contextlib import contextmanager
from decimal import MAX_PREC, Decimal, localcontext
from functools import cache
from typing import TYPE_CHECKING, Any

from binance_wallet_client.api.asset import query_user_wallet_balance
from binance_wallet_client.model import Records, plain
from binance_wallet_client.models import WalletBalance

from .errors import ApiError, InvalidRequestError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from binance_wallet_client.types import Call


class Balances(Records[WalletBalance]):
    """A list of the balance of each wallet. What is made of it, such as a slice, is a plain list."""

    quote_asset: str
    """The asset that all balances are in."""

    def __init__(self, wallets: Iterable[WalletBalance], *, quote_asset: str) -> None:
        super().__init__(wallets)
        self.quote_asset = quote_asset

    @property
    def total(self) -> Decimal:
        """The exact sum of all balances, in `quote_asset`."""
        with localcontext(prec=MAX_PREC):
            return sum((wallet.balance for wallet in self), Decimal(0))

    def to_dict(self) -> dict[str, Any]:
        """Return `quote_asset`, `total` and `wallets` as JSON has them: amounts are strings of plain digits."""
        return {name: plain(value) for name, value in _values(self).items()}

    def _repr_html_(self) -> str:
        from binance_wallet_client.notebook import of_list  # rarely needed

        return of_list(self, f"{self.total:f} {self.quote_asset}")

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: Any) -> Any:
        return handler.generate_schema(_pydantic_type())


@cache  # pydantic takes two types for two schemas
def _pydantic_type() -> Any:
    """What pydantic is told of balances: the values of `to_dict`."""
    from binance_wallet_client.pydantic_schema import of_class  # rarely needed

    types = {"quote_asset": str, "total": Decimal, "wallets": list[WalletBalance]}
    return of_class(Balances, types, _from_values, _values)


def _values(balances: Balances) -> dict[str, Any]:
    return {"quote_asset": balances.quote_asset, "total": balances.total, "wallets": list(balances)}


def _from_values(values: dict[str, Any]) -> Balances:
    balances = Balances(values["wallets"], quote_asset=values["quote_asset"])
    if values["total"] != balances.total:
        raise ValueError(f"the total must be the sum of the wallets, {balances.total:f}")
    return balances


def balances_call(quote_asset: str, *, details: bool) -> Call:
    """The call for balances. Raises InvalidRequestError."""
    if quote_asset is None:  # which the generated function would leave out
        raise InvalidRequestError("quote_asset must be the name of an asset, such as 'BTC', not None")
    return query_user_wallet_balance.build_call(quote_asset=quote_asset, need_balance_detail=details or None)


@contextmanager
def asset_explained(quote_asset: str) -> Iterator[None]:
    """Add a note about asset names if the exchange refuses this one.

    The client refuses none: only the exchange knows all assets.
    """
    try:
        yield
    except ApiError as error:
        if "'quoteAsset'" in error.msg:
            name = quote_asset.upper()
            hint = f"; it writes names in upper case: {name}" if quote_asset.isascii() and quote_asset != name else ""
            error.add_note(f"quote_asset takes the name of an asset that the exchange lists, such as USDT{hint}")
        raise
