"""The mock exchange refuses what the exchange refuses, with the status, code and headers that are documented."""

import re
from collections.abc import Callable

import httpx2
import pytest

from .caller import Caller
from .spec import BALANCES, SNAPSHOTS
from .wire import DAY, now_ms


def flipped(text: str) -> str:
    """The text with its last character changed."""
    return text[:-1] + ("0" if text[-1] != "0" else "1")


def capitals(query: str) -> str:
    """The query with its signature in capitals."""
    return re.sub("[0-9a-f]{64}", lambda found: found[0].upper(), query)


def window(call: Caller) -> str:
    return call.query(recvWindow=5000)


def signed_in_the_middle(call: Caller) -> str:
    """A query whose signature fits all other parameters, but is not the last."""
    query, _, signature = call.signed(f"{call.query()}&recvWindow=5000").rpartition("&signature=")
    return query.replace("&recvWindow", f"&signature={signature}&recvWindow")


Case = tuple[int, int, Callable[[Caller], httpx2.Response]]

# What can be wrong with any call. One credential at a time is left out or spoiled: the other two are right.
ANY_CALL: dict[str, Case] = {
    "key left out": (401, -2014, lambda call: call.get(api_key=None)),
    "key malformed": (401, -2014, lambda call: call.get(api_key=f"{call.exchange.api_key}!")),
    "key unknown": (401, -2008, lambda call: call.get(api_key=flipped(call.exchange.api_key))),
    "key not permitted": (401, -2015, lambda call: call.get(api_key=call.add_key("N" * 64, permitted=False))),
    "key of another secret": (400, -1022, lambda call: call.get(api_key=call.add_key("A" * 64))),
    "timestamp left out": (400, -1102, lambda call: call.get(timestamp=None, recvWindow=5000)),
    "timestamp empty": (400, -1102, lambda call: call.get(timestamp="")),
    "timestamp a word": (400, -1102, lambda call: call.get(timestamp="now")),
    "timestamp negative": (400, -1102, lambda call: call.get(timestamp=-now_ms())),
    "timestamp in seconds": (400, -1021, lambda call: call.get(timestamp=now_ms() // 1000)),
    "timestamp ahead": (400, -1021, lambda call: call.get(timestamp=now_ms() + 2000)),
    "timestamp behind": (400, -1021, lambda call: call.get(timestamp=now_ms() - 5500)),
    "timestamp behind recvWindow": (400, -1021, lambda call: call.get(timestamp=now_ms() - 2000, recvWindow=1000)),
    "timestamp twice": (400, -1101, lambda call: call.send(call.signed(f"{call.query()}&timestamp={now_ms()}"))),
    "signature left out": (400, -1102, lambda call: call.send(call.query())),
    "signature empty": (400, -1102, lambda call: call.send(f"{call.query()}&signature=")),
    "signature off by one digit": (400, -1022, lambda call: call.send(flipped(call.signed(call.query())))),
    "signature cut short": (400, -1022, lambda call: call.send(call.signed(call.query())[:-1])),
    "signature in capitals": (400, -1022, lambda call: call.send(capitals(call.signed(call.query())))),
    "signature of another secret": (400, -1022, lambda call: call.send(call.signed(call.query(), "another"))),
    "signature of another query": (
        400,
        -1022,
        lambda call: call.send(call.signed(window(call)).replace("=5000", "=5001")),
    ),
    "signature of the decoded query": (
        400,
        -1022,
        lambda call: call.send(call.signed(window(call)).replace("=5000", "=500%30")),
    ),
    "signature not last": (400, -1022, lambda call: call.send(f"{call.signed(call.query())}&recvWindow=5000")),
    "signature in the middle": (400, -1022, lambda call: call.send(signed_in_the_middle(call))),
    "signature twice": (400, -1101, lambda call: call.send(call.signed(call.signed(call.query())))),
    "parameter twice": (400, -1101, lambda call: call.send(call.signed(f"{window(call)}&recvWindow=5000"))),
    "parameter unknown": (400, -1104, lambda call: call.get(unknown=1)),
    "parameter empty": (400, -1105, lambda call: call.get(recvWindow="")),
    "parameter not a number": (400, -1100, lambda call: call.get(recvWindow="5000.5")),
    "recvWindow too small": (400, -1130, lambda call: call.get(recvWindow=0)),
    "recvWindow too large": (400, -1130, lambda call: call.get(recvWindow=60_001)),
}
SNAPSHOT_CALL: dict[str, Case] = {
    "no type": (400, -1102, lambda call: call.get(type=None)),
    "type empty": (400, -1102, lambda call: call.get(type="")),
    "type in small letters": (400, -1130, lambda call: call.get(type="spot")),
    "limit too small": (400, -1130, lambda call: call.get(limit=6)),
    "limit too large": (400, -1130, lambda call: call.get(limit=31)),
    "limit not whole": (400, -1100, lambda call: call.get(limit=7.5)),
    "period of 30 days": (400, -1130, lambda call: call.get(startTime=now_ms() - 30 * DAY, endTime=now_ms())),
    "period backwards": (400, -1130, lambda call: call.get(startTime=now_ms() - DAY, endTime=now_ms() - 2 * DAY)),
    "start before the last month": (400, -1130, lambda call: call.get(startTime=now_ms() - 32 * DAY, limit=7)),
    "end before the last month": (400, -1130, lambda call: call.get(endTime=now_ms() - 32 * DAY)),
}


@pytest.mark.parametrize(("status", "code", "attempt"), ANY_CALL.values(), ids=ANY_CALL)
def test_a_call_with_one_fault_is_refused_for_it(caller, status, code, attempt):
    response = attempt(caller)
    assert (response.status_code, response.json()["code"]) == (status, code)


@pytest.mark.parametrize(("status", "code", "attempt"), SNAPSHOT_CALL.values(), ids=SNAPSHOT_CALL)
def test_a_snapshot_call_with_one_fault_is_refused_for_it(contract_exchange, http, status, code, attempt):
    response = attempt(Caller(contract_exchange, SNAPSHOTS["path"], http))
    assert (response.status_code, response.json()["code"]) == (status, code)


@pytest.mark.parametrize(
    ("age", "parameters"), [(-900, {}), (0, {"recvWindow": 2000}), (4000, {}), (59_000, {"recvWindow": 60_000})]
)
def test_a_timestamp_within_its_window_is_accepted(caller, age, parameters):
    """Less than a second ahead, and at most recvWindow behind, which is 5000 by default."""
    assert caller.get(timestamp=now_ms() - age, **parameters).status_code == 200


def test_a_percent_encoded_query_is_signed_as_it_is_sent(contract_exchange, http):
    """Asset names are not always ASCII."""
    assert Caller(contract_exchange, BALANCES["path"], http).get(quoteAsset="币安人生").status_code == 200


def test_every_documented_refusal_is_tried():
    documented = {
        (int(status), example["value"]["code"])
        for operation in (BALANCES, SNAPSHOTS)
        for status in ("400", "401", "418", "429")
        for example in operation["responses"][status]["content"]["application/json"]["examples"].values()
    }
    provoked = {(status, code) for status, code, _ in [*ANY_CALL.values(), *SNAPSHOT_CALL.values()]}
    assert documented == provoked | {(429, -1003), (418, -1003)}, "429 and 418 are in test_mock_counts_weight.py"
