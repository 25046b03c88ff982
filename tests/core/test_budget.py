from concurrent.futures import ThreadPoolExecutor

import pytest
from binance_wallet import BannedError, InvalidRequestError, RateLimitError
from binance_wallet.limits import Budget, shared_budget
from hypothesis import given, settings
from hypothesis import strategies as st

from .simulation import Exchange

PATH, OTHER = "/sapi/v1/accountSnapshot", "/sapi/v1/asset/wallet/balance"
WEIGHT, LIMIT = 2400, 12_000
SECOND_MS = 1000
MINUTE_MS = 1_768_910_400_000  # a minute of the exchange starts here


@pytest.fixture
def exchange() -> Exchange:
    return Exchange()


def spend(budget: Budget, exchange: Exchange, times: int, path: str = PATH) -> list[float]:
    """Calls that are answered at once: how long each has to wait."""
    clock, pauses = exchange.clock(), []
    for _ in range(times):
        pauses.append(budget.reserve(path, WEIGHT, LIMIT, clock))
        if not pauses[-1]:
            budget.landed(path, WEIGHT)
    return pauses


def test_what_fits_goes_out_at_once_and_the_rest_waits_for_the_next_minute(exchange: Exchange) -> None:
    assert spend(Budget(), exchange, 6) == [0, 0, 0, 0, 0, 50]


def test_the_next_minute_has_a_budget_of_its_own(exchange: Exchange) -> None:
    budget = Budget()
    spend(budget, exchange, 5)
    exchange.wait(50 * SECOND_MS)
    assert spend(budget, exchange, 5) == [0] * 5


def test_waiting_as_told_is_enough(exchange: Exchange) -> None:
    budget = Budget()
    *_, pause = spend(budget, exchange, 6)
    exchange.wait(round(pause * 1000))
    assert spend(budget, exchange, 1) == [0]


def test_each_endpoint_counts_on_its_own(exchange: Exchange) -> None:
    budget = Budget()
    spend(budget, exchange, 5)
    assert spend(budget, exchange, 1, OTHER) == [0]


def test_the_exchanges_count_stands_in_for_others(exchange: Exchange) -> None:
    budget = Budget()
    budget.settle(PATH, 9700, exchange.date)
    assert spend(budget, exchange, 1) == [50]


def test_the_exchanges_count_never_lowers_ours(exchange: Exchange) -> None:
    """Its answer to the first request knows nothing of those that are under way."""
    budget = Budget()
    spend(budget, exchange, 5)
    budget.settle(PATH, WEIGHT, exchange.date)
    assert spend(budget, exchange, 1) == [50]


def test_what_is_under_way_at_the_turn_of_a_minute_counts_in_both(exchange: Exchange) -> None:
    budget, clock = Budget(), exchange.clock()
    budget.reserve(PATH, WEIGHT, LIMIT, clock)
    exchange.wait(50 * SECOND_MS)
    assert spend(budget, exchange, 5) == [0, 0, 0, 0, 60]


def test_a_call_that_is_over_counts_in_its_own_minute_only(exchange: Exchange) -> None:
    budget, clock = Budget(), exchange.clock()
    budget.reserve(PATH, WEIGHT, LIMIT, clock)
    exchange.wait(50 * SECOND_MS)
    budget.landed(PATH, WEIGHT)
    assert spend(budget, exchange, 5) == [0] * 5


def test_a_request_that_has_not_left_costs_nothing(exchange: Exchange) -> None:
    budget, clock = Budget(), exchange.clock()
    budget.reserve(PATH, WEIGHT, LIMIT, clock)
    budget.landed(PATH, WEIGHT, unsent=True)
    assert spend(budget, exchange, 6) == [0, 0, 0, 0, 0, 50]


def test_a_request_that_has_not_left_does_not_lower_the_exchanges_count(exchange: Exchange) -> None:
    budget, clock = Budget(), exchange.clock()
    budget.reserve(PATH, WEIGHT, LIMIT, clock)
    budget.settle(PATH, LIMIT, exchange.date)
    budget.landed(PATH, WEIGHT, unsent=True)
    assert spend(budget, exchange, 1) == [50]


def test_a_late_answer_does_not_erase_the_count_of_this_minute(exchange: Exchange) -> None:
    budget, earlier = Budget(), exchange.date
    exchange.wait(60 * SECOND_MS)
    spend(budget, exchange, 5)
    budget.settle(PATH, WEIGHT, earlier)
    assert spend(budget, exchange, 1) == [50]


def test_an_answer_from_the_next_minute_counts_there(exchange: Exchange) -> None:
    """Its clock has just struck; ours will in a moment."""
    budget = Budget()
    exchange.wait(49_900)
    budget.settle(PATH, LIMIT, exchange.date + 1)
    spend(budget, exchange, 1)
    exchange.wait(200)
    assert spend(budget, exchange, 1)[0] > 59


