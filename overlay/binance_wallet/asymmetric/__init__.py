"""Signers for Ed25519 and RSA keys (extra `asymmetric`)."""

import os
from base64 import b64encode
from pathlib import Path
from urllib.parse import quote

from binance_wallet.errors import InvalidRequestError
from binance_wallet.signing import Signer

__all__ = ["private_key_signer"]


def private_key_signer(private_key: str | os.PathLike[str], passphrase: str | None = None) -> Signer:
    """Sign with an Ed25519 or RSA key (PKCS1v15, SHA-256), in base64.

    `private_key` is a PKCS#8 PEM, as text or as the path of a file. Raises InvalidRequestError if it cannot be read
    or the passphrase is wrong. Needs the extra `asymmetric`.
    """
    try:
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.serialization import load_pem_private_key
    except ImportError:
        raise InvalidRequestError("private_key needs the extra `asymmetric`: see Install in the README") from None
    if passphrase is not None and not isinstance(passphrase, str):
        raise InvalidRequestError("passphrase must be a str")
    pem = _pem(private_key)
    try:
        key = load_pem_private_key(pem, passphrase.encode() if passphrase else None)
    except TypeError:
        raise InvalidRequestError(
            "private_key is not encrypted: give no passphrase" if passphrase else "private_key needs its passphrase"
        ) from None
    except (ValueError, UnsupportedAlgorithm):
        raise InvalidRequestError("private_key is not a PKCS#8 PEM, or the passphrase is wrong") from None
    if isinstance(key, Ed25519PrivateKey):
        return lambda payload: quote(b64encode(key.sign(payload)), safe="")
    if isinstance(key, RSAPrivateKey):
        return lambda payload: quote(b64encode(key.sign(payload, PKCS1v15(), SHA256())), safe="")
    raise InvalidRequestError("private_key is neither an Ed25519 nor an RSA key")


def _pem(private_key: str | os.PathLike[str]) -> bytes:
    if isinstance(private_key, str) and "-----BEGIN" in private_key:
        return private_key.encode()
    try:
        return Path(private_key).read_bytes()
    except (OSError, ValueError, TypeError):
        # It may be the key itself without its frame: never repeat it, nor an error that quotes it.
        raise InvalidRequestError("private_key is neither a PEM text nor the path of a readable file") from None
