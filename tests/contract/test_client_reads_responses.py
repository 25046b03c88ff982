"""The client reads every response that the contract allows, and loses nothing of it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis_profiles import examples

from .endpoints import arguments, module, required
from .schema_bodies import bodies, differences, smallest
from .spec import BALANCES, OPERATIONS, SNAPSHOTS, documented_responses, response_schema
from .wire import DAY

WALLETS, ENVELOPE = response_schema(BALANCES), response_schema(SNAPSHOTS)
EMPTY: dict[str, list[Any]] = {BALANCES["path"]: [[]], SNAPSHOTS["path"]: [{"code": 200, "msg": "", "snapshotVos": []}]}

# The same envelope for each of the three types, and the contract's own example of one.
TYPES = {}
for variant in ENVELOPE["properties"]["snapshotVos"]["items"]["oneOf"]:
    name = variant["properties"]["type"]["const"]
    records = {**ENVELOPE["properties"]["snapshotVos"], "items": variant}
    schema = {**ENVELOPE, "properties": {**ENVELOPE["properties"], "snapshotVos": records}}
    TYPES[name.upper()] = schema, documented_responses(SNAPSHOTS)[name]


every_operation = pytest.mark.parametrize(
    "operation", OPERATIONS.values(), ids=[operation["operationId"] for operation in OPERATIONS.values()]
)


@every_operation
@examples(short=20, full=1000)
@given(data=st.data(), ascii_only=st.booleans())
def test_any_response_is_read_without_loss(contract_exchange, ask, operation, data, ascii_only):
    schema = response_schema(operation)
    body = data.draw(bodies(schema))
    contract_exchange.fail(200, body=json.dumps(body, ensure_ascii=ascii_only))
    value = ask(module(operation), **arguments(operation, required(operation)))
    assert list(differences(schema, body, value)) == []


@every_operation
def test_a_documented_response_is_read_without_loss(contract_exchange, ask, operation):
    schema = response_schema(operation)
    for body in [*documented_responses(operation).values(), *EMPTY.get(operation["path"], []), smallest(schema)]:
        contract_exchange.fail(200, body=json.dumps(body))
        value = ask(module(operation), **arguments(operation, required(operation)))
        assert list(differences(schema, body, value)) == []


@pytest.mark.parametrize("kind", TYPES)
@examples(short=6, full=200)
@given(data=st.data())
def test_snapshots_of_one_type_are_all_read_and_sorted(contract_exchange, wallet, kind, data):
    schema, _ = TYPES[kind]
    body = data.draw(bodies(schema))
    contract_exchange.fail(200, body=json.dumps(body))
    snapshots = wallet.snapshots(kind)
    records = sorted(body["snapshotVos"], key=lambda record: record["updateTime"])
    assert list(differences(schema["properties"]["snapshotVos"], records, snapshots)) == []


@pytest.mark.parametrize("kind", TYPES)
def test_thirty_days_of_500_assets_are_read(contract_exchange, wallet, kind):
    """The largest response to expect."""
    schema, documented = TYPES[kind]
    [record] = documented["snapshotVos"]
    data = {name: held * 500 if isinstance(held, list) else held for name, held in record["data"].items()}
    body = {**documented, "snapshotVos": [{**record, "data": data, "updateTime": day * DAY} for day in range(30)]}
    contract_exchange.fail(200, body=json.dumps(body))
    snapshots = wallet.snapshots(kind)
    assert list(differences(schema["properties"]["snapshotVos"], body["snapshotVos"], snapshots)) == []


@pytest.mark.parametrize("amount", ["123456789E99", f"0.{'0' * 110}1"])
def test_an_amount_is_read_whatever_stands_beside_it(contract_exchange, wallet, amount):
    body = [{"activate": True, "balance": amount, "walletName": "\n"}]
    contract_exchange.fail(200, body=json.dumps(body))
    assert list(differences(WALLETS, body, wallet.balances())) == []
