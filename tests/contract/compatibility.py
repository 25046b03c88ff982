"""What a change of the contract breaks for users of the generated package."""

import math
from collections.abc import Iterator
from typing import Any

from .spec import inlined

Node = dict[str, Any]

# What may not change at all, sent or received.
FIXED = ("type", "format", "x-unit", "const", "pattern", "default")
# What a parameter may be at least and at most; without it, it may be anything.
LEAST = {"minimum": -math.inf, "exclusiveMinimum": -math.inf, "minLength": 0, "minItems": 0}
MOST = {"maximum": math.inf, "exclusiveMaximum": math.inf, "maxLength": math.inf, "maxItems": math.inf}


def breaking_changes(old: Node, new: Node) -> list[str]:
    """Why code that was written for one contract may not work with another. Descriptions and examples don't matter."""
    classes = old["components"]["schemas"].keys() - new["components"]["schemas"].keys()
    return [
        *(f"{name}: is gone" for name in sorted(classes)),
        *_operations({**old, "paths": inlined(old["paths"], old)}, {**new, "paths": inlined(new["paths"], new)}),
    ]


def _by_name(spec: Node) -> dict[str, Node]:
    return {
        operation["operationId"]: operation
        for item in spec["paths"].values()
        for method, operation in item.items()
        if method != "parameters"
    }


def _operations(old: Node, new: Node) -> Iterator[str]:
    operations = _by_name(new)
    for name, was in _by_name(old).items():
        if name not in operations:
            yield f"{name}: is gone"
            continue
        now = operations[name]
        if was["tags"][0] != now["tags"][0]:
            yield f"{name}: moved from {was['tags'][0]} to {now['tags'][0]}"
        if was.get("security", old.get("security")) != now.get("security", new.get("security")):
            yield f"{name}: is secured in another way"
        yield from _parameters(was.get("parameters", []), now.get("parameters", []), name)
        before, after = (
            operation["responses"]["200"]["content"]["application/json"]["schema"] for operation in (was, now)
        )
        yield from _schema(before, after, f"{name} response", sent=False)


def _parameters(old: list[Node], new: list[Node], name: str) -> Iterator[str]:
    was, now = ({parameter["name"]: parameter for parameter in parameters} for parameters in (old, new))
    for parameter in was.keys() - now.keys():
        yield f"{name}.{parameter}: is gone"
    for parameter, node in now.items():
        if node.get("required", False) and not was.get(parameter, {}).get("required", False):
            yield f"{name}.{parameter}: is mandatory now"
        if parameter in was:
            yield from _schema(_sent(was[parameter]), _sent(node), f"{name}.{parameter}", sent=True)


def _sent(parameter: Node) -> Node:
    """The schema of a parameter, whether it is sent as it is or as JSON."""
    media: Node = parameter if "schema" in parameter else parameter["content"]["application/json"]
    schema: Node = media["schema"]
    return schema


def _schema(old: Node, new: Node, path: str, *, sent: bool) -> Iterator[str]:
    """What is sent may become wider, and what is received narrower; not the other way round."""
    for keyword in FIXED:
        if old.get(keyword) != new.get(keyword):
            yield f"{path}: {keyword} was {old.get(keyword)}, is {new.get(keyword)}"
    yield from _values(old, new, path, sent=sent)
    for name, schema in old.get("properties", {}).items():
        if name not in new.get("properties", {}):
            yield f"{path}.{name}: is gone"
        elif name in old.get("required", ()) and name not in new.get("required", ()):
            yield f"{path}.{name}: may be missing now"
        else:
            yield from _schema(schema, new["properties"][name], f"{path}.{name}", sent=sent)
    if "items" in old and "items" in new:
        yield from _schema(old["items"], new["items"], f"{path}[]", sent=sent)
    was, now = _variants(old), _variants(new)
    for tag, schema in was.items():
        if tag in now:
            yield from _schema(schema, now[tag], f"{path}<{tag}>", sent=sent)
        else:
            yield f"{path}<{tag}>: is gone"


def _values(old: Node, new: Node, path: str, *, sent: bool) -> Iterator[str]:
    narrow, wide = (old, new) if sent else (new, old)
    if "enum" in wide and not set(narrow.get("enum", [None])) <= set(wide["enum"]):
        yield f"{path}: is one of {new.get('enum', 'anything')} now"
    if sent:
        for keyword, least in LEAST.items():
            if new.get(keyword, least) > old.get(keyword, least):
                yield f"{path}: {keyword} is {new[keyword]} now"
        for keyword, most in MOST.items():
            if new.get(keyword, most) < old.get(keyword, most):
                yield f"{path}: {keyword} is {new[keyword]} now"


def _variants(schema: Node) -> dict[str, Node]:
    tag = schema.get("discriminator", {}).get("propertyName")
    return {variant["properties"][tag]["const"]: variant for variant in schema.get("oneOf", ())}


def undeclared(old: Node, new: Node, changelog: str) -> list[str]:
    """The breaking changes and what the release lacks that has them, unless its version and its changelog say so."""
    changes = breaking_changes(old, new)
    before, after = old["info"]["version"], new["info"]["version"]
    lacks = []
    if _compatible_with(after) <= _compatible_with(before):
        lacks.append(f"info.version must say so: {after} after {before} promises that nothing breaks")
    if f"\n## {after}" not in changelog:
        lacks.append(f"CHANGELOG.md has no section for {after}")
    return [*changes, *lacks] if changes and lacks else []


def _compatible_with(version: str) -> tuple[int, ...]:
    """The part of a version that changes when something breaks: by SemVer, the first number that is not 0."""
    numbers = tuple(int(number) for number in version.split("."))
    return numbers[: next((index for index, number in enumerate(numbers, start=1) if number), len(numbers))]
