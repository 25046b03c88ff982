"""Add every operation of an OpenAPI file to the contract, generate, call a strict exchange, and count.

`.venv/bin/python tests/spec/measure.py spot_api.yaml`. The file is not ours, so nothing of it is kept. With
`--samples binance-connector-python`, a clone of it, also read the sample responses of its tests.
"""

import argparse
import importlib
import json
import sys
import tempfile
import time
from collections import Counter
from copy import deepcopy
from decimal import Decimal
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "spec"), str(ROOT / "tests" / "spec")]

import connector_samples  # noqa: E402
import endpoint  # noqa: E402
import generate  # noqa: E402
import names  # noqa: E402
import strict_exchange  # noqa: E402
from document import Document, GenerationError  # noqa: E402
from reader import METHODS, Contract  # noqa: E402
from ruamel.yaml import YAML  # noqa: E402

OURS = {"/sapi/v1/asset/wallet/balance", "/sapi/v1/accountSnapshot"}


def dumped(contract: Any, path: Path) -> Document:
    with path.open("w", encoding="utf-8") as file:
        endpoint.round_trip().dump(contract, file)
    return Document(path)


def import_operations(source: Any, base: Any, folder: Path) -> tuple[Any, dict[str, str], dict[str, str]]:
    """The contract with all operations that can be added, why others are refused, and the operationIds."""
    whole, refused, ids = deepcopy(base), {}, {}
    for path, item in source["paths"].items():
        for method in item:
            if method not in METHODS or path in OURS:
                continue
            name = f"{method.upper()} {path}"
            try:
                alone = deepcopy(base)
                endpoint.Importer(source, alone).add(method, path, None)
            except GenerationError as error:
                if "WEIGHT" not in str(error):
                    refused[name] = str(error)
                    continue
                print("no weight:", name)
                alone = deepcopy(base)
                try:
                    endpoint.Importer(source, alone).add(method, path, 1)
                except GenerationError as other:
                    refused[name] = str(other)
                    continue
            try:
                document = dumped(alone, folder / "alone.yaml")
                document.check()
                Contract(document.spec)
            except GenerationError as error:
                refused[name] = document.explain(error)
                continue
            endpoint.Importer(source, whole).add(method, path, alone["paths"][path][method]["x-request-weight"])
            ids[name] = whole["paths"][path][method]["operationId"]
    return whole, refused, ids


def arguments(expected: strict_exchange.Expected, module: Any) -> tuple[list[Any], dict[str, Any]]:
    by_name = {each.name: each.argument for each in expected.parameters}
    in_path = [each.name for each in expected.parameters if each.location == "path"]
    return [by_name.pop(name) for name in in_path], {names.variable(name): value for name, value in by_name.items()}


def called(
    name: str, expected: strict_exchange.Expected, module: Any, exchange: strict_exchange.StrictExchange
) -> list[str]:
    """What is wrong with a call, or with what is made of its response."""
    from binance_wallet import WalletClient

    exchange.expect(expected)
    keys = (strict_exchange.KEY, strict_exchange.SECRET)
    try:
        positional, named = arguments(expected, module)
        with WalletClient(*keys, base_url=exchange.base_url, weight_limit=None) as wallet:
            value = module.sync(*positional, client=wallet, **named)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is counted
        return [*expected.failures, f"{type(error).__name__}: {error}"]
    body = json.loads(json.dumps(expected.response), parse_float=Decimal)
    wrong = [*expected.failures, *strict_exchange.differences(body, value)]
    if name.startswith("GET ") and expected.seen != 2:
        wrong.append(f"{expected.seen} requests")
    return wrong


def read_samples(connector: Path, source: Any, contract: Any) -> None:
    """Read the sample responses of operations that the source has, and say what became of them."""
    by_operation = connector_samples.distinct(connector_samples.samples(connector))
    results: Counter[str] = Counter()
    for name, found in sorted(by_operation.items()):
        method, path = name.split()
        if method.lower() not in source["paths"].get(path, {}):
            results["not in the file"] += len(found)
            continue
        node = contract["paths"].get(path, {}).get(method.lower())
        for sample in found:
            outcome, why = connector_samples.read(module_of(node).parse_response, sample) if node else ("not added", "")
            results[outcome] += 1
            if outcome != "whole":
                print(outcome.upper(), name, why)
    print(f"{results.total()} responses of {len(by_operation)} operations: {dict(results)}")


def module_of(node: Any, package: str = "measured_client") -> Any:
    """The module of an operation."""
    name = f"{names.package_of(node['tags'][0])}.{names.module_of(node['operationId'])}"
    return importlib.import_module(f"{package}.api.{name}")


def generated(document: Document, folder: Path, package: str) -> None:
    """Generate, and let the package be imported."""
    try:
        generate.build(document, folder / package)
    except GenerationError as error:
        sys.exit(document.explain(error))
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
    importlib.invalidate_caches()


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("source", type=Path)
    parser.add_argument("--alone", action="store_true", help="a contract and a package for each operation")
    parser.add_argument("--samples", type=Path, help="a clone of binance-connector-python; not with --alone")
    parser.add_argument("--keep", type=Path, help="a folder for the contract and the package")
    options = parser.parse_args()
    source = YAML(typ="safe").load(options.source)
    base = endpoint.round_trip().load((ROOT / "spec" / "openapi.yaml").read_text(encoding="utf-8"))
    folder = options.keep or Path(tempfile.mkdtemp())
    folder.mkdir(exist_ok=True)
    whole, refused, ids = import_operations(source, base, folder)
    if not options.alone:
        document = dumped(whole, folder / "openapi.yaml")
        began = time.monotonic()
        generated(Document(folder / "openapi.yaml"), folder, "measured_client")
        print(f"generated {len(ids)} operations in {time.monotonic() - began:.1f} s, {document.name} read")
    results: dict[str, list[str]] = {}
    with strict_exchange.StrictExchange() as exchange:
        for number, name in enumerate(ids):
            method, path = name.split()
            package, contract = "measured_client", whole
            if options.alone:
                package, contract = f"measured_client_{number}", deepcopy(base)
                weight = whole["paths"][path][method.lower()]["x-request-weight"]
                endpoint.Importer(source, contract).add(method.lower(), path, weight)
                generated(dumped(contract, folder / "alone.yaml"), folder, package)
            node = contract["paths"][path][method.lower()]
            expected = strict_exchange.read(source, method.lower(), path)
            results[name] = called(name, expected, module_of(node, package), exchange)
    for name, why in refused.items():
        print("REFUSED", name, why)
    for name, wrong in results.items():
        if wrong:
            print("WRONG", name, wrong[:3])
    right = sum(not wrong for wrong in results.values())
    print(f"{right} right, {len(results) - right} wrong, {len(refused)} refused, of {len(results) + len(refused)}")
    if options.samples:
        read_samples(options.samples, source, whole)
    return 0


if __name__ == "__main__":
    sys.exit(main())
