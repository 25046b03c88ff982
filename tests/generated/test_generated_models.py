"""Models as values: immutable, and the same after JSON, a pickle or a copy."""

import copy
import json
import pickle
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from binance_wallet_client import models
from binance_wallet_client.models import (
    AccountSnapshot,
    AccountSnapshotResponse,
    SpotSnapshot,
    SpotSnapshotData,
    WalletBalance,
)
from ruamel.yaml import YAML

SPEC: dict[str, Any] = YAML(typ="safe").load(Path(__file__).parents[2] / "spec" / "openapi.yaml")
DAY = SpotSnapshot(SpotSnapshotData(balances=[], total_asset_of_btc=Decimal("1.50")), 1576281599000)


def examples(path: str) -> list[Any]:
    content = SPEC["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]
    return [example["value"] for example in content["examples"].values()]


SNAPSHOTS = [
    snapshot
    for body in examples("/sapi/v1/accountSnapshot")
    for snapshot in msgspec.convert(body, AccountSnapshotResponse).snapshot_vos
]
WALLETS = msgspec.convert(examples("/sapi/v1/asset/wallet/balance")[0], list[WalletBalance])


@pytest.mark.parametrize("value", [*SNAPSHOTS, *WALLETS])
def test_json_and_back(value):
    """Without a hook, to the same class."""
    decoded = msgspec.json.decode(msgspec.json.encode(value), type=type(value))
    assert (decoded, repr(decoded), type(decoded)) == (value, repr(value), type(value))


def test_json_of_snapshots_of_all_kinds_and_back():
    """By the exchange's names, `type` included, so that the union can be read again."""
    text = msgspec.json.encode(SNAPSHOTS)
    assert msgspec.json.decode(text, type=list[AccountSnapshot]) == SNAPSHOTS
    records = json.loads(text)
    assert {record["type"] for record in records} == {"spot", "margin", "futures"}
    assert {tuple(sorted(record)) for record in records} == {("data", "type", "updateTime")}


@pytest.mark.parametrize("value", [*SNAPSHOTS, *WALLETS])
@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, lambda value: pickle.loads(pickle.dumps(value))])
def test_copies_are_equal(value, duplicate):
    assert duplicate(value) == value


def test_models_are_immutable():
    """A response is a record of what was, not a place to keep things."""
    for name in ("update_time", "update_time_ms", "type", "data"):
        with pytest.raises(AttributeError):
            setattr(DAY, name, None)


def test_repr_is_an_expression():
    """In plain values: what it shows can be typed again."""
    assert repr(DAY) == (
        "SpotSnapshot(data=SpotSnapshotData(balances=[], total_asset_of_btc=Decimal('1.50')), "
        "update_time_ms=1576281599000)"
    )
    assert eval(repr(DAY), {**vars(models), "Decimal": Decimal}) == DAY
    assert DAY.update_time == datetime(2019, 12, 13, 23, 59, 59, tzinfo=UTC)
    assert repr(DAY.update_time).startswith("datetime.datetime(2019, 12, 13, 23, 59, 59")


def test_all_models_are_listed():
    """Those that `binance_wallet` offers, too."""
    schemas = SPEC["components"]["schemas"]
    named = [name for name, schema in schemas.items() if schema.keys() & {"properties", "oneOf", "anyOf", "enum"}]
    assert models.__all__ == tuple(sorted(named))
    assert set(models.__all__) <= vars(models).keys()
