"""The client reads every answer that the contract allows, and loses nothing of it."""

import json
from typing import Any

import pytest
from binance_wallet_client.api.account import daily_account_snapshot
from binance_wallet_client.api.asset import query_user_wallet_balance
from hypothesis import example, given
from hypothesis import strategies as st

from .bodies import bodies, differences
from .profile import examples
from .spec import BALANCES, SNAPSHOTS, answer_schema
from .wire import DAY

WALLETS, ENVELOPE = answer_schema(BALANCES), answer_schema(SNAPSHOTS)
EMPTY: dict[str, Any] = {"code": 200, "msg": "", "snapshotVos": []}

# The same envelope for each of the three types, and the contract's own example of one.
TYPES = {}
for variant in ENVELOPE["properties"]["snapshotVos"]["items"]["oneOf"]:
    name = variant["properties"]["type"]["const"]
    records = {**ENVELOPE["properties"]["snapshotVos"], "items": variant}
    documented = SNAPSHOTS["responses"]["200"]["content"]["application/json"]["examples"][name]["value"]
    TYPES[name.upper()] = {**ENVELOPE, "properties": {**ENVELOPE["properties"], "snapshotVos": records}}, documented


@examples(short=50, full=1000)
@given(body=bodies(WALLETS), ascii_only=st.booleans())
@example(body=[], ascii_only=True)
def test_balances(exchange, ask, body, ascii_only):
    """Whatever the wallets hold; escaped or not."""
    exchange.fail(200, body=json.dumps(body, ensure_ascii=ascii_only))
    balances = ask(query_user_wallet_balance)
    assert list(differences(WALLETS, body, balances)) == []


@examples(short=25, full=500)
@given(body=bodies(ENVELOPE), ascii_only=st.booleans())
@example(body=EMPTY, ascii_only=True)
def test_snapshots(exchange, ask, body, ascii_only):
    """Whatever the accounts held; escaped or not."""
    exchange.fail(200, body=json.dumps(body, ensure_ascii=ascii_only))
    answer = ask(daily_account_snapshot, type_="SPOT")
    assert list(differences(ENVELOPE, body, answer)) == []


@pytest.mark.parametrize("kind", TYPES)
@examples(short=10, full=200)
@given(data=st.data())
def test_snapshots_of_one_type(exchange, wallet, kind, data):
    """From the method for people: all records, in the order in which they came."""
    schema, _ = TYPES[kind]
    body = data.draw(bodies(schema))
    exchange.fail(200, body=json.dumps(body))
    snapshots = wallet.snapshots(kind)
    assert list(differences(schema["properties"]["snapshotVos"], body["snapshotVos"], snapshots)) == []


@pytest.mark.parametrize("kind", TYPES)
def test_thirty_days_of_500_assets(exchange, wallet, kind):
    """The largest answer that is to be expected."""
    schema, documented = TYPES[kind]
    [record] = documented["snapshotVos"]
    data = {name: held * 500 if isinstance(held, list) else held for name, held in record["data"].items()}
    body = {**documented, "snapshotVos": [{**record, "data": data, "updateTime": day * DAY} for day in range(30)]}
    exchange.fail(200, body=json.dumps(body))
    snapshots = wallet.snapshots(kind)
    assert list(differences(schema["properties"]["snapshotVos"], body["snapshotVos"], snapshots)) == []


@pytest.mark.parametrize("amount", ["123456789E99", f"0.{'0' * 110}1"])
def test_whether_an_amount_is_read_does_not_depend_on_what_stands_beside_it(exchange, wallet, amount):
    """Any that the contract allows."""
    body = [{"activate": True, "balance": amount, "walletName": "\n"}]
    exchange.fail(200, body=json.dumps(body))
    assert list(differences(WALLETS, body, wallet.balances())) == []
