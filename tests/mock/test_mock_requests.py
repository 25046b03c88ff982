"""Every documented check, over real HTTP."""

import itertools
import re
import time
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from urllib.parse import urlencode

import httpx2
import pytest
from binance_wallet_mock import MockExchange, RecordedRequest
from hypothesis import given, settings
from hypothesis import strategies as st
from mock_wire import BALANCES, DAY, SNAPSHOTS, sign

NOT_READ = "Not all sent parameters were read; read '{}' parameter(s) but was sent '{}'."


def refusal(response: httpx2.Response) -> tuple[int, int, str]:
    return response.status_code, response.json()["code"], response.json()["msg"]


def midnight(mock_exchange: MockExchange) -> int:
    return int(mock_exchange.now() * 1000) // DAY * DAY


def test_balances_are_a_bare_array_of_the_ten_wallets(get):
    wallets = get(BALANCES).json()
    assert [wallet["walletName"] for wallet in wallets] == [
        "Spot",
        "Funding",
        "Cross Margin",
        "Isolated Margin",
        "USDⓈ-M Futures",
        "COIN-M Futures",
        "Earn",
        "Options",
        "Trading Bots",
        "Copy Trading",
    ]
    assert all(wallet.keys() == {"activate", "balance", "walletName"} for wallet in wallets)


@pytest.mark.parametrize("quote_asset", ["USDT", "币安人生", "a&b=c%d+e f", "é", "COIN1", "%41"])
def test_any_asset_that_is_listed_or_held_can_be_the_quote(mock_exchange, get, quote_asset):
    mock_exchange.account.set_spot({"a&b=c%d+e f": 1, "é": 2}, locked={"COIN1": 3})
    mock_exchange.account.set_margin({"%41": 4})
    response = get(BALANCES, quoteAsset=quote_asset)
    assert response.status_code == 200
    assert response.json() == get(BALANCES, quoteAsset=quote_asset).json()
    assert response.json() != get(BALANCES, quoteAsset="BTC").json()


def test_the_spot_wallet_is_worth_what_the_last_snapshot_says(get):
    balances = {wallet["walletName"]: Decimal(wallet["balance"]) for wallet in get(BALANCES).json()}
    spot = get(SNAPSHOTS, type="SPOT").json()["snapshotVos"][-1]["data"]
    margin = get(SNAPSHOTS, type="MARGIN").json()["snapshotVos"][-1]["data"]
    assert balances["Spot"] == Decimal(spot["totalAssetOfBtc"])
    assert balances["Cross Margin"] == Decimal(margin["totalNetAssetOfBtc"])


@pytest.mark.parametrize("account_type", ["SPOT", "MARGIN", "FUTURES"])
def test_without_a_period_the_last_seven_days_come_oldest_first(mock_exchange, get, account_type):
    body = get(SNAPSHOTS, type=account_type).json()
    assert (body["code"], body["msg"]) == (200, "")
    assert {snapshot["type"] for snapshot in body["snapshotVos"]} == {account_type.lower()}
    today = midnight(mock_exchange)
    assert [s["updateTime"] for s in body["snapshotVos"]] == [today - n * DAY - 1000 for n in range(6, -1, -1)]


def test_thirty_days_are_there_and_differ(mock_exchange, get):
    start = midnight(mock_exchange) - 29 * DAY - 1000
    snapshots = get(SNAPSHOTS, type="SPOT", startTime=start, limit=30).json()["snapshotVos"]
    assert [s["updateTime"] for s in snapshots] == [start + n * DAY for n in range(30)]
    assert len({s["data"]["totalAssetOfBtc"] for s in snapshots}) == 30


@pytest.mark.parametrize(("limit", "kept"), [({}, 7), ({"limit": 7}, 7), ({"limit": 12}, 12), ({"limit": 30}, 20)])
def test_a_limit_silently_keeps_the_latest_records(mock_exchange, get, limit, kept):
    start = midnight(mock_exchange) - 19 * DAY - 1000
    snapshots = get(SNAPSHOTS, type="SPOT", startTime=start, **limit).json()["snapshotVos"]
    assert [s["updateTime"] for s in snapshots] == [start + n * DAY for n in range(20)][-kept:]


