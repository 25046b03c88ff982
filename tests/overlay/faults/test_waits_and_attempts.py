"""What a call may wait for, and what `on_attempt` is told of it."""

import logging
import time
from typing import Any

import pytest
from binance_wallet import (
    Attempt,
    BannedError,
    DeadlineError,
    InvalidRequestError,
    NetworkError,
    RateLimitError,
    ServerError,
)

from .bodies import BALANCES, encoded, error, worth
from .conftest import API_KEY, API_SECRET, OpenWallet, StartServer, every_transport
from .fake_time import FakeTime
from .secrecy import assert_no_secret
from .server import CLOSE, FOREVER, respond
from .steps import OK, raw

BALANCE = "/sapi/v1/asset/wallet/balance"
USED_UP = respond(encoded(BALANCES), X_SAPI_USED_IP_WEIGHT_1M="11980")  # ten seconds into a minute
RIGHT = worth("0.71842752")


@pytest.mark.parametrize("timeout", [5, 55])
def test_with_wait_a_call_waits_for_the_next_minute_besides_its_timeout(
    timeout: float, fault_server: StartServer, open_wallet: OpenWallet, fake_time: FakeTime
) -> None:
    wallet = open_wallet(fault_server(USED_UP, OK).url, timeout=timeout, wait=60)
    wallet.balances()
    started = fake_time.monotonic()
    assert wallet.balances() == RIGHT
    assert 49 < fake_time.monotonic() - started < 52


@pytest.mark.parametrize("wait", [0, 1, 40])
def test_a_wait_that_is_too_short_is_not_begun(
    wait: float, fault_server: StartServer, open_wallet: OpenWallet, fake_time: FakeTime
) -> None:
    server = fault_server(USED_UP, OK)
    wallet = open_wallet(server.url, timeout=3600, wait=wait)
    wallet.balances()
    started = fake_time.monotonic()
    with pytest.raises(RateLimitError, match="this call was not sent") as caught:
        wallet.balances()
    assert caught.value.retry_after == pytest.approx(51, abs=2)
    assert fake_time.monotonic() - started < 1
    assert len(server.requests) == 1


def test_a_long_wait_does_not_let_a_dead_call_hang(fault_server: StartServer, open_wallet: OpenWallet) -> None:
    wallet = open_wallet(fault_server(raw(FOREVER)).url, timeout=0.3, wait=600)
    started = time.monotonic()
    with pytest.raises(DeadlineError, match=r"not done within 0\.3 s"):
        wallet.balances()
    assert time.monotonic() - started < 2


def test_with_wait_a_429_is_waited_for_by_the_call_that_met_it_and_by_others(
    fault_server: StartServer, open_wallet: OpenWallet
) -> None:
    server = fault_server(respond(error(-1003), 429, Retry_After="30"), OK)
    wallet = open_wallet(server.url, timeout=2, wait=60, retries=0)
    with pytest.raises(RateLimitError):
        wallet.balances()
    assert wallet.balances() == RIGHT
    server = fault_server(respond(error(-1003), 429, Retry_After="30"), OK)
    assert open_wallet(server.url, timeout=2, wait=60).balances() == RIGHT


def test_all_waits_of_a_call_together_are_no_longer_than_wait(
    fault_server: StartServer, open_wallet: OpenWallet, fake_time: FakeTime
) -> None:
    server = fault_server(respond(error(-1003), 429, Retry_After="30"))
    started = fake_time.monotonic()
    with pytest.raises(RateLimitError):
        open_wallet(server.url, timeout=2, wait=60, retries=9).balances()
    assert fake_time.monotonic() - started <= 62


def test_a_ban_is_never_waited_for(fault_server: StartServer, open_wallet: OpenWallet, fake_time: FakeTime) -> None:
    server = fault_server(respond(error(-1003), 418, Retry_After="30"), OK)
    wallet = open_wallet(server.url, timeout=3600, wait=3600)
    started = fake_time.monotonic()
    for _ in range(2):
        with pytest.raises(BannedError):
            wallet.balances()
    assert fake_time.monotonic() - started < 1
    assert len(server.requests) == 1


