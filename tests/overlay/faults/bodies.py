"""Right answers, and ways to make them wrong."""

import copy
import json
import re
from decimal import Decimal
from typing import Any

from binance_wallet import WalletBalance

MISSING = object()

BALANCES = [{"activate": True, "balance": "0.71842752", "walletName": "Spot"}]

SPOT = {
    "code": 200,
    "msg": "",
    "snapshotVos": [
        {
            "data": {
                "balances": [{"asset": "BTC", "free": "0.09905021", "locked": "0.00000000"}],
                "totalAssetOfBtc": "0.09942700",
            },
            "type": "spot",
            "updateTime": 1_768_867_199_000,
        }
    ],
}
MARGIN = {
    "code": 200,
    "msg": "",
    "snapshotVos": [
        {
            "data": {
                "marginLevel": "2748.02909813",
                "totalAssetOfBtc": "0.00274803",
                "totalLiabilityOfBtc": "0.00000100",
                "totalNetAssetOfBtc": "0.00274750",
                "userAssets": [
                    {
                        "asset": "XRP",
                        "borrowed": "0.00000000",
                        "free": "1.00000000",
                        "interest": "0.00000000",
                        "locked": "0.00000000",
                        "netAsset": "1.00000000",
                    }
                ],
            },
            "type": "margin",
            "updateTime": 1_768_867_199_000,
        }
    ],
}
FUTURES = {
    "code": 200,
    "msg": "",
    "snapshotVos": [
        {
            "data": {
                "assets": [{"asset": "USDT", "marginBalance": "118.99782335", "walletBalance": "120.23811389"}],
                "position": [
                    {
                        "entryPrice": "7130.41000000",
                        "markPrice": "7257.66239673",
                        "positionAmt": "0.01000000",
                        "symbol": "BTCUSDT",
                        "unRealizedProfit": "1.24029054",
                    }
                ],
            },
            "type": "futures",
            "updateTime": 1_768_867_199_000,
        }
    ],
}


def encoded(document: Any) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode()


def changed(document: Any, path: str, value: Any) -> bytes:
    """The document as it is sent, but with another value (or MISSING) at a path such as `$.snapshotVos[0].type`."""
    document = copy.deepcopy(document)
    *parents, last = (int(key) if key.isdecimal() else key for key in re.findall(r"\w+", path))
    target = document
    for key in parents:
        target = target[key]
    if value is MISSING:
        del target[last]
    else:
        target[last] = value
    return encoded(document)


def error(code: int, msg: str = "Said the exchange.") -> bytes:
    return encoded({"code": code, "msg": msg})


def worth(balance: str) -> list[WalletBalance]:
    """What `balances()` returns for a spot wallet that holds so much."""
    return [WalletBalance(activate=True, balance=Decimal(balance), wallet_name="Spot")]
