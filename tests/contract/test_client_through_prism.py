"""Prism, between client and mock exchange, stops each request and response that the contract does not allow."""

import socket
import subprocess
import time
from collections.abc import Iterator

import pytest
from binance_wallet import ServerError, WalletClient
from binance_wallet.budget import Budget
from binance_wallet_client.api.account import daily_account_snapshot
from binance_wallet_client.api.asset import query_user_wallet_balance
from hypothesis import given
from hypothesis import strategies as st
from hypothesis_profiles import examples

from .spec import PATH
from .wire import DAY, now_ms

# One Prism is enough.
pytestmark = pytest.mark.xdist_group("prism")

# Prism decodes the query and encodes it again, in another way. With other characters than these, the signature
# would not fit any more.
NAMES = st.text(st.characters(categories=["L", "Nd"]), min_size=1)


@pytest.fixture(scope="module")
def prism_wallet(contract_exchange, options, node_tool, tmp_path_factory) -> Iterator[WalletClient]:
    """A client that sends its requests to Prism."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [node_tool("prism"), "proxy", PATH, contract_exchange.base_url, "--errors", "--port", str(port)]
    log = tmp_path_factory.mktemp("prism") / "log"
    with log.open("w") as output, subprocess.Popen(command, stdout=output, stderr=output) as prism:
        try:
            while "Prism is listening" not in log.read_text():
                assert prism.poll() is None, log.read_text()
                time.sleep(0.05)
            with WalletClient(**{**options, "base_url": f"http://127.0.0.1:{port}"}, budget=Budget()) as wallet:
                yield wallet
        finally:
            prism.terminate()


@examples(short=6, full=200)
@given(quote_asset=st.none() | NAMES, recv_window=st.none() | st.integers(5000, 60_000))
def test_prism_lets_calls_of_balances_through(contract_exchange, prism_wallet, quote_asset, recv_window):
    """The exchange lists the assets that the account holds."""
    if quote_asset is not None:
        contract_exchange.account.set_spot({quote_asset: 1})
    query_user_wallet_balance.sync(client=prism_wallet, quote_asset=quote_asset, recv_window=recv_window)


@examples(short=6, full=200)
@given(
    kind=st.sampled_from(["SPOT", "MARGIN", "FUTURES"]),
    age=st.none() | st.integers(1, 29 * DAY),
    limit=st.none() | st.integers(7, 30),
    recv_window=st.none() | st.integers(5000, 60_000),
)
def test_prism_lets_calls_of_snapshots_through(prism_wallet, kind, age, limit, recv_window):
    start_time = None if age is None else now_ms() - age
    daily_account_snapshot.sync(
        client=prism_wallet, type_=kind, start_time=start_time, limit=limit, recv_window=recv_window
    )


@pytest.mark.parametrize("days", [None, 1, 7, 8, 30])
def test_prism_lets_calls_by_days_through(prism_wallet, days):
    assert len(prism_wallet.snapshots("SPOT", days=days)) == (days or 7)


def test_prism_stops_a_response_that_is_not_valid(contract_exchange, prism_wallet):
    contract_exchange.fail(200, body='[{"activate": true, "balance": 1, "walletName": "Spot"}]')
    with pytest.raises(ServerError, match="prism/errors#VIOLATIONS"):
        prism_wallet.balances()
