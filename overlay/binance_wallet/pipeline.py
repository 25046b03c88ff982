"""The steps of every request: budget, clock, signature, response, and retries.

No I/O: `Pipeline.flow` is a generator that yields steps, and `driver` performs them.
"""

import logging
import re
from collections.abc import Generator
from typing import Any, Final, NamedTuple

import httpx2
from attrs import field, frozen
from attrs.validators import optional
from binance_wallet_client.responses import error_from

from .budget import Blocked, Budget, Operation, Release, Reserve, WrongTime
from .clock import Clock
from .errors import (
    ApiError,
    BannedError,
    DeadlineError,
    InvalidRequestError,
    NetworkError,
    RateLimitError,
    ServerError,
    TimestampError,
    WalletError,
)
from .messages import Request, Response, SignedRequest
from .options import number
from .signing import Signer

logger = logging.getLogger("binance_wallet")

_LARGEST_ERROR: Final = 64 * 1024
_FIRST_BACKOFF, _DOUBLINGS = 0.5, 4  # up to 0.5 s, and then up to twice as long as before, four times
_SHORTEST_PAUSE = 1.0  # seconds
_WITHOUT_RETRY_AFTER: Final = {RateLimitError: 60.0, BannedError: 120.0}


class Sleep(NamedTuple):
    seconds: float


# What a driver performs: send once (the outcome is a Response or a WalletError), sleep, or ask the budget's store.
Step = SignedRequest | Sleep | Operation


