"""A machine whose clock is wrong gets its answer, and pays one request for it."""

from email.utils import formatdate

import pytest
from binance_wallet import ApiError, AuthenticationError, BannedError, InvalidRequestError, ServerError, TimestampError

from .bodies import BALANCES, SPOT, encoded, error, worth
from .conftest import OpenWallet, StartServer
from .fake_time import FakeTime
from .server import Action, Request, Step, respond

RIGHT = worth("0.71842752")
HOUR, DAY = 3600, 86_400


def strict(good: Step, **headers: str | None) -> Step:
    """Check the timestamp as the exchange does."""

    def step(request: Request) -> list[Action]:
        behind = request.at * 1000 - request.timestamp
        accepted = -1000 < behind <= int(request.parameters.get("recvWindow", "5000"))
        return (good if accepted else respond(error(-1021), 400, **headers))(request)

    return step


BALANCES_IN_TIME = strict(respond(encoded(BALANCES)))


@pytest.mark.parametrize("ahead", [HOUR, -HOUR, 3, -6, 400 * DAY, -400 * DAY], ids="{} s".format)
def test_a_wrong_clock_costs_one_request_and_then_none(
    ahead: float, fault_server: StartServer, open_wallet: OpenWallet, fake_time: FakeTime
) -> None:
    fake_time.machine_ahead = ahead
    server = fault_server(BALANCES_IN_TIME)
    wallet = open_wallet(server.url)
    assert wallet.balances() == RIGHT
    assert len(server.requests) == 2
    assert wallet.balances() == RIGHT
    assert len(server.requests) == 3


@pytest.mark.parametrize("ahead", [0, 0.9, -0.9, -4])
def test_a_clock_that_the_exchange_accepts_costs_nothing(
    ahead: float, fault_server: StartServer, open_wallet: OpenWallet, fake_time: FakeTime
) -> None:
    fake_time.machine_ahead = ahead
    server = fault_server(BALANCES_IN_TIME)
    wallet = open_wallet(server.url)
    for _ in range(3):
        assert wallet.balances() == RIGHT
    assert len(server.requests) == 3


@pytest.mark.parametrize("seconds", [HOUR, -HOUR, 10, -10])
def test_a_clock_that_jumps_is_caught_again(
    seconds: float, fault_server: StartServer, open_wallet: OpenWallet, fake_time: FakeTime
) -> None:
    server = fault_server(BALANCES_IN_TIME)
    wallet = open_wallet(server.url)
    wallet.balances()
    fake_time.exchange_jumps(seconds)
    assert wallet.balances() == RIGHT
    assert wallet.balances() == RIGHT
    assert len(server.requests) == 4


def test_a_step_of_this_machines_clock_goes_unnoticed(
    fault_server: StartServer, open_wallet: OpenWallet, fake_time: FakeTime
) -> None:
    server = fault_server(BALANCES_IN_TIME)
    wallet = open_wallet(server.url)
    fake_time.machine_ahead = HOUR
    assert wallet.balances() == RIGHT
    assert len(server.requests) == 1


def test_a_correction_is_not_a_retry(fault_server: StartServer, open_wallet: OpenWallet, fake_time: FakeTime) -> None:
    fake_time.machine_ahead = HOUR
    server = fault_server(BALANCES_IN_TIME)
    assert open_wallet(server.url, retries=0).balances() == RIGHT


@pytest.mark.parametrize("date", [None, "half past nine"])
def test_a_clock_that_cannot_be_corrected_is_an_error(
    date: str | None, fault_server: StartServer, open_wallet: OpenWallet, fake_time: FakeTime
) -> None:
    fake_time.machine_ahead = HOUR
    server = fault_server(strict(respond(), Date=date))
    with pytest.raises(TimestampError, match="-1021"):
        open_wallet(server.url).balances()
    assert len(server.requests) <= 2


@pytest.mark.parametrize("ahead", [DAY, -DAY])
def test_the_last_days_are_those_of_the_exchange(
    ahead: float, fault_server: StartServer, open_wallet: OpenWallet, fake_time: FakeTime
) -> None:
    server = fault_server(strict(respond(encoded(SPOT))))
    open_wallet(server.url).snapshots("SPOT", days=3)
    fake_time.machine_ahead = ahead
    open_wallet(server.url, budget=fake_time.budget()).snapshots("SPOT", days=3)
    right, last = server.requests[0], server.requests[-1]
    assert last.parameters["startTime"] == right.parameters["startTime"]
    assert last.parameters["endTime"] == right.parameters["endTime"]
    assert len(server.requests) <= 4  # for the clock, and for the days


