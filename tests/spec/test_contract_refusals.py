"""What the generated package cannot express is refused: in one line, with the place and the line in the contract."""

import re
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from contracts import SPEC, Generate, dump

GONE: Any = object()
BALANCE_PATH, SNAPSHOT_PATH = "/sapi/v1/asset/wallet/balance", "/sapi/v1/accountSnapshot"
BALANCE, SNAPSHOT = ("paths", BALANCE_PATH, "get"), ("paths", SNAPSHOT_PATH, "get")
QUOTE, LIMIT = (*BALANCE, "parameters", 0), (*SNAPSHOT, "parameters", 3, "schema")
SCHEMAS, WALLET = ("components", "schemas"), ("components", "schemas", "WalletBalance")
ACTIVATE, NAME = (*WALLET, "properties", "activate"), (*WALLET, "properties", "walletName")
SUMMARY = (*WALLET, "x-summary")
RESPONSE = (*BALANCE, "responses", "200", "content", "application/json", "schema")
ALL = {"apiKey": [], "timestamp": [], "signature": []}
TEXT = {"type": "string", "description": "Text."}
MOMENT = {"type": "integer", "x-unit": "unix-ms", "description": "When."}


def param(name: str, **keys: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "description": "One.", "schema": TEXT} | keys


def struct(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "description": "One.", "properties": properties}


def operation(**keys: Any) -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/WalletBalance"}}}
    responses = {"200": {"description": "One.", "content": content}}
    described = {"summary": "One.", "description": "One.", "tags": ["asset"], "x-request-weight": 1}
    return {"operationId": "another", **described, "responses": responses} | keys


