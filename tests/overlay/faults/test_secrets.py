"""What an exchange, a firewall or a proxy sends back may hold what it was sent: none of it may come out."""

import asyncio
import logging
from collections.abc import Callable
from traceback import format_exception
from typing import NoReturn
from urllib.parse import quote

import hpack
import httpx2
import pytest
from binance_wallet import (
    ApiError,
    AsyncWalletClient,
    InvalidRequestError,
    InvalidResponseError,
    ServerError,
    WalletClient,
    WalletError,
)
from binance_wallet_client.api.asset import query_user_wallet_balance
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from .bodies import error
from .conftest import API_KEY, API_SECRET, TRANSPORTS, OpenWallet, StartServer, every_transport
from .secrecy import assert_no_secret
from .server import CLOSE, FOREVER, FaultServer, Request, Step, respond
from .steps import raw

PEM = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
SEED = PEM.splitlines()[1]

Logs = pytest.LogCaptureFixture


def url_and_key(request: Request) -> str:
    return f"{request.target} {request.headers['x-mbx-apikey']}"


def decoded(request: Request) -> str:
    """As a page shows it whose author has decoded the query first."""
    return " ".join(request.secrets)


def encoded_again(request: Request) -> str:
    """As the link of a page has it, that takes the URL as a parameter."""
    return f"/report?url={quote(request.target, safe='')}"


def echo(status: int, page: Callable[[Request], str]) -> Step:
    return lambda request: respond(page(request).encode(), status)(request)


def secrets_of(server: FaultServer) -> set[str]:
    return {API_KEY, API_SECRET, SEED} | server.secrets


@every_transport
@pytest.mark.parametrize(
    ("step", "kind"),
    [
        pytest.param(echo(403, lambda r: f"<p>Blocked: {url_and_key(r)}</p>"), ApiError, id="a firewall's page"),
        pytest.param(echo(400, lambda r: error(-1102, url_and_key(r)).decode()), ApiError, id="an error body"),
        pytest.param(echo(200, lambda r: error(-1102, url_and_key(r)).decode()), ApiError, id="an error under 200"),
        pytest.param(echo(200, url_and_key), InvalidResponseError, id="not JSON"),
        pytest.param(
            echo(200, lambda r: f'[{{"balance": "{url_and_key(r)}"}}]'), InvalidResponseError, id="a wrong type"
        ),
    ],
)
def test_a_response_that_repeats_the_request_is_redacted(
    step: Step, kind: type[WalletError], fault_server: StartServer, open_wallet: OpenWallet, caplog: Logs
) -> None:
    server = fault_server(step)
    with pytest.raises(kind) as caught:
        open_wallet(server.url).balances()
    assert "[redacted]" in f"{vars(caught.value)}"
    assert_no_secret(secrets_of(server), error=caught.value, logs=caplog.records)


@pytest.mark.parametrize("page", [decoded, encoded_again])
def test_a_response_that_repeats_the_signature_in_another_form_is_redacted(
    page: Callable[[Request], str], fault_server: StartServer, open_wallet: OpenWallet, caplog: Logs
) -> None:
    server = fault_server(echo(403, page))
    with pytest.raises(ApiError) as caught:
        open_wallet(server.url, api_secret=None, private_key=PEM).balances()
    again = {quote(secret, safe="") for secret in server.secrets}
    assert_no_secret(secrets_of(server) | again, error=caught.value, logs=caplog.records)


@every_transport
@pytest.mark.parametrize("status", [200, 302, 403, 500])
def test_headers_that_repeat_the_request_are_redacted(
    status: int, fault_server: StartServer, open_wallet: OpenWallet, caplog: Logs
) -> None:
    server = fault_server(lambda r: respond(b"no", status, Location=r.target, X_Key=r.headers["x-mbx-apikey"])(r))
    with pytest.raises(WalletError) as caught:
        open_wallet(server.url, timeout=2).balances()
    assert_no_secret(secrets_of(server), error=caught.value, logs=caplog.records)


