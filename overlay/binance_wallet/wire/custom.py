"""The way through an httpx transport: one that a user brings, and httpx's own where a proxy or `await` is needed."""

import os
import time
from contextvars import copy_context

import anyio
import httpx

from binance_wallet.errors import InvalidRequestError

from .call import Call, Headers
from .deadline import in_time
from .reply import Reply, check_encoding, extended
from .sockets import DeadlineBackend

_GRACE = 0.2  # seconds by which the time-outs below, which know better how to tidy up, come first


class HttpxWire:
    """Sends through a transport. One of httpx's own kind is put on sockets that heed the call's deadline."""

    def __init__(self, url: httpx.URL, transport: httpx.BaseTransport) -> None:
        if not isinstance(transport, httpx.BaseTransport):
            raise InvalidRequestError("transport must be an httpx.BaseTransport")
        if isinstance(transport, httpx.HTTPTransport):
            transport._pool._network_backend = DeadlineBackend()  # noqa: SLF001 - httpcore takes one, httpx hands none on
        self._url, self._transport = url, transport
        self._process: int | None = None  # that of the first call

    def send(self, call: Call, target: bytes, headers: Headers, remaining: float) -> Reply:
        self._process = _same_process(self._process)
        request = _request(self._url, call, target, headers, remaining)
        deadline = time.monotonic() + remaining
        if type(self._transport) is httpx.HTTPTransport:
            return self._exchange(request, deadline)
        context = copy_context()  # whose sockets the others have, and what they do between reads, is not known
        return in_time(lambda: context.run(self._exchange, request, deadline), httpx.ReadTimeout)

    def _exchange(self, request: httpx.Request, deadline: float) -> Reply:
        raw = self._transport.handle_request(request)
        body = bytearray()
        try:
            check_encoding(raw.headers.get("Content-Encoding", ""))
            for chunk in raw.iter_bytes():
                extended(body, chunk)
                if time.monotonic() > deadline:
                    raise httpx.ReadTimeout("the deadline of the call is over")
        finally:
            raw.close()
        return _reply(raw, body)

    def close(self) -> None:
        self._transport.close()


class AsyncHttpxWire:
    """The same with `await`."""

    def __init__(self, url: httpx.URL, transport: httpx.AsyncBaseTransport) -> None:
        self._url, self._transport = url, transport
        self._process: int | None = None  # that of the first call

    async def send(self, call: Call, target: bytes, headers: Headers, remaining: float) -> Reply:
        self._process = _same_process(self._process)
        with anyio.fail_after(remaining + _GRACE):
            raw = await self._transport.handle_async_request(_request(self._url, call, target, headers, remaining))
            body = bytearray()
            try:
                check_encoding(raw.headers.get("Content-Encoding", ""))
                async for chunk in raw.aiter_bytes():
                    extended(body, chunk)
            finally:
                await raw.aclose()
        return _reply(raw, body)

    async def aclose(self) -> None:
        await self._transport.aclose()


def _same_process(process: int | None) -> int:
    if process not in (None, current := os.getpid()):  # another's answers would come in on its connections
        raise InvalidRequestError("this client has connections from before a fork: make one after it")
    return current


def _request(url: httpx.URL, call: Call, target: bytes, headers: Headers, remaining: float) -> httpx.Request:
    timeouts = dict.fromkeys(("connect", "read", "write", "pool"), remaining)
    url = url.copy_with(raw_path=target)
    return httpx.Request(call.method, url, headers=headers, content=call.content, extensions={"timeout": timeouts})


def _reply(raw: httpx.Response, body: bytearray) -> Reply:
    return Reply(raw.status_code, {name.lower(): value for name, value in raw.headers.raw}, bytes(body))
