"""The client refuses, with an error of its own, every response that the contract does not allow."""

import copy
import json
from collections import Counter
from collections.abc import Iterator
from itertools import islice

import pytest
from binance_wallet import ApiError, InvalidResponseError
from binance_wallet_client.api.account import daily_account_snapshot
from hypothesis import given
from hypothesis import strategies as st
from hypothesis_profiles import FULL, examples

from .breaks import Break, breaks
from .endpoints import arguments, module, required
from .schema_bodies import bodies, smallest
from .schema_validator import is_allowed
from .spec import OPERATIONS, SNAPSHOTS, documented_responses, response_schema

NUMBER = "a JSON number is read digit for digit, as if it stood in quotes: the amount is the one that was sent"
DECIMAL = (
    "Python's Decimal reads it, and as the amount that it says; to look at each amount again would double the time"
)
SMALL = "a fraction of as many digits is allowed, and once it is a Decimal the two cannot be told apart"

UNBOUNDED = "Python's integers have no bounds, so nothing is lost"
OPEN = "the exchange adds values now and then, and one of them must not refuse a whole list"
QUOTED = "a number in quotes is the same number"

# What the client reads although the contract does not allow it, as (what, keyword, how), with the reason.
LET_THROUGH = {
    ("decimal", "type", "integer"): NUMBER,
    ("decimal", "type", "number"): NUMBER,
    ("decimal", "pattern", "'1e-100'"): SMALL,
    ("string", "enum", "another"): OPEN,
    ("integer", "enum", "another"): OPEN,
    ("int32", "enum", "another"): OPEN,
    ("number", "type", "string"): QUOTED,
    ("double", "type", "string"): QUOTED,
    ("float", "type", "string"): QUOTED,
    ("['number', 'null']", "type", "string"): QUOTED,
    ("int32", "format", "too small"): UNBOUNDED,
    ("int32", "format", "too large"): UNBOUNDED,
    ("int64", "format", "too small"): UNBOUNDED,
    ("int64", "format", "too large"): UNBOUNDED,
    ("decimal", "pattern", "'.5'"): DECIMAL,
    ("decimal", "pattern", "'5.'"): DECIMAL,
    ("decimal", "pattern", "'+1'"): DECIMAL,
    ("decimal", "pattern", "'1_000'"): DECIMAL,
    ("decimal", "pattern", "' 1'"): DECIMAL,
    ("decimal", "pattern", "'1 '"): DECIMAL,
    ("decimal", "pattern", r"'\n1'"): DECIMAL,
    ("decimal", "pattern", r"'\uff11'"): DECIMAL,
    ("decimal", "pattern", r"'\u0661\u0662'"): DECIMAL,
}
# These are refused where something else says so: the codes of success, or a bound.
ALSO_REFUSED = {key for key, why in LET_THROUGH.items() if why in {OPEN, UNBOUNDED}}
every_operation = pytest.mark.parametrize(
    "operation", OPERATIONS.values(), ids=[operation["operationId"] for operation in OPERATIONS.values()]
)


def is_refused(broken: Break, contract_exchange, operation, ask) -> bool:
    """Whether the client refuses a body with an error of its own."""
    contract_exchange.fail(200, body=json.dumps(broken.body))
    # A code other than that of success is an error that the exchange reports; all the rest does not fit the contract.
    code = response_schema(operation).get("properties", {}).get("code", {"const": None})
    may_be_error = broken.path == "$.code" or not code.keys() & {"const", "enum"}
    kinds = (ApiError, InvalidResponseError) if may_be_error else InvalidResponseError
    try:
        ask(module(operation), **arguments(operation, required(operation)))
    except kinds:
        return True
    return False


def broken_responses(operation) -> Iterator[Break]:
    """Each keyword, in each place, in each way."""
    schema = response_schema(operation)
    for body in documented_responses(operation).values() or [smallest(schema)]:
        yield from breaks(schema, body)


@every_operation
def test_an_independent_validator_refuses_each_broken_keyword(operation):
    schema = response_schema(operation)
    assert [broken for broken in broken_responses(operation) if is_allowed(schema, broken.body)] == []


@every_operation
def test_one_broken_keyword_is_refused_unless_it_is_listed(contract_exchange, ask, operation, request):
    # What reads a response is the same code after an `await`.
    step = 1 if FULL or "sync" in request.node.callspec.params.values() else 10
    caught, let_through = set(), set()
    for broken in islice(broken_responses(operation), 0, None, step):
        (caught if is_refused(broken, contract_exchange, operation, ask) else let_through).add(broken[:4])
    reasons = Counter(LET_THROUGH.get(key[1:], "for no reason") for key in let_through)
    counts = [f"{len(caught)} of {len(caught | let_through)} broken responses to {operation['operationId']} refused"]
    counts += [f"  {count} let through: {why}" for why, count in sorted(reasons.items())]
    request.node.user_properties.append(("contract", "\n".join(counts)))
    assert {key[1:] for key in let_through} <= LET_THROUGH.keys()
    assert {key[1:] for key in caught} & LET_THROUGH.keys() <= ALSO_REFUSED


@every_operation
@examples(short=15, full=1000)
@given(data=st.data())
def test_any_response_with_any_broken_keyword_is_refused(contract_exchange, ask, operation, data):
    schema = response_schema(operation)
    broken = data.draw(bodies(schema).map(lambda body: [*breaks(schema, body)]).flatmap(st.sampled_from))
    assert not is_allowed(schema, broken.body)
    assert is_refused(broken, contract_exchange, operation, ask) or broken[1:4] in LET_THROUGH


@every_operation
@pytest.mark.parametrize(
    "body",
    [
        *(b"", b" ", b"null", b"7", b'"', b"[", b"{", b"[]]", b"{} {}", b"[NaN]", b"[{'a': 1}]", b"[1,]", b"\xff[]"),
        *("[]".encode("utf-16"), b"<html>Bad gateway</html>", b"[" * 100_000, b'[{"a":"\\ud800"}]'),
    ],
    ids=lambda body: repr(body[:30]),
)
def test_a_body_that_is_not_a_response_is_refused(contract_exchange, ask, operation, body):
    contract_exchange.fail(200, body=body)
    with pytest.raises(InvalidResponseError):
        ask(module(operation), **arguments(operation, required(operation)))


def test_records_of_another_account_are_refused(contract_exchange, wallet):
    """The contract allows them, but the call asked for another type."""
    documented = documented_responses(SNAPSHOTS)
    body = copy.deepcopy(documented["spot"])
    body["snapshotVos"] += documented["margin"]["snapshotVos"]
    contract_exchange.fail(200, body=json.dumps(body))
    with pytest.raises(InvalidResponseError) as caught:
        wallet.snapshots("SPOT")
    assert caught.value.path == "$.snapshotVos[1].type"


@pytest.mark.parametrize("code", [-1003, 0, 201])
def test_another_code_is_an_error_however_large_the_body_is(contract_exchange, ask, code):
    documented = documented_responses(SNAPSHOTS)["spot"]
    body = {**documented, "code": code, "snapshotVos": documented["snapshotVos"] * 1000}
    contract_exchange.fail(200, body=json.dumps(body))
    with pytest.raises(ApiError) as caught:
        ask(daily_account_snapshot, type_="SPOT")
    assert caught.value.code == code
