"""What the pipeline asks of a budget store, and what the store answers. Minutes are whole ones since the epoch."""

from typing import NamedTuple, Protocol


class Reserve(NamedTuple):
    """Take `weight` in each of `minutes`, unless one of them would then exceed `limit` (None: no limit).

    `now` is the exchange's time, in seconds since the epoch.
    """

    endpoint: str
    weight: int
    limit: int | None
    minutes: tuple[int, ...]
    now: float


class Release(NamedTuple):
    """Give back what was reserved in these minutes, because the request did not arrive in them."""

    endpoint: str
    weight: int
    minutes: tuple[int, ...]


class Reconcile(NamedTuple):
    """Raise the count of a minute to what the exchange reports."""

    endpoint: str
    minute: int
    used: int


class Block(NamedTuple):
    """Let no request out before `until`, in the exchange's time. `ban` tells a ban (418) from a pause (429)."""

    until: float
    ban: bool
    now: float


class Full(NamedTuple):
    """Nothing was reserved: a minute has no room."""


class Blocked(NamedTuple):
    """Nothing was reserved: the exchange wants no request before `until`, in its own time."""

    until: float
    ban: bool


Operation = Reserve | Release | Reconcile | Block
Verdict = Full | Blocked | None  # None: it is done


class Store(Protocol):
    """Keeps the counts of one IP address. Never raises: a store that is out of order lets requests pass."""

    def perform(self, operation: Operation, deadline: float) -> Verdict: ...

    async def aperform(self, operation: Operation, deadline: float) -> Verdict: ...

    def used(self, minute: int) -> dict[str, int]:
        """The weight of each endpoint in a minute, as far as this process knows."""
        ...
