"""The credentials of an account, and what may be shown of them."""

from __future__ import annotations

from typing import Final, Literal, Required, TypeAlias, TypedDict

from binance_wallet.signing import load_private_key

__all__ = ["Credentials", "KeyType", "api_key_ending", "key_type"]

KeyType: TypeAlias = Literal["HMAC", "Ed25519", "RSA"]

_SHOWN: Final = 4  # of the 64 characters of an API key: enough to distinguish keys


class Credentials(TypedDict, total=False):
    """An API key with its secret or its private key: options of a client."""

    api_key: Required[str]
    api_secret: str
    """The secret of an HMAC key."""
    private_key: str
    """The path of the PEM file of an Ed25519 or RSA key, or its content."""
    passphrase: str
    """The passphrase of an encrypted private key."""


def key_type(credentials: Credentials) -> KeyType:
    """The type of a key. Raises InvalidRequestError if its private key cannot be loaded."""
    if "private_key" not in credentials:
        return "HMAC"
    key = load_private_key(credentials["private_key"], credentials.get("passphrase"))
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    return "RSA" if isinstance(key, RSAPrivateKey) else "Ed25519"


def api_key_ending(credentials: Credentials) -> str:
    """The last characters of the API key."""
    return credentials["api_key"][-_SHOWN:]
