"""An httpx transport behind the interface of httpcore's pools."""

import os
from typing import Any

import httpcore
import httpx

from binance_wallet.errors import InvalidRequestError


class HttpxPool:
    """For an `httpx.BaseTransport` or an `httpx.AsyncBaseTransport`.

    After a fork, the transport is refused: its connections belong to the parent.
    """

    def __init__(self, transport: Any, origin: httpx.URL) -> None:
        self._transport, self._origin, self._process = transport, origin, os.getpid()

    def handle_request(self, request: httpcore.Request) -> httpcore.Response:
        return _response(self._transport.handle_request(self._request(request)))

    async def handle_async_request(self, request: httpcore.Request) -> httpcore.Response:
        return _response(await self._transport.handle_async_request(self._request(request)))

    def close(self) -> None:
        self._transport.close()

    async def aclose(self) -> None:
        await self._transport.aclose()

    def _request(self, request: httpcore.Request) -> httpx.Request:
        if os.getpid() != self._process:
            raise InvalidRequestError("this client's transport is from before a fork: make a client after the fork")
        timeouts = request.extensions["timeout"]  # in the sync pool, all but that of the pool are deadlines
        return httpx.Request(
            request.method.decode(),
            self._origin.copy_with(raw_path=request.url.target),
            headers=request.headers,
            content=b"".join(request.stream),  # type: ignore[arg-type]  # httpcore's is typed more widely
            extensions={"timeout": dict.fromkeys(timeouts, timeouts["pool"])},
        )


def _response(raw: httpx.Response) -> httpcore.Response:
    return httpcore.Response(raw.status_code, headers=raw.headers.raw, content=raw.stream)
