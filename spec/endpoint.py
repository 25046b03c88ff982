"""Add an endpoint to the contract, from any OpenAPI 3 file: the exchange's own, or that of a connector.

`make endpoint FROM=file.yaml OPERATION="GET /sapi/v1/…"`. What the file does not say is guessed, and printed.
"""

import argparse
import io
import re
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import names
from document import Document, GenerationError, Node, one_line, resolve
from openapi_python_client.strings import ClassName
from reader import FORM, METHODS, Contract
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, LiteralScalarString
from schemas import BOUNDS, FORMATS

HERE = Path(__file__).resolve().parent
SIGNING = {"timestamp", "signature", "X-MBX-APIKEY"}
UNDESCRIBED = "The exchange does not describe it."
ERROR_RESPONSES = {
    "400": "BadRequest", "401": "Unauthorized", "403": "Forbidden", "418": "Banned", "429": "TooManyRequests",
    "5XX": "ServerError",
}  # fmt: skip
MOMENT_NAME = re.compile(r"(?i)(time|date|timestamp|day)$|At$|^date")
AMOUNT_NAME = re.compile(
    r"(?i)(amount|amt|price|qty|quantity|balance|free|locked|fee|rate|interest|commission|value|total|asset$|profit|margin)"
)
AMOUNT = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?")


