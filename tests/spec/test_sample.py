"""Thirty operations of many kinds, each called on a strict exchange."""

import ast
import asyncio
import importlib
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any, get_type_hints

import httpx2
import pytest
import sample
from binance_wallet import ApiError, AsyncWalletClient, InvalidRequestError, WalletClient
from binance_wallet.budget import Budget
from binance_wallet.clock import Clock, Time
from contracts import ROOT, dump
from openapi_schema_validator import OAS31Validator
from pydantic import TypeAdapter, ValidationError
from ruamel.yaml import YAML
from strict_exchange import KEY, SECRET, Expected, StrictExchange, differences, read

pytestmark = pytest.mark.xdist_group("sample")  # what is generated for these tests is generated once

NAIVE = datetime(2026, 1, 2)  # noqa: DTZ001 - without a time zone
OPERATIONS = {
    node["operationId"]: (method, path) for path, item in sample.operations().items() for method, node in item.items()
}


@pytest.fixture(scope="module")
def contract() -> dict[str, Any]:
    contract = YAML(typ="safe").load(ROOT / "spec" / "openapi.yaml")
    sample.add_to(contract)
    return contract


@pytest.fixture(scope="module")
def package(contract: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("sample")
    dump(contract, folder / "openapi.yaml")
    command = [sys.executable, ROOT / "spec/generate.py", "--spec", folder / "openapi.yaml"]
    subprocess.run([*command, "--output", folder / "sample_client"], check=True)
    sys.path.insert(0, str(folder))
    yield folder / "sample_client"
    sys.path.remove(str(folder))


@pytest.fixture(scope="module")
def strict_exchange() -> Iterator[StrictExchange]:
    with StrictExchange() as exchange:
        yield exchange


def new_budget() -> Budget:
    """A budget of one client, with the shortest pauses before retries."""
    return Budget(clock=Clock(Time(uniform=min)))


@pytest.fixture
def sample_wallet(strict_exchange: StrictExchange) -> Iterator[WalletClient]:
    with WalletClient(KEY, SECRET, base_url=strict_exchange.base_url, budget=new_budget()) as wallet:
        yield wallet


def module(contract: dict[str, Any], operation_id: str) -> Any:
    """The module of an operation."""
    method, path = OPERATIONS[operation_id]
    tag = contract["paths"][path][method]["tags"][0]
    package = {"import": "import_", "Mixed & more": "mixed_more"}.get(tag, tag)
    name = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in operation_id)
    return importlib.import_module(f"sample_client.api.{package}.{'class_' if name == 'class' else name}")


def arguments(expected: Expected, function: Any) -> tuple[list[Any], dict[str, Any]]:
    """The arguments of a function, in its order: those of the path come first, then the client."""
    names = function.__code__.co_varnames[: function.__code__.co_argcount + function.__code__.co_kwonlyargcount]
    values = [each.argument for each in expected.parameters if each.location == "path"]
    others = [each.argument for each in expected.parameters if each.location != "path"]
    keywords = [name for name in names[len(values) :] if name not in {"client", "recv_window"}]
    return values, dict(zip(keywords, others, strict=True))


@pytest.mark.parametrize("operation_id", OPERATIONS)
def test_a_call_is_sent_and_read_as_the_contract_says(
    contract: dict[str, Any],
    package: Path,
    strict_exchange: StrictExchange,
    sample_wallet: WalletClient,
    operation_id: str,
) -> None:
    """Method, path, each parameter, key, signature, and each value of the response. Also after a 503, and async."""
    functions = module(contract, operation_id)
    body = None
    for is_async in (False, True):
        method, path = OPERATIONS[operation_id]
        expected = read(contract, method, path)
        strict_exchange.expect(expected)
        positional, named = arguments(expected, functions.sync)
        for name, value in named.items():  # a date is a date in Python, and text in the request
            if value == "2026-01-02":
                named[name] = date.fromisoformat(value)
        if is_async:

            async def call(positional: Any = positional, named: Any = named) -> Any:
                client = AsyncWalletClient(KEY, SECRET, base_url=strict_exchange.base_url, budget=new_budget())
                value = await functions.asyncio(*positional, client=client, **named)
                await client.aclose()
                return value

            value = asyncio.run(call())
        else:
            value = functions.sync(*positional, client=sample_wallet, **named)
        body = json.loads(json.dumps(expected.response), parse_float=Decimal)
        assert [*expected.failures, *differences(body, value)] == []
        assert expected.seen == (2 if method == "get" else 1)


