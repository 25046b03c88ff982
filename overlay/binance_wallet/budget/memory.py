"""The rule by which a budget store counts, and the store that counts in this process only."""

from collections.abc import Iterable
from functools import partial
from typing import Annotated, Final

from attrs import Factory, define
from msgspec import Meta

from binance_wallet.forks import ForkSafe

from .operations import Block, Blocked, Confirm, Full, Operation, Read, Release, Reserve, Verdict

LONGEST_BLOCK: Final = 4 * 86400.0  # a ban lasts up to 3 days; minutes are added to it, and clocks differ
_MINUTES_KEPT: Final = 4
_COUNTERS_KEPT: Final = 500  # paths of `call` may have numbers in them

# What a store that others can write may hold: anything else is garbage.
Weight = Annotated[int, Meta(ge=0, le=10**9)]
Seconds = Annotated[float, Meta(ge=0, le=4_102_444_800)]


@define
class Count:
    """The weight of one counter in one minute: `used`, with what is in flight, and `reported` by the exchange."""

    used: Weight = 0
    reported: Weight = 0


@define
class Counts:
    """What is known of one IP address: its counts by counter and minute, and until when it is blocked."""

    counts: dict[str, dict[int, Count]] = Factory(dict)
    until: float = 0.0
    ban: bool = False

    def perform(self, operation: Operation) -> Verdict:
        match operation:
            case Reserve(earliest=now) | Read(earliest=now) if self.is_blocked(now):
                return Blocked(self.until, self.ban)
            case Reserve(counter, weight, limit, minutes):
                counts = [*map(partial(self._count, counter), minutes)]
                if limit is not None and any(count.used + weight > limit for count in counts):
                    return Full()
                for count in counts:
                    count.used += weight
            case Release(counter, weight, minutes):
                self._release(counter, weight, minutes)
            case Confirm():
                self._confirm(operation)
            case Block(until, ban, now) if self.is_blocked(now):
                self.until, self.ban = max(self.until, until), self.ban or ban
            case Block(until, ban):
                self.until, self.ban = until, ban
        return None

    def _release(self, counter: str, weight: int, minutes: Iterable[int]) -> None:
        known = self.counts.get(counter, {})
        for minute in minutes:
            if count := known.get(minute):
                count.used = max(count.reported, count.used - weight)

    def _confirm(self, confirmed: Confirm) -> None:
        counter, weight, minutes, arrived, used, *_ = confirmed
        count = self._count(counter, arrived)
        if arrived not in minutes:  # it took longer than expected; the exchange has counted it already
            count.used += weight
        if used is not None:
            self._release(counter, weight, [minute for minute in minutes if minute != arrived])
            count.reported = max(count.reported, used)
            count.used = max(count.used, used)

    def is_blocked(self, now: float) -> bool:
        return now < self.until <= now + LONGEST_BLOCK  # if longer, a clock was wrong when it was set

    def update(self, counts: dict[str, dict[int, Count]]) -> None:
        """Take in the counts of another store, and keep those of other minutes."""
        for counter, minutes in counts.items():
            for minute, count in minutes.items():
                self._count(counter, minute)
                self.counts[counter][minute] = count

    def _count(self, counter: str, minute: int) -> Count:
        minutes = self.counts.setdefault(counter, {})
        if (count := minutes.get(minute)) is None:
            count = minutes[minute] = Count()
            if len(self.counts) > _COUNTERS_KEPT:
                del self.counts[next(each for each in self.counts if each != counter)]
            if len(minutes) > _MINUTES_KEPT:  # drop the oldest insertion: a wrong clock may have inserted the lowest
                del minutes[next(iter(minutes))]
        return count


class MemoryStore(ForkSafe):
    """Thread-safe."""

    def __str__(self) -> str:
        return "memory"

    def __init__(self) -> None:
        super().__init__()
        self.state = Counts()

    def perform(self, operation: Operation, deadline: float = 0.0) -> Verdict:  # noqa: ARG002 - nothing here takes time
        with self.lock:
            return self.state.perform(operation)

    async def aperform(self, operation: Operation, deadline: float = 0.0) -> Verdict:
        return self.perform(operation, deadline)

    def used(self, minute: int) -> dict[str, int]:
        with self.lock:
            counts = self.state.counts.items()
            return {counter: minutes[minute].used if minute in minutes else 0 for counter, minutes in counts}
