"""Answers against the contract: all the ways to break one keyword of a schema in a body."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from openapi_schema_validator import OAS31Validator, oas31_format_checker

from .bodies import Schema
from .spec import SPEC


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
# that is not here is a KeyError: somebody has to think of a way to break it.
WRONG: dict[str, Callable[[Any, Any], dict[str, Any]]] = {
    "type": lambda rule, _: {
        name: value for name, value in BY_TYPE.items() if name not in (rule if isinstance(rule, list) else [rule])
    },
    "required": lambda rule, body: {name: {key: body[key] for key in body if key != name} for name in rule},
    "const": lambda rule, _: (
        {"0": 0, "another": rule + 1, "negative": -1000}
        if isinstance(rule, int)
        else {"empty": "", "capitals": rule.upper(), "longer": f"{rule}s"}
    ),
    "enum": lambda rule, _: {"another": f"{rule[0]}s"},
    "pattern": lambda _rule, _: {ascii(text): text for text in NOT_AMOUNTS},
    "format": lambda rule, _: {
        "int32": {"too small": -(2**31) - 1, "too large": 2**31},
        "int64": {"too small": -(2**63) - 1, "too large": 2**63},
        "decimal": {},
    }[rule],
    **dict.fromkeys(("properties", "items", "oneOf", "discriminator"), lambda _rule, _: {}),
    **dict.fromkeys(("title", "description", "default", "example", "examples", "x-unit"), lambda _rule, _: {}),
}


def breaks(schema: Schema, body: Any, path: str = "$") -> Iterator[Break]:
    """Every way to break one keyword, in every place of a body that the schema allows."""
    what = schema.get("x-unit") or schema.get("format") or str(schema.get("type", "variant"))
    for keyword, rule in schema.items():
        for how, wrong in WRONG[keyword](rule, body).items():
            yield Break(path, what, keyword, how, wrong)
    if "oneOf" in schema:
        tag = schema["discriminator"]["propertyName"]
        variants = {variant["properties"][tag]["const"]: variant for variant in schema["oneOf"]}
        for other in variants.keys() - {body[tag]}:
            yield Break(path, what, "oneOf", f"{body[tag]} as {other}", {**body, tag: other})
        yield from breaks(variants[body[tag]], body, f"{path}<{body[tag]}>")
    for name in schema.get("properties", {}).keys() & body.keys() if isinstance(body, dict) else ():
        for inner in breaks(schema["properties"][name], body[name], f"{path}.{name}"):
            yield inner._replace(body={**body, name: inner.body})
    for index, item in enumerate(body) if "items" in schema else ():
        for inner in breaks(schema["items"], item, f"{path}[]"):
            yield inner._replace(body=[*body[:index], inner.body, *body[index + 1 :]])


def is_allowed(schema: Schema, body: Any) -> bool:
    """Whether an independent validator finds nothing wrong with a body."""
    resolvable = {**schema, "components": SPEC["components"]}
    return OAS31Validator(resolvable, format_checker=oas31_format_checker).is_valid(body)
