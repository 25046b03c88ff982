"""Snapshots and balances as JSON: the exchange's own field names, and every amount with all its digits."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec
from binance_wallet_client.answers import dec_hook
from binance_wallet_client.models import FuturesSnapshot, MarginSnapshot, SpotSnapshot, WalletBalance
from binance_wallet_client.types import UnixMs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from binance_wallet_client.models import AccountSnapshot

__all__ = ["amount", "decode_balances", "decode_snapshot", "encode"]

_SNAPSHOT: msgspec.json.Decoder[AccountSnapshot] = msgspec.json.Decoder(
    SpotSnapshot | MarginSnapshot | FuturesSnapshot, dec_hook=dec_hook
)
_BALANCES = msgspec.json.Decoder(list[WalletBalance])

decode_snapshot = _SNAPSHOT.decode
decode_balances = _BALANCES.decode


def encode(record: AccountSnapshot | Sequence[WalletBalance]) -> str:
    """Write a record as the exchange does."""
    return msgspec.json.encode(_plain(record)).decode()


def amount(value: Decimal) -> str:
    """Write an amount with all its digits: `0.00000000`, where `str` says `0E-8`."""
    # An exponent above zero has no other notation that keeps the digits as they are.
    return f"{value:f}" if int(value.as_tuple().exponent) <= 0 else str(value)


def _plain(value: Any) -> Any:
    match value:
        case Decimal():
            return amount(value)
        case UnixMs():
            return value.ms
        case datetime():
            raise TypeError("a moment of the exchange is a UnixMs")
        case msgspec.Struct():
            config = value.__struct_config__
            tag = {config.tag_field: config.tag} if config.tag_field else {}
            names = zip(value.__struct_encode_fields__, value.__struct_fields__, strict=True)
            return tag | {key: _plain(getattr(value, name)) for key, name in names}
        case list() | tuple():
            return [_plain(item) for item in value]
    return value
