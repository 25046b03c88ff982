"""An httpx transport behind the interface of httpcore's pool."""

import os

import httpcore
import httpx

from binance_wallet.errors import InvalidRequestError


class _Adapter:
    """What both adapters share. After a fork, the transport is refused: its connections belong to the parent."""

    def __init__(self, origin: httpx.URL) -> None:
        self._origin, self._process = origin, os.getpid()

    def _request(self, request: httpcore.Request) -> httpx.Request:
        if os.getpid() != self._process:
            raise InvalidRequestError("this client's transport is from before a fork: make a client after the fork")
        time_outs = request.extensions["timeout"]
        return httpx.Request(
            request.method.decode(),
            self._origin.copy_with(raw_path=request.url.target),
            headers=request.headers,
            content=b"".join(request.stream),  # type: ignore[arg-type]  # httpcore's is typed more widely
            extensions={"timeout": dict.fromkeys(time_outs, time_outs["pool"])},
        )


class HttpxPool(_Adapter):
    def __init__(self, transport: httpx.BaseTransport, origin: httpx.URL) -> None:
        super().__init__(origin)
        self._transport, self.close = transport, transport.close

    def handle_request(self, request: httpcore.Request) -> httpcore.Response:
        raw = self._transport.handle_request(self._request(request))
        return httpcore.Response(raw.status_code, headers=raw.headers.raw, content=raw.stream)


class AsyncHttpxPool(_Adapter):
    def __init__(self, transport: httpx.AsyncBaseTransport, origin: httpx.URL) -> None:
        super().__init__(origin)
        self._transport, self.aclose = transport, transport.aclose

    async def handle_async_request(self, request: httpcore.Request) -> httpcore.Response:
        raw = await self._transport.handle_async_request(self._request(request))
        return httpcore.Response(raw.status_code, headers=raw.headers.raw, content=raw.stream)
