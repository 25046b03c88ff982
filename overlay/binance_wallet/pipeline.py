"""The steps of every call: budget, clock, signature, response, and retries.

No I/O: `Pipeline.flow` is a generator that yields steps, and `driver` performs them.
"""

import logging
from collections.abc import Callable, Generator
from http import HTTPStatus
from typing import Any, Final, Literal, NamedTuple, NoReturn

from attrs import define, field, frozen
from attrs.validators import optional
from binance_wallet_client.responses import MAX_ERROR_BYTES, banned_until, error_from
from binance_wallet_client.types import Call

from .budget import Blocked, Budget, Operation, Release, Reserve, WrongTime
from .budget.counters import counter_of
from .budget.operations import Full, Verdict
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
from .messages import LONGEST_BAN, Origin, Response, SignedRequest
from .options import number, plain_function
from .signing import Signer, sign

logger = logging.getLogger("binance_wallet")

_FIRST_BACKOFF: Final = 0.5  # seconds at most; then up to twice as long as before
_DOUBLINGS: Final = 4
_SHORTEST_PAUSE: Final = 1.0  # seconds
_WITHOUT_RETRY_AFTER: Final = {RateLimitError: 60.0, BannedError: 120.0}


@frozen
class Attempt:
    """What `on_attempt` gets after every attempt of a call and after every wait. It holds no secret.

    A cancelled attempt is not reported.
    """

    kind: Literal["attempt", "wait"]
    """"attempt" for a request that was sent, "wait" for a pause before one."""
    endpoint: str
    """The path of the endpoint, such as "/sapi/v1/accountSnapshot"."""
    number: int
    """Which attempt of the call it was, or comes after the wait; the first one is 1."""
    seconds: float
    """How long it took. Of a wait, how long it was meant to take."""
    status_code: int | None = None
    """The HTTP status; None if no response came, and for a wait."""
    error: WalletError | None = None
    """Why the attempt failed, or what the call would raise if it did not wait; None for success."""
    used_weight: int | None = None
    """The request weight that the exchange has counted in this minute, if the response says it."""


class Send(NamedTuple):
    """Send once. The outcome is a Response or a WalletError."""

    request: SignedRequest
    deadline: float


class Sleep(NamedTuple):
    """Sleep for `seconds`."""

    seconds: float


class Ask(NamedTuple):
    """Have the budget's store perform an operation. The outcome is its verdict."""

    operation: Operation
    deadline: float


# What a driver performs; an Attempt is handed to `on_attempt`.
Step = Send | Sleep | Ask | Attempt


@define
class _TimeLeft:
    """The time that a call has left. The deadline is in the clock's monotonic time."""

    deadline: float
    wait: float | None  # seconds that it may still wait for weight; None: it may wait until the deadline

    def allows(self, pause: float, now: float, failure: WalletError) -> bool:
        """Whether the call may sleep for `pause` seconds because of this failure."""
        if self.wait is not None and isinstance(failure, RateLimitError):
            return pause <= self.wait
        return now + pause < self.deadline

    def spend(self, pause: float, failure: WalletError) -> None:
        """Take the time for a pause: a wait for weight moves the deadline if `wait` is given."""
        if self.wait is not None and isinstance(failure, RateLimitError):
            self.wait -= pause
            self.deadline += pause


