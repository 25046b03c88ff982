"""A strict exchange, made from the description of an operation alone: no line is shared with the generator.

It checks method, path, every parameter, key, timestamp and signature, or that they are absent. A call that may be
repeated gets a 503 first. What it responds is made from the examples and the types of the description.
"""

import hashlib
import hmac
import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, ClassVar, Self
from urllib.parse import parse_qsl, quote

import msgspec

KEY, SECRET = "k" * 64, "s" * 64
SIGNING = {"timestamp", "signature", "recvWindow"}

Node = dict[str, Any]


def resolved(node: Node, document: Node) -> Node:
    while "$ref" in node:
        target: Any = document
        for key in node["$ref"].split("/")[1:]:
            target = target[key]
        node = {**target, **{key: value for key, value in node.items() if key != "$ref"}}
    return node


@dataclass
class Parameter:
    """A parameter with an argument, and the ways in which it may be sent."""

    name: str
    location: str
    required: bool
    argument: Any
    sent: list[list[str]]


@dataclass
class Expected:
    """What a call of an operation must look like, and its response."""

    method: str
    path: str
    security: str
    parameters: list[Parameter]
    response: Any
    form: bool = False
    failures: list[str] = field(default_factory=list)
    seen: int = 0

    @property
    def target(self) -> str:
        path = self.path
        for parameter in self.parameters:
            if parameter.location == "path":
                path = path.replace(f"{{{parameter.name}}}", quote(parameter.sent[0][0], safe=""))
        return path


def read(document: Node, method: str, path: str) -> Expected:
    """What the description says of an operation."""
    item = document["paths"][path]
    node = item[method]
    given = [resolved(each, document) for each in [*item.get("parameters", ()), *node.get("parameters", ())]]
    security = node.get("security", document.get("security", []))
    names = {each["name"] for each in given}
    is_signed = "signature" in names or any(len(each) > 1 for each in security)
    parameters = [parameter(each, document) for each in given if each["name"] not in SIGNING]
    body = resolved(node.get("requestBody", {}), document)
    if body:
        [schema] = [resolved(each["schema"], document) for each in body["content"].values()]
        for name, prop in schema["properties"].items():
            required = name in schema.get("required", ())
            parameters.append(parameter({"name": name, "in": "form", "required": required, "schema": prop}, document))
    [response] = [each for status, each in node["responses"].items() if str(status) == "200"]
    [media] = resolved(response, document)["content"].values()
    return Expected(
        method=method.upper(),
        path=path,
        security="signed" if is_signed else "key" if any(security) else "none",
        parameters=parameters,
        response=media["example"] if "example" in media else sample(media["schema"], document),
        form=bool(body),
    )


def parameter(node: Node, document: Node) -> Parameter:
    media = node.get("content", {}).get("application/json", {})
    schema = resolved(node.get("schema") or media["schema"], document)
    argument = argument_for(schema, document)
    sent = [[as_text(each) for each in argument]] if isinstance(argument, list) else [[as_text(argument)]]
    if isinstance(argument, list):
        as_json = [json.dumps(argument, separators=(",", ":"), ensure_ascii=False, default=str)]
        said = f"{node.get('description')} {node.get('example')} {schema.get('example')}"
        is_json = media or any(isinstance(each, dict) for each in argument) or re.search(r'\[\s*"|%5B', said)
        sent = [as_json] if is_json else sent
    return Parameter(node["name"], node["in"], node.get("required", False), argument, sent)


