"""One set of fixtures for both clients: a test that takes `open_wallet` runs once with each, and with aiohttp."""

import functools
import inspect
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from types import SimpleNamespace
from typing import Any, Self

import anyio
import httpx
import pytest
from anyio.from_thread import start_blocking_portal
from binance_wallet import AsyncWalletClient, WalletClient, limits, pipeline
from binance_wallet.clock import Clock
from binance_wallet.limits import shared_budget
from binance_wallet.wire import transport
from binance_wallet.wire.aio import AiohttpTransport

from .fake_time import FakeTime
from .secrecy import assert_no_secret
from .server import FaultServer, Step, Unread

API_KEY = "FaultsFaultsFaultsFaultsFaultsFaultsFaultsFaultsFaultsFaultsKey1"
API_SECRET = "HiddenHiddenHiddenHiddenHiddenHiddenHiddenHiddenHiddenHiddenKey2"

OpenWallet = Callable[..., WalletClient]
Serve = Callable[..., FaultServer]


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

    def get_httpx_client(self) -> SimpleNamespace:
        client = self.client.get_async_httpx_client()
        return SimpleNamespace(get=self._blocking(client.get), post=self._blocking(client.post))

    def _blocking(self, method: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *args, **options: self._portal.call(functools.partial(method, *args, **options))


@pytest.fixture(autouse=True)
def fresh_budget() -> None:
    """The budget is shared by a process; tests are not to share it."""
    shared_budget.cache_clear()


@pytest.fixture(autouse=True)
def no_proxy_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "ssl_cert_file", "ssl_cert_dir"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def fake_time(monkeypatch: pytest.MonkeyPatch) -> FakeTime:
    """The time that clients and servers live in: no sleep takes any."""
    fake = FakeTime()
    monkeypatch.setattr(limits, "Clock", functools.partial(Clock, wall=fake.wall, steady=fake.steady))
    monkeypatch.setattr(transport, "time", SimpleNamespace(sleep=fake.sleep, monotonic=time.monotonic))
    monkeypatch.setattr(anyio, "sleep", fake.async_sleep)
    monkeypatch.setattr(pipeline, "random", SimpleNamespace(uniform=max))  # the longest wait that a retry may take
    return fake


@pytest.fixture
def servers() -> list[FaultServer]:
    """The fault servers of this test."""
    return []


@pytest.fixture
def serve(fake_time: FakeTime, servers: list[FaultServer]) -> Iterator[Serve]:
    """Start fault servers; they stop with the test."""
    with ExitStack() as stack:

        def started(*script: Step | Unread, **options: Any) -> FaultServer:
            servers.append(stack.enter_context(FaultServer(*script, now=fake_time.exchange, **options)))
            return servers[-1]

        yield started


# The ways by which a request leaves: a client, and what makes its transport if it is not the client's own.
WAYS = {
    "sync": (WalletClient, None),
    "async": (AsyncWalletClient, None),
    "aiohttp": (AsyncWalletClient, AiohttpTransport),
    "sync-httpx": (WalletClient, httpx.HTTPTransport),
}
every_way = pytest.mark.parametrize("open_wallet", WAYS, indirect=True)


@pytest.fixture(params=["sync", "async", "aiohttp"])
def open_wallet(
    request: pytest.FixtureRequest, fake_time: FakeTime, servers: list[FaultServer], caplog: pytest.LogCaptureFixture
) -> Iterator[OpenWallet]:
    """Open clients; they close with the test. No library may ever log a secret of theirs."""
    caplog.set_level(logging.DEBUG)
    with ExitStack() as stack:

        def opened(
            base_url: str,
            *,
            api_secret: str | None = API_SECRET,
            own_transport: dict[str, Any] | None = None,
            **options: Any,
        ) -> Any:
            client_class, transport_class = WAYS[request.param]
            if own_transport is not None:
                transport_class = httpx.AsyncHTTPTransport if client_class is AsyncWalletClient else httpx.HTTPTransport
            if transport_class is not None:
                options["transport"] = transport_class(**own_transport or {})
            wallet = client_class(API_KEY, api_secret, base_url=base_url, **options)
            return stack.enter_context(Blocking(wallet) if client_class is AsyncWalletClient else wallet)

        yield opened
    sent = {secret for server in servers for secret in server.secrets}
    assert_no_secret({API_KEY, API_SECRET} | sent, logs=caplog.get_records("call"))