# Of each contract: a place, what stands there, what the error says, and what the line that it names begins with.
CASES: dict[str, tuple[tuple[Any, ...], Any, str, str]] = {
    # operations
    "two operations of one name": (
        (*SNAPSHOT, "operationId"),
        "queryUserWalletBalance",
        "queryUserWalletBalance and queryUserWalletBalance would become one name",
        "operationId: queryUserWalletBalance",
    ),
    "a GET and a POST of one name": (
        ("paths", BALANCE_PATH, "post"),
        operation(operationId="queryUserWalletBalance"),
        f"POST {BALANCE_PATH}: operationId: queryUserWalletBalance and queryUserWalletBalance would become one name",
        "operationId: queryUserWalletBalance",
    ),
    "names that become one module": (
        ("paths", BALANCE_PATH, "post"),
        operation(operationId="query_user_wallet_balance"),
        "queryUserWalletBalance and query_user_wallet_balance would become one name, query_user_wallet_balance",
        "operationId: query_user_wallet_balance",
    ),
    "tags that become one package": (
        ("paths", "/x"),
        {"get": operation(tags=["Asset"])},
        "tags: asset and Asset would become one name",
        "tags:",
    ),
    "an operation without a name": ((*BALANCE, "operationId"), GONE, "needs an operationId", "get:"),
    "a method": (("paths", "/x"), {"head": operation()}, "head cannot be expressed", "head:"),
    "an unknown keyword": ((*BALANCE, "callbacks"), {}, "callbacks cannot be expressed", "callbacks:"),
    "a misspelt keyword": (("paths", "/x"), {"get": operation(paramters=[])}, "'paramters' was unexpected", "get:"),
    "no weight": ((*BALANCE, "x-request-weight"), GONE, "x-request-weight must be", "get:"),
    "an invalid weight": ((*BALANCE, "x-request-weight"), True, "x-request-weight must be", "get:"),
    "a weight beyond its limit": (
        (*BALANCE, "x-request-weight"), 12_001, "a call that weighs 12001 exceeds sapi-ip", "x-request-weight:",
    ),
    "a path that must be encoded": (("paths", "/a b"), {"get": operation()}, "must consist of plain segments", "get:"),
    "a path with a query": (("paths", "/a?b=c"), {"get": operation()}, "must consist of plain segments", "get:"),
    "an enumeration of booleans": (
        (*ACTIVATE, "enum"), [True], "an enumeration of booleans cannot be expressed", "activate:",
    ),
    "a weight of nothing": ((*BALANCE, "x-request-weight"), 0, "x-request-weight must be", "get:"),
    "maybe idempotent": ((*BALANCE, "x-idempotent"), "maybe", "x-idempotent must be true or false", "x-idempotent:"),
    "an unknown extension": ((*BALANCE, "x-idempotnet"), False, "x-idempotnet is unknown", "x-idempotnet"),
    "another status of success": ((*BALANCE, "responses", "201"), {"description": "x"}, "200 must be the one", "respo"),
    "no schema of the response": (
        (*BALANCE, "responses", "200", "content"),
        {"text/plain": {"schema": TEXT}},
        "the response 200 must have a schema for application/json",
        "'200':",
    ),
    "a placeholder without a parameter": (
        ("paths", "/x/{id}"),
        {"get": operation()},
        "the path and its parameters do not match",
        "get:",
    ),
    # security and limits
    "security by half": (
        (*BALANCE, "security"),
        [{"apiKey": [], "signature": []}],
        "security must be [], [{apiKey: []}], or",
        "security:",
    ),
    "security by choice": ((*BALANCE, "security"), [ALL, {"apiKey": []}], "security must be", "security:"),
    "security that is optional": ((*BALANCE, "security"), [{}], "security must be", "security:"),
    "no security at all": (("security",), GONE, "security must be", ""),
    "an unknown limit": ((*BALANCE, "x-rate-limit"), "sapi", "x-rate-limit must be one of", "x-rate-limit:"),
    "no limit": (("x-rate-limit",), GONE, "x-rate-limit must be one of", ""),
    "no limits": (("components", "x-rate-limits"), GONE, "components must have a map x-rate-limits", "components:"),
    "a limit of an hour": (
        ("components", "x-rate-limits", "sapi-ip", "interval"),
        "hour",
        "x-rate-limits, sapi-ip: a rate limit must have",
        "sapi-ip:",
    ),
    "a limit with an invalid weight": (
        ("components", "x-rate-limits", "sapi-ip", "weight"), True, "a rate limit must have", "sapi-ip:",
    ),
    "a limit by nothing": (
        ("components", "x-rate-limits", "sapi-ip", "per"), ["endpoint"], "a rate limit must have", "sapi-ip:",
    ),
    # parameters
    "a timestamp": (QUOTE, param("timestamp"), "parameter timestamp: it belongs to `security`", "- name: timestamp"),
    "a signature": (QUOTE, param("signature"), "parameter signature: it belongs to `security`", "- name: signature"),
    "a header": (QUOTE, param("x", **{"in": "header"}), "only path and query parameters", "- name: x"),
    "parameters that become one": (
        (*BALANCE, "parameters"),
        [param("assetName"), param("asset_name")],
        "assetName and asset_name would become one name, asset_name",
        "- name: asset_name",
    ),
    "a reserved name and its underscore": (
        (*BALANCE, "parameters"),
        [param("client"), param("client_")],
        "client_",
        "",
    ),
    "a list with commas": (
        QUOTE,
        param("x", schema={"type": "array", "items": TEXT}, explode=False),
        "explode: false cannot be expressed",
        "- name: x",
    ),
    "a style": (QUOTE, param("x", style="deepObject"), "the style deepObject", "- name: x"),
    "an object": (QUOTE, param("x", schema={"type": "object"}), "parameter x: no way to send", ""),
    "a bound of another type": ((*QUOTE, "schema", "minimum"), 1, "minimum cannot be expressed", "minimum:"),
    "an invalid pattern": ((*QUOTE, "schema", "pattern"), "(", "the pattern ( cannot be checked", "pattern:"),
    "a bound that is not whole": ((*LIMIT, "minimum"), 7.5, "minimum must be a whole number", "minimum:"),
    "bounds without an integer": ((*LIMIT, "maximum"), 6, "minimum, maximum and default contradict", "schema:"),
    "a default beyond a bound": ((*LIMIT, "default"), 31, "minimum, maximum and default contradict", "schema:"),
    "a default of another type": ((*LIMIT, "default"), "seven", "its default 'seven'", "default:"),
    "values of another type": (
        QUOTE,
        param("x", schema={"type": "string", "enum": [1, 2]}),
        "the values of an enumeration must be of its type",
        "",
    ),
    "a body that is JSON": (
        ("paths", "/x"),
        {"post": operation(requestBody={"content": {"application/json": {"schema": struct(a=TEXT)}}})},
        "only a form (application/x-www-form-urlencoded)",
        "requestBody:",
    ),
    # names
    "a schema named like a class": ((*SCHEMAS, "Response"), struct(a=TEXT), "the schema Response", "Response:"),
    "a schema named Client": ((*SCHEMAS, "Client"), struct(a=TEXT), "it is reserved", "Client:"),
    "a schema named Decimal": ((*SCHEMAS, "Decimal"), struct(a=TEXT), "it is reserved", "Decimal:"),
    "a schema named Call": ((*SCHEMAS, "Call"), struct(a=TEXT), "it is reserved", "Call:"),
    "a schema named as a builtin": ((*SCHEMAS, "Exception"), struct(a=TEXT), "it is reserved", "Exception:"),
    "an enumeration named Literal": ((*SCHEMAS, "Literal"), TEXT | {"enum": ["A"]}, "it is reserved", "Literal:"),
    "schemas that become one": (
        (*SCHEMAS, "walletBalance"),
        struct(a=TEXT),
        "WalletBalance and walletBalance would become one name, WalletBalance",
        "walletBalance:",
    ),
    "fields that become one": (
        (*SCHEMAS, "Thing"),
        struct(time=MOMENT, timeMs={"type": "integer", "description": "When."}),
        "Thing: time and timeMs would become one name, time_ms",
        "timeMs:",
    ),
    "fields that differ in case": (
        (*SCHEMAS, "Thing"), struct(a=TEXT, A=TEXT), "a and A would become one name, a", "A:",
    ),
    # schemas
    "a type that is missing": ((*ACTIVATE, "type"), GONE, "WalletBalance.activate: no Python type", "activate:"),
    "a format": ((*NAME, "format"), "uuid", "WalletBalance.walletName: the format uuid", "format:"),
    "a unit": ((*ACTIVATE, "x-unit"), "unix-ms", "the x-unit unix-ms", "x-unit:"),
    "an unknown unit": ((*NAME, "x-units"), "unix-ms", "the extension x-units is unknown", "x-units:"),
    "a bound of an amount": (
        (*WALLET, "properties", "balance"),
        {"type": "string", "format": "decimal", "minLength": 3, "description": "x"},
        "minLength of an exact decimal cannot be expressed",
        "minLength:",
    ),
    "a misspelt keyword of an object": ((*WALLET, "requird"), [], "WalletBalance: requird cannot be", "requird:"),
    "a required field that is missing": ((*WALLET, "required"), ["active"], "not a property: active", "required:"),
    "a summary of nothing": (SUMMARY, None, "WalletBalance: x-summary must be a map", "x-summary:"),
    "a summary of a missing field": (SUMMARY, {"wallet.name": ""}, "wallet.name is not a field", "x-summary:"),
    "a summary of a part of a text": (SUMMARY, {"walletName.x": ""}, "walletName.x is not a field", "x-summary:"),
    "a summary by a number": (SUMMARY, {"balance": 1}, "balance must have a text", "x-summary:"),
    "a moment in a unit": (
        (*SCHEMAS, "SpotSnapshot", "x-summary"), {"updateTime": "hour"}, "of a moment, `day` or nothing", "x-summary:",
    ),
    "an order by another type": ((*WALLET, "x-order"), "balance", "x-order must be a moment", "x-order:"),
    "an order of what may be missing": (
        (*SCHEMAS, "SpotSnapshot", "required"), ["data", "type"], "x-order must be a moment", "x-order:",
    ),
    "an object in an object": (ACTIVATE, struct(a=TEXT), "inline objects must move to components/schemas", "activate:"),
    "properties and further ones": ((*WALLET, "additionalProperties"), TEXT, "additionalProperties", "WalletBalance:"),
    "several objects": (
        RESPONSE,
        {"allOf": [{"$ref": "#/components/schemas/WalletBalance"}, {"$ref": "#/components/schemas/SpotAsset"}]},
        "no Python type",
        "schema:",
    ),
    "variants without a discriminator": (
        (*SCHEMAS, "AccountSnapshot", "discriminator"),
        GONE,
        "a discriminator with a mapping must tell FuturesSnapshot, MarginSnapshot, SpotSnapshot apart",
        "",
    ),
    "a variant without its discriminator": (
        (*SCHEMAS, "SpotSnapshot", "properties", "type"), GONE, "SpotSnapshot.type must be there", "SpotSnapshot:",
    ),
    "a text that may be an amount": (
        ACTIVATE,
        {"description": "x", "oneOf": [{"type": "string"}, {"$ref": "#/components/schemas/Amount"}]},
        "str and Decimal cannot be told apart in JSON",
        "activate:",
    ),
    "an object that may be a map": (
        ACTIVATE,
        {
            "description": "x",
            "oneOf": [
                {"$ref": "#/components/schemas/SpotAsset"},
                {"type": "object", "additionalProperties": {"type": "integer"}},
            ],
        },
        "SpotAsset and dict[str, int] cannot be told apart",
        "activate:",
    ),
    "lists of two kinds": (
        ACTIVATE,
        {"description": "x", "oneOf": [{"type": "array", "items": {"type": kind}} for kind in ("string", "integer")]},
        "list[str] and list[int] cannot be told apart",
        "activate:",
    ),
    "a keyword beside a $ref to an object": (
        (*RESPONSE, "items"),
        {"$ref": "#/components/schemas/WalletBalance", "minItems": 1},
        "minItems beside a $ref to an object cannot be expressed",
        "minItems:",
    ),
    "a keyword that nothing checks": ((*RESPONSE, "uniqueItems"), True, "uniqueItems cannot be", "uniqueItems:"),
    "a cycle of lists": (
        (*SCHEMAS, "Tree"),
        {"description": "x", "oneOf": [{"type": "array", "items": {"$ref": "#/components/schemas/Tree"}}]},
        "a cycle through #/components/schemas/Tree needs a named object",
        "",
    ),
    "a $ref to nothing": (
        (*RESPONSE, "items", "$ref"), "#/components/schemas/Nothing", "points at nothing in this file", "$ref:",
    ),
    "a $ref to itself": ((*SCHEMAS, "Loop"), {"$ref": "#/components/schemas/Loop"}, "is circular", "$ref:"),
    # errors and the rest
    "an unknown error class": (
        ("components", "x-error-statuses", "401"), "KeyError", "401: KeyError is not one of", "'401':",
    ),
    "a code without a class": (("components", "x-error-codes", "-1000"), {"meaning": "x"}, "-1000", "'-1000':"),
    "a code without a name": (
        ("components", "x-error-codes", "-1000", "name"), "unknown", "needs a `name` in capitals", "'-1000':",
    ),
    "two codes of one name": (
        ("components", "x-error-codes", "-1001", "name"), "UNKNOWN", "would become one name, UNKNOWN", "'-1001':",
    ),
    "a code with a zero before it": (
        ("components", "x-error-codes", "-01000"),
        {"name": "OTHER", "error": "ApiError", "meaning": "x"}, "needs a `name` in capitals", "'-01000':",
    ),
    "a code without quotes": (("components", "x-error-codes", -1), {}, "x-error-codes/-1: this key must be", "-1:"),
    "no classes of statuses": (("components", "x-error-statuses"), GONE, "a map x-error-statuses", "components:"),
    "no servers": (("servers",), GONE, "servers must name the main host", ""),
    "no schemas": (("components", "schemas"), GONE, "points at nothing", ""),
}  # fmt: skip


