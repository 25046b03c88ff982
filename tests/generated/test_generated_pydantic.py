"""Models in pydantic: read and written as `to_dict` writes them, with a JSON schema that says so."""

import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import msgspec
import pytest
from binance_wallet_client.models import (
    AccountSnapshot,
    AccountSnapshotResponse,
    ErrorBody,
    FuturesSnapshot,
    MarginSnapshot,
    SpotSnapshot,
    SpotSnapshotData,
    WalletBalance,
)
from openapi_schema_validator import OAS31Validator
from pydantic import BaseModel, Field, TypeAdapter, ValidationError
from ruamel.yaml import YAML

SPEC: dict[str, Any] = YAML(typ="safe").load(Path(__file__).parents[2] / "spec" / "openapi.yaml")
EXAMPLES = SPEC["paths"]["/sapi/v1/accountSnapshot"]["get"]["responses"]["200"]["content"]["application/json"]
DAYS = [
    day
    for example in EXAMPLES["examples"].values()
    for day in msgspec.convert(example["value"], AccountSnapshotResponse).snapshot_vos
]
WALLET = WalletBalance(activate=True, balance=Decimal("0E-8"), wallet_name="USDⓈ-M Futures")
Tagged = Annotated[AccountSnapshot, Field(discriminator="type")]

CASES = [
    (list[AccountSnapshot], DAYS),
    (list[Tagged], DAYS),
    (AccountSnapshotResponse, AccountSnapshotResponse(200, DAYS)),
    (WalletBalance, WALLET),
    (dict[str, WalletBalance | None], {"a": WALLET, "b": None}),
    (ErrorBody, ErrorBody(-1)),
    (ErrorBody, ErrorBody(-1, None)),
]


@pytest.mark.parametrize(("kind", "value"), CASES)
def test_what_was_written_is_read_again(kind, value):
    """As JSON, as the same in Python, and as dictionaries of Python's own types."""
    adapter = TypeAdapter(kind)
    text = adapter.dump_json(value)
    for back in (
        adapter.validate_json(text),
        adapter.validate_python(json.loads(text)),
        adapter.validate_python(adapter.dump_python(value)),
        adapter.validate_python(value),
    ):
        assert back == value
        assert msgspec.json.encode(back) == msgspec.json.encode(value)


@pytest.mark.parametrize("value", [*DAYS, WALLET, ErrorBody(-1), AccountSnapshotResponse(200, DAYS)])
def test_pydantic_writes_the_plain_values(value):
    adapter = TypeAdapter(type(value))
    assert json.loads(adapter.dump_json(value)) == adapter.dump_python(value, mode="json") == value.to_dict()


@pytest.mark.parametrize(("kind", "value"), CASES)
@pytest.mark.parametrize("mode", ["validation", "serialization"])
def test_what_is_written_fits_the_json_schema(kind, value, mode):
    adapter = TypeAdapter(kind)
    schema = adapter.json_schema(mode=mode)
    OAS31Validator(schema).validate(json.loads(adapter.dump_json(value)))
    assert not OAS31Validator(schema).is_valid({"type": "spot"})


def test_the_json_schema_says_what_is_in_the_contract():
    schema = TypeAdapter(SpotSnapshot).json_schema()
    amount = {"type": "string", "format": "decimal", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"}
    assert schema["required"] == ["type", "data", "update_time"]
    assert schema["description"] == "The spot account at the end of one day."
    assert schema["properties"]["type"]["const"] == "spot"
    assert schema["properties"]["update_time"]["format"] == "date-time"
    assert schema["$defs"]["SpotAsset"]["properties"]["free"] == {"title": "Free", **amount}
    assert TypeAdapter(ErrorBody).json_schema()["required"] == ["code"]


def test_a_discriminator_tells_the_accounts_apart():
    """In the SDK's models, and in a user's union with a discriminator."""
    for schema in (
        TypeAdapter(AccountSnapshotResponse).json_schema()["properties"]["snapshot_vos"]["items"],
        TypeAdapter(Tagged).json_schema(),
    ):
        assert schema["discriminator"]["propertyName"] == "type"
        assert schema["discriminator"]["mapping"].keys() == {"spot", "margin", "futures"}
    with pytest.raises(ValidationError, match="union_tag_invalid"):
        TypeAdapter(Tagged).validate_python({"type": "options"})


class Report(BaseModel):
    """A model of a user's."""

    title: str
    days: list[Tagged]
    wallet: WalletBalance | None = None


def test_models_are_fields_of_a_pydantic_model():
    report = Report(title="x", days=DAYS, wallet=WALLET)
    assert [type(day) for day in report.days] == [SpotSnapshot, MarginSnapshot, FuturesSnapshot]
    assert Report.model_validate_json(report.model_dump_json()) == report
    assert Report.model_validate(report.model_dump()) == report
    assert report.model_dump(include={"wallet": {"balance"}}) == {"wallet": {"balance": Decimal("0E-8")}}


@pytest.mark.parametrize(
    ("changed", "place"),
    [
        ({"balance": "much"}, ("balance",)),
        ({"balance": "NaN"}, ("balance",)),
        ({"balance": "1E+999999999"}, ("balance",)),  # whose plain digits would fill the memory
        ({"balance": "1E-999999999"}, ("balance",)),
        ({"balance": None}, ("balance",)),
        ({"activate": 1}, ("activate",)),
        ({"wallet_name": 1}, ("wallet_name",)),
    ],
)
def test_what_does_not_fit_is_refused_with_its_place(changed, place):
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(WalletBalance).validate_json(json.dumps(WALLET.to_dict() | changed))
    assert [error["loc"] for error in caught.value.errors()] == [place]


def test_a_missing_field_is_refused():
    with pytest.raises(ValidationError, match="Field required"):
        TypeAdapter(WalletBalance).validate_python({"activate": True, "balance": "1"})


def test_a_moment_of_another_zone_is_the_same_to_the_millisecond():
    """A moment without a zone is refused."""
    adapter = TypeAdapter(SpotSnapshot)
    empty = {"balances": [], "total_asset_of_btc": "1"}
    moment = datetime(2026, 1, 2, 3, 4, 5, 678_000, tzinfo=timezone(timedelta(hours=8)))
    day = adapter.validate_python({"type": "spot", "data": empty, "update_time": moment})
    assert day == SpotSnapshot(SpotSnapshotData([], Decimal(1)), 1_767_294_245_678)
    assert day.update_time == moment.astimezone(UTC)
    with pytest.raises(ValidationError, match="timezone"):
        adapter.validate_python({"type": "spot", "data": empty, "update_time": "2026-01-02T03:04:05"})


def test_what_is_of_another_class_is_written_with_a_warning():
    with pytest.warns(UserWarning, match="Expected a WalletBalance"):
        TypeAdapter(WalletBalance).dump_python(ErrorBody(-1))


def test_one_of_another_account_is_refused():
    with pytest.raises(ValidationError):
        TypeAdapter(SpotSnapshot).validate_python(next(day for day in DAYS if day.type == "margin").to_dict())
