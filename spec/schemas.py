"""The Python types of the contract's schemas, for msgspec. What they cannot express is an error, not a guess."""

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import pairwise
from math import isfinite
from typing import Any

from document import GenerationError, Node, located, resolve, target_of

SCALARS = {"string": "str", "integer": "int", "boolean": "bool", "number": "Decimal"}

# The keywords of a schema besides its bounds. Anything else would be silently lost, so it is an error.
METADATA = {"title", "description", "default", "example", "examples", "deprecated"}
OBJECT_KEYWORDS = {"type", "properties", "required", "additionalProperties", "x-order", "x-summary"} | METADATA
KEYWORDS = {"type", "enum", "const", "format", "x-unit"} | METADATA
FORMATS = {
    "string": {"decimal", "date"},
    "integer": {"int32", "int64"},
    "number": {"float", "double"},
}
# The bounds of each type, and what they are called in `msgspec.Meta`.
NUMBER_BOUNDS = {
    "minimum": "ge",
    "maximum": "le",
    "exclusiveMinimum": "gt",
    "exclusiveMaximum": "lt",
    "multipleOf": "multiple_of",
}
BOUNDS = {
    "string": {"minLength": "min_length", "maxLength": "max_length", "pattern": "pattern"},
    "integer": NUMBER_BOUNDS,
    "number": NUMBER_BOUNDS,
    "boolean": {},
    "array": {"minItems": "min_length", "maxItems": "max_length"},
}
# msgspec cannot tell two types of one kind apart in a union.
KINDS = {"str": "text", "Decimal": "text", "date": "text", "int": "integer", "UnixMs": "integer", "bool": "bool"}