def put(spec: dict[str, Any], place: tuple[Any, ...], value: Any) -> None:
    node: Any = spec
    for key in place[:-1]:
        node = node[key]
    if value is GONE:
        del node[place[-1]]
    else:
        node[place[-1]] = deepcopy(value)


@pytest.mark.parametrize(("place", "value", "complaint", "line"), CASES.values(), ids=CASES)
def test_a_mistake_is_one_line(  # noqa: PLR0917
    generate: Generate, document: dict[str, Any], tmp_path: Path, place: Any, value: Any, complaint: str, line: str
) -> None:
    put(document, place, value)
    spec, package = tmp_path / "openapi.yaml", tmp_path / "client"
    dump(document, spec)

    code, errors = generate("--spec", spec, "--output", package)

    [said] = errors.splitlines()
    assert (code, complaint in said, "object at 0x" in said) == (1, True, False), said
    found = re.match(r"generate: openapi\.yaml, line (\d+): ", said)
    assert found, said
    assert spec.read_text(encoding="utf-8").splitlines()[int(found[1]) - 1].strip().startswith(line), said
    assert not package.exists()


@pytest.mark.parametrize(
    "mistake", ["x-rate-limits: [a\n", "\tx-rate-limits: 1\n", "paths: 1\n", "a: &a\n  b\n c: d\n"]
)
def test_invalid_yaml_is_one_line(generate: Generate, tmp_path: Path, mistake: str) -> None:
    spec = tmp_path / "openapi.yaml"
    spec.write_text(SPEC.read_text(encoding="utf-8") + mistake, encoding="utf-8")

    code, errors = generate("--spec", spec, "--output", tmp_path / "client")

    [said] = errors.splitlines()
    assert (code, "is not valid YAML" in said) == (1, True), said
    assert re.match(r"generate: openapi\.yaml, line \d+: ", said)


def test_a_contract_that_contains_itself_is_one_line(generate: Generate, tmp_path: Path) -> None:
    """An anchor of YAML can contain itself."""
    spec = tmp_path / "openapi.yaml"
    spec.write_text(f"{SPEC.read_text(encoding='utf-8')}x-rate-limits: &a [*a]\n", encoding="utf-8")
    code, errors = generate("--spec", spec, "--output", tmp_path / "client")
    assert (code, errors) == (1, "generate: openapi.yaml is nested too deeply, or in itself\n")
