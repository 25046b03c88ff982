"""A budget store for one process: a dictionary."""

from threading import RLock
from typing import Final

from attrs import define

from binance_wallet.forks import reset_after_fork

from .operations import Block, Blocked, Full, Operation, Reconcile, Release, Reserve, Verdict

LONGEST_BAN: Final = 3 * 86400.0


@define
class _Count:
    used: int = 0
    reported: int = 0


class MemoryStore:
    """Counts per endpoint and minute. Thread-safe."""

    def __init__(self) -> None:
        self.after_fork()
        self._counts: dict[tuple[str, int], _Count] = {}
        self._until, self._ban = 0.0, False
        reset_after_fork(self)

    def after_fork(self) -> None:
        self._lock = RLock()  # reentrant: a signal handler may make a call

    def perform(self, operation: Operation, deadline: float = 0.0) -> Verdict:  # noqa: ARG002 - nothing here takes time
        with self._lock:
            match operation:
                case Reserve():
                    return self._reserve(operation)
                case Release(endpoint, weight, minutes):
                    for minute in minutes:
                        count = self._count(endpoint, minute)
                        count.used = max(count.reported, count.used - weight)
                case Reconcile(endpoint, minute, used):
                    count = self._count(endpoint, minute)
                    count.reported = max(count.reported, used)
                    count.used = max(count.used, used)
                case Block(until, ban, now) if until > self._until or not self._blocks(now):
                    self._until, self._ban = until, ban or (self._ban and self._blocks(now))
        return None

    async def aperform(self, operation: Operation, deadline: float = 0.0) -> Verdict:
        return self.perform(operation, deadline)

    def used(self, minute: int) -> dict[str, int]:
        with self._lock:
            counted = {endpoint: 0 for endpoint, _ in self._counts}
            return counted | {endpoint: count.used for (endpoint, at), count in self._counts.items() if at == minute}

    def _reserve(self, wanted: Reserve) -> Verdict:
        if self._blocks(wanted.now):
            return Blocked(self._until, self._ban)
        counts = [self._count(wanted.endpoint, minute) for minute in wanted.minutes]
        if wanted.limit is not None and any(count.used + wanted.weight > wanted.limit for count in counts):
            return Full()
        for count in counts:
            count.used += wanted.weight
        return None

    def _blocks(self, now: float) -> bool:
        return now < self._until <= now + LONGEST_BAN  # if longer, the clock was wrong when it was set

    def _count(self, endpoint: str, minute: int) -> _Count:
        key = (endpoint, minute)
        if key not in self._counts:
            for endpoint_and_minute in [(name, at) for name, at in self._counts if name == endpoint]:
                if abs(endpoint_and_minute[1] - minute) > 1:
                    del self._counts[endpoint_and_minute]
            self._counts[key] = _Count()
        return self._counts[key]
