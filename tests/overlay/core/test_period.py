from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from binance_wallet import InvalidRequestError
from binance_wallet.period import period_arguments
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis_profiles import thoroughly

NOW = datetime(2026, 1, 20, 12, 0, 10, tzinfo=UTC)
DAY_MS = 86_400_000
NOW_MS = 1_768_910_410_000
MIDNIGHT = 1_768_867_200_000  # NOW's day began here, and the last snapshot was taken a second before


def ms(*moment: int) -> int:
    return round(datetime(*moment, tzinfo=UTC).timestamp() * 1000)


@pytest.mark.parametrize(
    ("period", "asked"),
    [
        ({}, {}),
        ({"limit": 7}, {"start_time": MIDNIGHT - 1000 - 6 * DAY_MS, "end_time": MIDNIGHT, "limit": 7}),
        ({"limit": 30}, {"start_time": MIDNIGHT - 1000 - 29 * DAY_MS, "end_time": MIDNIGHT, "limit": 30}),
        (
            {"limit": 7, "end": date(2026, 1, 15)},
            {"start_time": ms(2026, 1, 10) - 1000, "end_time": ms(2026, 1, 16), "limit": 7},
        ),
        ({"days": 1}, {"start_time": MIDNIGHT - 1000, "end_time": MIDNIGHT, "limit": 7}),
        ({"days": 20}, {"start_time": MIDNIGHT - 1000 - 19 * DAY_MS, "end_time": MIDNIGHT, "limit": 20}),
        ({"days": 30}, {"start_time": MIDNIGHT - 1000 - 29 * DAY_MS, "end_time": MIDNIGHT, "limit": 30}),
        ({"start": MIDNIGHT - 1000}, {"start_time": MIDNIGHT - 1000, "end_time": MIDNIGHT - 1, "limit": 7}),
        ({"start": MIDNIGHT}, {"start_time": MIDNIGHT, "limit": 7}),
        ({"start": date(2026, 1, 1)}, {"start_time": ms(2026, 1, 1), "end_time": MIDNIGHT - 1, "limit": 19}),
        ({"start": date(2025, 12, 21)}, {"start_time": ms(2025, 12, 21), "end_time": MIDNIGHT - 1, "limit": 30}),
        (
            {"start": date(2026, 1, 1), "end": date(2026, 1, 15)},
            {"start_time": ms(2026, 1, 1), "end_time": ms(2026, 1, 16) - 1, "limit": 15},
        ),
        (
            {"start": date(2026, 1, 1), "end": date(2026, 1, 15), "limit": 7},
            {"start_time": ms(2026, 1, 1), "end_time": ms(2026, 1, 16) - 1, "limit": 7},
        ),
        (
            {"start": datetime(2026, 1, 10, 2, tzinfo=timezone(timedelta(hours=2))), "end": ms(2026, 1, 12)},
            {"start_time": ms(2026, 1, 10), "end_time": ms(2026, 1, 12), "limit": 7},
        ),
    ],
)
def test_what_a_period_asks_for(period: Any, asked: dict[str, int]) -> None:
    assert period_arguments(NOW, **period) == asked


@pytest.mark.parametrize(
    ("period", "words"),
    [
        ({"days": 0}, "from 1 to 30"),
        ({"days": 31}, "from 1 to 30"),
        ({"days": 1.5}, "from 1 to 30"),
        ({"days": True}, "from 1 to 30"),
        ({"days": "7"}, "from 1 to 30"),
        ({"days": 7, "start": MIDNIGHT}, "either days, or"),
        ({"days": 7, "limit": 7}, "either days, or"),
        ({"limit": 6}, "limit must be a whole number from 7 to 30, not 6"),
        ({"limit": 31}, "from 7 to 30"),
        ({"limit": 7.0}, "from 7 to 30"),
        ({"end": date(2026, 1, 10)}, "end needs a start or a limit"),
        ({"start": datetime(2026, 1, 10)}, "time zone"),  # noqa: DTZ001 - that is what is refused
        ({"start": "2026-01-10"}, "start must be"),
        ({"start": 1.5}, "start must be"),
        ({"start": True}, "start must be"),
        ({"start": 10**30}, "milliseconds"),
        ({"start": -(10**30)}, "milliseconds"),
        ({"start": MIDNIGHT, "end": MIDNIGHT}, "before end"),
        ({"start": MIDNIGHT, "end": MIDNIGHT - 1}, "before end"),
        ({"start": MIDNIGHT + 2 * DAY_MS}, "before now"),
        ({"start": MIDNIGHT - 30 * DAY_MS, "end": MIDNIGHT}, "shorter than 30 days"),
        ({"start": MIDNIGHT - 29 * DAY_MS, "end": MIDNIGHT + DAY_MS}, "shorter than 30 days"),
        ({"start": 1_768_910_410, "end": 1_768_910_411}, "one month"),  # seconds for milliseconds
        ({"start": date(2025, 11, 1), "end": date(2025, 11, 9)}, "one month"),
        ({"start": date(1, 1, 1)}, "not 0001-01-01"),
        (
            {"start": date(9, 9, 9), "end": date(8, 8, 8)},
            r"start \(0009-09-09 00:00\) must be before end \(0008-08-08 23:59\)",
        ),
    ],
)
def test_what_the_exchange_would_refuse_is_refused_here(period: Any, words: str) -> None:
    with pytest.raises(InvalidRequestError, match=words):
        period_arguments(NOW, **period)


