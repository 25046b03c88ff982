"""The request-weight budget, and bans: what keeps this IP address welcome."""

import os
import random
from functools import cache
from threading import RLock

from attrs import define, frozen

from .clock import Clock
from .errors import BannedError, InvalidRequestError, RateLimitError

_MINUTE = 60.0


@frozen
class Usage:
    """The weight of one endpoint in the running minute: `used`, `left` (None: no limit), seconds until the `reset`."""

    used: int
    left: int | None
    reset: float


@define
class _Count:
    minute: float
    used: int = 0
    told: int = 0  # by the exchange
    under_way: int = 0


class Budget:
    """Counts weight per endpoint and minute of the exchange, and remembers until when to stay away. Thread-safe.

    The exchange counts per IP address, so the clients of a process share a budget and the clock that it goes by
    (`shared_budget`). The exchange's own count stands in for the processes and machines that we cannot see.
    """

    __slots__ = ("_again", "_ban", "_counts", "_crowded", "_lock", "_process", "_until", "clock")

    def __init__(self) -> None:
        self._lock = RLock()  # a call that the garbage collector ends may land in the midst of another's reservation
        self.clock, self._process = Clock(), os.getpid()
        self._counts: dict[str, _Count] = {}
        self._crowded, self._again, self._ban, self._until = False, 0, False, -_MINUTE  # the last in steady time

    def reserve(self, endpoint: str, weight: int, limit: int | None, clock: Clock) -> float:
        """Take `weight` and return 0.0, or take nothing and return the seconds until the next minute.

        `limit` is weight per endpoint and minute; None counts and never holds back. Raises RateLimitError or
        BannedError while the exchange wants us to stay away.
        """
        if self._process != os.getpid():  # after a fork, what is under way is the parent's, and so may be the lock
            self._lock, self._process = RLock(), os.getpid()
            for count in self._counts.values():
                count.under_way = 0
        with self._lock:
            if (left := self._until - clock.steady()) > 0:
                raise self._away(left)
            minute, into = divmod(clock.surely(), _MINUTE)
            count = self._count(endpoint, minute)
            if limit is not None and count.used + weight > limit:
                if weight > limit:
                    raise InvalidRequestError(f"this call weighs {weight}, more than weight_limit={limit} allows")
                return _MINUTE - into
            count.used += weight
            count.under_way += weight
            return 0.0

    def landed(self, endpoint: str, weight: int, *, unsent: bool = False) -> None:
        """A request is not under way any more; if it did not reach the exchange, it weighs nothing."""
        with self._lock:
            count = self._counts[endpoint]
            count.under_way -= weight
            if unsent:
                count.used = max(count.told, count.used - weight)

    def settle(self, endpoint: str, used: int, at: float) -> None:
        """Take in the weight that the exchange had counted for this IP address at its time `at`."""
        minute = at // _MINUTE
        with self._lock:
            count = self._count(endpoint, minute)
            if count.minute == minute:  # else it is a late answer, from the minute before
                self._crowded |= used > count.used  # others share the address
                count.told, count.used = max(count.told, used), max(count.used, used)

    def stay_away(self, seconds: float, clock: Clock, *, ban: bool) -> float:
        """Let no request out for so long, or longer where that helps a crowded address; returns for how long."""
        with self._lock:
            if (now := clock.steady()) >= self._until:  # else it was under way when another was refused
                # All came back together and too many: in which minute each comes again is left to chance.
                self._again = min(self._again + 1, 3) if self._crowded and now < self._until + _MINUTE else 0
                seconds += _MINUTE * random.randrange(3**self._again)  # noqa: S311 - no secret
            if (until := now + seconds) <= self._until:
                return self._until - now
            self._until, self._ban = until, ban or (self._ban and now < self._until)
            return seconds

    def usage(self, limit: int | None, clock: Clock) -> dict[str, Usage]:
        """What each endpoint that was called has used."""
        minute, into = divmod(clock.surely(), _MINUTE)
        with self._lock:
            used = {endpoint: self._count(endpoint, minute).used for endpoint in self._counts}
        return {
            endpoint: Usage(weight, None if limit is None else max(0, limit - weight), _MINUTE - into)
            for endpoint, weight in used.items()
        }

    def _count(self, endpoint: str, minute: float) -> _Count:
        """The count for this minute, or for the next one if an answer has told of that already."""
        count = self._counts.setdefault(endpoint, _Count(minute))
        if count.minute not in (minute, minute + 1):
            # What is under way may arrive in either minute.
            count.minute, count.used, count.told = minute, count.under_way, 0
        return count

    def _away(self, seconds: float) -> RateLimitError:
        kind, why = (BannedError, "is banned") if self._ban else (RateLimitError, "was asked to wait")
        return kind(f"this IP address {why}: nothing was sent", retry_after=seconds)


@cache
def shared_budget(host: bytes, proxy: str | None) -> Budget:  # noqa: ARG001 - the arguments are the cache's key
    """The one budget of this process for all that reaches an exchange from the same address."""
    return Budget()
