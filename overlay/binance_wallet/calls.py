"""Calls of endpoints that are not in the contract."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from http import HTTPStatus
from typing import Annotated, Any, Final, TypedDict, TypeVar, get_args

from binance_wallet_client.contract import RATE_LIMITS
from binance_wallet_client.parameters import checked
from binance_wallet_client.responses import error_from, parse
from binance_wallet_client.types import Call, Security, Value
from msgspec import Meta, MsgspecError, Struct
from msgspec.json import Decoder, encode

from .errors import ApiError, InvalidRequestError
from .messages import Response

_METHODS: Final = ("GET", "POST", "PUT", "DELETE")
_PATH: Final = re.compile(r"/(?!/)[A-Za-z0-9/._~%!$&'()*+,;=:@-]*")
_DOT_SEGMENTS: Final = {".", ".."}  # some transports normalise them

T = TypeVar("T")

Scalar = str | int | bool | Decimal | datetime | date
Params = Mapping[str, Scalar | Sequence[Scalar] | None]


class EndpointOptions(TypedDict, total=False):
    """The keyword arguments of `call`: see `WalletClient.call`."""

    form: Params | None
    security: Security
    rate_limit: str
    success: int | None


def build_call(
    method: str,
    path: str,
    params: Params | None,
    weight: int,
    *,
    form: Params | None,
    security: Security,
    rate_limit: str,
    success: int | None,
) -> Call:
    """A call of an endpoint that is not in the contract. Raises InvalidRequestError for what cannot be sent."""
    if not isinstance(method, str) or method.upper() not in _METHODS:
        raise InvalidRequestError(f"method must be one of {', '.join(_METHODS)}, not {method!r}")
    if not isinstance(path, str) or not _PATH.fullmatch(path) or not _DOT_SEGMENTS.isdisjoint(path.split("/")):
        raise InvalidRequestError(f"path must be one such as '/sapi/v1/account/status', percent-encoded, not {path!r}")
    if type(weight) is not int or weight < 1:
        raise InvalidRequestError(f"weight must be a whole number of at least 1, not {weight!r}")
    if security not in get_args(Security):
        raise InvalidRequestError(f"security must be one of {', '.join(get_args(Security))}, not {security!r}")
    if rate_limit not in RATE_LIMITS:
        raise InvalidRequestError(f"rate_limit must be one of {', '.join(RATE_LIMITS)}, not {rate_limit!r}")
    if success is not None and type(success) is not int:
        raise InvalidRequestError(f"success must be a whole number, not {success!r}")
    if form and method.upper() == "GET":
        raise InvalidRequestError("a GET has no form")
    query, body = _encoded(params), _encoded(form)
    if reserved := (query.keys() | body.keys()) & {"timestamp", "signature"}:
        raise InvalidRequestError(f"the client itself adds {' and '.join(sorted(reserved))}")
    return Call(
        method=method.upper(),
        path=path,
        params=query,
        endpoint=path,
        weight=weight,
        idempotent=method.upper() == "GET",
        rate_limit=RATE_LIMITS[rate_limit],
        success=frozenset() if success is None else frozenset([success]),
        security=security,
        form=body,
    )


class _TextCode(Struct):
    """A body with its code in quotes, as some endpoints have it: "000000" for success."""

    code: Annotated[str, Meta(pattern="^-?[0-9]{1,18}$")]
    msg: str | None = None
    message: str | None = None


_TEXT_CODE: Final = Decoder(_TextCode)


def parse_response(response: Response, decoder: Decoder[T], success: frozenset[int] | None) -> T:
    """The value of a response. Raises the error that it reports, also by a code in quotes."""
    if error := _text_error(response, success):
        raise error
    return parse(response, decoder, success)


def _text_error(response: Response, success: frozenset[int] | None) -> ApiError | None:
    try:
        found = _TEXT_CODE.decode(response.content)
    except (MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    body = encode({"code": int(found.code), "msg": found.msg or found.message})
    return error_from(response.status_code, body, success)


@contextmanager
def success_explained() -> Iterator[None]:
    """Note what to do if a response with a code was no error after all."""
    try:
        yield
    except ApiError as error:
        if error.status_code == HTTPStatus.OK and error.code is not None and error.code >= 0:
            error.add_note(f"if the code {error.code} means success, give success={error.code}")
        raise


def _encoded(params: Params | None) -> dict[str, Value]:
    if not isinstance(params, Mapping | None):
        raise InvalidRequestError(f"parameters must be a mapping of names to values, not {type(params).__name__}")
    for name in params or ():
        if not isinstance(name, str) or not name or not name.isascii() or not name.isprintable():
            raise InvalidRequestError(f"{name!r} is not the name of a parameter")
    return {name: _value(name, value) for name, value in (params or {}).items() if value is not None}


def _value(name: str, value: Scalar | Sequence[Scalar]) -> Value:
    if isinstance(value, list | tuple) and value:
        return [_scalar(name, item) for item in value]
    return _scalar(name, value)


def _scalar(name: str, value: object) -> str | int:
    rule = f"{name} must be a str, an int, a bool, a finite Decimal, an aware datetime or a date, or a list of them"
    kinds = [kind for kind in (bool, int, str, datetime, date) if isinstance(value, kind)]
    return checked(value, kinds[0] if kinds else Decimal, rule)


def decoder_of(kind: Any) -> Decoder[Any]:
    """The decoder for `returns=` of a call. Numbers that are not in strings become exact Decimals, too."""
    try:
        return Decoder(kind, float_hook=Decimal)
    except (TypeError, ValueError) as error:
        raise InvalidRequestError(f"returns: {error}") from None
