"""The pipeline that every request takes: budget, clock, signature, wire, and round again where that can help.

What to do is decided in one generator, `Pipeline.flow`, which does no I/O: it yields what it wants done, and the two
transports below do it, one with `await` and one without.
"""

import logging
import math
import random
import re
import time
from collections.abc import Generator
from contextlib import closing
from typing import Any, Final
from urllib.parse import unquote

import httpx
from attrs import field, frozen
from binance_wallet_client.answers import refusal

from .clock import Clock
from .errors import (
    AnswerError,
    BannedError,
    DeadlineError,
    InvalidRequestError,
    NetworkError,
    RateLimitError,
    ServerError,
    TimestampError,
    WalletError,
)
from .limits import Budget
from .signing import Signer
from .wire.deadline import current, until
from .wire.reply import UNSENT, AsyncWire, Headers, Reply, Wire
from .wire.secrecy import hidden, redacted

logger = logging.getLogger("binance_wallet")

_LARGEST_ERROR: Final = 64 * 1024
_FIRST_BACKOFF, _LONGEST_BACKOFF, _LEAST_PAUSE, _GRACE = 0.5, 8.0, 1.0, 0.2  # seconds
_WITHOUT_RETRY_AFTER: Final = {RateLimitError: 60.0, BannedError: 120.0}

Step = httpx.Request | float  # sign and send this; or do nothing for so many seconds
Outcome = httpx.Response | WalletError
Flow = Generator[Step, Any, httpx.Response]  # a request is sent an Outcome, a wait nothing


@frozen
class Pipeline:
    """What a client is allowed and has learned, and what follows from that for each request. Does no I/O."""

    origin: httpx.URL
    api_key: str = field(repr=False)
    sign: Signer = field(repr=False)
    clock: Clock = field(repr=False)
    budget: Budget = field(repr=False)
    timeout: float
    retries: int
    recv_window: int | None
    weight_limit: int | None

    def deadline(self) -> float:
        """When a call that begins now is over, in steady time; one that is part of another ends with that."""
        return min(self.clock.steady() + self.timeout, current.get() or math.inf)

    def flow(self, request: httpx.Request, deadline: float) -> Flow:
        """Yield steps, be sent the outcome of each, return the answer or raise an error of ours."""
        clock, endpoint, weight = self.clock, request.url.path, request.extensions.get("request_weight", 1)
        retries = self.retries if request.method == "GET" else 0  # what does not only read may have been done
        failures, failure, clock_corrected = 0, None, False
        if (request.url.scheme, request.url.netloc) != (self.origin.scheme, self.origin.netloc):
            raise InvalidRequestError(f"this client sends its key to {self.origin} and nowhere else")
        while True:
            while pause := self.budget.reserve(endpoint, weight, self.weight_limit, clock):
                if clock.steady() + pause >= deadline:
                    used_up = RateLimitError(
                        "the weight of this minute is used up: nothing was sent", retry_after=pause
                    )
                    raise failure or used_up
                yield pause
            outcome: Any = None  # an Outcome, in time
            try:
                outcome = yield request
            finally:  # a call that is cancelled ends here, too
                cause = getattr(outcome, "__cause__", None)
                self.budget.landed(endpoint, weight, unsent=type(cause).__name__ in UNSENT)
            if isinstance(outcome, httpx.Response):
                return outcome
            if isinstance(outcome, TimestampError) and not clock_corrected:
                clock_corrected = True
                logger.info("%s: the clock was wrong; asking again by the exchange's", endpoint)
                continue
            failures, failure = failures + 1, outcome
            backoff = _backoff(outcome, failures)
            if backoff is None or failures > retries or clock.steady() + backoff >= deadline:
                raise outcome
            logger.info("%s: %s; asking again in %.1f s", endpoint, outcome, backoff)
            yield backoff

    def signed(self, request: httpx.Request) -> tuple[bytes, Headers, tuple[str, ...]]:
        """Path and query of a request as they go to the wire, stamped and signed now; its headers; its secrets."""
        query = request.url.query
        parameters = [query] if query else []
        if self.recv_window is not None and not re.search(rb"(^|&)recvWindow=", query):
            parameters.append(b"recvWindow=%d" % self.recv_window)
        parameters.append(b"timestamp=%d" % (self.clock.now() * 1000))
        payload = b"&".join(parameters)
        signature = self.sign(payload)
        path = request.url.raw_path.partition(b"?")[0]
        headers = [*request.headers.raw, (b"X-MBX-APIKEY", self.api_key.encode())]
        # A word as short as test keys may be is not blacked out: it would be taken out of data.
        secrets = tuple(word for word in (signature, unquote(signature), self.api_key) if len(word) >= 16)
        return b"%s?%s&signature=%s" % (path, payload, signature.encode()), headers, secrets

    def answered(self, request: httpx.Request, reply: Reply, sent: float, secrets: tuple[str, ...]) -> Outcome:
        """The answer, or the error that it stands for; what it tells of time and weight is learned on the way."""
        for secret in secrets:  # some firewalls and proxies put the URL that they refuse into their page
            reply = reply._replace(body=reply.body.replace(secret.encode(), b"[redacted]"))
        # To look for an error code in a large success is left to those who read all of it.
        large = reply.status == 200 and len(reply.body) > _LARGEST_ERROR
        error = None if large else refusal(reply.status, reply.body)
        if (date := reply.date) is not None:
            self.clock.learn(date, sent, self.clock.steady(), refused=isinstance(error, TimestampError))
        now = self.clock.now() if date is None else date
        if (used := reply.used_weight) is not None:
            self.budget.settle(request.url.path, used, now)
        if error is None:
            return reply.response()
        error.retry_after = reply.retry_after(now)
        if isinstance(error, RateLimitError):
            if error.retry_after is None:
                error.retry_after = _WITHOUT_RETRY_AFTER[type(error)]
            self.budget.stay_away(error.retry_after, self.clock, ban=isinstance(error, BannedError))
        return error

    def failed(
        self, request: httpx.Request, error: Exception, deadline: float, secrets: tuple[str, ...]
    ) -> WalletError:
        """The error of an exchange that brought no answer. What it chains keeps its words, not the signed request."""
        cause: BaseException | None = error
        while cause is not None:
            cause.__traceback__ = None  # its frames hold the signed request, and error trackers read them
            cause.args = tuple(redacted(arg, secrets) if isinstance(arg, str) else arg for arg in cause.args)
            if isinstance(cause, httpx.RequestError):
                cause.request = request
            cause = cause.__cause__ or cause.__context__
        failure: WalletError = NetworkError(f"{type(error).__name__}: {error}")
        if self.clock.steady() >= deadline:
            failure = DeadlineError(f"not done within {self.timeout:g} s")
        elif isinstance(error, httpx.DecodingError):
            failure = AnswerError(str(error))
        failure.__cause__ = error
        return failure


