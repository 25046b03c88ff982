"""What the templates need of the contract and openapi-python-client does not give them.

That is bounds, formats, discriminators and `x-` extensions. What the package cannot represent is an error, not a guess.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import Any

from document import GenerationError, Node, located, lookup, one_line
from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.openapi import Endpoint
from openapi_python_client.parser.properties import ModelProperty, Property
from openapi_python_client.strings import PythonIdentifier

ERRORS = Path(__file__).with_name("runtime") / "errors.py"

SCALARS = {"string": "str", "integer": "int", "boolean": "bool"}
KINDS = {"str": "a string", "int": "an integer", "bool": "a bool", "Decimal": "a finite Decimal"}

# The bounds that a format of integers implies.
FORMATS = {f"int{bits}": {"minimum": -(2 ** (bits - 1)), "maximum": 2 ** (bits - 1) - 1} for bits in (32, 64)}

# What a schema of one value, and that of an object, may say. All else would be lost without a word, so it is an error.
KEYWORDS = {"type", "enum", "const", "format", "x-unit", "description", "default", "example", "examples", "deprecated"}
OBJECT_KEYWORDS = {"type", "description", "properties", "required", "example", "examples", "deprecated"}
BOUNDS = {"minimum", "maximum", "minLength"}  # of a parameter: generated functions check them


@dataclass(frozen=True, kw_only=True)
class Field:
    """A property of a model.

    If it is a moment, the field holds whole milliseconds and has `_ms` in its name, and `moment` is the type of a
    property with the plain name, a `datetime`.
    """

    python_name: str
    wire_name: str
    annotation: str
    required: bool
    description: str
    moment: str = ""


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """A parameter of an operation: `limits` are arguments of `checked`, `allowed` the same in words."""

    python_name: str
    wire_name: str
    annotation: str
    required: bool
    description: str
    kind: str
    limits: dict[str, object]
    allowed: str
    default: object


@dataclass(frozen=True, kw_only=True)
class Operation:
    """What the generator's model of an endpoint leaves out."""

    weight: int
    idempotent: bool
    returns: str
    path: list[Parameter]
    query: list[Parameter]

    @property
    def parameters(self) -> list[Parameter]:
        return self.path + self.query


