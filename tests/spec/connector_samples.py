"""The sample responses in the unit tests of the exchange's own connector, and how a generated package reads them."""

import ast
import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from binance_wallet.messages import Response
from strict_exchange import differences

METHODS = ("GET", "POST", "PUT", "DELETE")


def samples(connector: Path) -> Iterator[tuple[str, str, Any]]:
    """Method, path and sample response of each test of binance-connector-python (REST alone)."""
    for file in sorted(connector.glob("clients/*/tests/unit/rest_api/test_*.py")):
        for test in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(test, ast.FunctionDef) and (found := _sample(test)):
                yield found


def _sample(test: ast.FunctionDef) -> tuple[str, str, Any] | None:
    method = path = sample = None
    for node in ast.walk(test):
        match node:
            case ast.Assign(targets=[ast.Name(id="expected_response")], value=value):
                sample = ast.literal_eval(value)
            case ast.Compare(left=ast.Constant(value=str(text))) if text.startswith("/"):
                path = text
            case ast.Compare(comparators=[ast.Constant(value=str(text))]) if text in METHODS:
                method = text
    return (method, path, sample) if method and path and sample is not None else None


def distinct(found: Iterator[tuple[str, str, Any]]) -> dict[str, list[Any]]:
    """The distinct responses of each operation: tests repeat them."""
    by_operation: dict[str, list[Any]] = {}
    for method, path, sample in found:
        known = by_operation.setdefault(f"{method} {path}", [])
        if sample not in known:
            known.append(sample)
    return by_operation


def read(parse_response: Callable[[Response], Any], sample: Any) -> tuple[str, str]:
    """How a response is read: "whole", "new fields" (which the contract does not have), "differs" or "refused"."""
    body = json.dumps(sample)
    try:
        value = parse_response(Response(200, {}, body.encode()))
    except Exception as error:  # noqa: BLE001 - whatever it is, it is counted
        return "refused", f"{type(error).__name__}: {error}"
    found = [*differences(json.loads(body, parse_float=Decimal), value)]
    if wrong := [each for each in found if not each.endswith(": is lost")]:
        return "differs", "; ".join(wrong)
    return ("new fields", "; ".join(found)) if found else ("whole", "")
