"""What the micro-benchmarks share: an exchange that answers from memory."""

import time
from collections.abc import Callable
from email.utils import formatdate
from pathlib import Path

import httpx2
import pytest
from binance_wallet_mock import MockExchange
from pytest_benchmark.utils import parse_compare_fail


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Compare with the run before, if there was one, by the least time: other work on the machine disturbs it least."""
    if any(Path(config.getoption("benchmark_storage")).rglob("*.json")):
        config.option.benchmark_compare = True
        config.option.benchmark_compare_fail = [parse_compare_fail("min:30%")]


@pytest.fixture(scope="session")
def answer() -> Callable[[httpx2.Request], httpx2.Response]:
    """Answers each path with bytes made beforehand: the real ones are of a mock exchange that never serves."""
    exchange = MockExchange(assets=500)
    wallets = exchange.account.balances("BTC", 20_000)
    days = [
        {"data": exchange.account.snapshot("SPOT", day), "type": "spot", "updateTime": (day + 1) * 86_400_000 - 1000}
        for day in range(20_000, 20_030)
    ]
    bodies = {
        "/sapi/v1/asset/wallet/balance": httpx2.Response(200, json=wallets).content,
        "/sapi/v1/accountSnapshot": httpx2.Response(200, json={"code": 200, "msg": "", "snapshotVos": days}).content,
    }

    def answered(request: httpx2.Request) -> httpx2.Response:
        headers = {"Date": formatdate(time.time(), usegmt=True), "x-sapi-used-ip-weight-1m": "60"}
        return httpx2.Response(200, headers=headers, content=bodies[request.url.path])

    return answered
