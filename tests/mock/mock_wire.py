"""Paths and signatures, written by hand: the tests share no code with the SDK."""

import hashlib
import hmac

BALANCES = "/sapi/v1/asset/wallet/balance"
SNAPSHOTS = "/sapi/v1/accountSnapshot"
DAY = 24 * 60 * 60 * 1000


def sign(query: str, api_secret: str) -> str:
    return hmac.new(api_secret.encode(), query.encode(), hashlib.sha256).hexdigest()
