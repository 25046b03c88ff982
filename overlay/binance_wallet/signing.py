"""Signers. A signer takes the bytes to sign and returns the percent-encoded signature."""

import hmac
from collections.abc import Callable

Signer = Callable[[bytes], str]


def hmac_signer(secret: str) -> Signer:
    """Sign with HMAC-SHA256, in lower-case hex. The secret itself is not kept, only a hash object keyed with it."""
    keyed = hmac.new(secret.encode(), digestmod="sha256")

    def sign(payload: bytes) -> str:
        mac = keyed.copy()
        mac.update(payload)
        return mac.hexdigest()

    return sign
