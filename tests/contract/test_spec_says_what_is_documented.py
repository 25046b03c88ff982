"""The contract says of the documented operations what the exchange's pages say, and no more."""

from typing import Any

import pytest

from .schema_validator import is_allowed
from .spec import DOCUMENTED, OPERATIONS, SECURITY, documented_responses, response_schema


def sorted_by_key(value: Any) -> Any:
    """The value with the members of its objects sorted: their order does not matter."""
    if isinstance(value, list):
        return [sorted_by_key(item) for item in value]
    return {key: sorted_by_key(value[key]) for key in sorted(value)} if isinstance(value, dict) else value


documented_operation = pytest.mark.parametrize("name", DOCUMENTED)
any_operation = pytest.mark.parametrize("name", OPERATIONS)


@documented_operation
def test_weight_and_parameters_are_as_documented(name):
    operation, documented = OPERATIONS[name], DOCUMENTED[name]
    assert operation["x-request-weight"] == documented["weight"]
    required = {parameter["name"]: parameter.get("required", False) for parameter in operation["parameters"]}
    # The timestamp is not a parameter of ours: it belongs to the security of the contract.
    mandatory = {*documented["mandatory"]} - {"timestamp"}
    assert required == dict.fromkeys(mandatory, True) | dict.fromkeys(documented["optional"], False)


@documented_operation
def test_documented_responses_are_allowed_and_are_the_contracts_examples(name):
    operation, documented = OPERATIONS[name], DOCUMENTED[name]["responses"]
    assert all(is_allowed(response_schema(operation), response) for response in documented)
    examples = [*documented_responses(operation).values()]
    assert sorted(map(str, sorted_by_key(examples))) == sorted(map(str, sorted_by_key(documented)))


@any_operation
def test_an_operation_has_texts_security_and_all_responses_of_failure(name):
    operation = OPERATIONS[name]
    assert operation["summary"]
    assert operation["description"]
    assert operation["security"] in SECURITY
    assert {"400", "401", "403", "418", "429", "5XX"} < operation["responses"].keys()
    assert all(response["description"] for response in operation["responses"].values())
