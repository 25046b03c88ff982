"""The exchange's time, learned from the `Date` header of its answers."""

import math
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import RLock

# How far this machine's steady clock may stray, in seconds a second: what NTP allows itself at the most.
_DRIFT = 500e-6
# How far ahead of the exchange a timestamp may be without being refused is 1 s; stay well within.
_AHEAD = 0.5


class Clock:
    """Tells the exchange's time. Thread-safe, without I/O.

    An answer stamped `Date: D` left the exchange between D and D + 1 s, and between our sending and our receiving.
    So `exchange time - steady time` lies in an interval, and each further answer narrows it. An answer that
    contradicts what is known means that a clock has jumped: then only the new answer counts.
    """

    __slots__ = ("_at", "_high", "_lock", "_low", "_offset", "_wall", "steady")

    def __init__(self, wall: Callable[[], float] = time.time, steady: Callable[[], float] = time.monotonic) -> None:
        """`steady` is the time that everything here is measured in: it may not jump. `wall` only helps out."""
        self.steady = steady
        self._lock = RLock()  # a signal handler may call, too
        self._low, self._high, self._at = -math.inf, math.inf, 0.0
        self._wall = wall
        self._offset = wall() - steady()  # until an answer says otherwise, this machine's clock is right

    def now(self) -> float:
        """The exchange's time in seconds since the epoch, at most half a second ahead of the truth."""
        return self.steady() + self._offset

    def surely(self) -> float:
        """A time that the exchange's clock has surely reached, in seconds since the epoch."""
        return self.steady() + (self._offset if math.isinf(self._low) else self._low)

    def doubt(self) -> timedelta:
        """By how much `now` may be wrong: a day at first, then by what the wall clock says: a steady one may sleep."""
        return timedelta(days=1) if math.isinf(self._low) else timedelta(seconds=abs(self._wall() - self.now()))

    def at(self, steady: float) -> datetime:
        """The exchange's time at a moment of the steady clock, in UTC."""
        return datetime.fromtimestamp(steady + self._offset, UTC)

    def learn(self, date: float, sent: float, received: float, *, refused: bool = False) -> None:
        """Take in an answer's `Date` (seconds since the epoch); `sent` and `received` are steady.

        `refused`: the exchange did not accept our time (-1021), so nothing that we believed so far counts.
        """
        low, high = date - received, date + 1 - sent
        with self._lock:
            if not refused:
                drift = max(0.0, received - self._at) * _DRIFT
                narrowed = max(low, self._low - drift), min(high, self._high + drift)
                if narrowed[0] <= narrowed[1]:
                    low, high = narrowed
            self._low, self._high, self._at = low, high, received
            if refused or not low <= self._offset <= min(high, low + _AHEAD):
                self._offset = low + min((high - low) / 2, _AHEAD)
