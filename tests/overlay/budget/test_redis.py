"""Redis and Valkey: what is kept there, and what becomes of calls when the server fails."""

import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NoReturn

import anyio
import anyio.lowlevel
import anyio.to_thread
import pytest
import redis
from binance_wallet.budget import Blocked
from binance_wallet.budget.operations import Block, Confirm, Full, Read
from binance_wallet.budget.redis import RedisStore
from binance_wallet.budget.urls import budget_at
from certificates import make_certificate

from .servers import Server, server
from .stores import EVERYTHING, MINUTE, NOW, PATH, assert_counts_alone, reserve, warnings


@pytest.fixture
def own_server() -> Iterator[Server]:
    """A server that this test may stop. The rule is tested with Valkey, too, in test_rule.py and test_time.py."""
    own = server("redis")
    own.start()
    yield own
    own.stop()


@pytest.fixture
def silent_port() -> Iterator[int]:
    """Something that takes connections, and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


def test_all_keys_have_the_prefix_and_an_expiry(own_server: Server) -> None:
    store = RedisStore(own_server.url, "gateway-a")
    reserve(store)
    store.perform(Confirm(PATH, 0, (MINUTE,), MINUTE, 60, NOW, NOW + 1), time.monotonic() + 60)
    store.perform(Block(NOW + 60, ban=True, now=NOW), time.monotonic() + 60)
    client = own_server.client()
    keys = client.keys()
    assert sorted(keys) == [
        "binance-wallet:1:{gateway-a}",
        f"binance-wallet:1:{{gateway-a}}:{MINUTE}",
    ]
    of_address, of_minute = map(client.ttl, sorted(keys))
    assert 3 * 86400 < of_address < 5 * 86400  # the longest ban
    assert 170 < of_minute < 600  # until its minute is over, whatever the clocks
    client.close()


def test_two_addresses_in_one_redis_do_not_count_together(own_server: Server) -> None:
    reserve(RedisStore(own_server.url, "gateway-a"))
    assert reserve(RedisStore(own_server.url, "gateway-b")) is None
    assert reserve(RedisStore(own_server.url, "gateway-b")) == Full()


def test_a_server_that_has_forgotten_the_script_gets_it_again(own_server: Server) -> None:
    store = RedisStore(own_server.url, "test")
    reserve(store, weight=6000)
    client = own_server.client()
    client.script_flush()
    client.close()
    assert reserve(store, weight=6000) is None
    assert reserve(store, weight=6000) == Full()


def test_a_server_that_is_gone(own_server: Server, caplog: pytest.LogCaptureFixture) -> None:
    own_server.stop()
    assert_counts_alone(RedisStore(own_server.url, "test"), caplog, "Connection refused")
    own_server.start()


def test_a_process_that_counts_alone_begins_with_what_it_knew(own_server: Server) -> None:
    store = RedisStore(own_server.url, "test")
    reserve(RedisStore(own_server.url, "test"), weight=6000)  # another process
    reserve(store, weight=3000)
    own_server.stop()
    assert reserve(store, weight=6000) == Full()
    assert reserve(store, weight=3000) is None
    own_server.start()


def test_what_is_known_of_this_minute_outlasts_a_late_response_from_the_last_one(own_server: Server) -> None:
    store = RedisStore(own_server.url, "test")
    reserve(store)
    store.perform(Confirm(PATH, 0, (MINUTE - 1,), MINUTE - 1, 60), time.monotonic() + 60)
    own_server.stop()
    assert reserve(store) == Full()
    own_server.start()


def test_a_server_that_is_back_is_used_again(own_server: Server, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "binance_wallet")
    store = RedisStore(own_server.url, "test")
    own_server.stop()
    reserve(store, weight=60)
    own_server.start()
    time.sleep(1.1)
    assert reserve(store) is None
    assert reserve(RedisStore(own_server.url, "test")) == Full()
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]


def test_a_server_that_was_restarted_learns_anew_what_a_process_knows_from_the_exchange(own_server: Server) -> None:
    store = RedisStore(own_server.url, "test")
    store.perform(Confirm(PATH, 0, (MINUTE,), MINUTE, 12_000), time.monotonic() + 60)
    own_server.stop()
    own_server.start()
    assert reserve(store) == Full()
    assert reserve(RedisStore(own_server.url, "test"), weight=60) == Full()


def test_a_server_that_was_restarted_learns_anew_of_a_ban(own_server: Server) -> None:
    store = RedisStore(own_server.url, "test")
    store.perform(Block(NOW + 600, ban=True, now=NOW), time.monotonic() + 60)
    assert reserve(store) == Blocked(NOW + 600, ban=True)
    own_server.stop()
    own_server.start()
    assert reserve(store) == Blocked(NOW + 600, ban=True)
    assert reserve(RedisStore(own_server.url, "test")) == Blocked(NOW + 600, ban=True)


def test_a_server_that_was_restarted_learns_anew_of_a_ban_from_a_process_that_reads(own_server: Server) -> None:
    store, read = RedisStore(own_server.url, "test"), Read((MINUTE,), NOW, NOW + 1)
    store.perform(Block(NOW + 600, ban=True, now=NOW), time.monotonic() + 60)
    own_server.stop()
    own_server.start()
    assert store.perform(read, time.monotonic() + 60) == Blocked(NOW + 600, ban=True)
    assert reserve(RedisStore(own_server.url, "test")) == Blocked(NOW + 600, ban=True)


def test_a_ban_of_this_process_is_kept_while_the_server_is_gone(own_server: Server) -> None:
    store = RedisStore(own_server.url, "test")
    store.perform(Block(NOW + 600, ban=True, now=NOW), time.monotonic() + 60)
    own_server.stop()
    assert reserve(store) == Blocked(NOW + 600, ban=True)
    own_server.start()


def test_a_server_that_does_not_respond_holds_up_one_call_only(
    silent_port: int, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RedisStore, "max_timeout", 0.5)
    began = time.monotonic()
    assert_counts_alone(RedisStore(f"redis://127.0.0.1:{silent_port}", "test"), caplog, "no response in time")
    assert time.monotonic() - began < 0.9


@pytest.mark.parametrize("seconds", [0.05, 0.3, 1.0])
def test_the_deadline_of_a_call_ends_the_wait_for_a_server(silent_port: int, seconds: float) -> None:
    store = RedisStore(f"redis://127.0.0.1:{silent_port}", "test")
    began = time.monotonic()
    assert reserve(store, seconds) is None
    assert time.monotonic() - began < seconds + 0.1


@pytest.fixture
def pause(own_server: Server) -> Iterator[Callable[[int], None]]:
    """Holds up all commands for so many milliseconds."""
    client = own_server.client()
    yield client.client_pause
    client.close()


def test_the_deadline_of_a_call_ends_the_wait_for_a_server_that_has_become_slow(
    own_server: Server, pause: Callable[[int], None]
) -> None:
    store = RedisStore(own_server.url, "test")
    reserve(store)
    pause(2000)
    began = time.monotonic()
    assert reserve(store, 0.3) == Full()
    assert time.monotonic() - began < 1.0


def test_a_call_with_a_far_deadline_does_not_wait_for_long(
    own_server: Server, pause: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RedisStore, "max_timeout", 0.2)
    store = RedisStore(own_server.url, "test")
    reserve(store)
    pause(2000)
    began = time.monotonic()
    assert reserve(store) == Full()
    assert time.monotonic() - began < 1.0


def test_the_deadline_of_a_call_ends_the_wait_for_the_servers_name(monkeypatch: pytest.MonkeyPatch) -> None:
    end = threading.Event()

    def resolve(*_: object, **__: object) -> NoReturn:
        end.wait(10)
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    began = time.monotonic()
    assert reserve(RedisStore("redis://redis.test", "test"), 0.3) is None
    end.set()
    assert time.monotonic() - began < 0.5


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_the_deadline_of_an_async_call_ends_the_wait_for_a_server(silent_port: int, backend: str) -> None:
    store = RedisStore(f"redis://127.0.0.1:{silent_port}", "test")

    async def main() -> float:
        began = time.monotonic()
        assert await store.aperform(EVERYTHING, began + 0.3) is None
        return time.monotonic() - began

    assert anyio.run(main, backend=backend) < 0.5


@pytest.mark.parametrize("host", ["a..b", "a" * 70])
def test_a_name_that_no_server_can_have(host: str, caplog: pytest.LogCaptureFixture) -> None:
    assert_counts_alone(RedisStore(f"redis://{host}:6379", "test"), caplog, "label")


def test_a_server_without_memory(caplog: pytest.LogCaptureFixture) -> None:
    full = server("redis", maxmemory="1")
    full.start()
    assert_counts_alone(RedisStore(full.url, "test"), caplog, "maxmemory")
    full.stop()


def test_a_wrong_password_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    locked = server("redis", requirepass="swordfish")
    locked.start()
    assert_counts_alone(RedisStore(f"redis://:sturgeon@127.0.0.1:{locked.port}", "test"), caplog, "password")
    assert "sturgeon" not in caplog.text
    assert reserve(RedisStore(f"redis://:swordfish@127.0.0.1:{locked.port}", "test")) is None
    locked.stop()


def test_the_user_the_password_and_the_database_of_the_url_are_used(own_server: Server) -> None:
    admin = own_server.client()
    admin.acl_setuser("alice", enabled=True, passwords=["+sword@fish"], categories=["+@all"], keys=["*"])
    admin.acl_setuser("default", enabled=True, nopass=True, categories=["-@all"])
    store = RedisStore(f"redis://alice:sword%40fish@127.0.0.1:{own_server.port}/3", "test")
    assert reserve(store) is None
    assert store.failure is None
    alice = redis.Redis(port=own_server.port, db=3, username="alice", password="sword@fish")
    assert alice.dbsize() == 1
    alice.close()
    admin.close()


@contextmanager
def one_connection(response: bytes, user: str = "") -> Iterator[str]:
    """The URL of a server that accepts one connection, and has one response to all commands."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def respond() -> None:
            connection, _ = listening.accept()
            with connection, suppress(OSError):
                while received := connection.recv(10_000):
                    connection.sendall((response + b"\r\n") * max(received.count(b"*"), 1))

        threading.Thread(target=respond, daemon=True).start()
        yield f"redis://{user}127.0.0.1:{listening.getsockname()[1]}"


