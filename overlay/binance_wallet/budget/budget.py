"""Decides when a request may be sent. No I/O: it makes operations, and a store performs them."""

from collections.abc import Callable, Hashable
from typing import Final

from attrs import frozen

from binance_wallet.clock import Clock
from binance_wallet.forks import ForkSafe

from .counters import limit_of
from .memory import MemoryStore
from .operations import Block, Confirm, Read, Reserve, Store

_MINUTE: Final = 60.0
_LATEST_ARRIVAL: Final = 10.0  # seconds that a request may take to arrive, the clock's lag included


@frozen
class Usage:
    """The weight of one counter in the running minute: `used`, `left` (None: no limit); seconds until the `reset`."""

    used: int
    left: int | None
    reset: float


class Budget(ForkSafe):
    """The budget of one IP address at one exchange, which its clients share, and the clock that it goes by."""

    def __init__(self, store: Store | None = None, clock: Clock | None = None) -> None:
        super().__init__()
        self.store: Store = store or MemoryStore()
        self.clock = clock or Clock()
        self._waiting_since: dict[str, int] = {}  # the minute in which a counter was first full
        self._refusals = 0  # in a row
        self._blocked_until = -_MINUTE  # in monotonic time

    def reservation(self, counter: str, weight: int, limit: int | None) -> Reserve:
        """The reservation for a request that is sent now.

        It may arrive in this minute or in the next one: then its weight is reserved in both. A reservation ends
        with its minute, so nothing has to be undone if this process ends before the response.
        """
        earliest, latest = self.clock.bounds()
        first = int(earliest // _MINUTE)
        last = int((earliest + _LATEST_ARRIVAL) // _MINUTE)
        minutes = (first, last) if last > first else (first,)
        return Reserve(counter, weight, limit, minutes, earliest, latest)

    def confirm(self, reserved: Reserve, date: float, sent_at: float, used: int | None) -> Confirm:
        """Take in that a reserved request was counted, by the `Date` and the used weight of its response.

        Returns the operation that tells the store. Forgets since when callers have waited for this counter.
        """
        self._waiting_since.pop(reserved.counter, None)
        arrived = int(date // _MINUTE)
        earliest, latest = self.clock.bounds()
        sent_in = (earliest - (self.clock.monotonic() - sent_at)) // _MINUTE
        # Sent in another minute, it may have been counted in either, and `used` may be the count of either.
        known = (used or 0) if sent_in == arrived else None
        return Confirm(reserved.counter, reserved.weight, reserved.minutes, arrived, known, earliest, latest)

    def learn(self, now: float) -> None:
        """Take in what other processes have learned: the exchange's time is `now` or a little later."""
        monotonic = self.clock.monotonic()
        self.clock.learn(now, monotonic, monotonic)

    def plan_retry(self, counter: str, now: float = 0.0) -> float:
        """Note that a caller waits for the next minute of a full counter. Returns the seconds until it tries again.

        Other processes have learned that it is `now` or later. Callers that wait for the same minute retry in its first
        second, in 16 slots: the longer a caller has waited, the earlier its slot. The time within a slot is random.
        """
        if now > self.clock.lower_bound():
            self.learn(now)
        minute, into = divmod(self.clock.lower_bound(), _MINUTE)
        waited = int(minute) - self._waiting_since.setdefault(counter, int(minute))
        slot = max(15 - waited, 0) + self.clock.time.uniform(0, 1)
        return _MINUTE - into + slot / 16

    def block_for(self, seconds: float, *, ban: bool, limited: bool) -> Block:
        """Block the address after a refusal, for `seconds` or longer. Returns the operation that tells the store.

        A refusal within a minute after a block, in spite of a limit, means that others use the address, too, and that
        all come back at the same time. So each waits some more minutes, chosen at random: up to 2, 8, then 26.
        """
        with self.lock:
            monotonic = self.clock.monotonic()
            if monotonic >= self._blocked_until:  # otherwise it was sent before the block
                in_a_row = limited and monotonic < self._blocked_until + _MINUTE
                self._refusals = min(self._refusals + 1, 3) if in_a_row else 0
                seconds += _MINUTE * int(self.clock.time.uniform(0, 3**self._refusals))
            seconds = max(seconds, self._blocked_until - monotonic)
            self._blocked_until = monotonic + seconds
        now = self.clock.now()
        return Block(now + seconds, ban, now)

    def reading(self) -> Read:
        """The operation that reads what all have used in the running minute, and whether requests are blocked."""
        earliest, latest = self.clock.bounds()
        return Read((int(earliest // _MINUTE),), earliest, latest)

    def usage(self, weight_limit: int | None) -> dict[str, Usage]:
        """What is known to be used in the running minute, by counter."""
        minute, into = divmod(self.clock.lower_bound(), _MINUTE)
        found = {}
        for counter, used in self.store.used(int(minute)).items():
            limit = limit_of(counter, weight_limit)
            left = None if limit is None else max(0, limit - used)
            found[counter] = Usage(used, left, _MINUTE - into)
        return found


_shared: Final[dict[Hashable, Budget]] = {}
forget_budgets = _shared.clear
"""Count anew: for tests, whose exchanges may have the same port, one after the other."""


def shared_budget(key: Hashable, make: Callable[[], Budget] = Budget) -> Budget:
    """The one budget of this process for a key: the exchange, and the address by which requests reach it."""
    return _shared.get(key) or _shared.setdefault(key, make())  # atomic: all threads get the same one
