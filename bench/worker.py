"""Measure one client in a process of its own: `worker.py sync|async CLIENT URL SECONDS` prints milliseconds as JSON.

Only so do clients not disturb each other: not by what they import, nor by what they leave on the heap for the garbage
collector to walk. It runs in the environment that has the peers. Each number is a median over SECONDS.
"""

import asyncio
import json
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import clients
from report import MINUTE

LEAST_CALLS = 4
BALANCES, MONTHS = 200, 5  # the calls that the exchange serves to one IP address in a minute


def measure_sync(client: str, url: str, seconds: float) -> dict[str, float]:
    """A minute's quota, without and with exact totals; the balances; and a month with its exact totals."""
    calls = getattr(clients, client)(url)

    def month() -> Any:
        return calls.totals(calls.snapshots())

    def minute(month: Callable[[], Any]) -> None:
        for call in [calls.balances] * BALANCES + [month] * MONTHS:
            call()

    return {
        MINUTE: median(partial(minute, calls.snapshots), seconds, time.process_time),
        f"{MINUTE}, with exact totals": median(partial(minute, month), seconds, time.process_time),
        "ten wallets, ms": median(calls.balances, seconds),
        "30 days of 500 assets, with exact totals, ms": median(month, seconds),
    }


def measure_async(client: str, url: str, seconds: float) -> dict[str, float]:
    """A minute's quota as above, by 10 tasks; and the balances 200 times, by 10 and by 50."""
    with asyncio.Runner() as runner:
        calls = runner.run(getattr(clients, f"async_{client}")(url))
        balances = [calls.balances] * BALANCES

        async def month() -> Any:
            return calls.totals(await calls.snapshots())

        async def together(what: list[Callable[[], Any]], tasks: int) -> None:
            left = iter(what)

            async def work() -> None:
                for call in left:
                    await call()

            await asyncio.gather(*(work() for _ in range(tasks)))

        def measure(what: list[Callable[[], Any]], tasks: int, *timer: Callable[[], float]) -> float:
            return median(lambda: runner.run(together(what, tasks)), seconds, *timer)

        numbers = {
            MINUTE: measure(balances + [calls.snapshots] * MONTHS, 10, time.process_time),
            f"{MINUTE}, with exact totals": measure(balances + [month] * MONTHS, 10, time.process_time),
            "ten wallets 200 times, 10 tasks, ms": measure(balances, 10),
            "ten wallets 200 times, 50 tasks, ms": measure(balances, 50),
        }
        runner.run(calls.close())
        return numbers


def median(call: Callable[[], Any], seconds: float, timer: Callable[[], float] = time.perf_counter) -> float:
    """The median duration of a call in ms. The first one, which opens connections, does not count."""
    durations, end = [], time.perf_counter() + seconds
    while len(durations) < LEAST_CALLS or time.perf_counter() < end:
        began = timer()
        result = call()
        durations.append(timer() - began)
        del result  # outside of the time
    return statistics.median(durations[1:]) * 1e3


if __name__ == "__main__":
    kind, client, url, seconds = sys.argv[1:]
    measure = {"sync": measure_sync, "async": measure_async}[kind]
    print(json.dumps(measure(client, url, float(seconds))))
