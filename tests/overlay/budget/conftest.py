"""The three stores, on real files and servers."""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from pathlib import Path

import pytest
from binance_wallet.budget.memory import MemoryStore
from binance_wallet.budget.operations import Store
from binance_wallet.budget.redis import RedisStore
from binance_wallet.budget.sqlite import SqliteStore

from .servers import Server, server

_numbers = count()


@pytest.fixture(scope="session")
def servers() -> Iterator[Callable[[str], Server]]:
    """Servers that run until the tests are over, by kind."""
    started: dict[str, Server] = {}

    def get(kind: str) -> Server:
        if kind not in started:
            new = server(kind)
            new.start()
            started[kind] = new
        return started[kind]

    yield get
    for each in started.values():
        each.stop()


@pytest.fixture(params=["sqlite", "redis", "valkey"])
def url(request: pytest.FixtureRequest, tmp_path: Path, servers: Callable[[str], Server]) -> str:
    """Of an empty store that processes share."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/budget.db"
    return f"{servers(request.param).url}?address=test-{next(_numbers)}"


@pytest.fixture(params=["memory", "sqlite", "redis", "valkey"])
def new_address(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    servers: Callable[[str], Server],
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[[], Callable[[], Store]]:
    """Makes a new IP address each time: a function that makes a store for it, as each process has one of its own.

    This machine may hold up the stores for longer than is good for a call.
    """
    monkeypatch.setattr(RedisStore, "max_timeout", 20.0)
    if request.param == "memory":

        def in_memory() -> Callable[[], Store]:
            store = MemoryStore()
            return lambda: store

        return in_memory
    if request.param == "sqlite":
        return lambda: partial(SqliteStore, tmp_path / "budget.db", f"test {next(_numbers)}")
    redis_url = servers(request.param).url
    return lambda: partial(RedisStore, redis_url, f"test {next(_numbers)}")


@pytest.fixture
def new_store(new_address: Callable[[], Callable[[], Store]]) -> Callable[[], Store]:
    """Makes empty stores of one kind."""

    def make() -> Store:
        process = new_address()
        return process()

    return make