class Types:
    """The types of a contract's schemas."""

    def __init__(self, spec: Node, classes: dict[str, str]) -> None:
        self.spec = spec
        self.schemas: Node = spec["components"]["schemas"]
        self.classes = classes
        self.tags: dict[str, tuple[str, str]] = {}  # of each variant of a union: its discriminator and the value of it
        for name, schema in self.schemas.items():
            with located(name, schema):
                self._read_discriminator(schema)
        self.loose: dict[str, set[str]] = {}  # by schema: the fields that other variants of a union lack
        self._within: list[str] = []

    def _read_discriminator(self, schema: Node) -> None:
        tag_field = schema.get("discriminator", {}).get("propertyName")
        for value, target in schema.get("discriminator", {}).get("mapping", {}).items():
            name = target.rpartition("/")[2]
            if name not in self.classes:
                complaint = f"the discriminator's mapping names {target}, which is not an object with properties"
                raise GenerationError(complaint, schema)
            if self.tags.setdefault(name, (tag_field, value)) != (tag_field, value):
                raise GenerationError(f"{name} belongs to two unions with different discriminators", schema)
            match self.schemas[name]["properties"].get(tag_field):
                case dict() as field if self.resolve(field).get("const", value) == value:
                    continue
            raise GenerationError(f"{name}.{tag_field} must be there, and `const: {value}`", self.schemas[name])

    def resolve(self, node: Node) -> Node:
        return resolve(self.spec, node)

    def component(self, schema: Node) -> str | None:
        """The name of the class that a schema refers to, as the contract writes it."""
        while "$ref" in schema:
            place, _, name = schema["$ref"].rpartition("/")
            if place == "#/components/schemas" and name in self.classes:
                return str(name)
            schema = target_of(self.spec, schema["$ref"])
        return None

    def annotation(self, schema: Node, *, sent: bool = False) -> str:  # noqa: PLR0911 - a table
        """The type of a schema. Enumerations are open in what is received, and closed in what is `sent`."""
        if "$ref" in schema:
            return self._referred(schema, sent=sent)
        match schema:
            case {"allOf": [only]} if schema.keys() <= {"allOf"} | METADATA:
                return self.annotation(only, sent=sent)
            case {"oneOf": [*variants]} | {"anyOf": [*variants]}:
                check_keywords(schema, {"oneOf", "anyOf", "discriminator", *METADATA})
                return self._union(variants, sent=sent)
            case {"type": [*kinds]}:
                return union([self.annotation(of_type(schema, kind), sent=sent) for kind in kinds])
            case {"type": "null"}:
                return "None"
            case {"type": "array"}:
                check_keywords(schema, {"type", "items", *BOUNDS["array"], *METADATA})
                if not isinstance(items := schema.get("items"), dict):
                    raise GenerationError("an array must say what its `items` are", schema)
                return bounded(f"list[{self.annotation(items, sent=sent)}]", schema, BOUNDS["array"])
            case {"type": "object"}:
                return self._map(schema, sent=sent)
        return self._scalar(schema, sent=sent)

    def _referred(self, schema: Node, *, sent: bool) -> str:
        if name := self.component(schema):
            check_keywords(schema, {"$ref", *METADATA}, "beside a $ref to an object")
            return self.classes[name]
        ref = schema["$ref"]
        if ref in self._within:
            raise GenerationError(f"a cycle through {ref} needs a named object in it", schema, "$ref")
        self._within.append(ref)
        try:
            return self.annotation(self.resolve(schema), sent=sent)
        finally:
            self._within.pop()

    def _map(self, schema: Node, *, sent: bool) -> str:
        if schema.get("properties"):
            raise GenerationError("inline objects must move to components/schemas", schema)
        check_keywords(schema, {"type", "properties", "additionalProperties", *METADATA})
        match schema.get("additionalProperties", True):
            case True | {} as values if not values or values is True:
                return "dict[str, Any]"
            case dict() as values:
                return f"dict[str, {self.annotation(values, sent=sent)}]"
        raise GenerationError("additionalProperties: false without properties allows only an empty object", schema)

    def _union(self, variants: list[Node], *, sent: bool) -> str:
        objects = {name for name in map(self.component, variants) if name}
        tag_fields = {self.tags.get(name, (None,))[0] for name in objects}
        if len(objects) < 2 or (len(tag_fields) == 1 and None not in tag_fields):
            return union([self.annotation(variant, sent=sent) for variant in variants])
        largest = self._largest(sorted(objects))
        others = [variant for variant in variants if self.component(variant) is None]
        return union([self.classes[largest], *(self.annotation(variant, sent=sent) for variant in others)])

    def _largest(self, names: list[str]) -> str:
        """The one of several objects that has the fields of all others, if they nest."""
        names = sorted(names, key=lambda name: len(self.schemas[name].get("properties", {})))
        for smaller, larger in pairwise(names):
            fields, more = (self.schemas[name].get("properties", {}) for name in (smaller, larger))
            if any(name not in more or not self._is_alike(field, more[name]) for name, field in fields.items()):
                apart = f"a discriminator with a mapping must tell {', '.join(sorted(names))} apart"
                raise GenerationError(f"{apart}, unless each has all the fields of the one before")
        for name in names[:-1]:
            required = {*self.schemas[name].get("required", ())}
            self.loose.setdefault(names[-1], set()).update({*self.schemas[names[-1]]["properties"]} - required)
        return names[-1]

    def _is_alike(self, one: Node, other: Node) -> bool:
        return self.annotation(one) == self.annotation(other)

    def _scalar(self, schema: Node, *, sent: bool) -> str:
        kind, form, unit = schema.get("type"), schema.get("format"), schema.get("x-unit")
        if not isinstance(kind, str) or kind not in SCALARS:
            raise GenerationError(f"no Python type for the schema {schema}")
        check_keywords(schema, KEYWORDS | BOUNDS[kind].keys())
        if form and form not in FORMATS.get(kind, ()):
            raise GenerationError(f"the format {form} cannot be expressed", schema, "format")
        if unit and (kind, unit) != ("integer", "unix-ms"):
            raise GenerationError(f"the x-unit {unit} cannot be expressed", schema, "x-unit")
        match schema:
            case {"const": value}:
                return f"Literal[{literals(schema, [value])}]"
            case {"enum": [*values]}:
                closed = f"Literal[{literals(schema, values)}]"
                return closed if sent else f"Open{'Int' if kind == 'integer' else ''}[{closed}]"
            case {"format": "decimal"} | {"type": "number"}:
                # The pattern of an amount says how the exchange writes it; any way to write it is read.
                check_keywords(schema, KEYWORDS | ({"pattern"} if form == "decimal" else set()), "of an exact decimal")
                return "Decimal"
            case {"format": "date"}:
                check_keywords(schema, KEYWORDS, "of a date")
                return "date"
            case {"x-unit": "unix-ms"} if not sent:
                check_keywords(schema, KEYWORDS, "of a moment")
                return "UnixMs"
        return bounded(SCALARS[kind], schema, BOUNDS[kind])

    def success(self, schema: Node) -> frozenset[int] | None:
        """The codes in a response of this schema that mean success; None if its `code` is data."""
        schema = self.resolve(schema)
        variants = [*schema.get("oneOf", ()), *schema.get("anyOf", ())]
        codes: list[frozenset[int] | None] = [self.success(variant) for variant in variants]
        if "code" in schema.get("properties", {}):
            match self.resolve(schema["properties"]["code"]):
                case {"const": int(value)}:
                    codes.append(frozenset([value]))
                case {"enum": [*values]} if all(isinstance(value, int) for value in values):
                    codes.append(frozenset(values))
                case {"type": "integer"} | {"type": [*_]} | {"type": "number"}:
                    codes.append(None)
        if None in codes:
            return None
        return frozenset().union(*(code for code in codes if code is not None))

    def is_flat(self, schema: Node) -> bool:
        """Whether the fields of an object hold only scalars."""
        return all(map(self._is_scalar, schema.get("properties", {}).values()))

    def _is_scalar(self, schema: Node) -> bool:
        schema = self.resolve(schema)
        variants = [part for key in ("oneOf", "anyOf", "allOf") for part in schema.get(key, ())]
        kinds = schema.get("type", [])
        return not {"object", "array"} & {*([kinds] if isinstance(kinds, str) else kinds)} and all(
            map(self._is_scalar, variants)
        )


