"""When the call is over that this thread, or task, is busy with; and blocking work held to it."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

T = TypeVar("T")

_current: ContextVar[list[float]] = ContextVar("binance_wallet_deadline", default=[])  # noqa: B039 - never written to


@contextmanager
def until(deadline: float) -> Iterator[None]:
    """Whatever is asked, read or written meanwhile is over by then, in `time.monotonic()`."""
    held = [deadline]
    token = _current.set(held)
    try:
        yield
    finally:
        _current.reset(token)
        held.clear()  # a task that was begun meanwhile, by an event hook say, goes on without it


def current() -> float | None:
    """The deadline; None outside our calls."""
    return next(iter(_current.get()), None)


def left(otherwise: float | None, late: type[Exception]) -> float | None:
    """Seconds until the deadline, or `otherwise` where there is none. Raises `late` when it has passed."""
    if (deadline := current()) is None:
        return otherwise
    if (seconds := deadline - time.monotonic()) <= 0:
        raise late("the deadline of the call is over")
    return seconds


def in_time(work: Callable[[], T], late: type[Exception], unwanted: Callable[[T], object] = lambda _: None) -> T:
    """Do blocking work that cannot be told of the deadline in a thread, which is left behind when that is over.

    A result that comes too late is handed to `unwanted`.
    """
    seconds = left(None, late)
    future: Future[T] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:  # noqa: BLE001 - the caller raises it
            future.set_exception(error)

    threading.Thread(target=run, daemon=True, name="binance-wallet").start()
    try:
        return future.result(seconds)
    except BaseException as error:
        if future.done() and isinstance(error, Exception):
            return future.result()  # or its own error
        future.add_done_callback(lambda done: None if done.exception() else unwanted(done.result()))
        if isinstance(error, TimeoutError):
            raise late("the deadline of the call is over") from None
        raise
