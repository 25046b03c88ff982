import base64
import hashlib
import hmac
import sys
from pathlib import Path
from urllib.parse import unquote

import pytest
from binance_wallet import InvalidRequestError
from binance_wallet.signing import hmac_signer, private_key_signer
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from hypothesis import given
from hypothesis import strategies as st

PAYLOAD = b"quoteAsset=%E5%B8%81&timestamp=1768910410000"
ED25519 = ed25519.Ed25519PrivateKey.generate()
RSA = rsa.generate_private_key(65537, 2048)
KEYS = pytest.mark.parametrize("key", [ED25519, RSA], ids=["Ed25519", "RSA"])

Key = ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey


def pem(key: Key, passphrase: str | None = None) -> str:
    encryption = NoEncryption() if passphrase is None else BestAvailableEncryption(passphrase.encode())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption).decode()


def assert_signed(key: Key, payload: bytes, signature: str) -> None:
    raw = base64.b64decode(unquote(signature), validate=True)
    if isinstance(key, ed25519.Ed25519PrivateKey):
        key.public_key().verify(raw, payload)
    else:
        key.public_key().verify(raw, payload, padding.PKCS1v15(), SHA256())


@pytest.mark.parametrize(
    ("start", "signature"),
    [
        ("symbol=LTCBTC", "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71"),
        (
            "symbol=%EF%BC%91%EF%BC%92%EF%BC%93%EF%BC%94%EF%BC%95%EF%BC%96",
            "e1353ec6b14d888f1164ae9af8228a3dbd508bc82eb867db8ab6046442f33ef3",
        ),
    ],
)
def test_hmac_gives_the_published_signatures(start: str, signature: str) -> None:
    sign = hmac_signer("NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j")
    rest = "&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559"
    assert sign((start + rest).encode()) == signature


@given(st.text(min_size=1), st.lists(st.binary(), min_size=1))
def test_one_hmac_signer_signs_any_number_of_payloads(secret: str, payloads: list[bytes]) -> None:
    sign = hmac_signer(secret := secret.encode(errors="ignore").decode() or "s")
    for payload in payloads:
        assert sign(payload) == hmac.new(secret.encode(), payload, hashlib.sha256).hexdigest()


@KEYS
def test_a_pem_signs_what_its_public_key_verifies(key: Key) -> None:
    assert_signed(key, PAYLOAD, private_key_signer(pem(key))(PAYLOAD))


@KEYS
def test_an_encrypted_pem_signs_with_its_passphrase(key: Key) -> None:
    assert_signed(key, PAYLOAD, private_key_signer(pem(key, "open, please"), "open, please")(PAYLOAD))


@KEYS
@pytest.mark.parametrize("kind", [str, Path])
def test_a_pem_may_be_a_file(key: Key, kind: type, tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_text(pem(key))
    assert_signed(key, PAYLOAD, private_key_signer(kind(tmp_path / "key.pem"))(PAYLOAD))


@given(st.binary())
def test_a_base64_signature_is_percent_encoded(payload: bytes) -> None:
    assert not set(private_key_signer(pem(ED25519))(payload)) & set("+/=&")


WRONG = {
    "not a file": "no/such/file.pem",
    "a folder": "/",
    "empty": "",
    "a frame without a key": "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n",
    "a key that is cut": pem(RSA)[:400] + "\n-----END PRIVATE KEY-----\n",
    "another alphabet": pem(ED25519).replace("M", "Ж"),
    "a public key": ED25519.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(),
    "another algorithm": ec.generate_private_key(ec.SECP256R1())
    .private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    .decode(),
    "a key without its frame": pem(ED25519).splitlines()[1],
    "a long key without its frame": "".join(pem(RSA).splitlines()[1:-1]),
    "a key with zeros": pem(ED25519).splitlines()[1] + "\0",
}


@pytest.mark.parametrize("given", WRONG.values(), ids=WRONG)
def test_what_is_no_key_is_refused_and_not_repeated(given: str) -> None:
    with pytest.raises(InvalidRequestError, match="private_key") as caught:
        private_key_signer(given)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    said = f"{caught.value} {caught.value!r}"
    assert all(line not in said for line in given.splitlines() if len(line) > 20)


@pytest.mark.parametrize("passphrase", [None, "wrong", ""])
@KEYS
def test_an_encrypted_pem_without_its_passphrase_is_refused(key: Key, passphrase: str | None) -> None:
    with pytest.raises(InvalidRequestError, match="passphrase") as caught:
        private_key_signer(pem(key, "right"), passphrase)
    assert "right" not in str(caught.value)


def test_a_passphrase_for_a_pem_that_needs_none_is_refused() -> None:
    with pytest.raises(InvalidRequestError, match="not encrypted") as caught:
        private_key_signer(pem(ED25519), "superfluous")
    assert "superfluous" not in str(caught.value)


def test_a_private_key_without_the_extra_is_refused_and_says_where_to_read_about_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "cryptography.exceptions", None)
    with pytest.raises(InvalidRequestError, match=r"cryptography is not installed: it comes with the extra 'asymmet"):
        private_key_signer("key.pem")
