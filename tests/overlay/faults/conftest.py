"""One set of fixtures for all transports: a test that takes `open_wallet` runs once with each of ours."""

import functools
import inspect
import logging
import socket
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any, Self

import httpx2
import pytest
from anyio.from_thread import start_blocking_portal
from binance_wallet import AsyncWalletClient, WalletClient
from httpx_aiohttp.httpx2 import AiohttpTransport

from .fake_time import FakeTime
from .secrecy import assert_no_secret
from .server import FaultServer, Step, Unread

API_KEY = "FaultsFaultsFaultsFaultsFaultsFaultsFaultsFaultsFaultsFaultsKey1"
API_SECRET = "HiddenHiddenHiddenHiddenHiddenHiddenHiddenHiddenHiddenHiddenKey2"

# Each transport: the client that uses it, and what makes it if it is not the client's default.
# To load the authorities takes longer than most tests, so the transports that are brought share them.
AUTHORITIES = httpx2.create_ssl_context(trust_env=False)
TRANSPORTS = {
    "sync": (WalletClient, None),
    "async": (AsyncWalletClient, None),
    "sync-httpx": (WalletClient, functools.partial(httpx2.HTTPTransport, verify=AUTHORITIES)),
    "async-httpx": (AsyncWalletClient, functools.partial(httpx2.AsyncHTTPTransport, verify=AUTHORITIES)),
    "async-aiohttp": (AsyncWalletClient, functools.partial(AiohttpTransport, verify=AUTHORITIES)),
}
HTTPX_TRANSPORTS = [name for name in TRANSPORTS if name in {"sync-httpx", "async-httpx", "async-aiohttp"}]
OUR_TRANSPORTS = [name for name in TRANSPORTS if name not in HTTPX_TRANSPORTS]
# By httpcore2: names are looked up by Python, and what is wrong with the environment is found out at construction.
default_transports = pytest.mark.parametrize("open_wallet", ["sync", "async"], indirect=True)
every_transport = pytest.mark.parametrize("open_wallet", TRANSPORTS, indirect=True)
every_httpx_transport = pytest.mark.parametrize("open_wallet", HTTPX_TRANSPORTS, indirect=True)

OpenWallet = Callable[..., WalletClient]
StartServer = Callable[..., FaultServer]


class Blocking:
    """An async client that is called like a sync one, so that one test serves both. Its event loop never pauses."""

    def __init__(self, client: AsyncWalletClient) -> None:
        self.client = client
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self._portal = self._stack.enter_context(start_blocking_portal())
        self._stack.enter_context(self._portal.wrap_async_context_manager(self.client))
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._stack.close()

    def __getattr__(self, name: str) -> Any:
        value = getattr(self.client, name)
        return self._blocking(value) if inspect.iscoroutinefunction(value) else value

    def close(self) -> None:
        self._portal.call(self.client.aclose)

    def _blocking(self, method: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *args, **options: self._portal.call(functools.partial(method, *args, **options))


@pytest.fixture
def fake_time() -> FakeTime:
    """The time that clients and servers live in: no sleep takes any."""
    return FakeTime()


@pytest.fixture
def refusing_port() -> int:
    """A port of this machine at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


@pytest.fixture
def fault_servers() -> list[FaultServer]:
    """The fault servers of this test."""
    return []


@pytest.fixture
def fault_server(fake_time: FakeTime, fault_servers: list[FaultServer]) -> Iterator[StartServer]:
    """Start fault servers; they stop with the test."""
    with ExitStack() as stack:

        def start(*script: Step | Unread, **options: Any) -> FaultServer:
            fault_servers.append(stack.enter_context(FaultServer(*script, now=fake_time.exchange, **options)))
            return fault_servers[-1]

        yield start


@pytest.fixture(params=OUR_TRANSPORTS)
def open_wallet(
    request: pytest.FixtureRequest,
    fake_time: FakeTime,
    fault_servers: list[FaultServer],
    caplog: pytest.LogCaptureFixture,
) -> Iterator[OpenWallet]:
    """Open clients; those of one exchange share a budget unless told otherwise. They close with the test.

    No library may log a secret.
    """
    caplog.set_level(logging.DEBUG)
    client_class, make_transport = TRANSPORTS[request.param]
    budgets = defaultdict(fake_time.budget)
    with ExitStack() as stack:

        def open_wallet(
            base_url: str,
            *,
            api_secret: str | None = API_SECRET,
            transport: dict[str, Any] | None = None,
            **options: Any,
        ) -> Any:
            if make_transport is not None:
                options["transport"] = make_transport(**transport or {})
            options = {"budget": budgets[httpx2.URL(base_url).netloc]} | options
            wallet = client_class(API_KEY, api_secret, base_url=base_url, **options)
            return stack.enter_context(Blocking(wallet) if client_class is AsyncWalletClient else wallet)

        yield open_wallet
    sent = {secret for server in fault_servers for secret in server.secrets}
    assert_no_secret({API_KEY, API_SECRET} | sent, logs=caplog.get_records("call"))
