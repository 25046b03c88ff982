"""The contract against the exchange's own pages: it has all that they say, and nothing that they do not."""

import pytest

from .breaks import is_allowed
from .spec import DOCUMENTED, OPERATIONS, SPEC, answer_schema

every_operation = pytest.mark.parametrize("name", DOCUMENTED)


def test_there_are_no_other_operations():
    """Than those that are documented."""
    assert OPERATIONS.keys() == DOCUMENTED.keys()


@every_operation
def test_weight_and_parameters(name):
    """The same names; the same ones are mandatory."""
    operation, documented = OPERATIONS[name], DOCUMENTED[name]
    assert operation["x-request-weight"] == documented["weight"]
    required = {parameter["name"]: parameter.get("required", False) for parameter in operation["parameters"]}
    # What every signed request carries is no parameter of ours: it belongs to the security of the contract.
    mandatory = {*documented["mandatory"]} - {"timestamp"}
    assert required == dict.fromkeys(mandatory, True) | dict.fromkeys(documented["optional"], False)


@every_operation
def test_answers(name):
    """They are allowed, and they are the contract's examples."""
    operation, documented = OPERATIONS[name], DOCUMENTED[name]["answers"]
    assert all(is_allowed(answer_schema(operation), answer) for answer in documented)
    examples = operation["responses"]["200"]["content"]["application/json"]["examples"]
    assert [example["value"] for example in examples.values()] == documented


@every_operation
def test_operation_is_complete(name):
    """For people, a summary and a description; security; and of every kind of trouble an example."""
    operation = OPERATIONS[name]
    assert operation["summary"]
    assert operation["description"]
    assert operation.get("security", SPEC["security"]) == [{"apiKey": [], "timestamp": [], "signature": []}]
    assert {"400", "401", "403", "418", "429", "5XX"} < operation["responses"].keys()
    for response in operation["responses"].values():
        assert response["description"]
        assert all(media["examples"] for media in response["content"].values())
