"""Sync and async clients of a mock exchange, called in the same way."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from binance_wallet import AsyncWalletClient, WalletClient
from binance_wallet_mock import MockExchange

# Each transport: the client that uses it, and what makes it if it is not the client's default.
TRANSPORTS: dict[str, tuple[type[WalletClient | AsyncWalletClient], Callable[[], Any] | None]] = {
    "sync": (WalletClient, None),
    "async": (AsyncWalletClient, None),
}


@pytest.fixture
def wallet_options(mock_exchange: MockExchange) -> dict[str, Any]:
    """The options of a client of the mock exchange."""
    return {
        "api_key": mock_exchange.api_key,
        "api_secret": mock_exchange.api_secret,
        "base_url": mock_exchange.base_url,
    }


@pytest.fixture(params=TRANSPORTS)
def call(request, wallet_options):
    """`call(lambda wallet: wallet.balances(), **options)`: the result of a call by a new client."""
    client_class, make_transport = TRANSPORTS[request.param]

    def call(wanted: Callable[[Any], Any], **options: Any) -> Any:
        if make_transport is not None:
            options["transport"] = make_transport()
        wallet = client_class(**wallet_options | options)
        if isinstance(wallet, WalletClient):
            with wallet:
                return wanted(wallet)

        async def main() -> Any:
            async with wallet:
                return await wanted(wallet)

        return asyncio.run(main())

    return call
