"""Signs calls. A signer takes the bytes to sign and returns the percent-encoded signature."""

import hmac
import os
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, unquote_to_bytes, urlencode

from binance_wallet_client.types import Call

from .errors import InvalidRequestError
from .messages import Headers, Origin, SignedRequest

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

Signer = Callable[[bytes], str]

# What a query may hold besides letters and digits. aiohttp would decode them if they were encoded, and the signature
# would no longer fit.
_PLAIN: Final = "!$'()*,/:;?@"
_HEADERS: Final[Headers] = [
    (b"Accept-Encoding", b"gzip"),
    (b"Accept", b"application/json"),
    (b"User-Agent", b"binance-wallet"),
]
_SHORTEST_SECRET: Final = 16  # a shorter key, such as a test's, may also occur in data


def sign(
    call: Call, origin: Origin, api_key: str, signer: Signer, *, timestamp: int, recv_window: int | None
) -> SignedRequest:
    """The request of a call, with what its security asks for. `timestamp` and `recv_window` in milliseconds."""
    params = {**call.params}
    headers = [(b"Host", origin.netloc.encode()), *_HEADERS]
    secrets = [api_key.encode()] if len(api_key) >= _SHORTEST_SECRET else []
    body = urlencode(call.form, safe=_PLAIN, doseq=True)
    if call.security != "none":
        headers.append((b"X-MBX-APIKEY", api_key.encode()))
    if call.security == "signed":
        if recv_window is not None and "recvWindow" not in call.form:
            params.setdefault("recvWindow", recv_window)
        params["timestamp"] = timestamp
    query = urlencode(params, safe=_PLAIN, doseq=True)
    if call.security == "signed":
        signature = signer(f"{query}{body}".encode())  # what is signed is exactly what is sent
        query = f"{query}&signature={signature}"
        secrets += [signature.encode(), unquote_to_bytes(signature)]
    if body:
        headers.append((b"Content-Type", b"application/x-www-form-urlencoded"))
    if body or call.method in {"POST", "PUT", "PATCH"}:
        headers.append((b"Content-Length", str(len(body)).encode()))
    path = origin.path + call.path
    return SignedRequest(
        origin=origin,
        method=call.method,
        target=f"{path}?{query}".encode() if query else path.encode(),
        headers=headers,
        secrets=frozenset(secrets),
        body=body.encode(),
    )


def hmac_signer(secret: str) -> Signer:
    """Sign with HMAC-SHA256, in lower-case hex. The secret itself is not kept, only a hash object keyed with it."""
    keyed = hmac.new(secret.encode(), digestmod="sha256")

    def signature(payload: bytes) -> str:
        mac = keyed.copy()
        mac.update(payload)
        return mac.hexdigest()

    return signature


def private_key_signer(private_key: str | os.PathLike[str], passphrase: str | None = None) -> Signer:
    """Sign with an Ed25519 or RSA key (PKCS1v15, SHA-256), in base64. Raises like `load_private_key`."""
    key = load_private_key(private_key, passphrase)
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.hashes import SHA256

    if isinstance(key, Ed25519PrivateKey):
        return lambda payload: quote(b64encode(key.sign(payload)), safe="")
    return lambda payload: quote(b64encode(key.sign(payload, PKCS1v15(), SHA256())), safe="")


def load_private_key(
    private_key: str | os.PathLike[str], passphrase: str | None = None
) -> "Ed25519PrivateKey | RSAPrivateKey":
    """Load a PKCS#8 PEM, given as text or as the path of a file.

    Raises InvalidRequestError if it cannot be read, is no key of these types, or the passphrase is wrong. Needs the
    extra `asymmetric`.
    """
    try:
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
        from cryptography.hazmat.primitives.serialization import load_pem_private_key
    except ImportError:
        raise InvalidRequestError(
            "private_key: cryptography is not installed: it comes with the extra 'asymmetric' "
            "(see Extras in the README)"
        ) from None
    if passphrase is not None and not isinstance(passphrase, str):
        raise InvalidRequestError("passphrase must be a str")
    pem = _pem(private_key)
    if b"PUBLIC KEY" in pem:
        raise InvalidRequestError("this is a public key, which is for the exchange: private_key needs the private one")
    try:
        key = load_pem_private_key(pem, passphrase.encode() if passphrase else None)
    except TypeError:
        raise InvalidRequestError(
            "private_key is not encrypted: give no passphrase" if passphrase else "private_key needs its passphrase"
        ) from None
    except (ValueError, UnsupportedAlgorithm):
        raise InvalidRequestError("private_key is not a PKCS#8 PEM, or the passphrase is wrong") from None
    if not isinstance(key, Ed25519PrivateKey | RSAPrivateKey):
        raise InvalidRequestError("private_key is neither an Ed25519 nor an RSA key")
    return key


def _pem(private_key: str | os.PathLike[str]) -> bytes:
    if isinstance(private_key, str) and "-----BEGIN" in private_key:
        # Many hosts' settings hold one line only; there, `\n` stands for a line break.
        return private_key.strip("\"' \n").replace("\\r", "").replace("\\n", "\n").encode()
    try:
        return Path(private_key).expanduser().read_bytes()
    except (OSError, ValueError, TypeError, RuntimeError):
        # It may be the key itself without its frame: never repeat it, nor an error that quotes it.
        raise InvalidRequestError("private_key is neither a PEM text nor the path of a readable file") from None