def test_headers_of_a_success_that_repeat_the_request_are_redacted(
    fault_server: StartServer, open_wallet: OpenWallet
) -> None:
    server = fault_server(lambda r: respond(b"[]", X_Url=r.target, X_Key=r.headers["x-mbx-apikey"])(r))
    response = open_wallet(server.url).request(query_user_wallet_balance.build_call())
    assert response.headers[b"x-key"] == b"[redacted]"
    assert_no_secret(secrets_of(server), headers=str(response.headers))


@pytest.mark.parametrize("stop", [KeyboardInterrupt, asyncio.CancelledError])
def test_an_interrupted_call_leaves_no_secret_in_its_traceback(stop: type[BaseException]) -> None:
    seen: list[str] = []

    def interrupted(request: httpx2.Request) -> NoReturn:
        seen.extend([request.url.params["signature"], request.headers["X-MBX-APIKEY"]])
        raise stop

    async def asynchronously() -> None:
        async with AsyncWalletClient(API_KEY, API_SECRET, transport=httpx2.MockTransport(interrupted)) as wallet:
            await wallet.balances()

    for call in (
        WalletClient(API_KEY, API_SECRET, transport=httpx2.MockTransport(interrupted)).balances,
        lambda: asyncio.run(asynchronously()),
    ):
        with pytest.raises(stop) as caught:
            call()
        assert_no_secret(seen, error=caught.value)


@pytest.mark.parametrize("name", [name for name, (client, _) in TRANSPORTS.items() if client is AsyncWalletClient])
def test_a_cancelled_call_leaves_no_secret_in_its_traceback(name: str, fault_server: StartServer) -> None:
    server = fault_server(raw(FOREVER))

    async def cancelled() -> None:
        _, make_transport = TRANSPORTS[name]
        transport = make_transport and make_transport()
        async with AsyncWalletClient(API_KEY, API_SECRET, base_url=server.url, transport=transport) as wallet:
            call = asyncio.ensure_future(wallet.balances())
            asyncio.get_running_loop().call_later(0.2, call.cancel)
            await call

    with pytest.raises(asyncio.CancelledError) as caught:
        asyncio.run(cancelled())
    assert server.requests
    assert_no_secret(secrets_of(server), error=caught.value)


def with_note(request: httpx2.Request) -> Exception:
    error = OSError("broken")
    error.add_note(str(request.url))
    return error


@pytest.mark.parametrize(
    "failure",
    [
        pytest.param(lambda r: OSError(5, "broken", str(r.url)), id="a file name"),
        pytest.param(
            lambda r: RuntimeError(r.url, r.headers["X-MBX-APIKEY"].encode()), id="arguments that are no text"
        ),
        pytest.param(lambda r: ExceptionGroup("both", [OSError(str(r.url)), OSError()]), id="a group"),
        pytest.param(
            lambda r: httpx2.HTTPStatusError("no", request=r, response=httpx2.Response(500, request=r)), id="a status"
        ),
        pytest.param(with_note, id="a note"),
        pytest.param(lambda r: InvalidRequestError(f"not allowed: {r.url}"), id="a refusal"),
        pytest.param(lambda r: ServerError(f"{r.url} {r.headers['X-MBX-APIKEY']}"), id="an error of ours"),
    ],
)
def test_what_a_transport_raises_comes_out_without_a_secret(
    failure: Callable[[httpx2.Request], Exception], caplog: Logs
) -> None:
    seen: list[str] = []

    def handle(request: httpx2.Request) -> NoReturn:
        seen.extend([request.url.params["signature"], request.headers["X-MBX-APIKEY"]])
        raise failure(request)

    wallet = WalletClient(API_KEY, API_SECRET, transport=httpx2.MockTransport(handle), retries=0)
    with wallet, pytest.raises(WalletError) as caught:
        wallet.balances()
    assert_no_secret(seen, error=caught.value, logs=caplog.records, traceback="".join(format_exception(caught.value)))


