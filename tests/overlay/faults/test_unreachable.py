"""Exchanges that cannot be reached, and proxies on the way."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from binance_wallet import DeadlineError, InvalidRequestError, NetworkError
from certificates import NAME, make_certificate, server_context

from .conftest import API_KEY, API_SECRET, OpenWallet, StartServer, default_transports
from .fake_time import FakeTime
from .secrecy import assert_no_secret
from .server import CLOSE, FOREVER, Action, Request, Step, respond
from .steps import raw

LookUp = Callable[[str], str]
Replace = Callable[[LookUp], None]


@pytest.fixture
def look_up(monkeypatch: pytest.MonkeyPatch) -> Replace:
    """Replace the look-up of the one name that these tests know."""
    real = socket.getaddrinfo

    def replace(found: LookUp) -> None:
        def getaddrinfo(host: str | bytes, port: int, *args: int, **options: int) -> list[tuple]:
            name = host.decode() if isinstance(host, bytes) else host
            return real(found(name) if name == NAME else name, port, *args, **options)

        monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)

    return replace


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_certificate(tmp_path_factory.mktemp("proxied"), NAME)


@default_transports
def test_a_name_that_does_not_resolve_is_a_network_error(look_up: Replace, open_wallet: OpenWallet) -> None:
    def unknown(name: str) -> str:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    look_up(unknown)
    with pytest.raises(NetworkError, match="not known") as caught:
        open_wallet(f"https://{NAME}").balances()
    assert not caught.value.sent
    assert_no_secret({API_KEY, API_SECRET}, error=caught.value)


@default_transports
def test_a_look_up_that_hangs_ends_with_the_deadline(
    look_up: Replace, open_wallet: OpenWallet, fake_time: FakeTime
) -> None:
    over = threading.Event()

    def hanging(name: str) -> str:
        over.wait()
        return "127.0.0.1"

    look_up(hanging)
    wallet, started = open_wallet(f"https://{NAME}", timeout=0.3), fake_time.monotonic()
    try:
        with pytest.raises(DeadlineError) as caught:
            wallet.balances()
        assert not caught.value.sent
        assert fake_time.monotonic() - started < 1.3
    finally:
        over.set()


def test_a_port_that_refuses_is_a_network_error(refusing_port: int, open_wallet: OpenWallet) -> None:
    with pytest.raises(NetworkError) as caught:
        open_wallet(f"http://127.0.0.1:{refusing_port}").balances()
    assert type(caught.value) is NetworkError
    assert not caught.value.sent
    assert_no_secret({API_KEY, API_SECRET}, error=caught.value)


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
def test_a_proxy_that_refuses_is_a_network_error(
    variable: str, refusing_port: int, monkeypatch: pytest.MonkeyPatch, open_wallet: OpenWallet
) -> None:
    monkeypatch.setenv(variable, f"http://127.0.0.1:{refusing_port}")
    with pytest.raises(NetworkError) as caught:
        open_wallet(f"https://{NAME}").balances()
    assert not caught.value.sent


def test_a_proxy_of_the_environment_is_used_and_learns_nothing(
    certificate: Path, monkeypatch: pytest.MonkeyPatch, fault_server: StartServer, open_wallet: OpenWallet
) -> None:
    def connect(request: Request) -> Iterator[Action]:
        yield b"HTTP/1.1 200 Connection established\r\n\r\n"
        yield server_context(certificate)  # from here on, it is the exchange

    proxy = fault_server(connect, respond())
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    monkeypatch.setenv("HTTPS_PROXY", f"http://someone:password@127.0.0.1:{proxy.port}")
    assert open_wallet(f"https://{NAME}").balances() == []
    to_proxy, to_exchange = proxy.requests
    assert to_proxy.line == f"CONNECT {NAME}:443 HTTP/1.1".encode()
    assert "proxy-authorization" in to_proxy.headers
    assert API_KEY not in str(to_proxy.headers)
    assert to_exchange.headers["x-mbx-apikey"] == API_KEY
    assert "proxy-authorization" not in to_exchange.headers


@default_transports
@pytest.mark.parametrize(
    ("step", "words"),
    [
        pytest.param(respond(b"who are you?", 407), "407", id="wants a password"),
        pytest.param(respond(b"not now", 503), "503", id="is overloaded"),
        pytest.param(raw(CLOSE), "disconnected", id="hangs up"),
        pytest.param(raw(FOREVER), "not done within 0.3 s", id="is silent"),
    ],
)
def test_a_proxy_that_does_not_connect_is_a_network_error(
    step: Step, words: str, monkeypatch: pytest.MonkeyPatch, fault_server: StartServer, open_wallet: OpenWallet
) -> None:
    proxy = fault_server(step)
    monkeypatch.setenv("HTTPS_PROXY", f"http://someone:password@127.0.0.1:{proxy.port}")
    with pytest.raises(NetworkError, match=words) as caught:
        open_wallet(f"https://{NAME}", timeout=0.3).balances()
    assert_no_secret({API_KEY, API_SECRET, "password"}, error=caught.value)


@default_transports
def test_no_proxy_is_used_for_a_host_that_is_exempt(
    certificate: Path,
    look_up: Replace,
    monkeypatch: pytest.MonkeyPatch,
    fault_server: StartServer,
    open_wallet: OpenWallet,
) -> None:
    look_up(lambda _: "127.0.0.1")
    proxy, exchange = fault_server(respond(b"", 503)), fault_server(respond(), tls=server_context(certificate))
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
    monkeypatch.setenv("NO_PROXY", f"elsewhere.test,{NAME}")
    assert open_wallet(f"https://{NAME}:{exchange.port}").balances() == []
    assert proxy.connections == 0


def test_no_proxy_is_used_for_this_machine(
    monkeypatch: pytest.MonkeyPatch, fault_server: StartServer, open_wallet: OpenWallet
) -> None:
    proxy, exchange = fault_server(respond(b"", 503)), fault_server(respond())
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.port}")
    monkeypatch.setenv("ALL_PROXY", f"http://127.0.0.1:{proxy.port}")
    assert open_wallet(exchange.url).balances() == []
    assert proxy.connections == 0


@default_transports
@pytest.mark.parametrize(
    "proxy",
    [
        "ftp://127.0.0.1:1",
        "http://[::1",
        "socks5://127.0.0.1:1",
        "socks://127.0.0.1:1",
        "http://u:1#2@127.0.0.1:1",
        "http://u:1?2@h:1",
        "http://u:1/2@h:1",
    ],
)
def test_a_proxy_that_cannot_be_used_is_found_out_at_construction(
    proxy: str, monkeypatch: pytest.MonkeyPatch, open_wallet: OpenWallet
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    with pytest.raises(InvalidRequestError, match="proxy"):
        open_wallet(f"https://{NAME}")


def test_a_proxy_without_a_scheme_is_an_http_proxy(
    monkeypatch: pytest.MonkeyPatch, fault_server: StartServer, open_wallet: OpenWallet
) -> None:
    proxy = fault_server(respond(b"", 403))
    monkeypatch.setenv("HTTPS_PROXY", f"127.0.0.1:{proxy.port}")
    with pytest.raises(NetworkError):
        open_wallet(f"https://{NAME}").balances()
    assert proxy.requests[0].line.startswith(b"CONNECT ")


class Deaf:
    """An address of this machine that takes no further connection: who tries waits until he gives up."""

    def __init__(self, port: int) -> None:
        self._listener = socket.create_server((DEAD_ADDRESS, port), backlog=0)
        self._waiting = [self._connect() for _ in range(3)]

    def _connect(self) -> socket.socket:
        waiting = socket.socket()
        waiting.setblocking(False)
        waiting.connect_ex(self._listener.getsockname())
        return waiting

    def close(self) -> None:
        for each in (*self._waiting, self._listener):
            each.close()


DEAD_ADDRESS = "127.0.0.7"


@default_transports
@pytest.mark.parametrize("dead", [1, 2])
def test_a_dead_first_address_costs_a_quarter_of_the_timeout_at_most(
    dead: int,
    fault_server: StartServer,
    open_wallet: OpenWallet,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    """As where IPv6 is broken."""
    server = fault_server(respond())
    request.addfinalizer(Deaf(server.port).close)
    real = socket.getaddrinfo

    def both(host: str | bytes, *args: Any, **options: Any) -> list[Any]:
        if host not in {"localhost", b"localhost"}:
            return real(host, *args, **options)
        return [*real(DEAD_ADDRESS, *args, **options)[:1] * dead, *real("127.0.0.1", *args, **options)[:1]]

    monkeypatch.setattr(socket, "getaddrinfo", both)
    started = time.monotonic()
    assert open_wallet(f"http://localhost:{server.port}", timeout=2.0, retries=0).balances() == []
    assert time.monotonic() - started < 0.5 * dead + 0.3


@default_transports
@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "SSL_CERT_DIR"])
@pytest.mark.parametrize("path", ["/nowhere/ca.pem", f"{__file__}/ca.pem"], ids=["no folder", "in a file"])
def test_a_certificate_that_is_not_there_is_named(
    variable: str, path: str, monkeypatch: pytest.MonkeyPatch, open_wallet: OpenWallet
) -> None:
    monkeypatch.setenv(variable, path)
    with pytest.raises(InvalidRequestError, match=f"there is no {path}, which {variable} names"):
        open_wallet(f"https://{NAME}")


@default_transports
@pytest.mark.parametrize(
    ("no_proxy", "is_bypassed"),
    [
        ("*", True),
        (".binance.test", True),
        ("wallet.binance.test", True),
        ("wallet.binance.test:443", True),
        ("::1,fe11::/16,10.0.0.0/8, .binance.test", True),
        ("::1,fe11::/16,10.0.0.0/8", False),
        ("wallet.binance.test:8443", False),
        ("other.test", False),
    ],
)
def test_hosts_without_a_proxy(
    no_proxy: str, is_bypassed: bool, monkeypatch: pytest.MonkeyPatch, refusing_port: int, open_wallet: OpenWallet
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f" http://127.0.0.1:{refusing_port} ")
    monkeypatch.setenv("NO_PROXY", no_proxy)
    wallet = open_wallet("https://wallet.binance.test", timeout=2, retries=0)
    with pytest.raises(NetworkError) as caught:
        wallet.balances()
    assert ("through the proxy" in str(caught.value)) is not is_bypassed


@default_transports
@pytest.mark.parametrize("nothing", ["", " ", "\n"])
def test_an_empty_proxy_is_none(nothing: str, monkeypatch: pytest.MonkeyPatch, open_wallet: OpenWallet) -> None:
    monkeypatch.setenv("HTTPS_PROXY", nothing)
    with pytest.raises(NetworkError) as caught:
        open_wallet("https://wallet.binance.test", timeout=2, retries=0).balances()
    assert "through the proxy" not in str(caught.value)
