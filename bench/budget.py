"""The weight budget at scale: processes behind one address, which share nothing but what the exchange tells them.

The mock exchange counts as the real one does, only that its minute is shorter, and so are the minute of the clients (by
which they also stay away after refusals in a row) and the time they have for a call. Each process asks for snapshots
again and again, and after a RateLimitError waits for as long as it says. Whole minutes of the exchange are counted, but
not the first, in which the processes start one by one and many of them earn a ban by that.

The minute must stay long next to the second, which is how exact the headers `Date` and `Retry-After` are: with 10 s,
what a second more or less does shows six times as large as in production.
"""

import argparse
import json
import multiprocessing
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http import HTTPStatus

from binance_wallet import DeadlineError, RateLimitError, WalletClient
from binance_wallet.budget import budget
from binance_wallet.mock import MockExchange

CALLS_A_MINUTE = 5


def main() -> None:
    """Simulate all sizes at once, for their processes do little but wait; print a line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("processes", type=int, nargs="*", default=(1, 4, 16))
    parser.add_argument("--minute", type=float, default=10.0, help="its length in seconds")
    parser.add_argument("--starting", type=int, default=8, help="minutes that are not counted")
    parser.add_argument("--counted", type=int, default=6, help="minutes that are")
    options = parser.parse_args()
    simulated = partial(simulate, minute=options.minute, starting=options.starting, counted=options.counted)
    with ThreadPoolExecutor(len(options.processes)) as pool:
        print(json.dumps(list(pool.map(simulated, options.processes))))


def simulate(processes: int, *, minute: float, starting: int, counted: int) -> dict[str, float]:
    """What so many processes got of the calls that the exchange allows, and how often it refused."""
    with MockExchange(minute=minute, assets=1) as exchange:
        # Before the minute turns is when nothing happens: what it allowed is used up.
        start = (exchange.now() // minute + 1 + starting) * minute - minute / 100
        end = start + counted * minute
        spawn = multiprocessing.get_context("spawn")
        arguments = (exchange.base_url, exchange.api_key, exchange.api_secret, minute, end)
        workers = [spawn.Process(target=call_until, args=arguments) for _ in range(processes)]
        for worker in workers:
            worker.start()
            time.sleep(starting * minute / processes / 2)
        time.sleep(max(0.0, start - time.time()))
        before = len(exchange.requests)
        time.sleep(max(0.0, end - time.time()))
        statuses = Counter(request.status for request in exchange.requests[before:])
        for worker in workers:
            worker.join()
    return {
        "processes": processes,
        "share": statuses[HTTPStatus.OK] / (CALLS_A_MINUTE * counted),
        "429": statuses[HTTPStatus.TOO_MANY_REQUESTS] / counted,
        "418": statuses[HTTPStatus.IM_A_TEAPOT] / counted,
    }


def call_until(base_url: str, api_key: str, api_secret: str, minute: float, end: float) -> None:
    """Ask for snapshots, as often as this process is allowed to."""
    budget._MINUTE = minute  # type: ignore[misc]  # noqa: SLF001 - a minute has 60 s but here
    with WalletClient(api_key, api_secret, base_url=base_url, timeout=10 * minute / 60) as wallet:
        while (left := end - time.time()) > 0:
            try:
                wallet.snapshots("SPOT")
            except RateLimitError as error:
                time.sleep(min(left, error.retry_after or 0.0))
            except DeadlineError:  # its time is short here, and the machine may be busy
                continue


if __name__ == "__main__":
    main()
