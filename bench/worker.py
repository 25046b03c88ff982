"""One measurement in a process of its own: `worker.py MEASUREMENT CLIENT URL SECONDS` prints numbers as JSON.

Only so do clients not disturb each other: not by what they import, nor by what they leave on the heap for the garbage
collector to walk. It runs in the environment that has the peers. Every loop ends with its time, however slow a client.
"""

import asyncio
import cProfile
import gc
import json
import pstats
import statistics
import sys
import time
import tracemalloc
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import clients

LEAST_CALLS = 3


def small(client: str, url: str, seconds: float) -> dict[str, float]:
    """Seconds for the balances of ten wallets."""
    return {"seconds": _median(getattr(clients, client)(url).balances, seconds)}


def month(client: str, url: str, seconds: float) -> dict[str, float]:
    """Seconds for the month's snapshots; and for the same, and then the exact total per day and asset."""
    calls = getattr(clients, client)(url)
    return {
        "seconds": _median(calls.snapshots, seconds),
        "with_totals": _median(lambda: calls.totals(calls.snapshots()), seconds),
    }


def memory(client: str, url: str, _seconds: float) -> dict[str, float]:
    """Bytes that the month's snapshots hold, once client and answer are gone; and bytes at the peak of the call."""
    calls = getattr(clients, client)(url)
    calls.balances()
    gc.collect()
    tracemalloc.start()
    result = calls.snapshots()
    peak = tracemalloc.get_traced_memory()[1]
    del calls
    gc.collect()
    with_result = tracemalloc.get_traced_memory()[0]
    del result
    gc.collect()
    return {"held": with_result - tracemalloc.get_traced_memory()[0], "peak": peak}


def tasks(client: str, url: str, seconds: float) -> dict[str, float]:
    """Calls a second for the balances, made by 10 and by 50 tasks."""

    async def measure() -> dict[str, float]:
        calls = await getattr(clients, f"async_{client}")(url)
        try:
            return {str(at_once): await _rate(calls.balances, at_once, seconds) for at_once in (10, 50)}
        finally:
            await calls.close()

    return asyncio.run(measure())


def profile(client: str, url: str, seconds: float) -> dict[str, dict[str, float]]:
    """By what is measured, the share of the time that is spent in each package's own code."""
    calls = getattr(clients, client)(url)
    return {
        "small": _shares(calls.balances, seconds),
        "month": _shares(lambda: calls.totals(calls.snapshots()), seconds),
        "tasks": _shares(lambda: tasks(f"{client}_aiohttp", url, seconds), 0.0),
    }


def _median(call: Callable[[], Any], seconds: float) -> float:
    """The median duration of a call. What it returned is let go outside of what is timed."""
    durations: list[float] = []
    for warming_up in (True, False):
        durations.clear()
        gc.collect()
        end = time.perf_counter() + (seconds / 10 if warming_up else seconds)
        while len(durations) < LEAST_CALLS or time.perf_counter() < end:
            began = time.perf_counter()
            result = call()
            durations.append(time.perf_counter() - began)
            del result
    return statistics.median(durations)


async def _rate(call: Callable[[], Any], at_once: int, seconds: float) -> float:
    async def work(end: float) -> int:
        calls = 0
        while calls < LEAST_CALLS or time.perf_counter() < end:
            await call()
            calls += 1
        return calls

    async def all_of_them(seconds: float) -> float:
        began = time.perf_counter()
        calls = await asyncio.gather(*(work(began + seconds) for _ in range(at_once)))
        return sum(calls) / (time.perf_counter() - began)

    await all_of_them(seconds / 10)  # opens the connections
    return await all_of_them(seconds)


def _shares(call: Callable[[], Any], seconds: float) -> dict[str, float]:
    profiler, end = cProfile.Profile(), time.perf_counter() + seconds
    profiler.runcall(call)
    while time.perf_counter() < end:
        profiler.runcall(call)
    spent: Counter[str] = Counter()
    for (file, _, name), (_, _, own, _, callers) in pstats.Stats(profiler).stats.items():  # type: ignore[attr-defined]
        if file != "~":
            spent[_package(file)] += own
        elif "socket" in name or "select" in name:
            spent["the system's sockets"] += own
        elif "msgspec" in name:
            spent["msgspec"] += own
        else:  # what is built in counts for whom it works
            for (caller, _, _), (_, _, share, _) in callers.items():
                spent[_package(caller)] += share
    whole = spent.total()
    return {package: share / whole for package, share in spent.most_common() if share / whole >= 0.01}


def _package(file: str) -> str:
    parts = Path(file).parts
    if "site-packages" in parts:
        return parts[parts.index("site-packages") + 1].removesuffix(".py")
    return "adding up" if Path(file).parent == Path(__file__).parent else "the standard library"


if __name__ == "__main__":
    measurement, client, url, seconds = sys.argv[1:]
    print(json.dumps(globals()[measurement](client, url, float(seconds))))
