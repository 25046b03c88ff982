"""Processes that share a store, against the mock exchange over HTTP."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

import anyio
import pytest
from binance_wallet import AsyncWalletClient, BannedError, RateLimitError, WalletClient
from binance_wallet.budget import Budget, Reserve
from binance_wallet.budget.operations import Full, Verdict
from binance_wallet.budget.sqlite import SqliteStore
from binance_wallet.budget.urls import budget_at
from binance_wallet.clock import Clock, Time
from binance_wallet.mock import MockExchange

from .servers import wait_for


@pytest.fixture
def exchange() -> Iterator[MockExchange]:
    """Its minute has just begun."""
    with MockExchange(assets=1) as exchange:
        exchange.clock_offset = 60 - time.time() % 60 + 2
        yield exchange


def options(exchange: MockExchange, url: str) -> dict[str, str]:
    return {
        "api_key": exchange.api_key,
        "api_secret": exchange.api_secret,
        "base_url": exchange.base_url,
        "budget": url,
    }


def start(exchange: MockExchange, url: str, code: str) -> subprocess.Popen[str]:
    """Another process, which has a wallet and prints the class of an error."""
    setup = f"""
import time
from binance_wallet import WalletClient, WalletError
print("ready", flush=True)
input()
try:
    with WalletClient(**{options(exchange, url)!r}) as wallet:
        {code}
except WalletError as error:
    print(type(error).__name__)
else:
    print("done")
"""
    pipe = subprocess.PIPE
    environ = os.environ | {"NO_PROXY": "*"}
    return subprocess.Popen([sys.executable, "-c", setup], stdin=pipe, stdout=pipe, text=True, env=environ)


def run(*processes: subprocess.Popen[str]) -> list[str]:
    """What each of them says, once all have been let go at the same moment."""
    let_go(*processes)
    return [process.communicate(timeout=40)[0].strip() for process in processes]


def let_go(*processes: subprocess.Popen[str]) -> None:
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.stdin.write("\n")
        process.stdin.flush()


def statuses(exchange: MockExchange) -> list[int | None]:
    return [request.status for request in exchange.requests]


def learn_the_time(exchange: MockExchange, url: str) -> None:
    with WalletClient(**options(exchange, url)) as wallet:
        wallet.balances()
    exchange.requests.clear()


def test_processes_that_start_together_stay_within_the_quota(exchange: MockExchange, url: str) -> None:
    learn_the_time(exchange, url)
    said = run(*(start(exchange, url, "wallet.snapshots('SPOT')") for _ in range(7)))
    assert sorted(said) == ["RateLimitError"] * 2 + ["done"] * 5
    assert statuses(exchange) == [HTTPStatus.OK] * 5


def test_a_ban_holds_for_all_processes_and_outlives_the_one_that_met_it(exchange: MockExchange, url: str) -> None:
    with WalletClient(**options(exchange, url)) as running:
        running.balances()
        exchange.requests.clear()
        exchange.fail(418, -1003, "banned", headers={"Retry-After": "120"})
        assert run(start(exchange, url, "wallet.balances()")) == ["BannedError"]
        with pytest.raises(BannedError) as caught:
            running.snapshots("SPOT")
        assert 100 < caught.value.retry_after < 125
        assert run(start(exchange, url, "wallet.balances()")) == ["BannedError"]
    assert len(exchange.requests) == 1


def test_what_a_killed_process_has_reserved_is_free_in_the_next_minute(exchange: MockExchange, url: str) -> None:
    learn_the_time(exchange, url)
    store = budget_at(url, exchange.base_url.removeprefix("http://"), None).store
    minute = int(exchange.now() // 60)

    def reserve(weight: int, minute: int) -> Verdict:
        now = exchange.now()
        wanted = Reserve("/sapi/v1/accountSnapshot", weight, weight, (minute,), now, now + 1)
        return store.perform(wanted, time.monotonic() + 60)

    exchange.delay(30)
    killed = start(exchange, url, "wallet.snapshots('SPOT')")
    let_go(killed)
    wait_for(lambda: isinstance(reserve(0, minute), Full))
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    assert isinstance(reserve(12_000, minute), Full)
    assert reserve(12_000, minute + 1) is None


def test_a_clock_that_is_wrong_by_an_hour_takes_the_time_from_the_store(exchange: MockExchange, tmp_path: Path) -> None:
    path = tmp_path / "budget.db"
    learn_the_time(exchange, f"sqlite:///{path}")
    wrong = Clock(Time(wall=lambda: time.time() + 3600))
    store = SqliteStore(path, f"{exchange.base_url.removeprefix('http://')} default")
    with WalletClient(**options(exchange, "") | {"budget": Budget(store, wrong)}) as wallet:
        wallet.balances()
    assert statuses(exchange) == [HTTPStatus.OK]


def test_sync_and_async_clients_share_a_store(exchange: MockExchange, url: str) -> None:
    async def ask() -> None:
        async with AsyncWalletClient(**options(exchange, url), weight_limit=4800) as wallet:
            await wallet.snapshots("SPOT")
            with pytest.raises(RateLimitError):
                await wallet.snapshots("SPOT")

    learn_the_time(exchange, url)
    assert run(start(exchange, url, "wallet.snapshots('SPOT')")) == ["done"]
    anyio.run(ask)
    assert run(start(exchange, url, "wallet.with_options(weight_limit=4800).snapshots('SPOT')")) == ["RateLimitError"]
