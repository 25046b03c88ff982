"""One client, used by many at once: threads, tasks, and another event loop than asyncio's."""

import asyncio
import gc
import threading
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpcore2
import pytest
import trio
from binance_wallet import AsyncWalletClient, DeadlineError, RateLimitError, WalletBalance, WalletClient, WalletError
from binance_wallet.budget import Budget
from binance_wallet.clock import Clock, Time

from .bodies import encoded, error
from .conftest import API_KEY, API_SECRET, TRANSPORTS, StartServer
from .fake_time import FakeTime
from .server import FOREVER, Action, Request, Step, respond
from .steps import OK, dripping_body, raw, slow_headers

NAMES = [f"ASSET{number}" for number in range(200)]
ALL_WEIGHT = 12_000  # 200 calls of weight 60


def personal(request: Request) -> list[Action]:
    """An answer that shows whose question it answers."""
    name = request.parameters["quoteAsset"]
    return respond(encoded([{"activate": True, "balance": "1", "walletName": name}]))(request)


def in_threads(wallet: WalletClient) -> list[str]:
    with ThreadPoolExecutor(16) as pool:
        return [name_in(balances) for balances in pool.map(wallet.balances, NAMES)]


async def in_tasks(wallet: AsyncWalletClient) -> list[str]:
    return [name_in(balances) for balances in await asyncio.gather(*map(wallet.balances, NAMES))]


def name_in(balances: list[WalletBalance]) -> str:
    return balances[0].wallet_name


OpenSync = Callable[..., WalletClient]
OpenAsync = Callable[..., AsyncWalletClient]


@pytest.fixture
def options(fake_time: FakeTime) -> dict[str, Any]:
    """What clients are made with, besides the server: they share a budget."""
    return {"api_key": API_KEY, "api_secret": API_SECRET, "budget": fake_time.budget()}


@pytest.fixture
def sync_wallet(options: dict[str, Any]) -> OpenSync:
    return lambda url, **more: WalletClient(base_url=url, **options | more)


@pytest.fixture
def async_wallet(options: dict[str, Any]) -> OpenAsync:
    return lambda url, **more: AsyncWalletClient(base_url=url, **options | more)


ASYNC_TRANSPORTS = {name: make for name, (client, make) in TRANSPORTS.items() if client is AsyncWalletClient}


@pytest.fixture(params=ASYNC_TRANSPORTS)
def async_transport(request: pytest.FixtureRequest) -> object:
    """A transport to make an `AsyncWalletClient` with."""
    make = ASYNC_TRANSPORTS[request.param]
    return make and make()


async def used_by(wallet: AsyncWalletClient, use: Callable[[AsyncWalletClient], Awaitable]) -> object:
    async with wallet:
        return await use(wallet)


def test_threads_get_their_own_answers_and_share_a_budget(fault_server: StartServer, sync_wallet: OpenSync) -> None:
    server = fault_server(personal)
    with sync_wallet(server.url) as wallet:
        assert in_threads(wallet) == NAMES
        assert wallet.usage["/sapi/v1/asset/wallet/balance"].used == ALL_WEIGHT
        with pytest.raises(RateLimitError):
            wallet.balances("ONE_MORE")
    assert len(server.requests) == len(NAMES)


def test_tasks_get_their_own_answers_and_share_a_budget(
    async_transport: object, fault_server: StartServer, async_wallet: OpenAsync
) -> None:
    server = fault_server(personal)

    async def use(wallet: AsyncWalletClient) -> None:
        assert await in_tasks(wallet) == NAMES
        assert wallet.usage["/sapi/v1/asset/wallet/balance"].used == ALL_WEIGHT
        with pytest.raises(RateLimitError):
            await wallet.with_options(timeout=5).balances("ONE_MORE")

    asyncio.run(used_by(async_wallet(server.url, transport=async_transport, timeout=30), use))
    assert len(server.requests) == len(NAMES)


def test_many_tasks_share_a_hundred_connections(fault_server: StartServer, async_wallet: OpenAsync) -> None:
    server = fault_server(lambda request: [0.05, *personal(request)])
    assert asyncio.run(used_by(async_wallet(server.url, timeout=30), in_tasks)) == NAMES
    assert server.connections <= 100


def test_threads_find_the_right_time_together(
    fault_server: StartServer, fake_time: FakeTime, sync_wallet: OpenSync
) -> None:
    """Those that were under way with the wrong time ask once more; nobody fails."""
    fake_time.machine_ahead = 3600
    barrier = threading.Barrier(8)

    def strict(request: Request) -> list[Action]:
        right = abs(request.at * 1000 - request.timestamp) < 5000
        return (OK if right else respond(error(-1021), 400))(request)

    server = fault_server(strict)

    def call(_: int) -> int:
        barrier.wait()
        return len(wallet.balances())

    with sync_wallet(server.url) as wallet, ThreadPoolExecutor(8) as pool:
        assert list(pool.map(call, range(8))) == [1] * 8
    assert len(server.requests) <= 16


def test_threads_respect_a_ban_together(fault_server: StartServer, sync_wallet: OpenSync) -> None:
    server = fault_server(respond(error(-1003), 418, Retry_After="300"))

    def call(_: int) -> str:
        with pytest.raises(WalletError) as caught:
            wallet.balances()
        return type(caught.value).__name__

    with sync_wallet(server.url) as wallet:
        call(0)
        with ThreadPoolExecutor(8) as pool:
            assert set(pool.map(call, range(50))) == {"BannedError"}
    assert len(server.requests) == 1


