"""The transport over a connection pool: httpcore2's own, or an httpx2 transport that the user brings.

It sends one request and reads one response: it follows no redirect, which would send the key elsewhere.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any, Final
from weakref import WeakKeyDictionary

import anyio
import httpcore2
import httpx2
from anyio.lowlevel import current_token

from binance_wallet.errors import NetworkError, WalletError
from binance_wallet.forks import ForkSafe
from binance_wallet.messages import Response, SignedRequest

from . import AsyncTransport, Transport, is_transport_error
from .body import Body

# With one of these errors, the request has not left.
_UNSENT: Final = (
    *(httpcore2.ConnectError, httpcore2.ConnectTimeout, httpcore2.PoolTimeout, httpcore2.ProxyError),
    # Without httpx2.ConnectTimeout: with httpx-aiohttp, it is also a connection that was lost afterwards.
    *(httpx2.ConnectError, httpx2.PoolTimeout, httpx2.ProxyError),
)
_GRACE: Final = 0.1  # seconds by which the pool's own timeouts come first: they tell whether the request has left


class _Pooled(ForkSafe):
    """What both transports share. `make_pool` is called again in the child of a fork."""

    def __init__(self, make_pool: Callable[[], Any], route: str, transport: object = None) -> None:
        """`transport` is what the user brings, if the pool stands for that."""
        self._make_pool = make_pool
        self._route = route
        self._transport = transport
        super().__init__()

    def _request(self, request: SignedRequest, network_timeout: float, pool_timeout: float) -> httpcore2.Request:
        """`network_timeout` is a deadline for DeadlineBackend, and seconds for AsyncBackend."""
        timeouts = dict.fromkeys(("connect", "read", "write"), network_timeout) | {"pool": max(0.0, pool_timeout)}
        return httpcore2.Request(
            request.method,
            httpcore2.URL(
                scheme=request.origin.scheme, host=request.origin.host, port=request.origin.port, target=request.target
            ),
            headers=request.headers,
            content=request.body,
            extensions={"timeout": timeouts},
        )

    def _failure(self, error: Exception) -> Exception:
        if isinstance(error, WalletError) or not is_transport_error(error, self._transport):
            return error
        return NetworkError(f"{self._route}: {type(error).__name__}: {error}", sent=not isinstance(error, _UNSENT))

    @contextmanager
    def _broken_body_ignored(self, status: int) -> Iterator[None]:
        """Ignore a broken body of an error response: its status and headers say what to do.

        An exception that is not the transport's, such as a job's time limit, still ends the call.
        """
        try:
            yield
        except Exception as error:
            if status == HTTPStatus.OK or not is_transport_error(error, self._transport):
                raise


class PoolTransport(_Pooled, Transport):
    """For DeadlineBackend, timeouts are deadlines. With an httpx2 transport, the deadline is checked between reads."""

    def init_process_state(self) -> None:
        super().init_process_state()
        self._pool = self._make_pool()

    def send(self, request: SignedRequest, deadline: float) -> Response:
        try:
            raw = self._pool.handle_request(self._request(request, deadline, deadline - time.monotonic()))
            try:
                return self._read(raw, deadline)
            finally:
                raw.close()
        except Exception as error:  # noqa: BLE001 - a user's transport may raise anything
            raise self._failure(error) from None

    def _read(self, raw: httpcore2.Response, deadline: float) -> Response:
        headers = {name.lower(): value for name, value in raw.headers}
        body = Body(headers)
        content = b""
        with self._broken_body_ignored(raw.status):
            for chunk in raw.iter_stream():
                body.append(chunk)
                if time.monotonic() > deadline:
                    raise httpcore2.ReadTimeout("the deadline has passed")
            content = body.content()
        return Response(raw.status, headers, content)

    def close(self) -> None:
        self._pool.close()


class AsyncPoolTransport(_Pooled, AsyncTransport):
    """The same with `await`: here, anyio ends whatever is going on at the deadline.

    Connections belong to an event loop: in the next one (`asyncio.run` makes one each time), the pool is a new one.
    """

    def init_process_state(self) -> None:
        super().init_process_state()
        self._pools: WeakKeyDictionary[object, Any] = WeakKeyDictionary()

    def _current_pool(self) -> Any:
        loop = current_token().native_token
        if loop not in self._pools:
            # A pool's connections refer to their event loop, so weak references alone would keep both.
            for closed in [each for each in self._pools if getattr(each, "is_closed", bool)()]:
                del self._pools[closed]
            self._pools[loop] = self._make_pool()
        return self._pools[loop]

    async def send(self, request: SignedRequest, deadline: float) -> Response:
        remaining = max(0.0, deadline - time.monotonic())
        try:
            with anyio.fail_after(remaining + _GRACE):
                raw = await self._current_pool().handle_async_request(self._request(request, remaining, remaining))
            try:
                return await self._read(raw, deadline)
            finally:
                with anyio.move_on_after(_GRACE):
                    await raw.aclose()
        except Exception as error:  # noqa: BLE001 - a user's transport may raise anything
            raise self._failure(error) from None

    async def _read(self, raw: httpcore2.Response, deadline: float) -> Response:
        headers = {name.lower(): value for name, value in raw.headers}
        body = Body(headers)
        content = b""
        with self._broken_body_ignored(raw.status):
            with anyio.fail_after(max(0.0, deadline - time.monotonic()) + _GRACE):
                async for chunk in raw.aiter_stream():
                    body.append(chunk)
            content = body.content()
        return Response(raw.status, headers, content)

    async def aclose(self) -> None:
        pool = self._current_pool()
        self._pools.clear()  # the connections of other event loops end with their pools
        await pool.aclose()
