"""What a shared store knows of the exchange's time, and who takes it from there."""

import time
from collections.abc import Callable
from math import inf
from pathlib import Path

import pytest
from binance_wallet.budget import Blocked, Budget, Reserve, WrongTime
from binance_wallet.budget.operations import Block, Confirm, Full, Store, Verdict
from binance_wallet.budget.redis import RedisStore
from binance_wallet.budget.sqlite import SqliteStore

from .servers import SERVERS, Server

PATH = "/sapi/v1/accountSnapshot"
HOUR = 3600.0


@pytest.fixture(params=["sqlite", "redis", "valkey"])
def store(request: pytest.FixtureRequest, tmp_path: Path, servers: Callable[[str], Server]) -> Store:
    if request.param == "sqlite":
        return SqliteStore(tmp_path / "budget.db", "test")
    return RedisStore(servers(request.param).url, str(tmp_path))


def reserve(store: Store, now: float, *, latest: float = inf, weight: int = 12_000) -> Verdict:
    return store.perform(Reserve(PATH, weight, 12_000, (int(now // 60),), now, latest), time.monotonic() + 60)


def tell(store: Store, now: float) -> None:
    """A response has told one process that it is now this time, or up to a second later."""
    store.perform(Confirm(PATH, 0, (int(now // 60),), int(now // 60), 0, now, now + 1), time.monotonic() + 60)


def test_what_a_response_tells_is_stored_even_after_the_deadline(store: Store) -> None:
    """It may be the very last moment of a call that shows a ban."""
    store.perform(Block(time.time() + 600, True, time.time()), time.monotonic() - 1)
    assert isinstance(reserve(store, time.time()), Blocked)


def test_a_process_that_has_not_learned_the_time_takes_it_from_the_others(store: Store) -> None:
    exchange = time.time() + HOUR
    tell(store, exchange)
    verdict = reserve(store, exchange - HOUR)
    assert isinstance(verdict, WrongTime)
    assert verdict.now == pytest.approx(exchange, abs=1)


def test_a_process_that_reads_takes_the_time_from_the_others(store: Store) -> None:
    exchange = time.time() + HOUR
    tell(store, exchange)
    budget = Budget(store)
    verdict = store.perform(budget.reading(), time.monotonic() + 60)
    assert isinstance(verdict, WrongTime)
    assert verdict.now == pytest.approx(exchange, abs=1)
    budget.learn(verdict.now)
    assert store.perform(budget.reading(), time.monotonic() + 60) is None


def test_a_wrong_clock_reserves_nothing(store: Store) -> None:
    exchange = time.time()
    tell(store, exchange)
    reserve(store, exchange + HOUR)
    assert reserve(store, exchange + HOUR, latest=exchange + HOUR + 1) is None


def test_a_machine_that_was_suspended_takes_the_time_from_the_others(store: Store) -> None:
    """Its monotonic clock stood still. Another's block of a minute would last for hours by it."""
    exchange = time.time()
    tell(store, exchange)
    store.perform(Block(exchange + 60, ban=False, now=exchange), time.monotonic() + 60)
    verdict = reserve(store, exchange - HOUR, latest=exchange - HOUR + 1)
    assert isinstance(verdict, WrongTime)
    assert verdict.now == pytest.approx(exchange, abs=1)
    budget = Budget(store)
    budget.clock.learn(exchange - HOUR, time.monotonic(), time.monotonic())
    budget.learn(verdict.now)
    verdict = store.perform(budget.reservation(PATH, 60, 12_000), time.monotonic() + 60)
    assert isinstance(verdict, Blocked)
    assert verdict.until == pytest.approx(exchange + 60, abs=0.001)


def test_a_process_that_waits_learns_how_far_the_others_are(store: Store) -> None:
    """So those who wait for the same minute agree when it begins."""
    exchange = time.time()
    tell(store, exchange)
    reserve(store, exchange - 0.5, latest=exchange + 0.5)
    verdict = reserve(store, exchange - 0.5, latest=exchange + 0.5)
    assert isinstance(verdict, Full)
    assert verdict.now == pytest.approx(exchange, abs=1)
    assert verdict.now >= exchange - 0.001


def test_where_nobody_has_learned_the_time_each_goes_by_its_own_clock(store: Store) -> None:
    now = time.time()
    assert reserve(store, now) is None
    assert reserve(store, now) == Full()


def test_what_a_response_tells_replaces_what_contradicts_it(store: Store) -> None:
    """The machine's clock has been set meanwhile."""
    exchange = time.time()
    tell(store, exchange + HOUR)
    tell(store, exchange)
    verdict = reserve(store, exchange)
    assert isinstance(verdict, WrongTime)
    assert verdict.now == pytest.approx(exchange, abs=1)


def test_the_time_of_long_ago_is_known_less_exactly_in_a_file(tmp_path: Path) -> None:
    now = [1_768_910_400.0]
    store = SqliteStore(tmp_path / "budget.db", "test", wall=lambda: now[0])
    tell(store, now[0])
    now[0] += 3000
    assert reserve(store, now[0] - 2.2, latest=now[0] - 1.2) is None


@pytest.mark.parametrize("kind", SERVERS)
def test_the_time_of_long_ago_is_known_less_exactly_in_redis(kind: str, servers: Callable[[str], Server]) -> None:
    now, store = time.time(), RedisStore(servers(kind).url, "drift")
    tell(store, now)
    client = servers(kind).client()
    client.hset("binance-wallet:1:{drift}", "learned_at", repr(now - 3000))
    client.close()
    assert reserve(store, now - 2.2, latest=now - 1.2) is None


def test_the_time_of_an_hour_ago_is_not_taken(tmp_path: Path) -> None:
    now = [1_768_910_400.0]
    store = SqliteStore(tmp_path / "budget.db", "test", wall=lambda: now[0])
    tell(store, now[0] + 5)
    now[0] += HOUR + 1
    assert reserve(store, now[0]) is None
