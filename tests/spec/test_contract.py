"""The contract is valid and complete, and everything in it has a description."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import validate
from ruamel.yaml import YAML

SPEC: dict[str, Any] = YAML(typ="safe").load(Path(__file__).parents[2] / "spec" / "openapi.yaml")
OPERATIONS = {
    node["operationId"]: node
    for item in SPEC["paths"].values()
    for method, node in item.items()
    if method != "parameters"
}
DESCRIBED = ("/schemas", "/parameters", "/responses", "/headers", "/securitySchemes", "/tags", "/servers")
ERRORS = SPEC["components"]["x-error-statuses"], SPEC["components"]["x-error-codes"]


def resolve(node: dict[str, Any]) -> dict[str, Any]:
    target: Any = SPEC
    for key in node.get("$ref", "#").split("/")[1:]:
        target = target[key]
    return target if "$ref" in node else node


def examples() -> Iterator[Any]:
    for operation_id, operation in OPERATIONS.items():
        for status, response in operation["responses"].items():
            for media in resolve(response)["content"].values():
                for name, example in media.get("examples", {}).items():
                    yield pytest.param(media["schema"], example["value"], id=f"{operation_id}-{status}-{name}")


def undescribed(node: Any, path: str = "#") -> Iterator[str]:
    """Every schema, property, parameter, response, header and the like that lacks a description."""
    if isinstance(node, list):
        node = dict(enumerate(node))
    if not isinstance(node, dict):
        return
    for key, value in node.items():
        here = f"{path}/{key}"
        if path.endswith("/properties"):
            # What a property means is not said by the type that it shares with others.
            missing = "description" not in value
        else:
            missing = path.endswith(DESCRIBED) and isinstance(value, dict) and "description" not in resolve(value)
        if missing:
            yield here
        yield from undescribed(value, here)


def test_is_valid_openapi():
    validate(SPEC)


@pytest.mark.parametrize(("schema", "example"), list(examples()))
def test_example_fits_its_schema(schema, example):
    OAS31Validator({**schema, "components": SPEC["components"]}).validate(example)


def test_everything_has_a_description():
    """Descriptions are the docstrings of the generated package."""
    assert list(undescribed(SPEC)) == []


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_an_operation_has_its_weight_statuses_and_headers(operation):
    assert operation["x-request-weight"] > 0
    assert operation["responses"].keys() >= {"200", "400", "401", "403", "418", "429", "5XX"}
    limit = SPEC["components"]["x-rate-limits"][operation.get("x-rate-limit", SPEC["x-rate-limit"])]
    assert limit["header"] in operation["responses"]["200"]["headers"]
    for status in ("418", "429", "5XX"):
        assert "Retry-After" in resolve(operation["responses"][status])["headers"]


def test_what_signing_adds_is_not_a_parameter():
    """Key, timestamp and signature are used together by default, and callers never pass them."""
    assert SPEC["security"] == [{"apiKey": [], "timestamp": [], "signature": []}]
    names = {resolve(parameter)["name"] for node in OPERATIONS.values() for parameter in node.get("parameters", ())}
    assert not names & {"timestamp", "signature", "X-MBX-APIKEY"}


def test_every_documented_error_has_a_name_a_class_and_a_meaning():
    """The map of codes has each code in an example of an error, and no other."""
    bodies = [
        example["value"]
        for response in SPEC["components"]["responses"].values()
        for example in response["content"].get("application/json", {}).get("examples", {}).values()
    ]
    statuses, codes = ERRORS
    assert {str(body["code"]) for body in bodies} == codes.keys()
    assert all(entry.keys() == {"name", "error", "meaning"} for entry in codes.values())
    assert statuses == {
        "401": "AuthenticationError",
        "418": "BannedError",
        "429": "RateLimitError",
        "5XX": "ServerError",
    }


@pytest.mark.parametrize("amount", ["0", "-1.5", "0.00000000", "0E-8", "1E+10", "9007199254740993.000000001"])
def test_amount_may_be_any_decimal_number(amount):
    """Also as Java prints it."""
    OAS31Validator(SPEC["components"]["schemas"]["Amount"]).validate(amount)


@pytest.mark.parametrize("amount", ["", "NaN", "Infinity", "1E+100", "1_000", " 1", ".5", 1, None])
def test_amount_may_not_be_anything_else(amount):
    assert not OAS31Validator(SPEC["components"]["schemas"]["Amount"]).is_valid(amount)
