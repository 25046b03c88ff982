"""API keys, and how a signature of each kind is checked."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from .account import Account

Verifier: TypeAlias = Callable[[bytes, str], bool]
"""Tells whether a signature, as text, belongs to a payload."""


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key to an account. A key that is not `permitted` is known, but may not read anything."""

    api_key: str
    account: Account
    verify: Verifier = field(repr=False)
    permitted: bool = True


def hmac_verifier(api_secret: str) -> Verifier:
    """For HMAC keys: SHA-256, as lower-case hexadecimal digits."""

    def verify(payload: bytes, signature: str) -> bool:
        expected = hmac.new(api_secret.encode(), payload, hashlib.sha256).hexdigest()
        return hmac.compare_digest(expected.encode(), signature.encode())

    return verify


def public_key_verifier(pem: str) -> Verifier:
    """For Ed25519 and RSA (PKCS#1 v1.5 with SHA-256) keys, given the public key: base64."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    public_key = load_pem_public_key(pem.encode())
    check: Callable[[bytes, bytes], None]
    if isinstance(public_key, Ed25519PublicKey):
        check = public_key.verify
    elif isinstance(public_key, RSAPublicKey):
        check = partial(public_key.verify, padding=PKCS1v15(), algorithm=SHA256())
    else:
        raise TypeError("the exchange takes Ed25519 and RSA keys only")

    def verify(payload: bytes, signature: str) -> bool:
        try:
            check(base64.b64decode(signature, validate=True), payload)
        except (InvalidSignature, ValueError):
            return False
        return True

    return verify