def test_a_password_that_the_server_repeats_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    """A server that does not know a command names its arguments."""
    with one_connection(b"-ERR unknown command 'AUTH', with args beginning with: 'sturgeon'", ":sturgeon@") as url:
        assert_counts_alone(RedisStore(url, "test"), caplog, "beginning with: '[redacted]'")
    assert "sturgeon" not in caplog.text


@pytest.fixture
def tls_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server that takes TLS only, by a certificate that this process trusts."""
    file = str(make_certificate(tmp_path, "localhost", "127.0.0.1"))
    monkeypatch.setenv("SSL_CERT_FILE", file)
    own = server("redis")
    files = {"tls-cert-file": file, "tls-key-file": file, "tls-ca-cert-file": file}
    own.options = {"port": "0", "tls-port": str(own.port), "tls-auth-clients": "no", **files}
    own.start()
    yield own
    own.stop()


def test_a_server_that_takes_tls_only(tls_server: Server) -> None:
    store = RedisStore(f"rediss://localhost:{tls_server.port}", "test")
    assert reserve(store) is None
    assert reserve(store) == Full()
    assert store.failure is None


def test_a_certificate_that_nobody_trusts_is_refused(
    tls_server: Server, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    assert_counts_alone(
        RedisStore(f"rediss://localhost:{tls_server.port}", "test"), caplog, "CERTIFICATE_VERIFY_FAILED"
    )


@pytest.mark.parametrize("has_certificate", [True, False])
def test_a_server_that_asks_clients_for_a_certificate(
    has_certificate: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = str(make_certificate(tmp_path, "localhost", "127.0.0.1"))
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    own = server("redis")
    files = {"tls-cert-file": file, "tls-key-file": file, "tls-ca-cert-file": file}
    own.options = {"port": "0", "tls-port": str(own.port), "tls-auth-clients": "yes", **files}
    own.start()
    shown = f"&ssl_certfile={file}&ssl_keyfile={file}" if has_certificate else ""
    store = budget_at(f"rediss://localhost:{own.port}?ssl_ca_certs={file}{shown}", "host", None).store
    assert store.perform(EVERYTHING, time.monotonic() + 60) is None
    assert isinstance(store, RedisStore)
    assert (store.failure is None) is has_certificate
    own.stop()


def test_a_process_connects_once(own_server: Server) -> None:
    store = RedisStore(own_server.url, "test")
    reserve(store, weight=60)
    client = own_server.client()
    before = client.info("stats")["total_connections_received"]
    for _ in range(3):
        reserve(store, weight=60)
        anyio.run(store.aperform, EVERYTHING, time.monotonic() + 60)
    assert client.info("stats")["total_connections_received"] == before
    client.close()


def test_connections_that_the_server_has_closed_are_replaced(own_server: Server, pause: Callable[[int], None]) -> None:
    store = RedisStore(own_server.url, "test")
    pause(100)
    with ThreadPoolExecutor(3) as pool:  # each with a connection of its own
        assert [*pool.map(lambda _: reserve(store, weight=60), range(3))] == [None] * 3
    client = own_server.client()
    client.client_kill_filter(_type="normal", skipme=True)
    client.close()
    assert [reserve(store, weight=60) for _ in range(3)] == [None] * 3
    assert store.failure is None


def test_after_a_failure_idle_connections_are_closed(
    own_server: Server, pause: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A firewall may have forgotten the others, too."""
    monkeypatch.setattr(RedisStore, "max_timeout", 1.0)
    store = RedisStore(own_server.url, "test")
    pause(100)
    with ThreadPoolExecutor(3) as pool:
        assert [*pool.map(lambda _: reserve(store, weight=60), range(3))] == [None] * 3
    pause(1500)
    reserve(store, weight=60)
    assert store.failure == "Redis: no response in time"
    time.sleep(1.1)
    client = own_server.client()
    assert client.info("clients")["connected_clients"] <= 3  # two of the test, and the one that the late reply came to
    assert reserve(store) == Full()
    assert store.failure is None
    client.close()


def test_two_hundred_threads_may_wait_for_the_server_at_once(
    own_server: Server, pause: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RedisStore, "max_timeout", 20.0)
    store = RedisStore(own_server.url, "test")
    pause(500)
    with ThreadPoolExecutor(200) as pool:
        verdicts = [*pool.map(lambda _: reserve(store, weight=60), range(201))]
    assert store.failure is None
    assert verdicts.count(None) == 200


def test_tasks_share_a_few_connections(own_server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RedisStore, "max_timeout", 20.0)
    store = RedisStore(own_server.url, "test")
    client = own_server.client()
    before = client.info("stats")["total_connections_received"]

    async def main() -> None:
        async with anyio.create_task_group() as group:
            for _ in range(200):
                group.start_soon(store.aperform, EVERYTHING._replace(weight=60), time.monotonic() + 60)

    anyio.run(main)
    assert client.info("stats")["total_connections_received"] <= before + 40
    client.close()
    assert store.failure is None
    assert reserve(store, weight=60) == Full()


def test_worker_threads_that_are_busy_with_something_else_hold_up_no_call(servers: Callable[[str], Server]) -> None:
    store, end = RedisStore(servers("redis").url, "busy"), threading.Event()

    async def main() -> None:
        async with anyio.create_task_group() as group:
            for _ in range(60):  # more than anyio has for all
                group.start_soon(anyio.to_thread.run_sync, end.wait)
            await anyio.lowlevel.checkpoint()
            assert await store.aperform(EVERYTHING, time.monotonic() + 60) is None
            end.set()

    anyio.run(main)
    assert store.failure is None


@pytest.mark.parametrize("is_async", [False, True])
def test_a_process_that_can_start_no_more_threads_counts_alone(
    servers: Callable[[str], Server], monkeypatch: pytest.MonkeyPatch, is_async: bool
) -> None:
    store = RedisStore(servers("redis").url, "threads")

    def refuse(_: threading.Thread) -> NoReturn:
        raise RuntimeError("can't start new thread")

    async def main() -> None:
        monkeypatch.setattr(threading.Thread, "start", refuse)
        deadline = time.monotonic() + 60
        assert (await store.aperform(EVERYTHING, deadline) if is_async else store.perform(EVERYTHING, deadline)) is None
        monkeypatch.undo()

    anyio.run(main)
    assert store.failure == "Redis: can't start new thread"


def test_the_server_gets_the_script_once(own_server: Server) -> None:
    for _ in range(3):
        reserve(RedisStore(own_server.url, "test"), weight=60)
    client = own_server.client()
    statistics = client.info("commandstats")
    client.close()
    assert (statistics["cmdstat_eval"]["calls"], statistics["cmdstat_evalsha"]["calls"]) == (1, 3)


def test_a_script_that_may_have_been_performed_is_not_sent_again() -> None:
    """Its weight would be counted twice."""
    scripts = 0

    def lose_the_response() -> None:
        nonlocal scripts
        with suppress(OSError):
            while True:
                connection, _ = listening.accept()
                with connection:
                    while (received := connection.recv(10_000)) and b"EVALSHA" not in received:
                        connection.sendall(b"+OK\r\n" * received.count(b"*"))
                    scripts += bool(received)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=lose_the_response, daemon=True).start()
        store = RedisStore(f"redis://127.0.0.1:{listening.getsockname()[1]}", "test")
        assert reserve(store) is None  # counted in this process
        assert "Connection closed by server" in str(store.failure)
        assert scripts == 1


def test_each_change_of_a_count_renews_its_expiry(own_server: Server) -> None:
    """Its first change may have come from a clock that is minutes ahead."""
    store = RedisStore(own_server.url, "test")
    reserve(store, weight=60)
    key = f"binance-wallet:1:{{test}}:{MINUTE}"
    client = own_server.client()
    client.expire(key, 10)
    reserve(store, weight=60)
    assert client.ttl(key) > 170
    client.close()


@pytest.mark.parametrize(
    "response", [b"$-1", b":1", b"+OK", b"*0", b"$1\r\n\x90", b"$9\r\n\x94\xa4Done\x00\xc2\x90", b"what?"]
)
def test_a_server_that_is_no_redis(response: bytes, caplog: pytest.LogCaptureFixture) -> None:
    with one_connection(response) as url:
        store = RedisStore(url, "test")
        assert reserve(store) is None
        assert reserve(store) == Full()
    assert len(warnings(caplog)) == 1


def test_a_key_that_holds_something_else(servers: Callable[[str], Server], caplog: pytest.LogCaptureFixture) -> None:
    client = servers("redis").client()
    client.set("binance-wallet:1:{occupied}", "by somebody")
    client.close()
    assert_counts_alone(RedisStore(servers("redis").url, "occupied"), caplog, "WRONGTYPE")


def test_the_child_of_a_fork_shares_the_store_by_a_connection_of_its_own(own_server: Server) -> None:
    store = RedisStore(own_server.url, "test")
    reserve(store, weight=2400)
    client = own_server.client()
    before = client.info("stats")["total_connections_received"]
    child = os.fork()
    if child == 0:
        good = all(reserve(store, weight=2400) is None for _ in range(3))
        os._exit(0 if good else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert client.info("stats")["total_connections_received"] == before + 1
    client.close()
    assert reserve(store, weight=2400) is None
    assert reserve(store, weight=2400) == Full()
