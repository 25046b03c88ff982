"""Certificates, handshakes and the environment variables for them."""

import ssl
from datetime import timedelta
from pathlib import Path

import pytest
from binance_wallet import DeadlineError, InvalidRequestError, NetworkError
from certificates import make_certificate, server_context

from .conftest import API_KEY, API_SECRET, OpenWallet, StartServer, default_transports, every_httpx_transport
from .fake_time import FakeTime
from .secrecy import assert_no_secret
from .server import CLOSE, FOREVER, Unread, respond


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_certificate(tmp_path_factory.mktemp("tls"), "127.0.0.1")


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    return certificate


def test_an_authority_of_the_environment_is_trusted(
    trusted: Path, fault_server: StartServer, open_wallet: OpenWallet
) -> None:
    server = fault_server(respond(), tls=server_context(trusted))
    assert open_wallet(server.url).balances() == []


@every_httpx_transport
def test_a_transport_may_trust_an_authority_of_its_own(
    certificate: Path, fault_server: StartServer, open_wallet: OpenWallet
) -> None:
    server = fault_server(respond(), tls=server_context(certificate))
    trust = ssl.create_default_context(cafile=certificate)
    wallet = open_wallet(server.url, transport={"verify": trust})
    assert wallet.balances() == []


def test_an_unknown_authority_is_not_trusted(
    certificate: Path, fault_server: StartServer, open_wallet: OpenWallet
) -> None:
    server = fault_server(respond(), tls=server_context(certificate))
    with pytest.raises(NetworkError, match=r"CERTIFICATE_VERIFY_FAILED|UnknownIssuer") as caught:
        open_wallet(server.url).balances()
    assert server.requests == []
    assert_no_secret({API_KEY, API_SECRET}, error=caught.value)


def test_a_certificate_for_another_host_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault_server: StartServer, open_wallet: OpenWallet
) -> None:
    other = make_certificate(tmp_path, "elsewhere.test")
    monkeypatch.setenv("SSL_CERT_FILE", str(other))
    server = fault_server(respond(), tls=server_context(other))
    with pytest.raises(NetworkError, match=r"127\.0\.0\.1"):
        open_wallet(server.url).balances()
    assert server.requests == []


def test_a_certificate_of_yesterday_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault_server: StartServer, open_wallet: OpenWallet
) -> None:
    expired = make_certificate(tmp_path, "127.0.0.1", expires=timedelta(days=-1))
    monkeypatch.setenv("SSL_CERT_FILE", str(expired))
    server = fault_server(respond(), tls=server_context(expired))
    with pytest.raises(NetworkError, match="expired"):
        open_wallet(server.url).balances()


@default_transports
def test_an_authority_that_is_missing_is_found_out_at_construction(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, open_wallet: OpenWallet
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    with pytest.raises(InvalidRequestError, match="certificates"):
        open_wallet("https://127.0.0.1")


def test_a_handshake_that_hangs_ends_with_the_deadline(
    fault_server: StartServer, open_wallet: OpenWallet, fake_time: FakeTime
) -> None:
    server = fault_server(Unread([FOREVER]))
    started = fake_time.monotonic()
    with pytest.raises(DeadlineError):
        open_wallet(server.url.replace("http", "https"), timeout=0.3).balances()
    assert fake_time.monotonic() - started < 1.3


def test_a_handshake_that_hangs_leaves_no_connection_behind(fault_server: StartServer, open_wallet: OpenWallet) -> None:
    server = fault_server(respond())  # without TLS, it waits for the end of a request that never ends
    with pytest.raises(DeadlineError):
        open_wallet(server.url.replace("http", "https"), timeout=0.3).balances()
    assert server.left_alone(within=1)


def test_a_handshake_that_is_broken_off_is_a_network_error(fault_server: StartServer, open_wallet: OpenWallet) -> None:
    server = fault_server(Unread([CLOSE]))
    with pytest.raises(NetworkError):
        open_wallet(server.url.replace("http", "https")).balances()
    assert server.connections == 4


def test_an_exchange_that_speaks_no_tls_is_a_network_error(fault_server: StartServer, open_wallet: OpenWallet) -> None:
    server = fault_server(Unread([b"HTTP/1.1 400 Bad Request\r\n\r\n", CLOSE]))
    with pytest.raises(NetworkError):
        open_wallet(server.url.replace("http", "https")).balances()