def as_text(value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case Decimal():
            return f"{value:f}"
    return str(value)


def argument_for(schema: Node, document: Node) -> Any:  # noqa: PLR0911 - a table
    """An argument that the description allows; a text is one that needs escapes."""
    schema = resolved(schema, document)
    kind = schema.get("type")
    kind = next((each for each in kind if each != "null"), None) if isinstance(kind, list) else kind
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return str(schema["enum"][-1]) if kind == "string" else schema["enum"][-1]
    if kind == "integer" or (kind == "number" and schema.get("format") in {"int32", "int64"}):
        least = schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1)
        most = schema.get("maximum", schema.get("exclusiveMaximum", 2**31) - 1)
        return max(int(least), min(int(most), 1_768_910_400))
    if kind == "number" or schema.get("format") == "decimal":
        return Decimal("0.00000001") if "minimum" not in schema else Decimal(str(schema["minimum"]))
    if kind == "boolean":
        return True
    if kind == "array":
        item = argument_for(schema["items"], document)
        return [item] * max(2, schema.get("minItems", 0))
    if schema.get("properties"):
        return {name: argument_for(prop, document) for name, prop in schema["properties"].items()}
    if schema.get("format") == "date":
        return "2026-01-02"
    text = "币 a&b=c+d%/?'\"#é" if "pattern" not in schema else "a1"
    return text[: schema.get("maxLength", len(text))]


def sample(schema: Node, document: Node, depth: int = 0) -> Any:  # noqa: C901, PLR0911 - a table
    """A response by the examples of a schema, and by its types where it has none."""
    schema = resolved(schema, document)
    kind = schema.get("type", "object" if "properties" in schema else None)
    kind = next((each for each in kind if each != "null"), None) if isinstance(kind, list) else kind
    for keyword in ("oneOf", "anyOf"):
        if variants := schema.get(keyword):
            return sample(variants[-1], document, depth)
    if "allOf" in schema:
        merged: Node = {}
        for part in schema["allOf"]:
            merged |= sample(part, document, depth)
        return merged
    if schema.get("properties"):
        return {
            name: sample(prop, document, depth + 1)
            for name, prop in schema["properties"].items()
            if depth < 6 or name in schema.get("required", ())
        }
    if kind == "array":
        if isinstance(example := schema.get("example"), list) and fits(example, schema, document):
            return example
        count = min(schema.get("minItems", 2), schema.get("maxItems", 2))
        return [sample(schema["items"], document, depth + 1)] * count if "items" in schema else []
    if "const" in schema:
        return schema["const"]
    if (example := schema.get("example")) is not None and fits(example, schema, document):
        return example
    if schema.get("enum"):
        return "A_NEW_VALUE" if kind == "string" else schema["enum"][-1]
    if kind == "object":
        values = schema.get("additionalProperties")
        return {"币": sample(values, document, depth + 1)} if isinstance(values, dict) and values else {"a": 0.1}
    texts = {"decimal": "0.10", "date": "2026-01-02"}
    number = 0.1 if schema.get("x-unit") is None else 1_768_910_400_123
    defaults = {"string": texts.get(schema.get("format", ""), "text"), "integer": 2**40, "number": number}
    return {**defaults, "boolean": True, "null": None}.get(kind, {"a": 0.1})


def fits(example: Any, schema: Node, document: Node) -> bool:
    """Whether an example is of its type: not all are."""
    kind = schema.get("type")
    kinds: dict[Any, Any] = {"string": str, "integer": int, "number": (int, float), "boolean": bool, "array": list}
    if kind == "array":
        items = resolved(schema.get("items", {}), document)
        if items.get("properties"):
            return all(isinstance(each, dict) for each in example)
        if items.get("type") in kinds:
            return all(isinstance(each, kinds[items["type"]]) for each in example)
        return True
    is_bool = isinstance(example, bool)
    return kind not in kinds or (isinstance(example, kinds[kind]) and (kind == "boolean") == is_bool)