@pytest.mark.parametrize(("operation_id", "code"), [("sampleMining", 200), ("samplePlaceAlgo", 1), ("sampleFree", 0)])
def test_any_other_code_than_that_of_success_is_an_error(  # noqa: PLR0917
    contract: dict[str, Any],
    package: Path,
    strict_exchange: StrictExchange,
    sample_wallet: WalletClient,
    operation_id: str,
    code: int,
) -> None:
    functions = module(contract, operation_id)
    expected = read(contract, *OPERATIONS[operation_id])
    expected.response = {**expected.response, "code": code, "msg": "No."}
    strict_exchange.expect(expected)
    positional, named = arguments(expected, functions.sync)
    with pytest.raises(ApiError) as caught:
        functions.sync(*positional, client=sample_wallet, **named)
    assert (caught.value.code, caught.value.status_code) == (code, 200)


def test_a_moment_may_be_a_datetime(contract: dict[str, Any], package: Path) -> None:
    build_call = module(contract, "sampleEvents").build_call
    moment = datetime(2026, 1, 2, 3, 4, 5, 678_999, tzinfo=timezone(timedelta(hours=8)))
    assert build_call(start_time=moment).params == {"startTime": 1_767_294_245_678}


@pytest.mark.parametrize(
    ("operation_id", "arguments", "message"),
    [
        ("sampleEvents", {"start_time": NAIVE}, "start_time must be an aware datetime or an integer"),
        ("sampleEvents", {"end_time": -1}, "end_time must be an aware datetime or an integer of at least 0, not -1"),
        ("sampleEvents", {"end_time": True}, "end_time must be"),
        ("sampleEvents", {"end_time": datetime(1969, 1, 1, tzinfo=UTC)}, "end_time must be"),
        ("samplePrices", {"symbols": []}, "symbols must be"),
        ("samplePrices", {"symbols": "BTC"}, "symbols must be"),
        ("samplePrices", {"symbols": [1]}, "symbols must be"),
        ("samplePrices", {"symbols": ["\ud800"]}, "symbols must be"),
        ("samplePrices", {"symbols": ["x"] * 101}, "symbols must be"),
        ("sampleCoins", {"assets": []}, "assets must be a list of 1 to 10, each a string, not []"),
        ("sampleCoins", {"assets": ["x"] * 11}, "assets must be a list of 1 to 10, each a string"),
        ("sampleCoins", {"assets": "BTC"}, "assets must be a list of 1 to 10, each a string, not 'BTC'"),
        ("sampleCoins", {"assets": ["BTC", None]}, "assets must be a list of 1 to 10, each a string, not None"),
        ("sampleCoins", {"since": "2026-01-02"}, "since must be a date, not '2026-01-02'"),
        ("sampleCoins", {"since": datetime(2026, 1, 2, tzinfo=UTC)}, "since must be a date"),
        ("samplePlaceOrder", {"symbol": "x", "quantity": Decimal(0)}, "quantity must be a finite Decimal of at least"),
        ("samplePlaceOrder", {"symbol": "x", "quantity": 0.1}, "quantity must be a finite Decimal of at least"),
        ("samplePlaceOrder", {"symbol": "x", "price": Decimal("sNaN")}, "price must be a finite Decimal"),
        (
            "samplePlaceOrder",
            {"symbol": "x", "trailing_delta": 15},
            "trailing_delta must be an integer between 10 and 2000, a multiple of 10, not 15",
        ),
        ("sampleCancelOrder", {"client_id": "a b"}, "client_id must be a string of 1 to 36 characters, that matches"),
        ("sampleCancelOrder", {"client_id": "a" * 37}, "client_id must be a string of 1 to 36 characters"),
        ("samplePage", {"size": 0}, "size must be an integer, above 0, below 101, not 0"),
        ("samplePage", {"size": 101}, "size must be an integer, above 0, below 101, not 101"),
        ("sampleBasket", {"details": [{"asset": "x"}]}, "details must be"),
        ("sampleBars", {"symbol": "", "interval": "1m"}, "symbol must be a non-empty string"),
        ("sampleBars", {"symbol": "x", "interval": "2m"}, "interval must be one of 1m, 1h, 1M, not '2m'"),
        ("sampleBars", {"symbol": "..", "interval": "1m"}, "a part of the path cannot be '..'"),
        ("sampleSwitch", {"is_on": "true"}, "is_on must be a bool, not 'true'"),
        ("sampleNames", {"from_": "1"}, "from must be an integer"),
        ("sampleNames", {"client_": 1}, "client must be a string"),
    ],
)
def test_what_the_contract_does_not_allow_is_not_sent(
    contract: dict[str, Any], package: Path, operation_id: str, arguments: dict[str, Any], message: str
) -> None:
    functions = module(contract, operation_id)
    with pytest.raises(ValueError, match="^" + re.escape(message)) as caught:
        functions.build_call(**arguments)
    assert type(caught.value).__name__ == InvalidRequestError.__name__


