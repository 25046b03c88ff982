"""The generated functions of any operation of the contract, and arguments for them."""

import importlib
import inspect
import re
from decimal import Decimal
from types import ModuleType
from typing import Any

from .bodies import smallest
from .breaks import is_allowed

Node = dict[str, Any]


def module(operation: Node) -> ModuleType:
    """The module with the functions of an operation."""
    names = [_snake_case(name) for name in (operation["tags"][0], operation["operationId"])]
    return importlib.import_module(".".join(["binance_wallet_client.api", *names]))


def arguments(operation: Node, values: Node) -> Node:
    """Values by the contract's names, as keyword arguments of the functions."""
    known = inspect.signature(module(operation).sync).parameters
    names = {name: _snake_case(name) for name in values}
    return {names[name] if names[name] in known else f"{names[name]}_": value for name, value in values.items()}


def required(operation: Node) -> Node:
    """A value for each parameter that a call cannot do without, by the contract's names."""
    return {
        parameter["name"]: as_argument(parameter["schema"], parameter.get("example", smallest(parameter["schema"])))
        for parameter in operation.get("parameters", ())
        if parameter.get("required")
    }


def as_argument(schema: Node, value: Any) -> Any:
    """A value that a schema allows, in the type in which the functions take it."""
    return Decimal(value) if schema.get("format") == "decimal" else value


def is_argument(schema: Node, value: Any) -> bool:
    """Whether the contract allows an argument."""
    if schema.get("format") == "decimal":
        return isinstance(value, Decimal) and value.is_finite()
    return is_allowed(schema, value)


def as_sent(value: Any) -> str:
    """An argument as it stands in the query."""
    match value:
        case bool():
            return str(value).lower()
        case Decimal():
            return f"{value:f}"
    return str(value)


def _snake_case(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
