"""The two clients: how they are made, closed and extended."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import httpx2
import pytest
from binance_wallet_client import BASE_URL, REQUEST_WEIGHT_LIMIT, AsyncClient, Client


def test_contract_gives_host_and_weight_limit():
    assert (BASE_URL, REQUEST_WEIGHT_LIMIT) == ("https://api.binance.com", 12_000)
    assert Client().base_url == BASE_URL


def test_httpx_client_is_made_once_for_all_threads():
    barrier = threading.Barrier(8)

    def ask(client: Client) -> httpx2.Client:
        barrier.wait()
        return client.get_httpx_client()

    with Client() as client, ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(ask, [client] * 8))) == 1


def test_httpx_client_takes_base_url_and_arguments_and_follows_no_redirects():
    with Client("https://host/base", httpx_args={"timeout": 3}) as client:
        made = client.get_httpx_client()
    assert (str(made.base_url), made.timeout.read, made.follow_redirects) == ("https://host/base/", 3, False)


def test_leaving_the_context_closes_own_and_given_connections():
    with Client() as client:
        made = client.get_httpx_client()
    assert made.is_closed

    async def use() -> httpx2.AsyncClient:
        given = httpx2.AsyncClient()
        async with AsyncClient().set_async_httpx_client(given) as client:
            assert client.get_async_httpx_client() is given
        return given

    assert asyncio.run(use()).is_closed


@pytest.mark.parametrize("base", [Client, AsyncClient])
def test_plain_class_can_extend_a_client(base):
    class Wallet(base):
        def __init__(self, secret: str) -> None:
            super().__init__("https://host", httpx_args={"headers": {"secret": secret}})
            self.extra = True

    wallet = Wallet("hush")
    assert (wallet.base_url, wallet.extra) == ("https://host", True)
    assert "hush" not in repr(wallet)
    assert len({wallet, Wallet("hush")}) == 2
