"""The pipeline's hands: what it wants sent goes to the wire, once with `await` and once without.

Calls of the endpoint functions come in through `send`. What else a user sends with httpx comes in as to any transport.
"""

import sys
import time
from contextlib import closing

import httpx

from binance_wallet.errors import InvalidRequestError
from binance_wallet.pipeline import Outcome, Pipeline

from .call import Call, Calls
from .deadline import until
from .reply import AsyncWire, Reply, Wire
from .secrecy import hidden


class PipelineTransport(httpx.BaseTransport):
    """Takes each call through the pipeline, on top of the wire that really sends."""

    def __init__(self, pipeline: Pipeline, wire: Wire) -> None:
        self._pipeline, self._wire, self._closed = pipeline, wire, False
        self.calls = Calls(pipeline.origin)

    def send(self, call: Call) -> Reply:
        if self._closed:
            raise InvalidRequestError("this client is closed")
        deadline = self._pipeline.deadline()
        outcome: Outcome | None = None
        with closing(self._pipeline.flow(call, deadline)) as flow:
            while True:
                try:
                    step = flow.send(outcome)
                except StopIteration as done:
                    return done.value  # type: ignore[no-any-return]  # a generator's third type is lost on the way
                if isinstance(step, Call):
                    outcome = self._exchange(step, deadline)
                else:
                    time.sleep(step)

    def _exchange(self, call: Call, deadline: float) -> Outcome:
        pipeline, sent, handled = self._pipeline, self._pipeline.clock.steady(), sys.exception()
        target, headers, secrets = pipeline.signed(call)
        remaining = deadline - sent
        try:
            with hidden(secrets), until(time.monotonic() + remaining):
                reply = self._wire.send(call, target, headers, remaining)
        except BaseException as error:
            failure = pipeline.failed(call, error, handled, deadline, secrets)
            if isinstance(error, Exception):  # whatever went wrong on the wire, no answer came
                return failure
            raise
        return pipeline.answered(call, reply, sent, secrets)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self.send(self.calls.of_httpx(request, request.read())).response()

    def close(self) -> None:
        self._closed = True
        self._wire.close()


class AsyncPipelineTransport(httpx.AsyncBaseTransport):
    """The same with `await`."""

    def __init__(self, pipeline: Pipeline, wire: AsyncWire) -> None:
        self._pipeline, self._wire, self._closed = pipeline, wire, False
        self.calls = Calls(pipeline.origin)

    async def send(self, call: Call) -> Reply:
        if self._closed:
            raise InvalidRequestError("this client is closed")
        deadline = self._pipeline.deadline()
        outcome: Outcome | None = None
        with closing(self._pipeline.flow(call, deadline)) as flow:
            while True:
                try:
                    step = flow.send(outcome)
                except StopIteration as done:
                    return done.value  # type: ignore[no-any-return]  # a generator's third type is lost on the way
                if isinstance(step, Call):
                    outcome = await self._exchange(step, deadline)
                else:
                    import anyio  # takes its time, and few calls need it

                    await anyio.sleep(step)

    async def _exchange(self, call: Call, deadline: float) -> Outcome:
        pipeline, sent, handled = self._pipeline, self._pipeline.clock.steady(), sys.exception()
        target, headers, secrets = pipeline.signed(call)
        try:
            with hidden(secrets):
                reply = await self._wire.send(call, target, headers, deadline - sent)
        except BaseException as error:
            failure = pipeline.failed(call, error, handled, deadline, secrets)
            if isinstance(error, Exception):  # whatever went wrong on the wire, no answer came
                return failure
            raise
        return pipeline.answered(call, reply, sent, secrets)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return (await self.send(self.calls.of_httpx(request, await request.aread()))).response()

    async def aclose(self) -> None:
        self._closed = True
        await self._wire.aclose()