def test_a_period_includes_both_its_ends(mock_exchange, get):
    end = midnight(mock_exchange) - 3 * DAY - 1000
    for start_time, end_time, days in [(end - DAY, end, 2), (end - DAY + 1, end, 1), (end - DAY, end - 1, 1)]:
        body = get(SNAPSHOTS, type="SPOT", startTime=start_time, endTime=end_time).json()
        assert len(body["snapshotVos"]) == days


def test_an_end_alone_takes_the_seven_days_before_it(mock_exchange, get):
    end = midnight(mock_exchange) - 10 * DAY
    snapshots = get(SNAPSHOTS, type="SPOT", endTime=end).json()["snapshotVos"]
    assert [s["updateTime"] for s in snapshots] == [end - n * DAY - 1000 for n in range(6, -1, -1)]


def test_a_response_stays_the_same_all_day_and_changes_with_the_next(mock_exchange, get):
    mock_exchange.advance((midnight(mock_exchange) + DAY) / 1000 - mock_exchange.now() + 5)
    morning = [get(BALANCES).content, get(SNAPSHOTS, type="MARGIN").content]
    mock_exchange.advance(23 * 3600)
    assert [get(BALANCES).content, get(SNAPSHOTS, type="MARGIN").content] == morning
    mock_exchange.advance(3600)
    assert get(BALANCES).content != morning[0]


def test_responses_are_compact_json_with_the_weight_and_the_time(mock_exchange, get):
    response = get(BALANCES)
    assert response.headers["Content-Type"] == "application/json;charset=UTF-8"
    assert response.headers["X-SAPI-USED-IP-WEIGHT-1M"] == "60"
    assert "server" not in response.headers
    assert b'"activate":true,' in response.content
    assert "Ⓢ".encode() in response.content


def test_a_clock_of_ones_own_runs_the_whole_exchange(http):
    """Here, an hour passes with each look at it."""
    hours = itertools.count(datetime(2027, 2, 3, 12, tzinfo=UTC).timestamp(), 3600)
    with MockExchange(clock=lambda: float(next(hours))) as exchange:
        dates = [http.get(exchange.base_url + BALANCES).headers["Date"] for _ in range(2)]
    assert dates == ["Wed, 03 Feb 2027 13:00:00 GMT", "Wed, 03 Feb 2027 15:00:00 GMT"]


def test_the_clock_moves_the_date_header_and_the_timestamp_check(mock_exchange, get):
    mock_exchange.advance(3600)
    assert mock_exchange.clock_offset == 3600
    response = get(BALANCES)
    assert response.status_code == 200
    assert abs(parsedate_to_datetime(response.headers["Date"]).timestamp() - time.time() - 3600) < 2
    late = get(BALANCES, timestamp=round(time.time() * 1000))
    assert refusal(late)[:2] == (400, -1021)
    assert "Date" in late.headers


@pytest.mark.parametrize("api_key", [None, "", "short", "-" * 64, "a" * 65])
def test_a_missing_or_malformed_key(send, api_key):
    assert refusal(send(BALANCES, "", api_key=api_key)) == (401, -2014, "API-key format invalid.")


def test_an_unknown_key(send):
    assert refusal(send(BALANCES, "", api_key="a" * 64)) == (401, -2008, "Invalid Api-Key ID.")


def test_a_key_without_permission(mock_exchange, send):
    mock_exchange.add_key("b" * 64, api_secret="secret", permitted=False)
    expected = (401, -2015, "Invalid API-key, IP, or permissions for action.")
    assert refusal(send(BALANCES, "", api_key="b" * 64)) == expected


