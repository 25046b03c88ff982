"""An endpoint that is added to the contract needs no other change."""

import asyncio
import importlib
import subprocess
import sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import httpx2
import pytest
from ruamel.yaml import YAML

pytestmark = pytest.mark.xdist_group("new_endpoint")  # what is generated for these tests is generated once

ROOT = Path(__file__).parents[2]

THING = """
get:
  operationId: getThing
  tags: [asset]
  summary: One thing.
  description: Just an example.
  x-request-weight: 7
  parameters:
    - {name: thingId, in: path, required: true, description: Which., schema: {type: string}}
    - {name: minAmount, in: query, required: true, description: From., schema: {$ref: "#/components/schemas/Amount"}}
    - {name: isOpen, in: query, description: Whether open., schema: {type: boolean, default: true}}
    - {name: pageSize, in: query, description: How many., schema: {type: integer, maximum: 100, default: 10}}
  responses:
    "200":
      description: The thing.
      content: {application/json: {schema: {$ref: "#/components/schemas/Thing"}}}
    "400":
      $ref: "#/components/responses/BadRequest"
"""
MAKE = """
post:
  operationId: makeThing
  tags: [asset]
  summary: Make a thing.
  description: Just an example.
  x-request-weight: 1
  parameters:
    - {name: thingName, in: query, required: true, description: Its name., schema: {type: string, minLength: 1}}
  responses:
    "200":
      description: The thing.
      content: {application/json: {schema: {$ref: "#/components/schemas/Thing"}}}
"""
SCHEMA = """
type: object
description: A thing.
required: [thingName, amounts, madeAt]
properties:
  thingName: {type: string, description: Its name.}
  amounts: {type: array, description: Its amounts., items: {$ref: "#/components/schemas/Amount"}}
  checkedAt: {type: array, description: When., items: {type: integer, x-unit: unix-ms}}
  madeAt: {type: integer, format: int64, x-unit: unix-ms, description: Since when.}
  endedAt: {type: [integer, "null"], x-unit: unix-ms, description: Until when.}
  removedAt: {type: integer, x-unit: unix-ms, description: Since when it is gone.}
  kind: {type: string, enum: [big, small], description: Which kind.}
  parent: {$ref: "#/components/schemas/WalletBalance", description: What it belongs to.}
"""
RESPONSE = {"thingName": "x", "amounts": ["0.10"], "madeAt": 1, "endedAt": None, "added": "since", "checkedAt": [3]}


@pytest.fixture(scope="module")
def thing_package(tmp_path_factory):
    folder = tmp_path_factory.mktemp("generated")
    yaml = YAML(typ="safe")
    spec = yaml.load(ROOT / "spec" / "openapi.yaml")
    spec["paths"]["/sapi/v1/asset/thing/{thingId}"] = yaml.load(THING)
    spec["paths"]["/sapi/v1/asset/things"] = yaml.load(MAKE)
    spec["paths"]["/sapi/v1/asset/sameThings"] = yaml.load(MAKE.replace("makeThing", "makeSameThing"))
    spec["paths"]["/sapi/v1/asset/sameThings"]["post"]["x-idempotent"] = True
    spec["components"]["schemas"]["Thing"] = yaml.load(SCHEMA)
    yaml.dump(spec, folder / "openapi.yaml")
    command = [sys.executable, ROOT / "spec/generate.py", "--spec", folder / "openapi.yaml"]
    subprocess.run([*command, "--output", folder / "thing_client"], check=True)
    sys.path.insert(0, str(folder))
    yield folder / "thing_client"
    sys.path.remove(str(folder))


@pytest.fixture
def endpoint(thing_package):
    return importlib.import_module("thing_client.api.asset.get_thing")


@pytest.fixture
def requests():
    return []


@pytest.fixture
def transport(requests):
    def respond(request: httpx2.Request) -> httpx2.Response:
        requests.append(request)
        return httpx2.Response(200, json=RESPONSE)

    return httpx2.MockTransport(respond)


