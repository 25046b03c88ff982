"""Whatever a store holds that it cannot hold is a store out of order: calls go on, and one warning says why."""

import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import pytest
from binance_wallet import AsyncWalletClient, WalletClient
from binance_wallet_mock import MockExchange

from .servers import Server
from .stores import warnings

BALANCE = "/sapi/v1/asset/wallet/balance"

ROWS = {
    "nothing": None,
    "a number": 5,
    "no JSON": b"\xff\x00",
    "text": "text",
    "a list": b"[]",
    "an offset beyond all": b'{"offset": 1e308, "learned_at": %d}',
    "an offset below all": b'{"offset": -1e308, "learned_at": %d}',
    "an offset that is text": b'{"offset": "1", "learned_at": %d}',
    "a null": b'{"offset": null}',
    "a block that is text": b'{"until": "tomorrow"}',
    "a negative count": b'{"usage": {"/x": {"1": {"used": -5}}}}',
    "a count beyond all": b'{"usage": {"/x": {"1": {"used": 1%(zeros)s}}}}',
    "a minute that is none": b'{"usage": {"/x": {"soon": {"used": 5}}}}',
}


def assert_calls_go_on(exchange: MockExchange, url: str, caplog: pytest.LogCaptureFixture) -> None:
    credentials = (exchange.api_key, exchange.api_secret)

    async def call() -> None:
        async with AsyncWalletClient(*credentials, base_url=exchange.base_url, budget=url) as wallet:
            assert await wallet.balances()

    with WalletClient(*credentials, base_url=exchange.base_url, budget=url) as wallet:
        assert wallet.balances()
        assert wallet.balances()
        assert wallet.usage[BALANCE].used == 120
        assert abs(wallet.server_time.timestamp() - time.time()) < 5
        anyio.run(call)
    assert len(warnings(caplog)) == 1
    assert "counted in this process only" in warnings(caplog)[0]


@pytest.mark.usefixtures("early_in_the_minute")
@pytest.mark.parametrize("state", ROWS.values(), ids=ROWS)
def test_garbage_in_a_file(
    state: Any, mock_exchange: MockExchange, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    url = f"sqlite:///{tmp_path}/budget.db"
    with WalletClient("k" * 64, "s" * 64, base_url=mock_exchange.base_url, budget=url, retries=0) as wallet:
        wallet.budget.store.perform(wallet.budget.reservation("/x", 1, None), time.monotonic() + 9)
    if isinstance(state, bytes):
        state = state.replace(b"%d", b"%d" % time.time()).replace(b"%(zeros)s", b"0" * 400)
    with sqlite3.connect(tmp_path / "budget.db") as database:
        assert database.execute("UPDATE budget SET state = ?", (state,)).rowcount == 1
    database.close()
    assert_calls_go_on(mock_exchange, url, caplog)


HASHES: dict[str, dict[str, str]] = {
    "an offset beyond all": {"offset": "1e308", "learned_at": "now"},
    "an offset below all": {"offset": "-1e308", "learned_at": "now"},
    "an offset that is no number": {"offset": "nan", "learned_at": "now"},
    "an infinite offset": {"offset": "inf", "learned_at": "now"},
    "words": {"offset": "later", "learned_at": "soon"},
    "an empty text": {"until": ""},
    "a count that is text": {BALANCE: "much"},
    "a count that is half there": {BALANCE: "60 "},
    "a negative count": {BALANCE: "-1e9 0"},
    "a count beyond all": {BALANCE: "1e308 0"},
}


@pytest.mark.usefixtures("early_in_the_minute")
@pytest.mark.parametrize("garbage", [*HASHES.values(), None], ids=[*HASHES, "another type"])
def test_garbage_in_redis(
    garbage: dict[str, str] | None,
    mock_exchange: MockExchange,
    servers: Callable[[str], Server],
    caplog: pytest.LogCaptureFixture,
) -> None:
    server = servers("redis")
    client = server.client()
    name = f"garbage{time.monotonic_ns()}"
    url = f"{server.url}?address={name}"
    address = f"binance-wallet:1:{{{mock_exchange.base_url.removeprefix('http://')} {name}}}"
    minutes = [int(time.time() // 60) + later for later in (0, 1)]
    if garbage is None:
        client.lpush(address, "a list")
    elif BALANCE in garbage:
        for minute in minutes:
            client.hset(f"{address}:{minute}", mapping=garbage)
    else:
        now = str(client.time()[0])
        client.hset(address, mapping={field: now if value == "now" else value for field, value in garbage.items()})
    client.close()
    assert_calls_go_on(mock_exchange, url, caplog)
