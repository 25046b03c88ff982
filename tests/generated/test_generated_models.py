"""Models as values: immutable, plain in JSON, ordered, hashed, and the same after JSON, a pickle or a copy."""

import copy
import json
import pickle
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from binance_wallet_client import models
from binance_wallet_client.models import (
    AccountSnapshot,
    AccountSnapshotResponse,
    ErrorBody,
    SpotAsset,
    SpotSnapshot,
    SpotSnapshotData,
    WalletBalance,
)
from msgspec.structs import replace
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
def test_json_is_read_back_into_the_same_class_without_a_hook(value):
    decoded = msgspec.json.decode(msgspec.json.encode(value), type=type(value))
    assert (decoded, type(decoded)) == (value, type(value))
    assert msgspec.json.encode(decoded) == msgspec.json.encode(value)


def test_json_of_all_kinds_of_snapshots_is_read_back_by_their_type():
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
    for name in ("update_time", "update_time_ms", "type", "data"):
        with pytest.raises(AttributeError):
            setattr(DAY, name, None)


@pytest.mark.parametrize("value", [*SNAPSHOTS, *WALLETS])
def test_plain_values_fit_into_json(value):
    plain = value.to_dict()
    assert json.loads(json.dumps(plain)) == plain


def test_plain_amounts_keep_their_zeros_and_have_no_exponent():
    for text, shown in (("0E-8", "0.00000000"), ("1E+3", "1000"), ("-1.50", "-1.50"), ("1E-9", "0.000000001")):
        wallet = WalletBalance(activate=True, balance=Decimal(text), wallet_name="Spot")
        assert wallet.to_dict() == {"activate": True, "balance": shown, "wallet_name": "Spot"}


def test_plain_snapshots_have_their_type_and_moments_in_utc():
    day = SpotSnapshot(SpotSnapshotData([SpotAsset("BTC", Decimal(1), Decimal("0E-8"))], Decimal(1)), 1576281599000)
    assert day.to_dict() == {
        "type": "spot",
        "data": {
            "balances": [{"asset": "BTC", "free": "1", "locked": "0.00000000"}],
            "total_asset_of_btc": "1",
        },
        "update_time": "2019-12-13T23:59:59Z",
    }


def test_plain_values_lack_what_the_exchange_left_out():
    assert ErrorBody(code=-1).to_dict() == {"code": -1}
    assert ErrorBody(code=-1, msg=None).to_dict() == {"code": -1, "msg": None}


def test_snapshots_of_all_accounts_are_in_the_order_of_time():
    """Two of the same moment have no order, and are not equal."""
    spot, margin, futures = (replace(day, update_time_ms=ms) for day, ms in zip(SNAPSHOTS, (3, 1, 2), strict=True))
    assert sorted([spot, margin, futures]) == [margin, futures, spot]
    assert max(spot, margin, futures) is spot
    same = replace(margin, update_time_ms=3)
    assert not same < spot
    assert not spot < same


def test_what_has_no_order_is_not_sorted():
    with pytest.raises(TypeError):
        sorted(WALLETS)
    with pytest.raises(TypeError):
        assert SNAPSHOTS[0] < 1


@pytest.mark.parametrize("value", [*SNAPSHOTS, *WALLETS])
def test_equal_models_are_one_in_a_set(value):
    """A list in them has no hash."""
    assert {value, copy.deepcopy(value)} == {value}


def test_different_days_are_different_in_a_set():
    """Also if only a list in them differs, which the hash leaves out."""
    other = replace(DAY, data=replace(DAY.data, balances=[SpotAsset("BTC", Decimal(1), Decimal(0))]))
    assert len({DAY, other, replace(DAY, update_time_ms=0)}) == 3


def test_all_models_are_listed():
    schemas = SPEC["components"]["schemas"]
    named = [name for name, schema in schemas.items() if schema.keys() & {"properties", "oneOf", "anyOf", "enum"}]
    assert models.__all__ == tuple(sorted(named))
    assert set(models.__all__) <= vars(models).keys()
