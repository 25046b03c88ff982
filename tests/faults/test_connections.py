"""What happens between calls, to connections that are kept."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import httpx
import pytest
from binance_wallet import (
    AsyncWalletClient,
    DeadlineError,
    InvalidRequestError,
    InvalidResponseError,
    NetworkError,
    WalletBalance,
    WalletClient,
)
from binance_wallet.wire import stdlib

from .answers import BALANCES, encoded, worth
from .conftest import API_KEY, API_SECRET, OpenWallet, Serve
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


@pytest.mark.parametrize("open_wallet", ["sync"], indirect=True)
def test_a_connection_on_which_more_came_is_not_used_again(serve: Serve, open_wallet: OpenWallet) -> None:
    server = serve(lambda request: [b"".join(OK(request)) + b"evil"], OK)
    wallet = open_wallet(server.url)
    assert wallet.balances() == wallet.balances() == RIGHT
    assert server.connections == 2


@pytest.mark.parametrize("open_wallet", ["sync"], indirect=True)
def test_a_chunk_of_negative_size_is_not_read_for_ever(
    serve: Serve, open_wallet: OpenWallet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stdlib, "LARGEST_BODY", 1000)
    monkeypatch.setattr(stdlib, "_LARGEST_HEAD", 1000)
    chunk = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n" + b" " * 100_000
    with pytest.raises(InvalidResponseError, match="larger"):
        open_wallet(serve(raw(chunk, FOREVER)).url, timeout=5).balances()


def test_a_connection_that_comes_back_to_a_closed_client_is_closed(serve: Serve) -> None:
    server = serve(lambda request: [0.2, *OK(request)])
    wallet = WalletClient(API_KEY, API_SECRET, base_url=server.url)
    with ThreadPoolExecutor(1) as pool:
        call = pool.submit(wallet.balances)
        while not server.requests:
            time.sleep(0.01)
        wallet.close()
        assert call.result() == RIGHT
    assert server.left_alone(within=1)


class Wrapped(httpx.BaseTransport):
    """As people wrap one, to log or to count."""

    def __init__(self) -> None:
        self.inner = httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self.inner.handle_request(request)


@pytest.mark.timeout(10)
@pytest.mark.parametrize("step", [slow_headers, dripping_body, raw(FOREVER)], ids=["headers", "body", "silence"])
def test_a_deadline_holds_for_a_transport_that_wraps_another(step: Step, serve: Serve) -> None:
    server = serve(step)
    started = time.monotonic()
    with WalletClient(API_KEY, API_SECRET, base_url=server.url, transport=Wrapped(), timeout=0.3) as wallet:
        with pytest.raises(DeadlineError):
            wallet.balances()
        assert time.monotonic() - started < 1.3


def test_a_body_that_drips_through_such_a_transport_is_not_read_on(serve: Serve) -> None:
    server = serve(dripping_body)
    with WalletClient(API_KEY, API_SECRET, base_url=server.url, transport=Wrapped(), timeout=0.3) as wallet:
        with pytest.raises(DeadlineError):
            wallet.balances()
        assert server.left_alone(within=1)


@pytest.mark.timeout(10)
def test_what_a_hook_began_goes_on_without_the_calls_deadline(serve: Serve) -> None:
    server = serve(OK)

    async def main() -> list[WalletBalance]:
        later: list[asyncio.Task[list[WalletBalance]]] = []

        async def ask_later() -> list[WalletBalance]:
            await asyncio.sleep(0.4)
            return await wallet.balances()

        async def hook(_: httpx.Request) -> None:
            if not later:
                later.append(asyncio.create_task(ask_later()))

        async with AsyncWalletClient(API_KEY, API_SECRET, base_url=server.url, timeout=0.3) as wallet:
            wallet.get_async_httpx_client().event_hooks = {"request": [hook]}
            with suppress(InvalidResponseError):
                await wallet.snapshots("SPOT", days=3)
            return await later[0]

    assert asyncio.run(main()) == RIGHT


@pytest.mark.parametrize("wrong", [TimeoutError("timed out by the system"), UnicodeError("label too long")])
def test_a_connection_that_fails_by_itself_says_why_and_weighs_nothing(
    wrong: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise wrong

    monkeypatch.setattr(stdlib.socket, "create_connection", fail)
    with WalletClient(API_KEY, API_SECRET, base_url="http://127.0.0.1:1", retries=0) as wallet:
        with pytest.raises(NetworkError, match=str(wrong)):
            wallet.balances()
        assert wallet.usage["/sapi/v1/asset/wallet/balance"].used == 0


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
