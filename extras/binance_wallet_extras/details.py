"""Balances with the assets of each wallet, if the exchange lists them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from binance_wallet.errors import ApiError
from binance_wallet_client.contract import ErrorCode
from msgspec import UNSET

if TYPE_CHECKING:
    from collections.abc import Iterable

    from binance_wallet import AsyncWalletClient, Balances, WalletClient
    from binance_wallet_client.models import WalletBalance

__all__ = ["NO_DETAILS", "detailed_balances", "detailed_balances_async", "lists_assets"]

NO_DETAILS: Final = "the exchange did not list what the wallets hold"
_UNKNOWN_PARAMETER: Final = {ErrorCode.TOO_MANY_PARAMETERS, ErrorCode.UNREAD_PARAMETERS}


def detailed_balances(wallet: WalletClient, quote_asset: str) -> Balances:
    """The balances with their assets; without, if the exchange does not know `needBalanceDetail`."""
    try:
        return wallet.balances(quote_asset, details=True)
    except ApiError as error:
        if not _is_unknown_parameter(error):
            raise
    return wallet.balances(quote_asset)


async def detailed_balances_async(wallet: AsyncWalletClient, quote_asset: str) -> Balances:
    """`detailed_balances` for async code."""
    try:
        return await wallet.balances(quote_asset, details=True)
    except ApiError as error:
        if not _is_unknown_parameter(error):
            raise
    return await wallet.balances(quote_asset)


def _is_unknown_parameter(error: ApiError) -> bool:
    return error.code in _UNKNOWN_PARAMETER


def lists_assets(balances: Iterable[WalletBalance]) -> bool:
    """Whether the exchange listed the assets of the wallets."""
    return any(wallet.asset_balances is not UNSET for wallet in balances)
