"""The mock exchange as an ASGI application: HTTP on one side, `MockExchange.respond` on the other."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from dataclasses import replace
from email.utils import formatdate
from typing import TYPE_CHECKING

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from .messages import RecordedRequest, is_json, to_json

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from .exchange import MockExchange


def create_app(exchange: MockExchange) -> ASGIApp:
    """An application that responds as the exchange does.

    Only `Server` lets it close a connection without a response (`MockExchange.drop`).
    """

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            response = await respond(Request(scope, receive))
        except ClientDisconnect:
            return
        except Exception as failure:
            exchange.record_failure(failure)
            raise
        await response(scope, receive, send)

    async def respond(request: Request) -> Response:
        recorded = await _read(request)
        fault = exchange.next_fault(recorded.path)
        if fault.delay:
            await _wait_for_disconnect(request, within=fault.delay)
        ip = request.client.host if request.client is not None else ""
        response = fault.response or exchange.respond(recorded, ip)
        if fault.edit is not None and is_json(response):
            response = replace(response, body=to_json(fault.edit(json.loads(response.body))))
        exchange.requests.append(replace(recorded, status=None if fault.drop else int(response.status)))
        if fault.drop:
            request.state.hang_up()
        date = formatdate(exchange.now(), usegmt=True)
        return Response(response.body, response.status, {"date": date, **response.headers})

    return app


async def _read(request: Request) -> RecordedRequest:
    headers = dict(request.headers)
    is_form = headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
    # Latin-1 keeps every byte as it came: the signature is over exactly these.
    query_string = request.scope["query_string"].decode("latin-1")
    form = (await request.body()).decode("latin-1") if is_form else ""
    return RecordedRequest(request.method, request.scope["path"], query_string, headers, form)


async def _wait_for_disconnect(request: Request, *, within: float) -> None:
    """Wait `within` seconds, or until the client disconnects."""
    with suppress(TimeoutError):
        async with asyncio.timeout(within):
            while (await request.receive())["type"] != "http.disconnect":
                pass
