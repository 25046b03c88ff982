"""What is different with a ReqwestTransport: its limits, and what it says of certificates and proxies."""

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import trio
from binance_wallet import AsyncWalletClient, InvalidRequestError, NetworkError, WalletBalance
from binance_wallet.fast import ReqwestTransport
from certificates import NAME, make_certificate, server_context

from .conftest import API_KEY, API_SECRET, StartServer
from .secrecy import assert_no_secret
from .server import CLOSE, RESET, Step, Unread, head, respond
from .steps import OK, raw
from .test_forks import in_a_fork


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_certificate(tmp_path_factory.mktemp("reqwest"), "127.0.0.1", "10.0.0.1")


def fast_wallet(url: str, **options: Any) -> AsyncWalletClient:
    options = {"transport": ReqwestTransport(), "retries": 0} | options
    return AsyncWalletClient(API_KEY, API_SECRET, base_url=url, **options)


async def balances(wallet: AsyncWalletClient) -> list[WalletBalance]:
    async with wallet:
        return await wallet.balances()


def test_on_trio_it_raises_and_sends_nothing(fault_server: StartServer) -> None:
    server = fault_server(OK)
    with pytest.raises(InvalidRequestError, match="asyncio"):
        trio.run(balances, fast_wallet(server.url))
    assert server.requests == []


def test_event_loops_may_follow_each_other(fault_server: StartServer) -> None:
    server = fault_server(OK)
    wallet = fast_wallet(server.url)
    for _ in range(2):
        assert asyncio.run(wallet.balances())
    asyncio.run(wallet.aclose())
    assert server.connections == 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no forks here")
@pytest.mark.parametrize("is_new", [False, True], ids=["the parent's", "a new one"])
def test_in_a_fork_it_raises(is_new: bool, fault_server: StartServer) -> None:
    server = fault_server(OK)
    wallet = fast_wallet(server.url)

    def refuses() -> bool:
        with pytest.raises(InvalidRequestError, match="fork"):
            asyncio.run(balances(fast_wallet(server.url) if is_new else wallet))
        return True

    assert asyncio.run(wallet.balances())
    assert in_a_fork(refuses)
    assert asyncio.run(balances(wallet))
    assert len(server.requests) == 2


PROGRAM = f"""
import asyncio, atexit, os, sys, threading, time
from binance_wallet import AsyncWalletClient
from binance_wallet.fast import ReqwestTransport

ending = threading.Event()
atexit.register(ending.set)

class SlowlyWoken(asyncio.SelectorEventLoop):
    def call_soon_threadsafe(self, *args, **options):
        super().call_soon_threadsafe(*args, **options)
        ending.wait(0.2)
        for _ in range(5):
            time.sleep(0.0005)

wallet = AsyncWalletClient({API_KEY!r}, {API_SECRET!r}, base_url=sys.argv[1], transport=ReqwestTransport())
if "fork" in sys.argv and os.fork():
    sys.exit(os.waitstatus_to_exitcode(os.wait()[1]))
with asyncio.Runner(loop_factory=SlowlyWoken) as runner:
    print(len(runner.run(wallet.balances())))
"""


def ends_well(*arguments: str) -> bool:
    command = [sys.executable, "-c", PROGRAM, *arguments]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    return (result.returncode, result.stdout, result.stderr) == (0, "1\n", "")


def test_a_program_may_end_while_it_still_wakes_the_event_loop(fault_server: StartServer) -> None:
    assert ends_well(fault_server(OK).url)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no forks here")
def test_made_before_a_fork_and_first_used_in_it_it_works(fault_server: StartServer) -> None:
    assert ends_well(fault_server(OK).url, "fork")


def test_it_is_for_one_client(fault_server: StartServer) -> None:
    server, transport = fault_server(OK), ReqwestTransport()

    async def use() -> None:
        async with fast_wallet(server.url, transport=transport) as wallet:
            await wallet.with_options(timeout=5).balances()
            with pytest.raises(InvalidRequestError, match="one client"):
                await fast_wallet(server.url, transport=transport).balances()

    asyncio.run(use())
    assert len(server.requests) == 1


def test_closing_ends_its_connections(fault_server: StartServer) -> None:
    server = fault_server(OK)
    wallet = fast_wallet(server.url)
    asyncio.run(balances(wallet))
    assert server.left_alone(within=1)


def test_a_url_that_it_would_send_in_another_spelling_is_not_sent(fault_server: StartServer) -> None:
    server = fault_server(OK)

    async def use() -> None:
        async with fast_wallet(server.url) as wallet:
            client = wallet.get_async_httpx_client()
            with pytest.raises(InvalidRequestError, match="percent-encoded"):
                await client.get("/sapi/v1/account/status?note='")
            await client.get("/sapi/v1/account/status?note=%27%2f+%7e")

    asyncio.run(use())
    (request,) = server.requests
    assert request.query.startswith("note=%27%2f+%7e&timestamp=")