class Importer:
    """Adds operations of one file to a contract. `guesses` lists what was not in the file."""

    def __init__(self, source: Node, contract: CommentedMap) -> None:
        self.source, self.contract = source, contract
        self.schemas: Node = contract["components"]["schemas"]
        self.guesses: list[str] = []
        self._named: dict[str, str] = {}  # the names here of the source's schemas

    def add(self, method: str, path: str, weight: int | None) -> None:
        """Add an operation. Raises GenerationError if it is not in the file, or cannot be expressed."""
        item = self.source.get("paths", {}).get(path, {})
        if method not in METHODS or method not in item:
            there = ", ".join(sorted(each.upper() for each in item if each in METHODS)) or "nothing"
            raise GenerationError(f"the file has no {method.upper()} {path}; it has {there} there")
        if method in self.contract["paths"].get(path, {}):
            raise GenerationError(f"{method.upper()} {path} is in the contract already")
        node = item[method]
        operation_id = self._operation_id(method, path, node)
        self._current_id = operation_id
        parameters = [self._resolve(each) for each in [*item.get("parameters", ()), *node.get("parameters", ())]]
        rate_limit, described = self._rate_limit(path, node), node.get("description", "")
        added = CommentedMap(operationId=operation_id, tags=CommentedSeq([self._tag(node)]))
        added["summary"] = one_line(node.get("summary") or f"{method.upper()} {path}.")
        added["description"] = text(described or UNDESCRIBED)
        self._secure(added, node, parameters)
        added["x-request-weight"] = self._weight(described, weight)
        if rate_limit != self.contract["x-rate-limit"]:
            added["x-rate-limit"] = rate_limit
        if sent := [self._parameter(each) for each in parameters if each["name"] not in SIGNING]:
            added["parameters"] = sent
        if "requestBody" in node:
            added["requestBody"] = self._body(node["requestBody"])
        header = self.contract["components"]["x-rate-limits"][rate_limit]["header"]
        added["responses"] = {
            DoubleQuotedScalarString("200"): {
                "description": text(self._success(node).get("description") or "The response."),
                "headers": {header: ref("headers/UsedWeight")},
                "content": {"application/json": {"schema": self._response(node)}},
            },
            **{
                DoubleQuotedScalarString(status) if status.isdigit() else status: ref(f"responses/{name}")
                for status, name in ERROR_RESPONSES.items()
            },
        }
        self.contract["paths"].setdefault(path, CommentedMap())[method] = added

    def _resolve(self, node: Node) -> Node:
        return resolve(self.source, node)

    def _guess(self, guess: str) -> None:
        self.guesses.append(guess)

    def _operation_id(self, method: str, path: str, node: Node) -> str:
        taken = {each.get("operationId") for item in self.contract["paths"].values() for each in item.values()}
        modules = {names.module_of(name) for name in taken if name}
        words = [word for part in path.split("/")[3:] for word in re.findall(r"[A-Za-z0-9]+", part)]
        plain = camel(words if method == "get" else [method, *words])
        version = "".join(path.split("/")[1:3]).capitalize()
        given = [node["operationId"]] if isinstance(node.get("operationId"), str) else []
        for name in [*given, plain, plain + version, f"{plain}{version}{method.capitalize()}"]:
            if names.module_of(name) not in modules:
                if not given:
                    self._guess(f"the operationId {name}: its functions are in a module of that name")
                return str(name)
        raise GenerationError(f"{method.upper()} {path}: all names for it are taken")

    def _tag(self, node: Node) -> str:
        tag = (node.get("tags") or ["other"])[0]
        known = {names.package_of(each["name"]): each["name"] for each in self.contract.get("tags", ())}
        name = re.sub(r"[^a-z0-9]+", "-", tag.lower()).strip("-") or "other"
        if names.package_of(name) in known:
            return str(known[names.package_of(name)])
        self.contract.setdefault("tags", []).append({"name": name, "description": f"{tag}."})
        return name

    def _secure(self, added: Node, node: Node, parameters: list[Node]) -> None:
        given = {each["name"] for each in parameters}
        security: list[Node] = node.get("security", self.source.get("security")) or []
        if "signature" in given or any(len(each) > 1 for each in security):
            return  # all three, as the contract says at its top
        added["security"] = CommentedSeq([{"apiKey": CommentedSeq()}] if any(security) else [])
        self._guess(f"security: {'the API key alone' if any(security) else 'none'}, for it takes no signature")

    def _rate_limit(self, path: str, node: Node) -> str:
        if path.startswith("/api/"):
            return "api-ip"
        by_account = re.search(r"(?i)weight\s*\(uid\)", node.get("description", ""))
        return "sapi-uid" if by_account else str(self.contract["x-rate-limit"])

    def _weight(self, description: str, given: int | None) -> int:
        if given is not None:
            return given
        found = re.search(r"(?is)weight\s*(\([A-Z]+\))?\s*[:|](.*)", description)
        rest = found[2].strip() if found else ""
        if plain := re.match(r"(\d+)\W*(\n|$)", rest):
            return int(plain[1])
        weights = weights_in(rest)
        if not weights:
            raise GenerationError("the file does not say what a call weighs: add WEIGHT=…, as its page says")
        self._guess(f"the weight {max(weights)}, which is the highest of {', '.join(map(str, weights))} in the text")
        return max(weights)

    def _parameter(self, node: Node) -> Node:
        name = node["name"]
        known = self.contract["components"].get("parameters", {})
        if name == "recvWindow" and name in known:
            return ref(f"parameters/{name}")
        added: Node = {"name": name, "in": node["in"]}
        if node.get("required"):
            added["required"] = True
        added["description"] = text(node.get("description") or UNDESCRIBED)
        schema = node.get("schema") or node.get("content", {}).get("application/json", {}).get("schema", {})
        where = f"parameter {name}"
        sent = self._schema(schema, where, self._current_id + pascal(name), sent=True)
        if sent.get("type") == "array":
            hint = f"{node.get('description')} {node.get('example')} {schema.get('example')}"
            is_scalar = "$ref" not in sent["items"] and sent["items"].get("type") not in {"array", "object"}
            if "content" in node or not is_scalar or re.search(r'\[\s*"|%5B', hint):
                self._guess(f"{where}: sent as JSON text")
                return {**added, "content": {"application/json": {"schema": sent}}}
            self._guess(f"{where}: sent as a repeated parameter; if its page shows JSON text, write `content` instead")
        return {**added, "schema": sent}

    def _body(self, node: Node) -> Node:
        content = self._resolve(node).get("content", {})
        if FORM not in content:
            raise GenerationError(f"its body is not a form ({FORM})")
        schema = self._resolve(content[FORM]["schema"])
        properties = {
            name: {**self._schema(each, f"parameter {name}", self._current_id + pascal(name), sent=True)}
            for name, each in schema.get("properties", {}).items()
            if name not in SIGNING
        }
        for name, added in properties.items():
            added.setdefault("description", text(schema["properties"][name].get("description") or UNDESCRIBED))
        required = [name for name in schema.get("required", ()) if name in properties]
        return {"content": {FORM: {"schema": {"type": "object", "required": required, "properties": properties}}}}

    def _success(self, node: Node) -> Node:
        responses = {str(status): response for status, response in node.get("responses", {}).items()}
        found = [response for status, response in responses.items() if status.startswith("2")] or [{}]
        return self._resolve(found[0])

    def _response(self, node: Node) -> Node:
        content = self._success(node).get("content", {})
        media: Node = content.get("application/json") or next(iter(content.values()), {})
        if "schema" not in media:
            raise GenerationError("the file does not say what its response is")
        schema = media["schema"]
        made = self._schema(schema, "response", pascal(self._current_id) + ("" if is_list(schema) else "Response"))
        if isinstance(code := self._resolve(schema).get("properties", {}).get("code"), dict):
            self._code(self._resolve(code), resolve(self.contract, made)["properties"]["code"])
        return made

    def _code(self, code: Node, made: Node) -> None:
        """Say which code means success. A `code` in an inner object is data, such as that of a voucher."""
        if "const" in code or "enum" in code:
            return
        if (example := code.get("example")) is not None and made.get("type") in {"integer", "string"}:
            made["const"] = str(example) if made["type"] == "string" else example
            self._guess(f"`code` {example!r} means success, as in the file's example; any other is an error")
        else:
            self._guess("`code` is data: the file does not say which one means success")

    def _schema(self, schema: Node, where: str, name: str, *, sent: bool = False) -> Node:
        """A schema in the contract's conventions. Objects get a name."""
        if "$ref" in schema:
            return self._referred(schema, where, sent=sent)
        schema = nullable(dict(schema))
        described = {"description": text(schema["description"])} if schema.get("description") else {}
        if isinstance(parts := schema.get("allOf"), list):
            schema = self._merged([schema, *parts])
        for keyword in ("oneOf", "anyOf"):
            if variants := schema.get(keyword):
                made = [
                    self._schema(each, where, f"{name}{index}", sent=sent) for index, each in enumerate(variants, 1)
                ]
                kept = [each for index, each in enumerate(made) if each not in made[:index]]
                return {keyword: kept, **described} if len(kept) > 1 else {**kept[0], **described}
        kind = schema.get("type", "object" if "properties" in schema else None)
        if kind == "array" or (isinstance(kind, list) and "array" in kind):
            bounds = {key: schema[key] for key in BOUNDS["array"] if key in schema}
            items = self._schema(schema.get("items") or {"type": "object"}, where, name, sent=sent)
            items.pop("description", None)
            self._correct(items, schema.get("example"))
            return {"type": kind, **described, **bounds, "items": items}
        if schema.get("properties"):
            return {**self._object(schema, name), **described}
        if kind == "object":
            return self._map(schema, where, name) | described
        return {**self._scalar(schema, where, kind, sent=sent), **described}

    def _correct(self, items: Node, example: object) -> None:
        """Where an example contradicts the schema, follow the example: for missing fields, and for further ones."""
        records = [each for each in example if isinstance(each, dict)] if isinstance(example, list) else []
        name = str(items.get("$ref", "")).rpartition("/")[2]
        schema = self.schemas.get(name)
        if not schema:
            return
        required = schema.get("required", [])
        for missing in [field for field in required if any(field not in record for record in records)]:
            required.remove(missing)
            self._guess(f"{name}.{missing}: may be missing, as in the file's example")
        for field, value in [pair for record in records for pair in record.items()]:
            kind = {str: "string", int: "integer", bool: "boolean", float: "number"}.get(type(value))
            if kind and field not in schema["properties"]:
                made = self._schema({"type": kind, "example": value}, f"{name}.{field}", name)
                schema["properties"][field] = {**made, "description": UNDESCRIBED}
                self._guess(f"{name}.{field}: is in the file's example only")

    def _referred(self, schema: Node, where: str, *, sent: bool) -> Node:
        source = schema["$ref"]
        target = self._resolve(schema)
        if not target.get("properties"):
            return self._schema(target, where, pascal(source.rpartition("/")[2]), sent=sent)
        if source not in self._named:  # before its properties, which may refer to it
            self._named[source] = self._free(pascal(source.rpartition("/")[2]))
            self.schemas[self._named[source]] = None
            self._fill(self._named[source], target)
        return ref(f"schemas/{self._named[source]}")

    def _merged(self, parts: Iterable[Node]) -> Node:
        merged: Node = {"type": "object", "properties": {}, "required": []}
        for part in map(self._resolve, parts):
            merged["properties"] |= part.get("properties", {})
            merged["required"] += part.get("required", [])
        return merged

    def _object(self, schema: Node, name: str) -> Node:
        name = self._free(pascal(name))
        self.schemas[name] = None
        self._fill(name, schema)
        return ref(f"schemas/{name}")

    def _fill(self, name: str, schema: Node) -> None:
        properties = schema["properties"]
        added: Node = CommentedMap(type="object")
        added["description"] = text(schema.get("description") or f"Part of the response of {self._current_id}.")
        if required := [each for each in schema.get("required", ()) if each in properties]:
            added["required"] = CommentedSeq(required)
            added["required"].fa.set_flow_style()
        added["properties"] = CommentedMap()
        for wire_name, node in properties.items():
            made = self._schema(node, f"{name}.{wire_name}", name + pascal(wire_name))
            made.setdefault("description", UNDESCRIBED)
            added["properties"][wire_name] = made
        self.schemas[name] = added

    def _free(self, name: str) -> str:
        """A name that no schema has yet, and that none of the package's own names hides."""
        candidates = [name, f"{name}Item", *(f"{name}{number}" for number in range(2, 1000))]
        taken = {str(ClassName(each, "field_")) for each in self.schemas}
        modules = {names.module_of(each) for each in taken}
        for candidate in candidates:
            if candidate not in names.RESERVED and names.module_of(candidate) not in modules:
                return candidate
        raise GenerationError(f"all names like {name} are taken")

    def _map(self, schema: Node, where: str, name: str) -> Node:
        values = schema.get("additionalProperties")
        added: Node = {"type": schema.get("type", "object")}
        if isinstance(values, dict) and values:
            added["additionalProperties"] = self._schema(values, where, f"{name}Value")
        return added

    def _scalar(self, schema: Node, where: str, kind: Any, *, sent: bool) -> Node:  # noqa: C901 - a table
        kinds = [kind] if isinstance(kind, str) else list(kind or ())
        plain = [each for each in kinds if each != "null"]
        if len(plain) != 1 or plain[0] not in BOUNDS:
            raise GenerationError(f"{where}: it must have one type, not {schema.get('type')!r}")
        [base] = plain
        example = schema.get("example")
        added: Node = {"type": kind}
        form = schema.get("format")
        if base == "number" and form in {"int32", "int64"}:
            base, added["type"] = "integer", "integer"
        if form in FORMATS.get(base, ()) and base != "number":
            added["format"] = form
        elif form and base != "number":
            self._guess(f"{where}: left out the format {form}")
        if "enum" in schema:
            convert = str if base == "string" else lambda value: value
            added["enum"] = CommentedSeq(dict.fromkeys(convert(each) for each in schema["enum"] if each is not None))
        else:
            for bound in BOUNDS[base]:
                if bound in schema:
                    added[bound] = schema[bound]
        name = re.split(r"[ .]", where)[-1]
        if is_moment(name, base, example, sent=sent) and "enum" not in added:
            self._guess(f"{where}: a moment in milliseconds")
            return {key: value for key, value in added.items() if key in {"type", "format"}} | {"x-unit": "unix-ms"}
        if base == "string" and not sent and set(added) == {"type"} and is_amount(name, example):
            self._guess(f"{where}: an exact amount")
            amount = ref("schemas/Amount")
            return amount if kind == "string" else {"oneOf": [amount, {"type": "null"}]}
        if sent and type(schema.get("default")) is {"integer": int, "string": str, "boolean": bool}.get(base):
            added["default"] = schema["default"]
        return added


