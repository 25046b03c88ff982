"""The guide to adding an endpoint, followed exactly on a copy of the project. The copy's tests still pass."""

import json
import os
import re
import shutil
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from textwrap import indent
from threading import Thread

import pytest
from docs_blocks import ROOT, blocks
from ruamel.yaml import YAML

PAGE = "docs/how-to/add-an-endpoint.md"
KEY, SECRET = "k" * 64, "s" * 64
RESPONSES = {
    "/sapi/v1/asset/tradeFee": [
        {"symbol": "ADABNB", "makerCommission": "0.001", "takerCommission": "0.001"},
        {"symbol": "BNBBTC", "makerCommission": "0.001", "takerCommission": "0.001"},
    ],
    "/sapi/v1/account/apiRestrictions": {
        "ipRestrict": False,
        "createTime": 1698645219000,
        "enableReading": True,
        "enableWithdrawals": False,
        "enableMargin": False,
    },
}


class Exchange(BaseHTTPRequestHandler):
    """Serves the two endpoints if a request is signed."""

    def do_GET(self):
        path, _, query = self.path.partition("?")
        signed = "&signature=" in query and self.headers["X-MBX-APIKEY"] == KEY
        body = json.dumps(RESPONSES.get(path)).encode()
        self.send_response(200 if signed and path in RESPONSES else 404)
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


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Path:
    """A copy of the project with the guide's endpoints added and generated."""
    folder = tmp_path_factory.mktemp("project")
    unneeded = shutil.ignore_patterns("__pycache__", "node_modules", ".hypothesis")
    for name in ("spec", "generated", "overlay", "mock", "extras", "tests"):
        shutil.copytree(ROOT / name, folder / name, ignore=unneeded)
    for name in ("pyproject.toml", "CHANGELOG.md"):
        shutil.copy(ROOT / name, folder)
    paths, schemas = (block.code for block in blocks(PAGE) if block.language == "yaml")
    contract = (folder / "spec" / "openapi.yaml").read_text(encoding="utf-8")
    for head, level, added in (("\npaths:\n", "  ", paths), ("\n  schemas:\n", "    ", schemas)):
        for key in re.findall(r"^\S+:$", added, flags=re.MULTILINE):
            contract = without(level + key, contract)  # someone may have kept the guide's example in this project
        assert contract.count(head) == 1
        contract = contract.replace(head, f"{head}{indent(added, level)}\n")
    # Whatever tool writes the file, with other indentation, quotes and line breaks, and without comments.
    yaml = YAML(typ="safe")
    yaml.default_flow_style = False
    yaml.dump(yaml.load(contract), folder / "spec" / "openapi.yaml")
    subprocess.run([sys.executable, folder / "spec" / "generate.py"], check=True)  # what `make generate` runs
    return folder


def without(key: str, yaml: str) -> str:
    """YAML without a key, such as `  name:`, and all that is indented below it."""
    below = " " * (len(key) - len(key.lstrip()) + 1)
    return re.sub(rf"^{re.escape(key)}\n(?:{below}.*\n|\n)*", "", yaml, flags=re.MULTILINE)


def test_without_removes_a_key_and_nothing_else():
    assert without("  b:", "a:\n  b:\n    c: 1\n\n    d: 2\n  e: 3\n") == "a:\n  e: 3\n"


def run_python(project: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run Python with the copy's sources instead of those of this project."""
    sources = os.pathsep.join(str(project / source) for source in ("generated", "overlay", "mock", "extras"))
    environment = os.environ | {"PYTHONPATH": sources} | environment
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)


def test_the_guides_calls_print_what_it_says(project, base_url):
    """A call of an exchange, and one of the mock exchange."""
    codes = [block.code for block in blocks(PAGE) if block.language in {"python", "text"}]
    assert len(codes) == 4
    for call, output in zip(codes[::2], codes[1::2], strict=True):
        credentials = {"BINANCE_API_KEY": KEY, "BINANCE_API_SECRET": SECRET}
        called = run_python(project, "-c", call, BINANCE_BASE_URL=base_url, **credentials)
        assert (called.stdout, called.stderr) == (output, "")


@pytest.mark.timeout(180)
def test_the_projects_tests_pass_with_the_new_endpoints(project):
    """All tests can be collected, and those of the new endpoints pass.

    One of the ways to call an endpoint is enough here. Tests of the two documented endpoints are not run again."""
    other = "test_a_mistake_is_one_line and (bound or format)"
    chosen = (
        f"test_contract or test_mutants_apply or ({other}) or test_spec_says"
        " or (tradeFee or apiRestrictions) and not asyncio"
    )
    tests = ["tests/spec", "tests/generated", "tests/contract"]
    options = ["-q", "-n0", "-rA", "-p", "no:cacheprovider", "-k", f"({chosen}) and not any_error_body"]
    outcome = run_python(project, "-m", "pytest", *options, *tests, CONTRACT_SEED="1")
    assert outcome.returncode == 0, outcome.stdout[-5000:]
    for test in ("sends", "reads_responses", "reads_errors", "refuses_responses"):
        for operation in ("tradeFee", "apiRestrictions"):
            assert re.search(rf"PASSED .*test_client_{test}.py.*{operation}", outcome.stdout)
