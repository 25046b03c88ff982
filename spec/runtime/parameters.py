"""The check of each parameter before a request is made. It returns the value as it is sent."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final
from urllib.parse import quote

from msgspec import MsgspecError
from msgspec.json import Decoder, encode

from .errors import InvalidRequestError
from .responses import amounts
from .types import EPOCH

_MILLISECOND: Final = timedelta(milliseconds=1)


def checked(
    value: object,
    kind: type,
    rule: str,
    *,
    choices: tuple[object, ...] | None = None,
    minimum: int | Decimal | None = None,
    maximum: int | Decimal | None = None,
    exclusive_minimum: int | Decimal | None = None,
    exclusive_maximum: int | Decimal | None = None,
    multiple_of: int | Decimal | None = None,
    min_length: int = 0,
    max_length: int | None = None,
    pattern: str | None = None,
) -> str | int:
    """Return the value as it is sent, if the contract allows it.

    Args:
        value: The argument of the call.
        kind: Its type. Subclasses are refused: `True` is an `int`, and a member of an enumeration may be a `str`, but
            each is sent as something else than what was checked. `datetime` stands for a moment: an aware datetime, or
            an integer of milliseconds.
        rule: The bounds below in words, for the error.
        choices: The allowed values.
        minimum: The smallest allowed value.
        maximum: The largest allowed value.
        exclusive_minimum: The value must be larger.
        exclusive_maximum: The value must be smaller.
        multiple_of: What the value must be a multiple of.
        min_length: The smallest allowed number of characters.
        max_length: The largest allowed number of characters.
        pattern: A regular expression that must match somewhere in the value.

    Raises:
        InvalidRequestError: The contract does not allow the value.
    """
    given: Any = value
    if kind is datetime and isinstance(value, datetime) and value.tzinfo is not None:
        given = (value - EPOCH) // _MILLISECOND
    fits = type(given) is (int if kind is datetime else kind) and (choices is None or given in choices)
    if fits and kind is str:
        fits = len(given) >= min_length and (max_length is None or len(given) <= max_length) and is_unicode(given)
        fits = fits and (pattern is None or re.search(pattern, given) is not None)
    elif fits and isinstance(given, int | Decimal):
        fits = (
            (not isinstance(given, Decimal) or given.is_finite())
            and (minimum is None or minimum <= given)
            and (maximum is None or given <= maximum)
            and (exclusive_minimum is None or exclusive_minimum < given)
            and (exclusive_maximum is None or given < exclusive_maximum)
            and (multiple_of is None or given % multiple_of == 0)
        )
    if not fits:
        raise InvalidRequestError(f"{rule}, not {value!r}")
    return as_sent(given)


def as_sent(value: Any) -> str | int:
    """A value as the exchange reads it."""
    match value:
        case bool():
            return str(value).lower()
        case Decimal():
            return format(value, "f")  # `str` writes small amounts as `1E-8`, which the exchange does not read
        case date():
            return value.isoformat()
        case str() | int():
            return value
    raise TypeError(f"no way to send {value!r}")


def path_segment(value: str | int) -> str:
    """Return a checked value as a segment of a path. Raises InvalidRequestError if it would lead elsewhere."""
    text = str(value)
    if text in {".", ".."}:
        raise InvalidRequestError(f"a part of the path cannot be {text!r}")
    return quote(text, safe="")


def checked_list(
    values: object, kind: type, rule: str, *, min_items: int = 1, max_items: int | None = None, **bounds: Any
) -> list[str | int]:
    """Return the values as they are sent: like `checked`, for each item of a list."""
    if not isinstance(values, list | tuple) or len(values) < min_items or len(values) > (max_items or len(values)):
        raise InvalidRequestError(f"{rule}, not {values!r}")
    return [checked(value, kind, rule, **bounds) for value in values]


def json_text(value: object, kind: Any, rule: str) -> str:
    """Return the value as JSON text. Raises InvalidRequestError if it is not of a type."""
    try:
        text = encode(value)
        read = _decoder(kind).decode(text)
    except (MsgspecError, TypeError, ValueError, RecursionError) as error:
        raise InvalidRequestError(f"{rule}: {error}") from None
    if any(not amount.is_finite() for _, amount in amounts(read, "$")):
        raise InvalidRequestError(f"{rule}, not {value!r}")
    return text.decode()


# Types with the same hash may be unions in another order, which decode alike.
_decoder: Callable[[Any], Decoder[Any]] = lru_cache(maxsize=256)(Decoder)


def is_unicode(text: str) -> bool:
    """Whether the text can be encoded: half a surrogate pair cannot."""
    return text.encode(errors="ignore").decode() == text
