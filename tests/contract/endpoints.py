"""The generated functions of any operation of the contract, and arguments for them."""

import importlib
import inspect
import json
import pkgutil
import re
from datetime import date
from decimal import Decimal
from types import ModuleType
from typing import Any

from binance_wallet_client import api

from .schema_bodies import smallest
from .schema_validator import is_allowed

Node = dict[str, Any]


def module(operation: Node) -> ModuleType:
    """The module with the functions of an operation."""
    return _submodule(_submodule(api, operation["tags"][0]), operation["operationId"])


def _submodule(package: ModuleType, name: str) -> ModuleType:
    """The module or package in a package for a name of the contract."""
    [found] = [each.name for each in pkgutil.iter_modules(package.__path__) if _plain(each.name) == _plain(name)]
    return importlib.import_module(f"{package.__name__}.{found}")


def arguments(operation: Node, values: Node) -> Node:
    """Values by the contract's names, as keyword arguments of the functions."""
    names = inspect.signature(module(operation).sync).parameters
    known = {_plain(name): name for name in names if name != "client"}
    return {known[_plain(name)]: value for name, value in values.items()}


def required(operation: Node) -> Node:
    """A value for each required parameter, by the contract's names."""
    return {
        parameter["name"]: as_argument(schema_of(parameter), parameter.get("example", smallest(schema_of(parameter))))
        for parameter in parameters(operation)
        if parameter.get("required")
    }


def parameters(operation: Node) -> list[Node]:
    """The parameters in the path, in the query, and in a form."""
    media = operation.get("requestBody", {}).get("content", {}).get("application/x-www-form-urlencoded", {})
    form = media.get("schema", {"properties": {}})
    fields = [
        {"name": name, "in": "form", "required": name in form.get("required", ()), "schema": schema}
        for name, schema in form["properties"].items()
    ]
    return [*operation["parameters"], *fields]


def schema_of(parameter: Node) -> Node:
    """The schema of a parameter, whether it is sent as it is or as JSON."""
    media: Node = parameter if "schema" in parameter else parameter["content"]["application/json"]
    schema: Node = media["schema"]
    return schema


def as_argument(schema: Node, value: Any) -> Any:
    """A value that a schema allows, in the type in which the functions take it."""
    match schema:
        case {"format": "decimal"} | {"type": "number"}:
            return Decimal(str(value))
        case {"format": "date"}:
            return date.fromisoformat(value)
        case {"type": "array", "items": items}:
            return [as_argument(items, item) for item in value]
    return value


def is_argument(parameter: Node, value: Any) -> bool:
    """Whether the contract allows an argument."""
    schema = schema_of(parameter)
    if schema.get("type") == "array" and "content" not in parameter:
        return is_allowed({**schema, "minItems": max(1, schema.get("minItems", 1)), "items": {}}, value) and all(
            is_value(schema["items"], item) for item in value
        )
    if parameter["in"] == "path" and value == "":
        return False
    return is_value(schema, value)


def is_value(schema: Node, value: Any) -> bool:
    match schema:
        case {"format": "decimal"}:
            return isinstance(value, Decimal) and value.is_finite()
        case {"type": "number"}:
            return isinstance(value, Decimal) and value.is_finite() and is_allowed(schema, float(value))
        case {"format": "date"}:
            return type(value) is date
        case {"type": "integer"}:
            return type(value) is int and is_allowed(schema, value)
    return is_allowed(schema, value)


def as_sent(value: Any) -> str:
    """An argument as it stands in the query."""
    match value:
        case bool():
            return str(value).lower()
        case Decimal():
            return f"{value:f}"
    return str(value)


def all_as_sent(parameter: Node, value: Any) -> list[str]:
    """All values of a parameter in the query."""
    if "content" in parameter:
        return [json.dumps(value, separators=(",", ":"), ensure_ascii=False)]
    return [as_sent(item) for item in value] if isinstance(value, list) else [as_sent(value)]


def _plain(name: str) -> str:
    """A name without what Python's names have otherwise: capitals, underscores and signs."""
    return re.sub(r"[\W_]+", "", name).lower()
