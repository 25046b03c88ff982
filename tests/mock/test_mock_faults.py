"""Scripts of faults."""

import time

import httpx
import pytest
from mock_wire import BALANCES, SNAPSHOTS


def test_the_next_requests_fail_as_scripted_and_then_no_more(exchange, get):
    exchange.fail(503, -1001, "Internal error; unable to process your request.", times=2)
    exchange.fail(429, -1003, "Too many requests.", headers={"Retry-After": "7"})
    first, second, third, fourth = (get(BALANCES) for _ in range(4))
    assert first.status_code == second.status_code == 503
    assert first.content == b'{"code":-1001,"msg":"Internal error; unable to process your request."}'
    assert first.headers["Content-Type"] == "application/json;charset=UTF-8"
    assert "Date" in first.headers
    assert (third.status_code, third.headers["Retry-After"]) == (429, "7")
    assert fourth.status_code == 200
    assert fourth.headers["X-SAPI-USED-IP-WEIGHT-1M"] == "60"
    assert [request.status for request in exchange.requests] == [503, 503, 429, 200]


def test_a_fault_can_be_meant_for_one_path(exchange, get):
    exchange.fail(500, path=SNAPSHOTS)
    assert get(BALANCES).status_code == 200
    assert get(SNAPSHOTS, type="SPOT").json()["code"] == -1000
    assert get(SNAPSHOTS, type="SPOT").status_code == 200


@pytest.mark.parametrize("body", ["<html>Forbidden</html>", b"\xff\x00"])
def test_a_fault_can_have_any_body_and_headers(exchange, get, body):
    exchange.fail(403, body=body, headers={"content-type": "text/html", "Date": "never"})
    response = get(BALANCES)
    assert response.content == (body if isinstance(body, bytes) else body.encode())
    assert (response.headers["Content-Type"], response.headers["Date"]) == ("text/html", "never")


def test_an_error_code_can_come_under_status_200(exchange, get):
    exchange.fail(200, -1000, "unknown")
    assert (get(BALANCES).status_code, exchange.requests[0].status) == (200, 200)


def test_a_dropped_connection_loses_the_answer_only(exchange, get):
    exchange.drop()
    with pytest.raises(httpx.RemoteProtocolError):
        get(BALANCES)
    assert get(BALANCES).headers["X-SAPI-USED-IP-WEIGHT-1M"] == "120"
    assert [request.status for request in exchange.requests] == [None, 200]


def test_a_delayed_answer_is_right(exchange, get):
    exchange.delay(0.2)
    begin = time.monotonic()
    assert get(BALANCES).status_code == 200
    assert 0.2 <= time.monotonic() - begin < 1


def test_reset_forgets_all_but_the_keys(exchange, get):
    exchange.add_key("f" * 64, api_secret="secret", permitted=False)
    exchange.fail()
    exchange.advance(100)
    for _ in range(12):
        get(SNAPSHOTS, type="SPOT")
    exchange.reset()
    assert (exchange.requests, exchange.clock_offset) == ([], 0.0)
    assert get(SNAPSHOTS, type="SPOT").headers["X-SAPI-USED-IP-WEIGHT-1M"] == "2400"
