"""The endpoints of the mock exchange, those that a test adds, and the response of others."""

from datetime import UTC, datetime
from urllib.parse import urlencode

import httpx2
import pytest
from binance_wallet_mock import MockExchange
from mock_wire import BALANCES, SNAPSHOTS, sign

FEES = "/sapi/v1/asset/tradeFee"
SIGNED = ["USER_DATA", "TRADE", "MARGIN"]
KEY_ONLY = ["MARKET_DATA", "USER_STREAM"]


def not_served(method: str, path: str) -> str:
    return (
        f"the mock exchange does not serve {method} {path}; "
        f'script it with MockExchange.add_endpoint("{method}", "{path}", ...)'
    )


@pytest.mark.parametrize("path", ["/", FEES, f"{BALANCES}/", "/sapi/v1/accountsnapshot", "/a%0Ab", "/%E5%B8%81"])
def test_a_path_that_is_not_served_is_named_in_one_line(get, path):
    response = get(path)
    assert (response.status_code, response.text) == (404, not_served("GET", path))
    assert response.headers["Content-Type"] == "text/plain;charset=UTF-8"
    assert "Date" in response.headers


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_another_method_is_named_as_well(mock_exchange, http, method):
    response = http.request(method, mock_exchange.base_url + BALANCES)
    assert (response.status_code, response.text) == (405, not_served(method, BALANCES))
    assert response.headers["Allow"] == "GET"


def test_a_head_request_is_not_allowed(mock_exchange, http):
    assert http.head(mock_exchange.base_url + BALANCES).status_code == 405


def test_an_added_endpoint_returns_its_value(mock_exchange, get):
    fees = [{"symbol": "币BTC", "makerCommission": "0.001"}]
    mock_exchange.add_endpoint("GET", FEES, fees, weight=7)
    responses = [get(FEES, symbol="币BTC"), get(FEES)]
    assert [(response.status_code, response.json()) for response in responses] == [(200, fees)] * 2
    assert [response.headers["X-SAPI-USED-IP-WEIGHT-1M"] for response in responses] == ["7", "14"]
    assert responses[0].headers["Content-Type"] == "application/json;charset=UTF-8"
    assert get(BALANCES).headers["X-SAPI-USED-IP-WEIGHT-1M"] == "60"


def test_an_added_endpoint_can_return_what_a_function_makes_of_the_request(mock_exchange, get):
    mock_exchange.add_endpoint("GET", FEES, lambda request: {"symbol": request.query["symbol"], "path": request.path})
    assert get(FEES, symbol="币&BTC").json() == {"symbol": "币&BTC", "path": FEES}


def test_an_endpoint_that_is_added_again_is_changed(mock_exchange, get):
    mock_exchange.add_endpoint("GET", FEES, 1)
    mock_exchange.add_endpoint("GET", FEES, 2)
    assert get(FEES).json() == 2


def test_a_path_has_a_response_for_each_method(mock_exchange, http):
    for method in ("POST", "DELETE"):
        mock_exchange.add_endpoint(method, FEES, method, security="NONE")
    assert [http.request(method, mock_exchange.base_url + FEES).json() for method in ("POST", "DELETE")] == [
        "POST",
        "DELETE",
    ]
    refused = http.get(mock_exchange.base_url + FEES)
    assert (refused.status_code, refused.headers["Allow"]) == (405, "DELETE, POST")


def test_another_method_of_a_served_path_can_be_added(mock_exchange, http, get):
    mock_exchange.add_endpoint("DELETE", BALANCES, {}, security="NONE")
    assert http.delete(mock_exchange.base_url + BALANCES).json() == {}
    assert len(get(BALANCES).json()) == 10


@pytest.mark.parametrize("security", SIGNED)
def test_a_signed_endpoint_checks_key_timestamp_and_signature(mock_exchange, get, send, security):
    mock_exchange.add_endpoint("GET", FEES, [], security=security)
    assert get(FEES, recvWindow=5000).json() == []
    query = f"timestamp={round(mock_exchange.now() * 1000)}"
    refused = {
        -2014: send(FEES, query, api_key=None),
        -1102: send(FEES, query),
        -1022: send(FEES, f"{query}&signature={'0' * 64}"),
        -1021: get(FEES, timestamp=1),
        -1130: get(FEES, recvWindow=60_001),
    }
    assert {code: response.json()["code"] for code, response in refused.items()} == {code: code for code in refused}


@pytest.mark.parametrize("security", KEY_ONLY)
def test_a_key_only_endpoint_takes_the_key_and_no_signature(mock_exchange, get, send, security):
    mock_exchange.add_endpoint("GET", FEES, [], security=security)
    assert send(FEES, "symbol=BNBBTC").json() == []
    assert send(FEES, "", api_key="a" * 64).json()["code"] == -2008
    assert get(FEES).json()["code"] == -1104


def test_a_public_endpoint_takes_no_signature(mock_exchange, get, send):
    mock_exchange.add_endpoint("GET", FEES, [], security="NONE")
    assert send(FEES, "symbol=BNBBTC", api_key=None).json() == []
    refused = get(FEES, symbol="BNBBTC").json()
    assert refused == {
        "code": -1104,
        "msg": "Not all sent parameters were read; read '1' parameter(s) but was sent '3'.",
    }