def of_type(schema: Node, kind: str) -> Node:
    """The part of a schema of several types that concerns one of them."""
    foreign = {bound for other, bounds in BOUNDS.items() if other != kind for bound in bounds} - {*BOUNDS.get(kind, ())}
    words: Node = {key: value for key, value in schema.items() if key not in foreign} | {"type": kind}
    if kind == "null":
        return {"type": "null"}
    if "enum" in words:
        words["enum"] = [value for value in words["enum"] if value is not None]
    return words


def union(annotations: Iterable[str]) -> str:
    """The union of several types. Raises GenerationError if msgspec could not tell them apart."""
    members = list(dict.fromkeys(member for each in annotations for member in parts(each)))
    kinds: dict[str, str] = {}
    for member in members:
        kind = kind_of(member)
        are_classes = kind == "object" and not {member[:5], kinds.get(kind, "")[:5]} & {"dict["}
        if (other := kinds.setdefault(kind, member)) != member and not are_classes:
            raise GenerationError(f"{other} and {member} cannot be told apart in JSON")
    return " | ".join(sorted(members, key="None".__eq__))  # `None` last


def parts(annotation: str) -> Iterator[str]:
    """The members of a union, which may hold brackets."""
    depth, start = 0, 0
    for index, letter in enumerate(annotation):
        depth += (letter == "[") - (letter == "]")
        if letter == "|" and depth == 0:
            yield annotation[start:index].strip()
            start = index + 1
    yield annotation[start:].strip()


def kind_of(annotation: str) -> str:
    """What a type is in JSON: types of one kind cannot be told apart, except objects with a discriminator."""
    base = re.sub(r"^Annotated\[", "", annotation)
    head = re.split(r"[\[,\]]", base)[0]
    if head == "Literal":
        return "text" if base.startswith(("Literal['", 'Literal["')) else "integer"
    known = {"Open": "text", "OpenInt": "integer", "list": "array", "None": "null"} | KINDS
    return known.get(head, "object")


def literals(schema: Node, values: list[Any]) -> str:
    """The values of an enumeration, which must be of its type."""
    if schema["type"] == "boolean":
        raise GenerationError("an enumeration of booleans cannot be expressed", schema)
    kinds: dict[str, type] = {"string": str, "integer": int}
    expected = kinds.get(schema["type"])
    if not values or expected is None or any(type(value) is not expected for value in values):
        raise GenerationError(f"the values of an enumeration must be of its type, {schema['type']}", schema)
    if len({*values}) < len(values):
        raise GenerationError("an enumeration has a value twice", schema, "enum")
    if set(schema) & set(BOUNDS[schema["type"]]):
        raise GenerationError("an enumeration needs no bounds", schema)
    return ", ".join(map(repr, values))


def bounded(annotation: str, schema: Node, bounds: dict[str, str]) -> str:
    """The type with the bounds that msgspec is to check."""
    given = {word: bound(schema, keyword) for keyword, word in bounds.items() if keyword in schema}
    words = ", ".join(f"{word}={value!r}" for word, value in given.items())
    return f"Annotated[{annotation}, Meta({words})]" if words else annotation


def bound(schema: Node, keyword: str) -> Any:
    """A bound of a schema. Raises GenerationError for one that cannot be checked."""
    value = schema[keyword]
    if keyword == "pattern":
        try:
            re.compile(value)
        except re.error as error:
            raise GenerationError(f"the pattern {value} cannot be checked: {error}", schema, keyword) from error
        return value
    if schema["type"] == "number":
        if not isfinite(value):
            raise GenerationError(f"{keyword} must be a finite number", schema, keyword)
        return Decimal(repr(value))
    if type(value) is not int or not -(2**63) <= value < 2**63:
        raise GenerationError(f"{keyword} must be a whole number of at most 64 bits", schema, keyword)
    return value


def check_keywords(schema: Node, known: Iterable[str], of: str = "") -> None:
    """Raise GenerationError for a keyword that the generated code would not heed."""
    if unknown := sorted(schema.keys() - {*known}):
        raise GenerationError(f"{', '.join(unknown)} {of} cannot be expressed".replace("  ", " "), schema, unknown[0])


def check_object(name: str, schema: Node) -> None:
    """Raise GenerationError for an object with a name that no class can be made of."""
    with located(name, schema):
        check_keywords(schema, OBJECT_KEYWORDS)
        if schema.get("additionalProperties", True) is not True:
            raise GenerationError("additionalProperties beside properties cannot be expressed", schema)
        if unknown := sorted({*schema.get("required", ())} - schema["properties"].keys()):
            raise GenerationError(f"required, but not a property: {', '.join(unknown)}", schema, "required")