def _backoff(error: WalletError, failures: int) -> float | None:
    """Seconds to wait before the next attempt (exponential, full jitter), or None where another would not help."""
    jitter = random.uniform(0, min(_LONGEST_BACKOFF, _FIRST_BACKOFF * 2 ** min(failures - 1, 9)))  # noqa: S311 - no secret
    match error:
        case BannedError() | DeadlineError():
            return None
        case RateLimitError():
            return max(jitter, _LEAST_PAUSE, error.retry_after or 0.0)
        case ServerError() if not 400 <= (error.status_code or 0) < 500:
            return max(jitter, error.retry_after or 0.0)
        case NetworkError():
            return jitter
    return None


class PipelineTransport(httpx.BaseTransport):
    """Takes each request through the pipeline, on top of the wire that really sends."""

    def __init__(self, pipeline: Pipeline, wire: Wire) -> None:
        self._pipeline, self._wire = pipeline, wire

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        deadline = self._pipeline.deadline()
        outcome: Outcome | None = None
        with closing(self._pipeline.flow(request, deadline)) as flow:
            while True:
                try:
                    step = flow.send(outcome)
                except StopIteration as done:
                    return done.value  # type: ignore[no-any-return]  # a generator's third type is lost on the way
                if isinstance(step, httpx.Request):
                    outcome = self._exchange(step, deadline)
                else:
                    time.sleep(step)

    def _exchange(self, request: httpx.Request, deadline: float) -> Outcome:
        pipeline, sent = self._pipeline, self._pipeline.clock.steady()
        target, headers, secrets = pipeline.signed(request)
        remaining = deadline - sent
        try:
            with hidden(secrets), until(time.monotonic() + remaining):
                reply = self._wire.send(request, target, headers, remaining)
        except Exception as error:  # noqa: BLE001 - whatever went wrong on the wire, no answer came
            return pipeline.failed(request, error, deadline, secrets)
        return pipeline.answered(request, reply, sent, secrets)

    def close(self) -> None:
        self._wire.close()


class AsyncPipelineTransport(httpx.AsyncBaseTransport):
    """The same with `await`."""

    def __init__(self, pipeline: Pipeline, wire: AsyncWire) -> None:
        self._pipeline, self._wire = pipeline, wire

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        import anyio

        deadline = self._pipeline.deadline()
        outcome: Outcome | None = None
        with closing(self._pipeline.flow(request, deadline)) as flow:
            while True:
                try:
                    step = flow.send(outcome)
                except StopIteration as done:
                    return done.value  # type: ignore[no-any-return]  # a generator's third type is lost on the way
                if isinstance(step, httpx.Request):
                    outcome = await self._exchange(step, deadline)
                else:
                    await anyio.sleep(step)

    async def _exchange(self, request: httpx.Request, deadline: float) -> Outcome:
        import anyio

        pipeline, sent = self._pipeline, self._pipeline.clock.steady()
        target, headers, secrets = pipeline.signed(request)
        remaining = deadline - sent
        try:
            # A little later than the time-outs below, which know better how to tidy up.
            with hidden(secrets), anyio.fail_after(remaining + _GRACE):
                reply = await self._wire.send(request, target, headers, remaining)
        except Exception as error:  # noqa: BLE001 - whatever went wrong on the wire, no answer came
            return pipeline.failed(request, error, deadline, secrets)
        return pipeline.answered(request, reply, sent, secrets)

    async def aclose(self) -> None:
        await self._wire.aclose()