@frozen
class Pipeline:
    """A client's options, budget and clock, and the decisions on each call. No I/O."""

    origin: Origin
    api_key: str = field(repr=False)
    signer: Signer = field(repr=False)
    budget: Budget = field(repr=False)
    timeout: float = field(validator=number(float, 1e-3, 86_400))
    wait: float | None = field(validator=optional(number(float, 0, 86_400)))
    retries: int = field(validator=number(int, 0))
    recv_window: int | None = field(validator=optional(number(int, 1, 60_000)))
    weight_limit: int | None = field(validator=optional(number(int, 1)))
    on_attempt: Callable[[Attempt], object] | None = field(repr=False, validator=optional(plain_function))

    def __reduce__(self) -> NoReturn:
        raise TypeError("a client cannot be pickled, since it has connections and a key: make one in each process")

    def flow(self, build_call: Callable[[], Call]) -> Generator[Step, Any, Response]:
        """Yield steps and receive their outcomes; return the response or raise a WalletError.

        `build_call` is called for each attempt: what it asks for may depend on the exchange's time.
        """
        time_left = _TimeLeft(self.budget.clock.monotonic() + self.timeout, self.wait)
        retries_left = self.retries
        clock_corrected = False
        failure: WalletError | None = None
        attempt = 0
        while True:
            attempt += 1
            call, reserved = yield from self._reserve(build_call, time_left, attempt, failure)
            outcome = yield from self._attempt(call, reserved, time_left, attempt)
            if isinstance(outcome, Response):
                return outcome
            failure = outcome
            if isinstance(failure, NetworkError) and self.budget.clock.monotonic() >= time_left.deadline:
                raise DeadlineError(f"not done within {self.timeout:g} s", sent=failure.sent)
            pause: float | None = None
            if isinstance(failure, TimestampError) and not clock_corrected:
                clock_corrected = True  # by this response
                pause = 0.0
            elif retries_left > 0:
                pause = self._backoff(failure, self.retries - retries_left)
                retries_left -= 1
            # Unless it is idempotent, a call is repeated only if it was not sent.
            may_repeat = call.idempotent or not _may_have_been_sent(failure)
            if pause is None or not may_repeat or not time_left.allows(pause, self.budget.clock.monotonic(), failure):
                raise failure
            cause = str(failure).partition("; call again in")[0]  # the pause says when
            logger.info("%s: %s; trying again in %.1f s", call.endpoint, cause, pause, extra={"seconds": pause})
            yield from self._sleep(pause, call, time_left, attempt + 1, failure)

    def _attempt(
        self, call: Call, reserved: Reserve, time_left: _TimeLeft, attempt: int
    ) -> Generator[Step, Any, Response | WalletError]:
        """Sign and send once; return the response, or the error that came or that the response reports."""
        sent_at = self.budget.clock.monotonic()
        timestamp = int(self.budget.clock.now() * 1000)
        request = sign(call, self.origin, self.api_key, self.signer, timestamp=timestamp, recv_window=self.recv_window)
        outcome: Response | WalletError = yield Send(request, time_left.deadline)
        received_at = self.budget.clock.monotonic()
        error: WalletError | None
        operations: list[Operation] = []
        if isinstance(outcome, Response):
            error, operations = self._evaluate(call, outcome, reserved, sent_at, received_at)
        else:
            error = outcome
            if not _may_have_been_sent(error):
                operations = [Release(reserved.counter, reserved.weight, reserved.minutes)]
        for operation in operations:
            yield Ask(operation, time_left.deadline)
        if self.on_attempt is not None:
            yield _record(call, attempt, received_at - sent_at, outcome, error)
        return error or outcome

    def _reserve(
        self, build_call: Callable[[], Call], time_left: _TimeLeft, attempt: int, failure: WalletError | None
    ) -> Generator[Step, Any, tuple[Call, Reserve]]:
        """Wait until the budget has room for the call. `failure` is why the attempt before failed, if it did."""
        while True:
            call = build_call()
            counter, limit = counter_of(call, self.api_key, self.weight_limit)
            if limit is not None and call.weight > limit:
                raise InvalidRequestError(f"this call weighs {call.weight}, more than weight_limit={limit} allows")
            reservation = self.budget.reservation(counter, call.weight, limit)
            verdict: Verdict = yield Ask(reservation, time_left.deadline)
            match verdict:
                case None:
                    return call, reservation
                case WrongTime(now):
                    self.budget.learn(now)
                case Blocked() | Full():
                    yield from self._wait_for_weight(
                        call, reservation, verdict, time_left, attempt=attempt, failure=failure
                    )

    def _wait_for_weight(
        self,
        call: Call,
        reservation: Reserve,
        verdict: Blocked | Full,
        time_left: _TimeLeft,
        *,
        attempt: int,
        failure: WalletError | None,
    ) -> Generator[Step, Any, None]:
        """Wait until a refused reservation may succeed, or raise an error if the call may not wait so long."""
        match verdict:
            case Blocked(until, ban):
                pause = until - reservation.earliest
                kind, why = (BannedError, "is banned") if ban else (RateLimitError, "was told to wait")
                cause = f"this IP address {why}"
                # A block is waited for only if `wait` is given, and a ban never. If either ends within a second, it is
                # waited for: a corrected clock may have moved its end.
                may_wait = pause <= _SHORTEST_PAUSE or (time_left.wait is not None and not ban)
            case Full(now):
                pause = self.budget.plan_retry(reservation.counter, now)
                kind = RateLimitError
                cause = "the request weight of this minute is used up"
                may_wait = True
        refusal = kind(f"{cause}: this call was not sent", retry_after=pause)
        if not may_wait or not time_left.allows(pause, self.budget.clock.monotonic(), refusal):
            # An earlier failure says more than the refusal. But that of a wrong timestamp is dealt with.
            raise refusal if failure is None or isinstance(failure, TimestampError) else failure
        if pause > 1:
            logger.info("%s: %s; waiting %.0f s", call.endpoint, cause, pause, extra={"seconds": pause})
        yield from self._sleep(pause, call, time_left, attempt, refusal)

    def _sleep(
        self, seconds: float, call: Call, time_left: _TimeLeft, attempt: int, failure: WalletError
    ) -> Generator[Step, Any, None]:
        time_left.spend(seconds, failure)
        yield Sleep(seconds)
        if self.on_attempt is not None and seconds > 0:
            yield Attempt("wait", call.endpoint, attempt, seconds, error=failure)

    def _evaluate(
        self, call: Call, response: Response, reserved: Reserve, sent_at: float, received_at: float
    ) -> tuple[ApiError | None, list[Operation]]:
        """The error that a response reports, or None, and the budget operations that follow. Updates the clock."""
        # A large body is not decoded twice: the endpoint's decoder finds an error code, too.
        is_large = response.status_code == HTTPStatus.OK and len(response.content) > MAX_ERROR_BYTES
        error = None if is_large else error_from(response.status_code, response.content, call.success)
        # Ignore the date of an error without a code: it may be a gateway's. But a block is timed by the date beside it.
        is_from_exchange = error is None or error.code is not None or isinstance(error, RateLimitError)
        budget = self.budget
        date = response.date
        operations: list[Operation] = []
        if date is not None and is_from_exchange:
            budget.clock.learn(date, sent_at, received_at, refused=isinstance(error, TimestampError))
            used = response.used_weight(call.rate_limit.header)
            operations.append(budget.confirm(reserved, date, sent_at, used))
        if error is not None:
            now = budget.clock.now() if date is None else date
            seconds = response.retry_after(now)
            if isinstance(error, RateLimitError):
                is_ban = isinstance(error, BannedError)
                blocked_for = _seconds_of_block(error, seconds, now)
                block = budget.block_for(blocked_for, ban=is_ban, limited=self.weight_limit is not None)
                operations.append(block)
                seconds = block.until - block.now
            error.retry_after = seconds
        return error, operations

    def _backoff(self, error: WalletError, retries: int) -> float | None:
        """Seconds to wait before a further attempt (exponential, full jitter); None if another would not help."""
        jitter = self.budget.clock.time.uniform(0, _FIRST_BACKOFF * 2 ** min(retries, _DOUBLINGS))
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


def _record(
    call: Call, attempt: int, seconds: float, outcome: Response | WalletError, error: WalletError | None
) -> Attempt:
    if isinstance(outcome, Response):
        used = outcome.used_weight(call.rate_limit.header)
        return Attempt("attempt", call.endpoint, attempt, seconds, outcome.status_code, error, used)
    return Attempt("attempt", call.endpoint, attempt, seconds, error=error)


def _may_have_been_sent(error: WalletError) -> bool:
    """Whether the exchange may have received a request that ended in this error."""
    return not isinstance(error, InvalidRequestError) and not (isinstance(error, NetworkError) and not error.sent)


def _seconds_of_block(error: RateLimitError, seconds: float | None, now: float) -> float:
    """How long the exchange wants no request: for `seconds`, by `Retry-After`, or longer if its text says so."""
    if (end := banned_until(error.msg)) is not None:
        seconds = max(seconds or 0.0, min(end - now, LONGEST_BAN))
    if seconds is None or (isinstance(error, BannedError) and seconds <= 0):  # no ban is over at once
        return _WITHOUT_RETRY_AFTER[type(error)]
    return seconds
