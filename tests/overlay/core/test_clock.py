from datetime import timedelta

import pytest
from binance_wallet.clock import Clock, Time
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis_profiles import thoroughly

from .simulated_exchange import SimulatedExchange

HOUR_MS = 3_600_000
YEAR_MS = 365 * 24 * HOUR_MS

wrong_by = st.integers(-YEAR_MS, YEAR_MS) | st.integers(-7000, 2500)
latencies = st.integers(0, 1000)
calls = st.tuples(st.integers(0, 600_000), latencies, latencies)  # a pause, there and back, in ms
moments = st.integers(0, 999).map(lambda ms: 1_768_910_410_000 + ms)


@thoroughly
@given(wrong_by, moments, latencies, latencies, st.lists(calls, max_size=8))
@example(1500, 1_768_910_410_000, 1000, 0, [(0, 0, 0)])  # too far ahead, and accepted for being slow
def test_after_one_response_every_timestamp_is_accepted(
    ahead_ms: int, start_ms: int, up_ms: int, down_ms: int, later: list[tuple[int, int, int]]
) -> None:
    exchange = SimulatedExchange(ahead_ms, start_ms=start_ms)
    clock = exchange.clock()
    exchange.call(clock, up_ms, down_ms)
    for pause_ms, *ways in later:
        exchange.wait(pause_ms)
        assert exchange.call(clock, *ways)


@thoroughly
@given(wrong_by, moments, st.lists(calls, min_size=1, max_size=8))
def test_after_one_response_it_is_never_more_than_half_a_second_ahead(
    ahead_ms: int, start_ms: int, seen: list[tuple[int, int, int]]
) -> None:
    exchange = SimulatedExchange(ahead_ms, start_ms=start_ms)
    clock = exchange.clock()
    for pause_ms, *ways in seen:
        exchange.wait(pause_ms)
        exchange.call(clock, *ways)
        assert clock.now() <= exchange.now_ms / 1000 + 0.501


@thoroughly
@given(wrong_by, moments, st.lists(calls, min_size=1, max_size=8))
def test_after_a_response_it_lags_by_at_most_a_second_and_the_time_that_the_response_took(
    ahead_ms: int, start_ms: int, seen: list[tuple[int, int, int]]
) -> None:
    exchange = SimulatedExchange(ahead_ms, start_ms=start_ms)
    clock = exchange.clock()
    for pause_ms, up_ms, down_ms in seen:
        exchange.wait(pause_ms)
        exchange.call(clock, up_ms, down_ms)
        assert exchange.now_ms - clock.now() * 1000 <= 1001 + up_ms + down_ms


@thoroughly
@given(wrong_by, moments, st.lists(calls, min_size=1, max_size=8))
def test_after_one_response_the_lower_bound_is_one(
    ahead_ms: int, start_ms: int, seen: list[tuple[int, int, int]]
) -> None:
    exchange = SimulatedExchange(ahead_ms, start_ms=start_ms)
    clock = exchange.clock()
    for pause_ms, *ways in seen:
        exchange.wait(pause_ms)
        exchange.call(clock, *ways)
        assert exchange.now_ms / 1000 - 3.001 <= clock.lower_bound() <= exchange.now_ms / 1000 + 0.001


@thoroughly
@given(wrong_by, moments, st.floats(-400e-6, 400e-6), st.lists(calls, max_size=8))
def test_a_monotonic_clock_that_drifts_is_followed(
    ahead_ms: int, start_ms: int, drift: float, later: list[tuple[int, int, int]]
) -> None:
    exchange = SimulatedExchange(ahead_ms, drift, start_ms=start_ms)
    clock = exchange.clock()
    exchange.call(clock, 50, 50)
    for pause_ms, *ways in later:
        exchange.wait(pause_ms)
        assert exchange.call(clock, *ways)


def test_the_lower_bound_holds_while_a_monotonic_clock_drifts() -> None:
    """The second response is as old as it may be: it alone would not tell that the first one's bound is outdated."""
    exchange = SimulatedExchange(drift=-400e-6)
    clock = exchange.clock()
    exchange.call(clock, 0, 0)
    exchange.wait(1000 * 1000)
    exchange.call(clock, 0, 0)
    assert clock.lower_bound() <= exchange.now_ms / 1000


@thoroughly
@given(wrong_by, moments, st.lists(st.tuples(st.integers(-2 * HOUR_MS, 2 * HOUR_MS), latencies, latencies)))
def test_however_clocks_jump_no_two_requests_in_a_row_are_refused(
    ahead_ms: int, start_ms: int, jumps: list[tuple[int, int, int]]
) -> None:
    exchange = SimulatedExchange(ahead_ms, start_ms=start_ms)
    clock = exchange.clock()
    for jump_ms, *ways in jumps:
        exchange.start_ms += jump_ms
        assert exchange.call(clock, *ways) or exchange.call(clock, *ways)


def test_without_a_response_this_machines_clock_is_believed() -> None:
    exchange = SimulatedExchange(ahead_ms=HOUR_MS)
    assert exchange.clock().now() == exchange.now_ms / 1000 + 3600


def test_further_responses_narrow_what_is_known() -> None:
    """Two responses, one just before and one just after the turn of a second, leave little uncertainty."""
    exchange = SimulatedExchange(start_ms=1_768_910_410_000)
    clock = exchange.clock()
    for pause_ms in (990, 10):
        exchange.wait(pause_ms)
        exchange.call(clock, 0, 0)
    assert clock.lower_bound() == pytest.approx(exchange.now_ms / 1000, abs=0.011)


def test_a_slow_response_does_not_widen_what_is_known() -> None:
    exchange = SimulatedExchange()
    clock = exchange.clock()
    exchange.call(clock, 0, 0)
    before = clock.lower_bound() - exchange.monotonic()
    exchange.call(clock, 1000, 1000)
    assert clock.lower_bound() - exchange.monotonic() == pytest.approx(before, abs=0.002)


def test_a_refusal_makes_it_forget_what_it_believed() -> None:
    exchange = SimulatedExchange()
    clock = exchange.clock()
    exchange.call(clock, 0, 0)
    clock.learn(exchange.date + 3600, exchange.monotonic(), exchange.monotonic(), refused=True)
    assert clock.now() == pytest.approx(exchange.now_ms / 1000 + 3600, abs=1)


def test_after_a_refusal_only_that_response_counts() -> None:
    exchange = SimulatedExchange()
    clock = exchange.clock()
    exchange.call(clock, 0, 0)
    exchange.wait(600)
    clock.learn(exchange.date, exchange.monotonic(), exchange.monotonic(), refused=True)
    assert clock.lower_bound() == exchange.date


def test_a_step_of_the_wall_clock_is_not_seen() -> None:
    wall = [1000.0]
    clock = Clock(Time(wall=lambda: wall[0], monotonic=lambda: 5.0))
    wall[0] = 9000.0
    assert clock.now() == 1000.0


def test_without_a_response_it_may_be_a_day_wrong() -> None:
    assert SimulatedExchange().clock().uncertainty() == timedelta(days=1)


@pytest.mark.parametrize("ahead_ms", [0, HOUR_MS, -HOUR_MS])
def test_after_a_response_the_uncertainty_is_the_difference_to_the_wall_clock(ahead_ms: int) -> None:
    """Which goes on while the machine sleeps, where the monotonic clock may stand still."""
    exchange = SimulatedExchange(ahead_ms)
    clock = exchange.clock()
    exchange.call(clock, 0, 0)
    assert clock.uncertainty() / timedelta(milliseconds=1) == pytest.approx(abs(ahead_ms), abs=1000)
