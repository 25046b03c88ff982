"""When the call is over that this thread, or task, is busy with."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

current: ContextVar[float | None] = ContextVar("binance_wallet_deadline", default=None)
"""In `time.monotonic()`; None outside our calls."""


@contextmanager
def until(deadline: float) -> Iterator[None]:
    """Whatever is asked, read or written meanwhile is over by then."""
    token = current.set(deadline)
    try:
        yield
    finally:
        current.reset(token)
