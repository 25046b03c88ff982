"""The guide to adding an endpoint, followed to the letter on a copy of the contract."""

import json
import os
import shutil
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from docs_blocks import ROOT, blocks
from ruamel.yaml import YAML

PAGE = "docs/how-to/add-an-endpoint.md"
KEY, SECRET = "k" * 64, "s" * 64


class Exchange(BaseHTTPRequestHandler):
    """Has the one endpoint, for whoever signs."""

    def do_GET(self):
        path, _, query = self.path.partition("?")
        found = path == "/sapi/v1/account/status" and "&signature=" in query and self.headers["X-MBX-APIKEY"] == KEY
        body = json.dumps({"data": "Normal"}).encode()
        self.send_response(200 if found else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def base_url():
    with ThreadingHTTPServer(("127.0.0.1", 0), Exchange) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_the_guide_leads_to_a_call(tmp_path, base_url):
    """What it says to write into the contract is generated, and what it says to run prints what it says."""
    guide = blocks(PAGE)
    paths, schemas = (block.code for block in guide if block.language == "yaml")
    call, output = (block.code for block in guide if block.language in {"python", "text"})
    yaml = YAML(typ="safe")
    contract = yaml.load(ROOT / "spec" / "openapi.yaml")
    contract["paths"] |= yaml.load(paths)
    contract["components"]["schemas"] |= yaml.load(schemas)
    shutil.copytree(ROOT / "spec", tmp_path / "spec")
    yaml.dump(contract, tmp_path / "spec" / "openapi.yaml")

    subprocess.run([sys.executable, tmp_path / "spec" / "generate.py"], check=True)  # what `make generate` runs
    environment = {
        "PYTHONPATH": str(tmp_path / "generated"),
        "BINANCE_BASE_URL": base_url,
        "BINANCE_API_KEY": KEY,
        "BINANCE_API_SECRET": SECRET,
    }
    called = subprocess.run(
        [sys.executable, "-c", call], env=os.environ | environment, capture_output=True, text=True, check=False
    )
    assert (called.stdout, called.stderr) == (output, "")
