"""What happens between calls, to connections that are kept."""

import pytest
from binance_wallet import DeadlineError, InvalidRequestError, NetworkError
from binance_wallet.wire import stdlib

from .answers import BALANCES, encoded, worth
from .conftest import OpenWallet, Serve
from .server import CLOSE, FOREVER, RESET, Action, Request, Step, Unread, answer
from .steps import OK, cut, dripping_body, raw, slow_headers

RIGHT = worth("0.71842752")


def test_a_connection_is_kept_between_calls(serve: Serve, open_wallet: OpenWallet) -> None:
    server = serve(OK)
    wallet = open_wallet(server.url)
    assert wallet.balances() == wallet.balances() == RIGHT
    assert server.connections == 1


@pytest.mark.parametrize("open_wallet", ["sync"], indirect=True)
def test_a_connection_is_not_kept_for_long(
    serve: Serve, open_wallet: OpenWallet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stdlib, "_IDLE", 0)
    server = serve(OK)
    wallet = open_wallet(server.url)
    assert wallet.balances() == wallet.balances() == RIGHT
    assert server.connections == 2


@pytest.mark.parametrize("end", [CLOSE, RESET])
def test_an_idle_connection_that_was_ended_costs_one_retry_at_most(
    end: Action, serve: Serve, open_wallet: OpenWallet
) -> None:
    server = serve(OK, Unread([end]), OK)
    wallet = open_wallet(server.url)
    assert wallet.balances() == wallet.balances() == RIGHT
    assert len(server.requests) <= 3


@pytest.mark.parametrize("end", [CLOSE, RESET])
def test_a_connection_that_ends_as_the_next_request_arrives_costs_one_retry(
    end: Action, serve: Serve, open_wallet: OpenWallet
) -> None:
    server = serve(OK, raw(end), OK)
    wallet = open_wallet(server.url)
    assert wallet.balances() == wallet.balances() == RIGHT
    assert len(server.requests) == 3


def test_what_comes_on_an_idle_connection_is_not_taken_for_an_answer(serve: Serve, open_wallet: OpenWallet) -> None:
    server = serve(OK, Unread([b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]", CLOSE]), OK)
    wallet = open_wallet(server.url)
    first = wallet.balances()
    assert server.left_alone(within=1)
    assert wallet.balances() == first == RIGHT


def test_a_body_that_is_longer_than_it_says_does_not_spoil_the_next(serve: Serve, open_wallet: OpenWallet) -> None:
    server = serve(lambda request: [*OK(request), b"{}"], OK)
    wallet = open_wallet(server.url)
    assert wallet.balances() == wallet.balances() == RIGHT


# Not with httpcore, which keeps for the next answer what has come with the last one.
@pytest.mark.parametrize("open_wallet", ["sync", "aiohttp"], indirect=True)
def test_a_second_answer_that_nobody_asked_for_is_not_taken_for_the_next(serve: Serve, open_wallet: OpenWallet) -> None:
    server = serve(lambda request: [b"".join([*OK(request), *answer(b"[]")(request)])], OK)
    wallet = open_wallet(server.url)
    assert wallet.balances() == wallet.balances() == RIGHT


def test_an_answer_that_comes_too_late_is_not_taken_for_the_next(serve: Serve, open_wallet: OpenWallet) -> None:
    def late(request: Request) -> list[Action]:
        return [0.3, *answer(b"[]")(request)]

    server = serve(late, lambda request: [0.1, *OK(request)])
    wallet = open_wallet(server.url, timeout=0.2)
    with pytest.raises(DeadlineError):
        wallet.balances()
    assert wallet.balances() == RIGHT


def test_failed_calls_do_not_use_up_the_connections(serve: Serve, open_wallet: OpenWallet) -> None:
    failures = 101  # httpx keeps a hundred connections
    server = serve(*[cut(OK, -5, CLOSE)] * failures, OK)
    wallet = open_wallet(server.url, retries=0)
    for _ in range(failures):
        with pytest.raises(NetworkError):
            wallet.balances()
    assert wallet.balances() == RIGHT


@pytest.mark.timeout(10)
@pytest.mark.parametrize("step", [slow_headers, dripping_body, raw(FOREVER)], ids=["headers", "body", "silence"])
def test_a_deadline_holds_for_a_transport_of_its_own(step: Step, serve: Serve, open_wallet: OpenWallet) -> None:
    server = serve(step)
    with pytest.raises(DeadlineError):
        open_wallet(server.url, own_transport={}, timeout=0.3).balances()


def test_a_client_that_is_closed_closes_its_connections(serve: Serve, open_wallet: OpenWallet) -> None:
    server = serve(OK)
    wallet = open_wallet(server.url)
    wallet.balances()
    wallet.close()
    assert server.left_alone(within=1)


def test_a_client_that_is_closed_says_so(serve: Serve, open_wallet: OpenWallet) -> None:
    wallet = open_wallet(serve(OK).url)
    wallet.close()
    with pytest.raises(InvalidRequestError, match="closed"):
        wallet.balances()


def test_a_large_answer_is_read_whole(serve: Serve, open_wallet: OpenWallet) -> None:
    server = serve(answer(encoded(BALANCES * 20_000)))
    assert open_wallet(server.url).balances() == RIGHT * 20_000


@pytest.mark.timeout(10)
@pytest.mark.parametrize("open_wallet", ["sync", "async"], indirect=True)  # aiohttp warns of such a body
def test_a_request_that_nobody_reads_ends_at_the_deadline(serve: Serve, open_wallet: OpenWallet) -> None:
    server = serve(Unread([FOREVER]))
    http = open_wallet(server.url, timeout=0.3).get_httpx_client()
    with pytest.raises(DeadlineError):
        http.post("/sapi/v1/much", content=b"x" * 50_000_000)