def test_a_call_that_weighs_more_than_the_limit_is_refused(exchange: Exchange) -> None:
    with pytest.raises(InvalidRequestError, match="2400"):
        Budget().reserve(PATH, WEIGHT, 2000, exchange.clock())


def test_without_a_limit_nothing_waits(exchange: Exchange) -> None:
    budget, clock = Budget(), exchange.clock()
    assert {budget.reserve(PATH, WEIGHT, None, clock) for _ in range(100)} == {0}
    assert budget.usage(None, clock)[PATH].left is None


def test_usage_tells_what_is_used_left_and_when_it_starts_afresh(exchange: Exchange) -> None:
    budget = Budget()
    spend(budget, exchange, 2)
    usage = budget.usage(LIMIT, exchange.clock())
    assert set(usage) == {PATH}
    assert (usage[PATH].used, usage[PATH].left, usage[PATH].reset) == (4800, 7200, 50)


@pytest.mark.parametrize(("ban", "kind"), [(False, RateLimitError), (True, BannedError)])
def test_while_it_is_to_stay_away_every_endpoint_is_refused_at_once(
    ban: bool, kind: type[RateLimitError], exchange: Exchange
) -> None:
    budget, clock = Budget(), exchange.clock()
    budget.stay_away(100, clock, ban=ban)
    exchange.wait(40 * SECOND_MS)
    for path in (PATH, OTHER):
        with pytest.raises(kind) as caught:
            budget.reserve(path, WEIGHT, LIMIT, clock)
        assert type(caught.value) is kind
        assert caught.value.retry_after == pytest.approx(60)
    exchange.wait(60 * SECOND_MS)
    assert budget.reserve(PATH, WEIGHT, LIMIT, clock) == 0


def test_staying_away_holds_even_without_a_limit(exchange: Exchange) -> None:
    budget, clock = Budget(), exchange.clock()
    budget.stay_away(100, clock, ban=True)
    with pytest.raises(BannedError):
        budget.reserve(PATH, WEIGHT, None, clock)


def test_a_shorter_wait_does_not_end_a_longer_one(exchange: Exchange) -> None:
    budget, clock = Budget(), exchange.clock()
    budget.stay_away(100, clock, ban=True)
    budget.stay_away(1, clock, ban=False)
    exchange.wait(2 * SECOND_MS)
    with pytest.raises(BannedError):
        budget.reserve(PATH, WEIGHT, LIMIT, clock)


def test_a_refusal_within_a_ban_leaves_it_a_ban(exchange: Exchange) -> None:
    budget, clock = Budget(), exchange.clock()
    budget.stay_away(100, clock, ban=True)
    budget.stay_away(130, clock, ban=False)
    with pytest.raises(BannedError):
        budget.reserve(PATH, WEIGHT, LIMIT, clock)