def test_an_error_that_corrects_the_clock_leads_to_the_right_days(
    fault_server: StartServer, open_wallet: OpenWallet, fake_time: FakeTime
) -> None:
    server = fault_server(respond(b"", 503), strict(respond(encoded(SPOT))))
    fake_time.machine_ahead = DAY
    open_wallet(server.url, retries=1).snapshots("SPOT", days=3)
    wrong, *_, right = server.requests
    assert int(wrong.parameters["startTime"]) - int(right.parameters["startTime"]) == DAY * 1000


@pytest.mark.parametrize("ahead", [HOUR, -HOUR, DAY / 2, -DAY / 2])
def test_a_wrong_clock_refuses_no_period_that_the_exchange_would_serve(
    ahead: float, fault_server: StartServer, open_wallet: OpenWallet, fake_time: FakeTime
) -> None:
    server = fault_server(strict(respond(encoded(SPOT))))
    fake_time.machine_ahead = ahead
    now = int(fake_time.exchange() * 1000)
    assert len(open_wallet(server.url).snapshots("SPOT", start=now - 30 * DAY * 1000 + 60_000)) == 1
    assert len(open_wallet(server.url, budget=fake_time.budget()).snapshots("SPOT", start=now - 60_000)) == 1


def test_a_machine_that_slept_is_refused_no_period(
    fault_server: StartServer, open_wallet: OpenWallet, fake_time: FakeTime
) -> None:
    """Its monotonic clock stood still meanwhile."""
    server = fault_server(strict(respond(encoded(SPOT))))
    wallet = open_wallet(server.url)
    wallet.snapshots("SPOT")
    fake_time.exchange_jumps(3 * DAY)
    assert len(wallet.snapshots("SPOT", start=int(fake_time.exchange() - HOUR) * 1000)) == 1
    assert len(server.requests) == 3


@pytest.mark.parametrize("off", [-300 * DAY, 300 * DAY])
def test_one_wrong_date_does_not_refuse_periods_for_good(
    off: float, fault_server: StartServer, open_wallet: OpenWallet, fake_time: FakeTime
) -> None:
    date = formatdate(fake_time.exchange() + off, usegmt=True)
    server = fault_server(respond(b"", 502, Date=date), strict(respond(encoded(SPOT))))
    wallet = open_wallet(server.url, retries=0)
    with pytest.raises(ServerError):
        wallet.balances()
    assert len(wallet.snapshots("SPOT", start=int(fake_time.exchange() - DAY) * 1000)) == 1


def test_the_date_of_a_gateways_page_is_not_learned(
    fault_server: StartServer, open_wallet: OpenWallet, fake_time: FakeTime
) -> None:
    """Only what has a code of the exchange's is from the exchange."""
    page = respond(b"<html>Bad gateway</html>", 502, Date=formatdate(fake_time.exchange() + HOUR, usegmt=True))
    server = fault_server(BALANCES_IN_TIME, page, BALANCES_IN_TIME)
    wallet = open_wallet(server.url)
    assert wallet.balances() == wallet.balances() == RIGHT
    assert len(server.requests) == 3


def test_a_refusal_without_a_code_blocks_until_the_time_of_the_exchange(
    fault_server: StartServer, open_wallet: OpenWallet, fake_time: FakeTime
) -> None:
    """Also if the machine's clock is wrong and is corrected while requests are blocked."""
    fake_time.machine_ahead = -HOUR
    page = respond(b"<html>I'm a teapot</html>", 418, Retry_After="300")
    server = fault_server(page, BALANCES_IN_TIME)
    wallet = open_wallet(server.url)
    with pytest.raises(BannedError):
        wallet.balances()
    now = fake_time.exchange()
    wallet.budget.clock.learn(int(now), fake_time.monotonic(), fake_time.monotonic())  # from one that was in flight
    with pytest.raises(BannedError):
        wallet.balances()
    fake_time.sleep(302)
    assert wallet.balances() == RIGHT
    assert len(server.requests) == 2


def test_a_start_that_the_right_time_rules_out_hides_no_response(
    fault_server: StartServer, open_wallet: OpenWallet, fake_time: FakeTime
) -> None:
    """Before the first response, the time is known to a day only, and what the exchange may serve is asked for."""
    start, end = (int(fake_time.exchange() - days * DAY) * 1000 for days in (31.5, 5))
    server = fault_server(respond(encoded(SPOT)), respond(error(-1003), 418, Retry_After="300"))
    assert len(open_wallet(server.url).snapshots("SPOT", start=start, end=end)) == 1
    with pytest.raises(BannedError):
        open_wallet(server.url, budget=fake_time.budget()).snapshots("SPOT", start=start, end=end)


