"""`wallet.call`: an endpoint that is not in the contract is signed, budgeted, retried and decoded like any other."""

import dataclasses
import hashlib
import hmac
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

import attrs
import msgspec
import pytest
from binance_wallet import ApiError, InvalidRequestError, InvalidResponseError, RateLimitError
from binance_wallet_client.types import Security

from .bodies import encoded, error
from .conftest import API_KEY, API_SECRET, OpenWallet, StartServer, every_transport
from .server import respond

PATH = "/sapi/v1/capital/deposit/hisrec"


class Deposit(msgspec.Struct, rename="camel"):
    amount: Decimal
    insert_time: int


@every_transport
def test_a_call_is_signed_and_sent_with_its_parameters(fault_server: StartServer, open_wallet: OpenWallet) -> None:
    server = fault_server(respond(b"[]"))
    params = {"coin": "币", "limit": 5, "exact": True, "off": None, "least": Decimal("1E-8")}
    open_wallet(server.url).call("get", PATH, params, weight=1)
    [request] = server.requests
    assert (request.line.split()[0], request.path) == (b"GET", PATH)
    assert parse_qsl(request.query)[:4] == [("coin", "币"), ("limit", "5"), ("exact", "true"), ("least", "0.00000001")]
    payload, _, signature = request.query.rpartition("&signature=")
    assert signature == hmac.new(API_SECRET.encode(), payload.encode(), hashlib.sha256).hexdigest()
    assert request.headers["x-mbx-apikey"] == API_KEY


def test_a_response_is_decoded_as_the_type_that_was_asked_for(
    fault_server: StartServer, open_wallet: OpenWallet
) -> None:
    body = b'[{"amount":"0.10","insertTime":7,"new":1}]'
    wallet = open_wallet(fault_server(respond(body)).url)
    assert wallet.call("GET", PATH, weight=1, returns=list[Deposit]) == [Deposit(Decimal("0.10"), 7)]


def test_without_a_type_the_json_comes_with_exact_numbers(fault_server: StartServer, open_wallet: OpenWallet) -> None:
    wallet = open_wallet(fault_server(respond(b'{"a": 0.1, "b": "0.10", "c": [1, null]}')).url)
    assert wallet.call("GET", PATH, weight=1) == {"a": Decimal("0.1"), "b": "0.10", "c": [1, None]}


@pytest.mark.parametrize(
    "body", [b'[{"amount":null,"insertTime":7}]', b'[{"amount":"NaN","insertTime":7}]', b"{}", b"<"]
)
def test_a_response_of_another_type_is_refused(body: bytes, fault_server: StartServer, open_wallet: OpenWallet) -> None:
    with pytest.raises(InvalidResponseError):
        open_wallet(fault_server(respond(body)).url).call("GET", PATH, weight=1, returns=list[Deposit])


def test_an_error_of_the_exchange_is_raised(fault_server: StartServer, open_wallet: OpenWallet) -> None:
    with pytest.raises(ApiError) as caught:
        open_wallet(fault_server(respond(error(-1102), 400)).url).call("GET", PATH, weight=1)
    assert caught.value.code == -1102


def test_a_call_counts_with_its_weight_for_its_path(fault_server: StartServer, open_wallet: OpenWallet) -> None:
    wallet = open_wallet(fault_server(respond()).url, timeout=1)
    wallet.call("GET", PATH, weight=9000)
    assert wallet.usage[PATH].used == 9000
    with pytest.raises(RateLimitError, match="this call was not sent"):
        wallet.call("GET", PATH, weight=9000)


@every_transport
@pytest.mark.parametrize("text", ['["BTC","USDT"]', "{}[]<>|^`~ \\'\"", "%25 %2B + &=?#;/:@$!*(),", "币é\n\t"])
def test_any_text_is_signed_as_it_is_sent(fault_server: StartServer, open_wallet: OpenWallet, text: str) -> None:
    server = fault_server(respond(b"[]"))
    open_wallet(server.url).call("POST", PATH, {"text": text, "list": [text, "b"]}, weight=1, form={"text": text})
    [request] = server.requests
    payload, _, signature = request.query.rpartition("&signature=")
    signed = payload.encode() + request.body
    assert signature == hmac.new(API_SECRET.encode(), signed, hashlib.sha256).hexdigest()
    assert parse_qsl(payload)[:3] == [("text", text), ("list", text), ("list", "b")]
    assert parse_qsl(request.body.decode()) == [("text", text)]


