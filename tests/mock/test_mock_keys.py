"""Keys of every kind, and several of them."""

import base64
from urllib.parse import quote, urlencode

import pytest
from binance_wallet_mock import Account, MockExchange
from binance_wallet_mock.keys import ApiKey, hmac_verifier
from binance_wallet_mock.rules import Refused, check_signature
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from mock_wire import BALANCES, sign

PUBLISHED_SECRET = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j"
ORDER = "side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559"
PUBLISHED = [
    (f"symbol=LTCBTC&{ORDER}", "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71"),
    (
        f"symbol=%EF%BC%91%EF%BC%92%EF%BC%93%EF%BC%94%EF%BC%95%EF%BC%96&{ORDER}",
        "e1353ec6b14d888f1164ae9af8228a3dbd508bc82eb867db8ab6046442f33ef3",
    ),
]


@pytest.mark.parametrize(("payload", "signature"), PUBLISHED)
def test_the_published_signatures_are_accepted(payload, signature):
    key = ApiKey("k", Account(), hmac_verifier(PUBLISHED_SECRET))
    check_signature(f"{payload}&signature={signature}", "", signature, key)
    with pytest.raises(Refused, match="-1022"):
        check_signature(f"{payload}0&signature={signature}", "", signature, key)


def test_bytes_that_were_never_encoded_are_refused_even_if_signed():
    key = ApiKey("k", Account(), hmac_verifier(PUBLISHED_SECRET))
    raw = "quoteAsset=币".encode().decode("latin-1")
    signature = sign(raw, PUBLISHED_SECRET)
    with pytest.raises(Refused, match="-1022"):
        check_signature(f"{raw}&signature={signature}", "", signature, key)


def pem(private_key) -> str:
    return private_key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def sign_rsa(private_key, payload: bytes) -> bytes:
    return private_key.sign(payload, padding.PKCS1v15(), SHA256())


@pytest.mark.parametrize(
    ("private_key", "signed"),
    [
        (ed25519.Ed25519PrivateKey.generate(), lambda key, payload: key.sign(payload)),
        (rsa.generate_private_key(65537, 2048), sign_rsa),
    ],
    ids=["ed25519", "rsa"],
)
def test_a_key_pair_signs_requests(mock_exchange, send, private_key, signed):
    mock_exchange.add_key("c" * 64, public_key=pem(private_key))
    query = urlencode({"quoteAsset": "币安人生", "timestamp": round(mock_exchange.now() * 1000)})
    signature = base64.b64encode(signed(private_key, query.encode())).decode()
    assert send(BALANCES, f"{query}&signature={quote(signature, safe='')}", "c" * 64).status_code == 200
    with_more = f"{quote(signature, safe='')}~"  # which is no letter of base64
    for wrong in (signature[:-4], with_more, "%C3%A9", sign(query, mock_exchange.api_secret)):
        assert send(BALANCES, f"{query}&signature={wrong}", "c" * 64).json()["code"] == -1022


def test_a_key_of_another_kind_is_refused():
    with pytest.raises(TypeError, match="Ed25519 and RSA"):
        MockExchange().add_key("c" * 64, public_key=pem(ec.generate_private_key(ec.SECP256R1())))


@pytest.mark.parametrize("given", [{}, {"api_secret": "s", "public_key": "p"}])
def test_a_key_has_one_way_to_sign(given):
    with pytest.raises(ValueError, match="either a secret or a public key"):
        MockExchange().add_key("c" * 64, **given)


def test_a_key_that_the_exchange_would_not_hand_out_is_refused():
    with pytest.raises(ValueError, match="64 letters and digits"):
        MockExchange(api_key="key")


def test_a_key_can_open_another_account(mock_exchange, get, send):
    mock_exchange.add_key("d" * 64, api_secret="secret", account=Account(seed=1))
    query = f"timestamp={round(mock_exchange.now() * 1000)}"
    other = send(BALANCES, f"{query}&signature={sign(query, 'secret')}", "d" * 64)
    assert other.status_code == 200
    assert other.json() != get(BALANCES).json()


def test_keys_are_made_up_and_can_be_fixed():
    one, other = MockExchange(), MockExchange()
    assert len({one.api_key, one.api_secret, other.api_key, other.api_secret}) == 4
    assert all(len(text) == 64 and text.isalnum() for text in (one.api_key, one.api_secret))
    fixed = MockExchange(api_key="e" * 64, api_secret="secret")
    assert (fixed.api_key, fixed.api_secret) == ("e" * 64, "secret")
