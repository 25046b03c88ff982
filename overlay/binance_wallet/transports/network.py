"""Connections for httpcore2's pools.

What is added to httpcore2's own:

- The sync backend connects in a thread that can be left, and tries all addresses of a host. It takes httpcore2's
  timeouts as deadlines, in `time.monotonic()`: its own timeouts start anew with each byte.
- A connection that was idle for a while by the wall clock says that it is closed. The pool's own limit is in monotonic
  time, which stands still while a machine is suspended.
"""

import socket
import time
from collections.abc import Iterable
from concurrent.futures import Future
from ssl import SSLContext
from typing import Any, Final, cast

import httpcore2

from binance_wallet.threads import in_thread

KEEPALIVE_EXPIRY: Final = 5.0  # seconds
_CHUNK_SIZE: Final = 16 * 1024  # bytes to write at a time: a longer write could exceed its timeout


class DeadlineBackend(httpcore2.NetworkBackend):
    """Connects with httpcore2's own backend, in a thread that is abandoned at the deadline.

    Resolving a host name has no timeout of its own.
    """

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> "Stream":
        def connect() -> httpcore2.NetworkStream:
            return _connect(host, port, timeout, local_address, socket_options)

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
        self._stream = stream
        self._deadline = deadline
        self._used_at = time.time()

    def get_extra_info(self, info: str) -> Any:
        if info == "is_readable" and _is_too_old(self._used_at):
            return True
        return self._stream.get_extra_info(info)

    def close(self) -> None:
        self._stream.close()

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        data = self._stream.read(max_bytes, _remaining(timeout or self._deadline, httpcore2.ReadTimeout))
        self._used_at = time.time()
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for at in range(0, len(buffer), _CHUNK_SIZE):
            remaining = _remaining(timeout or self._deadline, httpcore2.WriteTimeout)
            self._stream.write(buffer[at : at + _CHUNK_SIZE], remaining)

    def start_tls(
        self, ssl_context: SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> "Stream":
        remaining = _remaining(timeout, httpcore2.ConnectTimeout)  # of the whole handshake
        return Stream(self._stream.start_tls(ssl_context, server_hostname, remaining), timeout)


class AsyncBackend(httpcore2.AsyncNetworkBackend):
    """Connects with httpcore2's own backend for asyncio and trio, which races the addresses of a host."""

    def __init__(self) -> None:
        self._backend = cast("httpcore2.AsyncNetworkBackend", httpcore2.AnyIOBackend())

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore2's
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> "AsyncStream":
        return AsyncStream(await self._backend.connect_tcp(host, port, timeout, local_address, socket_options))


class AsyncStream(httpcore2.AsyncNetworkStream):
    """A connection; anyio ends whatever is going on at the deadline."""

    def __init__(self, stream: httpcore2.AsyncNetworkStream) -> None:
        self._stream = stream
        self._used_at = time.time()

    def get_extra_info(self, info: str) -> Any:
        if info == "is_readable" and _is_too_old(self._used_at):
            return True
        return self._stream.get_extra_info(info)

    async def aclose(self) -> None:
        await self._stream.aclose()

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109 - httpcore2's
        data = await self._stream.read(max_bytes, timeout)
        self._used_at = time.time()
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109 - httpcore2's
        await self._stream.write(buffer, timeout)

    async def start_tls(
        self,
        ssl_context: SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore2's
    ) -> "AsyncStream":
        return AsyncStream(await self._stream.start_tls(ssl_context, server_hostname, timeout))


def _connect(host: str, port: int, deadline: float | None, *options: Any) -> httpcore2.NetworkStream:
    """Connect to the first address of a host that answers. A silent one may take a quarter of the time left."""
    backend = httpcore2.SyncBackend()
    try:
        addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise httpcore2.ConnectError(str(error)) from None
    hosts = [str(address[4][0]) for address in addresses]
    for other in hosts[:-1]:
        remaining = _remaining(deadline, httpcore2.ConnectTimeout)
        try:
            return backend.connect_tcp(other, port, None if remaining is None else remaining / 4, *options)
        except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
            pass
    return backend.connect_tcp(hosts[-1], port, _remaining(deadline, httpcore2.ConnectTimeout), *options)


def _is_too_old(used_at: float) -> bool:
    """Whether a connection was idle for too long. It then says that it is readable, which the pool takes for closed."""
    return abs(time.time() - used_at) > KEEPALIVE_EXPIRY


def _remaining(deadline: float | None, late: type[Exception]) -> float | None:
    if deadline is None:
        return None
    if (remaining := deadline - time.monotonic()) <= 0:
        raise late("the deadline has passed")
    return remaining


def _close(connected: Future[httpcore2.NetworkStream]) -> None:
    if not connected.exception():
        connected.result().close()
