"""Performs the steps of a pipeline, with and without `await`."""

import logging
from collections.abc import Callable
from threading import Event
from typing import Any

from attrs import frozen
from binance_wallet_client.types import Call

from .errors import InvalidRequestError, InvalidResponseError, NetworkError, WalletError
from .messages import Response, SignedRequest
from .pipeline import Ask, Attempt, Pipeline, Send, Sleep
from .redaction import redact
from .transports import AsyncTransport, Transport

logger = logging.getLogger("binance_wallet")


@frozen
class Driver:
    """Takes calls through a pipeline to a transport. Drivers that share a transport share `closed`."""

    pipeline: Pipeline
    transport: Transport
    closed: Event

    def send(self, build_call: Callable[[], Call]) -> Response:
        if self.closed.is_set():
            raise _closed()
        flow = self.pipeline.flow(build_call)
        outcome: Any = None
        while True:
            try:
                step = flow.send(outcome)
            except StopIteration as done:
                return done.value  # type: ignore[no-any-return]  # mypy does not know a generator's third type
            match step:
                case Send(request, deadline):
                    if self.closed.is_set():
                        raise _closed()
                    try:
                        outcome = self.transport.send(request, deadline).redact(request.secrets)
                    except BaseException as error:  # noqa: BLE001 - a user's transport may raise anything
                        outcome = _failure(error, request)
                case Ask(operation, deadline):
                    outcome = self.pipeline.budget.store.perform(operation, deadline)
                case Sleep(seconds):
                    self.pipeline.budget.clock.time.sleep(seconds)
                    outcome = None
                case Attempt():
                    _notify(self.pipeline.on_attempt, step)
                    outcome = None

    def close(self) -> None:
        self.closed.set()
        self.transport.close()


@frozen
class AsyncDriver:
    """The same with `await`."""

    pipeline: Pipeline
    transport: AsyncTransport
    closed: Event

    async def send(self, build_call: Callable[[], Call]) -> Response:
        if self.closed.is_set():
            raise _closed()
        flow = self.pipeline.flow(build_call)
        outcome: Any = None
        while True:
            try:
                step = flow.send(outcome)
            except StopIteration as done:
                return done.value  # type: ignore[no-any-return]  # mypy does not know a generator's third type
            match step:
                case Send(request, deadline):
                    if self.closed.is_set():
                        raise _closed()
                    try:
                        outcome = (await self.transport.send(request, deadline)).redact(request.secrets)
                    except BaseException as error:  # noqa: BLE001 - a user's transport may raise anything
                        outcome = _failure(error, request)
                case Ask(operation, deadline):
                    outcome = await self.pipeline.budget.store.aperform(operation, deadline)
                case Sleep(seconds):
                    await self.pipeline.budget.clock.time.async_sleep(seconds)
                    outcome = None
                case Attempt():
                    _notify(self.pipeline.on_attempt, step)
                    outcome = None

    async def aclose(self) -> None:
        self.closed.set()
        await self.transport.aclose()


def _closed() -> InvalidRequestError:
    return InvalidRequestError("this client is closed")


def _notify(on_attempt: Callable[[Attempt], object] | None, attempt: Attempt) -> None:
    """Call the user's function. An exception in it must not lose the response."""
    try:
        if on_attempt is not None:
            on_attempt(attempt)
    except Exception:
        logger.exception("on_attempt failed")


def _failure(error: BaseException, request: SignedRequest) -> WalletError:
    """What a transport raised, as a WalletError without secrets or a traceback, whose frames hold the request."""
    match error:
        case NetworkError():
            return NetworkError(redact(str(error), request.secrets), sent=error.sent)
        case InvalidResponseError() | InvalidRequestError():
            return type(error)(redact(error.args[0], request.secrets))
        case WalletError():  # any other, from a transport that the user brings
            return NetworkError(redact(f"{type(error).__name__}: {error}", request.secrets))
    error.__context__ = None
    raise error.with_traceback(None)  # such as KeyboardInterrupt, a cancellation, or a job's time limit