@every_transport
def test_an_encoding_that_repeats_the_key_is_redacted(
    fault_server: StartServer, open_wallet: OpenWallet, caplog: Logs
) -> None:
    server = fault_server(lambda r: respond(b"[]", Content_Encoding="\xff" + r.headers["x-mbx-apikey"])(r))
    with pytest.raises(WalletError) as caught:
        open_wallet(server.url, retries=0).balances()
    assert_no_secret(secrets_of(server), error=caught.value, logs=caplog.records)


def test_an_error_that_the_user_was_handling_keeps_its_traceback(
    fault_server: StartServer, open_wallet: OpenWallet
) -> None:
    wallet = open_wallet(fault_server(raw(CLOSE)).url, retries=0)
    handled = ValueError("the user's own")
    try:
        raise handled
    except ValueError:
        with pytest.raises(WalletError):
            wallet.balances()
    assert handled.__traceback__ is not None


@every_transport
@pytest.mark.parametrize(
    "line",
    [
        pytest.param(lambda r: r.line, id="an echo of the request"),
        pytest.param(lambda r: b"HTTP/1.1 200 " + r.target.encode(), id="the URL as the reason"),
        pytest.param(lambda r: b"HTTP/1.1 200 OK\r\n" + url_and_key(r).encode(), id="a header that is none"),
    ],
)
def test_a_response_that_is_no_http_is_redacted(
    line: Callable[[Request], bytes], fault_server: StartServer, open_wallet: OpenWallet, caplog: Logs
) -> None:
    server = fault_server(lambda request: [line(request) + b"\r\n\r\n", CLOSE])
    with pytest.raises(WalletError) as caught:
        open_wallet(server.url, timeout=2).balances()
    assert_no_secret(secrets_of(server), error=caught.value, logs=caplog.records)


@every_transport
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(status: int, fault_server: StartServer, open_wallet: OpenWallet) -> None:
    elsewhere = fault_server(respond())
    server = fault_server(respond(b"", status, Location=f"{elsewhere.url}/sapi/v1/asset/wallet/balance"))
    with pytest.raises(ApiError, match="redirect") as caught:
        open_wallet(server.url).balances()
    assert (caught.value.status_code, len(server.requests), elsewhere.connections) == (status, 1, 0)


def test_a_redirect_within_the_exchange_is_not_followed(fault_server: StartServer, open_wallet: OpenWallet) -> None:
    server = fault_server(respond(b"", 307, Location="/sapi/v2/asset/wallet/balance"))
    with pytest.raises(ApiError, match="redirect"):
        open_wallet(server.url).balances()
    assert len(server.requests) == 1


@pytest.mark.parametrize("path", ["//evil.test/sapi", "https://evil.test/sapi", "@evil.test/", "/sapi?a=1", "/sapi/ä"])
def test_the_key_goes_to_no_other_host(path: str, fault_server: StartServer, open_wallet: OpenWallet) -> None:
    server = fault_server(respond())
    with pytest.raises(InvalidRequestError, match="path must be"):
        open_wallet(server.url).call("GET", path, weight=1)
    assert server.connections == 0


def test_a_private_key_comes_out_nowhere(fault_server: StartServer, open_wallet: OpenWallet, caplog: Logs) -> None:
    server = fault_server(respond(error(-1022), 400))
    wallet = open_wallet(server.url, api_secret=None, private_key=PEM)
    with pytest.raises(ApiError) as caught:
        wallet.balances()
    assert_no_secret(secrets_of(server), error=caught.value, logs=caplog.records, client=f"{wallet!r} {vars(wallet)!r}")


def test_what_http_2_logs_of_headers_has_no_secret(caplog: Logs) -> None:
    caplog.set_level(logging.DEBUG)
    target = f"/sapi/v1/asset/wallet/balance?timestamp=1&signature={'5' * 64}"
    hpack.Encoder().encode([(":path", target), ("x-mbx-apikey", API_KEY)])
    assert any("x-mbx-apikey" in record.getMessage() for record in caplog.records)
    assert_no_secret({API_KEY, "5" * 64}, logs=caplog.records)
