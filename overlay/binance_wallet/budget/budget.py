"""When a request may be sent, whatever keeps the counts. No I/O: it makes the operations that a store performs."""

from collections.abc import Iterator
from functools import cache
from threading import RLock
from typing import Final

from attrs import frozen

from binance_wallet.clock import Clock
from binance_wallet.forks import reset_after_fork

from .memory import MemoryStore
from .operations import Block, Operation, Reconcile, Release, Reserve, Store

_MINUTE: Final = 60.0
_LATEST_ARRIVAL: Final = 10.0  # seconds that a request may take to arrive, the clock's lag included
_SPREAD: Final = 1.0  # seconds over which those who wait for a minute come back


@frozen
class Usage:
    """The weight of one endpoint in the running minute.

    `used`, `left` (None: no limit), and the seconds until the `reset`.
    """

    used: int
    left: int | None
    reset: float


class Budget:
    """The budget of one IP address at one exchange, and the clock that it goes by. Thread-safe.

    The exchange counts per address, so the clients of a process share a budget: see `shared_budget`.
    """

    def __init__(self, store: Store | None = None, clock: Clock | None = None) -> None:
        self.store: Store = store or MemoryStore()
        self.clock = clock or Clock()
        self.after_fork()
        self._refusals, self._blocked_until = 0, -_MINUTE  # in monotonic time
        reset_after_fork(self)

    def after_fork(self) -> None:
        self._lock = RLock()  # reentrant: a signal handler may make a call

    def reserve(self, endpoint: str, weight: int, limit: int | None) -> Reserve:
        """The reservation for a request that is sent now.

        It may arrive in this minute or in the next one: then its weight is reserved in both.
        """
        earliest = self.clock.lower_bound()
        first, last = int(earliest // _MINUTE), int((earliest + _LATEST_ARRIVAL) // _MINUTE)
        return Reserve(endpoint, weight, limit, (first, last) if last > first else (first,), self.clock.now())

    def reconcile(self, reserved: Reserve, date: float | None, used: int | None) -> Iterator[Operation]:
        """What follows for the counts from a response: its `Date`, and the weight that the exchange reports."""
        first, *next_minute = reserved.minutes
        arrived = first if date is None else int(date // _MINUTE)
        if next_minute == [arrived]:
            return  # it may have been counted in either minute, and `used` may be the count of either
        if next_minute and date is not None:
            yield Release(reserved.endpoint, reserved.weight, (*next_minute,))
        if used is not None:
            yield Reconcile(reserved.endpoint, arrived, used)

    def until_next_minute(self, waits: int) -> float:
        """Seconds to wait where a minute has no room; `waits` tells how often this call has waited already.

        All who wait for the same minute come back at a random moment of it, those who have waited longer earlier.
        """
        spread = self.clock.time.uniform(0, _SPREAD / 2**waits)
        return _MINUTE - self.clock.lower_bound() % _MINUTE + spread

    def block(self, seconds: float, *, ban: bool, limited: bool) -> tuple[Block, float]:
        """Stop all requests for so many seconds, or longer; returns for how long.

        With a limit, requests are only refused again and again if others use the address, too. All of them come back
        at the same time, and are too many: so each waits some more minutes, chosen at random.
        """
        monotonic = self.clock.monotonic()
        with self._lock:
            if monotonic >= self._blocked_until:  # else it was in flight when another was refused
                in_a_row = limited and monotonic < self._blocked_until + _MINUTE
                self._refusals = min(self._refusals + 1, 3) if in_a_row else 0
                seconds += _MINUTE * int(self.clock.time.uniform(0, 3**self._refusals))
            seconds = max(seconds, self._blocked_until - monotonic)
            self._blocked_until = monotonic + seconds
        now = self.clock.now()
        return Block(now + seconds, ban, now), seconds

    def usage(self, limit: int | None) -> dict[str, Usage]:
        """What each endpoint that was called has used in the running minute."""
        minute, into = divmod(self.clock.lower_bound(), _MINUTE)
        return {
            endpoint: Usage(used, None if limit is None else max(0, limit - used), _MINUTE - into)
            for endpoint, used in self.store.used(int(minute)).items()
        }


@cache
def shared_budget(host: bytes, proxy: str | None) -> Budget:  # noqa: ARG001 - the arguments are the cache's key
    """The one budget of this process for all requests that reach an exchange from the same address."""
    return Budget()
