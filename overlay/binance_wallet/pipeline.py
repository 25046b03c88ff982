"""What every request goes through: budget, clock, signature, answer, and round again where that can help.

Nothing here does any I/O. `Pipeline.flow` is a generator that yields what it wants done: `wire.transport` does it.
"""

import logging
import math
import random
import re
from collections.abc import Generator
from typing import Any, Final
from urllib.parse import unquote

import httpx
from attrs import field, frozen
from binance_wallet_client.responses import error_from

from .clock import Clock
from .errors import (
    BannedError,
    DeadlineError,
    InvalidResponseError,
    NetworkError,
    RateLimitError,
    ServerError,
    TimestampError,
    WalletError,
)
from .limits import Budget
from .period import check_day
from .signing import Signer
from .wire.call import Call, Headers
from .wire.deadline import current
from .wire.reply import UNSENT, Reply
from .wire.secrecy import scrubbed

logger = logging.getLogger("binance_wallet")

_LARGEST_ERROR: Final = 64 * 1024
_FIRST_BACKOFF, _LONGEST_BACKOFF, _LEAST_PAUSE = 0.5, 8.0, 1.0  # seconds
_WITHOUT_RETRY_AFTER: Final = {RateLimitError: 60.0, BannedError: 120.0}

Step = Call | float  # sign and send this; or do nothing for so many seconds
Outcome = Reply | WalletError
Flow = Generator[Step, Any, Reply]  # a call is sent an Outcome, a wait nothing


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
        return min(self.clock.steady() + self.timeout, current() or math.inf)

    def flow(self, call: Call, deadline: float) -> Flow:
        """Yield steps, be sent the outcome of each, return the answer or raise an error of ours."""
        clock, endpoint, weight = self.clock, call.endpoint, call.weight
        retries = self.retries if call.method == "GET" else 0  # what does not only read may have been done
        failures, failure, clock_corrected = 0, None, False
        while True:
            check_day(clock)
            while pause := self.budget.reserve(endpoint, weight, self.weight_limit, clock):
                if clock.steady() + pause >= deadline:
                    used_up = RateLimitError(
                        "the weight of this minute is used up: nothing was sent", retry_after=pause
                    )
                    raise failure or used_up
                yield pause
            outcome: Any = None  # an Outcome, in time
            try:
                outcome = yield call
            finally:  # a call that is cancelled ends here, too
                cause = getattr(outcome, "__cause__", None)
                self.budget.landed(endpoint, weight, unsent=type(cause).__name__ in UNSENT)
            if isinstance(outcome, Reply):
                check_day(clock)
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

    def signed(self, call: Call) -> tuple[bytes, Headers, set[str]]:
        """Path and query of a call as they go to the wire, stamped and signed now; its headers; its secrets."""
        parameters = [call.query] if call.query else []
        if self.recv_window is not None and not re.search(rb"(^|&)recvWindow=", call.query):
            parameters.append(b"recvWindow=%d" % self.recv_window)
        parameters.append(b"timestamp=%d" % (self.clock.now() * 1000))
        payload = b"&".join(parameters)
        signature = self.sign(payload)
        # A word as short as test keys may be is not blacked out: it would be taken out of data.
        secrets = {word for word in (signature, unquote(signature), self.api_key) if len(word) >= 16}
        target = b"%s?%s&signature=%s" % (call.path, payload, signature.encode())
        return target, [*call.headers, ("X-MBX-APIKEY", self.api_key)], secrets

    def answered(self, call: Call, reply: Reply, sent: float, secrets: set[str]) -> Outcome:
        """The answer, or the error that it stands for; what it tells of time and weight is learned on the way."""
        reply = reply.without(secrets)
        # To look for an error code in a large success is left to those who read all of it.
        large = reply.status_code == 200 and len(reply.content) > _LARGEST_ERROR
        error = None if large else error_from(reply.status_code, reply.content)
        if (date := reply.date) is not None:
            self.clock.learn(date, sent, self.clock.steady(), refused=isinstance(error, TimestampError))
        now = self.clock.now() if date is None else date
        if (used := reply.used_weight) is not None:
            self.budget.settle(call.endpoint, used, now)
        if error is None:
            return reply
        error.retry_after = reply.retry_after(now)
        if isinstance(error, RateLimitError):
            if error.retry_after is None:
                error.retry_after = _WITHOUT_RETRY_AFTER[type(error)]
            ban = isinstance(error, BannedError)
            error.retry_after = self.budget.stay_away(error.retry_after, self.clock, ban=ban)
        return error

    def failed(
        self, call: Call, error: BaseException, handled: BaseException | None, deadline: float, secrets: set[str]
    ) -> WalletError:
        """The error of an exchange that brought no answer; `handled` is what the user's code was handling meanwhile."""
        if isinstance(error, WalletError):
            return error.with_traceback(None)
        cause, said = scrubbed(error, handled, secrets, call.unsigned(self.origin))
        failure: WalletError = NetworkError(f"{self.origin}: {type(error).__name__}: {said}")
        if self.clock.steady() >= deadline:
            failure = DeadlineError(f"not done within {self.timeout:g} s")
        elif isinstance(error, httpx.DecodingError):
            failure = InvalidResponseError(said)
        failure.__cause__ = cause
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
