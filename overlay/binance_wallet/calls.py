"""Calls of endpoints that are not in the contract."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from binance_wallet_client.parameters import is_unicode
from binance_wallet_client.types import Call
from msgspec.json import Decoder

from .errors import InvalidRequestError

_METHODS: Final = ("GET", "POST", "PUT", "DELETE")
_PATH: Final = re.compile(r"/(?!/)[A-Za-z0-9/._~%!$&'()*+,;=:@-]*")

Params = Mapping[str, str | int | bool | Decimal | None]


def make_call(method: str, path: str, params: Params | None, weight: int) -> Call:
    """A call of an endpoint that is not in the contract. Raises InvalidRequestError for what cannot be sent."""
    if not isinstance(method, str) or method.upper() not in _METHODS:
        raise InvalidRequestError(f"method must be one of {', '.join(_METHODS)}, not {method!r}")
    if not isinstance(path, str) or not _PATH.fullmatch(path):
        raise InvalidRequestError(f"path must be one such as '/sapi/v1/account/status', percent-encoded, not {path!r}")
    if type(weight) is not int or weight < 1:
        raise InvalidRequestError(f"weight must be a whole number of at least 1, not {weight!r}")
    given = {name: _text(name, value) for name, value in (params or {}).items() if value is not None}
    if reserved := given.keys() & {"timestamp", "signature"}:
        raise InvalidRequestError(f"the client itself adds {' and '.join(sorted(reserved))}")
    return Call(method.upper(), path, given, endpoint=path, weight=weight, idempotent=method.upper() == "GET")


def _text(name: str, value: str | int | bool | Decimal) -> str:
    match value:
        case bool():
            return str(value).lower()
        case int():
            return str(value)
        case Decimal() if value.is_finite():
            return format(value, "f")  # `str` writes small amounts as `1E-8`, which the exchange does not read
        case str() if is_unicode(value):
            return value
    raise InvalidRequestError(f"{name} must be a str, an int, a bool or a finite Decimal, not {value!r}")


def decoder_of(kind: Any) -> Decoder[Any]:
    """The decoder for `returns=` of a call. Numbers that are not in strings become exact Decimals, too."""
    try:
        return Decoder(kind, float_hook=Decimal)
    except (TypeError, ValueError) as error:
        raise InvalidRequestError(f"returns: {error}") from None
