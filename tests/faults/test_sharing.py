"""One client, used by many at once: threads, tasks, and another event loop than asyncio's."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

import pytest
import trio
from binance_wallet import AsyncWalletClient, DeadlineError, RateLimitError, WalletBalance, WalletClient, WalletError
from binance_wallet.wire.aio import AiohttpTransport

from .answers import encoded, error
from .conftest import API_KEY, API_SECRET, Serve
from .fake_time import FakeTime
from .server import FOREVER, Action, Request, Step, answer
from .steps import OK, dripping_body, raw, slow_headers

NAMES = [f"ASSET{number}" for number in range(200)]
ALL_WEIGHT = 12_000  # 200 calls of weight 60


def personal(request: Request) -> list[Action]:
    """An answer that shows whose question it answers."""
    name = request.parameters["quoteAsset"]
    return answer(encoded([{"activate": True, "balance": "1", "walletName": name}]))(request)


def in_threads(wallet: WalletClient) -> list[str]:
    with ThreadPoolExecutor(16) as pool:
        return [name_in(balances) for balances in pool.map(wallet.balances, NAMES)]


async def in_tasks(wallet: AsyncWalletClient) -> list[str]:
    return [name_in(balances) for balances in await asyncio.gather(*map(wallet.balances, NAMES))]


def name_in(balances: list[WalletBalance]) -> str:
    return balances[0].wallet_name


def sync_wallet(url: str, **options: object) -> WalletClient:
    return WalletClient(API_KEY, API_SECRET, base_url=url, **options)


def async_wallet(url: str, **options: object) -> AsyncWalletClient:
    return AsyncWalletClient(API_KEY, API_SECRET, base_url=url, **options)


with_aiohttp_too = pytest.mark.parametrize("transport", [lambda: None, AiohttpTransport], ids=["httpx", "aiohttp"])


async def used_by(wallet: AsyncWalletClient, use: Callable[[AsyncWalletClient], Awaitable]) -> object:
    async with wallet:
        return await use(wallet)


def test_threads_get_their_own_answers_and_share_a_budget(serve: Serve) -> None:
    server = serve(personal)
    with sync_wallet(server.url) as wallet:
        assert in_threads(wallet) == NAMES
        assert wallet.usage["/sapi/v1/asset/wallet/balance"].used == ALL_WEIGHT
        with pytest.raises(RateLimitError):
            wallet.balances("ONE_MORE")
    assert len(server.requests) == len(NAMES)


@with_aiohttp_too
def test_tasks_get_their_own_answers_and_share_a_budget(transport: Callable, serve: Serve) -> None:
    server = serve(personal)

    async def use(wallet: AsyncWalletClient) -> None:
        assert await in_tasks(wallet) == NAMES
        assert wallet.usage["/sapi/v1/asset/wallet/balance"].used == ALL_WEIGHT
        with pytest.raises(RateLimitError):
            await wallet.balances("ONE_MORE")

    asyncio.run(used_by(async_wallet(server.url, transport=transport()), use))
    assert len(server.requests) == len(NAMES)


def test_threads_find_the_right_time_together(serve: Serve, fake_time: FakeTime) -> None:
    """Those that were under way with the wrong time ask once more; nobody fails."""
    fake_time.machine_ahead = 3600
    barrier = threading.Barrier(8)

    def strict(request: Request) -> list[Action]:
        right = abs(request.at * 1000 - request.timestamp) < 5000
        return (OK if right else answer(error(-1021), 400))(request)

    server = serve(strict)

    def call(_: int) -> int:
        barrier.wait()
        return len(wallet.balances())

    with sync_wallet(server.url) as wallet, ThreadPoolExecutor(8) as pool:
        assert list(pool.map(call, range(8))) == [1] * 8
    assert len(server.requests) <= 16


def test_threads_respect_a_ban_together(serve: Serve) -> None:
    server = serve(answer(error(-1003), 418, Retry_After="300"))

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
def test_a_slow_call_of_one_thread_does_not_hold_another(step: Step, serve: Serve) -> None:
    slow, quick = serve(step), serve(OK)
    with sync_wallet(slow.url, timeout=1.5) as stuck, sync_wallet(quick.url) as wallet:
        with ThreadPoolExecutor(1) as pool:
            late = pool.submit(stuck.balances)
            assert wallet.balances()
            assert not late.done()
        assert isinstance(late.exception(), DeadlineError)


def test_a_deadline_is_each_calls_own(serve: Serve) -> None:
    """A thread's earlier call leaves no deadline behind for its next one, of another client."""
    server = serve(lambda request: [0.3, *OK(request)])
    with sync_wallet(server.url, timeout=0.1) as hasty, sync_wallet(server.url, timeout=5) as patient:
        with pytest.raises(DeadlineError):
            hasty.balances()
        assert patient.balances()


def slow_for_some(request: Request) -> Iterable[Action]:
    return [FOREVER] if request.parameters["quoteAsset"] == "SLOW" else personal(request)


@with_aiohttp_too
def test_a_cancelled_task_stays_cancelled(transport: Callable, serve: Serve) -> None:
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

    asyncio.run(used_by(async_wallet(serve(step).url, transport=transport()), use))


@with_aiohttp_too
def test_a_timeout_around_a_call_stays_a_timeout(transport: Callable, serve: Serve) -> None:
    async def use(wallet: AsyncWalletClient) -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await wallet.balances("SLOW")
        assert name_in(await wallet.balances("QUICK")) == "QUICK"

    asyncio.run(used_by(async_wallet(serve(slow_for_some).url, transport=transport()), use))


def test_an_async_client_works_in_trio(serve: Serve) -> None:
    server, names = serve(personal), []

    async def ask(wallet: AsyncWalletClient, name: str) -> None:
        names.append(name_in(await wallet.balances(name)))

    async def use(wallet: AsyncWalletClient) -> None:
        async with trio.open_nursery() as nursery:
            for name in NAMES[:20]:
                nursery.start_soon(ask, wallet, name)

    trio.run(used_by, async_wallet(server.url), use)
    assert sorted(names) == sorted(NAMES[:20])


@pytest.mark.parametrize("step", [raw(FOREVER), slow_headers, dripping_body], ids=["silence", "headers", "body"])
def test_a_deadline_holds_in_trio(step: Step, serve: Serve, fake_time: FakeTime) -> None:
    async def use(wallet: AsyncWalletClient) -> None:
        with pytest.raises(DeadlineError):
            await wallet.balances()

    started = fake_time.steady()
    trio.run(used_by, async_wallet(serve(step).url, timeout=0.3), use)
    assert fake_time.steady() - started < 1.3


def test_a_retry_waits_in_trio(serve: Serve) -> None:
    async def use(wallet: AsyncWalletClient) -> object:
        return await wallet.balances()

    server = serve(answer(b"", 500), OK)
    assert trio.run(used_by, async_wallet(server.url), use)
    assert len(server.requests) == 2


def test_one_event_loop_after_another_may_use_clients_of_one_budget(serve: Serve) -> None:
    async def use(wallet: AsyncWalletClient) -> object:
        return await wallet.balances()

    server = serve(OK)
    for _ in range(2):
        asyncio.run(used_by(async_wallet(server.url), use))
    assert len(server.requests) == 2
