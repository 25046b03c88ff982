"""What happens between calls, to connections that are kept."""

import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from typing import NoReturn

import httpx2
import pytest
from binance_wallet import (
    DeadlineError,
    InvalidRequestError,
    NetworkError,
    WalletClient,
    WalletError,
)

from .bodies import BALANCES, encoded, error, worth
from .conftest import API_KEY, API_SECRET, OpenWallet, StartServer, every_transport
from .server import CLOSE, FOREVER, RESET, Action, Request, Step, Unread, respond
from .steps import OK, cut, dripping_body, raw

RIGHT = worth("0.71842752")


@every_transport
def test_a_connection_is_kept_between_calls(fault_server: StartServer, open_wallet: OpenWallet) -> None:
    server = fault_server(OK)
    wallet = open_wallet(server.url)
    assert wallet.balances() == wallet.balances() == RIGHT
    assert server.connections == 1


@every_transport
@pytest.mark.parametrize("end", [CLOSE, RESET])
def test_an_idle_connection_that_was_ended_costs_one_retry_at_most(
    end: Action, fault_server: StartServer, open_wallet: OpenWallet
) -> None:
    server = fault_server(OK, Unread([end]), OK)
    wallet = open_wallet(server.url)
    assert wallet.balances() == wallet.balances() == RIGHT
    assert len(server.requests) <= 3


@every_transport
@pytest.mark.parametrize("end", [CLOSE, RESET])
def test_a_connection_that_ends_as_the_next_request_arrives_costs_one_retry(
    end: Action, fault_server: StartServer, open_wallet: OpenWallet
) -> None:
    server = fault_server(OK, raw(end), OK)
    wallet = open_wallet(server.url)
    assert wallet.balances() == wallet.balances() == RIGHT
    assert len(server.requests) == 3


