"""A mock exchange for all of these tests, and clients for it."""

from collections.abc import Iterator

import httpx
import pytest
from binance_wallet.mock import MockExchange

from .caller import NEEDED, Caller
from .profile import replay


@pytest.fixture(scope="session")
def exchange() -> Iterator[MockExchange]:
    # Nobody here is to be held up by the weight limit, except where a test is about it.
    with MockExchange(weight_limit=10**12) as exchange:
        yield exchange


@pytest.fixture(autouse=True)
def _as_if_new(exchange: MockExchange, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reset the exchange, and put what a client needs to know of it into the environment."""
    exchange.reset()
    monkeypatch.setenv("BINANCE_BASE_URL", exchange.base_url)
    monkeypatch.setenv("BINANCE_API_KEY", exchange.api_key)
    monkeypatch.setenv("BINANCE_API_SECRET", exchange.api_secret)


@pytest.fixture(scope="session")
def http() -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False) as client:
        yield client


@pytest.fixture(params=NEEDED, ids=["balances", "snapshots"])
def caller(request: pytest.FixtureRequest, exchange: MockExchange, http: httpx.Client) -> Caller:
    """A caller of one of the two endpoints."""
    return Caller(exchange, request.param, http)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item):
    """Say with each failure how to have it again."""
    report = (yield).get_result()
    if report.failed and item.path.parent == item.config.rootpath / "tests" / "contract":
        report.sections.append(("Replay", replay(item.nodeid)))