def is_list(schema: Node) -> bool:
    return schema.get("type") == "array"


def is_moment(name: str, kind: str, example: object, *, sent: bool) -> bool:
    """Whether an integer is a moment: by its name, and in a response by an example, too."""
    if kind != "integer" or not MOMENT_NAME.search(name):
        return False
    is_recent = type(example) is int and 10**12 <= example < 4 * 10**12
    return is_recent or (sent and re.search(r"(?i)(start|end|begin)_?(time|timestamp)$", name) is not None)


def is_amount(name: str, example: object) -> bool:
    """Whether a string is an amount: by an example, and if that has no decimal point, by its name."""
    if not isinstance(example, str) or not AMOUNT.fullmatch(example):
        return False
    return "." in example or AMOUNT_NAME.search(name) is not None


def nullable(schema: Node) -> Node:
    """OpenAPI 3.0 says `nullable`, 3.1 has a type for it."""
    is_nullable = schema.pop("nullable", False) or schema.get("format") == "nullable"
    if schema.get("format") == "nullable":
        del schema["format"]
    kind = schema.get("type")
    if is_nullable and isinstance(kind, str):
        schema["type"] = CommentedSeq([kind, "null"])
    return schema


def weights_in(description: str) -> list[int]:
    """The weights in a text: of a table, the last column; else the number that begins a line or a clause."""
    rows = re.findall(r"(?m)^\s*\|.*\|\s*`?(\d+)`?\s*\|?\s*$", description)
    clauses = re.findall(r"(?m)(?:^|;|,|\bor)[\s*-]*`?(\d+)`?\s+(?:for|when|if|per|with|without)\b", description)
    named = re.findall(r"(?m):\s*`?(\d+)`?\s*$", description)
    caps = re.findall(r"(?i)cap at\s*`?(\d+)", description)
    return [int(number) for number in [*rows, *clauses, *named, *caps]]


