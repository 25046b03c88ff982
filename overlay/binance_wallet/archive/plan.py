"""What an update asks for, and what becomes of the response. Decisions only, no I/O."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen
from msgspec.structs import asdict

from .errors import ArchiveError
from .records import Gap

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from binance_wallet_client.models import AccountSnapshot

__all__ = ["Changes", "changes", "day", "days_to_ask", "gaps", "oldest_served"]

_DAY: Final = timedelta(days=1)
_SERVED: Final = 30  # days: the last month, and as many as one call returns
_FEWEST: Final = 7  # the exchange's smallest limit


@frozen
class Changes:
    """What a response adds to the archive."""

    added: list[AccountSnapshot]
    corrected: list[AccountSnapshot]


def day(snapshot: AccountSnapshot) -> date:
    """The day (UTC) at whose end it was taken."""
    return snapshot.update_time.date()


def oldest_served(today: date) -> date:
    """The first day that the exchange still serves."""
    return today - _SERVED * _DAY


def days_to_ask(first: date | None, recent: Collection[date], today: date) -> int | None:
    """How many days, back from yesterday, to ask for; None if no day is missing.

    A recorded day that is not over yet means that this clock is behind. Then a call is needed to learn the time.

    One call always suffices. Its weight does not depend on the number of days, so it never asks for fewer than the
    exchange's smallest limit: the days that are already recorded show a correction, or another account's key.

    Args:
        first: The first day in the archive, if any. The exchange had no record before it when it was added.
        recent: The recorded days, at least those that the exchange still serves.
        today: The current day (UTC).
    """
    oldest = oldest_served(today)
    start = oldest if first is None else max(first, oldest)
    missing = [each for each in _days(start, today - _DAY) if each not in recent]
    if missing:
        return max(_FEWEST, (today - missing[0]).days)
    return _FEWEST if any(each >= today for each in recent) else None


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
        ArchiveError: Several days are in both, and most of them differ: this is another account.
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
        raise ArchiveError(
            f"this looks like another account: {len(differing)} of {len(overlapping)} days that are recorded already "
            "differ. Nothing was recorded. Keep another account under a name of its own (--account NAME)"
        )
    return Changes(added, corrected)


def _content(snapshot: AccountSnapshot) -> tuple[Any, ...]:
    """What two snapshots of a day are compared by: neither the order of assets nor zeros behind an amount count."""
    parts = asdict(snapshot.data).items()
    return snapshot.type, {name: Counter(part) if isinstance(part, list) else part for name, part in parts}


def _days(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + number * _DAY
