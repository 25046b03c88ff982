"""All bodies that a schema allows, and what a client lost of one."""

import functools
import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
import schemathesis
from hypothesis import strategies as st

from .schema_validator import is_allowed

Schema = dict[str, Any]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# A datetime knows no moment before the year 1 or after 9999, and so neither does `x-unit: unix-ms`.
MOMENTS = {"minimum": -62_135_596_800_000, "maximum": 253_402_300_799_999}
# What stands in fields that the contract does not know. Anything may; a few values are drawn, and shrunk, much faster.
UNKNOWN = {"additionalProperties": {"enum": [None, "new", {"nested": [1.5, {}]}]}}
# Numbers that JSON writes as they are, for `type: number` has no bounds, but Python's floats have.
NUMBERS = [0, 7, -1.5, 0.1, 12345678.25, 1e-07, -1e16]

EXTREME_AMOUNTS = [
    *("0", "-0", "0.00000000", "00.10", "0E-8", "-0e+99", "1E-99", "9.999E+99", "12345.678e-05"),
    "115792089237316195423570985008687907853269984665640564039457584007913129639935",
    "-99999999999999999999.999999999999999999999999999999",
]
schemathesis.openapi.format("decimal", st.sampled_from(EXTREME_AMOUNTS) | st.decimals(allow_nan=False).map(str))


def smallest(schema: Schema) -> Any:  # noqa: PLR0911 - a table
    """A value that a schema allows: each property, one item in a list, the first of several variants."""
    match schema:
        case {"const": value} | {"enum": [value, *_]}:
            return value
        case {"oneOf": [*variants]} | {"anyOf": [*variants]}:
            return smallest(variants[-1])  # where variants nest, the last one has all fields
        case {"type": [kind, *_]}:
            return smallest({**schema, "type": kind})
        case {"type": "object", "properties": properties}:
            return {name: smallest(value) for name, value in properties.items()}
        case {"type": "object", "additionalProperties": dict(values)}:
            return {"key": smallest(values)}
        case {"type": "object"}:
            return {"key": [0.1, {"more": None}]}
        case {"type": "array", "items": items}:
            return [smallest(items)] * max(1, schema.get("minItems", 1))
        case {"format": "date"}:
            return "2026-01-02"
        case {"pattern": str(pattern)} if schema.get("format") != "decimal":
            return next(text for text in ("1", "A", "a") if re.search(pattern, text))
    least = schema.get("minimum", schema.get("exclusiveMinimum", -1) + 1)
    text = "1" * schema.get("minLength", 1)
    return {"string": text, "integer": least, "number": least, "boolean": False, "null": None}[schema["type"]]


def bodies(schema: Schema) -> st.SearchStrategy[Any]:
    """Everything that a schema allows, with and without fields that the contract does not know."""
    return _strategy(json.dumps(schema))


@functools.cache  # to make a strategy takes longer than to draw from it
def _strategy(schema: str) -> st.SearchStrategy[Any]:
    # schemathesis makes requests: a response body here is a request body there.
    body = {"required": True, "content": {"application/json": {"schema": _with_bounds(json.loads(schema))}}}
    document = {"openapi": "3.1.1", "info": {}, "paths": {"/": {"post": {"requestBody": body, "responses": {}}}}}
    operation = schemathesis.openapi.from_dict(document)["/"]["POST"]
    return _bodies(operation)


@st.composite  # and not `map`, of which a failing test would only show the lambda
def _bodies(draw: st.DrawFn, operation: schemathesis.APIOperation) -> Any:
    return _with_plain_integers(draw(operation.as_strategy()).body)


def _with_bounds(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_with_bounds(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    bounds: Schema = {}
    if schema.get("x-unit") == "unix-ms":
        bounds = MOMENTS
    elif schema.get("type") == "object" and "additionalProperties" not in schema:
        bounds = UNKNOWN
    elif schema.get("type") == "number" and not set(schema) & {"enum", "minimum", "maximum"}:
        return {"enum": NUMBERS}
    elif "number" in schema.get("type", "") and isinstance(schema["type"], list):
        return {"enum": [*NUMBERS, None]}
    made = {key: _with_bounds(value) for key, value in schema.items() if key not in {"example", "examples", "default"}}
    return {**made, **bounds}


def _with_plain_integers(body: Any) -> Any:
    """To JSON Schema 7.0 is an integer as well. Nobody writes one so, and the client does not read one so."""

    def number(text: str) -> float:
        return int(value) if (value := float(text)).is_integer() else value

    return json.loads(json.dumps(body), parse_float=number)


def differences(  # noqa: C901, PLR0912 - a table
    schema: Schema, body: Any, value: Any, path: str = "$"
) -> Iterator[str]:
    """Where a client's value is not what the body says, or not of the type that the contract promises."""
    match schema:
        case {"anyOf": variants}:
            fitting = [variant for variant in variants if is_allowed(variant, body)]
            yield from differences(fitting[-1], body, value, path)
        case {"type": "object", "properties": _} if body is None:
            if value is not None:
                yield f"{path}: {value!r} for null"
        case {"type": "object", "additionalProperties": dict(values)}:
            if value.keys() != body.keys():
                yield f"{path}: {value.keys()} for {body.keys()}"
            for name in value.keys() & body.keys():
                yield from differences(values, body[name], value[name], f"{path}.{name}")
        case {"type": "object"} if "properties" not in schema:
            if value != json.loads(json.dumps(body), parse_float=Decimal):
                yield f"{path}: {value!r} for {body!r}"
        case {"oneOf": variants, "discriminator": {"propertyName": tag}}:
            [variant] = [variant for variant in variants if variant["properties"][tag]["const"] == body[tag]]
            yield from differences(variant, body, value, path)
        case {"type": "object", "properties": properties}:
            attributes = {field.encode_name: field.name for field in msgspec.structs.fields(value)}
            for name in properties.keys() & body.keys():
                # The discriminator is not a field, but an attribute of the same name.
                attribute = attributes.get(name, name)
                if properties[name].get("x-unit"):  # the field is an integer, and the property a datetime
                    attribute = attribute.removesuffix("_ms")
                attribute = attribute if hasattr(value, attribute) else f"{attribute}_"  # a reserved name
                yield from differences(properties[name], body[name], getattr(value, attribute), f"{path}.{name}")
        case {"type": "array", "items": items}:
            if len(value) != len(body):
                yield f"{path}: {len(value)} items for {len(body)}"
            for index, (item, read) in enumerate(zip(body, value, strict=False)):
                yield from differences(items, item, read, f"{path}[{index}]")
        case _:
            expected = _read(schema, body)
            if not isinstance(value, type(expected)) or value != expected:
                yield f"{path}: {value!r} for {body!r}"


def _read(schema: Schema, body: Any) -> Any:
    if body is not None and schema.get("format") == "decimal":
        return Decimal(body)
    if body is not None and "number" in schema.get("type", ""):
        return Decimal(json.dumps(body))
    if body is not None and schema.get("format") == "date":
        return date.fromisoformat(body)
    if body is not None and schema.get("x-unit") == "unix-ms":
        return EPOCH + timedelta(milliseconds=body)
    return body
