"""Runs the steps of a pipeline, with and without `await`.

Endpoint functions send through `send`. To an httpx2 client, a driver is a transport.
"""

from threading import Event
from typing import Any

import httpx2

from .errors import InvalidRequestError, InvalidResponseError, NetworkError, WalletError
from .messages import Request, Response, SignedRequest
from .pipeline import Pipeline, Sleep, Step
from .redaction import redact
from .transports import AsyncTransport, Transport


class Driver(httpx2.BaseTransport):
    """Takes requests through a pipeline to a transport. Drivers that share a transport share `closed`."""

    def __init__(self, pipeline: Pipeline, transport: Transport, closed: Event) -> None:
        self.pipeline, self.transport, self.closed = pipeline, transport, closed

    def send(self, request: Request) -> Response:
        _check_open(self.closed)
        deadline = self.pipeline.clock.monotonic() + self.pipeline.timeout
        flow, outcome = self.pipeline.flow(request, deadline), None
        while True:
            try:
                step = flow.send(outcome)
            except StopIteration as done:
                return done.value  # type: ignore[no-any-return]  # mypy does not know a generator's third type
            outcome = self._perform(step, deadline)

    def _perform(self, step: Step, deadline: float) -> Any:
        match step:
            case SignedRequest():
                try:
                    return self.transport.send(step, deadline).redact(step.secrets)
                except BaseException as error:  # noqa: BLE001 - a user's transport may raise anything
                    return _failure(error, step)
            case Sleep(seconds):
                self.pipeline.clock.time.sleep(seconds)
                return _check_open(self.closed)
        return self.pipeline.budget.store.perform(step, deadline)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        return self.send(Request.from_httpx(self.pipeline.origin, request, request.read())).to_httpx()

    def close(self) -> None:
        self.closed.set()
        self.transport.close()


class AsyncDriver(httpx2.AsyncBaseTransport):
    """The same with `await`."""

    def __init__(self, pipeline: Pipeline, transport: AsyncTransport, closed: Event) -> None:
        self.pipeline, self.transport, self.closed = pipeline, transport, closed

    async def send(self, request: Request) -> Response:
        _check_open(self.closed)
        deadline = self.pipeline.clock.monotonic() + self.pipeline.timeout
        flow, outcome = self.pipeline.flow(request, deadline), None
        while True:
            try:
                step = flow.send(outcome)
            except StopIteration as done:
                return done.value  # type: ignore[no-any-return]  # mypy does not know a generator's third type
            outcome = await self._perform(step, deadline)

    async def _perform(self, step: Step, deadline: float) -> Any:
        match step:
            case SignedRequest():
                try:
                    return (await self.transport.send(step, deadline)).redact(step.secrets)
                except BaseException as error:  # noqa: BLE001 - a user's transport may raise anything
                    return _failure(error, step)
            case Sleep(seconds):
                await self.pipeline.clock.time.async_sleep(seconds)
                return _check_open(self.closed)
        return await self.pipeline.budget.store.aperform(step, deadline)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        return (await self.send(Request.from_httpx(self.pipeline.origin, request, await request.aread()))).to_httpx()

    async def aclose(self) -> None:
        self.closed.set()
        await self.transport.aclose()


def _check_open(closed: Event) -> None:
    if closed.is_set():
        raise InvalidRequestError("this client is closed")


def _failure(error: BaseException, request: SignedRequest) -> WalletError:
    """What a transport raised, as a WalletError without secrets or a traceback, whose frames hold the request."""
    match error:
        case NetworkError():
            return NetworkError(redact(str(error), request.secrets), sent=error.sent)
        case InvalidResponseError() | InvalidRequestError():
            return type(error)(redact(error.args[0], request.secrets))
        case Exception():
            return NetworkError(redact(f"{type(error).__name__}: {error}", request.secrets))
    error.__context__ = None
    raise error.with_traceback(None)  # such as KeyboardInterrupt or a cancellation
