"""Decimals that are written without an exponent."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["PlainDecimal"]

_ARITHMETIC: Final = ("add", "radd", "sub", "rsub", "mul", "rmul", "truediv", "rtruediv", "neg", "pos", "abs", "round")


class PlainDecimal(Decimal):
    """A Decimal that is written without an exponent, as are the results of its arithmetic.

    pandas writes CSV files with `str`, and `str(Decimal("0.00000000"))` is `0E-8`.
    """

    __slots__ = ()

    def __str__(self) -> str:
        return format(self, "f")


def _plain(operation: Callable[..., Any]) -> Callable[..., Any]:
    def calculate(*operands: Any) -> Any:
        result = operation(*operands)
        return PlainDecimal(result) if isinstance(result, Decimal) else result

    return calculate


for _name in _ARITHMETIC:
    setattr(PlainDecimal, f"__{_name}__", _plain(getattr(Decimal, f"__{_name}__")))
