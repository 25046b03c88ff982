"""Read the contract as it was written, and tell where in the file something is wrong."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from openapi_spec_validator import OpenAPIV31SpecValidator
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, SequenceNode

Node = dict[str, Any]
Place = tuple[str | int, ...]  # the keys and indexes that lead to a value

# Those of openapi.yaml; it says what they mean.
EXTENSIONS = {
    "x-error-codes", "x-error-statuses", "x-idempotent", "x-order", "x-rate-limit", "x-rate-limits", "x-request-weight",
    "x-summary", "x-unit",
}  # fmt: skip


class GenerationError(Exception):
    """The contract cannot be read, or says something that the generated package cannot express.

    Args:
        message: What is wrong.
        node: The map or the list of the contract that it is in.
        key: The key or the index in it.

    """

    def __init__(self, message: str, node: object = None, key: str | int | None = None) -> None:
        super().__init__(message)
        self.where: list[str] = []
        self.places = [] if node is None else [(node, key)]  # the innermost first; some may be merged from others

    def __str__(self) -> str:
        return ": ".join([*self.where, str(self.args[0])])


@contextlib.contextmanager
def located(where: str, node: object, key: str | int | None = None) -> Iterator[None]:
    """Say where in the contract something is wrong: in words, and by the map that it is in."""
    try:
        yield
    except GenerationError as error:
        error.where.insert(0, where)
        error.places.append((node, key))
        raise


class Document:
    """A contract file, parsed. `check` says whether it is a valid contract."""

    def __init__(self, path: Path) -> None:
        """Raises GenerationError."""
        try:
            self._text = path.read_text(encoding="utf-8")
        except OSError as error:
            raise GenerationError(f"{path}: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise GenerationError(f"{path.name} is not UTF-8") from error
        self.name = path.name
        try:
            self.spec: Node = YAML(typ="safe").load(self._text)
        except MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            place = f"{path.name}, line {mark.line + 1}" if mark else path.name
            raise GenerationError(f"{place}: is not valid YAML: {one_line(str(error.problem or error))}") from error
        except (YAMLError, ValueError) as error:
            raise GenerationError(f"{path.name} is not valid YAML: {one_line(str(error))}") from error
        if not isinstance(self.spec, dict):
            raise GenerationError(f"{path.name} is not a map")

    def check(self) -> None:
        """Raise GenerationError if this is not a valid contract."""
        for where, holder, key, value in entries(self.spec, "#"):
            with located(f"{where}/{key}", holder, key):
                if not isinstance(key, str):
                    raise GenerationError("this key must be in quotes", holder, key)
                if key == "$ref":
                    lookup(self.spec, value)  # raises
                if key.startswith("x-") and key not in EXTENSIONS:
                    known = ", ".join(sorted(EXTENSIONS))
                    raise GenerationError(f"the extension {key} is unknown; there are {known}", holder, key)
        # The structure only: about the rest, other modules have messages with a place.
        if misfit := next(OpenAPIV31SpecValidator.schema_validator.iter_errors(self.spec), None):
            *parents, key = misfit.absolute_path or [None]
            node: Any = self.spec
            for parent in parents:
                node = node[parent]
            what, _, _ = misfit.message.partition("\n")
            raise GenerationError(f"{misfit.json_path}: {what}", node, key)

    def explain(self, error: GenerationError) -> str:
        """The error in one line, with the line of the file."""
        for node, key in error.places:
            if (place := find(self.spec, node)) is not None:
                line = self._line(place if key is None else (*place, key))
                return f"{self.name}, line {line}: {one_line(str(error))}"
        return one_line(str(error))

    def _line(self, place: Place) -> int:
        node, line = YAML(typ="safe").compose(self._text), 1
        for key in place:
            if isinstance(node, MappingNode):
                found = [entry for entry in node.value if entry[0].value == str(key)]
            elif isinstance(node, SequenceNode):
                found = [(item, item) for item in node.value[int(key) : int(key) + 1]]
            else:
                break
            if not found:  # it comes from a merged map
                break
            (mark, node), *_ = found
            line = mark.start_mark.line + 1
        return line


def find(root: object, node: object, place: Place = ()) -> Place | None:
    """Where a map or a list is; None if it is not there."""
    if root is node:
        return place
    items = root.items() if isinstance(root, dict) else enumerate(root) if isinstance(root, list) else ()
    for key, value in items:
        if isinstance(value, dict | list) and (found := find(value, node, (*place, key))) is not None:
            return found
    return None


def entries(node: object, where: str) -> Iterator[tuple[str, Node, Any, object]]:
    """Every key with its value, the map that it is in, and the place of that."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield where, node, key, value
            yield from entries(value, f"{where}/{key}")
    elif isinstance(node, list):
        for index, item in enumerate(node):
            yield from entries(item, f"{where}/{index}")


def lookup(spec: Node, ref: object) -> Node:
    """What a `$ref` points at, through further ones."""
    seen, target = [ref], target_of(spec, ref)
    while "$ref" in target:
        ref = target["$ref"]
        if ref in seen:
            raise GenerationError(f"the $ref {ref!r} is circular")
        seen.append(ref)
        target = target_of(spec, ref)
    return target


def target_of(spec: Node, ref: object) -> Node:
    """What a `$ref` points at."""
    target: object = spec
    for key in str(ref).removeprefix("#/").split("/"):
        target = target.get(key.replace("~1", "/").replace("~0", "~")) if isinstance(target, dict) else None
    if not str(ref).startswith("#/") or not isinstance(target, dict):
        raise GenerationError(f"the $ref {ref!r} points at nothing in this file")
    return target


def resolve(spec: Node, node: Node) -> Node:
    """The node, with what its `$ref` points at merged in."""
    if "$ref" not in node:
        return node
    target = resolve(spec, target_of(spec, node["$ref"]))
    return {**target, **{key: value for key, value in node.items() if key != "$ref"}}


def one_line(text: str) -> str:
    return " ".join(text.split())
