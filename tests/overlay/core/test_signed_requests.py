"""What is sent: signed as the exchange wants it, whatever is asked for."""

import hashlib
import hmac
from urllib.parse import parse_qsl

import httpx2
import pytest
from binance_wallet import InvalidRequestError, WalletClient
from binance_wallet_client.api.asset import query_user_wallet_balance
from hypothesis import example, given
from hypothesis import strategies as st

KEY, SECRET = "A" * 64, "B" * 64


class RecordingTransport(httpx2.BaseTransport):
    """Keeps what is sent."""

    def __init__(self) -> None:
        self.requests: list[httpx2.Request] = []

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        return httpx2.Response(200, content=b"[]")

    @property
    def query(self) -> bytes:
        """The last query, byte for byte as it goes out."""
        return self.requests[-1].url.raw_path.partition(b"?")[2]

    @property
    def parameters(self) -> list[tuple[str, str]]:
        return parse_qsl(self.query.decode("ascii"), keep_blank_values=True, strict_parsing=True)


@pytest.fixture(scope="module")
def transport() -> RecordingTransport:
    return RecordingTransport()


@pytest.fixture(scope="module")
def recorded_wallet(transport: RecordingTransport) -> WalletClient:
    return WalletClient(KEY, SECRET, transport=transport, weight_limit=None)


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
@example("币安人生")
@example("a&timestamp=1&signature=b")
@example("100%25 +~!'()*/?#[]@;,\"<>\\^`{|}")
@example("\x00\x7f\u0085")
def test_what_is_signed_is_what_is_sent(
    transport: RecordingTransport, recorded_wallet: WalletClient, asset: str
) -> None:
    recorded_wallet.balances(asset)
    payload, _, signature = transport.query.rpartition(b"&signature=")
    assert signature.decode() == hmac.new(SECRET.encode(), payload, hashlib.sha256).hexdigest()
    assert [name for name, _ in transport.parameters] == ["quoteAsset", "timestamp", "signature"]
    assert transport.parameters[0] == ("quoteAsset", asset)


def test_a_request_without_parameters_is_signed_too(
    transport: RecordingTransport, recorded_wallet: WalletClient
) -> None:
    query_user_wallet_balance.sync(client=recorded_wallet)
    assert [name for name, _ in transport.parameters] == ["timestamp", "signature"]


def test_the_key_goes_into_its_header(transport: RecordingTransport, recorded_wallet: WalletClient) -> None:
    recorded_wallet.balances()
    assert transport.requests[-1].headers.get_list("X-MBX-APIKEY") == [KEY]


def test_the_clients_window_is_sent(transport: RecordingTransport) -> None:
    WalletClient(KEY, SECRET, transport=transport, recv_window=2000).balances()
    assert ("recvWindow", "2000") in transport.parameters


def test_a_calls_own_window_wins_over_the_clients(transport: RecordingTransport) -> None:
    recorded_wallet = WalletClient(KEY, SECRET, transport=transport, recv_window=2000)
    query_user_wallet_balance.sync(client=recorded_wallet, recv_window=3000)
    assert [value for name, value in transport.parameters if name == "recvWindow"] == ["3000"]


@pytest.mark.parametrize("asset", ["", "\ud800", 5, b"BTC", ["BTC"]], ids=repr)
def test_what_cannot_be_sent_is_refused(
    transport: RecordingTransport, recorded_wallet: WalletClient, asset: object
) -> None:
    sent = len(transport.requests)
    with pytest.raises(InvalidRequestError, match="quote_asset"):
        recorded_wallet.balances(asset)
    assert len(transport.requests) == sent


@pytest.mark.parametrize("kind", ["SPOTS", "", None, "OPTIONS", ["SPOT"]], ids=repr)
def test_a_type_that_does_not_exist_is_refused(
    transport: RecordingTransport, recorded_wallet: WalletClient, kind: object
) -> None:
    sent = len(transport.requests)
    with pytest.raises(InvalidRequestError, match="type"):
        recorded_wallet.snapshots(kind)
    assert len(transport.requests) == sent


@pytest.mark.parametrize("limit", [6, 31, "7", 7.0, True])
def test_a_limit_that_the_exchange_would_refuse_is_refused(
    transport: RecordingTransport, recorded_wallet: WalletClient, limit: object
) -> None:
    sent = len(transport.requests)
    with pytest.raises(InvalidRequestError, match="limit"):
        recorded_wallet.snapshots("SPOT", limit=limit)
    assert len(transport.requests) == sent


def test_a_word_that_snapshots_does_not_know_is_refused(recorded_wallet: WalletClient) -> None:
    with pytest.raises(TypeError, match="dayz"):
        recorded_wallet.snapshots("SPOT", dayz=7)
