"""A machine whose clock is wrong gets its answer, and pays one request for it."""

from collections.abc import Iterable
from contextlib import suppress
from email.utils import formatdate

import pytest
from binance_wallet import AuthenticationError, DeadlineError, ServerError, TimestampError
from binance_wallet.limits import shared_budget

from .answers import BALANCES, SPOT, encoded, error, worth
from .conftest import OpenWallet, Serve
from .fake_time import FakeTime
from .server import Action, Request, Step, answer

RIGHT = worth("0.71842752")
HOUR, DAY = 3600, 86_400


def strict(good: Step, **headers: str | None) -> Step:
    """Check the timestamp as the exchange does."""

    def step(request: Request) -> list[Action]:
        behind = request.at * 1000 - request.timestamp
        accepted = -1000 < behind <= int(request.parameters.get("recvWindow", "5000"))
        return (good if accepted else answer(error(-1021), 400, **headers))(request)

    return step


BALANCES_IN_TIME = strict(answer(encoded(BALANCES)))


@pytest.mark.parametrize("ahead", [HOUR, -HOUR, 3, -6, 400 * DAY, -400 * DAY], ids="{} s".format)
def test_a_wrong_clock_costs_one_request_and_then_none(
    ahead: float, serve: Serve, open_wallet: OpenWallet, fake_time: FakeTime
) -> None:
    fake_time.machine_ahead = ahead
    server = serve(BALANCES_IN_TIME)
    wallet = open_wallet(server.url)
    assert wallet.balances() == RIGHT
    assert len(server.requests) == 2
    assert wallet.balances() == RIGHT
    assert len(server.requests) == 3


@pytest.mark.parametrize("ahead", [0, 0.9, -0.9, -4])
def test_a_clock_that_the_exchange_accepts_costs_nothing(
    ahead: float, serve: Serve, open_wallet: OpenWallet, fake_time: FakeTime
) -> None:
    fake_time.machine_ahead = ahead
    server = serve(BALANCES_IN_TIME)
    wallet = open_wallet(server.url)
    for _ in range(3):
        assert wallet.balances() == RIGHT
    assert len(server.requests) == 3


@pytest.mark.parametrize("seconds", [HOUR, -HOUR, 10, -10])
def test_a_clock_that_jumps_is_caught_again(
    seconds: float, serve: Serve, open_wallet: OpenWallet, fake_time: FakeTime
) -> None:
    server = serve(BALANCES_IN_TIME)
    wallet = open_wallet(server.url)
    wallet.balances()
    fake_time.exchange_jumps(seconds)
    assert wallet.balances() == RIGHT
    assert wallet.balances() == RIGHT
    assert len(server.requests) == 4


def test_a_step_of_this_machines_clock_goes_unnoticed(
    serve: Serve, open_wallet: OpenWallet, fake_time: FakeTime
) -> None:
    server = serve(BALANCES_IN_TIME)
    wallet = open_wallet(server.url)
    fake_time.machine_ahead = HOUR
    assert wallet.balances() == RIGHT
    assert len(server.requests) == 1


def test_a_correction_is_not_a_retry(serve: Serve, open_wallet: OpenWallet, fake_time: FakeTime) -> None:
    fake_time.machine_ahead = HOUR
    server = serve(BALANCES_IN_TIME)
    assert open_wallet(server.url, retries=0).balances() == RIGHT


@pytest.mark.parametrize("date", [None, "half past nine"])
def test_a_clock_that_cannot_be_corrected_is_an_error(
    date: str | None, serve: Serve, open_wallet: OpenWallet, fake_time: FakeTime
) -> None:
    fake_time.machine_ahead = HOUR
    server = serve(strict(answer(), Date=date))
    with pytest.raises(TimestampError, match="-1021"):
        open_wallet(server.url).balances()
    assert len(server.requests) <= 2


@pytest.mark.parametrize("ahead", [DAY, -DAY])
def test_the_last_days_are_those_of_the_exchange(
    ahead: float, serve: Serve, open_wallet: OpenWallet, fake_time: FakeTime
) -> None:
    server = serve(strict(answer(encoded(SPOT))))
    open_wallet(server.url).snapshots("SPOT", days=3)
    shared_budget.cache_clear()
    fake_time.machine_ahead = ahead
    open_wallet(server.url).snapshots("SPOT", days=3)
    right, last = server.requests[0], server.requests[-1]
    assert last.parameters["startTime"] == right.parameters["startTime"]
    assert last.parameters["endTime"] == right.parameters["endTime"]
    assert len(server.requests) == 3


def test_an_error_in_between_does_not_ask_for_the_wrong_days_again(
    serve: Serve, open_wallet: OpenWallet, fake_time: FakeTime
) -> None:
    server = serve(answer(b"", 503), answer(encoded(SPOT)))
    fake_time.machine_ahead = DAY
    open_wallet(server.url, retries=1).snapshots("SPOT", days=3)
    wrong, right = server.requests
    assert int(wrong.parameters["startTime"]) - int(right.parameters["startTime"]) == DAY * 1000


