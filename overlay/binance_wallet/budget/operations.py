"""What the pipeline asks of a budget store, and what the store replies.

Times are the exchange's, in seconds since the epoch; minutes are whole ones since the epoch.
"""

from math import inf
from typing import NamedTuple, Protocol


class Reserve(NamedTuple):
    """Take `weight` in each of `minutes`, unless one of them would then exceed `limit` (None: no limit).

    The time is between `earliest` and `latest`; an infinite `latest` means that no response has told it yet.
    """

    counter: str
    weight: int
    limit: int | None
    minutes: tuple[int, ...]
    earliest: float
    latest: float


class Release(NamedTuple):
    """Give back what was reserved in these minutes: the request was not sent."""

    counter: str
    weight: int
    minutes: tuple[int, ...]


class Confirm(NamedTuple):
    """Replace a reservation by what the exchange counted: its `weight`, in the minute `arrived`.

    `used` is the weight that the exchange reports for that minute, its own included; None if it does not tell, or if
    it may be the count of another minute. The time is between `earliest` and `latest`.
    """

    counter: str
    weight: int
    minutes: tuple[int, ...]
    arrived: int
    used: int | None
    earliest: float = -inf
    latest: float = inf

    def all_minutes(self) -> tuple[int, ...]:
        """The minutes whose usage may change."""
        return self.minutes if self.arrived in self.minutes else (*self.minutes, self.arrived)


class Block(NamedTuple):
    """Let no request out before `until`. `ban` tells a ban (418) from a pause (429)."""

    until: float
    ban: bool
    now: float


class Read(NamedTuple):
    """Learn what all who share the store have used in these minutes, and whether the exchange wants no request.

    Nothing changes. The time is between `earliest` and `latest`, as for Reserve.
    """

    minutes: tuple[int, ...]
    earliest: float
    latest: float


class Full(NamedTuple):
    """Nothing was reserved: a minute has no room. Other processes have learned that it is `now` or later."""

    now: float = 0.0


class Blocked(NamedTuple):
    """The exchange wants no request before `until`. Nothing was reserved."""

    until: float
    ban: bool


class WrongTime(NamedTuple):
    """This process does not know the time: others have learned that it is `now` or later. Nothing was reserved."""

    now: float


Operation = Reserve | Release | Confirm | Block | Read
Verdict = Full | Blocked | WrongTime | None  # None: it is done


class Store(Protocol):
    """Keeps the usage of one IP address. Never raises: a store that fails lets requests pass."""

    def perform(self, operation: Operation, deadline: float) -> Verdict: ...

    async def aperform(self, operation: Operation, deadline: float) -> Verdict: ...

    def used(self, minute: int) -> dict[str, int]: ...  # by counter, as far as this process knows