def ref(name: str) -> Node:
    return {"$ref": DoubleQuotedScalarString(f"#/components/{name}")}


def text(words: str) -> str:
    lines = "\n".join(line.rstrip() for line in words.strip().splitlines())
    return LiteralScalarString(lines) if "\n" in lines else lines


def camel(words: list[str]) -> str:
    """`capital`, `deposit`, `hisrec` as `capitalDepositHisrec`."""
    first, *rest = words
    return first[0].lower() + first[1:] + "".join(word[0].upper() + word[1:] for word in rest)


def pascal(name: str) -> str:
    return str(ClassName(name, "field_")).rstrip("_")


def round_trip() -> YAML:
    """Keeps comments, order, quotes and line breaks, in the way in which the contract is written."""
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 4096
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml


def import_operation(source: Path, spec: Path, operation: str, weight: int | None = None) -> tuple[list[str], str]:
    """Add an operation to the contract in a file. Return what was guessed, and the line that will import it.

    Raises GenerationError.
    """
    if not source.name or not re.fullmatch(r"[A-Za-z]+ /\S+", operation.strip()):
        raise GenerationError('usage: make endpoint FROM=file.yaml OPERATION="GET /sapi/v1/…"')
    method, _, path = operation.strip().partition(" ")
    contract = round_trip().load(spec.read_text(encoding="utf-8"))
    importer = Importer(Document(source).spec, contract)
    importer.add(method.lower(), path.strip(), weight)
    written = io.StringIO()
    round_trip().dump(contract, written)
    with tempfile.TemporaryDirectory(dir=spec.parent) as folder:
        draft = Path(folder, spec.name)
        draft.write_text(written.getvalue(), encoding="utf-8")
        document = Document(draft)
        try:
            document.check()
            Contract(document.spec)
        except GenerationError as error:
            raise GenerationError(f"it cannot be expressed: {error}") from error
        draft.replace(spec)
    node = contract["paths"][path.strip()][method.lower()]
    package, module = names.package_of(node["tags"][0]), names.module_of(node["operationId"])
    return importer.guesses, f"from binance_wallet_client.api.{package} import {module}"


