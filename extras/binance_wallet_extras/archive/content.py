"""Records as JSON, with the exchange's own field names and every amount with all its digits; and their digests."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import reduce
from operator import or_
from types import UnionType
from typing import TYPE_CHECKING, Annotated, Any, Final, Generic, TypeAlias, TypeVar, Union, get_args, get_origin

import msgspec
from binance_wallet_client.models import FuturesSnapshot, MarginSnapshot, SpotSnapshot, WalletBalance

from binance_wallet_extras.export.prices import is_price

if TYPE_CHECKING:
    from collections.abc import Sequence

    from binance_wallet_client.models import AccountSnapshot

__all__ = ["DamageError", "amount", "decode_balances", "decode_price", "decode_snapshot", "digest", "encode"]

T = TypeVar("T")

# As `amount` writes them. `Decimal` accepts much more: NaN, 1_000, digits of other scripts, spaces; and an exponent of
# a million, which would need gigabytes to write.
_Amount: TypeAlias = Annotated[str, msgspec.Meta(pattern=r"^-?[0-9]+(\.[0-9]+)?(E\+[0-9]{1,2})?\Z")]

# As `f"{price:f}"` writes it. Which numbers are prices is for `is_price` to say.
_PRICE: Final = re.compile(r"[0-9]+(\.[0-9]+)?")
_MAX_PRICE_LENGTH: Final = 100  # characters: more than the digits of a price and the zeros before them


class DamageError(Exception):
    """A record has changed since it was written. The message says what is wrong, without a quote."""


def decode_snapshot(content: str, type_: str, day: date) -> AccountSnapshot:
    """Read the snapshot of a type (in lower case) and a day. Raises DamageError."""
    if type_ not in _SNAPSHOTS:
        raise DamageError("its type is unknown")
    snapshot = _SNAPSHOTS[type_].decode(content)
    try:
        found = snapshot.update_time.date()
    except (OverflowError, ValueError):
        raise DamageError("its time cannot be read") from None
    if found != day:
        raise DamageError("it is the record of another day")
    return snapshot


def decode_balances(content: str) -> list[WalletBalance]:
    """Read what all wallets hold. Raises DamageError."""
    return _BALANCES.decode(content)


def decode_price(price: str) -> Decimal:
    """Read a price. Raises DamageError."""
    if len(price) > _MAX_PRICE_LENGTH or not _PRICE.fullmatch(price) or not is_price(Decimal(price)):
        raise DamageError("this is not a price")
    return Decimal(price)


def encode(record: AccountSnapshot | Sequence[WalletBalance]) -> str:
    """Write a record as the exchange does."""
    return msgspec.json.encode(_plain(msgspec.to_builtins(record, builtin_types=(Decimal,)))).decode()


def amount(value: Decimal) -> str:
    """Write an amount with all its digits: `0.00000000`, where `str` says `0E-8`."""
    sign, digits, exponent = value.as_tuple()
    if isinstance(exponent, int) and exponent > 0:  # only this notation keeps the digits
        return f"{'-' * sign}{''.join(map(str, digits))}E+{exponent}"
    return f"{value:f}"


def digest(*facts: str | date) -> str:
    """The SHA-256 of a record's facts as a JSON list; days and moments (UTC) as in ISO 8601."""
    return hashlib.sha256(json.dumps([_text(fact) for fact in facts]).encode()).hexdigest()


def _text(fact: str | date) -> str:
    match fact:
        case datetime():
            return fact.astimezone(UTC).isoformat()
        case date():
            return fact.isoformat()
    return fact


class _Decoder(Generic[T]):
    """Decodes a type, after a check of how its amounts are written."""

    def __init__(self, kind: type[T]) -> None:
        self._decoder = msgspec.json.Decoder(kind)
        self._written = msgspec.json.Decoder(_as_written(kind))

    def decode(self, content: str) -> T:
        """Raises DamageError."""
        try:
            self._written.decode(content)
            return self._decoder.decode(content)
        except (msgspec.MsgspecError, UnicodeError, RecursionError):  # they may quote what they found
            raise DamageError(
                "its content is not as it was written, or an amount is not a plain decimal number"
            ) from None


def _as_written(kind: Any) -> Any:
    """The same type with amounts as texts, as `amount` writes them."""
    if kind is Decimal:
        return _Amount
    if get_origin(kind) is list:
        [item] = get_args(kind)
        return list[_as_written(item)]  # type: ignore[misc]
    if get_origin(kind) in {Union, UnionType}:
        return reduce(or_, map(_as_written, get_args(kind)))
    if not (isinstance(kind, type) and issubclass(kind, msgspec.Struct)):
        return kind
    fields = [
        (field.encode_name, _as_written(field.type), msgspec.NODEFAULT if field.required else None)
        for field in msgspec.structs.fields(kind)
    ]
    config = kind.__struct_config__
    return msgspec.defstruct(kind.__name__, fields, tag_field=config.tag_field, tag=config.tag, kw_only=True)


_SNAPSHOTS: Final[dict[str, _Decoder[AccountSnapshot]]] = {
    kind.type: _Decoder(kind) for kind in (SpotSnapshot, MarginSnapshot, FuturesSnapshot)
}
_BALANCES: Final = _Decoder(list[WalletBalance])


def _plain(value: Any) -> Any:
    match value:
        case Decimal():
            return amount(value)
        case dict():
            return {name: _plain(item) for name, item in value.items()}
        case list():
            return [_plain(item) for item in value]
    return value