@pytest.mark.parametrize(
    ("operation_id", "body", "path"),
    [
        ("sampleDepth", {"lastUpdateId": 1, "bids": [["1", "2", "3"]]}, "$.bids[0]"),
        ("sampleCoins", [{"coin": "x", "networks": []}], "$[0].networks"),
        ("sampleCoins", [{"coin": "x", "networks": [{"name": ""}]}], "$[0].networks[0].name"),
        ("sampleCoins", [{"coin": "x", "networks": [{"name": "x", "confirmations": -1}]}], "$[0].networks[0].conf"),
        ("sampleCoins", [{"coin": "x", "listed": "soon", "networks": [{"name": "x"}]}], "$[0].listed"),
        ("sampleFees", {"x": {"maker": None}}, "$[...].maker"),
        ("sampleTrades", [{"id": 1, "time": 1, "isBuyer": True, "side": 1}], "$[0].side"),
        ("sampleTree", {"name": "x", "children": [{"name": "y", "children": [{}]}]}, "$.children[0].children[0]"),
        ("sampleRates", {"x": "NaN"}, "$.x"),
        ("sampleFree", {"data": {"x": [{"y": "1"}]}, "more": [{}, []]}, "$.more[1]"),
        ("class", [{"symbol": "btc", "leverage": None}], "$[0].symbol"),
    ],
)
def test_a_response_beyond_its_bounds_is_refused(
    contract: dict[str, Any], package: Path, operation_id: str, body: Any, path: str
) -> None:
    functions = module(contract, operation_id)
    errors = importlib.import_module("sample_client.errors")
    response = httpx2.Response(200, json=body)
    with pytest.raises(errors.InvalidResponseError) as caught:
        functions.parse_response(response)
    assert caught.value.path.startswith(path)


def test_a_new_value_of_an_enumeration_is_read(contract: dict[str, Any], package: Path) -> None:
    """One new status must not make the client refuse a list of a thousand."""
    body = [{"id": 1, "time": 1, "isBuyer": True, "side": "SWAP", "liquidity": 3}]
    [trade] = module(contract, "sampleTrades").parse_response(httpx2.Response(200, json=body))
    assert (trade.side, trade.liquidity) == ("SWAP", 3)


def test_numbers_of_no_known_meaning_are_exact(contract: dict[str, Any], package: Path) -> None:
    parse_response = module(contract, "sampleFree").parse_response
    body = b'{"data":{"a":[0.1,{"b":1.10}]}}'
    assert parse_response(httpx2.Response(200, content=body)).data == {"a": [Decimal("0.1"), {"b": Decimal("1.10")}]}
    with pytest.raises(Exception, match="a finite decimal number"):
        parse_response(httpx2.Response(200, content=body.replace(b"0.1", b"1e400")))


def response(contract: dict[str, Any], operation_id: str) -> Any:
    """The parsed response of an operation."""
    body = read(contract, *OPERATIONS[operation_id]).response
    return module(contract, operation_id).parse_response(httpx2.Response(200, json=body))


@pytest.mark.parametrize(
    ("operation_id", "shown"),
    [
        ("sampleDepth", "SampleDepth(last_update_id=1099511627776, bids=2 items)"),
        ("sampleTree", "SampleNode(name='text', children=2 items)"),
        ("sampleCancelOrder", "SampleOrderAck(symbol='text', order_id=1099511627776)"),
        ("sampleFees", "{'币': SampleFee(maker=0.1, taker=0.1)}"),
        ("sampleCoins", "SampleCoin('text', 2026-01-02, 0.10 coins, 1 network)"),
        ("sampleTrades", "SampleTrade(2004-11-03, 1099511627776)"),
    ],
)
def test_any_model_is_one_short_line(contract: dict[str, Any], package: Path, operation_id: str, shown: str) -> None:
    value = response(contract, operation_id)
    assert repr(value[0] if isinstance(value, list) else value) == shown