def whole_number(text: str) -> int:
    """A weight that was given. Raises GenerationError."""
    if not re.fullmatch("[0-9]{1,9}", text) or int(text) < 1:
        raise GenerationError(f"the weight must be a whole number of at least 1, not {text!r}")
    return int(text)


def main() -> int:
    parser = argparse.ArgumentParser(description="Add an endpoint to the contract.")
    parser.add_argument("source", type=Path, help="an OpenAPI 3 file that has it")
    parser.add_argument("operation", help='such as "GET /sapi/v1/capital/deposit/hisrec"')
    parser.add_argument("--weight", help="what a call weighs, if the file does not say it")
    parser.add_argument("--spec", type=Path, default=HERE / "openapi.yaml", help="the contract")
    arguments = parser.parse_args()
    try:
        source = arguments.source.expanduser()  # a `~` that the shell has left
        weight = None if arguments.weight is None else whole_number(arguments.weight)
        guesses, line = import_operation(source, arguments.spec, arguments.operation, weight)
    except GenerationError as error:
        print(f"endpoint: {one_line(str(error))}", file=sys.stderr)
        return 1
    print(f"{arguments.operation} was added to {arguments.spec.name}.")
    print("These parts are guesses; check them against the exchange's page:")
    print(*(f"- {guess}" for guess in dict.fromkeys(guesses)), sep="\n")
    print("Then, after make generate:", line, sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
