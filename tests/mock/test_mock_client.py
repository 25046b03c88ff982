"""Clients that the mock exchange makes for itself."""

import asyncio
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from binance_wallet import AsyncWalletClient, WalletClient
from binance_wallet_mock import Account, MockExchange


def test_a_client_calls_this_exchange_with_its_key(mock_exchange):
    with mock_exchange.client() as wallet:
        assert type(wallet) is WalletClient
        assert len(wallet.balances()) == 10
    assert mock_exchange.requests[0].headers["x-mbx-apikey"] == mock_exchange.api_key


def test_an_async_client_does_too(mock_exchange):
    async def main():
        async with mock_exchange.async_client() as wallet:
            assert type(wallet) is AsyncWalletClient
            return await wallet.balances()

    assert len(asyncio.run(main())) == 10


def test_a_client_takes_the_options_of_a_client(mock_exchange):
    with mock_exchange.client(recv_window=3000) as wallet:
        wallet.balances()
    assert mock_exchange.requests[0].query["recvWindow"] == "3000"
    with pytest.raises(TypeError, match="no_such_option"):
        mock_exchange.client(no_such_option=1)


def test_a_client_can_have_another_key(mock_exchange):
    mock_exchange.add_key("B" * 64, api_secret="secret-of-B", account=Account(seed=2))
    with mock_exchange.client() as one, mock_exchange.client(api_key="B" * 64, api_secret="secret-of-B") as other:
        assert one.balances() != other.balances()


def test_a_client_follows_the_time_of_the_exchange(mock_exchange):
    mock_exchange.set_time(datetime(2026, 3, 10, 12, tzinfo=UTC))
    with mock_exchange.client() as wallet:
        assert wallet.snapshots("SPOT")[-1].update_time == datetime(2026, 3, 9, 23, 59, 59, tzinfo=UTC)
    assert [request.status for request in mock_exchange.requests] == [400, 200]


@pytest.mark.parametrize("make", [MockExchange.client, MockExchange.async_client])
def test_a_client_of_an_exchange_that_does_not_serve_is_refused(make):
    with pytest.raises(RuntimeError, match="serves only inside its `with` block: make the client there"):
        make(MockExchange())


def test_the_mock_exchange_serves_without_loading_the_client():
    code = (
        "import sys; from binance_wallet_mock import MockExchange, pytest_plugin\n"
        "with MockExchange(): pass\n"
        "sys.exit(any(name.startswith(('binance_wallet.', 'binance_wallet_client')) for name in sys.modules))"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
