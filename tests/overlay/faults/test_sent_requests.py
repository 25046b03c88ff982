"""What really arrives, byte for byte, by each way that a request can leave."""

import base64
import hashlib
import hmac
from urllib.parse import unquote

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from .conftest import API_KEY, API_SECRET, OpenWallet, StartServer, every_transport
from .server import Request, respond

PRIVATE_KEY = Ed25519PrivateKey.generate()
PEM = PRIVATE_KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()

pytestmark = every_transport


def payload(request: Request) -> bytes:
    """What the exchange holds against the signature: the query as it arrived, without it."""
    return request.query.rpartition("&signature=")[0].encode()


@pytest.mark.parametrize(
    "asset",
    ["BTC", "币安人生", "1000SATS", "a b", "a+b", "a%20b", "a&b=c", "a/../b?c#d", "~!'()*;:@$,[]\"<>\\^`{|}", "\x00"],
    ids=ascii,
)
def test_what_arrives_is_what_was_signed(asset: str, fault_server: StartServer, open_wallet: OpenWallet) -> None:
    server = fault_server(respond())
    open_wallet(server.url).balances(asset)
    [request] = server.requests
    assert request.signature == hmac.new(API_SECRET.encode(), payload(request), hashlib.sha256).hexdigest()
    assert [*request.parameters] == ["quoteAsset", "timestamp", "signature"]
    assert unquote(request.parameters["quoteAsset"].replace("+", " ")) == asset


def test_a_post_says_that_it_has_no_body(fault_server: StartServer, open_wallet: OpenWallet) -> None:
    server = fault_server(respond())
    open_wallet(server.url).call("POST", "/sapi/v1/any", {"a": "1"}, weight=1)
    assert server.requests[0].headers["content-length"] == "0"
    signature = hmac.new(API_SECRET.encode(), payload(server.requests[0]), hashlib.sha256).hexdigest()
    assert server.requests[0].signature == signature


def test_a_base64_signature_arrives_whole(fault_server: StartServer, open_wallet: OpenWallet) -> None:
    server = fault_server(respond())
    wallet = open_wallet(server.url, api_secret=None, private_key=PEM)
    for number in range(20):  # in some of them, there are characters that must be encoded
        wallet.balances(f"ASSET{number}")
    for request in server.requests:
        signature = base64.b64decode(unquote(request.signature), validate=True)
        PRIVATE_KEY.public_key().verify(signature, payload(request))


def test_the_key_arrives_once_and_nothing_else_does(fault_server: StartServer, open_wallet: OpenWallet) -> None:
    server = fault_server(respond(Set_Cookie="session=1"))
    wallet = open_wallet(server.url)
    wallet.balances()
    wallet.balances()
    for request in server.requests:
        assert request.headers["x-mbx-apikey"] == API_KEY
        assert request.headers["host"] == server.url.removeprefix("http://")
        assert not {"cookie", "authorization", "content-type", "transfer-encoding"} & request.headers.keys()


def test_a_path_before_the_endpoints_is_kept(fault_server: StartServer, open_wallet: OpenWallet) -> None:
    server = fault_server(respond())
    open_wallet(f"{server.url}/mock/").balances()
    assert server.requests[0].path == "/mock/sapi/v1/asset/wallet/balance"
