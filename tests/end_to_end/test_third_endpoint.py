"""The contract drives everything: an endpoint that is added to it is signed, budgeted and typed by that alone."""

import hashlib
import hmac
import json
import os
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from ruamel.yaml import YAML

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
SCRIPT = f"""
import sys
from binance_wallet import WalletClient
from binance_wallet_client.api.asset import get_dust
with WalletClient({KEY!r}, {SECRET!r}, base_url=sys.argv[1]) as wallet:
    print(get_dust.sync(client=wallet, asset="币").amount, wallet.usage["/sapi/v1/dust"].used)
"""


class HandMadeExchange(BaseHTTPRequestHandler):
    """Answers only what is signed right."""

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
    with ThreadingHTTPServer(("127.0.0.1", 0), HandMadeExchange) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_third_endpoint_needs_no_change_to_the_overlay(tmp_path, base_url):
    """Added to a copy of the contract, generated elsewhere, and called with the overlay as it is."""
    yaml = YAML(typ="safe")
    spec = yaml.load(ROOT / "spec" / "openapi.yaml")
    spec["paths"]["/sapi/v1/dust"] = yaml.load(OPERATION)
    spec["components"]["schemas"]["Dust"] = yaml.load(SCHEMA)
    yaml.dump(spec, tmp_path / "openapi.yaml")
    generate = [sys.executable, ROOT / "spec" / "generate.py", "--spec", tmp_path / "openapi.yaml"]
    subprocess.run([*generate, "--output", tmp_path / "binance_wallet_client"], check=True)

    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    command = [sys.executable, "-W", "error", "-c", SCRIPT, base_url]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (result.stdout, result.stderr) == ("1E-8 11\n", "")
