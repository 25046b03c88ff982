"""The mock exchange as an ASGI application: HTTP on one side, `MockExchange.respond` on the other."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from email.utils import formatdate
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Mount, request_response

from .exchange import Fault, RecordedRequest

if TYPE_CHECKING:
    from starlette.requests import Request

    from .exchange import MockExchange


def create_app(exchange: MockExchange) -> Starlette:
    """An application that responds as the exchange does.

    Only under `Server` can it close a connection without a response (`MockExchange.drop`).
    """

    async def respond(request: Request) -> Response:
        try:
            return await handle(request)
        except Exception as failure:
            exchange.failed(failure)
            raise

    async def handle(request: Request) -> Response:
        path = request.scope["path"]
        # Latin-1 keeps every byte as it came: the signature is over exactly these.
        query = request.scope["query_string"].decode("latin-1")
        headers = dict(request.headers)
        ip = request.client.host if request.client is not None else ""

        fault = exchange.next_fault(path) or Fault()
        if fault.delay:
            await _client_gone(request, within=fault.delay)
        response = fault.response or exchange.respond(request.method, path, query, headers, ip)
        status = None if fault.drop else int(response.status)
        exchange.requests.append(RecordedRequest(request.method, path, query, headers, status))
        if fault.drop:
            request.state.hang_up()
        date = formatdate(exchange.now(), usegmt=True)
        return Response(response.body, response.status, {"date": date, **response.headers})

    return Starlette(routes=[Mount("/", app=request_response(respond))])


async def _client_gone(request: Request, *, within: float) -> None:
    """Wait, but not for a client that has gone."""
    with suppress(TimeoutError):
        async with asyncio.timeout(within):
            while (await request.receive())["type"] != "http.disconnect":
                pass