@pytest.mark.parametrize("ahead", [-56 * 365 * DAY, 400 * DAY], ids=["1970", "next year"])
def test_the_last_days_can_be_asked_for_however_wrong_the_clock_is(
    ahead: float, fault_server: StartServer, open_wallet: OpenWallet, fake_time: FakeTime
) -> None:
    fake_time.machine_ahead = ahead
    server = fault_server(strict(respond(encoded(SPOT))))
    assert open_wallet(server.url, weight_limit=None).snapshots("SPOT", days=30)
    assert server.requests[-1].parameters["endTime"] == "1768867200000"


@pytest.mark.parametrize("date", ["Fri, 31 Dec 9999 23:59:59 GMT", "Mon, 01 Jan 0001 00:00:00 GMT"])
def test_a_date_from_nowhere_is_not_learned(
    date: str, fault_server: StartServer, open_wallet: OpenWallet, fake_time: FakeTime
) -> None:
    wallet = open_wallet(fault_server(respond(encoded(BALANCES), Date=date), strict(respond(encoded(SPOT)))).url)
    assert wallet.balances() == RIGHT
    assert len(wallet.snapshots("SPOT", days=3)) == 1


def test_an_error_of_the_second_call_tells_of_that_alone(
    fault_server: StartServer, open_wallet: OpenWallet, fake_time: FakeTime
) -> None:
    fake_time.machine_ahead = DAY
    server = fault_server(strict(respond(error(-2015), 401)))
    with pytest.raises(AuthenticationError) as caught:
        open_wallet(server.url).snapshots("SPOT", days=3)
    assert caught.value.__context__ is None


def test_a_period_that_the_exchange_refuses_is_explained_once_the_time_is_known(
    fault_server: StartServer, open_wallet: OpenWallet, fake_time: FakeTime
) -> None:
    server = fault_server(strict(respond(error(-1130), 400)))
    start = int(fake_time.exchange() - 31 * DAY) * 1000
    wallet = open_wallet(server.url)
    with pytest.raises(ApiError) as refused:
        wallet.snapshots("SPOT", start=start)
    with pytest.raises(InvalidRequestError, match="start must be 2025-12-21 or later") as caught:
        wallet.snapshots("SPOT", start=start)
    assert refused.value.__notes__ == [str(caught.value)]
    assert len(server.requests) == 1


def test_a_slow_clock_does_not_cut_days_off(
    fault_server: StartServer, open_wallet: OpenWallet, fake_time: FakeTime
) -> None:
    server = fault_server(strict(respond(encoded(SPOT))))
    fake_time.machine_ahead = -HOUR
    open_wallet(server.url).snapshots("SPOT", start=int(fake_time.exchange() - 10 * DAY) * 1000)
    assert int(server.requests[-1].parameters["limit"]) >= 10


def test_dates_on_both_sides_of_midnight_do_not_keep_a_call_going(
    fault_server: StartServer, open_wallet: OpenWallet, fake_time: FakeTime
) -> None:
    """Two machines answer in turn, and their clocks do not agree on the day."""
    before, after = "Tue, 20 Jan 2026 23:59:50 GMT", "Wed, 21 Jan 2026 00:00:20 GMT"
    server = fault_server(*[respond(encoded(SPOT), Date=date) for date in (before, after) * 10])
    fake_time.exchange_jumps(12 * HOUR - 10)
    wallet = open_wallet(server.url, weight_limit=None)
    assert len(wallet.snapshots("SPOT", days=3)) == 1
    assert len(server.requests) <= 2


def test_a_correction_is_of_no_use_after_the_deadline(
    fault_server: StartServer, open_wallet: OpenWallet, fake_time: FakeTime
) -> None:
    def too_late(request: Request) -> list[Action]:
        fake_time.sleep(11)
        return respond(error(-1021), 400)(request)

    server = fault_server(too_late)
    with pytest.raises(TimestampError):
        open_wallet(server.url, timeout=10).balances()
    assert len(server.requests) == 1


def test_a_narrow_window_is_sent_and_met(fault_server: StartServer, open_wallet: OpenWallet) -> None:
    server = fault_server(BALANCES_IN_TIME)
    wallet = open_wallet(server.url, recv_window=1500)
    assert wallet.balances() == RIGHT
    assert server.requests[0].parameters["recvWindow"] == "1500"
