"""What clients share, what they let others see, and how they close."""

import asyncio

import httpx2
import pytest
from binance_wallet import (
    AsyncWalletClient,
    AuthenticationError,
    DeadlineError,
    InvalidRequestError,
    RateLimitError,
    WalletClient,
)

BALANCE = "/sapi/v1/asset/wallet/balance"


@pytest.fixture
def wallet(wallet_options):
    with WalletClient(**wallet_options) as wallet:
        yield wallet


def test_a_transport_of_the_wrong_kind_is_refused_at_construction(wallet_options):
    """Each client says so at once, not at its first call."""
    with pytest.raises(InvalidRequestError, match="transport"):
        WalletClient(**wallet_options, transport=httpx2.AsyncHTTPTransport())
    with pytest.raises(InvalidRequestError, match="transport"):
        AsyncWalletClient(**wallet_options, transport=httpx2.HTTPTransport())


@pytest.mark.parametrize("make_transport", [lambda: None, httpx2.HTTPTransport], ids=["default", "httpx2"])
def test_event_hooks_see_each_call_without_key_and_signature(make_transport, wallet_options, mock_exchange):
    seen = []
    hooks = {"request": [seen.append], "response": [seen.append]}
    with WalletClient(**wallet_options, event_hooks=hooks, transport=make_transport()) as wallet:
        wallet.balances("USDT")
    assert_seen(seen, mock_exchange)


@pytest.mark.parametrize("make_transport", [lambda: None, httpx2.AsyncHTTPTransport], ids=["default", "httpx2"])
def test_async_event_hooks_see_each_call_without_key_and_signature(make_transport, wallet_options, mock_exchange):
    seen = []

    async def see(message):
        seen.append(message)

    async def main():
        hooks = {"request": [see], "response": [see]}
        async with AsyncWalletClient(**wallet_options, event_hooks=hooks, transport=make_transport()) as wallet:
            await wallet.balances("USDT")

    asyncio.run(main())
    assert_seen(seen, mock_exchange)


def assert_seen(seen, mock_exchange):
    request, response = seen
    assert (type(request), type(response)) == (httpx2.Request, httpx2.Response)
    assert str(request.url) == f"{mock_exchange.base_url}{BALANCE}?quoteAsset=USDT"
    assert mock_exchange.api_key not in str(request.headers.raw)
    assert [request.status for request in mock_exchange.requests] == [response.status_code] == [200]


def test_an_error_is_the_same_with_event_hooks(wallet_options, mock_exchange):
    """Also that of a closed client, which httpx2 would report in its own way."""
    mock_exchange.fail(401, -2015, "no")
    with WalletClient(**wallet_options, event_hooks={"request": [lambda _: None]}) as wallet:
        with pytest.raises(AuthenticationError):
            wallet.balances()
        wallet.close()
        with pytest.raises(InvalidRequestError, match="closed"):
            wallet.balances()


def test_a_client_with_other_options_keeps_the_event_hooks(wallet_options):
    seen = []
    with WalletClient(**wallet_options, event_hooks={"request": [seen.append]}) as wallet:
        wallet.with_options(timeout=5).balances()
    assert len(seen) == 1


def test_an_httpx_client_that_would_send_unsigned_requests_is_refused(wallet, wallet_options):
    with httpx2.Client() as client, pytest.raises(InvalidRequestError, match="not be signed"):
        wallet.set_httpx_client(client)
    with pytest.raises(InvalidRequestError, match="not be signed"):
        AsyncWalletClient(**wallet_options).set_async_httpx_client(httpx2.AsyncClient())


def test_the_httpx_client_of_a_wallet_signs(wallet):
    assert wallet.get_httpx_client().get(BALANCE).json()


def test_a_wallet_that_was_closed_by_its_httpx_client_says_so(wallet):
    wallet.get_httpx_client().close()
    with pytest.raises(InvalidRequestError, match="closed"):
        wallet.balances()


def test_other_options_hold_for_the_new_client_only(wallet, mock_exchange):
    hasty = wallet.with_options(timeout=0.1, retries=0, recv_window=3000, weight_limit=None)
    mock_exchange.delay(0.5)
    with pytest.raises(DeadlineError):
        hasty.balances()
    assert wallet.balances()
    assert ["recvWindow=3000" in request.query for request in mock_exchange.requests] == [True, False]


@pytest.mark.usefixtures("early_in_the_minute")
def test_clients_with_other_options_share_a_budget_and_a_clock(wallet, mock_exchange):
    mock_exchange.advance(3600)
    wallet.balances()
    wallet.with_options(timeout=5).balances()
    assert [request.status for request in mock_exchange.requests] == [400, 200, 200]
    assert wallet.usage[BALANCE].used == wallet.with_options(timeout=5).usage[BALANCE].used == 180
    with pytest.raises(RateLimitError, match="nothing was sent"):
        wallet.with_options(weight_limit=60, timeout=0.1).balances()


def test_closing_one_of_the_clients_that_share_connections_closes_both(wallet):
    wallet.with_options(timeout=5).close()
    with pytest.raises(InvalidRequestError, match="closed"):
        wallet.balances()


@pytest.mark.parametrize("options", [{"timeout": 0}, {"retries": -1}, {"recv_window": 60_001}, {"weight_limit": 0}])
def test_other_options_are_checked_like_those_of_the_constructor(options, wallet):
    with pytest.raises(InvalidRequestError, match=next(iter(options))):
        wallet.with_options(**options)


def test_an_option_that_a_client_does_not_share_is_refused(wallet):
    with pytest.raises(TypeError, match="timout"):
        wallet.with_options(timout=5)
