"""The clients that are compared, each behind the same few calls, and the floors that they stand on.

A client is made here as its own documentation makes it, with the one difference that it talks to the server on this
machine. What would hold calls back on purpose is switched off: our weight budget, ccxt's rate limiter.
"""

import time
from collections.abc import Awaitable, Callable, Iterable
from decimal import Decimal
from functools import partial
from typing import Any, NamedTuple

KEY = SECRET = "k" * 64
DAYS = 30


class Calls(NamedTuple):
    """What is measured of a client."""

    balances: Callable[[], Any]
    snapshots: Callable[[], Any]
    totals: Callable[[Any], Any]
    """From what `snapshots` returned to the exact total per day and asset."""


class AsyncCalls(NamedTuple):
    """What is measured of an async client."""

    balances: Callable[[], Awaitable[Any]]
    close: Callable[[], Awaitable[Any]]


def _period() -> dict[str, int]:
    """The parameters that ask for the last 30 days, which the peers leave to their user to work out."""
    midnight = int(time.time()) // 86_400 * 86_400
    return {"startTime": (midnight - 1 - (DAYS - 1) * 86_400) * 1000, "endTime": midnight * 1000, "limit": DAYS}


def _totals_of_dicts(answer: dict[str, Any]) -> list[dict[str, Decimal]]:
    return [
        {asset["asset"]: Decimal(asset["free"]) + Decimal(asset["locked"]) for asset in day["data"]["balances"]}
        for day in answer["snapshotVos"]
    ]


def _totals_of_structs(snapshots: Iterable[Any]) -> list[dict[str, Decimal]]:
    return [{asset.asset: asset.free + asset.locked for asset in day.data.balances} for day in snapshots]


def binance_wallet(base_url: str) -> Calls:
    from binance_wallet import WalletClient

    client = WalletClient(KEY, SECRET, base_url=base_url, weight_limit=None)
    return Calls(client.balances, partial(client.snapshots, "SPOT", days=DAYS), _totals_of_structs)


def python_binance(base_url: str) -> Calls:
    from binance.client import Client

    Client.MARGIN_API_URL = f"{base_url}/sapi"
    client = Client(KEY, SECRET, ping=False)
    return Calls(
        client.margin_v1_get_asset_wallet_balance,
        lambda: client.get_account_snapshot(type="SPOT", **_period()),
        _totals_of_dicts,
    )


def binance_sdk_wallet(base_url: str) -> Calls:
    from binance_sdk_wallet.wallet import ConfigurationRestAPI, Wallet

    configuration = ConfigurationRestAPI(api_key=KEY, api_secret=SECRET, base_path=base_url, timeout=60_000)
    client = Wallet(config_rest_api=configuration).rest_api

    def snapshots() -> Any:
        period = _period()
        answer = client.daily_account_snapshot("SPOT", period["startTime"], period["endTime"], period["limit"])
        return answer.data()

    def totals(answer: Any) -> list[dict[str, Decimal]]:
        return [
            {asset.asset: Decimal(asset.free) + Decimal(asset.locked) for asset in day.data.balances}
            for day in answer.snapshot_vos
        ]

    return Calls(lambda: client.query_user_wallet_balance().data(), snapshots, totals)


def ccxt(base_url: str) -> Calls:
    import ccxt

    client = ccxt.binance({"apiKey": KEY, "secret": SECRET, "enableRateLimit": False})
    client.urls["api"]["sapi"] = f"{base_url}/sapi/v1"
    return Calls(
        client.sapiGetAssetWalletBalance,
        lambda: client.sapiGetAccountSnapshot({"type": "SPOT", **_period()}),
        _totals_of_dicts,
    )


def floor(base_url: str) -> Calls:
    """The standard library's HTTP client, unsigned; and msgspec's decoding into the smallest typed classes."""
    import http.client

    import msgspec

    connection = http.client.HTTPConnection(base_url.removeprefix("http://"))

    def get(path: str) -> bytes:
        connection.request("GET", path)
        return connection.getresponse().read()

    asset = msgspec.defstruct("Asset", [("asset", str), ("free", Decimal), ("locked", Decimal)], gc=False)
    data = msgspec.defstruct("Data", [("balances", list[asset]), ("totalAssetOfBtc", Decimal)])
    day = msgspec.defstruct("Day", [("type", str), ("updateTime", int), ("data", data)])
    answer = msgspec.defstruct("Answer", [("code", int), ("msg", str), ("snapshotVos", list[day])])
    decoder = msgspec.json.Decoder(answer)
    return Calls(
        lambda: get("/sapi/v1/asset/wallet/balance"),
        lambda: decoder.decode(get("/sapi/v1/accountSnapshot")).snapshotVos,
        _totals_of_structs,
    )


async def async_binance_wallet(base_url: str) -> AsyncCalls:
    from binance_wallet import AsyncWalletClient

    client = AsyncWalletClient(KEY, SECRET, base_url=base_url, weight_limit=None)
    return AsyncCalls(client.balances, client.aclose)


async def async_binance_wallet_aiohttp(base_url: str) -> AsyncCalls:
    """With httpx-aiohttp's transport."""
    from binance_wallet import AsyncWalletClient
    from httpx_aiohttp.httpx2 import AiohttpTransport

    client = AsyncWalletClient(KEY, SECRET, base_url=base_url, weight_limit=None, transport=AiohttpTransport())
    return AsyncCalls(client.balances, client.aclose)


async def async_python_binance(base_url: str) -> AsyncCalls:
    from binance import AsyncClient

    AsyncClient.MARGIN_API_URL = f"{base_url}/sapi"
    client = AsyncClient(KEY, SECRET)
    return AsyncCalls(client.margin_v1_get_asset_wallet_balance, client.close_connection)


async def async_ccxt(base_url: str) -> AsyncCalls:
    import ccxt.async_support

    client = ccxt.async_support.binance({"apiKey": KEY, "secret": SECRET, "enableRateLimit": False})
    client.urls["api"]["sapi"] = f"{base_url}/sapi/v1"
    return AsyncCalls(client.sapiGetAssetWalletBalance, client.close)


async def async_floor(base_url: str) -> AsyncCalls:
    """aiohttp, unsigned and undecoded."""
    from aiohttp import ClientSession

    session = ClientSession()

    async def balances() -> bytes:
        async with session.get(f"{base_url}/sapi/v1/asset/wallet/balance") as response:
            return await response.read()

    return AsyncCalls(balances, session.close)
