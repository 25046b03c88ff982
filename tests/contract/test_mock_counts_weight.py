"""The mock exchange counts weight, and refuses calls beyond the limit, as the contract says."""

from collections.abc import Iterator
from itertools import groupby

import httpx2
import pytest
from binance_wallet_mock import MockExchange

from .caller import NEEDED, Caller
from .spec import BALANCES, OPERATIONS, SNAPSHOTS, SPEC

LIMIT = SPEC["components"]["x-rate-limits"][SPEC["x-rate-limit"]]["weight"]
WEIGHTS = {operation["path"]: operation["x-request-weight"] for operation in OPERATIONS.values()}

NOW = 1_768_910_400.0


@pytest.fixture
def contract_exchange() -> Iterator[MockExchange]:
    """An exchange with the real limit, and a clock that stands still at the start of a minute."""
    with MockExchange(clock=lambda: NOW) as contract_exchange:
        yield contract_exchange


def used(response: httpx2.Response) -> int:
    return int(response.headers["X-SAPI-USED-IP-WEIGHT-1M"])


def test_a_call_weighs_what_the_contract_says(caller):
    """Each time, whether it is refused or not."""
    calls = [caller.get(), caller.get(), caller.get(recvWindow=0), caller.get(api_key=None)]
    assert [used(response) for response in calls] == [WEIGHTS[caller.path] * number for number in (1, 2, 3, 4)]


def test_calls_beyond_the_limit_are_refused(contract_exchange, caller, http):
    """On this endpoint and until the minute is over: no longer, and on no other."""
    calls = [caller.get() for _ in range(LIMIT // WEIGHTS[caller.path])]
    assert {response.status_code for response in calls} == {200}
    refused = caller.get()
    assert (refused.status_code, refused.json()["code"]) == (429, -1003)
    assert used(refused) == LIMIT
    [other] = NEEDED.keys() - {caller.path}
    assert Caller(contract_exchange, other, http).get().status_code == 200
    wait = int(refused.headers["Retry-After"])
    assert wait == 60
    contract_exchange.advance(wait)
    assert used(caller.get()) == WEIGHTS[caller.path]


def test_calls_after_many_refusals_are_banned_on_all_endpoints(contract_exchange, http):
    snapshots, balances = (
        Caller(contract_exchange, SNAPSHOTS["path"], http),
        Caller(contract_exchange, BALANCES["path"], http),
    )
    statuses = [snapshots.get().status_code for _ in range(60)]
    assert [status for status, _ in groupby(statuses)] == [200, 429, 418]
    banned = balances.get()
    assert (banned.status_code, banned.json()["code"]) == (418, -1003)
    wait = int(banned.headers["Retry-After"])
    assert wait == 120
    contract_exchange.advance(wait)
    assert balances.get().status_code == 200