class Contract:
    """The contract as it was written, in the terms of the templates."""

    def __init__(self, spec: Node, parsed: GeneratorData) -> None:
        self.spec = spec
        self.schemas: dict[str, Node] = spec["components"]["schemas"]
        self.classes = {component(model): str(model.class_info.name) for model in parsed.models}
        if unnamed := self.classes.keys() - self.schemas.keys():
            raise GenerationError(f"inline objects must move to components/schemas: {', '.join(sorted(unnamed))}")
        self.tags = {
            target.rpartition("/")[2]: (schema["discriminator"]["propertyName"], tag)
            for schema in self.schemas.values()
            for tag, target in schema.get("discriminator", {}).get("mapping", {}).items()
        }

    @property
    def base_url(self) -> str:
        match self.spec:
            case {"servers": [{"url": str(url)}, *_]}:
                return url
        raise GenerationError("servers must name the main host")

    @property
    def weight_limit(self) -> Node:
        limit: Node = self.spec.get("x-request-weight-limit", {})
        match limit:
            case {"weight": weight, "interval": str(), "per": [*_]} if type(weight) is int:
                return limit
        raise GenerationError("x-request-weight-limit must have a whole weight, an interval and a list `per`")

    @property
    def errors_by_status(self) -> dict[str, str]:
        """The error class of each status, or range of statuses, that has one."""
        return {status: self._error(status, name) for status, name in self._extension("x-error-statuses").items()}

    @property
    def errors_by_code(self) -> dict[int, tuple[str, str]]:
        """The error class and the meaning of each code."""
        found = {}
        for code, entry in self._extension("x-error-codes").items():
            match entry:
                case {"error": name, "meaning": str(meaning)} if re.fullmatch(r"-?[0-9]+", code):
                    found[int(code)] = self._error(code, name), one_line(meaning)
                case _:
                    raise GenerationError(f"x-error-codes, {code}: a code must have an `error` and a `meaning`")
        return found

    def _extension(self, name: str) -> Node:
        entries: Node = self.spec["components"].get(name)
        if not isinstance(entries, dict) or not all(isinstance(key, str) for key in entries):
            raise GenerationError(f"components must have a map {name}, its keys in quotes")
        return entries

    def _error(self, key: str, name: str) -> str:
        if name not in API_ERRORS:
            raise GenerationError(f"{key}: {name} is not one of {', '.join(API_ERRORS)}")
        return name

    def resolve(self, node: Node) -> Node:
        """The node, with what its `$ref` points at merged in."""
        if "$ref" not in node:
            return node
        target = self.resolve(lookup(self.spec, node["$ref"]))
        return {**target, **{key: value for key, value in node.items() if key != "$ref"}}

    def annotation(self, schema: Node, *, sent: bool = False) -> str:
        """The Python type of a schema. A moment is a plain integer when it is sent."""
        match schema:
            case {"$ref": ref} if name := self.classes.get(ref.rpartition("/")[2]):
                return name
            case {"$ref": _}:
                return self.annotation(self.resolve(schema), sent=sent)
            case {"oneOf": variants} | {"anyOf": variants}:
                objects = {variant["$ref"].rpartition("/")[2] for variant in variants if "$ref" in variant}
                if len(objects & self.classes.keys()) > 1 and not objects <= self.tags.keys():
                    raise GenerationError(
                        f"a discriminator with a mapping must tell {', '.join(sorted(objects))} apart"
                    )
                return " | ".join(self.annotation(variant, sent=sent) for variant in variants)
            case {"type": [*types]}:
                return " | ".join(self.annotation({**schema, "type": kind}, sent=sent) for kind in types)
            case {"type": "array", "items": items}:
                return f"list[{self.annotation(items, sent=sent)}]"
        return scalar(schema, sent=sent)

    def is_flat(self, model: ModelProperty) -> bool:
        """Whether the fields of the model hold no other objects."""
        return all(map(self._is_scalar, self.schemas[component(model)].get("properties", {}).values()))

    def _is_scalar(self, schema: Node) -> bool:
        schema = self.resolve(schema)
        variants = schema.get("oneOf", []) + schema.get("anyOf", [])
        kinds = schema.get("type", [])
        return not {"object", "array"} & {*([kinds] if isinstance(kinds, str) else kinds)} and all(
            map(self._is_scalar, variants)
        )

    def tag(self, model: ModelProperty) -> tuple[str, str, str] | None:
        """The discriminator, its value and its description, if the model is a variant of a union."""
        name = component(model)
        if name not in self.tags:
            return None
        discriminator, value = self.tags[name]
        return discriminator, value, self.schemas[name]["properties"][discriminator].get("description", "")

    def fields(self, model: ModelProperty) -> Iterator[Field]:
        """The fields of a model, the required ones first, without its discriminator."""
        name = component(model)
        schema = self.schemas[name]
        if unknown := schema.keys() - OBJECT_KEYWORDS:
            raise GenerationError(f"{name}: {', '.join(sorted(unknown))} cannot be expressed")
        if unknown := {*schema.get("required", ())} - schema.get("properties", {}).keys():
            raise GenerationError(f"{name}: required, but not a property: {', '.join(sorted(unknown))}")
        discriminator, _ = self.tags.get(name, (None, None))
        for prop in [*(model.required_properties or ()), *(model.optional_properties or ())]:
            wire_name = prop.name.get_untrusted_value()
            if wire_name == discriminator:
                continue
            node = schema["properties"][wire_name]
            with located(f"{name}.{wire_name}"):
                annotation = ("" if prop.required else "UnsetType | ") + self.annotation(node)
            is_moment = self.resolve(node).get("x-unit") == "unix-ms"
            yield Field(
                python_name=prop.python_name,
                wire_name=wire_name,
                annotation=annotation,
                required=prop.required,
                description=self.resolve(node).get("description", ""),
                moment=annotation.replace("UnixMs", "datetime") if is_moment else "",
            )

    def aliases(self) -> dict[str, Node]:
        """The schemas that have a name but no class: unions and enumerations."""
        return {name: schema for name, schema in self.schemas.items() if schema.keys() & {"oneOf", "anyOf", "enum"}}

    def operation(self, endpoint: Endpoint) -> Operation:
        item, node = self._find(endpoint)
        with located(f"{endpoint.method.upper()} {node['operationId']}"):
            if endpoint.header_parameters or endpoint.cookie_parameters or endpoint.bodies:
                raise GenerationError("only path and query parameters are supported")
            if type(weight := node.get("x-request-weight")) is not int:  # not isinstance, for which `true` is an int
                raise GenerationError("x-request-weight must be the cost of a call, as a whole number")
            if type(idempotent := node.get("x-idempotent", endpoint.method == "get")) is not bool:
                raise GenerationError("x-idempotent must be true or false")
            match {code: response for code, response in node["responses"].items() if str(code).startswith("2")}:
                case {"200": response, **others} if not others:
                    content = self.resolve(response).get("content", {})
                case _:
                    raise GenerationError("200 must be the one status of success")
            if "schema" not in content.get("application/json", {}):
                raise GenerationError("the response 200 must have a schema for application/json")
            parameters = {
                (parameter["in"], parameter["name"]): parameter
                for parameter in map(self.resolve, [*item.get("parameters", ()), *node.get("parameters", ())])
            }

            def read(location: str, props: Iterable[Property]) -> list[Parameter]:
                return [
                    self._parameter(parameters[location, prop.name.get_untrusted_value()], prop.python_name)
                    for prop in props
                ]

            return Operation(
                weight=weight,
                idempotent=idempotent,
                returns=self.annotation(content["application/json"]["schema"]),
                path=read("path", endpoint.path_parameters),
                query=read("query", endpoint.query_parameters),
            )

    def _find(self, endpoint: Endpoint) -> tuple[Node, Node]:
        # By operationId, because the generator rewrites paths: `{thingId}` has become `{thing_id}` in `endpoint.path`.
        found = [
            (item, node)
            for item in self.spec["paths"].values()
            for node in [item.get(endpoint.method, {})]
            if PythonIdentifier(node.get("operationId", ""), prefix="field_") == endpoint.name
        ]
        if len(found) != 1:
            wrong = "is there twice" if found else "is missing"
            raise GenerationError(f"{endpoint.method.upper()} {endpoint.name}: operationId {wrong}")
        return found[0]

    def _parameter(self, node: Node, python_name: str) -> Parameter:
        name, schema, required = node["name"], self.resolve(node["schema"]), node.get("required", False)
        with located(f"parameter {name}"):
            annotation = self.annotation(schema, sent=True)
            kind = SCALARS.get(schema["type"], "") if "enum" in schema else annotation
            if kind not in KINDS:
                raise GenerationError(f"no check for {annotation}")
            bounds = {**FORMATS.get(schema.get("format", ""), {}), **schema}
            limits: dict[str, Any] = {limit: bounds[limit] for limit in ("minimum", "maximum") if limit in bounds}
            low, high = limits.get("minimum", -inf), limits.get("maximum", inf)
            if kind == "int" and not low <= schema.get("default", low) <= high:
                raise GenerationError("its minimum, maximum and default contradict each other")
        if "enum" in schema:
            limits["choices"] = tuple(schema["enum"])
        # An empty path segment would make it another path.
        if min_length := schema.get("minLength", int(node["in"] == "path" and kind == "str")):
            limits["min_length"] = min_length
        return Parameter(
            python_name=python_name,
            wire_name=name,
            annotation=annotation if required else f"{annotation} | UnsetType | None",
            required=required,
            description=node.get("description", ""),
            kind=kind,
            limits=limits,
            allowed=in_words(KINDS[kind], limits),
            default=schema.get("default"),
        )


