"""Counting weight: what may be sent now, and what responses tell of the counts."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from binance_wallet.budget import Blocked, Budget, Release, Reserve, shared_budget
from binance_wallet.budget.operations import Full, Verdict
from binance_wallet.clock import Clock, Time
from hypothesis import given
from hypothesis import strategies as st
from hypothesis_profiles import thoroughly

from .simulated_exchange import SimulatedExchange

PATH, OTHER = "/sapi/v1/accountSnapshot", "/sapi/v1/asset/wallet/balance"
WEIGHT, LIMIT = 2400, 12_000
SECOND_MS = 1000
MINUTE_MS = 1_768_910_400_000  # a minute of the exchange starts here
SENT = None  # the verdict on a request that may be sent


@pytest.fixture
def simulated() -> SimulatedExchange:
    return SimulatedExchange()


@pytest.fixture
def budget(simulated: SimulatedExchange) -> Budget:
    return Budget(clock=simulated.clock())


def reserve(budget: Budget, path: str = PATH, weight: int = WEIGHT, limit: int | None = LIMIT) -> Verdict:
    """Whether a request may be sent now."""
    return budget.store.perform(budget.reservation(path, weight, limit), 0.0)


def confirm(
    budget: Budget, simulated: SimulatedExchange, reserved: Reserve, date: float, used: int, *, took: float = 0.0
) -> None:
    """A response arrives, so many seconds after its request was sent."""
    now = simulated.monotonic()
    budget.clock.learn(date, now - took, now)
    budget.store.perform(budget.confirm(reserved, date, budget.clock.monotonic() - took, used), 0.0)


def report(budget: Budget, simulated: SimulatedExchange, used: int) -> None:
    """A response arrives that reports so much weight, some of it used by others."""
    confirm(budget, simulated, budget.reservation(PATH, 0, None), simulated.date, used)


def release(budget: Budget, reserved: Reserve) -> None:
    """The request has not left."""
    budget.store.perform(Release(reserved.counter, reserved.weight, reserved.minutes), 0.0)


def block(budget: Budget, seconds: float, *, ban: bool = False, limited: bool = True) -> float:
    """The exchange refuses a request; for how long none goes out."""
    operation = budget.block_for(seconds, ban=ban, limited=limited)
    budget.store.perform(operation, 0.0)
    return operation.until - operation.now


def used(budget: Budget, path: str = PATH) -> int:
    return budget.usage(LIMIT)[path].used


def test_what_fits_goes_out_at_once_and_the_rest_waits_for_the_next_minute(budget: Budget) -> None:
    assert [reserve(budget) for _ in range(6)] == [SENT] * 5 + [Full()]
    assert budget.plan_retry(PATH) == pytest.approx(51, abs=0.1)


def test_waiting_for_the_next_minute_is_enough(budget: Budget, simulated: SimulatedExchange) -> None:
    """It has a budget of its own."""
    while reserve(budget) is SENT:
        pass
    simulated.wait(round(budget.plan_retry(PATH) * 1000))
    assert [reserve(budget) for _ in range(6)] == [SENT] * 5 + [Full()]


def test_those_who_wait_come_back_at_random_moments_and_earlier_each_time(simulated: SimulatedExchange) -> None:
    for chance, rounds in ((min, (15, 14, 13)), (max, (16, 15, 14))):
        budget, pauses = Budget(clock=simulated.clock(uniform=chance)), []
        for _ in rounds:
            pauses.append(budget.plan_retry(PATH))
            simulated.wait(60 * SECOND_MS)
        assert pauses == [50 + number / 16 for number in rounds]


def test_those_who_have_waited_for_long_come_back_when_the_minute_begins(
    budget: Budget, simulated: SimulatedExchange
) -> None:
    budget.plan_retry(PATH)
    simulated.wait(30 * 60 * SECOND_MS)
    assert budget.plan_retry(PATH) == 50


def test_a_response_ends_the_wait_of_its_endpoint(budget: Budget, simulated: SimulatedExchange) -> None:
    for path in (PATH, OTHER):
        budget.plan_retry(path)
    simulated.wait(60 * SECOND_MS)
    report(budget, simulated, 0)
    assert budget.plan_retry(PATH) > budget.plan_retry(OTHER)


def test_each_endpoint_counts_on_its_own(budget: Budget) -> None:
    while reserve(budget) is SENT:
        pass
    assert reserve(budget, OTHER) is SENT


def test_the_exchanges_count_includes_what_others_use(budget: Budget, simulated: SimulatedExchange) -> None:
    report(budget, simulated, 9700)
    assert reserve(budget) == Full()


def test_the_exchanges_count_never_lowers_ours(budget: Budget, simulated: SimulatedExchange) -> None:
    """Its response to the first request knows nothing of those that are in flight."""
    for _ in range(5):
        reserve(budget)
    report(budget, simulated, WEIGHT)
    assert reserve(budget) == Full()


NEAR_THE_END_MS = 45 * SECOND_MS  # 55 s into a minute: a request may arrive in this minute or in the next one


def test_a_request_near_the_end_of_a_minute_is_reserved_in_both(budget: Budget, simulated: SimulatedExchange) -> None:
    simulated.wait(NEAR_THE_END_MS)
    reserve(budget)
    assert used(budget) == WEIGHT
    simulated.wait(10 * SECOND_MS)
    assert used(budget) == WEIGHT


def test_a_request_that_arrived_in_the_first_minute_is_released_from_the_second(
    budget: Budget, simulated: SimulatedExchange
) -> None:
    simulated.wait(NEAR_THE_END_MS)
    reserved = budget.reservation(PATH, WEIGHT, LIMIT)
    budget.store.perform(reserved, 0.0)
    confirm(budget, simulated, reserved, simulated.date, WEIGHT)
    assert used(budget) == WEIGHT
    simulated.wait(10 * SECOND_MS)
    assert used(budget) == 0


@pytest.mark.parametrize("has_response", [True, False])
def test_a_request_that_may_have_arrived_in_either_minute_stays_reserved_in_both(
    has_response: bool, budget: Budget, simulated: SimulatedExchange
) -> None:
    simulated.wait(NEAR_THE_END_MS)
    reserved = budget.reservation(PATH, WEIGHT, LIMIT)
    budget.store.perform(reserved, 0.0)
    assert used(budget) == WEIGHT
    simulated.wait(10 * SECOND_MS)
    if has_response:
        confirm(budget, simulated, reserved, simulated.date, LIMIT, took=10)
    assert used(budget) == WEIGHT


def test_a_request_that_has_not_left_costs_nothing(budget: Budget) -> None:
    reserve(budget)
    release(budget, budget.reservation(PATH, WEIGHT, LIMIT))
    assert used(budget) == 0


def test_a_request_that_has_not_left_does_not_lower_the_exchanges_count(
    budget: Budget, simulated: SimulatedExchange
) -> None:
    reserve(budget)
    report(budget, simulated, LIMIT)
    release(budget, budget.reservation(PATH, WEIGHT, LIMIT))
    assert reserve(budget) == Full()


def test_a_late_response_does_not_lower_the_count_of_this_minute(budget: Budget, simulated: SimulatedExchange) -> None:
    report(budget, simulated, 0)
    reserved, date = budget.reservation(PATH, WEIGHT, LIMIT), simulated.date
    simulated.wait(60 * SECOND_MS)
    for _ in range(5):
        reserve(budget)
    confirm(budget, simulated, reserved, date, WEIGHT, took=60)
    assert reserve(budget) == Full()


def test_a_response_from_the_next_minute_counts_there(budget: Budget, simulated: SimulatedExchange) -> None:
    simulated.wait(39 * SECOND_MS)
    reserved = budget.reservation(PATH, 0, LIMIT)
    simulated.wait(12 * SECOND_MS)
    confirm(budget, simulated, reserved, simulated.date, LIMIT, took=0.5)
    assert reserve(budget) == Full()


@pytest.mark.parametrize("took", [0.5, 12])  # with the latter, it may have been counted in either minute
def test_a_request_that_arrived_in_a_minute_without_reservation_weighs_there(
    took: float, budget: Budget, simulated: SimulatedExchange
) -> None:
    simulated.wait(39 * SECOND_MS)
    reserved = budget.reservation(PATH, WEIGHT, LIMIT)
    simulated.wait(12 * SECOND_MS)
    reserve(budget)
    confirm(budget, simulated, reserved, simulated.date, WEIGHT, took=took)
    assert used(budget) == 2 * WEIGHT


def test_without_a_limit_nothing_waits(budget: Budget) -> None:
    assert {reserve(budget, limit=None) for _ in range(100)} == {SENT}
    assert budget.usage(None)[PATH].left is None


def test_usage_tells_what_is_used_left_and_when_it_starts_afresh(budget: Budget) -> None:
    reserve(budget)
    reserve(budget)
    usage = budget.usage(LIMIT)
    assert set(usage) == {PATH}
    assert (usage[PATH].used, usage[PATH].left, usage[PATH].reset) == (4800, 7200, 50)


@pytest.mark.parametrize("ban", [False, True])
def test_while_it_is_blocked_every_endpoint_is_refused(ban: bool, budget: Budget, simulated: SimulatedExchange) -> None:
    until = simulated.now_ms / 1000 + 100
    block(budget, 100, ban=ban)
    simulated.wait(40 * SECOND_MS)
    assert reserve(budget) == reserve(budget, OTHER) == Blocked(until, ban)
    simulated.wait(60 * SECOND_MS)
    assert reserve(budget) is SENT


def test_a_block_holds_even_without_a_limit(budget: Budget) -> None:
    block(budget, 100, ban=True)
    assert isinstance(reserve(budget, limit=None), Blocked)


@pytest.mark.parametrize("second", [1, 100, 130])
def test_another_refusal_does_not_end_a_ban(second: float, budget: Budget, simulated: SimulatedExchange) -> None:
    block(budget, 100, ban=True)
    assert block(budget, second) == max(100, second)
    simulated.wait(2 * SECOND_MS)
    verdict = reserve(budget)
    assert isinstance(verdict, Blocked)
    assert verdict.ban


def test_a_shorter_block_of_another_budget_does_not_end_a_longer_one(
    budget: Budget, simulated: SimulatedExchange
) -> None:
    """Both keep their counts in one store."""
    block(budget, 100)
    block(Budget(budget.store, budget.clock), 10)
    simulated.wait(50 * SECOND_MS)
    assert isinstance(reserve(budget), Blocked)


def test_a_block_that_a_wrong_clock_set_for_ever_does_not_hold(simulated: SimulatedExchange) -> None:
    """The clock was a year ahead when the exchange asked for a minute."""
    simulated.ahead_ms = 365 * 86_400 * SECOND_MS
    budget = Budget(clock=simulated.clock())
    block(budget, 60)
    budget.clock.learn(simulated.date, simulated.monotonic(), simulated.monotonic())
    assert reserve(budget) is SENT


def latest(low: float, high: float) -> float:
    """Whatever is left to chance comes out as late as it may."""
    return high - 1e-9


@pytest.fixture
def unlucky(simulated: SimulatedExchange) -> Budget:
    return Budget(clock=simulated.clock(uniform=latest))


def come_back(simulated: SimulatedExchange, pause: float, late: int = 0) -> None:
    simulated.wait(round(pause * 1000) + late * SECOND_MS)


def test_a_first_refusal_holds_for_as_long_as_the_exchange_says(unlucky: Budget) -> None:
    assert block(unlucky, 20) == 20


def test_refusals_in_a_row_where_others_share_the_address_hold_for_some_minutes_more(
    unlucky: Budget, simulated: SimulatedExchange
) -> None:
    pauses = []
    for _ in range(5):
        pauses.append(block(unlucky, 20))
        come_back(simulated, pauses[-1])
    assert pauses == [20, 20 + 2 * 60, 20 + 8 * 60, 20 + 26 * 60, 20 + 26 * 60]


def test_how_many_minutes_more_is_left_to_chance(simulated: SimulatedExchange) -> None:
    pauses = set()
    for chance in (0.0, 0.5, 0.99):
        budget = Budget(clock=simulated.clock(uniform=lambda low, high, at=chance: low + (high - low) * at))
        come_back(simulated, block(budget, 20))
        pauses.add(block(budget, 20))
    assert pauses == {20, 80, 140}


def test_what_block_returns_is_when_requests_go_out_again(unlucky: Budget, simulated: SimulatedExchange) -> None:
    come_back(simulated, block(unlucky, 20))
    pause = block(unlucky, 20)
    come_back(simulated, pause - 1)
    assert isinstance(reserve(unlucky), Blocked)
    come_back(simulated, 1)
    assert reserve(unlucky) is SENT


def test_refusals_in_a_row_without_a_limit_hold_for_as_long_as_the_exchange_says(
    unlucky: Budget, simulated: SimulatedExchange
) -> None:
    """Then it is this client itself that sends too much."""
    for _ in range(3):
        assert block(unlucky, 20, limited=False) == 20
        come_back(simulated, 20)


def test_a_refusal_a_minute_after_the_last_one_was_over_is_a_first_one(
    unlucky: Budget, simulated: SimulatedExchange
) -> None:
    come_back(simulated, block(unlucky, 20), late=60)
    assert block(unlucky, 20) == 20


def test_calls_that_are_refused_together_count_as_one_refusal(unlucky: Budget, simulated: SimulatedExchange) -> None:
    assert block(unlucky, 20) == block(unlucky, 20) == 20
    come_back(simulated, 20)
    assert block(unlucky, 20) == 20 + 2 * 60


def test_a_shorter_wait_tells_of_the_longer_one(budget: Budget, simulated: SimulatedExchange) -> None:
    block(budget, 100, ban=True)
    simulated.wait(40 * SECOND_MS)
    assert block(budget, 1) == 60


def test_threads_never_take_more_than_there_is(budget: Budget) -> None:
    with ThreadPoolExecutor(16) as pool:
        verdicts = [*pool.map(lambda _: reserve(budget, OTHER, 60), range(400))]
    assert verdicts.count(SENT) == 200


def test_a_store_forgets_minutes_that_are_over(budget: Budget, simulated: SimulatedExchange) -> None:
    """A client may run for months."""
    for _ in range(10):
        reserve(budget)
        simulated.wait(60 * SECOND_MS)
    assert used(budget) == 0


events = st.lists(
    st.tuples(st.sampled_from(["call", "arrive", "answer"]), st.integers(1, 6))
    | st.tuples(st.just("wait"), st.sampled_from([1, 200, 1000, 9_000, 50_000])),
    max_size=40,
)
near_the_turn = st.integers(59_000, 59_999) | st.integers(0, 59_999)


LONGEST_ROUND_TRIP = 4.0  # seconds; what takes longer is lost


def play(events: list[tuple[str, int]], simulated: SimulatedExchange, *, at_once: int) -> None:
    """Calls go out, arrive and are answered in any order, and time passes; `at_once` may be in flight together.

    One response has come already: before it, the clock may be ahead, and a request may leave before its minute begins.
    """
    budget = Budget(clock=simulated.clock())
    budget.clock.learn(simulated.date, simulated.monotonic(), simulated.monotonic())
    sent: list[tuple[float, Reserve]] = []
    arrived: list[tuple[float, Reserve, int, int]] = []
    for event, number in events:
        if event == "wait":
            simulated.wait(number)
            lost = simulated.monotonic() - LONGEST_ROUND_TRIP
            sent, arrived = [call for call in sent if call[0] > lost], [call for call in arrived if call[0] > lost]
            continue
        for _ in range(number):
            if event == "call" and len(sent) + len(arrived) < at_once:
                reserved = budget.reservation(PATH, WEIGHT, LIMIT)
                if budget.store.perform(reserved, 0.0) is SENT:
                    sent.append((simulated.monotonic(), reserved))
            elif event == "arrive" and sent:
                simulated.used[simulated.minute] += WEIGHT
                assert simulated.used[simulated.minute] <= LIMIT
                arrived.append((*sent.pop(0), simulated.used[simulated.minute], simulated.date))
            elif event == "answer" and arrived:
                moment, reserved, used, date = arrived.pop(0)
                confirm(budget, simulated, reserved, date, used, took=simulated.monotonic() - moment)


@thoroughly
@given(events, near_the_turn, st.integers(-400, 400))
def test_one_call_after_another_never_exceeds_the_limit(
    events: list[tuple[str, int]], into_the_minute: int, ahead_ms: int
) -> None:
    play(events, SimulatedExchange(ahead_ms, start_ms=MINUTE_MS + into_the_minute), at_once=1)


@thoroughly
@given(events, near_the_turn, st.integers(-400, 400))
def test_calls_in_flight_together_never_exceed_the_limit(
    events: list[tuple[str, int]], into_the_minute: int, ahead_ms: int
) -> None:
    play(events, SimulatedExchange(ahead_ms, start_ms=MINUTE_MS + into_the_minute), at_once=20)


def test_threads_that_are_refused_together_count_as_one_refusal() -> None:
    drawn_from: list[float] = []

    def uniform(low: float, high: float) -> float:
        time.sleep(0.02)
        drawn_from.append(high)
        return low

    budget = Budget(clock=Clock(Time(uniform=uniform)))
    with ThreadPoolExecutor(4) as pool:
        for _ in range(4):
            pool.submit(budget.block_for, 60.0, ban=False, limited=True)
    assert len(drawn_from) == 1


def test_one_exchange_has_one_budget_and_another_address_another() -> None:
    budget = shared_budget("api.binance.com")
    assert shared_budget("api.binance.com") is budget
    assert shared_budget(("api.binance.com", "a proxy")) is not budget