def test_what_comes_on_an_idle_connection_is_not_taken_for_a_response(
    fault_server: StartServer, open_wallet: OpenWallet
) -> None:
    # Later than the response: what comes together with it, no client can tell apart.
    server = fault_server(OK, Unread([0.1, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]", CLOSE]), OK)
    wallet = open_wallet(server.url)
    first = wallet.balances()
    assert server.left_alone(within=1)
    assert wallet.balances() == first == RIGHT


@every_transport
def test_a_body_that_is_longer_than_it_says_does_not_spoil_the_next(
    fault_server: StartServer, open_wallet: OpenWallet
) -> None:
    server = fault_server(lambda request: [*OK(request), b"{}"], OK)
    wallet = open_wallet(server.url)
    assert wallet.balances() == wallet.balances() == RIGHT


def test_a_client_that_is_closed_during_a_call_leaves_no_connection_behind(
    fault_server: StartServer, open_wallet: OpenWallet
) -> None:
    """The call ends in time, one way or the other."""
    server = fault_server(lambda request: [0.2, *OK(request)])
    wallet = open_wallet(server.url, timeout=2)
    with ThreadPoolExecutor(1) as pool:
        call = pool.submit(wallet.balances)
        while not server.requests:
            time.sleep(0.01)
        wallet.close()
        assert call.exception() is None or isinstance(call.exception(), WalletError)
    assert server.left_alone(within=1)


class Wrapped(httpx2.BaseTransport):
    """As people wrap one, to log or to count."""

    def __init__(self) -> None:
        self.inner = httpx2.HTTPTransport()

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        return self.inner.handle_request(request)


@pytest.mark.timeout(10)
@pytest.mark.parametrize("step", [dripping_body, raw(FOREVER)], ids=["body", "silence"])
def test_a_deadline_holds_for_a_transport_that_wraps_another(step: Step, fault_server: StartServer) -> None:
    server = fault_server(step)
    started = time.monotonic()
    with WalletClient(API_KEY, API_SECRET, base_url=server.url, transport=Wrapped(), timeout=0.3) as wallet:
        with pytest.raises(DeadlineError):
            wallet.balances()
        assert time.monotonic() - started < 1.3


def test_a_body_that_drips_through_such_a_transport_is_not_read_on(fault_server: StartServer) -> None:
    server = fault_server(dripping_body)
    with WalletClient(API_KEY, API_SECRET, base_url=server.url, transport=Wrapped(), timeout=0.3) as wallet:
        with pytest.raises(DeadlineError):
            wallet.balances()
        assert server.left_alone(within=1)


@pytest.mark.parametrize("wrong", [TimeoutError("timed out by the system"), UnicodeError("label too long")])
def test_a_connection_that_fails_by_itself_says_why_and_weighs_nothing(
    wrong: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **options: object) -> None:
        raise wrong

    monkeypatch.setattr(socket, "create_connection", fail)
    with WalletClient(API_KEY, API_SECRET, base_url="http://127.0.0.1:1", retries=0) as wallet:
        with pytest.raises(NetworkError, match=str(wrong)):
            wallet.balances()
        assert wallet.usage["/sapi/v1/asset/wallet/balance"].used == 0


def test_a_request_that_a_transport_refuses_weighs_nothing() -> None:
    def refuse(_: httpx2.Request) -> NoReturn:
        raise InvalidRequestError("not from this process")

    with WalletClient(API_KEY, API_SECRET, transport=httpx2.MockTransport(refuse)) as wallet:
        for _ in range(7):
            with pytest.raises(InvalidRequestError, match="not from this process"):
                wallet.snapshots("SPOT")


@every_transport
def test_a_response_that_comes_too_late_is_not_taken_for_the_next(
    fault_server: StartServer, open_wallet: OpenWallet
) -> None:
    def late(request: Request) -> list[Action]:
        return [0.3, *respond(b"[]")(request)]

    server = fault_server(late, lambda request: [0.1, *OK(request)])
    wallet = open_wallet(server.url, timeout=0.2)
    with pytest.raises(DeadlineError):
        wallet.balances()
    assert wallet.balances() == RIGHT


@every_transport
def test_failed_calls_do_not_use_up_the_connections(fault_server: StartServer, open_wallet: OpenWallet) -> None:
    failures = 101  # httpx2 keeps a hundred connections, and we keep 32
    server = fault_server(*[cut(OK, -5, CLOSE)] * failures, OK)
    wallet = open_wallet(server.url, retries=0)
    for _ in range(failures):
        with pytest.raises(NetworkError):
            wallet.balances()
    assert wallet.balances() == RIGHT


@every_transport
def test_a_client_that_is_closed_closes_its_connections(fault_server: StartServer, open_wallet: OpenWallet) -> None:
    server = fault_server(OK)
    wallet = open_wallet(server.url)
    wallet.balances()
    wallet.close()
    assert server.left_alone(within=1)


def test_a_client_that_is_closed_says_so(fault_server: StartServer, open_wallet: OpenWallet) -> None:
    wallet = open_wallet(fault_server(OK).url)
    wallet.close()
    with pytest.raises(InvalidRequestError, match="closed"):
        wallet.balances()


@every_transport
def test_a_large_response_is_read_whole(fault_server: StartServer, open_wallet: OpenWallet) -> None:
    server = fault_server(respond(encoded(BALANCES * 20_000)))
    assert open_wallet(server.url).balances() == RIGHT * 20_000


@pytest.mark.timeout(10)
@every_transport
@pytest.mark.filterwarnings("ignore:Sending a large body:ResourceWarning")  # aiohttp's
def test_a_request_that_nobody_reads_ends_at_the_deadline(fault_server: StartServer, open_wallet: OpenWallet) -> None:
    server = fault_server(Unread([FOREVER]))
    with pytest.raises(DeadlineError):
        open_wallet(server.url, timeout=0.3).call("POST", "/sapi/v1/much", {"much": "x" * 50_000_000}, weight=1)


class JobTimeLimitError(Exception):
    """As Celery and RQ raise one, from a signal handler."""


@pytest.mark.parametrize("open_wallet", ["sync", "sync-httpx"], indirect=True)
@pytest.mark.parametrize(
    "step",
    [
        raw(FOREVER),
        cut(respond(encoded(BALANCES)), -5, FOREVER),
        cut(respond(error(-1003), 418), -5, FOREVER),
        cut(respond(error(-1000), 503), -5, FOREVER),
    ],
    ids=["before the response", "in its body", "in the body of a ban", "in the body of an error"],
)
def test_a_time_limit_that_a_signal_raises_ends_the_call(
    fault_server: StartServer, open_wallet: OpenWallet, step: Step
) -> None:
    def handler(*_: object) -> None:
        raise JobTimeLimitError

    server = fault_server(step)
    wallet = open_wallet(server.url, timeout=5)
    before = signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, 0.3)
    try:
        with pytest.raises(JobTimeLimitError):
            wallet.balances()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert len(server.requests) == 1
