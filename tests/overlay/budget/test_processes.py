"""Processes that share a store, against the mock exchange over HTTP."""

import multiprocessing
import signal
import time
from collections.abc import Callable, Iterator
from http import HTTPStatus
from multiprocessing.context import ForkServerContext
from pathlib import Path

import anyio
import pytest
from binance_wallet import AsyncWalletClient, BannedError, RateLimitError, WalletClient
from binance_wallet.budget import Budget, Reserve
from binance_wallet.budget.operations import Full, Verdict
from binance_wallet.budget.sqlite import SqliteStore
from binance_wallet.budget.urls import budget_at
from binance_wallet.clock import Clock, Time
from binance_wallet_mock import MockExchange

from . import wallet_process
from .servers import wait_for


@pytest.fixture
def early_exchange() -> Iterator[MockExchange]:
    """Its minute has just begun."""
    with MockExchange(assets=1) as exchange:
        exchange.clock_offset = 60 - time.time() % 60 + 2
        yield exchange


def options(early_exchange: MockExchange, url: str) -> dict[str, str]:
    return {
        "api_key": early_exchange.api_key,
        "api_secret": early_exchange.api_secret,
        "base_url": early_exchange.base_url,
        "budget": url,
    }


class Process:
    """A process that makes one call with a wallet, and says the class of an error: see wallet_process.py."""

    def __init__(self, context: ForkServerContext, options: dict[str, object], call: tuple[str, ...]) -> None:
        self.pipe, its_end = context.Pipe()
        self.process = context.Process(target=wallet_process.call, args=(its_end, options, *call))
        self.process.start()
        its_end.close()
        assert self.pipe.recv() == "here"

    def let_go(self) -> None:
        self.pipe.send("go")

    def said(self) -> str:
        """What it has said, once it has ended."""
        with self.pipe:
            said = self.pipe.recv()
        self.process.join(40)
        assert self.process.exitcode == 0
        return said

    def kill(self) -> None:
        self.process.kill()
        self.process.join(40)
        assert self.process.exitcode == -signal.SIGKILL
        self.pipe.close()


@pytest.fixture(scope="module")
def context() -> ForkServerContext:
    """Starts processes that share nothing but the store, as forks of one that has imported what they need."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(
        ["binance_wallet.budget.redis", "binance_wallet.budget.sqlite", "binance_wallet.transports.open"]
    )
    return context


@pytest.fixture
def start(early_exchange: MockExchange, url: str, context: ForkServerContext) -> Callable[..., Process]:
    """Start a process that waits until it is let go, and then makes this call."""

    def start(*call: str, **more: object) -> Process:
        return Process(context, options(early_exchange, url) | more, call)

    return start


def run(*processes: Process) -> list[str]:
    """What each of them says, once all have been let go at the same moment."""
    for process in processes:
        process.let_go()
    return [process.said() for process in processes]


def statuses(early_exchange: MockExchange) -> list[int | None]:
    return [request.status for request in early_exchange.requests]


def learn_the_time(early_exchange: MockExchange, url: str) -> None:
    with WalletClient(**options(early_exchange, url)) as wallet:
        wallet.balances()
    early_exchange.requests.clear()


def test_processes_that_start_together_stay_within_the_quota(
    early_exchange: MockExchange, url: str, start: Callable[..., Process]
) -> None:
    learn_the_time(early_exchange, url)
    said = run(*[start("snapshots", "SPOT") for _ in range(7)])
    assert sorted(said) == ["RateLimitError"] * 2 + ["done"] * 5
    assert statuses(early_exchange) == [HTTPStatus.OK] * 5


def test_a_ban_holds_for_all_processes_and_outlives_the_one_that_met_it(
    early_exchange: MockExchange, url: str, start: Callable[..., Process]
) -> None:
    with WalletClient(**options(early_exchange, url)) as running:
        running.balances()
        early_exchange.requests.clear()
        early_exchange.fail(418, -1003, "banned", headers={"Retry-After": "120"})
        assert run(start("balances")) == ["BannedError"]
        with pytest.raises(BannedError) as caught:
            running.snapshots("SPOT")
        assert 100 < caught.value.retry_after < 125
        assert run(start("balances")) == ["BannedError"]
    assert len(early_exchange.requests) == 1


def test_what_a_killed_process_has_reserved_is_free_in_the_next_minute(
    early_exchange: MockExchange, url: str, start: Callable[..., Process]
) -> None:
    learn_the_time(early_exchange, url)
    store = budget_at(url, early_exchange.base_url.removeprefix("http://"), None).store
    minute = int(early_exchange.now() // 60)

    def reserve(weight: int, minute: int) -> Verdict:
        now = early_exchange.now()
        wanted = Reserve("/sapi/v1/accountSnapshot", weight, weight, (minute,), now, now + 1)
        return store.perform(wanted, time.monotonic() + 60)

    early_exchange.delay(30)
    killed = start("snapshots", "SPOT")
    killed.let_go()
    wait_for(lambda: isinstance(reserve(0, minute), Full))
    killed.kill()
    assert isinstance(reserve(12_000, minute), Full)
    assert reserve(12_000, minute + 1) is None


def test_a_clock_that_is_wrong_by_an_hour_takes_the_time_from_the_store(
    early_exchange: MockExchange, tmp_path: Path
) -> None:
    path = tmp_path / "budget.db"
    learn_the_time(early_exchange, f"sqlite:///{path}")
    wrong = Clock(Time(wall=lambda: time.time() + 3600))
    store = SqliteStore(path, f"{early_exchange.base_url.removeprefix('http://')} default")
    with WalletClient(**options(early_exchange, "") | {"budget": Budget(store, wrong)}) as wallet:
        wallet.balances()
    assert statuses(early_exchange) == [HTTPStatus.OK]


def test_sync_and_async_clients_share_a_store(
    early_exchange: MockExchange, url: str, start: Callable[..., Process]
) -> None:
    async def ask() -> None:
        async with AsyncWalletClient(**options(early_exchange, url), weight_limit=4800) as wallet:
            await wallet.snapshots("SPOT")
            with pytest.raises(RateLimitError):
                await wallet.snapshots("SPOT")

    learn_the_time(early_exchange, url)
    assert run(start("snapshots", "SPOT")) == ["done"]
    anyio.run(ask)
    assert run(start("snapshots", "SPOT", weight_limit=4800)) == ["RateLimitError"]
