"""The exchange's time, set by a test."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from binance_wallet_mock import MockExchange
from mock_wire import BALANCES, SNAPSHOTS

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


def test_time_goes_on_from_what_it_is_set_to():
    clock = 1_000.0
    exchange = MockExchange(clock=lambda: clock)
    exchange.set_time(NOON)
    assert exchange.now() == NOON.timestamp()
    clock += 2.5
    assert exchange.now() == NOON.timestamp() + 2.5


def test_time_can_stand_still_and_be_moved_all_the_same():
    clock = 1_000.0
    exchange = MockExchange(clock=lambda: clock)
    exchange.set_time(NOON, tick=False)
    clock += 2.5
    assert exchange.now() == NOON.timestamp()
    exchange.advance(60)
    assert exchange.now() == NOON.timestamp() + 60
    exchange.set_time(NOON)
    clock += 1
    assert exchange.now() == NOON.timestamp() + 1


def test_reset_brings_the_clock_back():
    clock = 1_000.0
    exchange = MockExchange(clock=lambda: clock)
    exchange.set_time(NOON, tick=False)
    exchange.reset()
    clock += 1
    assert exchange.now() == 1_001


def test_any_time_zone_will_do():
    exchange = MockExchange()
    exchange.set_time(datetime(2026, 3, 10, 20, tzinfo=timezone(timedelta(hours=8))), tick=False)
    assert exchange.now() == NOON.timestamp()


def test_a_time_is_exact_to_the_millisecond(mock_exchange, get):
    """Midnight must not be a millisecond early."""
    for second in range(0, 86_400, 977):
        mock_exchange.set_time(NOON + timedelta(seconds=second), tick=False)
        assert int(mock_exchange.now() * 1000) == int(NOON.timestamp() + second) * 1000


def test_the_date_header_and_the_check_of_timestamps_go_by_it(mock_exchange, get):
    mock_exchange.set_time(NOON, tick=False)
    now = round(NOON.timestamp() * 1000)
    assert get(BALANCES).headers["Date"] == "Tue, 10 Mar 2026 12:00:00 GMT"
    bodies = [get(BALANCES, timestamp=now + ahead).json() for ahead in (-5000, 999)]
    assert all(isinstance(body, list) for body in bodies)
    assert [get(BALANCES, timestamp=now + ahead).json()["code"] for ahead in (-5001, 1000)] == [-1021, -1021]


def test_the_next_minute_begins_when_it_is_moved_there(mock_exchange, get):
    mock_exchange.set_time(NOON - timedelta(seconds=1), tick=False)
    used = [get(BALANCES).headers["X-SAPI-USED-IP-WEIGHT-1M"] for _ in range(2)]
    mock_exchange.advance(1)
    assert [*used, get(BALANCES).headers["X-SAPI-USED-IP-WEIGHT-1M"]] == ["60", "120", "60"]


def test_the_next_day_has_the_snapshot_of_this_one(mock_exchange, get):
    def last_day() -> datetime:
        return datetime.fromtimestamp(get(SNAPSHOTS, type="SPOT").json()["snapshotVos"][-1]["updateTime"] / 1000, UTC)

    mock_exchange.set_time(datetime(2026, 3, 10, 23, 59, 59, tzinfo=UTC), tick=False)
    assert last_day() == datetime(2026, 3, 9, 23, 59, 59, tzinfo=UTC)
    mock_exchange.advance(1)
    assert last_day() == datetime(2026, 3, 10, 23, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize("moment", [datetime(2026, 3, 10), NOON.date(), NOON.timestamp(), "2026-03-10T12:00Z", None])  # noqa: DTZ001 - that is the point
def test_what_is_no_time_is_refused_at_once(moment):
    with pytest.raises(ValueError, match="moment must be a datetime with a time zone"):
        MockExchange().set_time(moment)


@pytest.mark.parametrize("seconds", [float("inf"), float("-inf"), float("nan")])
def test_time_is_not_moved_out_of_reach(seconds):
    with pytest.raises(ValueError, match="seconds must be a finite number"):
        MockExchange().advance(seconds)
