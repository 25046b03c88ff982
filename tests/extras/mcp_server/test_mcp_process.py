"""The server as a process: how it starts and ends, and what it writes where."""

import json
import os
import signal
import subprocess
from threading import Event, Timer

import pytest
from assistants import COMMAND
from binance_wallet_mock import MockExchange
from command import output
from terminal import on_terminal

SECONDS = 30  # that a slow machine may take


@pytest.fixture(scope="module")
def small_exchange():
    with MockExchange(assets=5) as small_exchange:
        yield small_exchange


class Raw:
    """A server, spoken to line by line."""

    def __init__(self, process):
        self.process = process

    def write(self, *lines):
        for line in lines:
            self.process.stdin.write(line if isinstance(line, bytes) else json.dumps(line).encode())
            self.process.stdin.write(b"\n")
        self.process.stdin.flush()

    def read(self):
        return json.loads(self.process.stdout.readline())

    def initialize(self):
        self.write(request(0, "initialize", **HELLO), {"jsonrpc": "2.0", "method": "notifications/initialized"})
        return self.read()["result"]

    def end(self):
        """The exit code, what is left on standard output, and standard error."""
        stdout, stderr = self.process.communicate(timeout=SECONDS)
        return self.process.returncode, stdout, stderr.decode()


HELLO = {
    "protocolVersion": "2025-06-18",
    "capabilities": {},
    "clientInfo": {"name": "test", "version": "1"},
}


def request(number, method, **params):
    return {"jsonrpc": "2.0", "id": number, "method": method, "params": params}


def call(number, tool, **arguments):
    return request(number, "tools/call", name=tool, arguments=arguments)


@pytest.fixture
def start_server(environment_of, small_exchange, tmp_path):
    """Start a server; each of its standard streams is a pipe."""
    small_exchange.reset()
    started = []

    def start_server(*args, shell=None, stdin=subprocess.PIPE, **variables):
        line = [COMMAND, "mcp", *args] if shell is None else ["sh", "-c", f"exec {COMMAND} mcp {shell}"]
        environment = {"PATH": os.environ["PATH"], **environment_of(small_exchange, tmp_path, **variables)}
        pipe = subprocess.PIPE
        started.append(subprocess.Popen(line, env=environment, stdin=stdin, stdout=pipe, stderr=pipe))
        return Raw(started[-1])

    yield start_server
    for process in started:
        process.kill()
        process.communicate()


def test_it_ends_when_its_input_ends_also_in_the_middle_of_a_call(start_server, small_exchange):
    server = start_server()
    assert server.initialize()["serverInfo"]["name"] == "binance-wallet"
    asked, answered = Event(), Event()
    small_exchange.edit(lambda body: (asked.set(), answered.wait(SECONDS), body)[-1])
    server.write(call(1, "balances"))
    assert asked.wait(SECONDS)
    server.process.stdin.close()
    server.process.stdin = None
    code, stdout, stderr = server.end()
    answered.set()
    assert (code, stderr) == (0, "")
    assert all(json.loads(line)["jsonrpc"] == "2.0" for line in stdout.splitlines())


def test_what_the_library_says_is_said_once(start_server):
    server = start_server(BINANCE_BUDGET="redis://127.0.0.1:1")
    server.initialize()
    server.write(call(1, "balances"))
    server.read()
    assert server.end()[2].count("counted in this process only") == 1


def test_its_output_is_the_protocol_only_whatever_comes_in_and_a_secret_is_nowhere(start_server, small_exchange):
    server = start_server()
    server.initialize()
    small_exchange.fail(401, -2015, "Invalid API-key, IP, or permissions for action.")
    small_exchange.fail(500, body="<html>\x1b[2J Bad gateway", times=4)
    small_exchange.fail(200, body="[{}]")
    server.write(b"no json", b'{"jsonrpc": "2.0"}', b"\xff\xfe", b"[]", call(1, "balances"))
    replies = [server.read()]
    while replies[-1].get("id") != 1:
        replies.append(server.read())
    for number in (2, 3, 4):
        server.write(call(number, "balances"))
        replies.append(server.read())
    failures = [reply["result"] for reply in replies if reply.get("id") in {1, 2, 3}]
    assert [failure["isError"] for failure in failures] == [True] * 3
    assert [json.loads(failure["content"][1]["text"])["error"] for failure in failures] == [
        "AuthenticationError",
        "ServerError",
        "InvalidResponseError",
    ]
    assert "in the API management, check all three" in failures[0]["content"][0]["text"]
    assert replies[-1]["result"]["structuredContent"]["total"]
    server.process.stdin.close()
    server.process.stdin = None
    code, stdout, stderr = server.end()
    assert (code, stdout) == (0, b"")
    everything = json.dumps(replies) + stderr
    assert "Traceback" not in everything
    assert "\x1b" not in everything
    assert small_exchange.api_secret not in everything
    assert small_exchange.api_key not in everything
    assert "signature" not in everything


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_at_once_though_its_input_is_open(start_server, number):
    server = start_server()
    server.initialize()
    server.process.send_signal(number)
    assert server.process.wait(timeout=SECONDS) == -number
    assert server.end() == (-number, b"", "")


def test_it_ends_without_a_word_when_the_assistant_has_gone(start_server):
    server = start_server()
    server.process.stdout.close()
    server.process.stdout = None
    server.write(request(0, "initialize", **HELLO))
    server.process.stdin.close()
    server.process.stdin = None
    _, stderr = server.process.communicate(timeout=SECONDS)
    assert (server.process.returncode, stderr) == (0, b"")


@pytest.mark.parametrize(("shell", "name"), [("<&-", "standard input"), (">&-", "standard output")])
def test_it_does_not_start_with_a_closed_stream(start_server, shell, name):
    code, _, stderr = start_server(shell=shell).end()
    assert (code, stderr) == (1, f"binance-wallet: {name}: closed\n")


def test_without_a_key_it_says_so_at_once(environment_of, small_exchange, tmp_path):
    code, stdout, stderr = output(["mcp"], environment_of(small_exchange, tmp_path, BINANCE_API_KEY=""), str(tmp_path))
    assert (code, stdout) == (2, b"")
    assert (
        stderr
        == b"binance-wallet: there is no API key: keep one with binance-wallet keys add NAME, or set BINANCE_API_KEY\n"
    )


def test_an_account_that_there_is_not_is_told_at_once(environment_of, small_exchange, tmp_path):
    code, stdout, stderr = output(
        ["mcp", "--account", "nobody"], environment_of(small_exchange, tmp_path), str(tmp_path)
    )
    assert (code, stdout) == (2, b"")
    assert stderr.startswith(b"binance-wallet: there is no account 'nobody'")
    assert stderr.count(b"\n") == 1


def test_on_a_terminal_it_says_who_starts_it(start_server):
    def run(terminal):
        server = start_server(stdin=terminal)
        ending = Timer(SECONDS, server.process.terminate)  # if it says nothing
        ending.start()
        said.append(server.process.stderr.readline())
        ending.cancel()
        server.process.terminate()
        return server.process.wait(timeout=SECONDS)

    said = []
    code, _ = on_terminal(run, 80)
    assert code == -signal.SIGTERM
    assert said == [b"binance-wallet: an assistant starts this command by itself; Ctrl-C stops it\n"]
