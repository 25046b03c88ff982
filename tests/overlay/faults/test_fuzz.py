"""Whatever bytes come back, a right value or an error of ours comes out. `FUZZ=1` tries much harder."""

import asyncio
import json
import os
import pickle
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import httpx2
import pytest
from binance_wallet import AsyncWalletClient, SpotSnapshot, WalletBalance, WalletClient, WalletError
from binance_wallet.budget import forget_budgets
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from .bodies import BALANCES, FUTURES, MARGIN, SPOT, encoded
from .conftest import API_KEY, API_SECRET

HARD = "FUZZ" in os.environ
fuzz = settings(max_examples=10_000 if HARD else 50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
pytestmark = pytest.mark.timeout(0 if HARD else 60)


class Body(httpx2.SyncByteStream, httpx2.AsyncByteStream):
    """A body as it arrives, which httpx2 decodes only when it is read."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def __iter__(self) -> Iterator[bytes]:
        yield self.data

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self.data


def outcomes(handler: Callable[[httpx2.Request], httpx2.Response]) -> list[object]:
    """What comes of both calls with both clients."""
    options: dict[str, Any] = {"base_url": "https://exchange.test", "retries": 0, "weight_limit": None}
    calls = [lambda wallet: wallet.balances(), lambda wallet: wallet.snapshots("SPOT")]

    def sync(call: Callable[[Any], object]) -> object:
        with WalletClient(API_KEY, API_SECRET, transport=httpx2.MockTransport(handler), **options) as wallet:
            return call(wallet)

    async def async_(call: Callable[[Any], Any]) -> object:
        async with AsyncWalletClient(API_KEY, API_SECRET, transport=httpx2.MockTransport(handler), **options) as wallet:
            return await call(wallet)

    return [outcome(run, call) for call in calls for run in (sync, lambda call: asyncio.run(async_(call)))]


def outcome(run: Callable[[Callable], object], call: Callable) -> object:
    try:
        return run(call)
    except WalletError as error:
        return error


def assert_sound(result: object) -> None:
    """An error that can be shown and stored, or records of which every value is what it should be."""
    if isinstance(result, WalletError):
        assert str(pickle.loads(pickle.dumps(result))) == str(result)
        return
    assert isinstance(result, list)
    for record in result:
        match record:
            case WalletBalance(activate=bool(), balance=Decimal() as balance, wallet_name=str()):
                assert balance.is_finite()
            case SpotSnapshot():
                assert record.update_time.tzinfo is not None
                assert all(amount.is_finite() for held in record.data.balances for amount in (held.free, held.locked))
            case _:
                pytest.fail(f"{record!r} is no record")


def check_response(status: int, headers: dict[str, bytes], body: bytes) -> None:
    for result in outcomes(lambda _: httpx2.Response(status, headers=headers, stream=Body(body))):
        assert_sound(result)


numbers = st.integers(0, 10**30).map(str) | st.integers(1, 5000).map(lambda digits: "9" * digits)
dates = st.sampled_from(
    ["Tue, 20 Jan 2026 12:00:10 GMT", "Fri, 31 Dec 9999 23:59:59 GMT", "Mon, 01 Jan 0001 00:00 -2359"]
)
values = (numbers | dates | st.text(st.characters(max_codepoint=255))).map(lambda value: value.encode("latin-1"))
headers = st.dictionaries(
    st.sampled_from(["Date", "Retry-After", "X-SAPI-USED-IP-WEIGHT-1M", "Location", "Content-Type"]), values
)
statuses = st.integers(200, 599) | st.integers(100, 999)
codings = st.sampled_from(["identity", "gzip", "deflate", "gzip, deflate", "br", "zstd", "own", ""])

amounts = st.decimals().map(str) | st.from_regex(r"\A[-+]?[0-9_]{0,40}\.?[0-9]{0,40}([eE][-+]?[0-9]{1,8})?\Z")
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | amounts
documents = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=10)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A right response in which one thing after another went wrong."""
    document = json.loads(encoded(draw(st.sampled_from([BALANCES, SPOT, MARGIN, FUTURES]))))
    for _ in range(draw(st.integers(1, 3))):
        mutate(document, draw)
    body = json.dumps(document).encode("utf-8", "surrogatepass")
    if draw(st.booleans()):
        start = draw(st.integers(0, len(body)))
        body = body[:start] + draw(st.binary(max_size=4)) + body[start + draw(st.integers(0, 4)) :]
    return body


def mutate(node: Any, draw: st.DrawFn) -> None:
    """Somewhere below this list or object, replace, remove or repeat a value."""
    keys = [*node] if isinstance(node, dict) else [*range(len(node))]
    if not keys:
        return
    key = draw(st.sampled_from(keys))
    if isinstance(node[key], dict | list) and draw(st.integers(0, 3)):
        mutate(node[key], draw)
    elif draw(st.booleans()):
        node[key] = draw(amounts | documents)
    elif isinstance(node, dict):
        node[draw(st.text() | st.sampled_from(keys))] = node.pop(key)
    else:
        node[key:key] = draw(st.sampled_from([[], [node[key]], [None]]))


@fuzz
@given(statuses, headers, st.binary() | st.text().map(lambda text: text.encode("utf-8", "surrogatepass")))
@example(
    429, {"Retry-After": b"0\x1f"}, b""
)  # a character that str.strip() takes for white space, and float() does not
def test_any_bytes_under_any_status(status: int, headers: dict[str, bytes], body: bytes) -> None:
    check_response(status, headers, body)


@fuzz
@given(statuses, documents)
def test_any_json_under_any_status(status: int, document: object) -> None:
    check_response(status, {}, json.dumps(document).encode())


@fuzz
@given(st.sampled_from([200, 400, 401, 418, 429, 503]), st.integers(), st.none() | st.text(), headers)
def test_any_error_body(status: int, code: int, msg: str | None, headers: dict[str, bytes]) -> None:
    check_response(status, headers, json.dumps({"code": code, "msg": msg}).encode())


@fuzz
@given(mutated())
def test_right_responses_gone_wrong(body: bytes) -> None:
    check_response(200, {}, body)


@fuzz
@given(codings, st.binary())
def test_any_bytes_in_any_encoding(coding: str, body: bytes) -> None:
    check_response(200, {"Content-Encoding": coding.encode()}, body)


heads = st.sampled_from(
    [
        b"",
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n",
        b"HTTP/1.1 503 Busy\r\nRetry-After: ",
        b"HTTP/1.1 103 Early Hints\r\n\r\n",
        b"HTTP/1.1 ",
    ]
)


@fuzz
@given(heads, st.lists(st.binary() | heads | st.sampled_from([b"[]", b"\r\n", b"2\r\n[]\r\n0\r\n\r\n"])))
def test_any_bytes_in_place_of_http(head: bytes, pieces: list[bytes]) -> None:
    forget_budgets()  # an earlier example may have blocked the address
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        wallet = WalletClient(API_KEY, API_SECRET, base_url=address, retries=0, weight_limit=None)
        with wallet, ThreadPoolExecutor(1) as pool:
            result = pool.submit(outcome, lambda call: call(wallet), lambda wallet: wallet.balances())
            exchange, _ = listener.accept()
            with exchange:
                exchange.recv(64 * 1024)
                exchange.sendall(head + b"".join(pieces))
                exchange.shutdown(socket.SHUT_WR)
                assert_sound(result.result())
