"""Read the contract as it was written."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

Node = dict[str, Any]


class GenerationError(Exception):
    """The contract cannot be read, or says something that the generated package would not keep."""


@contextlib.contextmanager
def located(where: str) -> Iterator[None]:
    """Say where in the contract something is wrong."""
    try:
        yield
    except GenerationError as error:
        raise GenerationError(f"{where}: {error}") from error


def load(path: Path) -> Node:
    """Read a contract whose every `$ref` points at something."""
    try:
        spec = YAML(typ="safe").load(path)
    except OSError as error:
        raise GenerationError(f"{path}: {error.strerror}") from error
    except (YAMLError, UnicodeDecodeError) as error:
        raise GenerationError(f"{path.name} is not valid YAML: {one_line(str(error))}") from error
    if not isinstance(spec, dict):
        raise GenerationError(f"{path.name} is not a map")
    for where, ref in references(spec, "#"):
        with located(where):
            lookup(spec, ref)
    return spec


def references(node: object, where: str) -> Iterator[tuple[str, object]]:
    """Every `$ref`, with its place."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref":
                yield where, value
            yield from references(value, f"{where}/{key}")
    elif isinstance(node, list):
        for index, item in enumerate(node):
            yield from references(item, f"{where}/{index}")


def lookup(spec: Node, ref: object) -> Node:
    target: object = spec
    for key in str(ref).removeprefix("#/").split("/"):
        target = target.get(key.replace("~1", "/").replace("~0", "~")) if isinstance(target, dict) else None
    if not str(ref).startswith("#/") or not isinstance(target, dict):
        raise GenerationError(f"the $ref {ref!r} points at nothing in this file")
    return target


def one_line(text: str) -> str:
    return " ".join(text.split())
