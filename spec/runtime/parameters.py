"""The check that every parameter passes before a request is made."""

import math
from decimal import Decimal
from typing import TypeVar

from .errors import InvalidRequestError

T = TypeVar("T", str, int, bool, Decimal)


def checked(
    value: T,
    kind: type[T],
    rule: str,
    *,
    choices: tuple[object, ...] | None = None,
    minimum: float = -math.inf,
    maximum: float = math.inf,
    min_length: int = 0,
) -> T:
    """Return the value unchanged, if the contract allows it.

    Args:
        value: The argument of the call.
        kind: Its type. Subclasses are refused: `True` is an `int`, and a member of an enumeration may be a `str`, but
            each is sent as something else than what was checked.
        rule: The limits below in words, for the error.
        choices: The allowed values.
        minimum: The smallest allowed value.
        maximum: The largest allowed value.
        min_length: The smallest allowed number of characters.

    Raises:
        InvalidRequestError: The contract does not allow the value.
    """
    match value:
        case str():
            fits = len(value) >= min_length and is_unicode(value)
        case Decimal():
            fits = value.is_finite() and minimum <= value <= maximum
        case int():
            fits = minimum <= value <= maximum
        case _:
            fits = False
    if fits and type(value) is kind and (choices is None or value in choices):
        return value
    raise InvalidRequestError(f"{rule}, not {value!r}")


def is_unicode(text: str) -> bool:
    """Whether the text can be encoded: half a surrogate pair cannot."""
    return text.encode(errors="ignore").decode() == text
