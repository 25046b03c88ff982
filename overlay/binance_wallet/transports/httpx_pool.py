"""An httpx2 transport behind the interface of httpcore2's pools."""

import os
from typing import TYPE_CHECKING, Any, cast

import httpcore2
import httpx2

from binance_wallet.errors import InvalidRequestError
from binance_wallet.messages import Origin

if TYPE_CHECKING:
    from collections.abc import Iterable


class HttpxPool:
    """For an `httpx2.BaseTransport` or an `httpx2.AsyncBaseTransport`.

    After a fork, the transport is refused: its connections belong to the parent.
    """

    def __init__(self, transport: Any, origin: Origin) -> None:
        self._transport = transport
        self._url = httpx2.URL(str(origin))
        self._process = os.getpid()

    def handle_request(self, request: httpcore2.Request) -> httpcore2.Response:
        return _response(self._transport.handle_request(self._request(request)))

    async def handle_async_request(self, request: httpcore2.Request) -> httpcore2.Response:
        return _response(await self._transport.handle_async_request(self._request(request)))

    def close(self) -> None:
        self._transport.close()

    async def aclose(self) -> None:
        await self._transport.aclose()

    def _request(self, request: httpcore2.Request) -> httpx2.Request:
        if os.getpid() != self._process:
            raise InvalidRequestError("this client's transport is from before a fork: make a client after the fork")
        timeouts = request.extensions["timeout"]  # in the sync pool, all but that of the pool are deadlines
        return httpx2.Request(
            request.method.decode(),
            self._url.copy_with(raw_path=request.url.target),
            headers=request.headers,
            content=b"".join(cast("Iterable[bytes]", request.stream)),  # PoolTransport gave it bytes
            extensions={"timeout": dict.fromkeys(timeouts, timeouts["pool"])},
        )


def _response(raw: httpx2.Response) -> httpcore2.Response:
    return httpcore2.Response(raw.status_code, headers=raw.headers.raw, content=raw.stream)