def api_errors() -> list[str]:
    """The names of `ApiError` and its subclasses."""
    names = ["ApiError"]
    for node in ast.parse(ERRORS.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef) and {ast.unparse(base) for base in node.bases} & {*names}:
            names.append(node.name)
    return names


def component(model: ModelProperty) -> str:
    """The name of a model under components/schemas."""
    return model.name.get_untrusted_value().rpartition("/")[2]


def scalar(schema: Node, *, sent: bool) -> str:
    if schema.get("type") == "null":
        return "None"
    check_keywords(schema, sent=sent)
    match schema:
        case {"const": value}:
            return f"Literal[{value!r}]"
        case {"enum": values}:
            return f"Literal[{', '.join(map(repr, values))}]"
        case {"type": "string", "format": "decimal"}:
            return "Decimal"
        case {"type": "integer", "x-unit": "unix-ms"} if not sent:
            return "UnixMs"
        case {"type": "number"}:
            raise GenerationError("a `type: number` would become a float, which loses digits")
        case {"type": str(kind)} if kind in SCALARS:
            return SCALARS[kind]
    raise GenerationError(f"no Python type for the schema {schema}")


def check_keywords(schema: Node, *, sent: bool) -> None:
    """Raise GenerationError for a keyword that the generated code would not heed."""
    kind, form, unit = schema.get("type"), schema.get("format"), schema.get("x-unit")
    # A Decimal is sent in plain digits, which fits the pattern of an amount.
    known = KEYWORDS | (BOUNDS if sent else set()) | ({"pattern"} if form == "decimal" else set())
    if unknown := schema.keys() - known:
        raise GenerationError(f"{', '.join(sorted(unknown))} cannot be expressed")
    if form and (kind, form) not in {("string", "decimal"), ("integer", "int32"), ("integer", "int64")}:
        raise GenerationError(f"the format {form} cannot be expressed")
    if unit and (kind, unit) != ("integer", "unix-ms"):
        raise GenerationError(f"the x-unit {unit} cannot be expressed")


def in_words(noun: str, limits: dict[str, object]) -> str:
    """What a parameter may be, for an error message: `an integer between 7 and 30`."""
    match limits:
        case {"choices": (*choices,)}:
            return f"one of {', '.join(map(str, choices))}"
        case {"minimum": low, "maximum": high}:
            return f"{noun} between {low} and {high}"
        case {"minimum": low}:
            return f"{noun} of at least {low}"
        case {"maximum": high}:
            return f"{noun} of at most {high}"
        case {"min_length": shortest}:
            return "a non-empty string" if shortest == 1 else f"a string of at least {shortest} characters"
    return noun


API_ERRORS = api_errors()
