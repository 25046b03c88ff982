"""The contract in the terms of the templates: models, operations, rate limits and errors.

openapi-python-client is not asked about types. What the package cannot express is an error, not a guess.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from math import inf
from pathlib import Path
from typing import Any

import names
from document import GenerationError, Node, located, one_line
from schemas import BOUNDS, KEYWORDS, METADATA, Types, bound, check_keywords, check_object, literals

ERRORS_MODULE = Path(__file__).with_name("runtime") / "errors.py"
METHODS = ("get", "post", "put", "delete")
FORM = "application/x-www-form-urlencoded"

# What signs a call; each is one of securitySchemes. A call has none of them, the key, or all.
SECURITY = {
    frozenset[str](): "none",
    frozenset({"apiKey"}): "key",
    frozenset({"apiKey", "timestamp", "signature"}): "signed",
}
OPERATION_KEYWORDS = {
    *("operationId", "tags", "summary", "description", "externalDocs", "deprecated", "parameters", "requestBody"),
    *("responses", "security", "x-request-weight", "x-idempotent", "x-rate-limit"),
}
PARAMETER_KEYWORDS = {"name", "in", "description", "required", "deprecated", "schema", "content", "style", "explode"}

# Where the names in types come from.
SOURCES = {
    **dict.fromkeys(("Annotated", "Any", "Literal"), "typing"),
    **dict.fromkeys(("Open", "OpenInt", "UnixMs"), "..types"),
    "Decimal": "decimal",
    "Meta": "msgspec",
    "date": "datetime",
}
# What `checked` takes, in words.
NOUNS = {
    "str": "a string",
    "int": "an integer",
    "bool": "a bool",
    "Decimal": "a finite Decimal",
    "date": "a date",
    "datetime": "an aware datetime or an integer",
}
# The keyword of each bound as an argument of `checked`.
BOUND_NAMES = {
    "minimum": "minimum",
    "maximum": "maximum",
    "exclusiveMinimum": "exclusive_minimum",
    "exclusiveMaximum": "exclusive_maximum",
    "multipleOf": "multiple_of",
    "minLength": "min_length",
    "maxLength": "max_length",
    "pattern": "pattern",
}
# The bounds that a format of integers implies.
INTEGER_BOUNDS = {f"int{bits}": {"minimum": -(2 ** (bits - 1)), "maximum": 2 ** (bits - 1) - 1} for bits in (32, 64)}


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

    @property
    def name(self) -> str:
        return f"{self.python_name.rstrip('_')}_ms" if self.moment else self.python_name


@dataclass(frozen=True, kw_only=True)
class Model:
    """An object with a name.

    `shown` is what its `repr` shows: the path of each value, and its unit or what it counts. `order` is the field that
    orders it, or empty. If it `is_cyclic`, it and other models refer to each other, so some are imported only after its
    class.
    """

    description: str
    tag: tuple[str, str, str] | None  # the discriminator, its value and its description
    tag_name: str
    flat: bool
    fields: list[Field]
    shown: tuple[tuple[str, str], ...]
    order: str
    is_cyclic: bool
    imports_before: list[str]
    imports_after: list[str]


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """A parameter of an operation; `check` is the expression that checks and encodes the argument."""

    python_name: str
    wire_name: str
    annotation: str
    required: bool
    description: str
    check: str
    default: object


@dataclass(frozen=True, kw_only=True)
class Operation:
    """An operation, with the expressions that make its `Call`."""

    id: str
    tag: str
    method: str
    endpoint: str
    summary: str
    description: str
    security: str
    weight: int
    rate_limit: str
    idempotent: bool
    returns: str
    success: str
    path: list[Parameter]
    query: list[Parameter]
    form: list[Parameter]

    @property
    def parameters(self) -> list[Parameter]:
        return self.path + self.query + self.form

    @property
    def path_format(self) -> str:
        """The path with a place for each parameter, for `str.format`."""
        return re.sub(r"{[^}]*}", "{}", self.endpoint)


class Contract:
    """The contract as it was written, in the terms of the templates."""

    def __init__(self, spec: Node) -> None:
        self.spec = spec
        match spec:
            case {"components": {"schemas": dict(schemas)}}:
                self.schemas: Node = schemas
            case _:
                raise GenerationError("components must have schemas", spec)
        objects = [
            name for name, schema in schemas.items() if schema.get("type") == "object" and schema.get("properties")
        ]
        self.classes = names.classes(schemas, [*objects, *self.aliases()])
        self.types = Types(spec, {name: self.classes[name] for name in objects})
        for name in objects:
            check_object(name, schemas[name])
        self.operations = list(self._operations())
        self.alias_types: dict[str, str] = {}
        self.alias_descriptions: dict[str, str] = {}
        for name, schema in self.aliases().items():
            with located(name, schema):
                self.alias_types[self.classes[name]] = self.types.annotation(schema, sent="enum" in schema)
                self.alias_descriptions[self.classes[name]] = schema.get("description", "")
        fields = {name: self._fields(name) for name in objects}  # after all unions: they loosen fields
        uses = {name: self._uses(fields[name]) for name in objects}
        self.models = {self.classes[name]: self._model(name, fields, uses) for name in objects}

    @property
    def alias_imports(self) -> dict[str, str]:
        """Where the names come from that the aliases use: ruff takes none out of an `__init__.py`."""
        words = {word for annotation in self.alias_types.values() for word in re.findall(r"\w+", annotation)}
        return {name: module for name, module in SOURCES.items() if name in words}

    def operation(self, package: str, module: str) -> Operation:
        """The operation that a module of the generated package is for."""
        [found] = [
            each
            for each in self.operations
            if (names.package_of(each.tag), names.module_of(each.id)) == (package, module)
        ]
        return found

    @property
    def base_url(self) -> str:
        match self.spec:
            case {"servers": [{"url": str(url)}, *_]}:
                return url
        raise GenerationError("servers must name the main host", self.spec)

    @cached_property
    def rate_limits(self) -> dict[str, dict[str, Any]]:
        """The arguments of each `RateLimit`, by name."""
        rate_limits = self.spec["components"].get("x-rate-limits")
        if not isinstance(rate_limits, dict):
            raise GenerationError("components must have a map x-rate-limits", self.spec["components"])
        return {name: self._rate_limit(name, node) for name, node in rate_limits.items()}

    def _rate_limit(self, name: str, node: Node) -> dict[str, Any]:
        with located(f"x-rate-limits, {name}", node):
            match node:
                case {"weight": weight, "interval": "minute", "per": [*per], "header": str(header)} if (
                    type(weight) is int
                    and weight > 0
                    and ({*per} & {"IP address", "account"} and {*per} <= {"IP address", "account", "endpoint"})
                    and len({*per} & {"IP address", "account"}) == 1
                    and header.isascii()
                    and len(node) <= 5
                ):
                    by = {"by_account": "account" in per, "by_endpoint": "endpoint" in per}
                    return {"name": name, "weight": weight, **by, "header": header.lower()}
            raise GenerationError(
                "a rate limit must have a whole `weight`, `interval: minute`, a `header`, and a list `per` of"
                " `IP address` or `account`, with `endpoint` if each endpoint has its own count"
            )

    @property
    def default_rate_limit(self) -> str:
        """The rate limit of operations that name none."""
        return self._rate_limit_of(self.spec)

    def _rate_limit_of(self, node: Node) -> str:
        name = node.get("x-rate-limit", self.spec.get("x-rate-limit"))
        if name not in self.rate_limits:
            raise GenerationError(f"x-rate-limit must be one of {', '.join(self.rate_limits)}", node, "x-rate-limit")
        return str(name)

    @property
    def errors_by_status(self) -> dict[str, str]:
        """The error class of each status, or range of statuses, that has one."""
        entries = self._extension("x-error-statuses")
        return {status: self._error(entries, status, name) for status, name in entries.items()}

    @property
    def error_codes(self) -> dict[str, tuple[int, str, str]]:
        """Each code by its name: its number, error class and meaning."""
        found, entries, taken = {}, self._extension("x-error-codes"), names.Names("x-error-codes")
        for code, entry in entries.items():
            match entry:
                case {"name": str(name), "error": error, "meaning": str(meaning)} if re.fullmatch(
                    r"-?[1-9][0-9]*|0", code
                ) and re.fullmatch(r"[A-Z][A-Z0-9_]*", name):
                    taken.take(name, code, entries, code)
                    found[name] = int(code), self._error(entries, code, error), one_line(meaning)
                case _:
                    complaint = f"x-error-codes, {code}: it needs a `name` in capitals, an `error` and a `meaning`"
                    raise GenerationError(complaint, entries, code)
        return found

    def _extension(self, name: str) -> Node:
        entries: Node = self.spec["components"].get(name)
        if not isinstance(entries, dict):
            raise GenerationError(f"components must have a map {name}", self.spec["components"])
        return entries

    def _error(self, entries: Node, key: str, name: str) -> str:
        if name not in API_ERRORS:
            raise GenerationError(f"{key}: {name} is not one of {', '.join(API_ERRORS)}", entries, key)
        return name

    def aliases(self) -> dict[str, Node]:
        """The schemas that have a name but no class: unions and enumerations."""
        return {name: schema for name, schema in self.schemas.items() if schema.keys() & {"oneOf", "anyOf", "enum"}}

    def _fields(self, name: str) -> list[Field]:
        """The fields of a model, the required ones first, without its discriminator."""
        schema, taken = self.schemas[name], names.Names(name)
        discriminator, _ = self.types.tags.get(name, (None, None))
        required = {*schema.get("required", ())} - self.types.loose.get(name, set())
        found = []
        for wire_name, node in schema["properties"].items():
            if wire_name == discriminator:
                attribute = names.variable(wire_name) if wire_name != "type" else "type"
                taken.take(attribute, wire_name, schema["properties"], wire_name)
                continue
            with located(f"{name}.{wire_name}", node):
                if re.search(r'["\\\x00-\x1f]', wire_name):
                    raise GenerationError("a name with quotes, backslashes or control characters cannot be expressed")
                annotation = ("" if wire_name in required else "UnsetType | ") + self.types.annotation(node)
            # An inner `UnixMs`, as in a list, has no property.
            is_moment = self.types.resolve(node).get("x-unit") == "unix-ms"
            field = Field(
                python_name=names.variable(wire_name),
                wire_name=wire_name,
                annotation=annotation,
                required=wire_name in required,
                description=self.types.resolve(node).get("description", ""),
                moment=annotation.replace("UnixMs", "datetime") if is_moment else "",
            )
            for each in {field.python_name, field.name}:
                taken.take(each, wire_name, schema["properties"], wire_name)
            found.append(field)
        return sorted(found, key=lambda field: not field.required)

    def _uses(self, fields: list[Field]) -> set[str]:
        """The models that the fields of a model refer to."""
        words = {word for field in fields for word in re.findall(r"\w+", field.annotation)}
        return {other for other, class_name in self.types.classes.items() if class_name in words}

    def _shown(self, name: str, fields: dict[str, list[Field]]) -> Iterator[tuple[str, str]]:
        """What the `repr` of a model shows: the path of each value, and its unit or what it counts."""
        schema = self.schemas[name]
        if not isinstance(entries := schema.get("x-summary", {}), dict):
            raise GenerationError(f"{name}: x-summary must be a map of fields and words", schema, "x-summary")
        for path, word in entries.items():
            holder, found = name, []
            for wire_name in path.split("."):
                here = [field for field in fields.get(holder, ()) if field.wire_name == wire_name]
                if not here:
                    raise GenerationError(f"{name}: x-summary: {path} is not a field", schema, "x-summary")
                found += here
                holder = self.types.component(self.schemas[holder]["properties"][wire_name]) or ""
            if not isinstance(word, str) or (found[-1].moment and word not in {"", "day"}):
                complaint = "must have a text, which is its unit or what it counts; of a moment, `day` or nothing"
                raise GenerationError(f"{name}: x-summary: {path} {complaint}", schema, "x-summary")
            yield ".".join(field.python_name for field in found), word

    def _order(self, name: str, fields: list[Field]) -> str:
        """The field that orders a model, or an empty string."""
        schema = self.schemas[name]
        if "x-order" not in schema:
            return ""
        for field in fields:
            if field.wire_name == schema["x-order"] and field.required and field.moment == "datetime":
                return field.name
        raise GenerationError(f"{name}: x-order must be a moment that is always there", schema, "x-order")

    def _model(self, name: str, fields: dict[str, list[Field]], uses: dict[str, set[str]]) -> Model:
        schema = self.schemas[name]
        tag = self.types.tags.get(name)
        # A model that refers back to this one cannot be imported before its class exists.
        cycle = {other for other in uses[name] if name in reached(other, uses)}
        return Model(
            description=schema.get("description", ""),
            tag=tag and (*tag, schema["properties"][tag[0]].get("description", "")),
            tag_name=names.variable(tag[0]) if tag and tag[0] != "type" else "type",
            flat=self.types.is_flat(schema),
            fields=fields[name],
            shown=tuple(self._shown(name, fields)),
            order=self._order(name, fields[name]),
            is_cyclic=bool(cycle),
            imports_before=sorted(self.classes[other] for other in uses[name] - cycle),
            imports_after=sorted(self.classes[other] for other in cycle - {name}),
        )

    def _operations(self) -> Iterator[Operation]:
        ids, packages, modules = names.Names("operationId"), names.Names("tags"), {}
        for path, item in self.spec["paths"].items():
            for method, node in item.items():
                if method == "parameters":
                    continue
                with located(f"{method.upper()} {path}", item):
                    if method not in METHODS:
                        raise GenerationError(f"{method} cannot be expressed", item, method)
                    if not isinstance(node.get("operationId"), str):
                        raise GenerationError("an operation needs an operationId", item, method)
                    operation_id, tag = node["operationId"], (node.get("tags") or ["default"])[0]
                    ids.take(operation_id, operation_id, node, "operationId")
                    if tag not in modules:
                        packages.take(names.package_of(tag), tag, node, "tags")
                        modules[tag] = names.Names(f"operationId, tag {tag}")
                    modules[tag].take(names.module_of(operation_id), operation_id, node, "operationId")
                with located(f"{method.upper()} {operation_id}", node):
                    check_keywords(node, OPERATION_KEYWORDS)
                    yield self._operation(path, method, item, node, tag)

    def _operation(self, path: str, method: str, item: Node, node: Node, tag: str) -> Operation:
        if type(weight := node.get("x-request-weight")) is not int or weight < 1:  # `true` is an int, too
            raise GenerationError("x-request-weight must be the cost of a call, as a whole number of at least 1")
        rate_limit = self._rate_limit_of(node)
        if weight > self.rate_limits[rate_limit]["weight"]:
            raise GenerationError(f"a call that weighs {weight} exceeds {rate_limit}", node, "x-request-weight")
        if type(idempotent := node.get("x-idempotent", method == "get")) is not bool:
            raise GenerationError("x-idempotent must be true or false", node, "x-idempotent")
        returned = self._response(node)
        taken = names.Names("parameters")
        parameters = {
            (parameter["in"], parameter["name"]): parameter
            for parameter in map(self.types.resolve, [*item.get("parameters", ()), *node.get("parameters", ())])
        }
        found: dict[str, list[Parameter]] = {"path": [], "query": [], "form": []}
        for (location, name), parameter in [*parameters.items(), *self._form(node, method)]:
            with located(f"parameter {name}", parameter):
                if location not in found:
                    raise GenerationError("only path and query parameters, and form bodies, are supported")
                if name in {"timestamp", "signature"}:
                    raise GenerationError("it belongs to `security`, and is added by the client that signs")
                python_name = taken.take(names.variable(name), name, parameter)
                found[location].append(self._parameter(parameter, python_name, location))
        in_path = re.findall(r"{([^{}]*)}", path)
        if not re.fullmatch(r"(/([A-Za-z0-9._~-]+|{[^{}]+})?)+", path):
            raise GenerationError("the path must consist of plain segments and {parameters}")
        if sorted(in_path) != sorted(parameter.wire_name for parameter in found["path"]):
            raise GenerationError("the path and its parameters do not match")
        found["path"].sort(key=lambda parameter: in_path.index(parameter.wire_name))
        success = self.types.success(returned)
        return Operation(
            id=node["operationId"],
            tag=tag,
            method=method.upper(),
            endpoint=path,
            summary=node.get("summary", ""),
            description=node.get("description", ""),
            security=self._security(node),
            weight=weight,
            rate_limit=rate_limit,
            idempotent=idempotent,
            returns=self._returns(returned),
            success="None" if success is None else f"frozenset({sorted(success) or ''})",
            **found,
        )

    def _security(self, node: Node) -> str:
        holder = node if "security" in node else self.spec
        match holder.get("security"):
            case []:
                return "none"
            case [dict(schemes)] if schemes and frozenset(schemes) in SECURITY and not any(schemes.values()):
                return SECURITY[frozenset(schemes)]
        raise GenerationError(
            "security must be [], [{apiKey: []}], or [{apiKey: [], timestamp: [], signature: []}]", holder, "security"
        )

    def _response(self, node: Node) -> Node:
        """The schema of the one response of success."""
        responses = node["responses"]
        match {code: response for code, response in responses.items() if str(code).startswith("2")}:
            case {"200": response, **others} if not others:
                content = self.types.resolve(response).get("content", {})
            case _:
                raise GenerationError("200 must be the one status of success", node, "responses")
        match content:
            case {"application/json": {"schema": dict(schema)}}:
                return schema
        raise GenerationError("the response 200 must have a schema for application/json", responses, "200")

    def _returns(self, schema: Node) -> str:
        with located("response", schema):
            return self.types.annotation(schema)

    def _form(self, node: Node, method: str) -> Iterator[tuple[tuple[str, str], Node]]:
        """The properties of a form body, as parameters."""
        if "requestBody" not in node:
            return
        body = self.types.resolve(node["requestBody"])
        with located("requestBody", node["requestBody"]):
            match body:
                case {"content": {"application/x-www-form-urlencoded": {"schema": dict(schema)}, **others}} if (
                    not others and method != "get"
                ):
                    schema = self.types.resolve(schema)
                case _:
                    raise GenerationError(f"only a form ({FORM}) of POST, PUT or DELETE can be sent")
            check_keywords(schema, {"type", "properties", "required", *METADATA})
            if schema.get("type") != "object" or not schema.get("properties"):
                raise GenerationError("a form must be an object with properties")
            for name, prop in schema["properties"].items():
                described = {"description": prop["description"]} if "description" in prop else {}
                required = name in schema.get("required", ())
                yield ("form", name), {"name": name, "in": "form", "schema": prop, "required": required, **described}

    def _parameter(self, node: Node, python_name: str, location: str) -> Parameter:
        check_keywords(node, PARAMETER_KEYWORDS | {"example", "examples"})
        if node.get("style", "simple" if location == "path" else "form") != (
            "simple" if location == "path" else "form"
        ):
            raise GenerationError(f"the style {node['style']} cannot be expressed")
        words = python_name.rstrip("_")
        match node:
            case {"content": {"application/json": {"schema": dict(schema)}, **others}} if not others:
                annotation = self.types.annotation(schema, sent=True)
                noun = f"{words} must be {annotation}, to be sent as JSON"
                check = f"json_text({python_name}, {annotation}, {noun!r})"
            case {"schema": dict(schema)}:
                annotation, check = self._checked(self.types.resolve(schema), python_name, words, location)
                if node.get("explode", True) is not True and annotation.startswith("list["):
                    raise GenerationError("explode: false cannot be expressed")
            case _:
                raise GenerationError("it must have a schema, or the content application/json")
        required = node.get("required", False)
        return Parameter(
            python_name=python_name,
            wire_name=node["name"],
            annotation=annotation if required else f"{annotation} | UnsetType | None",
            required=required,
            description=node.get("description", ""),
            check=check,
            default=self.types.resolve(schema).get("default"),
        )

    def _checked(self, schema: Node, python_name: str, words: str, location: str) -> tuple[str, str]:
        """The type of a parameter, and the expression that checks its argument."""
        if schema.get("type") == "array" and location != "path":
            check_keywords(schema, {"type", "items", "minItems", "maxItems", *METADATA})
            items = self.types.resolve(schema.get("items", {}))
            annotation, kind, bounds, noun = self._value(items, location)
            least, most = bound(schema | {"minItems": schema.get("minItems", 1)}, "minItems"), schema.get("maxItems")
            bounds |= {"min_items": max(least, 1)} | ({} if most is None else {"max_items": bound(schema, "maxItems")})
            rule = f"{words} must be a list of {item_count(max(least, 1), most)}, each {noun}"
            return f"list[{annotation}]", expression("checked_list", python_name, kind, rule, bounds)
        annotation, kind, bounds, noun = self._value(schema, location)
        return annotation, expression("checked", python_name, kind, f"{words} must be {noun}", bounds)

    def _value(self, schema: Node, location: str) -> tuple[str, str, dict[str, Any], str]:
        """The type of a scalar, its kind for `checked`, its bounds, and what it may be in words."""
        kind_on_wire = schema.get("type")
        if kind_on_wire not in BOUNDS or kind_on_wire == "array":
            raise GenerationError(f"no way to send the schema {schema}", schema)
        check_keywords(schema, KEYWORDS | {*BOUNDS[kind_on_wire]})
        unbounded = {key: value for key, value in schema.items() if key not in BOUNDS[kind_on_wire]}
        annotation = self.types.annotation(unbounded, sent=True)
        kind = {"string": "str", "integer": "int", "boolean": "bool"}.get(kind_on_wire, "Decimal")
        if annotation in {"Decimal", "date"}:
            kind = annotation
        if schema.get("x-unit") == "unix-ms":
            annotation, kind = "int | datetime", "datetime"
        complete = {**INTEGER_BOUNDS.get(schema.get("format", ""), {}), **schema}
        if kind in {"Decimal", "date"} and kind_on_wire == "string":  # the pattern of an amount fits plain digits
            complete.pop("pattern", None)
            check_keywords(schema, KEYWORDS | {"pattern"})
        bounds: dict[str, Any] = {
            name: bound(schema if keyword in schema else complete, keyword)
            for keyword, name in BOUND_NAMES.items()
            if keyword in complete
        }
        check_default(schema, bounds, kind)
        if choices := schema.get("enum", [schema["const"]] if "const" in schema else None):
            literals(schema, choices)
            bounds = {"choices": tuple(choices)}
        # An empty path segment would make it another path.
        if location == "path" and kind == "str" and not choices:
            bounds["min_length"] = max(1, bounds.get("min_length", 1))
        return annotation, kind, bounds, in_words(NOUNS[kind], bounds)


def reached(start: str, uses: dict[str, set[str]]) -> set[str]:
    """All models that a model leads to."""
    found: set[str] = set()
    waiting = [start]
    while waiting:
        if (name := waiting.pop()) not in found:
            found.add(name)
            waiting += uses[name]
    return found


def check_default(schema: Node, bounds: dict[str, Any], kind: str) -> None:
    """Raise GenerationError if bounds and default contradict each other."""
    low, high, default = bounds.get("minimum", -inf), bounds.get("maximum", inf), schema.get("default")
    expected = {"int": (int,), "datetime": (int,), "bool": (bool,), "Decimal": (int, float, str)}.get(kind, (str,))
    if default is not None and type(default) not in expected:
        raise GenerationError(f"its default {default!r} is of another type", schema, "default")
    if low > high or (type(default) is int and not low <= default <= high):
        raise GenerationError("its minimum, maximum and default contradict each other", schema)
    if bounds.get("min_length", 0) > bounds.get("max_length", inf):
        raise GenerationError("its minLength and maxLength contradict each other", schema)


def expression(function: str, name: str, kind: str, rule: str, bounds: dict[str, Any]) -> str:
    """The expression that checks an argument."""
    return f"{function}({', '.join([name, kind, repr(rule), *(f'{key}={value!r}' for key, value in bounds.items())])})"


def item_count(least: int, most: int | None) -> str:
    """How many items a list may have: `1 or more`, `2 to 5`."""
    return f"{least} or more" if most is None else f"{least}" if least == most else f"{least} to {most}"


def in_words(noun: str, bounds: dict[str, Any]) -> str:
    """What a parameter may be, for an error message: `an integer between 7 and 30`."""
    match bounds:
        case {"choices": (*choices,)}:
            return f"one of {', '.join(map(str, choices))}"
        case {"minimum": low, "maximum": high}:
            words = [f"{noun} between {low} and {high}"]
        case {"minimum": low}:
            words = [f"{noun} of at least {low}"]
        case {"maximum": high}:
            words = [f"{noun} of at most {high}"]
        case {"min_length": 1, **others} if not others:
            return "a non-empty string"
        case {"min_length": shortest, "max_length": longest}:
            words = [f"a string of {shortest} to {longest} characters"]
        case {"min_length": shortest}:
            words = [f"a string of at least {shortest} characters"]
        case {"max_length": longest}:
            words = [f"a string of at most {longest} characters"]
        case _:
            words = [noun]
    phrases = {
        "exclusive_minimum": "above {}",
        "exclusive_maximum": "below {}",
        "multiple_of": "a multiple of {}",
        "pattern": "that matches {}",
    }
    words += [phrase.format(bounds[key]) for key, phrase in phrases.items() if key in bounds]
    return ", ".join(words)


def api_errors() -> list[str]:
    """The names of `ApiError` and its subclasses."""
    found = ["ApiError"]
    for node in ast.parse(ERRORS_MODULE.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef) and {ast.unparse(base) for base in node.bases} & {*found}:
            found.append(node.name)
    return found


API_ERRORS = api_errors()
