"""Bodies that a schema does not allow: all ways to break one of its keywords."""

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from .schema_bodies import Schema
from .schema_validator import is_allowed


class Break(NamedTuple):
    """A body in which one keyword does not hold.

    Attributes:
        path: Where, as a JSON path with the variant instead of an index.
        what: The unit, the format or the type of what stands there.
        keyword: The broken keyword.
        how: The value, or the name, that breaks it.
        body: The whole body.
    """

    path: str
    what: str
    keyword: str
    how: str
    body: Any


BY_TYPE = {"null": None, "boolean": True, "integer": 7, "number": 0.5, "string": "1", "array": [], "object": {}}
NOT_AMOUNTS = [
    *("", "x", "-", ".", ".5", "5.", "+1", "--1", "1-", "1,5", "1.2.3", "1_000", "0x1F", "1/2", "1e", "1e1.5", "1e+-1"),
    *(" 1", "1 ", "\n1", "1\u0000", "NaN", "nan", "sNaN", "Infinity", "-inf", "1E+100", "1e-100", "1E999999999999"),
    *("\uff11", "\u0661\u0662", "\u221e", "\u00bd", "null", "true"),
]
# What a keyword does not allow, by a name for it, from what the keyword says and the body that it says it of. A keyword
# that is not here is a KeyError: add a way to break it.
WRONG: dict[str, Callable[[Any, Any], dict[str, Any]]] = {
    "type": lambda rule, _: {name: value for name, value in BY_TYPE.items() if name not in types(rule)},
    "required": lambda rule, body: {name: {key: body[key] for key in body if key != name} for name in rule},
    "const": lambda rule, _: (
        {"0": 0, "another": rule + 1, "negative": -1000}
        if isinstance(rule, int)
        else {"empty": "", "capitals": rule.upper(), "longer": f"{rule}s"}
    ),
    "enum": lambda rule, _: {"another": max(rule) + 1 if isinstance(rule[0], int) else f"{rule[0]}s"},
    "pattern": lambda rule, _: {ascii(text): text for text in NOT_AMOUNTS if not re.search(rule, text)},
    "minLength": lambda rule, _: {"too short": "1" * (rule - 1)},
    "maxLength": lambda rule, _: {"too long": "1" * (rule + 1)},
    "minItems": lambda rule, body: {"too few": body[: rule - 1]},
    "maxItems": lambda rule, body: {"too many": (body or [None]) * (rule + 1)},
    "minimum": lambda rule, _: {"too small": rule - 1},
    "maximum": lambda rule, _: {"too large": rule + 1},
    "exclusiveMinimum": lambda rule, _: {"too small": rule},
    "exclusiveMaximum": lambda rule, _: {"too large": rule},
    "multipleOf": lambda rule, _: {"no multiple": rule + 1},
    "format": lambda rule, _: {
        "int32": {"too small": -(2**31) - 1, "too large": 2**31},
        "int64": {"too small": -(2**63) - 1, "too large": 2**63},
        "decimal": {},
        "float": {},
        "double": {},
        "date": {"no date": "soon", "no such day": "2026-02-30"},
    }[rule],
    **dict.fromkeys(
        ("properties", "items", "oneOf", "anyOf", "discriminator", "additionalProperties"), lambda _rule, _: {}
    ),
    **dict.fromkeys(
        ("title", "description", "default", "example", "examples", "x-unit", "x-summary", "x-order"),
        lambda _rule, _: {},
    ),
}


def types(rule: Any) -> set[str]:
    """The types that a keyword allows: each integer is a number."""
    names = {*rule} if isinstance(rule, list) else {rule}
    return names | ({"integer"} if "number" in names else set())


def breaks(schema: Schema, body: Any, path: str = "$") -> Iterator[Break]:  # noqa: C901, PLR0912 - one kind after the other
    """Every way to break one keyword, in every place of a body that the schema allows."""
    if body is None and "null" in types(schema.get("type", "")):
        schema = {"type": schema["type"]}  # no other keyword is about null
    what = schema.get("x-unit") or schema.get("format") or str(schema.get("type", "variant"))
    for keyword, rule in schema.items():
        for how, wrong in WRONG[keyword](rule, body).items():
            if keyword != "const" or wrong != rule:
                yield Break(path, what, keyword, how, wrong)
    if "anyOf" in schema:  # what breaks one variant may fit another
        for how in ("null", "boolean", "array", "object"):
            if not is_allowed(schema, BY_TYPE[how]):
                yield Break(path, what, "anyOf", how, BY_TYPE[how])
    if "oneOf" in schema:
        tag = schema["discriminator"]["propertyName"]
        variants = {variant["properties"][tag]["const"]: variant for variant in schema["oneOf"]}
        others = [other for other in variants if not is_allowed(variants[other], {**body, tag: other})]
        for other in others:
            yield Break(path, what, "oneOf", f"{body[tag]} as {other}", {**body, tag: other})
        yield from breaks(variants[body[tag]], body, f"{path}<{body[tag]}>")
    values = schema.get("additionalProperties")
    for name in body if isinstance(body, dict) and isinstance(values, dict) else ():
        for inner in breaks(values, body[name], f"{path}.*"):
            yield inner._replace(body={**body, name: inner.body})
    for name in schema.get("properties", {}).keys() & body.keys() if isinstance(body, dict) else ():
        for inner in breaks(schema["properties"][name], body[name], f"{path}.{name}"):
            yield inner._replace(body={**body, name: inner.body})
    for index, item in enumerate(body) if "items" in schema else ():
        for inner in breaks(schema["items"], item, f"{path}[]"):
            yield inner._replace(body=[*body[:index], inner.body, *body[index + 1 :]])
