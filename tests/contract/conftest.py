"""A mock exchange for all of these tests, and clients for it."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from binance_wallet import AsyncWalletClient, WalletClient
from binance_wallet.budget import Budget
from binance_wallet_mock import MockExchange
from hypothesis_profiles import replay

from .caller import NEEDED, Ask, Caller


@pytest.fixture(scope="session")
def contract_exchange() -> Iterator[MockExchange]:
    # No test waits for the weight limit, except those that are about it.
    with MockExchange(weight_limit=10**12) as contract_exchange:
        yield contract_exchange


@pytest.fixture(autouse=True)
def _as_if_new(contract_exchange: MockExchange, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reset the exchange, and put what a client needs to know of it into the environment."""
    contract_exchange.reset()
    monkeypatch.setenv("BINANCE_BASE_URL", contract_exchange.base_url)
    monkeypatch.setenv("BINANCE_API_KEY", contract_exchange.api_key)
    monkeypatch.setenv("BINANCE_API_SECRET", contract_exchange.api_secret)


@pytest.fixture(scope="session")
def http() -> Iterator[httpx2.Client]:
    with httpx2.Client(trust_env=False) as client:
        yield client


@pytest.fixture(params=NEEDED, ids=["balances", "snapshots"])
def caller(request: pytest.FixtureRequest, contract_exchange: MockExchange, http: httpx2.Client) -> Caller:
    """A caller of one of the two endpoints."""
    return Caller(contract_exchange, request.param, http)


@pytest.fixture(scope="session")
def options(contract_exchange: MockExchange) -> dict[str, Any]:
    """The options of clients of the exchange. Each call is one request, and no call waits."""
    credentials = {
        "api_key": contract_exchange.api_key,
        "api_secret": contract_exchange.api_secret,
        "base_url": contract_exchange.base_url,
    }
    return {**credentials, "weight_limit": None, "retries": 0}


@pytest.fixture(scope="session")
def wallet(options: dict[str, Any]) -> Iterator[WalletClient]:
    with WalletClient(**options, budget=Budget()) as wallet:  # an earlier test may have blocked the shared one
        yield wallet


@pytest.fixture(scope="session", params=["sync", "asyncio"])
def ask(request: pytest.FixtureRequest, options: dict[str, Any], wallet: WalletClient) -> Iterator[Ask]:
    """`ask(endpoint, **arguments)`: what one of our clients returns for a call of an endpoint."""
    if request.param == "sync":
        yield lambda endpoint, **arguments: endpoint.sync(client=wallet, **arguments)
    else:
        with asyncio.Runner() as runner:
            client = AsyncWalletClient(**options, budget=Budget())
            yield lambda endpoint, **arguments: runner.run(endpoint.asyncio(client=client, **arguments))
            runner.run(client.aclose())


@pytest.fixture(scope="session")
def node_tool() -> Callable[[str], Path]:
    """The path of a tool of package.json. Skips the test if it is not installed."""

    def node_tool(name: str) -> Path:
        path = Path(__file__).with_name("node_modules") / ".bin" / name
        if not path.exists():
            pytest.skip(f"{name} is not installed: `make contract-tools` does that where there is Node")
        return path

    return node_tool


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item):
    """Add to each failure the command that reproduces it."""
    report = (yield).get_result()
    if report.failed and item.path.parent == item.config.rootpath / "tests" / "contract":
        report.sections.append(("Replay", replay(item.nodeid)))


def pytest_terminal_summary(terminalreporter: "pytest.TerminalReporter") -> None:
    """Show what tests have recorded under `contract`."""
    reports = [report for reports in terminalreporter.stats.values() for report in reports]
    lines = [text for report in reports for name, text in getattr(report, "user_properties", ()) if name == "contract"]
    if lines:
        terminalreporter.section("contract")
        terminalreporter.line("\n".join(dict.fromkeys(lines)))
