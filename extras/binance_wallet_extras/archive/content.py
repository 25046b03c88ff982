"""Snapshots and balances as JSON: the exchange's own field names, and every amount with all its digits."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import msgspec
from binance_wallet_client.models import FuturesSnapshot, MarginSnapshot, SpotSnapshot, WalletBalance

if TYPE_CHECKING:
    from collections.abc import Sequence

    from binance_wallet_client.models import AccountSnapshot

__all__ = ["amount", "decode_balances", "decode_snapshot", "encode"]

_SNAPSHOT: Final[msgspec.json.Decoder[AccountSnapshot]] = msgspec.json.Decoder(
    SpotSnapshot | MarginSnapshot | FuturesSnapshot
)
_BALANCES: Final = msgspec.json.Decoder(list[WalletBalance])

decode_snapshot = _SNAPSHOT.decode
decode_balances = _BALANCES.decode


def encode(record: AccountSnapshot | Sequence[WalletBalance]) -> str:
    """Write a record as the exchange does."""
    return msgspec.json.encode(_plain(msgspec.to_builtins(record, builtin_types=(Decimal,)))).decode()


def amount(value: Decimal) -> str:
    """Write an amount with all its digits: `0.00000000`, where `str` says `0E-8`."""
    # An exponent above zero has no other notation that keeps the digits as they are.
    return f"{value:f}" if int(value.as_tuple().exponent) <= 0 else str(value)


def _plain(value: Any) -> Any:
    match value:
        case Decimal():
            return amount(value)
        case dict():
            return {name: _plain(item) for name, item in value.items()}
        case list():
            return [_plain(item) for item in value]
    return value
