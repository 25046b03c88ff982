"""Many processes in simulated time: the real pipeline of each, one store, and an exchange that counts."""

import random
from collections import Counter, defaultdict
from collections.abc import Generator
from dataclasses import dataclass, field
from email.utils import formatdate
from heapq import heappop, heappush
from itertools import count
from typing import Any

from binance_wallet.budget import Budget
from binance_wallet.budget.shared import SharedAddressState
from binance_wallet.clock import Clock, Time
from binance_wallet.errors import RateLimitError
from binance_wallet.messages import Origin, Response
from binance_wallet.pipeline import Ask, Pipeline, Send, Sleep
from binance_wallet_client.types import Call

START = 1_768_910_400.0
LIMIT = 12_000
ORIGIN = Origin("https", "x.test", None, "x.test", "")
BALANCES = Call("GET", "/b", {}, "/b", 60, idempotent=True)
SNAPSHOTS = Call("GET", "/s", {}, "/s", 2400, idempotent=True)


@dataclass
class World:
    """The true time, and what the exchange has counted and served by minute."""

    chance: random.Random
    now: float = START
    counted: Counter[int] = field(default_factory=Counter)
    served: Counter[int] = field(default_factory=Counter)
    refusals: int = 0
    waits: dict[int, list[float]] = field(default_factory=lambda: defaultdict(list))

    def receive(self, weight: int) -> Response:
        """A request arrives: it is counted and answered."""
        minute = int(self.now // 60)
        is_refused = self.counted[minute] + weight > LIMIT
        if is_refused:
            self.refusals += 1
        else:
            self.counted[minute] += weight
            self.served[minute] += 1
        headers = {
            b"date": formatdate(self.now, usegmt=True).encode(),
            b"x-sapi-used-ip-weight-1m": b"%d" % self.counted[minute],
            b"retry-after": b"%d" % (60 - self.now % 60 + 1),
        }
        return Response(429 if is_refused else 200, headers, b'{"code":-1003,"msg":""}' if is_refused else b"[]")


def process(
    world: World, number: int, store: SharedAddressState, call: Call, *, wrong: float, timeout: float
) -> Generator[float]:
    """Calls without end; yields how long it sleeps. Its wall clock is wrong by some seconds."""
    boot = world.chance.uniform(0, 1e6)
    time = Time(
        wall=lambda: world.now + wrong, monotonic=lambda: world.now - START + boot, uniform=world.chance.uniform
    )
    budget = Budget(clock=Clock(time))
    pipeline = Pipeline(ORIGIN, "k", lambda _: "s", budget, timeout, None, 3, None, LIMIT, None)
    asked_at = world.now
    while True:
        flow = pipeline.flow(lambda: call)
        outcome: Any = None
        try:
            while True:
                match flow.send(outcome):
                    case Send():
                        yield world.chance.uniform(0.005, 0.2)
                        outcome = world.receive(call.weight)
                        yield world.chance.uniform(0.005, 0.2)
                    case Sleep(seconds):
                        outcome = None
                        yield seconds
                    case Ask(operation):
                        yield world.chance.uniform(0.0001, 0.02)  # to the store, and back
                        outcome = store.perform_at(world.now, operation)
                        yield world.chance.uniform(0.0001, 0.02)
        except StopIteration:
            world.waits[number].append(world.now - asked_at)
            asked_at = world.now
        except RateLimitError as error:
            yield error.retry_after or 0.0


def simulate(
    seed: int, processes: int, minutes: int, call: Call, *, wrong: float = 0.0, timeout: float = 3600.0
) -> World:
    """All begin at once, in the middle of a minute. Their wall clocks are wrong by up to `wrong` seconds."""
    world = World(random.Random(seed), START + random.Random(seed).uniform(0, 59))
    store, order = SharedAddressState(), count()
    queue: list[tuple[float, int, Generator[float]]] = []
    for number in range(processes):
        run = process(world, number, store, call, wrong=world.chance.uniform(-wrong, wrong), timeout=timeout)
        heappush(queue, (world.now + world.chance.uniform(0, 0.5), next(order), run))
    end = START + minutes * 60
    while queue[0][0] < end:
        world.now, _, run = heappop(queue)
        heappush(queue, (world.now + next(run), next(order), run))
    return world
