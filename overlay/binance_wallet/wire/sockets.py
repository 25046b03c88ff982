"""A deadline for blocking sockets: httpx's own time-outs start anew with each byte that arrives."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import httpcore

from . import deadline


class DeadlineBackend(httpcore.SyncBackend):
    def connect_tcp(self, *args: Any, **options: Any) -> httpcore.NetworkStream:
        connect = super().connect_tcp
        return _Stream(_in_time(lambda: connect(*args, **options)))

    def sleep(self, seconds: float) -> None:
        """Between attempts to connect, where a transport makes more than one."""
        remaining = _remaining(seconds, httpcore.ConnectTimeout)
        time.sleep(seconds if remaining is None else min(seconds, remaining))


class _Stream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _remaining(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _remaining(timeout, httpcore.WriteTimeout))

    def start_tls(self, *args: Any, **options: Any) -> httpcore.NetworkStream:
        return _Stream(_in_time(lambda: self._stream.start_tls(*args, **options)))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)

    def close(self) -> None:
        self._stream.close()


def _remaining(timeout: float | None, late: type[Exception]) -> float | None:
    if (over := deadline.current.get()) is None:  # not one of our calls
        return timeout
    if (remaining := over - time.monotonic()) <= 0:
        raise late("the deadline of the call is over")
    return remaining


def _in_time(connect: Callable[[], httpcore.NetworkStream]) -> httpcore.NetworkStream:
    """Connect in a thread that is left behind at the deadline: look-up and handshake cannot be told of it."""
    future: Future[httpcore.NetworkStream] = Future()

    def run() -> None:
        try:
            future.set_result(connect())
        except BaseException as error:  # noqa: BLE001 - the caller raises it
            future.set_exception(error)

    threading.Thread(target=run, daemon=True, name="binance-wallet-connect").start()
    try:
        return future.result(_remaining(None, httpcore.ConnectTimeout))
    except TimeoutError:
        future.add_done_callback(lambda late: None if late.exception() else late.result().close())
        raise httpcore.ConnectTimeout("the deadline of the call is over") from None
