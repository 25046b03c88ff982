"""When the call is over that this thread, or task, is busy with; and blocking work held to it."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol, TypeVar


class Closable(Protocol):
    def close(self) -> None: ...


T = TypeVar("T", bound=Closable)

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


def left(otherwise: float | None, late: type[Exception]) -> float | None:
    """Seconds until the deadline, or `otherwise` where there is none. Raises `late` when it has passed."""
    if (deadline := current.get()) is None:
        return otherwise
    if (seconds := deadline - time.monotonic()) <= 0:
        raise late("the deadline of the call is over")
    return seconds


def in_time(connect: Callable[[], T], late: type[Exception]) -> T:
    """Connect in a thread that is left behind at the deadline: look-up and handshake cannot be told of it."""
    future: Future[T] = Future()

    def run() -> None:
        try:
            future.set_result(connect())
        except BaseException as error:  # noqa: BLE001 - the caller raises it
            future.set_exception(error)

    threading.Thread(target=run, daemon=True, name="binance-wallet-connect").start()
    try:
        return future.result(left(None, late))
    except TimeoutError:
        future.add_done_callback(lambda done: None if done.exception() else done.result().close())
        raise late("the deadline of the call is over") from None