@pytest.mark.parametrize("step", [raw(FOREVER), slow_headers, dripping_body], ids=["silence", "headers", "body"])
def test_a_slow_call_of_one_thread_does_not_hold_another(
    step: Step, fault_server: StartServer, sync_wallet: OpenSync
) -> None:
    slow, quick = fault_server(step), fault_server(OK)
    with sync_wallet(slow.url, timeout=0.7) as stuck, sync_wallet(quick.url) as wallet:
        with ThreadPoolExecutor(1) as pool:
            late = pool.submit(stuck.balances)
            assert wallet.balances()
            assert not late.done()
        assert isinstance(late.exception(), DeadlineError)


def test_a_deadline_is_each_calls_own(fault_server: StartServer, sync_wallet: OpenSync) -> None:
    """A thread's earlier call leaves no deadline behind for its next one, of another client."""
    server = fault_server(lambda request: [0.3, *OK(request)])
    with sync_wallet(server.url, timeout=0.1) as hasty, sync_wallet(server.url, timeout=5) as patient:
        with pytest.raises(DeadlineError):
            hasty.balances()
        assert patient.balances()


def slow_for_some(request: Request) -> Iterable[Action]:
    return [FOREVER] if request.parameters["quoteAsset"] == "SLOW" else personal(request)


def test_a_cancelled_task_stays_cancelled(
    async_transport: object, fault_server: StartServer, async_wallet: OpenAsync
) -> None:
    arrived = threading.Event()

    def step(request: Request) -> Iterable[Action]:
        arrived.set()
        return slow_for_some(request)

    async def use(wallet: AsyncWalletClient) -> None:
        task = asyncio.create_task(wallet.balances("SLOW"))
        await asyncio.to_thread(arrived.wait)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert name_in(await wallet.balances("QUICK")) == "QUICK"

    asyncio.run(used_by(async_wallet(fault_server(step).url, transport=async_transport), use))


def test_a_timeout_around_a_call_stays_a_timeout(
    async_transport: object, fault_server: StartServer, async_wallet: OpenAsync
) -> None:
    async def use(wallet: AsyncWalletClient) -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await wallet.balances("SLOW")
        assert name_in(await wallet.balances("QUICK")) == "QUICK"

    asyncio.run(used_by(async_wallet(fault_server(slow_for_some).url, transport=async_transport), use))


def test_an_async_client_works_in_trio(fault_server: StartServer, async_wallet: OpenAsync) -> None:
    server, names = fault_server(personal), []

    async def ask(wallet: AsyncWalletClient, name: str) -> None:
        names.append(name_in(await wallet.balances(name)))

    async def use(wallet: AsyncWalletClient) -> None:
        async with trio.open_nursery() as nursery:
            for name in NAMES[:20]:
                nursery.start_soon(ask, wallet, name)

    trio.run(used_by, async_wallet(server.url), use)
    assert sorted(names) == sorted(NAMES[:20])


@pytest.mark.parametrize("step", [raw(FOREVER), slow_headers, dripping_body], ids=["silence", "headers", "body"])
def test_a_deadline_holds_in_trio(
    step: Step, fault_server: StartServer, fake_time: FakeTime, async_wallet: OpenAsync
) -> None:
    async def use(wallet: AsyncWalletClient) -> None:
        with pytest.raises(DeadlineError):
            await wallet.balances()

    started = fake_time.monotonic()
    trio.run(used_by, async_wallet(fault_server(step).url, timeout=0.3), use)
    assert fake_time.monotonic() - started < 1.3


def test_a_retry_waits_in_trio(fault_server: StartServer, async_wallet: OpenAsync) -> None:
    async def use(wallet: AsyncWalletClient) -> object:
        return await wallet.balances()

    server = fault_server(respond(b"", 500), OK)
    budget = Budget(clock=Clock(Time(uniform=lambda *_: 0.01)))
    assert trio.run(used_by, async_wallet(server.url, budget=budget), use)
    assert len(server.requests) == 2


def test_one_event_loop_after_another_may_use_clients_of_one_budget(
    fault_server: StartServer, async_wallet: OpenAsync
) -> None:
    async def use(wallet: AsyncWalletClient) -> object:
        return await wallet.balances()

    server = fault_server(OK)
    for _ in range(2):
        asyncio.run(used_by(async_wallet(server.url), use))
    assert len(server.requests) == 2


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")  # asyncio's own, of the first event loop
def test_one_event_loop_after_another_may_use_the_same_client(
    fault_server: StartServer, async_wallet: OpenAsync
) -> None:
    server = fault_server(OK)
    wallet = async_wallet(server.url, retries=0)
    for _ in range(2):
        assert asyncio.run(wallet.balances())
    asyncio.run(wallet.aclose())
    assert len(server.requests) == 2
    gc.collect()  # warns here, not in another test


def open_connections() -> int:
    pools = [each for each in gc.get_objects() if isinstance(each, httpcore2.AsyncConnectionPool)]
    return sum(len(pool.connections) for pool in pools)


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
def test_connections_of_event_loops_that_are_closed_are_closed_too(
    fault_server: StartServer, async_wallet: OpenAsync
) -> None:
    server = fault_server(OK)
    wallet = async_wallet(server.url, retries=0)
    gc.collect()
    before = open_connections()  # other tests' among them
    for _ in range(5):
        assert asyncio.run(wallet.balances())
    gc.collect()
    assert open_connections() <= before + 1
    asyncio.run(wallet.aclose())
    gc.collect()  # warns here, not in another test
