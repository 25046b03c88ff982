"""The thirty operations of sample.yaml, in a contract."""

from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

SAMPLE = Path(__file__).with_name("sample.yaml")
ERRORS = {
    "400": "BadRequest",
    "401": "Unauthorized",
    "403": "Forbidden",
    "418": "Banned",
    "429": "TooManyRequests",
    "5XX": "ServerError",
}


def operations() -> dict[str, Any]:
    """The paths, as OpenAPI has them: in the file, `returns` stands for all of the responses."""
    paths: dict[str, Any] = YAML(typ="safe").load(SAMPLE)["paths"]
    for item in paths.values():
        for node in item.values():
            content = {"application/json": {"schema": node.pop("returns")}}
            limit = {"api-ip": "X-MBX-USED-WEIGHT-1M", "sapi-uid": "X-SAPI-USED-UID-WEIGHT-1M"}
            header = limit.get(node.get("x-rate-limit"), "X-SAPI-USED-IP-WEIGHT-1M")
            node["responses"] = {
                "200": {
                    "description": "One.",
                    "headers": {header: {"$ref": "#/components/headers/UsedWeight"}},
                    "content": content,
                }
            } | {status: {"$ref": f"#/components/responses/{name}"} for status, name in ERRORS.items()}
            node.setdefault("tags", ["sample"])
            node |= {"summary": "One of the sample.", "description": f"It stands for others: {node['operationId']}."}
            for parameter in node.get("parameters", ()):
                parameter["description"] = "A parameter\uff1awith a colon that ruff takes for a slip."
            for media in node.get("requestBody", {"content": {}})["content"].values():
                for prop in media["schema"]["properties"].values():
                    prop["description"] = "A parameter."
    return paths


def schemas() -> dict[str, Any]:
    found: dict[str, Any] = YAML(typ="safe").load(SAMPLE)["schemas"]
    for schema in found.values():
        schema["description"] = "A schema."
        for prop in schema.get("properties", {}).values():
            prop["description"] = "A field."
    return found


def add_to(contract: dict[str, Any]) -> None:
    """Add the sample to a contract."""
    contract["paths"] |= operations()
    contract["components"]["schemas"] |= schemas()
    contract["tags"] += [{"name": name, "description": "Made up."} for name in ("sample", "import", "Mixed & more")]