@frozen
class Pipeline:
    """A client's options, budget and clock, and the decisions on each request. No I/O."""

    origin: httpx2.URL
    api_key: str = field(repr=False)
    sign: Signer = field(repr=False)
    budget: Budget = field(repr=False)
    timeout: float = field(validator=number(float, 1e-3, 86_400))
    retries: int = field(validator=number(int, 0))
    recv_window: int | None = field(validator=optional(number(int, 1, 60_000)))
    weight_limit: int | None = field(validator=optional(number(int, 1)))

    @property
    def clock(self) -> Clock:
        return self.budget.clock

    def flow(self, request: Request, deadline: float) -> Generator[Step, Any, Response]:
        """Yield steps and receive their outcomes; return the response or raise a WalletError."""
        failures, clock_corrected = 0, False
        failure: WalletError | None = None
        while True:
            reserved = yield from self._reserve(request, deadline, failure)
            sent_at = self.clock.monotonic()
            outcome: Response | WalletError = yield self._signed(request)
            if isinstance(outcome, Response):
                outcome = yield from self._judge(outcome, reserved, sent_at)
                if isinstance(outcome, Response):
                    return outcome
            elif isinstance(outcome, InvalidRequestError) or (isinstance(outcome, NetworkError) and not outcome.sent):
                yield Release(reserved.endpoint, reserved.weight, reserved.minutes)
            failure = outcome
            if isinstance(failure, NetworkError) and self.clock.monotonic() >= deadline:
                raise DeadlineError(f"not done within {self.timeout:g} s", sent=failure.sent)
            pause: float | None = None
            if isinstance(failure, TimestampError) and not clock_corrected:
                clock_corrected, pause = True, 0.0  # by this response
            elif failures < self.retries:
                failures += 1
                pause = self._pause(failure, failures)
            # Unless it is idempotent, a request is repeated only if it has not left.
            may_repeat = request.idempotent or (isinstance(failure, NetworkError) and not failure.sent)
            if pause is None or not may_repeat or self.clock.monotonic() + pause >= deadline:
                raise failure
            logger.info("%s: %s; trying again in %.1f s", request.endpoint, failure, pause, extra={"seconds": pause})
            yield Sleep(pause)

    def _reserve(self, request: Request, deadline: float, failure: WalletError | None) -> Generator[Step, Any, Reserve]:
        """Wait until the budget has room for the request. `failure` is why the attempt before failed, if it did."""
        limit = self.weight_limit
        if limit is not None and request.weight > limit:
            raise InvalidRequestError(f"this call weighs {request.weight}, more than weight_limit={limit} allows")
        while True:
            wanted = self.budget.reserve(request.endpoint, request.weight, limit)
            verdict = yield wanted
            if verdict is None:
                return wanted
            if isinstance(verdict, WrongTime):
                self.budget.learn(verdict.now)
                continue
            if isinstance(verdict, Blocked):
                pause = verdict.until - wanted.earliest
                kind, why = (BannedError, "is banned") if verdict.ban else (RateLimitError, "was told to wait")
                refusal = kind(f"this IP address {why}: nothing was sent", retry_after=pause)
            else:
                pause = self.budget.until_next_minute(request.endpoint, verdict.now)
                refusal = RateLimitError("the weight of this minute is used up: nothing was sent", retry_after=pause)
            # A block is not waited for. But where the clock was corrected, its end may have moved by a moment.
            is_block = isinstance(verdict, Blocked) and pause > _SHORTEST_PAUSE
            if is_block or self.clock.monotonic() + pause >= deadline:
                raise refusal if isinstance(failure, TimestampError) else failure or refusal
            if pause > 1:
                words = "%s: the request weight of this minute is used up; waiting %.0f s"
                logger.info(words, request.endpoint, pause, extra={"seconds": pause})
            yield Sleep(pause)

    def _signed(self, request: Request) -> SignedRequest:
        """The request with a new timestamp and a new signature."""
        parameters = [request.query] if request.query else []
        if self.recv_window is not None and not re.search(rb"(^|&)recvWindow=", request.query):
            parameters.append(b"recvWindow=%d" % self.recv_window)
        parameters.append(b"timestamp=%d" % (self.clock.now() * 1000))
        payload = b"&".join(parameters)
        return request.signed(self.api_key, payload, self.sign(payload + request.content))

    def _judge(
        self, response: Response, reserved: Reserve, sent_at: float
    ) -> Generator[Operation, Any, Response | ApiError]:
        """Return the response, or the error that it reports. Learn the time and the used weight from its headers."""
        # A large body is not decoded twice: the endpoint's decoder finds an error code, too.
        is_large = response.status_code == httpx2.codes.OK and len(response.content) > _LARGEST_ERROR
        error = None if is_large else error_from(response.status_code, response.content)
        # An error without a code may be a gateway's, with the gateway's date. A block counts from the date beside it.
        is_the_exchange = error is None or error.code is not None or isinstance(error, RateLimitError)
        date = response.date
        if date is not None and is_the_exchange:
            self.clock.learn(date, sent_at, self.clock.monotonic(), refused=isinstance(error, TimestampError))
            yield from self.budget.reconcile(reserved, date, sent_at, response.used_weight)
        if error is None:
            return response
        error.retry_after = response.retry_after(self.clock.now() if date is None else date)
        if isinstance(error, RateLimitError):
            seconds, is_ban = error.retry_after, isinstance(error, BannedError)
            if seconds is None or (is_ban and not seconds):  # no ban is over at once
                seconds = _WITHOUT_RETRY_AFTER[type(error)]
            block, error.retry_after = self.budget.block(seconds, ban=is_ban, limited=self.weight_limit is not None)
            yield block
        return error

    def _pause(self, error: WalletError, failures: int) -> float | None:
        """Seconds to wait before the next attempt (exponential, full jitter); None if another would not help."""
        jitter = self.clock.time.uniform(0, _FIRST_BACKOFF * 2 ** min(failures - 1, _DOUBLINGS))
        match error:
            case BannedError():
                return None
            case RateLimitError():
                return max(jitter, _SHORTEST_PAUSE, error.retry_after or 0.0)
            case ServerError() if not 400 <= (error.status_code or 0) < 500:
                return max(jitter, error.retry_after or 0.0)
            case NetworkError():
                return jitter
        return None
