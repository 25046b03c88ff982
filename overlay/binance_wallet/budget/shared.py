"""Base of shared stores: they also keep the exchange's time, and this process counts on its own while they fail."""

import logging
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from math import inf
from typing import Annotated, Final, NamedTuple

from attrs import define
from msgspec import Meta

from binance_wallet.clock import DRIFT
from binance_wallet.forks import ForkSafe

from .memory import MemoryStore
from .operations import Block, Blocked, Confirm, Full, Operation, Read, Release, Reserve, Verdict, WrongTime
from .rule import AddressState, MinuteUsage, Seconds

logger = logging.getLogger("binance_wallet")

TIME_TTL: Final = 3600.0  # seconds: later, drift could be more than the exchange accepts
SUSPEND_TOLERANCE: Final = 1.0  # seconds: a monotonic clock that is further behind stood still with its machine
MIN_TIMEOUT: Final = 0.1  # seconds that a store may always take; with less time left, nothing is reserved in it
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 30.0  # seconds until a store that failed is tried again


class StoreError(Exception):
    """A store failed. The text says why, and holds no secret."""


class Reply(NamedTuple):
    """What a store made of some operations: the verdict on the last one, and the usage that it knows now."""

    verdict: Verdict
    usage: dict[str, dict[int, MinuteUsage]]


@define
class SharedAddressState(AddressState):
    """What is known of one IP address, and of the exchange's time by the store's own clock.

    At `learned_at`, the exchange's time was at least `offset` ahead of that clock. With it, a process whose clock is
    wrong starts with the right time, and all who wait for a minute agree when it begins.
    """

    offset: Annotated[float, Meta(ge=-4_102_444_800, le=4_102_444_800)] = 0.0
    learned_at: Seconds = 0.0

    def perform_at(self, now: float, operation: Operation) -> Verdict:
        """Perform this when the store's clock is at `now`."""
        age = now - self.learned_at
        known = now + self.offset - DRIFT * age if 0 <= age < TIME_TTL else None
        match operation:
            case Reserve(latest=latest) | Read(latest=latest) if known is not None:
                if latest == inf or known > latest + SUSPEND_TOLERANCE:
                    return WrongTime(known)
            case Confirm(earliest=earliest, latest=latest) if latest < inf:
                if known is None or not earliest <= known <= latest:
                    self.offset = earliest - now
                    self.learned_at = now
        verdict = self.perform(operation)
        return Full(known or 0.0) if isinstance(verdict, Full) else verdict


class SharedStore(ForkSafe, ABC):
    """A store that other processes use, too.

    While it fails, this process counts on its own, beginning with what it knew last; a circuit breaker keeps
    calls from waiting for it. Each reservation brings along what this process knows from the exchange itself, so that a
    store which has lost its memory gets it back.
    """

    max_timeout: float  # seconds that an operation may take

    def __init__(self) -> None:
        self._local = MemoryStore()
        self._pause = 0.0
        self._retry_at = -inf
        self._failed_at = -inf
        self._local_reservations: list[Reserve] = []  # in this process only, in the last minutes
        self.failure: str | None = None  # why it fails, if it does
        super().__init__()

    @abstractmethod
    def _call(self, operations: Sequence[Operation], seconds: float) -> Reply:
        """Perform the operations as one, or raise StoreError after `seconds`."""

    @abstractmethod
    async def _acall(self, operations: Sequence[Operation], seconds: float) -> Reply: ...

    def perform(self, operation: Operation, deadline: float) -> Verdict:
        asked_at = time.monotonic()
        if self._admit(operation, asked_at, deadline):
            try:
                return self._received(self._call(self._prepare(operation), self._timeout(asked_at, deadline)))
            except StoreError as error:
                self._failed(error, asked_at)
        return self._perform_locally(operation)

    async def aperform(self, operation: Operation, deadline: float) -> Verdict:
        asked_at = time.monotonic()
        if self._admit(operation, asked_at, deadline):
            try:
                return self._received(await self._acall(self._prepare(operation), self._timeout(asked_at, deadline)))
            except StoreError as error:
                self._failed(error, asked_at)
        return self._perform_locally(operation)

    def used(self, minute: int) -> dict[str, int]:
        return self._local.used(minute)

    def _admit(self, operation: Operation, now: float, deadline: float) -> bool:
        """Whether the store is asked. After a failure, one caller at a time is admitted, to try it.

        What a response tells is stored even after the deadline.
        """
        with self.lock:
            if isinstance(operation, Release) and self._drop_local_reservation(operation):
                return False
            if now < self._retry_at or (isinstance(operation, Reserve) and deadline - now < MIN_TIMEOUT):
                return False
            if self._pause:
                self._retry_at = now + self._pause  # one caller tries, the others do not wait for it
        return True

    def _timeout(self, now: float, deadline: float) -> float:
        """How long the store may take: a third of the time that is left, so that the call can still be made."""
        return min(max((deadline - now) / 3, MIN_TIMEOUT), self.max_timeout)

    def _perform_locally(self, operation: Operation) -> Verdict:
        """Perform it in this process only."""
        verdict = self._local.perform(operation)
        if isinstance(operation, Reserve) and verdict is None:
            with self.lock:
                recent = [each for each in self._local_reservations if each.minutes[-1] >= operation.minutes[0]]
                self._local_reservations = [*recent, operation]
        return verdict

    def _drop_local_reservation(self, released: Release | Confirm) -> bool:
        """Forget that this was reserved in this process only. Return whether it was."""
        for each in self._local_reservations:
            if (each.counter, each.weight) == released[:2] and {*released.minutes} <= {*each.minutes}:
                self._local_reservations.remove(each)
                return True
        return False

    def _prepare(self, operation: Operation) -> list[Operation]:
        """The operations for the store: what this process knows from the exchange, then the one that was asked for.

        Also keeps a block in this process, for a store that loses its memory.
        """
        with self.lock:
            if isinstance(operation, Confirm) and self._drop_local_reservation(operation):
                operation = operation._replace(minutes=())  # the store has nothing to release
        if isinstance(operation, Block):
            self._local.perform(operation)
        if not isinstance(operation, Reserve | Read):
            return [operation]
        facts: list[Operation] = []
        with self._local.lock:
            state = self._local.state
            if isinstance(operation, Reserve):
                facts += (
                    Confirm(operation.counter, 0, (minute,), minute, usage.reported)
                    for minute, usage in state.usage.get(operation.counter, {}).items()
                    if minute in operation.minutes and usage.reported
                )
            if state.is_blocked(operation.earliest):
                facts.append(Block(state.until, state.ban, operation.earliest))
        return [*facts, operation]

    def _received(self, reply: Reply) -> Verdict:
        with self._local.lock:
            self._local.state.update(reply.usage)
            if isinstance(reply.verdict, Blocked):
                self._local.state.until, self._local.state.ban = reply.verdict
        with self.lock:
            if self._pause:
                logger.info("the store of the request-weight budget works again")
            self._pause = 0.0
            self._retry_at = -inf
            self.failure = None
        return reply.verdict

    def _failed(self, error: StoreError, asked_at: float) -> None:
        with self.lock:
            if not self._pause:
                logger.warning("the request weight is counted in this process only: %s", error)
            self.failure = str(error)
            if asked_at <= self._failed_at:
                return  # another caller met the same failure
            self._failed_at = time.monotonic()
            self._pause = min(max(2 * self._pause, _FIRST_PAUSE), _LONGEST_PAUSE)
            self._retry_at = time.monotonic() + self._pause
