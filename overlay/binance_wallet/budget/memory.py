"""The rule by which a budget store counts, and the store that counts in this process only."""

from collections.abc import Iterable
from functools import partial
from typing import Annotated, Final

from attrs import Factory, define
from msgspec import Meta

from binance_wallet.forks import ForkSafe

from .operations import Block, Blocked, Full, Operation, Release, Reserve, Settle, Verdict

LONGEST_BLOCK: Final = 4 * 86400.0  # a ban lasts up to 3 days; minutes are added to it, and clocks differ
_MINUTES_KEPT: Final = 4
_ENDPOINTS_KEPT: Final = 500  # paths of `call` may have numbers in them

# What a store that others can write may hold: anything else is garbage.
Weight = Annotated[int, Meta(ge=0, le=10**9)]
Seconds = Annotated[float, Meta(ge=0, le=4_102_444_800)]


@define
class Count:
    """The weight of one endpoint in one minute: `used`, with reservations, and `reported` by the exchange."""

    used: Weight = 0
    reported: Weight = 0


@define
class Counts:
    """What is known of one IP address: the counts by endpoint and minute, and until when it is blocked."""

    counts: dict[str, dict[int, Count]] = Factory(dict)
    until: float = 0.0
    ban: bool = False

    def perform(self, operation: Operation) -> Verdict:
        match operation:
            case Reserve(endpoint, weight, limit, minutes, now):
                if self.is_blocked(now):
                    return Blocked(self.until, self.ban)
                counts = [*map(partial(self._count, endpoint), minutes)]
                if limit is not None and any(count.used + weight > limit for count in counts):
                    return Full()
                for count in counts:
                    count.used += weight
            case Release(endpoint, weight, minutes):
                self._release(endpoint, weight, minutes)
            case Settle():
                self._settle(operation)
            case Block(until, ban, now) if self.is_blocked(now):
                self.until, self.ban = max(self.until, until), self.ban or ban
            case Block(until, ban):
                self.until, self.ban = until, ban
        return None

    def _release(self, endpoint: str, weight: int, minutes: Iterable[int]) -> None:
        known = self.counts.get(endpoint, {})
        for minute in minutes:
            if count := known.get(minute):
                count.used = max(count.reported, count.used - weight)

    def _settle(self, settled: Settle) -> None:
        count = self._count(settled.endpoint, settled.arrived)
        if settled.arrived not in settled.minutes:  # it took longer than expected; the exchange has counted it already
            count.used += settled.weight
        if settled.used is not None:
            if settled.minutes != (settled.arrived,):
                others = [minute for minute in settled.minutes if minute != settled.arrived]
                self._release(settled.endpoint, settled.weight, others)
            count.reported = max(count.reported, settled.used)
            count.used = max(count.used, settled.used)

    def is_blocked(self, now: float) -> bool:
        return now < self.until <= now + LONGEST_BLOCK  # if longer, a clock was wrong when it was set

    def update(self, counts: dict[str, dict[int, Count]]) -> None:
        """Take in the counts of another store, and keep those of other minutes."""
        for endpoint, minutes in counts.items():
            for minute, count in minutes.items():
                self._count(endpoint, minute)
                self.counts[endpoint][minute] = count

    def _count(self, endpoint: str, minute: int) -> Count:
        minutes = self.counts.setdefault(endpoint, {})
        if (count := minutes.get(minute)) is None:
            count = minutes[minute] = Count()
            if len(self.counts) > _ENDPOINTS_KEPT:
                del self.counts[next(each for each in self.counts if each != endpoint)]
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
            return {endpoint: minutes[minute].used if minute in minutes else 0 for endpoint, minutes in counts}