@pytest.mark.parametrize("ahead", [HOUR, -HOUR, DAY / 2, -DAY / 2])
def test_a_wrong_clock_refuses_no_period_that_the_exchange_would_serve(
    ahead: float, serve: Serve, open_wallet: OpenWallet, fake_time: FakeTime
) -> None:
    server = serve(strict(answer(encoded(SPOT))))
    fake_time.machine_ahead = ahead
    now = int(fake_time.exchange() * 1000)
    assert len(open_wallet(server.url).snapshots("SPOT", start=now - 30 * DAY * 1000 + 60_000)) == 1
    shared_budget.cache_clear()
    assert len(open_wallet(server.url).snapshots("SPOT", start=now - 60_000)) == 1


def test_a_machine_that_slept_is_refused_no_period(serve: Serve, open_wallet: OpenWallet, fake_time: FakeTime) -> None:
    """Its steady clock stood still meanwhile."""
    server = serve(strict(answer(encoded(SPOT))))
    wallet = open_wallet(server.url)
    wallet.snapshots("SPOT")
    fake_time.exchange_jumps(3 * DAY)
    assert len(wallet.snapshots("SPOT", start=int(fake_time.exchange() - HOUR) * 1000)) == 1
    assert len(server.requests) == 3


@pytest.mark.parametrize("off", [-300 * DAY, 300 * DAY])
def test_one_wrong_date_does_not_refuse_periods_for_good(
    off: float, serve: Serve, open_wallet: OpenWallet, fake_time: FakeTime
) -> None:
    date = formatdate(fake_time.exchange() + off, usegmt=True)
    server = serve(answer(b"", 502, Date=date), strict(answer(encoded(SPOT))))
    wallet = open_wallet(server.url, retries=0)
    with pytest.raises(ServerError):
        wallet.balances()
    assert len(wallet.snapshots("SPOT", start=int(fake_time.exchange() - DAY) * 1000)) == 1


@pytest.mark.parametrize("date", ["Fri, 31 Dec 9999 23:59:59 GMT", "Mon, 01 Jan 0001 00:00:00 GMT"])
def test_a_date_from_nowhere_is_not_learned(
    date: str, serve: Serve, open_wallet: OpenWallet, fake_time: FakeTime
) -> None:
    wallet = open_wallet(serve(answer(encoded(BALANCES), Date=date), strict(answer(encoded(SPOT)))).url)
    assert wallet.balances() == RIGHT
    assert len(wallet.snapshots("SPOT", days=3)) == 1


def test_an_error_of_the_second_call_tells_of_that_alone(
    serve: Serve, open_wallet: OpenWallet, fake_time: FakeTime
) -> None:
    fake_time.machine_ahead = DAY
    server = serve(strict(answer(error(-2015), 401)))
    with pytest.raises(AuthenticationError) as caught:
        open_wallet(server.url).snapshots("SPOT", days=3)
    assert caught.value.__context__ is None


def test_a_slow_clock_does_not_cut_days_off(serve: Serve, open_wallet: OpenWallet, fake_time: FakeTime) -> None:
    server = serve(strict(answer(encoded(SPOT))))
    fake_time.machine_ahead = -HOUR
    open_wallet(server.url).snapshots("SPOT", start=int(fake_time.exchange() - 10 * DAY) * 1000)
    assert int(server.requests[-1].parameters["limit"]) >= 11


def test_dates_on_both_sides_of_midnight_do_not_keep_a_call_going(
    serve: Serve, open_wallet: OpenWallet, fake_time: FakeTime
) -> None:
    """Two machines answer in turn, and their clocks do not agree on the day."""
    before, after = "Tue, 20 Jan 2026 23:59:50 GMT", "Wed, 21 Jan 2026 00:00:20 GMT"
    server = serve(*[answer(encoded(SPOT), Date=date) for date in (before, after) * 10])
    fake_time.exchange_jumps(12 * HOUR - 10)
    wallet = open_wallet(server.url, weight_limit=None)
    assert len(wallet.snapshots("SPOT", days=3)) == 1
    assert len(server.requests) <= 2


def test_asking_for_other_days_does_not_outlive_the_deadline(
    serve: Serve, open_wallet: OpenWallet, fake_time: FakeTime
) -> None:
    """Midnight strikes before the first answer, and each answer takes most of the time that there is."""

    def slow(request: Request) -> Iterable[Action]:
        fake_time.sleep(8)
        return answer(encoded(SPOT), Date=formatdate(fake_time.exchange(), usegmt=True))(request)

    server = serve(slow)
    fake_time.exchange_jumps(12 * HOUR - 12)
    started = fake_time.steady()
    with suppress(DeadlineError):
        open_wallet(server.url, timeout=10).snapshots("SPOT", days=3)
    assert fake_time.steady() - started <= 11


def test_a_narrow_window_is_sent_and_met(serve: Serve, open_wallet: OpenWallet) -> None:
    server = serve(BALANCES_IN_TIME)
    wallet = open_wallet(server.url, recv_window=1500)
    assert wallet.balances() == RIGHT
    assert server.requests[0].parameters["recvWindow"] == "1500"