@every_transport
def test_a_form_is_sent_in_the_body_and_signed_behind_the_query(
    fault_server: StartServer, open_wallet: OpenWallet
) -> None:
    server = fault_server(respond(b"{}"))
    at = datetime(2026, 1, 1, tzinfo=UTC)
    open_wallet(server.url).call("POST", PATH, {"coin": "币"}, weight=1, form={"ids": [1, 2], "at": at})
    [request] = server.requests
    payload, _, signature = request.query.rpartition("&signature=")
    assert request.body == b"ids=1&ids=2&at=1767225600000"
    signed = payload.encode() + request.body
    assert signature == hmac.new(API_SECRET.encode(), signed, hashlib.sha256).hexdigest()
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"


@every_transport
@pytest.mark.parametrize(("security", "has_key"), [("none", False), ("key", True)])
def test_what_needs_no_signature_gets_none(
    fault_server: StartServer, open_wallet: OpenWallet, security: Security, has_key: bool
) -> None:
    server = fault_server(respond(b"{}"))
    wallet = open_wallet(server.url, recv_window=3000)
    wallet.call("GET", PATH, weight=1, security=security)
    wallet.call("GET", PATH, {"symbols": ["A", "B"]}, weight=1, security=security)
    assert [request.query for request in server.requests] == ["", "symbols=A&symbols=B"]
    assert {"x-mbx-apikey" in request.headers for request in server.requests} == {has_key}


def test_a_code_of_success_is_no_error_where_it_is_named(fault_server: StartServer, open_wallet: OpenWallet) -> None:
    wallet = open_wallet(fault_server(respond(b'{"code":0,"data":[]}')).url)
    assert wallet.call("GET", PATH, weight=1, success=0) == {"code": 0, "data": []}
    with pytest.raises(ApiError) as raised:
        wallet.call("GET", PATH, weight=1)
    assert raised.value.__notes__ == ["if the code 0 means success, give success=0"]


@pytest.mark.parametrize(("code", "number"), [("100001", 100001), ("-1003", -1003), ("000000", 0)])
def test_a_code_in_quotes_is_an_error_too(
    fault_server: StartServer, open_wallet: OpenWallet, code: str, number: int
) -> None:
    body = encoded({"code": code, "message": "boom", "data": None})
    with pytest.raises(ApiError, match="boom") as caught:
        open_wallet(fault_server(respond(body)).url).call("GET", PATH, weight=1)
    assert (caught.value.code, caught.value.status_code) == (number, 200)


@pytest.mark.parametrize("code", ["000000", "0"])
def test_a_code_of_success_may_be_in_quotes(fault_server: StartServer, open_wallet: OpenWallet, code: str) -> None:
    body = {"code": code, "message": "success", "data": [1]}
    assert open_wallet(fault_server(respond(encoded(body))).url).call("GET", PATH, weight=1, success=0) == body


@pytest.mark.parametrize("code", ["BTC-1", "", None, [1]])
def test_what_is_not_a_number_is_not_an_error_code(
    fault_server: StartServer, open_wallet: OpenWallet, code: object
) -> None:
    assert open_wallet(fault_server(respond(encoded({"code": code}))).url).call("GET", PATH, weight=1) == {"code": code}


def test_a_code_of_an_error_has_no_hint_at_success(fault_server: StartServer, open_wallet: OpenWallet) -> None:
    wallet = open_wallet(fault_server(respond(b'{"code":-1,"msg":"no"}')).url)
    with pytest.raises(ApiError) as raised:
        wallet.call("GET", PATH, weight=1)
    assert not hasattr(raised.value, "__notes__")


