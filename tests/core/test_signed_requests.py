"""What goes to the wire: signed as the exchange wants it, whatever is asked for."""

import hashlib
import hmac
from urllib.parse import parse_qsl

import httpx
import pytest
from binance_wallet import InvalidRequestError, WalletClient
from binance_wallet_client.api.asset import query_user_wallet_balance
from hypothesis import example, given
from hypothesis import strategies as st

KEY, SECRET = "A" * 64, "B" * 64


class Wire(httpx.BaseTransport):
    """Keeps what is sent."""

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return httpx.Response(200, content=b"[]")

    @property
    def query(self) -> bytes:
        """The last query, byte for byte as it goes out."""
        return self.requests[-1].url.raw_path.partition(b"?")[2]

    @property
    def parameters(self) -> list[tuple[str, str]]:
        return parse_qsl(self.query.decode("ascii"), keep_blank_values=True, strict_parsing=True)


@pytest.fixture(scope="module")
def wire() -> Wire:
    return Wire()


@pytest.fixture(scope="module")
def wallet(wire: Wire) -> WalletClient:
    return WalletClient(KEY, SECRET, transport=wire, weight_limit=None)


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
@example("币安人生")
@example("a&timestamp=1&signature=b")
@example("100%25 +~!'()*/?#[]@;,\"<>\\^`{|}")
@example("\x00\x7f\u0085")
def test_what_is_signed_is_what_is_sent(wire: Wire, wallet: WalletClient, asset: str) -> None:
    wallet.balances(asset)
    payload, _, signature = wire.query.rpartition(b"&signature=")
    assert signature.decode() == hmac.new(SECRET.encode(), payload, hashlib.sha256).hexdigest()
    assert [name for name, _ in wire.parameters] == ["quoteAsset", "timestamp", "signature"]
    assert wire.parameters[0] == ("quoteAsset", asset)


def test_a_request_without_parameters_is_signed_too(wire: Wire, wallet: WalletClient) -> None:
    wallet.balances()
    assert [name for name, _ in wire.parameters] == ["timestamp", "signature"]


def test_the_key_goes_into_its_header(wire: Wire, wallet: WalletClient) -> None:
    wallet.balances()
    assert wire.requests[-1].headers.get_list("X-MBX-APIKEY") == [KEY]


def test_the_clients_window_is_sent(wire: Wire) -> None:
    WalletClient(KEY, SECRET, transport=wire, recv_window=2000).balances()
    assert ("recvWindow", "2000") in wire.parameters


def test_a_calls_own_window_wins_over_the_clients(wire: Wire) -> None:
    wallet = WalletClient(KEY, SECRET, transport=wire, recv_window=2000)
    query_user_wallet_balance.sync(client=wallet, recv_window=3000)
    assert [value for name, value in wire.parameters if name == "recvWindow"] == ["3000"]


@pytest.mark.parametrize("asset", ["", "\ud800", 5, b"BTC", ["BTC"]], ids=repr)
def test_what_cannot_be_sent_is_refused(wire: Wire, wallet: WalletClient, asset: object) -> None:
    sent = len(wire.requests)
    with pytest.raises(InvalidRequestError, match="quoteAsset"):
        wallet.balances(asset)
    assert len(wire.requests) == sent


@pytest.mark.parametrize("kind", ["spot", "", None, "OPTIONS", ["SPOT"]], ids=repr)
def test_a_type_that_does_not_exist_is_refused(wire: Wire, wallet: WalletClient, kind: object) -> None:
    sent = len(wire.requests)
    with pytest.raises(InvalidRequestError, match="type"):
        wallet.snapshots(kind)
    assert len(wire.requests) == sent


@pytest.mark.parametrize("limit", [6, 31, "7", 7.0, True])
def test_a_limit_that_the_exchange_would_refuse_is_refused(wire: Wire, wallet: WalletClient, limit: object) -> None:
    sent = len(wire.requests)
    with pytest.raises(InvalidRequestError, match="limit"):
        wallet.snapshots("SPOT", limit=limit)
    assert len(wire.requests) == sent


def test_a_word_that_snapshots_does_not_know_is_refused(wallet: WalletClient) -> None:
    with pytest.raises(TypeError, match="dayz"):
        wallet.snapshots("SPOT", dayz=7)
