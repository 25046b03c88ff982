"""A mock exchange, and both clients for it behind one face."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from binance_wallet import AsyncWalletClient, WalletClient
from binance_wallet.mock import MockExchange
from binance_wallet.wire.aio import AiohttpTransport


@pytest.fixture
def exchange():
    with MockExchange(seed=1) as exchange:
        yield exchange


def _call_sync(exchange: MockExchange, call: Callable[[Any], Any], **options: Any) -> Any:
    keys = {"api_key": exchange.api_key, "api_secret": exchange.api_secret, "base_url": exchange.base_url}
    with WalletClient(**{**keys, **options}) as wallet:
        return call(wallet)


def _call_async(exchange: MockExchange, call: Callable[[Any], Any], **options: Any) -> Any:
    keys = {"api_key": exchange.api_key, "api_secret": exchange.api_secret, "base_url": exchange.base_url}

    async def main() -> Any:
        async with AsyncWalletClient(**{**keys, **options}) as wallet:
            return await call(wallet)

    return asyncio.run(main())


def _call_aiohttp(exchange: MockExchange, call: Callable[[Any], Any], **options: Any) -> Any:
    return _call_async(exchange, call, transport=AiohttpTransport(), **options)


@pytest.fixture(params=[_call_sync, _call_async, _call_aiohttp], ids=["sync", "async", "aiohttp"])
def call(request, exchange):
    """`call(lambda wallet: wallet.balances(), **options)`: what the call gives, with a client of its own."""

    def call(wanted: Callable[[Any], Any], **options: Any) -> Any:
        return request.param(exchange, wanted, **options)

    return call