@pytest.mark.parametrize(
    ("path", "parameters", "code", "msg"),
    [
        (BALANCES, {"a": 1}, -1104, NOT_READ.format(2, 3)),
        (BALANCES, {"limit": 7}, -1104, NOT_READ.format(2, 3)),
        (BALANCES, {"quoteAsset": ""}, -1105, "Parameter 'quoteAsset' was empty."),
        (BALANCES, {"recvWindow": ""}, -1105, "Parameter 'recvWindow' was empty."),
        *(
            (BALANCES, {"quoteAsset": asset}, -1130, "Data sent for parameter 'quoteAsset' is not valid.")
            for asset in ("usdt", "Btc", "USDTT", "NOBODYKNOWS", "币", " ")
        ),
        *(
            (BALANCES, {"needBalanceDetail": value}, -1130, "Data sent for parameter 'needBalanceDetail' is not valid.")
            for value in ("True", "TRUE", "1", "yes", " true")
        ),
        (BALANCES, {"needBalanceDetail": ""}, -1105, "Parameter 'needBalanceDetail' was empty."),
        (SNAPSHOTS, {"type": "SPOT", "needBalanceDetail": "true"}, -1104, NOT_READ.format(3, 4)),
        (BALANCES, {"recvWindow": 60001}, -1130, "Data sent for parameter 'recvWindow' is not valid."),
        *(
            (
                BALANCES,
                {"timestamp": timestamp},
                -1102,
                "Mandatory parameter 'timestamp' was not sent, was empty/null, or malformed.",
            )
            for timestamp in (None, "", "now", "-1", "1.5", "9" * 21, "٣")
        ),
        *(
            (
                SNAPSHOTS,
                {"type": account_type},
                -1102,
                "Mandatory parameter 'type' was not sent, was empty/null, or malformed.",
            )
            for account_type in (None, "")
        ),
        (SNAPSHOTS, {"type": "spot"}, -1130, "Data sent for parameter 'type' is not valid."),
        (SNAPSHOTS, {"type": "SPOT", "limit": ""}, -1105, "Parameter 'limit' was empty."),
        *(
            (
                SNAPSHOTS,
                {"type": "SPOT", name: value},
                -1100,
                f"Illegal characters found in parameter '{name}'; legal range is '^[0-9]{{1,20}}$'.",
            )
            for name in ("limit", "startTime", "endTime", "recvWindow")
            for value in ("x", "-7", "7.0", "7\n", "9" * 21)
        ),
        *(
            (SNAPSHOTS, {"type": "SPOT", "limit": limit}, -1130, "Data sent for parameter 'limit' is not valid.")
            for limit in (0, 6, 31, 10**19)
        ),
    ],
)
def test_a_faulty_parameter(get, path, parameters, code, msg):
    assert refusal(get(path, **parameters)) == (400, code, msg)


@pytest.mark.mock_exchange(balance_details=False)
def test_an_exchange_of_before_august_2026_does_not_know_the_details(get):
    for value in ("true", "false"):
        assert refusal(get(BALANCES, needBalanceDetail=value)) == (400, -1104, NOT_READ.format(2, 3))
    assert get(BALANCES).status_code == 200


@pytest.mark.mock_exchange(newest_first=True)
def test_snapshots_can_come_newest_first(mock_exchange, get):
    today = midnight(mock_exchange)
    start = today - 19 * DAY - 1000
    for asked in ({}, {"startTime": start}):
        snapshots = get(SNAPSHOTS, type="SPOT", **asked).json()["snapshotVos"]
        assert [s["updateTime"] for s in snapshots] == [today - n * DAY - 1000 for n in range(7)]


def test_a_parameter_sent_twice(get, mock_exchange, send):
    query = f"quoteAsset=BTC&quoteAsset=ETH&timestamp={round(mock_exchange.now() * 1000)}"
    response = send(BALANCES, f"{query}&signature={sign(query, mock_exchange.api_secret)}")
    assert refusal(response) == (400, -1101, "Duplicate values for a parameter detected.")