def test_is_called_by_its_path_and_parameters(endpoint, requests, transport):
    """Names are escaped, amounts are written out, arguments that are left out are not sent. The call has its weight."""
    client_class = importlib.import_module("thing_client").Client
    with client_class("https://host", httpx_args={"transport": transport}) as client:
        thing = endpoint.sync("a/b c", client=client, min_amount=Decimal("1E-8"), is_open=False)

    assert str(requests[0].url) == "https://host/sapi/v1/asset/thing/a%2Fb%20c?minAmount=0.00000001&isOpen=false"
    call = endpoint.build_call("a/b c", min_amount=Decimal(1))
    assert (call.endpoint, call.weight, call.idempotent) == ("/sapi/v1/asset/thing/{thingId}", 7, True)
    assert (thing.thing_name, thing.amounts, thing.checked_at) == ("x", [Decimal("0.10")], [3])


def test_is_called_asynchronously_too(endpoint, requests, transport):
    client_class = importlib.import_module("thing_client").AsyncClient

    async def call():
        async with client_class("https://host", httpx_args={"transport": transport}) as client:
            return await endpoint.asyncio_detailed("1", client=client, min_amount=Decimal(1), page_size=5)

    response = asyncio.run(call())
    assert requests[0].url.query == b"minAmount=1&pageSize=5"
    assert response.status_code == 200
    assert response.parsed.thing_name == "x"


def test_optional_fields_may_be_left_out_or_null(endpoint, transport):
    """A field that is left out is `UNSET`; null, where the contract allows it, is `None`."""
    module = importlib.import_module("thing_client")
    types = importlib.import_module("thing_client.types")
    with module.Client("https://host", httpx_args={"transport": transport}) as client:
        thing = endpoint.sync("1", client=client, min_amount=Decimal(1))
    assert (thing.kind, thing.parent) == (types.UNSET, types.UNSET)
    assert (thing.ended_at_ms, thing.ended_at, thing.removed_at) == (None, None, types.UNSET)
    assert thing.made_at == datetime(1970, 1, 1, microsecond=1000, tzinfo=UTC)


@pytest.mark.parametrize(("name", "idempotent"), [("make_thing", False), ("make_same_thing", True)])
def test_a_post_may_be_sent_twice_only_where_the_contract_says_so(thing_package, requests, transport, name, idempotent):
    """It sends its parameters in the query, as a `GET` does."""
    endpoint = importlib.import_module(f"thing_client.api.asset.{name}")
    with importlib.import_module("thing_client").Client("https://host", httpx_args={"transport": transport}) as client:
        assert endpoint.sync(client=client, thing_name="币").thing_name == "x"

    [request] = requests
    assert (request.method, request.url.query, request.content) == ("POST", b"thingName=%E5%B8%81", b"")
    assert endpoint.build_call(thing_name="币").idempotent is idempotent


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"thing_id": ""}, "thing_id must be a non-empty string, not ''"),
        ({"min_amount": Decimal("NaN")}, "min_amount must be a finite Decimal, not Decimal('NaN')"),
        ({"min_amount": 1.5}, "min_amount must be a finite Decimal, not 1.5"),
        ({"is_open": 1}, "is_open must be a bool, not 1"),
        ({"page_size": 101}, "page_size must be an integer of at most 100, not 101"),
    ],
)
def test_its_parameters_are_checked_before_any_request(endpoint, requests, transport, arguments, message):
    module = importlib.import_module("thing_client")
    client = module.Client("https://host", httpx_args={"transport": transport})
    with client, pytest.raises(module.InvalidRequestError) as caught:
        endpoint.sync(client=client, **{"thing_id": "1", "min_amount": Decimal(1), **arguments})
    assert str(caught.value) == message
    assert requests == []


def test_its_code_passes_strict_mypy(thing_package):
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", ROOT / ".mypy_cache" / "new-endpoint"]
    folder, name = thing_package.parent, thing_package.name
    result = subprocess.run([*command, name], cwd=folder, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout
