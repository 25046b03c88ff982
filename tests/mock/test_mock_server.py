"""Starting and stopping, in a process and from the command line."""

import contextlib
import gc
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import httpx2
import pytest
from binance_wallet_mock import MockExchange, command
from mock_wire import BALANCES


def test_it_starts_and_stops_at_once(http):
    with MockExchange():
        pass  # the first one imports the server

    def seconds() -> float:
        begin = time.monotonic()
        with MockExchange() as exchange:
            assert http.get(exchange.base_url + BALANCES).status_code == 401
        return time.monotonic() - begin

    assert min(seconds() for _ in range(5)) < 0.15


def test_responses_are_not_held_back(mock_exchange, get):
    begin = time.monotonic()
    for _ in range(25):
        get(BALANCES)
    # With Nagle's algorithm at work, each would take 40 ms.
    assert time.monotonic() - begin < 0.5


def test_nothing_is_left_of_it():
    before = threading.active_count()
    with MockExchange() as exchange, httpx2.Client(base_url=exchange.base_url, trust_env=False) as client:
        client.get(BALANCES)
    assert threading.active_count() == before
    port = int(exchange.base_url.rpartition(":")[2])
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))
    with MockExchange(port=port) as again:
        assert again.base_url == exchange.base_url


def test_it_closes_connections_that_it_is_just_accepting():
    for _ in range(20):
        with MockExchange() as exchange:
            port = int(exchange.base_url.rpartition(":")[2])
            clients = [socket.create_connection(("127.0.0.1", port)) for _ in range(3)]
        for client in clients:
            client.close()
    gc.collect()  # pytest fails if this finds a connection that is still open


def test_it_stops_while_a_request_waits():
    with MockExchange() as exchange, ThreadPoolExecutor() as pool:
        exchange.delay(60)
        waiting = pool.submit(httpx2.get, exchange.base_url + BALANCES, trust_env=False)
        while exchange.unused_faults:
            time.sleep(0.001)
        begin = time.monotonic()
        exchange.__exit__(None, None, None)
        assert time.monotonic() - begin < 1
        with pytest.raises(httpx2.TransportError):
            waiting.result()


def test_several_run_side_by_side(http):
    with contextlib.ExitStack() as stack:
        exchanges = [stack.enter_context(MockExchange()) for _ in range(10)]
        for exchange in exchanges:
            http.get(exchange.base_url + BALANCES)
        assert len({exchange.base_url for exchange in exchanges}) == 10
        assert all(len(exchange.requests) == 1 for exchange in exchanges)


def test_many_clients_are_served_at_once(mock_exchange, get):
    with ThreadPoolExecutor(16) as pool:
        statuses = list(pool.map(lambda _: get(BALANCES).status_code, range(200)))
    assert statuses == [200] * 200
    assert len(mock_exchange.requests) == 200


def test_it_logs_nothing(mock_exchange, get, caplog):
    get(BALANCES)
    mock_exchange.drop()
    with pytest.raises(httpx2.RemoteProtocolError):
        get(BALANCES)
    assert not [record for record in caplog.records if not record.name.startswith("http")]


@pytest.mark.parametrize("missing", ["starlette", "uvicorn"])
def test_a_missing_extra_is_named(missing, monkeypatch):
    for module in ("starlette.requests", "uvicorn", "binance_wallet_mock.app", "binance_wallet_mock.server"):
        monkeypatch.delitem(sys.modules, module, raising=False)
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(ModuleNotFoundError, match=rf"^{missing}.* is not installed: it comes with the extra 'mock'"):
        MockExchange().__enter__()


def serving(**environment: str) -> subprocess.Popen[str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("BINANCE_")}
    return subprocess.Popen(
        [sys.executable, "-c", "from binance_wallet_mock import serve; serve()"],
        env=inherited | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def read(process: subprocess.Popen[str], lines: int) -> str:
    assert process.stdout is not None
    return "".join(process.stdout.readline() for _ in range(lines))


def test_serving_in_the_foreground_prints_what_a_shell_needs(http):
    with serving() as process:
        printed = read(process, 3)
        exported = dict(re.findall(r"^export (BINANCE_\w+)=(\S+)$", printed, re.MULTILINE))
        response = http.get(
            exported["BINANCE_BASE_URL"] + BALANCES, headers={"X-MBX-APIKEY": exported["BINANCE_API_KEY"]}
        )
        assert response.json()["code"] == -1102
        assert len(exported["BINANCE_API_SECRET"]) == 64
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=10)
        assert errors.rstrip().endswith("KeyboardInterrupt")


@pytest.mark.parametrize("key", ["g" * 64, "short"])
def test_a_key_in_the_environment_is_neither_used_nor_printed(http, key):
    """It may be a real one. The exchange makes one up, and prints the variables as usual."""
    with serving(BINANCE_API_KEY=key, BINANCE_API_SECRET="h" * 64) as process:
        printed = read(process, 3)
        exported = dict(re.findall(r"^export (BINANCE_\w+)=(\S+)$", printed, re.MULTILINE))
        response = http.get(exported["BINANCE_BASE_URL"] + BALANCES, headers={"X-MBX-APIKEY": "g" * 64})
        assert response.json()["code"] == -2008
        process.terminate()
        rest, errors = process.communicate(timeout=10)
    assert set(exported) == {"BINANCE_BASE_URL", "BINANCE_API_KEY", "BINANCE_API_SECRET"}
    assert key not in printed + rest + errors
    assert "hhh" not in printed + rest + errors


def test_serving_in_the_foreground_remembers_no_requests(monkeypatch, http):
    exchanges = []

    def made(**options):
        exchanges.append(MockExchange(**options))
        return exchanges[0]

    def until_interrupted():
        assert http.get(exchanges[0].base_url + BALANCES).status_code == 401

    monkeypatch.setattr(command, "MockExchange", made)
    monkeypatch.setattr(command, "threading", SimpleNamespace(Event=lambda: SimpleNamespace(wait=until_interrupted)))
    command.serve(minute=2.0)

    assert not exchanges[0].requests
