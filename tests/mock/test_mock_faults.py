"""Scripts of faults."""

import re
import time
from math import inf, nan

import httpx2
import pytest
from binance_wallet_mock import MockExchange
from hypothesis import given, settings
from hypothesis import strategies as st
from mock_wire import BALANCES, SNAPSHOTS


def test_the_next_requests_fail_as_scripted_and_then_no_more(mock_exchange, get):
    mock_exchange.fail(503, -1001, "Internal error; unable to process your request.", times=2)
    mock_exchange.fail(429, -1003, "Too many requests.", headers={"Retry-After": "7"})
    first, second, third, fourth = (get(BALANCES) for _ in range(4))
    assert first.status_code == second.status_code == 503
    assert first.content == b'{"code":-1001,"msg":"Internal error; unable to process your request."}'
    assert first.headers["Content-Type"] == "application/json;charset=UTF-8"
    assert "Date" in first.headers
    assert (third.status_code, third.headers["Retry-After"]) == (429, "7")
    assert fourth.status_code == 200
    assert fourth.headers["X-SAPI-USED-IP-WEIGHT-1M"] == "60"
    assert [request.status for request in mock_exchange.requests] == [503, 503, 429, 200]


def test_a_fault_can_be_meant_for_one_path(mock_exchange, get):
    mock_exchange.fail(500, path=SNAPSHOTS)
    assert get(BALANCES).status_code == 200
    assert get(SNAPSHOTS, type="SPOT").json()["code"] == -1000
    assert get(SNAPSHOTS, type="SPOT").status_code == 200


@pytest.mark.parametrize("body", ["<html>Forbidden</html>", b"\xff\x00"])
def test_a_fault_can_have_any_body_and_headers(mock_exchange, get, body):
    mock_exchange.fail(403, body=body, headers={"content-type": "text/html", "Date": "never"})
    response = get(BALANCES)
    assert response.content == (body if isinstance(body, bytes) else body.encode())
    assert (response.headers["Content-Type"], response.headers["Date"]) == ("text/html", "never")


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"body": [{"activate": True}]}, TypeError, "body must be str or bytes, not list: give json.dumps"),
        ({"body": {}}, TypeError, "body must be str or bytes, not dict"),
        ({"status": 99}, ValueError, "status must be from 200 to 599"),
        ({"status": 204}, ValueError, "status must .* have a body"),
        ({"status": "500"}, ValueError, "status must be from 200 to 599"),
        ({"headers": {"Retry-After": 7}}, ValueError, "not a header with a text value: 'Retry-After': 7"),
        ({"headers": {"a b": "c"}}, ValueError, "not a header"),
        ({"headers": {"a": "b\r\nc: d"}}, ValueError, "not a header"),
        ({"headers": {"a": "币"}}, ValueError, "not a header"),
        *(
            ({"times": times}, ValueError, "times must be a whole number of at least 1")
            for times in (0, -1, 1.5, "2", None)
        ),
    ],
)
def test_a_fault_that_cannot_be_sent_is_refused_at_once(arguments, error, message):
    with pytest.raises(error, match=message):
        MockExchange().fail(**arguments)


@pytest.mark.parametrize("seconds", [-1, inf, nan])
def test_a_delay_that_cannot_be_is_refused_at_once(seconds):
    with pytest.raises(ValueError, match="seconds must be a finite number"):
        MockExchange().delay(seconds)


SCRIPTED = {
    "fail": lambda exchange, **options: exchange.fail(**options),
    "delay": lambda exchange, **options: exchange.delay(0, **options),
    "drop": lambda exchange, **options: exchange.drop(**options),
    "edit": lambda exchange, **options: exchange.edit(str, **options),
}


@pytest.mark.parametrize("script", SCRIPTED.values(), ids=SCRIPTED)
@pytest.mark.parametrize(
    "path",
    [
        "accountSnapshot",
        "/sapi/v1/accountsnapshot",
        f"{BALANCES}/",
        f"{BALANCES}?quoteAsset=BTC",
        f"http://127.0.0.1{BALANCES}",
        "/sapi/v1/asset/tradeFee",
        "",
        b"/",
    ],
)
def test_a_fault_for_a_path_that_is_not_served_is_refused_at_once(script, path):
    message = f"the mock exchange does not serve {path!r}: it serves {SNAPSHOTS}, {BALANCES}"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        script(MockExchange(), path=path)


def test_a_fault_can_be_meant_for_an_endpoint_that_was_added():
    exchange = MockExchange()
    exchange.add_endpoint("GET", "/sapi/v1/asset/tradeFee", [])
    exchange.fail(path="/sapi/v1/asset/tradeFee")
    assert exchange.unused_faults == ["fail(500, -1000, path='/sapi/v1/asset/tradeFee')"]


def test_faults_that_no_request_has_met_are_listed_as_they_were_scripted(mock_exchange, get):
    mock_exchange.fail(503, -1008, "Server is currently overloaded.", times=3)
    mock_exchange.fail(200, body="secret", path=SNAPSHOTS)
    mock_exchange.delay(2.5, path=SNAPSHOTS)
    mock_exchange.drop(times=2)
    mock_exchange.edit(str, path=SNAPSHOTS)
    listed = [
        "fail(503, -1008, times=3)",
        f"fail(200, body=..., path='{SNAPSHOTS}')",
        f"delay(2.5, path='{SNAPSHOTS}')",
        "drop(times=2)",
        f"edit(..., path='{SNAPSHOTS}')",
    ]
    assert mock_exchange.unused_faults == listed
    get(BALANCES)
    assert mock_exchange.unused_faults == listed[1:]  # one request is enough for a fault of several
    mock_exchange.reset()
    assert mock_exchange.unused_faults == []


