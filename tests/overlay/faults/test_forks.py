"""A process that was forked shares nothing with its parent that is not to be shared."""

import asyncio
import os
import threading
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx2
import pytest
from binance_wallet import AsyncWalletClient, InvalidRequestError, WalletClient
from binance_wallet.budget import Budget

from .bodies import encoded
from .conftest import API_KEY, API_SECRET, StartServer
from .server import Action, Request, respond

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="no forks here")


def personal(request: Request) -> list[Action]:
    """An answer that shows whose question it answers."""
    name = request.parameters["quoteAsset"]
    return respond(encoded([{"activate": True, "balance": "1", "walletName": name}]))(request)


def in_a_fork(check: Callable[[], bool]) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the server's threads are not needed in the fork
        child = os.fork()
    if not child:
        try:
            os._exit(0 if check() else 1)
        finally:
            os._exit(2)
    return os.waitpid(child, 0)[1] == 0


def test_a_fork_has_connections_of_its_own(fault_server: StartServer) -> None:
    server = fault_server(personal)
    with WalletClient(API_KEY, API_SECRET, base_url=server.url) as wallet:
        wallet.balances("FIRST")
        assert in_a_fork(lambda: wallet.balances("CHILD")[0].wallet_name == "CHILD")
        assert wallet.balances("PARENT")[0].wallet_name == "PARENT"
    assert server.connections == 2


def test_a_transport_that_was_brought_is_not_used_in_a_fork(fault_server: StartServer) -> None:
    server = fault_server(personal)
    transport = httpx2.HTTPTransport()

    def refuses() -> bool:
        with pytest.raises(InvalidRequestError, match="fork"):
            wallet.balances("CHILD")
        return True

    with WalletClient(API_KEY, API_SECRET, base_url=server.url, transport=transport) as wallet:
        wallet.balances("FIRST")
        assert in_a_fork(refuses)
        assert wallet.balances("PARENT")[0].wallet_name == "PARENT"


def test_an_async_client_has_connections_of_its_own_in_a_fork(fault_server: StartServer) -> None:
    server = fault_server(personal)
    wallet = AsyncWalletClient(API_KEY, API_SECRET, base_url=server.url)

    async def ask(name: str) -> str:
        return (await wallet.balances(name))[0].wallet_name

    async def parent() -> str:
        await ask("FIRST")
        assert await asyncio.to_thread(in_a_fork, lambda: asyncio.run(ask("CHILD")) == "CHILD")
        async with wallet:
            return await ask("PARENT")

    assert asyncio.run(parent()) == "PARENT"
    assert server.connections == 2


class SlowToHash(str):
    """The name of an endpoint that keeps the budget's lock as long as it likes."""

    __slots__ = ()
    started, over = threading.Event(), threading.Event()

    def __hash__(self) -> int:
        self.started.set()
        self.over.wait()
        return 0


@pytest.mark.timeout(20)
def test_a_lock_that_another_thread_holds_is_free_in_a_fork(fault_server: StartServer) -> None:
    server, budget = fault_server(personal), Budget()
    with (
        WalletClient(API_KEY, API_SECRET, base_url=server.url, budget=budget, timeout=5) as wallet,
        ThreadPoolExecutor(1) as pool,
    ):
        held = pool.submit(budget.store.perform, budget.reservation(SlowToHash("/slow"), 1, None), 0.0)
        SlowToHash.started.wait()
        try:
            assert in_a_fork(lambda: wallet.balances("CHILD")[0].wallet_name == "CHILD")
        finally:
            SlowToHash.over.set()
            held.result()
