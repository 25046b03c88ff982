"""Decisions of an update, without I/O: which days to ask for, and what in the response is new."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen
from msgspec.structs import asdict

from .errors import OtherAccountError
from .records import Gap

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from binance_wallet_client.models import AccountSnapshot

__all__ = ["SERVED", "Changes", "changes", "day", "days_to_ask", "gaps", "is_served", "oldest_served", "other_account"]

_DAY: Final = timedelta(days=1)
SERVED: Final = 30  # days: the last month, and as many as one call returns
_MIN_LIMIT: Final = 7  # the exchange's smallest limit


@frozen
class Changes:
    """The changes that a response makes to the archive."""

    added: list[AccountSnapshot]
    corrected: list[AccountSnapshot]
    compared: int
    """The number of its days that were recorded already. If it is 0, the response may be of another account."""


def day(snapshot: AccountSnapshot) -> date:
    """The day (UTC) at whose end it was taken."""
    return snapshot.update_time.date()


def oldest_served(today: date) -> date:
    """The first day that the exchange still serves."""
    return today - SERVED * _DAY


def days_to_ask(first: date | None, recent: Collection[date], today: date) -> int | None:
    """The number of days to ask for, back from yesterday; None if no day is missing.

    A recorded day that is not over yet means that this clock is behind. Then a call is needed to learn the time.

    One call always suffices. Its weight does not depend on the number of days, so it also asks for some days before the
    first missing one: those that are already recorded show a correction, or another account's key.

    Args:
        first: The first day in the archive, if any. Earlier days are not asked for: when it was added, the exchange did
            not serve them.
        recent: The recorded days, at least those that the exchange still serves.
        today: The current day (UTC).
    """
    oldest = oldest_served(today)
    start = oldest if first is None else max(first, oldest)
    missing = [each for each in _days(start, today - _DAY) if each not in recent]
    if missing:
        return min(SERVED, (today - missing[0]).days + _MIN_LIMIT - 1)
    return _MIN_LIMIT if any(each >= today for each in recent) else None


def is_served(days: Iterable[date], today: date) -> bool:
    """Whether the exchange certainly serves one of these days. It may drop the oldest while it is asked."""
    return any(oldest_served(today) < each < today for each in days)


def gaps(days: Sequence[date], today: date) -> list[Gap]:
    """The days without a record from the first recorded day to yesterday; `days` are in order.

    A gap that the exchange still serves in part is two gaps: one lost, one not.
    """
    oldest = oldest_served(today)
    found = []
    for before, after in pairwise([*days, max(today, days[-1] + _DAY)]):
        first, last = before + _DAY, after - _DAY
        found += [
            Gap(start, end, lost)
            for start, end, lost in ((first, min(last, oldest - _DAY), True), (max(first, oldest), last, False))
            if start <= end
        ]
    return found


def changes(found: Iterable[AccountSnapshot], known: Mapping[date, Sequence[AccountSnapshot]], today: date) -> Changes:
    """Compare a response with what is recorded.

    Args:
        found: The snapshots in the response.
        known: By day, what is recorded of it: the snapshot, then its corrections.
        today: The current day (UTC). A snapshot of a day that is not over is left out.

    Raises:
        OtherAccountError: Several days are in both, and most of them differ.
    """
    versions = {recorded_day: [*recorded] for recorded_day, recorded in known.items()}
    added: list[AccountSnapshot] = []
    corrected: list[AccountSnapshot] = []
    overlapping: set[date] = set()
    for snapshot in found:
        if day(snapshot) >= today:
            continue
        if day(snapshot) in known:
            overlapping.add(day(snapshot))
        recorded = versions.setdefault(day(snapshot), [])
        if any(_content(snapshot) == _content(version) for version in recorded):
            continue
        (corrected if recorded else added).append(snapshot)
        recorded.append(snapshot)
    differing = overlapping.intersection(map(day, corrected))
    if len(differing) > 1 and 2 * len(differing) > len(overlapping):  # a single day may well be a correction
        raise other_account(f"{len(differing)} of {len(overlapping)} days that are recorded already differ")
    return Changes(added, corrected, len(overlapping))


def other_account(why: str) -> OtherAccountError:
    """The error for a key that is not of the account that is recorded."""
    return OtherAccountError(
        f"this looks like another account: {why}. Nothing was recorded. Keep another account under a name of its own "
        "(--account NAME)"
    )


def _content(snapshot: AccountSnapshot) -> tuple[Any, ...]:
    """The content of a snapshot, to compare. The order of assets and trailing zeros do not count."""
    parts = asdict(snapshot.data).items()
    return snapshot.type, {name: Counter(part) if isinstance(part, list) else part for name, part in parts}


def _days(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + number * _DAY