def test_a_list_can_be_a_parameter_that_is_repeated(mock_exchange, send):
    mock_exchange.add_endpoint("GET", FEES, lambda request: request.parameters, security="NONE")
    assert send(FEES, "asset=BTC&asset=USDT").json() == [["asset", "BTC"], ["asset", "USDT"]]


@pytest.mark.parametrize(
    ("in_query", "in_form"),
    [({"a": 1}, {"asset": "币"}), ({}, {"asset": "币"}), ({"a": 1}, {})],
    ids=["both", "form", "query"],
)
@pytest.mark.parametrize("signature_in", ["query", "form"])
def test_query_and_form_are_signed_together(mock_exchange, http, in_query, in_form, signature_in):
    mock_exchange.add_endpoint("POST", FEES, lambda request: dict(request.parameters), security="TRADE")
    timestamp = {"timestamp": round(mock_exchange.now() * 1000)}

    def post(secret: str) -> httpx2.Response:
        parts = {"query": urlencode(in_query), "form": urlencode(in_form)}
        own = parts[signature_in]
        parts[signature_in] = f"{own}&{urlencode(timestamp)}" if own else urlencode(timestamp)
        parts[signature_in] += f"&signature={sign(parts['query'] + parts['form'], secret)}"
        headers = {"X-MBX-APIKEY": mock_exchange.api_key, "Content-Type": "application/x-www-form-urlencoded"}
        return http.post(f"{mock_exchange.base_url}{FEES}?{parts['query']}", content=parts["form"], headers=headers)

    body = post(mock_exchange.api_secret).json()
    expected = {name: str(value) for name, value in {**in_query, **in_form, **timestamp}.items()}
    assert {name: value for name, value in body.items() if name != "signature"} == expected
    assert post("another secret").json()["code"] == -1022


def test_a_body_that_is_no_form_has_no_parameters(mock_exchange, http):
    mock_exchange.add_endpoint("POST", FEES, lambda request: request.parameters, security="NONE")
    assert http.post(mock_exchange.base_url + FEES, json={"a": 1}).json() == []


def test_weight_outside_sapi_is_counted_for_all_paths_together(mock_exchange, send):
    mock_exchange.add_endpoint("GET", "/api/v3/time", {"serverTime": 1}, security="NONE")
    mock_exchange.add_endpoint("GET", "/api/v3/depth", {}, security="NONE", weight=5)
    used = [send(path, "").headers["X-MBX-USED-WEIGHT-1M"] for path in ("/api/v3/time", "/api/v3/depth")]
    assert used == ["1", "6"]


@pytest.mark.mock_exchange(weight_limit=60)
def test_an_added_endpoint_is_refused_when_its_weight_is_used_up(mock_exchange, get):
    mock_exchange.set_time(datetime(2026, 3, 10, 12, tzinfo=UTC), tick=False)
    mock_exchange.add_endpoint("GET", FEES, [], weight=40)
    assert [get(FEES).status_code for _ in range(2)] == [200, 429]


def test_added_endpoints_stay_after_a_reset(mock_exchange, get):
    mock_exchange.add_endpoint("GET", FEES, [])
    mock_exchange.reset()
    assert get(FEES).json() == []


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (("get", FEES, []), ValueError, "method must be in capitals, as in 'GET': 'get'"),
        (("GET", "sapi/v1/a", []), ValueError, "path must start with '/' and contain only .*: 'sapi/v1/a'"),
        (("GET", f"{FEES}?symbol=BNBBTC", []), ValueError, "path must"),
        (("GET", "/币", []), ValueError, "path must"),
        (("GET", "/a b", []), ValueError, "path must"),
        (("GET", "/a\n", []), ValueError, "path must"),
        (("GET", BALANCES, []), ValueError, f"serves GET {BALANCES} itself: change its responses with edit"),
        (("GET", SNAPSHOTS, []), ValueError, "itself"),
        (("GET", FEES, {1, 2}), TypeError, "not JSON serializable"),
        (("GET", FEES, float("nan")), ValueError, "not JSON compliant"),
    ],
)
def test_an_endpoint_that_cannot_be_served_is_refused_at_once(arguments, error, message):
    with pytest.raises(error, match=message):
        MockExchange().add_endpoint(*arguments)


@pytest.mark.parametrize("weight", [0, -1, 1.5, "1", None])
def test_a_weight_that_cannot_be_is_refused(weight):
    with pytest.raises(ValueError, match=f"weight must be a positive whole number, not {weight!r}"):
        MockExchange().add_endpoint("GET", FEES, [], weight=weight)


def test_a_security_that_the_exchange_does_not_have_is_refused():
    with pytest.raises(ValueError, match=r"security must be one of NONE, MARKET_DATA, .*: 'SIGNED'"):
        MockExchange().add_endpoint("GET", FEES, [], security="SIGNED")


def test_a_function_that_fails_is_a_failure_of_the_test(http):
    exchange = MockExchange()
    exchange.add_endpoint("GET", FEES, lambda request: request.query["symbol"], security="NONE")
    with pytest.raises(RuntimeError, match="the mock exchange itself failed") as raised, exchange:
        assert http.get(exchange.base_url + FEES).status_code == 500
    assert isinstance(raised.value.__cause__, KeyError)
