"""Extras that may not be installed."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["extra"]


@contextmanager
def extra(name: str) -> Iterator[None]:
    """For imports: if a module is missing, the error names the extra to install."""
    try:
        yield
    except ModuleNotFoundError as error:
        message = f"{error.name} is not installed: it comes with the extra {name!r} (see Extras in the README)"
        raise ModuleNotFoundError(message, name=error.name) from None
