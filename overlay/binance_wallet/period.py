"""Which days a snapshot call asks for: the exchange's rules on periods, checked before they cost any weight."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time, timedelta
from typing import TypedDict

from .clock import Clock
from .errors import InvalidRequestError, WalletError

Moment = datetime | date | int

made: ContextVar[list[tuple[float, date]]] = ContextVar("binance_wallet_made", default=[])  # noqa: B039 - not written to
"""When the parameters were made of the call under way, in steady time, and for which day, if it is for one only."""


class OtherDayError(WalletError):
    """An answer has moved our clock past a midnight: the last `days` are others. `snapshots` asks anew then."""


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = timedelta(days=1)
_END_OF_DAY = time(23, 59, 59, 999_000)
_LONGEST = 30 * _DAY  # the period itself must be shorter
_OLDEST = 31 * _DAY  # "the last month": never refuse here what the exchange may still serve
_FEWEST, _MOST = 7, 30  # records


class Period(TypedDict, total=False):
    """The days that `snapshots` asks for: the last `days`, or from `start` to `end`."""

    days: int | None
    start: Moment | None
    end: Moment | None
    limit: int | None


def parameters(now: datetime, period: Period, *, unsure: timedelta = timedelta()) -> dict[str, int]:
    """The generated endpoint's arguments for a period at the exchange's time `now`, give or take `unsure`.

    Raises InvalidRequestError, saying what is allowed, for a period that the exchange would refuse or cut short.
    """
    days, limit = period.get("days"), period.get("limit")
    first, last = _moment("start", period.get("start"), time.min), _moment("end", period.get("end"), _END_OF_DAY)
    if days is not None:
        if first or last or limit is not None:
            raise InvalidRequestError("give days alone, or start, end and limit")
        if type(days) is not int or not 1 <= days <= _MOST:
            raise InvalidRequestError(f"days must be a whole number from 1 to {_MOST}, not {days!r}")
        # Each day is recorded at its end: from the first record to the midnight that follows the last one.
        last = datetime.combine(now.date(), time.min, UTC)
        first = last - timedelta(seconds=1) - (days - 1) * _DAY
    elif first is None and last is None:
        return {} if limit is None else {"limit": limit}
    elif first is None:
        raise InvalidRequestError("end needs a start: the exchange does not say how far back it would go")
    earliest, latest = last or now - unsure, last or now + unsure
    if _ms(first) >= _ms(latest):
        end = f"end ({last:%Y-%m-%d %H:%M})" if last else "now"
        raise InvalidRequestError(f"start ({first:%Y-%m-%d %H:%M}) must be before {end}")
    if now - unsure - first > _OLDEST:
        raise InvalidRequestError(f"only the last month can be asked for, and {first:%Y-%m-%d} is before it")
    if earliest - first >= _LONGEST:
        raise InvalidRequestError(f"the period must be shorter than 30 days, not {(earliest - first) / _DAY:.1f} days")
    if limit is None:  # as many days as can end in the period, so that the exchange's default cuts nothing off
        limit = min(_MOST, max(_FEWEST, (latest - first) // _DAY + 1))
    return {"start_time": _ms(first), "limit": limit} | ({"end_time": _ms(last)} if last else {})


@contextmanager
def parameters_at(steady: float, clock: Clock, period: Period) -> Iterator[dict[str, int]]:
    """The `parameters` by a clock that the exchange may still correct: see `check_day`."""
    now = clock.at(steady)
    token = made.set(held := [] if period.get("days") is None else [(steady, now.date())])
    try:
        yield parameters(now, period, unsure=clock.doubt())
    finally:
        made.reset(token)
        held.clear()  # for tasks that were begun meanwhile


def check_day(clock: Clock) -> None:
    """Raise OtherDayError where it was another day when the parameters of the call under way were made."""
    if any(clock.at(at).date() != day for at, day in made.get()):
        raise OtherDayError("the last days are others than was thought")


def _ms(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def _moment(name: str, value: Moment | None, time_of_day: time) -> datetime | None:
    if value is None:
        return None
    if isinstance(value, datetime):
        if value.utcoffset() is None:
            raise InvalidRequestError(f"{name} has no time zone: give an aware datetime, say with tzinfo=UTC")
        value = _ms(value)
    elif isinstance(value, date):
        value = _ms(datetime.combine(value, time_of_day, UTC))
    elif type(value) is not int:
        raise InvalidRequestError(f"{name} must be an aware datetime, a date, or whole milliseconds, not {value!r}")
    try:
        return _EPOCH + timedelta(milliseconds=value)
    except OverflowError:
        raise InvalidRequestError(f"{name} must be milliseconds since 1970, not {value}") from None
