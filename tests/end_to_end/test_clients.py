"""What clients share, what they let others see, and how they close."""

import copy
import pickle

import httpx2
import pytest
from binance_wallet import (
    AsyncWalletClient,
    DeadlineError,
    InvalidRequestError,
    RateLimitError,
    WalletClient,
)

BALANCE = "/sapi/v1/asset/wallet/balance"


@pytest.fixture
def mock_wallet(wallet_options):
    with WalletClient(**wallet_options) as wallet:
        yield wallet


def test_a_transport_of_the_wrong_kind_is_refused_at_construction(wallet_options):
    with pytest.raises(InvalidRequestError, match="transport"):
        WalletClient(**wallet_options, transport=httpx2.AsyncHTTPTransport())
    with pytest.raises(InvalidRequestError, match="transport"):
        AsyncWalletClient(**wallet_options, transport=httpx2.HTTPTransport())


def test_a_copy_of_a_client_shares_its_connections(mock_wallet, mock_exchange):
    copied = copy.copy(mock_wallet)
    assert copied.balances() == mock_wallet.balances()
    assert copied.budget is mock_wallet.budget
    copied.close()
    with pytest.raises(InvalidRequestError, match="closed"):
        mock_wallet.balances()


@pytest.mark.parametrize("duplicate", [pickle.dumps, copy.deepcopy])
def test_a_client_cannot_be_pickled(duplicate, mock_wallet):
    with pytest.raises(TypeError, match="a client cannot be pickled"):
        duplicate(mock_wallet)


def test_other_options_hold_for_the_new_client_only(mock_wallet, mock_exchange):
    hasty = mock_wallet.with_options(timeout=0.3, retries=0, recv_window=3000, weight_limit=None)
    mock_exchange.delay(0.5)
    with pytest.raises(DeadlineError):
        hasty.balances()
    assert mock_wallet.balances()
    assert ["recvWindow" in request.query for request in mock_exchange.requests] == [True, False]


@pytest.mark.usefixtures("early_in_the_minute")
def test_clients_with_other_options_share_a_budget_and_a_clock(mock_wallet, mock_exchange):
    mock_exchange.advance(3600)
    mock_wallet.balances()
    mock_wallet.with_options(timeout=5).balances()
    assert [request.status for request in mock_exchange.requests] == [400, 200, 200]
    assert mock_wallet.usage[BALANCE].used == mock_wallet.with_options(timeout=5).usage[BALANCE].used == 180
    with pytest.raises(RateLimitError, match="this call was not sent"):
        mock_wallet.with_options(weight_limit=60, timeout=0.1).balances()


def test_closing_one_of_the_clients_that_share_connections_closes_both(mock_wallet):
    mock_wallet.with_options(timeout=5).close()
    with pytest.raises(InvalidRequestError, match="closed"):
        mock_wallet.balances()


@pytest.mark.parametrize("options", [{"timeout": 0}, {"retries": -1}, {"recv_window": 60_001}, {"weight_limit": 0}])
def test_other_options_are_checked_like_those_of_the_constructor(options, mock_wallet):
    with pytest.raises(InvalidRequestError, match=next(iter(options))):
        mock_wallet.with_options(**options)


def test_an_option_that_a_client_does_not_share_is_refused(mock_wallet):
    with pytest.raises(TypeError, match="timout"):
        mock_wallet.with_options(timout=5)