def test_each_limit_counts_by_itself(fault_server: StartServer, open_wallet: OpenWallet) -> None:
    wallet = open_wallet(fault_server(respond(b"{}")).url, timeout=1, weight_limit=100)
    for path in ("/api/v3/a", "/api/v3/b"):
        wallet.call("GET", path, weight=2000, rate_limit="api-ip")
    wallet.call("POST", PATH, weight=900, rate_limit="sapi-uid")
    wallet.call("GET", PATH, weight=90)
    account = hashlib.sha256(API_KEY.encode()).hexdigest()[:8]
    assert {counter: (usage.used, usage.left) for counter, usage in wallet.usage.items()} == {
        "all endpoints (api-ip)": (4000, 2000),
        f"{PATH} (sapi-uid, account {account})": (900, 179_100),
        PATH: (90, 10),
    }
    with pytest.raises(RateLimitError, match="this call was not sent"):
        wallet.call("GET", "/api/v3/c", weight=2001, rate_limit="api-ip")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"path": "sapi/v1/x"}, "path must be"),
        ({"path": ""}, "path must be"),
        ({"path": "/sapi/v1/x?a=1"}, "path must be"),
        ({"path": "/sapi/v1/x#a"}, "path must be"),
        ({"path": "/sapi/v1/a b"}, "path must be"),
        ({"path": "/sapi/v1/币"}, "path must be"),
        ({"path": "/sapi/v1/x\r\nHost: evil.test"}, "path must be"),
        ({"path": None}, "path must be"),
        ({"weight": 0}, "weight must be"),
        ({"weight": 1.5}, "weight must be"),
        ({"weight": True}, "weight must be"),
        ({"params": "abc"}, "parameters must be a mapping of names to values, not str"),
        ({"method": "POST", "form": [("a", 1)]}, "parameters must be a mapping of names to values, not list"),
        ({"params": {"a": 1.5}}, "a must be"),
        ({"params": {"a": Decimal("NaN")}}, "a must be"),
        ({"params": {"a": []}}, "a must be"),
        ({"params": {"a": [["BTC"]]}}, "a must be"),
        ({"params": {"a": datetime(2026, 1, 1)}}, "a must be"),  # noqa: DTZ001 - without a time zone
        ({"form": {"a": 1}}, "a GET has no form"),
        ({"method": "POST", "form": {"timestamp": 1}}, "adds timestamp"),
        ({"security": "half"}, "security must be one of none, key, signed"),
        ({"rate_limit": "sapi"}, "rate_limit must be one of sapi-ip, sapi-uid, api-ip"),
        ({"success": "200"}, "success must be"),
        ({"params": {"a": "\ud800"}}, "a must be"),
        ({"params": {"timestamp": 1}}, "adds timestamp"),
        ({"params": {"signature": "x"}}, "adds signature"),
        ({"method": "GET /evil HTTP/1.1"}, "method must be"),
        ({"method": ""}, "method must be"),
        ({"returns": {int: complex}}, "returns:"),
    ],
)
def test_what_cannot_be_sent_is_refused_at_once(
    arguments: dict[str, Any], words: str, fault_server: StartServer, open_wallet: OpenWallet
) -> None:
    server = fault_server(respond())
    with pytest.raises(InvalidRequestError, match=words):
        open_wallet(server.url).call(**{"method": "GET", "path": PATH, "weight": 1} | arguments)
    assert server.connections == 0


@dataclasses.dataclass
class InDataclass:
    amount: Decimal


@attrs.frozen
class InAttrs:
    amount: Decimal


class InTuple(NamedTuple):
    amount: Decimal


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "1E+999999"])
@pytest.mark.parametrize(
    ("returns", "body"),
    [
        (InDataclass, '{"amount": "AMOUNT"}'),
        (list[InAttrs], '[{"amount": "AMOUNT"}]'),
        (InTuple, '["AMOUNT"]'),
        (tuple[Decimal, ...], '["1", "AMOUNT"]'),
        (set[Decimal], '["AMOUNT"]'),
        (dict[str, list[InDataclass]], '{"a": [{"amount": "AMOUNT"}]}'),
    ],
)
def test_an_amount_that_is_no_number_is_refused_in_any_type(
    returns: Any, body: str, amount: str, fault_server: StartServer, open_wallet: OpenWallet
) -> None:
    server = fault_server(respond(body.replace("AMOUNT", amount).encode()))
    with pytest.raises(InvalidResponseError):
        open_wallet(server.url).call("GET", PATH, weight=1, returns=returns)


@pytest.mark.parametrize("name", ["\ud800", "", "a b\n", 5, "币"])
def test_a_name_that_cannot_be_sent_is_refused(name: Any, fault_server: StartServer, open_wallet: OpenWallet) -> None:
    server = fault_server(respond())
    with pytest.raises(InvalidRequestError, match="is not the name of a parameter"):
        open_wallet(server.url).call("GET", PATH, {name: 1}, weight=1)
    assert server.connections == 0


@pytest.mark.parametrize("path", ["/sapi/../api/v3/order", "/sapi/v1/./x", "/.."])
def test_a_path_that_transports_read_differently_is_refused(
    path: str, fault_server: StartServer, open_wallet: OpenWallet
) -> None:
    with pytest.raises(InvalidRequestError, match="path must be"):
        open_wallet(fault_server(respond()).url).call("GET", path, weight=1)