@pytest.mark.parametrize(
    ("period", "name"),
    [
        (lambda now: {"startTime": now - 5 * DAY, "endTime": now - 6 * DAY}, "endTime"),
        (lambda now: {"startTime": now - 5 * DAY, "endTime": now - 5 * DAY}, "endTime"),
        (lambda now: {"startTime": now - 30 * DAY, "endTime": now}, "endTime"),
        (lambda now: {"startTime": now - 30 * DAY - 1000}, "startTime"),
        (lambda now: {"startTime": now - 32 * DAY, "endTime": now - 20 * DAY}, "startTime"),
        (lambda now: {"startTime": now + 60_000}, "startTime"),
        (lambda now: {"startTime": now // 1000}, "startTime"),
        (lambda now: {"endTime": now - 32 * DAY}, "endTime"),
    ],
)
def test_a_period_that_cannot_be_served(mock_exchange, get, period, name):
    response = get(SNAPSHOTS, type="SPOT", limit=30, **period(round(mock_exchange.now() * 1000)))
    assert refusal(response) == (400, -1130, f"Data sent for parameter '{name}' is not valid.")


AHEAD = "Timestamp for this request was 1000ms ahead of the server's time."
OUTSIDE = "Timestamp for this request is outside of the recvWindow."


@pytest.mark.parametrize(
    ("offset", "recv_window", "msg"),
    [
        (1500, None, AHEAD),
        (3_600_000, 60_000, AHEAD),
        (-5500, None, OUTSIDE),
        (-1000, 1, OUTSIDE),
        (-61_000, 60_000, OUTSIDE),
        (500, None, None),
        (-4500, None, None),
        (-55_000, 60_000, None),
    ],
)
def test_the_timestamp_window(mock_exchange, get, offset, recv_window, msg):
    timestamp = round(mock_exchange.now() * 1000) + offset
    response = get(BALANCES, timestamp=timestamp, recvWindow=recv_window)
    if msg is None:
        assert response.status_code == 200
    else:
        assert refusal(response) == (400, -1021, msg)


def test_no_signature(mock_exchange, send):
    response = send(BALANCES, f"timestamp={round(mock_exchange.now() * 1000)}")
    assert refusal(response)[:2] == (400, -1102)
    assert "'signature'" in refusal(response)[2]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda query, _: f"{query}&signature={'0' * 64}",
        lambda query, secret: f"{query}&signature={sign(query, secret).upper()}",
        lambda query, secret: f"{query}&signature={sign(query, secret + 'x')}",
        lambda query, secret: f"signature={sign(query, secret)}&{query}",
        lambda query, secret: f"{query}&signature={sign(query, secret)}&quoteAsset=BTC",
        lambda query, secret: f"quoteAsset=BTC&{query}&signature={sign(query, secret)}",
        lambda query, secret: f"{query}&%73ignature={sign(query, secret)}",
        # Signed before percent-encoding, as was allowed until 2026-01-15.
        lambda query, secret: f"quoteAsset=%E5%B8%81&{query}&signature={sign('quoteAsset=币&' + query, secret)}",
        # Not encoded at all, but signed as sent.
        lambda query, secret: f"quoteAsset={{a}}&{query}&signature={sign('quoteAsset={a}&' + query, secret)}",
    ],
)
def test_a_signature_that_is_not_of_what_was_sent(mock_exchange, send, spoil):
    query = f"timestamp={round(mock_exchange.now() * 1000)}"
    response = send(BALANCES, spoil(query, mock_exchange.api_secret))
    assert refusal(response) == (400, -1022, "Signature for this request is not valid.")


@settings(deadline=None)
@given(
    path=st.sampled_from([BALANCES, SNAPSHOTS]),
    query=st.text(st.characters(max_codepoint=255))
    | st.builds(
        urlencode, st.dictionaries(st.sampled_from(["type", "limit", "startTime", "endTime", "quoteAsset"]), st.text())
    ),
)
def test_any_query_gets_a_response(path, query):
    exchange = MockExchange()
    query = f"{query}&timestamp={round(exchange.now() * 1000)}".removeprefix("&")
    for sent in (query, f"{query}&signature={sign(query, exchange.api_secret)}"):
        request = RecordedRequest("GET", path, sent, {"x-mbx-apikey": exchange.api_key})
        response = exchange.respond(request, "127.0.0.1")
        assert response.status in {200, 400}


def test_requests_are_recorded_as_they_came(mock_exchange, get, send):
    get(BALANCES, quoteAsset="币安人生")
    send(SNAPSHOTS, "")
    first, second = mock_exchange.requests
    assert (first.method, first.path, first.status, second.status) == ("GET", BALANCES, 200, 400)
    assert re.fullmatch(
        r"quoteAsset=%E5%B8%81%E5%AE%89%E4%BA%BA%E7%94%9F&timestamp=\d{13}&signature=[0-9a-f]{64}", first.query_string
    )
    assert first.headers["x-mbx-apikey"] == mock_exchange.api_key
    assert (second.query_string, second.query) == ("", {})


def test_the_query_of_a_request_is_parsed(mock_exchange, send):
    send(BALANCES, "quoteAsset=%E5%B8%81&empty=&plus=a+b&percent=%2541&twice=1&twice=2")
    assert mock_exchange.requests[0].query == {
        "quoteAsset": "币",
        "empty": "",
        "plus": "a b",
        "percent": "%41",
        "twice": "2",
    }
