"""The way through an httpx transport: one that a user brings, and httpx's own where a proxy or `await` is needed."""

import os
from contextvars import copy_context

import anyio
import httpx

from binance_wallet.errors import InvalidRequestError

from .call import Call, Headers
from .deadline import in_time, left
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
        self._url, self._transport, self._process = url, transport, os.getpid()

    def send(self, call: Call, target: bytes, headers: Headers, remaining: float) -> Reply:
        _check_process(self._process)
        request = _request(self._url, call, target, headers, remaining)
        if isinstance(self._transport, httpx.HTTPTransport):
            return self._exchange(request)
        context = copy_context()  # whose sockets the others have, and what they do between reads, is not known
        return in_time(lambda: context.run(self._exchange, request), httpx.ReadTimeout)

    def _exchange(self, request: httpx.Request) -> Reply:
        raw = self._transport.handle_request(request)
        body = bytearray()
        try:
            check_encoding(raw.headers.get("Content-Encoding", ""))
            for chunk in raw.iter_bytes():
                extended(body, chunk)
                left(None, httpx.ReadTimeout)
        finally:
            raw.close()
        return _reply(raw, body)

    def close(self) -> None:
        self._transport.close()


class AsyncHttpxWire:
    """The same with `await`."""

    def __init__(self, url: httpx.URL, transport: httpx.AsyncBaseTransport) -> None:
        self._url, self._transport, self._process = url, transport, os.getpid()

    async def send(self, call: Call, target: bytes, headers: Headers, remaining: float) -> Reply:
        _check_process(self._process)
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


def _check_process(process: int) -> None:
    if process != os.getpid():  # another's answers would come in on what is its connection, too
        raise InvalidRequestError("this client was made before a fork, with a transport or a proxy: make one after it")


def _request(url: httpx.URL, call: Call, target: bytes, headers: Headers, remaining: float) -> httpx.Request:
    timeouts = dict.fromkeys(("connect", "read", "write", "pool"), remaining)
    url = url.copy_with(raw_path=target)
    return httpx.Request(call.method, url, headers=headers, content=call.content, extensions={"timeout": timeouts})


def _reply(raw: httpx.Response, body: bytearray) -> Reply:
    return Reply(raw.status_code, {name.lower(): value for name, value in raw.headers.raw}, bytes(body))