moments = (
    st.datetimes(timezones=st.timezones())
    | st.datetimes(datetime(2025, 12, 18), datetime(2026, 1, 25), timezones=st.just(UTC))  # noqa: DTZ001
    | st.dates()
    | st.dates(date(2025, 12, 18), date(2026, 1, 25))
    | st.integers()
    | st.integers(MIDNIGHT - 33 * DAY_MS, MIDNIGHT + 3 * DAY_MS)
)
periods = st.fixed_dictionaries(
    {},
    optional={
        "days": st.none() | st.integers(-1, 32),
        "start": st.none() | moments,
        "end": st.none() | moments,
        "limit": st.none() | st.integers(7, 30),
    },
)


def asked_for(now: datetime, request: dict[str, int]) -> tuple[int, int]:
    """The period that a request stands for, in ms."""
    end = request.get("end_time", round(now.timestamp() * 1000))
    return request.get("start_time", end - 7 * DAY_MS), end


def snapshots_in(start: int, end: int) -> list[int]:
    """The moments of the snapshots, a second before each midnight, in a period that includes both its ends."""
    return [moment for moment in range(start // DAY_MS * DAY_MS - 1000, end + 1, DAY_MS) if moment >= start]


@thoroughly
@given(st.datetimes(datetime(2026, 1, 20), datetime(2026, 1, 21), timezones=st.just(UTC)), periods)  # noqa: DTZ001
@example(NOW, {"start": datetime.max.replace(tzinfo=timezone(-timedelta(hours=1)))})
@example(NOW, {"start": datetime.min.replace(tzinfo=timezone(timedelta(hours=1)))})
@example(NOW, {"start": NOW - timedelta(days=20, microseconds=-999), "end": NOW + timedelta(days=10, microseconds=998)})
def test_the_exchange_accepts_what_is_not_refused_here(now: datetime, period: Any) -> None:
    try:
        request = period_arguments(now, **period)
    except InvalidRequestError:
        return
    start, end = asked_for(now, request)
    assert 0 <= end - start < 30 * DAY_MS
    if limit := period.get("limit"):
        assert limit <= 7 or "start_time" in request
    assert start >= now.timestamp() * 1000 - 31 * DAY_MS - 1
    assert 7 <= request.get("limit", 7) <= 30


@thoroughly
@given(st.integers(1, 30 * DAY_MS - 1), st.integers(1, 30 * DAY_MS - 1) | st.none())
def test_no_snapshot_of_a_period_is_cut_off(ago: int, length: int | None) -> None:
    start = NOW_MS - ago
    end = None if length is None else start + length
    request = period_arguments(NOW, start=start, end=end)
    assert len(snapshots_in(*asked_for(NOW, request))) <= request["limit"]


@given(st.datetimes(datetime(2026, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)), st.integers(1, 30))  # noqa: DTZ001
def test_the_last_days_are_that_many_and_the_last_is_yesterday(now: datetime, days: int) -> None:
    snapshots = snapshots_in(*asked_for(now, period_arguments(now, days=days)))
    assert len(snapshots) == days
    assert 0 < now.timestamp() * 1000 - snapshots[-1] <= DAY_MS + 1000


@pytest.mark.parametrize(("hour", "allowed"), [(0, "2025-12-21"), (12, "2025-12-21"), (23, "2025-12-21")])
def test_a_period_too_long_ago_names_the_first_day_that_is_allowed(hour: int, allowed: str) -> None:
    now = NOW.replace(hour=hour)
    with pytest.raises(InvalidRequestError, match=f"start must be {allowed} or later, not 2025-12-01"):
        period_arguments(now, start=date(2025, 12, 1), end=date(2025, 12, 9))
    period_arguments(now, start=date.fromisoformat(allowed), end=date(2026, 1, 15))


def test_without_an_end_the_period_ends_yesterday_and_the_first_day_that_is_allowed_is_named() -> None:
    with pytest.raises(InvalidRequestError, match="start must be 2025-12-21 or later"):
        period_arguments(NOW, start=date(2025, 12, 1))
    with pytest.raises(InvalidRequestError, match=r"not 30.5 days: start must be 2025-12-21 or later"):
        period_arguments(NOW, start=NOW - timedelta(days=31))
    period_arguments(NOW, start=date(2025, 12, 21))


def test_a_period_that_is_too_long_names_the_last_day_that_is_allowed_as_its_end() -> None:
    with pytest.raises(InvalidRequestError, match="or end must be 2026-01-19 or earlier"):
        period_arguments(NOW, start=date(2025, 12, 21), end=date(2026, 1, 20))
    period_arguments(NOW, start=date(2025, 12, 21), end=date(2026, 1, 19))


@given(st.datetimes(datetime(2026, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)), st.integers(1, 40))  # noqa: DTZ001
def test_a_new_client_is_told_the_same_as_one_that_knows_the_time(now: datetime, days: int) -> None:
    start = now - timedelta(days=days, seconds=2)
    outcomes = []
    for uncertainty in (timedelta(), timedelta(seconds=1)):
        try:
            outcomes.append(period_arguments(now, uncertainty, start=start))
        except InvalidRequestError as error:
            outcomes.append(str(error))
    assert outcomes[0] == outcomes[1]


def test_the_first_days_of_the_calendar_are_too_long_ago() -> None:
    with pytest.raises(InvalidRequestError, match="start must be 2025-12-21 or later, not 0001-01-01"):
        period_arguments(NOW, start=date(1, 1, 1), end=date(1, 1, 10))


def test_a_clock_that_is_not_known_yet_names_the_same_first_day() -> None:
    with pytest.raises(InvalidRequestError, match="start must be 2025-12-21 or later"):
        period_arguments(NOW, timedelta(days=1), start=date(2025, 12, 1))