@pytest.mark.parametrize("wait", [-1, "60", True, float("nan"), 90_000])
def test_a_wait_that_makes_no_sense_is_refused(wait: Any, open_wallet: OpenWallet) -> None:
    with pytest.raises(InvalidRequestError, match="wait must be a number from 0 to 86400"):
        open_wallet("http://127.0.0.1:1", wait=wait)


def told(attempts: list[Attempt]) -> list[tuple[Any, ...]]:
    return [
        (one.kind, one.number, one.status_code, type(one.error).__name__ if one.error else None, one.used_weight)
        for one in attempts
    ]


@every_transport
def test_a_success_is_one_attempt(fault_server: StartServer, open_wallet: OpenWallet) -> None:
    seen: list[Attempt] = []
    open_wallet(fault_server(USED_UP).url, on_attempt=seen.append).balances("USDT")
    [attempt] = seen
    assert told(seen) == [("attempt", 1, 200, None, 11_980)]
    assert attempt.endpoint == BALANCE
    assert 0 < attempt.seconds < 5


@every_transport
def test_a_retry_is_told_as_attempt_wait_and_attempt(fault_server: StartServer, open_wallet: OpenWallet) -> None:
    seen: list[Attempt] = []
    open_wallet(fault_server(respond(error(-1000), 503), OK).url, on_attempt=seen.append).balances()
    assert told(seen) == [
        ("attempt", 1, 503, "ServerError", None),
        ("wait", 2, None, "ServerError", None),
        ("attempt", 2, 200, None, None),
    ]
    assert 0 < seen[1].seconds <= 0.5


def test_a_wait_for_the_next_minute_is_told(fault_server: StartServer, open_wallet: OpenWallet) -> None:
    seen: list[Attempt] = []
    wallet = open_wallet(fault_server(USED_UP, OK).url, wait=60, on_attempt=seen.append)
    wallet.balances()
    wallet.balances()
    assert told(seen)[1:] == [("wait", 1, None, "RateLimitError", None), ("attempt", 1, 200, None, None)]
    assert seen[1].seconds == pytest.approx(51, abs=2)


def test_a_lost_connection_has_no_status(fault_server: StartServer, open_wallet: OpenWallet) -> None:
    seen: list[Attempt] = []
    with pytest.raises(NetworkError):
        open_wallet(fault_server(raw(CLOSE)).url, retries=0, on_attempt=seen.append).balances()
    assert told(seen) == [("attempt", 1, None, "NetworkError", None)]


def test_a_corrected_clock_is_told_without_a_wait(
    fault_server: StartServer, open_wallet: OpenWallet, fake_time: FakeTime
) -> None:
    seen: list[Attempt] = []
    open_wallet(fault_server(respond(error(-1021), 400), OK).url, on_attempt=seen.append).balances()
    assert told(seen) == [("attempt", 1, 400, "TimestampError", None), ("attempt", 2, 200, None, None)]


@every_transport
def test_what_is_told_has_no_secret(
    fault_server: StartServer, open_wallet: OpenWallet, caplog: pytest.LogCaptureFixture
) -> None:
    seen: list[Attempt] = []
    server = fault_server(lambda r: respond(f"no: {r.target} {r.headers['x-mbx-apikey']}".encode(), 500)(r))
    with pytest.raises(ServerError):
        open_wallet(server.url, on_attempt=seen.append, retries=1).balances()
    texts = {f"record {number}": f"{one!r} {one.error!r}" for number, one in enumerate(seen)}
    assert len(texts) == 3
    assert_no_secret({API_KEY, API_SECRET} | server.secrets, logs=caplog.records, **texts)


def test_what_on_attempt_raises_costs_no_response(
    fault_server: StartServer, open_wallet: OpenWallet, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(attempt: Attempt) -> None:
        raise ZeroDivisionError(attempt.endpoint)

    assert open_wallet(fault_server(OK).url, on_attempt=broken).balances() == RIGHT
    [record] = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert record.getMessage() == "on_attempt failed"
    assert record.exc_info


async def asynchronous(attempt: Attempt) -> None: ...


@pytest.mark.parametrize("wrong", [5, "log", asynchronous, []], ids=["5", "log", "async", "[]"])
def test_on_attempt_must_be_a_plain_function(wrong: Any, open_wallet: OpenWallet) -> None:
    with pytest.raises(InvalidRequestError, match="on_attempt must be a plain function"):
        open_wallet("http://127.0.0.1:1", on_attempt=wrong)
