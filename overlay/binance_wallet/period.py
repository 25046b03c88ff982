"""The period of a snapshot call: the exchange's rules, checked before a call costs weight."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final, TypedDict

from .clock import Clock
from .errors import InvalidRequestError

Moment = datetime | date | int
"""The start or the end of a period: an aware datetime, a date (UTC), or milliseconds since the Unix epoch."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DAY: Final = timedelta(days=1)
_END_OF_DAY: Final = time(23, 59, 59, 999_000)
_LONGEST: Final = 30 * _DAY  # the period must be shorter
_OLDEST: Final = 31 * _DAY  # "the last month", the longest one: what the exchange may still serve is not refused
_FEWEST, _MOST = 7, 30  # records


class Period(TypedDict, total=False):
    """The days that `snapshots` asks for: the last `days`, or from `start` to `end`."""

    days: int | None
    start: Moment | None
    end: Moment | None
    limit: int | None


class PeriodQuery:
    """Turns a period into arguments, and again after a response has corrected the clock."""

    def __init__(self, clock: Clock, period: Period) -> None:
        self._clock, self._period = clock, period
        self._started_at = clock.monotonic()
        self.arguments = self._by_the_clock()

    def refresh(self) -> bool:
        """Make the arguments anew. Returns whether they changed: the corrected clock is on another day."""
        before = self.arguments
        if self._period.get("days") is not None:
            self.arguments = self._by_the_clock()
        return self.arguments != before

    def remaining(self, timeout: float) -> float:
        """The remaining seconds of a call's timeout."""
        return max(1e-3, self._started_at + timeout - self._clock.monotonic())

    def _by_the_clock(self) -> dict[str, int]:
        return parameters(self._clock.at(self._started_at), self._clock.uncertainty(), **self._period)


def parameters(
    now: datetime,
    uncertainty: timedelta = timedelta(),
    *,
    days: int | None = None,
    start: Moment | None = None,
    end: Moment | None = None,
    limit: int | None = None,
) -> dict[str, int]:
    """The generated endpoint's arguments for a period, at the exchange's time `now` give or take `uncertainty`.

    Raises InvalidRequestError, saying what is allowed, for a period that the exchange would refuse or cut short.
    """
    first = _moment("start", start, time.min)
    last = _moment("end", end, _END_OF_DAY)
    if days is not None:
        if first or last or limit is not None:
            raise InvalidRequestError("give either days, or start, end and limit")
        if type(days) is not int or not 1 <= days <= _MOST:
            raise InvalidRequestError(f"days must be a whole number from 1 to {_MOST}, not {days!r}")
        # A day is recorded at its end: from the first record to the midnight after the last one.
        last = datetime.combine(now.date(), time.min, UTC)
        first = last - timedelta(seconds=1) - (days - 1) * _DAY
    elif first is None:
        if last:
            raise InvalidRequestError("end needs a start: the exchange does not say how far back it would go")
        if type(limit) is int and _FEWEST < limit <= _MOST:
            raise InvalidRequestError(f"limit={limit} needs a start; for the last {limit} days, give days={limit}")
        return {} if limit is None else {"limit": limit}
    _check(first, last, now, uncertainty)
    if limit is None:  # as many days as can end in the period, so that the exchange's default cuts off none
        latest = last or now + uncertainty
        limit = min(_MOST, max(_FEWEST, (latest - first) // _DAY + 1))
    # By a clock that was reset to 1970, the last days lie before it.
    start_time, end_time = max(0, _ms(first)), {"end_time": max(0, _ms(last))} if last else {}
    return {"start_time": start_time, "limit": limit} | end_time


def _check(first: datetime, last: datetime | None, now: datetime, uncertainty: timedelta) -> None:
    earliest = last or now - uncertainty
    for bound, name in ((now + uncertainty, "now"), (last, f"end ({str(last)[:16]})" if last else "")):
        if bound and _ms(first) >= _ms(bound):
            raise InvalidRequestError(f"start ({str(first)[:16]}) must be before {name}")
    if now - uncertainty - first > _OLDEST:
        allowed = (max(last or now, now - _DAY) - _LONGEST).date() + _DAY
        raise InvalidRequestError(
            f"the exchange keeps snapshots for one month: start must be {allowed} or later, not {first.date()}"
        )
    if earliest - first >= _LONGEST:
        until = "" if last else " (without an end, until now)"
        days = f"{(earliest - first) / _DAY:.1f} days{until}"
        raise InvalidRequestError(f"the period must be shorter than 30 days, not {days}")


def _ms(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def _moment(name: str, value: Moment | None, time_of_day: time) -> datetime | None:
    if value is None:
        return None
    if isinstance(value, datetime):
        if value.utcoffset() is None:
            raise InvalidRequestError(f"{name} has no time zone: give an aware datetime, for example with tzinfo=UTC")
        value = _ms(value)
    elif isinstance(value, date):
        value = _ms(datetime.combine(value, time_of_day, UTC))
    elif type(value) is not int:
        raise InvalidRequestError(f"{name} must be an aware datetime, a date, or whole milliseconds, not {value!r}")
    try:
        return _EPOCH + timedelta(milliseconds=value)
    except OverflowError:
        raise InvalidRequestError(f"{name} must be milliseconds since 1970, not {value}") from None
