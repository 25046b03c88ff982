"""The period of a snapshot call: the exchange's rules, checked before a call costs weight."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final, TypedDict

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


def period_arguments(
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
    midnight = datetime.combine(now.date(), time.min, UTC)
    if days is not None:
        if first or last or limit is not None:
            raise InvalidRequestError("give either days, or start, end and limit")
        first, last = _last_days(_whole("days", days, 1), midnight)
    elif first is None and limit is not None:
        first, last = _last_days(_whole("limit", limit, _FEWEST), last or midnight)
    elif first is None:
        if last:
            raise InvalidRequestError("end needs a start or a limit: how far back would it go?")
        return {}
    elif last is None and first < midnight:
        last = midnight - timedelta(milliseconds=1)  # yesterday is the last day that is recorded
    _check(first, last, now, uncertainty, has_end=end is not None)
    if limit is None:  # as many days as can end in the period, so that the exchange's default cuts off none
        latest = last or now + uncertainty
        limit = min(_MOST, max(_FEWEST, (latest - first) // _DAY + 1))
    # By a clock that was reset to 1970, the last days lie before it.
    return {"start_time": max(0, _ms(first)), "limit": limit} | ({"end_time": max(0, _ms(last))} if last else {})


def _last_days(days: int, end: datetime) -> tuple[datetime, datetime]:
    """The period of the last `days` records. It begins just before the first one: a day is recorded at its end."""
    try:
        last_midnight = datetime.combine((end + timedelta(seconds=1)).date(), time.min, UTC)
        return last_midnight - timedelta(seconds=1) - (days - 1) * _DAY, last_midnight
    except OverflowError:
        raise InvalidRequestError(f"end must be within the last month, not {end.date()}") from None


def _whole(name: str, value: int, least: int) -> int:
    if type(value) is not int or not least <= value <= _MOST:
        raise InvalidRequestError(f"{name} must be a whole number from {least} to {_MOST}, not {value!r}")
    return value


def _check(first: datetime, last: datetime | None, now: datetime, uncertainty: timedelta, *, has_end: bool) -> None:
    """Raise InvalidRequestError if the exchange would refuse the period at any time that it may be now."""
    start = str(first)[:16]
    if first >= now + uncertainty:
        raise InvalidRequestError(f"start ({start}) must be before now")
    if last and first >= last:
        raise InvalidRequestError(f"start ({start}) must be before end ({str(last)[:16]})")
    end = last or now
    if now - uncertainty - first > _OLDEST:
        raise InvalidRequestError(
            f"the exchange keeps snapshots for one month: start must be {_first_day(end, now)} or later, "
            f"not {first.date()}"
        )
    # An end that the clock gave is as uncertain as the clock.
    shortest = end - first if has_end else end - uncertainty - first
    if shortest >= _LONGEST:
        raise InvalidRequestError(
            f"the period must be shorter than 30 days, not {(end - first) / _DAY:.1f} days: start must be "
            f"{_first_day(end, now)} or later, or end must be {(first + _LONGEST - _DAY).date()} or earlier"
        )


def _first_day(end: datetime, now: datetime) -> date:
    """The first day of a period with this end that is neither too old nor too long."""
    too_early = now - _OLDEST
    if end - too_early > _LONGEST:
        too_early = end - _LONGEST
    return too_early.date() + _DAY


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
