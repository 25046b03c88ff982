"""The exchange's time, learned from the `Date` header of its responses."""

import math
import random
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from attrs import frozen

from .forks import ForkSafe

# How far this machine's monotonic clock may drift, in seconds a second: the most that NTP corrects.
DRIFT: Final = 500e-6
# The exchange refuses a timestamp that is 1 s ahead of it; stay well below that.
_AHEAD: Final = 0.5


async def _async_sleep(seconds: float) -> None:
    import anyio  # slow to import, and rarely needed

    await anyio.sleep(seconds)


@frozen
class Time:
    """This machine's time and random numbers. Tests and simulations replace it.

    Deadlines are in `monotonic`. Transports and shared stores compare them with `time.monotonic()` itself, since
    sockets and locks wait in real time.
    """

    wall: Callable[[], float] = time.time
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    async_sleep: Callable[[float], Awaitable[None]] = _async_sleep
    uniform: Callable[[float, float], float] = random.uniform


class Clock(ForkSafe):
    """Tells the exchange's time. Thread-safe, without I/O.

    A response with `Date: D` left the exchange between D and D + 1 s, and between our sending and our receiving.
    So `exchange time - monotonic time` lies in an interval, and each further response narrows it. A response that
    contradicts the interval means that a clock has jumped: then only the new response counts.
    """

    def __init__(self, time: Time | None = None) -> None:
        super().__init__()
        self.time = time or Time()
        self.monotonic = self.time.monotonic
        """Seconds on a clock that never jumps; deadlines are in this time."""
        self._low = -math.inf
        self._high = math.inf
        self._learned_at = 0.0
        # Until a response says otherwise, this machine's clock is right.
        self._offset = self.time.wall() - self.monotonic()

    def now(self) -> float:
        """The exchange's time in seconds since the epoch; after a response, at most half a second ahead of it."""
        return self.monotonic() + self._offset

    def lower_bound(self) -> float:
        """The earliest that the exchange's time can be. Before the first response, it is this machine's."""
        return self.bounds()[0]

    def bounds(self) -> tuple[float, float]:
        """The earliest and the latest that the exchange's time can be; the latest is infinite until a response came."""
        monotonic = self.monotonic()
        return monotonic + (self._low if self._low > -math.inf else self._offset), monotonic + self._high

    def uncertainty(self) -> timedelta:
        """How far `now` may be off: a day at first; later the difference to the wall clock (the machine may sleep)."""
        if math.isinf(self._low):
            return timedelta(days=1)
        return timedelta(seconds=abs(self.time.wall() - self.now()))

    def utc(self) -> datetime:
        """The exchange's time, as `now`, in UTC."""
        return datetime.fromtimestamp(self.now(), UTC)

    def learn(self, date: float, sent: float, received: float, *, refused: bool = False) -> None:
        """Learn from a response's `Date` (seconds since the epoch); `sent` and `received` are monotonic.

        With `refused`, the exchange did not accept our time (-1021): then only this response counts.
        """
        low, high = date - received, date + 1 - sent
        with self.lock:
            if not refused:
                drift = max(0.0, received - self._learned_at) * DRIFT
                narrowed = max(low, self._low - drift), min(high, self._high + drift)
                if narrowed[0] <= narrowed[1]:
                    low, high = narrowed
            self._low = low
            self._high = high
            self._learned_at = received
            # Keep the offset while it is possible and not too far ahead: it may be this machine's, which is finer.
            if refused or not low <= self._offset <= min(high, low + _AHEAD):
                self._offset = low + min((high - low) / 2, _AHEAD)
