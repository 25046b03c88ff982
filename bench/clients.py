"""The clients that are compared, each behind the same few calls.

A client is made here as its own documentation makes it, with the one difference that it talks to the server on this
machine. What would hold calls back on purpose is off: our weight budget, ccxt's rate limiter.
"""

import time
from collections.abc import Callable, Iterable
from decimal import Decimal
from functools import partial
from importlib import import_module
from typing import Any, NamedTuple

KEY = SECRET = "k" * 64
DAYS = 30


class Calls(NamedTuple):
    """What is measured of a client. An async client returns awaitables, except for `totals`, of each day and asset."""

    balances: Callable[[], Any]
    snapshots: Callable[[], Any]
    totals: Callable[[Any], Any]
    close: Any = None


def _period() -> dict[str, int]:
    """The parameters that ask for the last 30 days, which the peers leave to their user to work out."""
    midnight = int(time.time()) // 86_400 * 86_400
    return {"startTime": (midnight - 1 - (DAYS - 1) * 86_400) * 1000, "endTime": midnight * 1000, "limit": DAYS}


def _totals_of_dicts(response: dict[str, Any]) -> Any:
    days = [day["data"]["balances"] for day in response["snapshotVos"]]
    return [{asset["asset"]: Decimal(asset["free"]) + Decimal(asset["locked"]) for asset in day} for day in days]


def _totals_of_structs(snapshots: Iterable[Any]) -> Any:
    return [{asset.asset: asset.free + asset.locked for asset in day.data.balances} for day in snapshots]


def binance_wallet(base_url: str) -> Calls:
    from binance_wallet import WalletClient

    client = WalletClient(KEY, SECRET, base_url=base_url, weight_limit=None)
    return Calls(client.balances, partial(client.snapshots, "SPOT", days=DAYS), _totals_of_structs)


before = binance_wallet  # of an earlier revision, in an environment of its own


def _python_binance(kind: str, base_url: str, **options: bool) -> Calls:
    factory = getattr(import_module("binance"), kind)
    factory.MARGIN_API_URL = f"{base_url}/sapi"
    client = factory(KEY, SECRET, **options)
    return Calls(
        client.margin_v1_get_asset_wallet_balance,
        lambda: client.get_account_snapshot(type="SPOT", **_period()),
        _totals_of_dicts,
        client.close_connection,
    )


python_binance = partial(_python_binance, "Client", ping=False)


def binance_sdk_wallet(base_url: str) -> Calls:
    from binance_sdk_wallet.wallet import ConfigurationRestAPI, Wallet

    configuration = ConfigurationRestAPI(api_key=KEY, api_secret=SECRET, base_path=base_url, timeout=60_000)
    client = Wallet(config_rest_api=configuration).rest_api

    return Calls(
        lambda: client.query_user_wallet_balance().data(),
        lambda: client.daily_account_snapshot("SPOT", *_period().values()).data().snapshot_vos,
        lambda days: [{a.asset: Decimal(a.free) + Decimal(a.locked) for a in day.data.balances} for day in days],
    )


def ccxt(base_url: str, module: str = "ccxt") -> Calls:
    client = import_module(module).binance({"apiKey": KEY, "secret": SECRET, "enableRateLimit": False})
    client.urls["api"]["sapi"] = f"{base_url}/sapi/v1"
    return Calls(
        client.sapiGetAssetWalletBalance,
        lambda: client.sapiGetAccountSnapshot({"type": "SPOT", **_period()}),
        _totals_of_dicts,
        getattr(client, "close", None),
    )


async def async_binance_wallet(base_url: str, transport: Any = None) -> Calls:
    from binance_wallet import AsyncWalletClient

    client = AsyncWalletClient(KEY, SECRET, base_url=base_url, weight_limit=None, transport=transport)
    return Calls(client.balances, partial(client.snapshots, "SPOT", days=DAYS), _totals_of_structs, client.aclose)


async def async_binance_wallet_aiohttp(base_url: str) -> Calls:
    from httpx_aiohttp.httpx2 import AiohttpTransport

    return await async_binance_wallet(base_url, AiohttpTransport())


async def async_python_binance(base_url: str) -> Calls:
    return _python_binance("AsyncClient", base_url)


async def async_ccxt(base_url: str) -> Calls:
    return ccxt(base_url, "ccxt.async_support")
