"""The rule by which budget stores count. `rule.lua` is the same inside Redis."""

from collections.abc import Iterable
from typing import Annotated, Final

from attrs import Factory, define
from msgspec import Meta

from .operations import Block, Blocked, Confirm, Full, Operation, Read, Release, Reserve, Verdict

LONGEST_BLOCK: Final = 4 * 86400.0  # a ban lasts up to 3 days; minutes are added to it, and clocks differ
_MINUTES_KEPT: Final = 4
_COUNTERS_KEPT: Final = 500  # paths of `call` may have numbers in them

# What a store that others can write may hold: anything else is garbage.
Weight = Annotated[int, Meta(ge=0, le=10**9)]
Seconds = Annotated[float, Meta(ge=0, le=4_102_444_800)]


@define
class MinuteUsage:
    """The weight of one counter in one minute: `used`, with what is in flight, and `reported` by the exchange."""

    used: Weight = 0
    reported: Weight = 0


@define
class AddressState:
    """What is known of one IP address: its usage by counter and minute, and until when it is blocked."""

    usage: dict[str, dict[int, MinuteUsage]] = Factory(dict)
    until: float = 0.0
    ban: bool = False

    def perform(self, operation: Operation) -> Verdict:
        match operation:
            case Reserve(earliest=now) | Read(earliest=now) if self.is_blocked(now):
                return Blocked(self.until, self.ban)
            case Reserve(counter, weight, limit, minutes):
                usages = [self._usage_of(counter, minute) for minute in minutes]
                if limit is not None and any(usage.used + weight > limit for usage in usages):
                    return Full()
                for usage in usages:
                    usage.used += weight
            case Release(counter, weight, minutes):
                self._release(counter, weight, minutes)
            case Confirm():
                self._confirm(operation)
            case Block(until, ban, now) if self.is_blocked(now):
                self.until = max(self.until, until)
                self.ban = self.ban or ban
            case Block(until, ban):
                self.until = until
                self.ban = ban
        return None

    def _release(self, counter: str, weight: int, minutes: Iterable[int]) -> None:
        known = self.usage.get(counter, {})
        for minute in minutes:
            if usage := known.get(minute):
                usage.used = max(usage.reported, usage.used - weight)

    def _confirm(self, confirmed: Confirm) -> None:
        counter, weight, minutes, arrived, used, *_ = confirmed
        usage = self._usage_of(counter, arrived)
        if arrived not in minutes:  # it took longer than expected; the exchange has counted it already
            usage.used += weight
        if used is not None:
            self._release(counter, weight, [minute for minute in minutes if minute != arrived])
            usage.reported = max(usage.reported, used)
            usage.used = max(usage.used, used)

    def is_blocked(self, now: float) -> bool:
        return now < self.until <= now + LONGEST_BLOCK  # if longer, a clock was wrong when it was set

    def update(self, usage: dict[str, dict[int, MinuteUsage]]) -> None:
        """Take in the usage that another store knows, and keep that of other minutes."""
        for counter, minutes in usage.items():
            for minute, of_minute in minutes.items():
                self._usage_of(counter, minute)
                self.usage[counter][minute] = of_minute

    def _usage_of(self, counter: str, minute: int) -> MinuteUsage:
        minutes = self.usage.setdefault(counter, {})
        if (usage := minutes.get(minute)) is None:
            usage = minutes[minute] = MinuteUsage()
            if len(self.usage) > _COUNTERS_KEPT:
                del self.usage[next(each for each in self.usage if each != counter)]
            if len(minutes) > _MINUTES_KEPT:  # drop the oldest insertion: a wrong clock may have inserted the lowest
                del minutes[next(iter(minutes))]
        return usage
