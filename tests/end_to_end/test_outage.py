"""What a program sees during an outage."""

import socket

import pytest
from binance_wallet import NetworkError, RateLimitError


@pytest.fixture
def closed_port():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        yield unused.getsockname()[1]


@pytest.mark.usefixtures("early_in_the_minute")
def test_requests_that_never_left_cost_no_weight(call, closed_port):
    """So each call tries again, and raises what is really wrong."""
    options = {"base_url": f"http://127.0.0.1:{closed_port}", "retries": 0}
    for _ in range(6):
        with pytest.raises(NetworkError):
            call(lambda wallet: wallet.snapshots("SPOT"), **options)


@pytest.mark.usefixtures("early_in_the_minute")
def test_requests_without_a_response_cost_their_weight(call, mock_exchange):
    """The exchange may have counted them."""
    mock_exchange.drop(times=1)
    with pytest.raises(NetworkError):
        call(lambda wallet: wallet.snapshots("SPOT"), retries=0)
    for _ in range(4):
        call(lambda wallet: wallet.snapshots("SPOT"))
    with pytest.raises(RateLimitError, match="this call was not sent"):
        call(lambda wallet: wallet.snapshots("SPOT"), timeout=0.1)
    assert len(mock_exchange.requests) == 5
