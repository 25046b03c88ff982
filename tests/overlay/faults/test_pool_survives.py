"""Whatever happened to earlier calls, the connection pool serves the next one."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import time_machine
from binance_wallet import AsyncWalletClient, DeadlineError, WalletClient

from .bodies import worth
from .conftest import API_KEY, API_SECRET, OpenWallet, StartServer, default_transports
from .server import FOREVER, Action, Request
from .steps import OK

RIGHT = worth("0.71842752")
MANY = 300  # with fewer, httpcore 1.0 recovered


def options(url: str, **more: object) -> dict[str, object]:
    return {"api_key": API_KEY, "api_secret": API_SECRET, "base_url": url, "weight_limit": None, "retries": 0} | more


@pytest.mark.parametrize("turns", range(4), ids="after {} turns of the loop".format)
def test_calls_that_are_cancelled_together_leave_no_place_taken(turns: int, fault_server: StartServer) -> None:
    async def main(url: str) -> None:
        async with AsyncWalletClient(**options(url, timeout=5)) as wallet:
            for _ in range(3):
                tasks = [asyncio.create_task(wallet.balances()) for _ in range(64)]
                for _ in range(turns):
                    await asyncio.sleep(0)
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
            assert await wallet.balances() == RIGHT

    asyncio.run(main(fault_server(OK).url))


class Silent:
    """An exchange that takes each request and says nothing, until it is well again."""

    def __init__(self) -> None:
        self.is_well = threading.Event()

    def __call__(self, request: Request) -> list[Action]:
        return [*OK(request)] if self.is_well.is_set() else [FOREVER]


@pytest.mark.parametrize("timeout", [0.2, 0.5])
def test_an_outage_leaves_no_place_of_an_async_client_taken(timeout: float, fault_server: StartServer) -> None:
    exchange = Silent()

    async def main(url: str) -> None:
        async with AsyncWalletClient(**options(url, timeout=timeout)) as wallet:
            lost = await asyncio.gather(*(wallet.balances() for _ in range(MANY)), return_exceptions=True)
            assert {type(error) for error in lost} == {DeadlineError}
            exchange.is_well.set()
            assert await wallet.with_options(timeout=5).balances() == RIGHT

    asyncio.run(main(fault_server(exchange).url))


@pytest.mark.parametrize("timeout", [0.2, 0.5])
def test_an_outage_leaves_no_place_of_a_sync_client_taken(timeout: float, fault_server: StartServer) -> None:
    exchange = Silent()
    with (
        WalletClient(**options(fault_server(exchange).url, timeout=timeout)) as wallet,
        ThreadPoolExecutor(MANY) as pool,
    ):
        lost = [call.exception() for call in [pool.submit(wallet.balances) for _ in range(MANY)]]
        assert {type(error) for error in lost} == {DeadlineError}
        exchange.is_well.set()
        assert wallet.with_options(timeout=5).balances() == RIGHT


@default_transports
@pytest.mark.parametrize(("seconds", "connections"), [(0, 1), (4, 1), (6, 2), (-60, 2), (3600, 2)])
def test_a_connection_that_was_idle_by_the_wall_clock_is_not_used_again(
    seconds: float, connections: int, fault_server: StartServer, open_wallet: OpenWallet
) -> None:
    """As after a suspend, which stops the monotonic clock: the other side has forgotten the connection."""
    server = fault_server(OK)
    wallet = open_wallet(server.url)
    with time_machine.travel(1_768_910_400, tick=True) as clock:
        wallet.balances()
        clock.shift(seconds)
        assert wallet.balances() == RIGHT
    assert server.connections == connections