def test_a_summary_leaves_out_missing_fields(contract: dict[str, Any], package: Path) -> None:
    """Also if the model that would hold the field is missing."""
    parse_response = module(contract, "sampleCoins").parse_response
    networks = [{"name": "a"}, {"name": "b", "confirmations": 3, "coin": {}}, {"name": "c", "coin": {"name": "d"}}]
    [coin] = parse_response(httpx2.Response(200, json=[{"coin": "x", "networks": networks}]))
    assert repr(coin.networks) == "[SampleNetwork('a'), SampleNetwork('b', 3 confirmations), SampleNetwork('c', 'd')]"


def test_any_moment_orders_models(contract: dict[str, Any], package: Path) -> None:
    body = [{"class": "open", "at": 2}, {"class": "open", "at": 1}]
    later, earlier = module(contract, "sampleEvents").parse_response(httpx2.Response(200, json=body))
    assert earlier < later
    assert sorted([later, earlier]) == [earlier, later]


@pytest.mark.parametrize("operation_id", OPERATIONS)
def test_pydantic_reads_what_it_wrote_of_any_model(contract: dict[str, Any], package: Path, operation_id: str) -> None:
    """Cycles, unions, maps and bounds. It fits the JSON schema, and is what `to_dict` gives."""
    value = response(contract, operation_id)
    adapter = TypeAdapter(get_type_hints(module(contract, operation_id).sync)["return"])
    text = adapter.dump_json(value)
    if "any" not in str(adapter.core_schema):  # JSON of any kind has its exact numbers as texts
        assert adapter.validate_json(text) == adapter.validate_python(json.loads(text)) == value
    assert adapter.dump_json(adapter.validate_json(text)) == text
    OAS31Validator(adapter.json_schema(mode="serialization")).validate(json.loads(text))
    if hasattr(value, "to_dict"):
        assert value.to_dict() == json.loads(text)


@pytest.mark.parametrize(
    ("operation_id", "body", "place"),
    [
        ("sampleDepth", {"last_update_id": 1, "bids": [["1", "2", "3"]]}, ("bids", 0)),
        ("sampleCoins", [{"coin": "x", "networks": []}], (0, "networks")),
        ("sampleCoins", [{"coin": "x", "networks": [{"name": ""}]}], (0, "networks", 0, "name")),
        ("sampleTree", {"name": "x", "children": [{"name": "y", "children": [{}]}]}, ("children", 0, "children", 0)),
        ("class", [{"symbol": "btc", "leverage": None}], (0, "symbol")),
    ],
)
def test_pydantic_refuses_what_is_beyond_the_bounds(
    contract: dict[str, Any], package: Path, operation_id: str, body: Any, place: tuple[Any, ...]
) -> None:
    adapter = TypeAdapter(get_type_hints(module(contract, operation_id).sync)["return"])
    with pytest.raises(ValidationError) as caught:
        adapter.validate_python(body)
    assert caught.value.errors()[0]["loc"][: len(place)] == place


def test_its_code_passes_strict_mypy(package: Path) -> None:
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", ROOT / ".mypy_cache" / "sample"]
    result = subprocess.run([*command, package], cwd=package.parent, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


def test_its_code_passes_the_projects_lint(package: Path, tmp_path: Path) -> None:
    shutil.copytree(package, tmp_path / "generated" / "sample_client")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    command = [sys.executable, "-m", "ruff", "check", "--no-cache", "."]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


def test_each_name_that_a_generated_module_uses_is_reserved(package: Path) -> None:
    """A field or a parameter of that name would hide it."""
    reserved = importlib.import_module("names").RESERVED
    for path in [*package.glob("api/*/*.py"), *package.glob("models/[!_]*.py")]:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        imported = {
            name.name
            for node in tree.body
            if isinstance(node, ast.ImportFrom) and node.level != 1 and node.module != "models"
            for name in node.names
        }
        defined = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
        assert (imported | defined) - {"annotations"} <= reserved
