"""The way through an httpx transport: one that a user brings, and httpx's own for the asynchronous client."""

import time

import httpx

from binance_wallet.errors import InvalidRequestError

from .reply import Headers, Reply, extended, timeouts
from .session import retargeted
from .sockets import DeadlineBackend


class HttpxWire:
    """Sends through a transport. One of httpx's own kind is put on sockets that heed the call's deadline."""

    def __init__(self, transport: httpx.BaseTransport) -> None:
        if not isinstance(transport, httpx.BaseTransport):
            raise InvalidRequestError("transport must be an httpx.BaseTransport")
        if isinstance(transport, httpx.HTTPTransport):
            transport._pool._network_backend = DeadlineBackend()  # noqa: SLF001 - httpcore takes one, httpx hands none on
        self._transport = transport

    def send(self, request: httpx.Request, target: bytes, headers: Headers, remaining: float) -> Reply:
        deadline = time.monotonic() + remaining
        raw = self._transport.handle_request(_signed(request, target, headers, remaining))
        body = bytearray()
        try:
            for chunk in raw.iter_bytes():
                extended(body, chunk)
                if time.monotonic() > deadline:  # for transports that have sockets of their own
                    raise httpx.ReadTimeout("the body went on past the deadline")
        finally:
            raw.close()
        return Reply(raw.status_code, {name.lower(): value for name, value in raw.headers.raw}, bytes(body))

    def close(self) -> None:
        self._transport.close()


class AsyncHttpxWire:
    """The same with `await`; whoever awaits keeps the time."""

    def __init__(self, transport: httpx.AsyncBaseTransport) -> None:
        self._transport = transport

    async def send(self, request: httpx.Request, target: bytes, headers: Headers, remaining: float) -> Reply:
        raw = await self._transport.handle_async_request(_signed(request, target, headers, remaining))
        body = bytearray()
        try:
            async for chunk in raw.aiter_bytes():
                extended(body, chunk)
        finally:
            await raw.aclose()
        return Reply(raw.status_code, {name.lower(): value for name, value in raw.headers.raw}, bytes(body))

    async def aclose(self) -> None:
        await self._transport.aclose()


def _signed(request: httpx.Request, target: bytes, headers: Headers, remaining: float) -> httpx.Request:
    path, _, query = target.decode().partition("?")
    url = retargeted(request.url, path=path, query=query)
    extensions = {**request.extensions, "timeout": timeouts(remaining)}
    return httpx.Request(request.method, url, headers=headers, content=request.content, extensions=extensions)
