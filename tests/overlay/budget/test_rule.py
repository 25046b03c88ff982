"""One rule for all stores: each is compared with a model."""

import os
import time
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import accumulate
from math import inf

import anyio
import pytest
from binance_wallet.budget import Blocked, Operation, Release, Reserve
from binance_wallet.budget.memory import MemoryStore
from binance_wallet.budget.operations import Block, Confirm, Full, Read, Store, Verdict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

START = 1_768_910_400.0  # a minute of the exchange starts here
MINUTE = int(START // 60)
PATHS = ("/sapi/v1/accountSnapshot", "/sapi/v1/asset/wallet/balance")
LIMIT = 12_000
FOUR_DAYS = 4 * 86400
EXAMPLES = 1500 if os.environ.get("FUZZ") else 60


def perform(store: Store, operation: Operation) -> Verdict:
    return store.perform(operation, time.monotonic() + 60)


def reserve(weight: int = 2400, minutes: tuple[int, ...] = (MINUTE,), path: str = PATHS[0]) -> Reserve:
    return Reserve(path, weight, LIMIT, minutes, START, START + 1)


def read(*minutes: int) -> Read:
    return Read(minutes, START, START + 1)


def reported(path: str, used: int) -> Confirm:
    """What the exchange reports of this minute."""
    return Confirm(path, 0, (MINUTE,), MINUTE, used)


def expected(operations: list[Operation]) -> tuple[list[Verdict], dict[tuple[str, int], int]]:  # noqa: C901, PLR0912 - a case each
    """The verdict on each operation and what is used at the end, by the words of the documentation."""
    used: dict[tuple[str, int], int] = defaultdict(int)
    counted: dict[tuple[str, int], int] = defaultdict(int)
    until, ban, verdicts = 0.0, False, []
    for operation in operations:
        verdict: Verdict = None
        match operation:
            case Reserve(path, weight, limit, minutes, now):
                if now < until <= now + FOUR_DAYS:
                    verdict = Blocked(until, ban)
                elif limit is not None and max(used[path, minute] for minute in minutes) + weight > limit:
                    verdict = Full()
                else:
                    for minute in minutes:
                        used[path, minute] += weight
            case Release(path, weight, minutes):
                for minute in minutes:
                    used[path, minute] = max(used[path, minute] - weight, counted[path, minute])
            case Confirm(path, weight, minutes, arrived, report):
                if arrived not in minutes:
                    used[path, arrived] += weight
                if report is not None:
                    for minute in {*minutes} - {arrived}:
                        used[path, minute] = max(used[path, minute] - weight, counted[path, minute])
                    counted[path, arrived] = max(counted[path, arrived], report)
                    used[path, arrived] = max(used[path, arrived], report)
            case Block(new_until, new_ban, now):
                runs = now < until <= now + FOUR_DAYS
                if not runs:
                    until, ban = new_until, new_ban
                else:
                    until, ban = max(until, new_until), ban or new_ban
        verdicts.append(verdict)
    return verdicts, used


paths, weights = st.sampled_from(PATHS), st.sampled_from([60, 2400, 5000])
infinite = st.just(-inf), st.just(inf)
minutes = st.sampled_from([(MINUTE,), (MINUTE, MINUTE + 1), (MINUTE + 1,), (MINUTE + 60,)])
counting = (
    st.builds(Reserve, paths, weights, st.sampled_from([LIMIT, 7200, None]), minutes, st.just(0), st.just(START + 200))
    | st.builds(Release, paths, weights, minutes)
    | st.builds(
        Confirm,
        paths,
        weights,
        minutes,
        st.sampled_from([MINUTE, MINUTE + 1]),
        st.none() | st.integers(0, 13_000),
        *infinite,
    )
)
blocks = st.builds(Block, st.sampled_from([1, 30, 120, FOUR_DAYS, FOUR_DAYS + 1]), st.booleans(), st.just(0))
# Once there is a block, hardly anything is counted: so half of them have none.
operations = st.lists(counting, max_size=25) | st.lists(counting | blocks, max_size=25)
pauses = st.lists(st.sampled_from([0, 0.25, 1, 20, 120]), min_size=25, max_size=25)  # no store rounds these


def in_time(operations: list[Operation], pauses: list[float]) -> list[Operation]:
    """The operations one after the other; a block is until so many seconds later."""
    times = accumulate(pauses, initial=START)
    return [
        operation._replace(earliest=now)
        if isinstance(operation, Reserve)
        else operation._replace(until=now + operation.until, now=now)
        if isinstance(operation, Block)
        else operation
        for operation, now in zip(operations, times, strict=False)
    ]


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(operations, pauses)
def test_every_store_decides_as_the_model_does(
    new_store: Callable[[], Store], operations: list[Operation], pauses: list[float]
) -> None:
    store, operations = new_store(), in_time(operations, pauses)
    verdicts, used = expected(operations)
    assert [perform(store, operation) for operation in operations] == verdicts
    assert {(path, minute): store.used(minute).get(path, 0) for path, minute in used} == used


@settings(max_examples=EXAMPLES // 2, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(operations, pauses)
def test_processes_that_do_one_thing_each_decide_as_the_model_does(
    new_address: Callable[[], Callable[[], Store]], operations: list[Operation], pauses: list[float]
) -> None:
    """Each process knows only what the store holds."""
    process, operations = new_address(), in_time(operations, pauses)
    verdicts, _ = expected(operations)
    assert [perform(process(), operation) for operation in operations] == verdicts


def test_what_is_released_can_be_reserved_again(new_store: Callable[[], Store]) -> None:
    store = new_store()
    verdicts = [perform(store, reserve()) for _ in range(6)]
    assert verdicts == [None] * 5 + [Full()]
    perform(store, Release(PATHS[0], 2400, (MINUTE,)))
    assert [perform(store, reserve()) for _ in range(2)] == [None, Full()]


def test_a_ban_of_three_days_holds_by_a_clock_that_lags_and_with_minutes_added(new_store: Callable[[], Store]) -> None:
    store, until = new_store(), START + 3 * 86400 + 180
    perform(store, Block(until, True, START))
    assert perform(store, reserve()._replace(earliest=START - 60)) == Blocked(until, True)


def test_a_block_longer_than_any_ban_came_from_a_wrong_clock(new_store: Callable[[], Store]) -> None:
    store = new_store()
    perform(store, Block(START + FOUR_DAYS + 60, True, START))
    assert perform(store, reserve()) is None


def test_a_ban_that_ends_before_a_pause_is_known_as_a_ban(new_address: Callable[[], Callable[[], Store]]) -> None:
    process = new_address()
    perform(process(), Block(START + 300, False, START))
    perform(process(), Block(START + 120, True, START))
    perform(process(), Block(START + 180, False, START))
    assert perform(process(), reserve()) == Blocked(START + 300, True)


def test_what_the_exchange_has_reported_cannot_be_released(new_address: Callable[[], Callable[[], Store]]) -> None:
    process = new_address()
    perform(process(), reserve())
    perform(process(), reported(PATHS[0], LIMIT))
    perform(process(), Release(PATHS[0], 2400, (MINUTE,)))
    assert perform(process(), reserve(60)) == Full()


def test_a_store_tells_what_is_used_by_endpoint(new_store: Callable[[], Store]) -> None:
    store = new_store()
    perform(store, reserve())
    perform(store, reserve(60, path=PATHS[1]))
    perform(store, reported(PATHS[1], 300))
    assert store.used(MINUTE) == {PATHS[0]: 2400, PATHS[1]: 300}
    assert store.used(MINUTE + 1) == {PATHS[0]: 0, PATHS[1]: 0}


def test_a_process_can_learn_what_the_others_have_used(new_address: Callable[[], Callable[[], Store]]) -> None:
    process = new_address()
    perform(process(), reserve())
    perform(process(), reserve(60, path=PATHS[1]))
    perform(process(), reported(PATHS[1], 300))
    new = process()
    assert perform(new, read(MINUTE, MINUTE + 1)) is None
    assert {path: new.used(MINUTE)[path] for path in PATHS} == {PATHS[0]: 2400, PATHS[1]: 300}
    assert {*new.used(MINUTE + 1).values()} <= {0}


def test_a_process_that_reads_learns_of_a_block_and_of_what_is_used(
    new_address: Callable[[], Callable[[], Store]],
) -> None:
    process = new_address()
    perform(process(), reserve())
    perform(process(), Block(START + 300, True, START))
    new = process()
    assert perform(new, read(MINUTE)) == Blocked(START + 300, True)
    assert new.used(MINUTE)[PATHS[0]] == 2400


def test_to_read_changes_nothing(new_store: Callable[[], Store]) -> None:
    store = new_store()
    perform(store, reserve(LIMIT - 60))
    assert [perform(store, read(MINUTE)) for _ in range(3)] == [None] * 3
    assert perform(store, reserve(60)) is None
    assert perform(store, reserve(60)) == Full()


def test_a_hundred_threads_take_no_more_than_there_is(new_store: Callable[[], Store]) -> None:
    store = new_store()
    with ThreadPoolExecutor(100) as pool:
        verdicts = [*pool.map(lambda _: perform(store, reserve(60)), range(300))]
    assert verdicts.count(None) == 200
    assert verdicts.count(Full()) == 100


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_tasks_take_no_more_than_there_is(new_store: Callable[[], Store], backend: str) -> None:
    store, verdicts = new_store(), []

    async def task() -> None:
        verdicts.extend([await store.aperform(reserve(60), time.monotonic() + 60) for _ in range(10)])

    async def main() -> None:
        async with anyio.create_task_group() as group:
            for _ in range(30):
                group.start_soon(task)

    anyio.run(main, backend=backend)
    assert verdicts.count(None) == 200


def test_the_minutes_of_a_wrong_clock_do_not_push_out_those_of_a_right_one(new_store: Callable[[], Store]) -> None:
    store = new_store()
    perform(store, reserve(LIMIT))
    perform(store, reserve(minutes=(MINUTE + 60, MINUTE + 61)))
    assert perform(store, reserve()) == Full()


def test_counts_do_not_pile_up() -> None:
    store = MemoryStore()
    for minute in range(MINUTE, MINUTE + 1000):
        perform(store, reserve(minutes=(minute, minute + 1)))
    assert len(store.state.usage[PATHS[0]]) < 10