@pytest.mark.parametrize("message", [{"msg": None}, {}])
def test_a_success_can_have_an_empty_message_or_none(mock_exchange, get, message):
    expected = get(SNAPSHOTS, type="SPOT").json()["snapshotVos"]
    mock_exchange.edit(
        lambda response: {"code": 200, "snapshotVos": response["snapshotVos"], **message}, path=SNAPSHOTS
    )
    assert get(SNAPSHOTS, type="SPOT").json() == {"code": 200, "snapshotVos": expected, **message}
    assert get(SNAPSHOTS, type="SPOT").json()["msg"] == ""


def test_an_edit_changes_refusals_too_and_leaves_what_is_not_json(mock_exchange, get):
    mock_exchange.edit(lambda refusal: refusal | {"code": 1}, times=2)
    refused = get(BALANCES, quoteAsset="")
    assert (refused.status_code, refused.json()["code"]) == (400, 1)
    assert get("/nothing").text.startswith("the mock exchange does not serve GET /nothing")


def test_an_edit_that_is_no_function_is_refused_at_once():
    with pytest.raises(TypeError, match=r"change must be a function of the decoded body, not \{'msg': None\}"):
        MockExchange().edit({"msg": None})


@pytest.fixture(scope="module")
def shared_exchange():
    """For the many examples of one test."""
    with MockExchange() as exchange:
        yield exchange


@settings(deadline=None, max_examples=150)
@given(
    status=st.integers(0, 700),
    headers=st.dictionaries(st.text(max_size=4).map("x-{}".format), st.text(max_size=4)),
    body=st.none() | st.text() | st.binary(),
)
def test_whatever_is_scripted_is_refused_or_sent_as_it_is(shared_exchange, http, status, headers, body):
    try:
        shared_exchange.fail(status, headers=headers, body=body)
    except ValueError:
        return
    response = http.get(shared_exchange.base_url + BALANCES)
    assert response.status_code == status
    raw = {name.lower(): value.decode("latin-1") for name, value in response.headers.raw}
    assert {name.lower().encode(): value for name, value in headers.items()}.items() <= raw.items()
    assert body is None or response.content == (body.encode() if isinstance(body, str) else body)


def test_a_failure_of_the_exchange_itself_fails_the_test(http, caplog):
    """Otherwise, its HTTP 500 may be what the test expects."""
    with (
        pytest.raises(RuntimeError, match="the mock exchange itself failed") as raised,
        MockExchange(clock=lambda: None) as exchange,
    ):
        assert http.get(exchange.base_url + BALANCES).status_code == 500
    assert isinstance(raised.value.__cause__, TypeError)


def test_the_test_has_its_own_failure_first(http):
    def test():
        with MockExchange(clock=lambda: None) as exchange:
            assert http.get(exchange.base_url + BALANCES).status_code == 200

    with pytest.raises(AssertionError, match="500"):
        test()


def test_an_error_code_can_come_under_status_200(mock_exchange, get):
    mock_exchange.fail(200, -1000, "unknown")
    assert (get(BALANCES).status_code, mock_exchange.requests[0].status) == (200, 200)


def test_a_dropped_connection_loses_the_response_only(mock_exchange, get):
    mock_exchange.drop()
    with pytest.raises(httpx2.RemoteProtocolError):
        get(BALANCES)
    assert get(BALANCES).headers["X-SAPI-USED-IP-WEIGHT-1M"] == "120"
    assert [request.status for request in mock_exchange.requests] == [None, 200]


def test_a_delayed_response_is_right(mock_exchange, get):
    mock_exchange.delay(0.2)
    begin = time.monotonic()
    assert get(BALANCES).status_code == 200
    assert 0.2 <= time.monotonic() - begin < 1


def test_reset_returns_to_the_balances_that_it_was_made_with(http):
    exchange = MockExchange(balances={"Spot": "0.5"})
    exchange.set_balances({"Spot": 1})
    exchange.reset()
    assert exchange.account.balances("BTC", 20_000)[0]["balance"] == "0.5"


def test_reset_forgets_all_but_the_keys(mock_exchange, get):
    mock_exchange.add_key("f" * 64, api_secret="secret", permitted=False)
    mock_exchange.fail()
    mock_exchange.advance(100)
    for _ in range(12):
        get(SNAPSHOTS, type="SPOT")
    mock_exchange.reset()
    assert (mock_exchange.requests, mock_exchange.clock_offset, mock_exchange.unused_faults) == ([], 0.0, [])
    assert get(SNAPSHOTS, type="SPOT").headers["X-SAPI-USED-IP-WEIGHT-1M"] == "2400"


def test_reset_forgets_the_weight_that_was_used(mock_exchange, get):
    for _ in range(2):
        get(SNAPSHOTS, type="SPOT")
    mock_exchange.reset()
    assert get(SNAPSHOTS, type="SPOT").headers["X-SAPI-USED-IP-WEIGHT-1M"] == "2400"