def differences(body: Any, value: Any, path: str = "$") -> Iterator[str]:  # noqa: C901, PLR0912 - a table
    """Where a value is not what the body says. Every field of the body must be there."""
    match value:
        case msgspec.Struct():
            found = {each.encode_name: getattr(value, each.name) for each in msgspec.structs.fields(value)}
            if (tag := value.__struct_config__.tag_field) is not None:
                found[tag] = value.__struct_config__.tag
            value = found
    if isinstance(body, dict) and isinstance(value, dict):
        for name, item in body.items():
            if name not in value:
                yield f"{path}.{name}: is lost"
            else:
                yield from differences(item, value[name], f"{path}.{name}")
        for name, item in value.items():
            if name not in body and item is not msgspec.UNSET:
                yield f"{path}.{name}: {item!r} is not in the body"
    elif isinstance(body, list) and isinstance(value, list) and len(body) == len(value):
        for index, (item, each) in enumerate(zip(body, value, strict=True)):
            yield from differences(item, each, f"{path}[{index}]")
    elif isinstance(value, Decimal) and isinstance(body, str | int | Decimal) and not isinstance(body, bool):
        if str(value) != str(Decimal(str(body))):
            yield f"{path}: {value!r} for {body!r}"
    elif hasattr(value, "isoformat"):
        if value.isoformat() != body:
            yield f"{path}: {value!r} for {body!r}"
    elif type(body) is not type(value) or body != value:
        yield f"{path}: {value!r} for {body!r}"


class StrictExchange:
    """Serves one operation at a time: `expect` says which."""

    def __enter__(self) -> Self:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        self.base_url = f"http://127.0.0.1:{self._server.server_port}"
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def expect(self, expected: Expected) -> None:
        Handler.expected = expected


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    expected: ClassVar[Expected]

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        expected = self.expected
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        problems = [*self.problems(expected, body)]
        expected.failures += problems
        expected.seen += 1
        if problems:
            self.respond(400, {"code": -1100, "msg": "; ".join(problems)})
        elif expected.method == "GET" and expected.seen == 1:
            self.respond(503, {"code": -1000, "msg": "Again."})
        else:
            self.respond(200, expected.response)

    do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815 - as http.server calls them

    def respond(self, status: int, value: Any) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def problems(self, expected: Expected, body: str) -> Iterator[str]:  # noqa: C901 - one check after the other
        path, _, query = self.path.partition("?")
        if (self.command, path) != (expected.method, expected.target):
            yield f"{self.command} {path} instead of {expected.method} {expected.target}"
        if (self.headers.get("X-MBX-APIKEY") == KEY) is not (expected.security != "none"):
            yield "the key"
        if bool(body) is not any(each.location == "form" for each in expected.parameters):
            yield "the body"
        if body and self.headers["Content-Type"] != "application/x-www-form-urlencoded":
            yield "the body's type"
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query))
        in_body = parse_qsl(body, keep_blank_values=True, strict_parsing=bool(body))
        if expected.security == "signed":
            payload, _, signature = query.rpartition("&signature=" if "&signature=" in query else "signature=")
            right = hmac.new(SECRET.encode(), (payload + body).encode(), hashlib.sha256).hexdigest()
            if signature != right:
                yield "the signature"
            stamps = [value for name, value in pairs if name == "timestamp"]
            if len(stamps) != 1 or abs(int(stamps[0]) - time.time() * 1000) > 1000 * 60:
                yield "the timestamp"
            pairs = [pair for pair in pairs if pair[0] not in {"timestamp", "signature"}]
        for location, found in (("query", pairs), ("form", in_body)):
            wanted = [each for each in expected.parameters if each.location == location]
            for each in wanted:
                values = [value for name, value in found if name == each.name]
                if not any(same(values, sent) for sent in each.sent):
                    yield f"{each.name}: {values} instead of {each.sent}"
            if unknown := {name for name, _ in found} - {each.name for each in wanted}:
                yield f"unknown: {unknown}"


def same(values: list[str], sent: list[str]) -> bool:
    if values == sent:
        return True
    try:
        return (
            len(values) == len(sent) == 1 and sent[0].startswith("[") and json.loads(values[0]) == json.loads(sent[0])
        )
    except ValueError:
        return False
