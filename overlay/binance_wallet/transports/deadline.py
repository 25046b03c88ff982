"""Sockets for httpcore2 that keep a deadline: httpcore2's own timeouts start anew with each byte.

This network backend takes httpcore2's timeouts as deadlines, in `time.monotonic()`.
"""

import time
from concurrent.futures import Future
from ssl import SSLContext
from typing import Any, Final

import httpcore2

from binance_wallet.threads import in_thread

_PIECE: Final = 16 * 1024  # bytes to write at a time: a longer write could exceed its timeout


class DeadlineBackend(httpcore2.NetworkBackend):
    """Connects with httpcore2's own backend, in a thread that is abandoned at the deadline.

    Resolving a host name has no timeout of its own.
    """

    def connect_tcp(self, host: str, port: int, timeout: float | None = None, *args: Any, **options: Any) -> "Stream":
        def connect() -> httpcore2.NetworkStream:
            remaining = _remaining(timeout, httpcore2.ConnectTimeout)
            return httpcore2.SyncBackend().connect_tcp(host, port, remaining, *args, **options)

        try:
            connecting = in_thread(connect)
        except RuntimeError as error:  # there can be no more threads
            raise httpcore2.ConnectError(str(error)) from None
        try:
            return Stream(connecting.result(_remaining(timeout, httpcore2.ConnectTimeout)), timeout)
        except BaseException as error:
            connecting.add_done_callback(_close)  # it may still connect
            if isinstance(error, TimeoutError | UnicodeError):  # too late, or no host name
                raise httpcore2.ConnectError(str(error) or "timed out") from None
            raise


class Stream(httpcore2.NetworkStream):
    """A connection. Negotiating with a SOCKS proxy, httpcore2 passes no timeout: then that of connecting applies."""

    def __init__(self, stream: httpcore2.NetworkStream, deadline: float | None) -> None:
        self._stream, self._deadline = stream, deadline

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)

    def close(self) -> None:
        self._stream.close()

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _remaining(timeout or self._deadline, httpcore2.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for at in range(0, len(buffer), _PIECE):
            remaining = _remaining(timeout or self._deadline, httpcore2.WriteTimeout)
            self._stream.write(buffer[at : at + _PIECE], remaining)

    def start_tls(
        self, ssl_context: SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> "Stream":
        remaining = _remaining(timeout, httpcore2.ConnectTimeout)  # of the whole handshake
        return Stream(self._stream.start_tls(ssl_context, server_hostname, remaining), timeout)


def _remaining(deadline: float | None, late: type[Exception]) -> float | None:
    if deadline is None:
        return None
    if (remaining := deadline - time.monotonic()) <= 0:
        raise late("the deadline has passed")
    return remaining


def _close(connected: Future[httpcore2.NetworkStream]) -> None:
    if not connected.exception():
        connected.result().close()
