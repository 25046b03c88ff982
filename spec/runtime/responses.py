"""Turn responses into values, or into errors."""

import dataclasses
import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from http import HTTPStatus
from typing import Final, TypeVar, cast

import attrs
from msgspec import MsgspecError, Struct, ValidationError, to_builtins
from msgspec.json import Decoder
from msgspec.structs import FieldInfo, fields

from .contract import ERRORS_BY_CODE, ERRORS_BY_STATUS
from .errors import ApiError, BannedError, InvalidResponseError, excerpt, is_json
from .model import Records
from .models import ErrorBody
from .types import RawResponse, Response

T = TypeVar("T")

# msgspec lets the latter two through as they are: a string that is not UTF-8, and a body nested too deeply.
_DECODE_ERRORS: Final = (MsgspecError, UnicodeDecodeError, RecursionError)
_ERROR_BODY: Final = Decoder(ErrorBody)

# The text of a ban says under any status when it ends, in milliseconds since the epoch.
_BAN: Final = re.compile(r"(?i)\bbanned until (\d{13})\b")

# An error body is never larger, in bytes.
MAX_ERROR_BYTES: Final = 64 * 1024

# The largest power of ten, up or down, that may be written behind an amount.
_MAX_EXPONENT: Final = 99

# Reduces the strings and keys of a body so that an amount to look at twice becomes a word between commas: `nan`, `inf`,
# or a lone `e` where an exponent was. Digits, signs, spaces and all that is not ASCII are deleted first.
_TO_WORDS: Final = bytes.maketrans(
    b"[]{}:ABCDEFGHIJKLMNOPQRSTUVWXYZbcdghjklmopqrtuvwxyz",
    b",,,,,axxxefxxixxxxnxxxxsxxxxxxxxxxxxxxxxxxxxxxxxxxx",
)
_NOT_IN_WORDS: Final = b'"0123456789.+-_ \t\r\n' + bytes(range(128, 256))
_SUSPICIOUS: Final = (b",nan,", b",snan,", b",inf,", b",infinixx,", b",e,", b"\\")


def parse(response: RawResponse, decoder: Decoder[T], success: frozenset[int] | None) -> T:
    """Return the value of a response. `success` is that of the `Call`.

    Raises:
        ApiError: The response is an error.
        InvalidResponseError: The response does not fit the contract.
    """
    body, status_code = response.content, response.status_code
    if status_code != HTTPStatus.OK:
        unexpected = InvalidResponseError("Expected HTTP 200", body=body, status_code=status_code)
        raise error_from(status_code, body) or unexpected
    # A model without required fields would also decode an error body.
    if len(body) <= MAX_ERROR_BYTES and (error := error_from(status_code, body, success)):
        raise error
    try:
        value = decoder.decode(body)
    except _DECODE_ERRORS as cause:
        is_readable = is_json(body) or isinstance(cause, ValidationError)
        message, path = _explained(cause) if is_readable else ("Expected JSON", "$")
        misfit = InvalidResponseError(message, path=path, body=body, status_code=status_code)
        # msgspec's own error may quote what it found.
        error = error_from(status_code, body, success or frozenset())
        # A code that may be data is an error's only if it looks like one: those of the exchange are negative.
        if error is None or (success is None and (error.code or 0) >= 0):
            raise misfit from None
        raise error from None
    for path, amount in amounts(value, "$") if _is_suspicious(body) else ():
        # The decimal places are limited only by the length of the body; a longer exponent was not written out.
        _, _, exponent = amount.as_tuple()
        if not isinstance(exponent, int) or not -_MAX_EXPONENT - len(body) <= exponent <= _MAX_EXPONENT:
            message = f"Expected a finite decimal number with an exponent of at most {_MAX_EXPONENT}"
            raise InvalidResponseError(message, path=path, body=body, status_code=status_code)
    return cast("T", Records(value)) if isinstance(value, list) else value


