"""The contract, and what the exchange's own pages say, as plain data."""

import json
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
PATH = ROOT / "spec" / "openapi.yaml"


def load(text: str) -> dict[str, Any]:
    return YAML(typ="safe").load(text)


class Cycle(Exception):  # noqa: N818 - a signal, not an error
    """A schema contains itself."""


def inlined(node: Any, spec: dict[str, Any], within: tuple[str, ...] = ()) -> Any:
    """The node with a copy of its target in the place of each `$ref`, so that tools need not look anything up.

    Optional properties that make a cycle are left out.
    """
    if isinstance(node, list):
        return [inlined(item, spec, within) for item in node]
    if not isinstance(node, dict):
        return node
    target: Any = {}
    if "$ref" in node:
        if node["$ref"] in within:
            raise Cycle
        target = spec
        for key in node["$ref"].split("/")[1:]:
            target = target[key]
        target = inlined(target, spec, (*within, node["$ref"]))
    made = {**target}
    for key, value in node.items():
        if key == "properties":
            made[key] = _properties(value, {*node.get("required", ())}, spec, within)
        elif key != "$ref":
            made[key] = inlined(value, spec, within)
    if "oneOf" in made and "discriminator" not in made:  # variants may nest: then a body fits several
        made["anyOf"] = made.pop("oneOf")
    return made


def _properties(properties: Any, required: set[str], spec: dict[str, Any], within: tuple[str, ...]) -> Any:
    made = {}
    for name, schema in properties.items():
        try:
            made[name] = inlined(schema, spec, within)
        except Cycle:
            if name in required:
                raise
    return made


SPEC = load(PATH.read_text(encoding="utf-8"))
OPERATIONS: dict[str, dict[str, Any]] = {
    f"{method.upper()} {path}": {
        "security": SPEC["security"],
        "x-rate-limit": SPEC["x-rate-limit"],
        **inlined(operation, SPEC),
        "method": method.upper(),
        "path": path,
        "parameters": inlined([*item.get("parameters", ()), *operation.get("parameters", ())], SPEC),
    }
    for path, item in SPEC["paths"].items()
    for method, operation in item.items()
    if method != "parameters"
}
# What a call may be sent with: nothing, the key alone, or all three.
SECURITY = [[], [{"apiKey": []}], [{"apiKey": [], "timestamp": [], "signature": []}]]

# The two that the exchange's pages in documented.json are about, and that the mock exchange serves.
BALANCES, SNAPSHOTS = (OPERATIONS[f"GET /sapi/v1/{name}"] for name in ("asset/wallet/balance", "accountSnapshot"))

# The facts on the exchange's pages, the same in English and in Chinese.
DOCUMENTED = json.loads(Path(__file__).with_name("documented.json").read_text(encoding="utf-8"))


def response_schema(operation: dict[str, Any], status: str = "200") -> dict[str, Any]:
    """What the contract says about the body of a response."""
    return operation["responses"][status]["content"]["application/json"]["schema"]


def documented_responses(operation: dict[str, Any], status: str = "200") -> dict[str, Any]:
    """The contract's examples of a response, if it has any."""
    media = operation["responses"][status]["content"].values()
    return {name: example["value"] for content in media for name, example in content.get("examples", {}).items()}
