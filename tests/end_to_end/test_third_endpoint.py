"""An endpoint that is added to the contract is signed, budgeted and typed without another change."""

import hashlib
import hmac
import json
import os
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import ClassVar

import pytest
from ruamel.yaml import YAML

pytestmark = pytest.mark.xdist_group("third_endpoint")  # what is generated for these tests is generated once

ROOT = Path(__file__).parents[2]
KEY, SECRET = "k" * 64, "s" * 64

OPERATION = """
get:
  operationId: getDust
  tags: [asset]
  summary: Dust.
  description: What is too small to trade.
  x-request-weight: 11
  parameters:
    - {name: asset, in: query, required: true, description: Of which asset., schema: {type: string, minLength: 1}}
  responses:
    "200":
      description: The dust.
      content: {application/json: {schema: {$ref: "#/components/schemas/Dust"}}}
    "400": {$ref: "#/components/responses/BadRequest"}
"""
SCHEMA = """
type: object
description: Dust.
required: [amount]
properties:
  amount: {$ref: "#/components/schemas/Amount", description: How much.}
"""
SELL = """
post:
  operationId: sellDust
  tags: [asset]
  summary: Sell dust.
  description: This changes something.
  x-request-weight: 11
  parameters:
    - {name: asset, in: query, required: true, description: Of which asset., schema: {type: string, minLength: 1}}
  responses:
    "200":
      description: What was sold.
      content: {application/json: {schema: {$ref: "#/components/schemas/Dust"}}}
"""
READ = f"""
import sys
from binance_wallet import WalletClient
from binance_wallet_client.api.asset import get_dust
with WalletClient({KEY!r}, {SECRET!r}, base_url=sys.argv[1]) as wallet:
    print(get_dust.sync(client=wallet, asset="币").amount, wallet.usage["/sapi/v1/dust"].used)
"""
CHANGE = f"""
import sys
from binance_wallet import NetworkError, WalletClient
from binance_wallet_client.api.asset import sell_dust
with WalletClient({KEY!r}, {SECRET!r}, base_url=sys.argv[1]) as wallet:
    try:
        sell_dust.sync(client=wallet, asset="币")
    except NetworkError as error:
        print(type(error).__name__)
"""


class HandMadeExchange(BaseHTTPRequestHandler):
    """Responds only to what is signed right, and to no POST at all, of which it keeps the paths."""

    posts: ClassVar[list[str]] = []

    def do_POST(self):
        self.posts.append(self.path.partition("?")[0])
        self.close_connection = True

    def do_GET(self):
        path, _, query = self.path.partition("?")
        payload, _, signature = query.rpartition("&signature=")
        right = hmac.new(SECRET.encode(), payload.encode(), hashlib.sha256).hexdigest()
        signed = signature == right and "timestamp=" in payload and self.headers["X-MBX-APIKEY"] == KEY
        found = path == "/sapi/v1/dust" and "asset=%E5%B8%81" in payload
        body = json.dumps({"amount": "0.00000001"} if signed and found else {"code": -1022, "msg": payload}).encode()
        self.send_response(200 if signed and found else 400)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def base_url():
    HandMadeExchange.posts.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), HandMadeExchange) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def run_script(tmp_path_factory):
    """Run a script with the overlay as it is, and with a package that was generated from a longer contract."""
    folder = tmp_path_factory.mktemp("generated")
    yaml = YAML(typ="safe")
    spec = yaml.load(ROOT / "spec" / "openapi.yaml")
    spec["paths"] |= {"/sapi/v1/dust": yaml.load(OPERATION), "/sapi/v1/dust/sell": yaml.load(SELL)}
    spec["components"]["schemas"]["Dust"] = yaml.load(SCHEMA)
    yaml.dump(spec, folder / "openapi.yaml")
    generate = [sys.executable, ROOT / "spec" / "generate.py", "--spec", folder / "openapi.yaml"]
    subprocess.run([*generate, "--output", folder / "binance_wallet_client"], check=True)

    def run_script(script: str, base_url: str) -> tuple[str, str]:
        environment = {**os.environ, "PYTHONPATH": str(folder)}
        command = [sys.executable, "-W", "error", "-c", script, base_url]
        result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        return result.stdout, result.stderr

    return run_script


def test_a_third_endpoint_is_signed_and_weighed_without_a_change_to_the_overlay(run_script, base_url):
    assert run_script(READ, base_url) == ("1E-8 11\n", "")


def test_a_call_that_changes_something_is_not_sent_again(run_script, base_url):
    """If the response is lost, nobody knows whether the exchange carried it out."""
    assert run_script(CHANGE, base_url) == ("NetworkError\n", "")
    assert HandMadeExchange.posts == ["/sapi/v1/dust/sell"]
