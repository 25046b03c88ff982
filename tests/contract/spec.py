"""The contract, and what the exchange's own pages say, as plain data."""

import json
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
PATH = ROOT / "spec" / "openapi.yaml"


def load(text: str) -> dict[str, Any]:
    return YAML(typ="safe").load(text)


def inlined(node: Any, spec: dict[str, Any]) -> Any:
    """The node with a copy of its target in the place of each `$ref`, so that tools need not look anything up."""
    if isinstance(node, list):
        return [inlined(item, spec) for item in node]
    if not isinstance(node, dict):
        return node
    target: Any = {}
    if "$ref" in node:
        target = spec
        for key in node["$ref"].split("/")[1:]:
            target = target[key]
        target = inlined(target, spec)
    return {**target, **{key: inlined(value, spec) for key, value in node.items() if key != "$ref"}}


SPEC = load(PATH.read_text(encoding="utf-8"))
OPERATIONS: dict[str, dict[str, Any]] = {
    f"{method.upper()} {path}": {"method": method.upper(), "path": path, **inlined(operation, SPEC)}
    for path, item in SPEC["paths"].items()
    for method, operation in item.items()
}

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
