"""Read the contract as it was written."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from openapi_spec_validator import OpenAPIV31SpecValidator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

Node = dict[str, Any]

# Those of openapi.yaml; it says what they mean.
EXTENSIONS = {
    "x-error-codes", "x-error-statuses", "x-idempotent", "x-request-weight", "x-request-weight-limit", "x-unit",
}  # fmt: skip


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
    """Read a contract that is valid OpenAPI, whose every `$ref` points at something and whose extensions are known."""
    try:
        spec = YAML(typ="safe").load(path)
    except OSError as error:
        raise GenerationError(f"{path}: {error.strerror}") from error
    except (YAMLError, UnicodeDecodeError) as error:
        raise GenerationError(f"{path.name} is not valid YAML: {one_line(str(error))}") from error
    if not isinstance(spec, dict):
        raise GenerationError(f"{path.name} is not a map")
    for where, key, value in entries(spec, "#"):
        with located(where):
            if key == "$ref":
                lookup(spec, value)
            if key.startswith("x-") and key not in EXTENSIONS:
                raise GenerationError(f"the extension {key} is unknown; there are {', '.join(sorted(EXTENSIONS))}")
    # The structure only: about the rest, contract.py has messages with a place.
    if misfit := next(OpenAPIV31SpecValidator.schema_validator.iter_errors(spec), None):
        raise GenerationError(f"{misfit.json_path}: {misfit.message.partition(chr(10))[0]}")
    return spec


def entries(node: object, where: str) -> Iterator[tuple[str, str, object]]:
    """Every key with its value, and the place of both."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield where, str(key), value
            yield from entries(value, f"{where}/{key}")
    elif isinstance(node, list):
        for index, item in enumerate(node):
            yield from entries(item, f"{where}/{index}")


def lookup(spec: Node, ref: object) -> Node:
    target: object = spec
    for key in str(ref).removeprefix("#/").split("/"):
        target = target.get(key.replace("~1", "/").replace("~0", "~")) if isinstance(target, dict) else None
    if not str(ref).startswith("#/") or not isinstance(target, dict):
        raise GenerationError(f"the $ref {ref!r} points at nothing in this file")
    return target


def one_line(text: str) -> str:
    return " ".join(text.split())
