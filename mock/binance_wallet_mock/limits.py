"""Request weight and bans, counted as the exchange counts them. The caller passes the time."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

TOLERATED_REFUSALS: Final = 10
"""The number of further requests in a minute that a refused address may send before it is banned."""

_FIRST_BAN: Final = 2
_MAX_BAN: Final = 3 * 24 * 60


@dataclass(frozen=True, slots=True)
class Usage:
    """The outcome of one request: served (200), too many (429) or banned (418). `until` is when the next may come."""

    status: int
    used: int
    until: float = 0.0


@dataclass(slots=True)
class _Address:
    minute: int
    used: Counter[str] = field(default_factory=Counter)
    refusals: int = 0
    bans: int = 0
    banned_until: float = -math.inf


class Limiter:
    """Counts weight by address, endpoint and minute. Bans addresses that do not stop.

    A refused request adds no weight. The first ban lasts 2 minutes, each further one twice as long, 3 days at most.

    Args:
        limit: The weight that one address may use on one endpoint in one minute.
        minute: The length of a minute in seconds; bans are measured in the same minutes.
    """

    def __init__(self, limit: int = 12_000, minute: float = 60.0) -> None:
        self._limit = limit
        self._minute = minute
        self._addresses: dict[str, _Address] = {}

    def spend(self, ip: str, endpoint: str, weight: int, now: float) -> Usage:
        """Count a request that arrives now, in seconds since the epoch."""
        minute = int(now // self._minute)
        address = self._addresses.setdefault(ip, _Address(minute))
        if address.minute != minute:
            address.minute = minute
            address.used.clear()
            address.refusals = 0

        if now >= address.banned_until:
            if address.used[endpoint] + weight <= self._limit:
                address.used[endpoint] += weight
                return Usage(HTTPStatus.OK, address.used[endpoint])
            address.refusals += 1
            if address.refusals <= 1 + TOLERATED_REFUSALS:
                return Usage(HTTPStatus.TOO_MANY_REQUESTS, address.used[endpoint], (minute + 1) * self._minute)
            address.banned_until = now + min(_FIRST_BAN * 2**address.bans, _MAX_BAN) * self._minute
            address.bans += 1
        return Usage(HTTPStatus.IM_A_TEAPOT, address.used[endpoint], address.banned_until)
