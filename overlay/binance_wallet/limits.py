"""The request-weight budget, and bans: what keeps this IP address welcome."""

from functools import cache
from threading import Lock

from attrs import frozen

from .clock import Clock
from .errors import BannedError, InvalidRequestError, RateLimitError

_MINUTE = 60.0


@frozen
class Usage:
    """The weight of one endpoint in the running minute: `used`, `left` (None: no limit), seconds until the `reset`."""

    used: int
    left: int | None
    reset: float


class Budget:
    """Counts weight per endpoint and minute of the exchange, and remembers until when to stay away. Thread-safe.

    The exchange counts per IP address, so the clients of a process share a budget (`shared_budget`), and the count in
    the exchange's answers stands in for the processes and machines that we cannot see.
    """

    __slots__ = ("_ban", "_lock", "_spent", "_until")

    def __init__(self) -> None:
        self._lock = Lock()
        self._spent: dict[str, tuple[float, int]] = {}  # endpoint: (minute, weight)
        self._until = 0.0  # steady time
        self._ban = False

    def reserve(self, endpoint: str, weight: int, limit: int | None, clock: Clock) -> float:
        """Take `weight` and return 0.0, or take nothing and return the seconds until the next minute.

        `limit` is weight per endpoint and minute; None counts and never holds back. Raises RateLimitError or
        BannedError while the exchange wants us to stay away.
        """
        with self._lock:
            if (left := self._until - clock.steady()) > 0:
                raise self._away(left)
            minute, into = divmod(clock.surely(), _MINUTE)
            used = self._used(endpoint, minute)
            if limit is not None and used + weight > limit:
                if weight > limit:
                    raise InvalidRequestError(f"this call weighs {weight}, more than weight_limit={limit} allows")
                return _MINUTE - into
            self._spent[endpoint] = minute, used + weight
            return 0.0

    def give_back(self, endpoint: str, weight: int) -> None:
        """Undo a reservation: the request did not reach the exchange."""
        with self._lock:
            minute, used = self._spent[endpoint]
            self._spent[endpoint] = minute, max(0, used - weight)

    def settle(self, endpoint: str, used: int, at: float) -> None:
        """Take in the weight that the exchange had counted for this IP address at its time `at`."""
        minute = at // _MINUTE
        with self._lock:
            if self._spent.get(endpoint, (minute, 0))[0] != minute + 1:  # else a late answer, of the minute before
                self._spent[endpoint] = minute, max(used, self._used(endpoint, minute))

    def stay_away(self, seconds: float, clock: Clock, *, ban: bool) -> None:
        """Let no request out for so long."""
        with self._lock:
            if (until := clock.steady() + seconds) > self._until:
                self._until, self._ban = until, ban

    def usage(self, limit: int | None, clock: Clock) -> dict[str, Usage]:
        """What each endpoint that was called has used."""
        minute, into = divmod(clock.surely(), _MINUTE)
        with self._lock:
            used = {endpoint: self._used(endpoint, minute) for endpoint in self._spent}
        return {
            endpoint: Usage(weight, None if limit is None else max(0, limit - weight), _MINUTE - into)
            for endpoint, weight in used.items()
        }

    def _used(self, endpoint: str, minute: float) -> int:
        counted_in, weight = self._spent.get(endpoint, (minute, 0))
        return weight if counted_in == minute else 0

    def _away(self, seconds: float) -> RateLimitError:
        if self._ban:
            return BannedError("this IP address is banned: nothing was sent", retry_after=seconds)
        return RateLimitError("the exchange wants this IP address to wait: nothing was sent", retry_after=seconds)


@cache
def shared_budget(host: bytes, proxy: str | None) -> Budget:  # noqa: ARG001 - the arguments are the cache's key
    """The one budget of this process for all that reaches an exchange from the same address."""
    return Budget()