def test_a_header_that_is_not_ascii_becomes_a_question_mark(fault_server: StartServer) -> None:
    server = fault_server(respond(b"[]", X_Note="caf\u00e9", X_Other="tea"))

    async def use() -> dict[str, str]:
        async with fast_wallet(server.url) as wallet:
            return dict((await wallet.get_async_httpx_client().get("/sapi/v1/account/status")).headers)

    headers = asyncio.run(use())
    assert (headers["x-note"], headers["x-other"]) == ("?", "tea")


@pytest.mark.parametrize(
    ("step", "words"),
    [
        pytest.param(raw(CLOSE), "connection closed before message completed", id="closed"),
        pytest.param(raw(RESET), "reset by peer", id="reset"),
        pytest.param(lambda request: [head(request, Content_Length="9"), CLOSE], "end of file", id="cut off"),
    ],
)
def test_a_request_that_has_left_counts_as_sent(step: Step, words: str, fault_server: StartServer) -> None:
    with pytest.raises(NetworkError, match=words) as caught:
        asyncio.run(balances(fast_wallet(fault_server(step).url)))
    assert caught.value.sent


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_request_without_a_connection_counts_as_not_sent(scheme: str, fault_server: StartServer) -> None:
    server = fault_server(Unread([CLOSE]))
    url = f"https://127.0.0.1:{server.port}" if scheme == "https" else "http://127.0.0.1:1"
    with pytest.raises(NetworkError, match=f"^{url}") as caught:
        asyncio.run(balances(fast_wallet(url)))
    assert not caught.value.sent


def test_a_name_that_does_not_resolve_is_a_network_error() -> None:
    with pytest.raises(NetworkError, match=r"https://exchange\.invalid: ConnectError: .*dns error") as caught:
        asyncio.run(balances(fast_wallet("https://exchange.invalid")))
    assert not caught.value.sent


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "SSL_CERT_DIR"])
def test_an_authority_of_the_environment_is_trusted(
    variable: str, certificate: Path, monkeypatch: pytest.MonkeyPatch, fault_server: StartServer
) -> None:
    server = fault_server(respond(), tls=server_context(certificate))
    monkeypatch.setenv(variable, str(certificate if variable == "SSL_CERT_FILE" else certificate.parent))
    assert asyncio.run(balances(fast_wallet(server.url))) == []


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("SSL_CERT_FILE", "/nowhere.pem"),
        ("HTTPS_PROXY", "ftp://127.0.0.1:1"),
        ("HTTPS_PROXY", "http://[::1"),
    ],
)
def test_an_environment_that_cannot_be_used_is_found_out_by_the_first_call(
    variable: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(InvalidRequestError, match="proxy"):
        asyncio.run(balances(fast_wallet(f"https://{NAME}")))


@pytest.mark.parametrize(
    ("step", "words"),
    [
        pytest.param(
            respond(b"who are you?", 407), "tunnel error: proxy authorization required", id="wants a password"
        ),
        pytest.param(respond(b"not now", 503), "tunnel error: unsuccessful", id="is overloaded"),
        pytest.param(raw(CLOSE), "tunnel error: unexpected end of file", id="hangs up"),
    ],
)
def test_a_proxy_that_does_not_connect_is_a_network_error(
    step: Step, words: str, monkeypatch: pytest.MonkeyPatch, fault_server: StartServer
) -> None:
    proxy = fault_server(step)
    monkeypatch.setenv("HTTPS_PROXY", f"http://someone:password@127.0.0.1:{proxy.port}")
    with pytest.raises(NetworkError, match=words) as caught:
        asyncio.run(balances(fast_wallet(f"https://{NAME}")))
    assert not caught.value.sent
    assert_no_secret({API_KEY, API_SECRET, "password"}, error=caught.value)


@pytest.fixture
def socks_proxy(certificate: Path) -> Iterator[int]:
    """The port of a SOCKS proxy that leads everybody to an exchange without wallets."""
    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor(1) as pool:

        def serve() -> None:
            connection, _ = listener.accept()
            connection.recv(512)
            connection.sendall(b"\x05\x00")  # without a password
            connection.recv(512)
            connection.sendall(b"\x05\x00\x00\x01" + bytes(6))  # connected
            with server_context(certificate).wrap_socket(connection, server_side=True) as exchange:
                exchange.recv(65536)
                exchange.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]")

        pool.submit(serve)
        yield listener.getsockname()[1]


@pytest.mark.parametrize("scheme", ["socks5", "socks5h"])
def test_a_socks_proxy_is_used(
    scheme: str, socks_proxy: int, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    monkeypatch.setenv("HTTPS_PROXY", f"{scheme}://127.0.0.1:{socks_proxy}")
    assert asyncio.run(balances(fast_wallet("https://10.0.0.1"))) == []


@pytest.mark.parametrize("no_proxy", [NAME, "*"])
def test_a_host_that_is_exempt_is_reached_directly(
    no_proxy: str, monkeypatch: pytest.MonkeyPatch, fault_server: StartServer
) -> None:
    proxy = fault_server(OK)
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
    monkeypatch.setenv("NO_PROXY", no_proxy)
    with pytest.raises(NetworkError):
        asyncio.run(balances(fast_wallet(f"https://{NAME}")))
    assert proxy.connections == 0
