"""What the server answers with: the mock exchange's account, as the bytes that the real one would send."""

import json
import time
from functools import cache

from binance_wallet_mock import Account

BALANCES, SNAPSHOTS = "/sapi/v1/asset/wallet/balance", "/sapi/v1/accountSnapshot"

_DAY_MS = 86_400_000


@cache
def body(path: str, days: int, assets: int) -> bytes:
    """Ten wallets; or so many days of so many assets each."""
    today = int(time.time() * 1000) // _DAY_MS
    if path == BALANCES:  # the wallets are always ten
        return _json(Account().balances("BTC", today - 1))
    account = Account(assets=assets)
    snapshots = [
        {"data": account.snapshot("SPOT", day), "type": "spot", "updateTime": (day + 1) * _DAY_MS - 1000}
        for day in range(today - days, today)
    ]
    return _json({"code": 200, "msg": "", "snapshotVos": snapshots})


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
