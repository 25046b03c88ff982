"""What processes behind one address get of the quota, in simulated time, whatever chance does."""

import pytest
from binance_wallet_client.types import Call

from .simulated_processes import BALANCES, LIMIT, SNAPSHOTS, START, World, simulate

MINUTE = int(START // 60)
SEEDS = range(5)


def share(world: World, request: Call, minutes: int) -> float:
    """Of the quota of all whole minutes but the last."""
    served = sum(world.served[MINUTE + minute] for minute in range(1, minutes - 1))
    return served * request.weight / (LIMIT * (minutes - 2))


@pytest.mark.parametrize("processes", [1, 4, 16, 64])
@pytest.mark.parametrize("request_", [BALANCES, SNAPSHOTS], ids=["balances", "snapshots"])
def test_all_of_the_quota_is_used_and_nothing_is_refused(processes: int, request_: Call) -> None:
    for seed in SEEDS:
        world = simulate(seed, processes, 6, request_)
        assert share(world, request_, 6) >= (0.99 if request_ is SNAPSHOTS or processes > 1 else 0)
        assert world.refusals == 0


@pytest.mark.parametrize("timeout", [3600.0, 10.0], ids=["those who wait", "those who come again"])
def test_nobody_waits_long_beyond_their_turn(timeout: float) -> None:
    """Sixty-four want snapshots all the time, and five a minute get them: each has its turn every 12.8 minutes."""
    for seed in SEEDS:
        world = simulate(seed, 64, 45, SNAPSHOTS, timeout=timeout)
        assert max(max(waits) for waits in world.waits.values()) < 16 * 60
        assert min(len(waits) for waits in world.waits.values()) >= 2


def test_nobody_starves_among_sixty_four_who_want_balances() -> None:
    for seed in SEEDS:
        world = simulate(seed, 64, 5, BALANCES)
        assert max(max(waits) for waits in world.waits.values()) < 2 * 60


def test_wrong_clocks_cost_refusals_only_at_first() -> None:
    """Before any of them has learned the time, each counts by its own clock."""
    for seed in SEEDS:
        world = simulate(seed, 16, 6, SNAPSHOTS, wrong=3600.0)
        assert world.refusals < 16
        assert share(world, SNAPSHOTS, 6) >= 0.99