def detailed(response: RawResponse, parsed: T) -> Response[T]:
    """Return the parsed value of a response together with its status, headers and body."""
    from httpx2 import Headers  # slow to import, and rarely needed

    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=Headers(response.headers),
        parsed=parsed,
    )


def error_from(status_code: int, body: bytes, success: frozenset[int] | None = frozenset()) -> ApiError | None:
    """Return the error that a response reports, by its status or a code in its body. None if it reports none.

    `success` are the codes that mean success; None: a code under a status of success is data.
    """
    code, msg = None, ""
    if body.lstrip().startswith(b"{"):
        try:
            error = _ERROR_BODY.decode(body)
            code, msg = error.code, error.msg or ""
        except _DECODE_ERRORS:
            pass  # not an error body
    if 200 <= status_code < 300 and (code is None or success is None or code in success):
        return None
    if 300 <= status_code < 400:
        msg = "a redirect, which is never followed: it would send the key elsewhere"
    elif code is None:
        msg = excerpt(body)
    msg = msg or _phrase(status_code) or "no reason was given"
    kind = _error_class(status_code, code) if banned_until(msg) is None else BannedError
    return kind(msg, status_code=status_code, code=code)


def banned_until(msg: str) -> float | None:
    """Return when a ban ends, in seconds since the epoch, if the exchange's message reports one."""
    found = _BAN.search(msg)
    return int(found[1]) / 1000 if found else None


def _phrase(status_code: int) -> str:
    try:
        return HTTPStatus(status_code).phrase
    except ValueError:
        return ""


def _error_class(status_code: int, code: int | None) -> type[ApiError]:
    """The class of the full status, or else of the code, or else of the range of the status."""
    by_code = None if code is None else ERRORS_BY_CODE.get(code)
    in_range = ERRORS_BY_STATUS.get(f"{min(status_code // 100, 5)}XX", ApiError)
    return ERRORS_BY_STATUS.get(str(status_code)) or by_code or in_range


def _explained(error: Exception) -> tuple[str, str]:
    """What msgspec expected, without what it found, and the JSON path."""
    if isinstance(error, UnicodeDecodeError):
        return "Expected UTF-8", "$"
    if isinstance(error, RecursionError):
        return "Expected JSON that is nested less deeply", "$"
    message, *path = str(error).rsplit(" - at `", maxsplit=1)
    message = re.sub(r"(?s)^Invalid (enum )?value.*", "Expected a value that the contract lists", message)
    return message, path[0].removesuffix("`") if path else "$"


def _is_suspicious(body: bytes) -> bool:
    # msgspec reads all that `Decimal` reads, `NaN`, `Infinity` and `1E+999999` included. Checking every amount takes
    # several times as long as decoding; looking for these words, or for escapes that hide them, a fifth.
    words = body.translate(_TO_WORDS, delete=_NOT_IN_WORDS)
    for word in _SUSPICIOUS:  # noqa: SIM110 - `any` takes half as long again
        if word in words:
            return True
    return False


def amounts(value: object, path: str) -> Iterator[tuple[str, Decimal]]:
    """Every amount in a value, with its JSON path."""
    match value:
        case Decimal():
            yield path, value
        case list() | tuple() | set() | frozenset():
            for index, item in enumerate(value):
                yield from amounts(item, f"{path}[{index}]")
        case dict():
            for key, item in value.items():
                yield from amounts(item, f"{path}.{key}")
        case Struct():
            for field in _fields(type(value)):
                yield from amounts(getattr(value, field.name), f"{path}.{field.encode_name}")
        case _ if dataclasses.is_dataclass(value) or attrs.has(type(value)):  # of a type that a user passed to `call`
            yield from amounts(to_builtins(value, builtin_types=(Decimal,)), path)


@cache
def _fields(kind: type[Struct]) -> tuple[FieldInfo, ...]:
    return fields(kind)
