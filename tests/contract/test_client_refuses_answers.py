"""The client refuses, with an error of its own, every answer that the contract does not allow."""

import copy
import json
from collections import Counter

import pytest
from binance_wallet import ApiError, InvalidResponseError
from binance_wallet_client.api.account import daily_account_snapshot
from binance_wallet_client.api.asset import query_user_wallet_balance
from hypothesis import given
from hypothesis import strategies as st

from .bodies import bodies
from .breaks import Break, breaks, is_allowed
from .profile import examples
from .spec import BALANCES, SNAPSHOTS, answer_schema

NUMBER = "a JSON number is read digit for digit, as if it stood in quotes: the amount is the one that was sent"
DECIMAL = (
    "Python's Decimal reads it, and as the amount that it says; to look at each amount again would double the time"
)
SMALL = "a fraction of as many digits is allowed, and once it is a Decimal the two cannot be told apart"

# What is read all the same, as (what, keyword, how), and why it may be.
LET_THROUGH = {
    ("decimal", "type", "integer"): NUMBER,
    ("decimal", "type", "number"): NUMBER,
    ("decimal", "pattern", "'1e-100'"): SMALL,
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
CALLS = {
    "balances": (BALANCES, lambda ask: ask(query_user_wallet_balance)),
    "snapshots": (SNAPSHOTS, lambda ask: ask(daily_account_snapshot, type_="SPOT")),
}
each_call = pytest.mark.parametrize("name", CALLS)


def is_refused(broken: Break, exchange, call, ask) -> bool:
    """Whether the client refuses a body, and says why in its own way. `call(ask)` makes the request."""
    exchange.fail(200, body=json.dumps(broken.body))
    # A code other than 200 is an error that the exchange reports; all the rest is no answer at all.
    kind = ApiError if (broken.path, broken.keyword) == ("$.code", "const") else InvalidResponseError
    try:
        call(ask)
    except kind:
        return True
    return False


@each_call
def test_an_answer_with_one_broken_keyword(exchange, ask, name, request):
    """Each keyword, in each place, in each way; what is let through, is so for a reason."""
    operation, call = CALLS[name]
    schema = answer_schema(operation)
    caught, let_through = set(), set()
    for example in operation["responses"]["200"]["content"]["application/json"]["examples"].values():
        for broken in breaks(schema, example["value"]):
            assert not is_allowed(schema, broken.body), broken
            (caught if is_refused(broken, exchange, call, ask) else let_through).add(broken[:4])
    reasons = Counter(LET_THROUGH.get(key[1:], "for no reason") for key in let_through)
    counts = [f"{len(caught)} of {len(caught | let_through)} broken answers to {operation['operationId']} refused"]
    counts += [f"  {count} let through: {why}" for why, count in sorted(reasons.items())]
    request.node.user_properties.append(("contract", "\n".join(counts)))
    assert {key[1:] for key in let_through} == LET_THROUGH.keys()


@each_call
@examples(short=30, full=1000)
@given(data=st.data())
def test_any_answer_with_any_broken_keyword(exchange, ask, name, data):
    """Wherever it may hide."""
    operation, call = CALLS[name]
    schema = answer_schema(operation)
    broken = data.draw(bodies(schema).map(lambda body: [*breaks(schema, body)]).flatmap(st.sampled_from))
    assert not is_allowed(schema, broken.body)
    assert is_refused(broken, exchange, call, ask) or broken[1:4] in LET_THROUGH


@each_call
@pytest.mark.parametrize(
    "body",
    [
        *(b"", b" ", b"null", b"7", b'"', b"[", b"{", b"[]]", b"{} {}", b"[NaN]", b"[{'a': 1}]", b"[1,]", b"\xff[]"),
        *(b"\xef\xbb\xbf[]", "[]".encode("utf-16"), b"<html>Bad gateway</html>", b"[" * 100_000, b'[{"a":"\\ud800"}]'),
    ],
    ids=lambda body: repr(body[:30]),
)
def test_what_is_not_even_an_answer(exchange, ask, name, body):
    """Cut off, not JSON, not UTF-8, or JSON of another world."""
    exchange.fail(200, body=body)
    _, call = CALLS[name]
    with pytest.raises(InvalidResponseError):
        call(ask)


def test_records_of_another_account(exchange, wallet):
    """Each is allowed, but not where another type was asked for."""
    examples = SNAPSHOTS["responses"]["200"]["content"]["application/json"]["examples"]
    body = copy.deepcopy(examples["spot"]["value"])
    body["snapshotVos"] += examples["margin"]["value"]["snapshotVos"]
    exchange.fail(200, body=json.dumps(body))
    with pytest.raises(InvalidResponseError) as caught:
        wallet.snapshots("SPOT")
    assert caught.value.path == "$.snapshotVos[1].type"


@pytest.mark.parametrize("code", [-1003, 0, 201])
def test_a_large_error(exchange, ask, code):
    """A code other than 200 is an error, however much stands beside it."""
    documented = SNAPSHOTS["responses"]["200"]["content"]["application/json"]["examples"]["spot"]["value"]
    body = {**documented, "code": code, "snapshotVos": documented["snapshotVos"] * 1000}
    exchange.fail(200, body=json.dumps(body))
    with pytest.raises(ApiError) as caught:
        ask(daily_account_snapshot, type_="SPOT")
    assert caught.value.code == code