def test_what_was_under_way_at_a_fork_is_the_parents(exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    budget, clock = Budget(), exchange.clock()
    budget.reserve(PATH, LIMIT, LIMIT, clock)
    monkeypatch.setattr("os.getpid", lambda: -1)
    exchange.wait(120 * SECOND_MS)
    assert budget.reserve(PATH, WEIGHT, LIMIT, clock) == 0


@pytest.fixture
def unlucky(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is left to chance comes out as late as it may."""
    monkeypatch.setattr("random.randrange", lambda stop: stop - 1)


def refused(budget: Budget, exchange: Exchange, *, crowded: bool = True) -> float:
    """A call that is to come again in 20 s, and then is refused: how long to stay away from there on."""
    clock = exchange.clock()
    assert budget.reserve(PATH, WEIGHT, None, clock) == 0
    budget.settle(PATH, LIMIT if crowded else WEIGHT, exchange.date)
    budget.landed(PATH, WEIGHT)
    return budget.stay_away(20, clock, ban=False)


def come_back(exchange: Exchange, pause: float, late: int = 0) -> None:
    exchange.wait(round(pause * 1000) + late * SECOND_MS)


@pytest.mark.usefixtures("unlucky")
def test_a_first_refusal_holds_for_as_long_as_the_exchange_says(exchange: Exchange) -> None:
    assert refused(Budget(), exchange) == 20


@pytest.mark.usefixtures("unlucky")
def test_refusals_in_a_row_where_others_share_the_address_hold_for_some_minutes_more(exchange: Exchange) -> None:
    budget, pauses = Budget(), []
    for _ in range(5):
        pauses.append(refused(budget, exchange))
        come_back(exchange, pauses[-1])
    assert pauses == [20, 20 + 2 * 60, 20 + 8 * 60, 20 + 26 * 60, 20 + 26 * 60]


def test_how_many_minutes_more_is_left_to_chance(exchange: Exchange) -> None:
    pauses = set()
    for _ in range(100):
        budget = Budget()
        come_back(exchange, refused(budget, exchange))
        pauses.add(refused(budget, exchange))
    assert pauses == {20, 80, 140}


@pytest.mark.usefixtures("unlucky")
def test_what_stay_away_returns_is_when_requests_go_out_again(exchange: Exchange) -> None:
    budget = Budget()
    come_back(exchange, refused(budget, exchange))
    pause = refused(budget, exchange)
    come_back(exchange, pause - 1)
    with pytest.raises(RateLimitError) as caught:
        budget.reserve(PATH, WEIGHT, LIMIT, exchange.clock())
    assert caught.value.retry_after == pytest.approx(1)
    come_back(exchange, 1)
    assert spend(budget, exchange, 1) == [0]


@pytest.mark.usefixtures("unlucky")
def test_refusals_in_a_row_without_others_hold_for_as_long_as_the_exchange_says(exchange: Exchange) -> None:
    budget = Budget()
    for _ in range(3):
        assert refused(budget, exchange, crowded=False) == 20
        come_back(exchange, 20)


@pytest.mark.usefixtures("unlucky")
def test_a_refusal_a_minute_after_the_last_one_was_over_is_a_first_one(exchange: Exchange) -> None:
    budget = Budget()
    come_back(exchange, refused(budget, exchange), late=60)
    assert refused(budget, exchange) == 20


@pytest.mark.usefixtures("unlucky")
def test_calls_that_are_refused_together_count_as_one_refusal(exchange: Exchange) -> None:
    budget, clock = Budget(), exchange.clock()
    refused(budget, exchange)
    assert budget.stay_away(20, clock, ban=False) == 20
    come_back(exchange, 20)
    assert refused(budget, exchange) == 20 + 2 * 60


def test_a_wait_that_ends_with_a_ban_leaves_it_a_ban(exchange: Exchange) -> None:
    budget, clock = Budget(), exchange.clock()
    budget.stay_away(100, clock, ban=True)
    budget.stay_away(100, clock, ban=False)
    with pytest.raises(BannedError):
        budget.reserve(PATH, WEIGHT, LIMIT, clock)


def test_a_shorter_wait_tells_of_the_longer_one(exchange: Exchange) -> None:
    budget, clock = Budget(), exchange.clock()
    budget.stay_away(100, clock, ban=True)
    exchange.wait(40 * SECOND_MS)
    assert budget.stay_away(1, clock, ban=False) == 60


def test_threads_never_take_more_than_there_is(exchange: Exchange) -> None:
    budget, clock = Budget(), exchange.clock()
    with ThreadPoolExecutor(16) as pool:
        pauses = [*pool.map(lambda _: budget.reserve(OTHER, 60, LIMIT, clock), range(400))]
    assert pauses.count(0) == 200


events = st.lists(
    st.tuples(st.sampled_from(["call", "arrive", "answer"]), st.integers(1, 6))
    | st.tuples(st.just("wait"), st.sampled_from([1, 200, 1000, 9_000, 50_000])),
    max_size=40,
)
near_the_turn = st.integers(59_000, 59_999) | st.integers(0, 59_999)


def play(events: list[tuple[str, int]], exchange: Exchange, *, at_once: int) -> None:
    """Calls go out, arrive and are answered in any order, and time passes; `at_once` may be under way together."""
    budget, clock = Budget(), exchange.clock()
    sent: list[float] = []
    arrived: list[tuple[float, int, int]] = []
    for event, number in events:
        if event == "wait":
            exchange.wait(number)
            continue
        for _ in range(number):
            if event == "call" and len(sent) + len(arrived) < at_once:
                if not budget.reserve(PATH, WEIGHT, LIMIT, clock):
                    sent.append(exchange.steady())
            elif event == "arrive" and sent:
                exchange.used[exchange.minute] += WEIGHT
                assert exchange.used[exchange.minute] <= LIMIT
                arrived.append((sent.pop(0), exchange.used[exchange.minute], exchange.date))
            elif event == "answer" and arrived:
                moment, used, date = arrived.pop(0)
                clock.learn(date, moment, exchange.steady())
                budget.settle(PATH, used, date)
                budget.landed(PATH, WEIGHT)


@settings(max_examples=1000)
@given(events, near_the_turn, st.integers(-400, 400))
def test_one_call_after_another_never_exceeds_the_limit(
    events: list[tuple[str, int]], into_the_minute: int, ahead_ms: int
) -> None:
    play(events, Exchange(ahead_ms, start_ms=MINUTE_MS + into_the_minute), at_once=1)


@settings(max_examples=1000)
@given(events, near_the_turn, st.integers(-400, 400))
def test_calls_under_way_together_never_exceed_the_limit(
    events: list[tuple[str, int]], into_the_minute: int, ahead_ms: int
) -> None:
    play(events, Exchange(ahead_ms, start_ms=MINUTE_MS + into_the_minute), at_once=20)


def test_one_exchange_has_one_budget_and_another_address_another() -> None:
    budget = shared_budget("https://api.binance.com", None)
    assert shared_budget("https://api.binance.com", None) is budget
    assert shared_budget("https://api1.binance.com", None) is not budget
    assert shared_budget("https://api.binance.com", "http://proxy.test") is not budget
