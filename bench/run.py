"""Measure all clients against one server on this machine; write RESULTS.md and results.svg. `make bench` runs this.

Every measurement is a process of its own. In each round the clients take turns at each kind of work, beginning with
another one, so that what slows this machine down for a while hits all of them. Ratios are taken within a round.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import report

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
BUILD = ROOT / "build" / "bench"
REQUIREMENTS = HERE / "requirements.txt"

MONTH = "30x500"
GROWTH = [f"1x{10**power}" for power in range(6)]

SYNC = ("binance_wallet", "python_binance", "binance_sdk_wallet", "ccxt", "floor")
ASYNC = ("binance_wallet_aiohttp", "binance_wallet", "python_binance", "ccxt", "floor")
IMPORTS = {
    "binance_wallet": "binance_wallet",
    "python_binance": "binance.client",
    "binance_sdk_wallet": "binance_sdk_wallet.wallet",
    "ccxt": "ccxt",
    "floor": "httpx2",
}
WORK = {"small": 0.5, "month": 1.0, "memory": 0.0, "tasks": 0.7}
"""How long each measurement takes, next to the others."""
PACKAGES = (
    "binance-wallet", "python-binance", "binance-sdk-wallet", "ccxt", "httpx2", "httpcore2", "aiohttp",
    "msgspec", "requests", "pydantic", "orjson",
)  # fmt: skip


def main() -> None:
    """Set up, measure, report."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="one short round, to see that it works")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--out", type=Path, default=HERE, help="the directory for RESULTS.md and results.svg")
    options = parser.parse_args()
    began = time.monotonic()
    python = environment()
    results = measure(python, 1 if options.quick else options.rounds, 0.05 if options.quick else 1.0)
    results["archive"] = [] if options.quick else run(sys.executable, "archive.py", timeout=1200)
    results["page"] = None if options.quick else run(sys.executable, "page.py")
    results["budget"] = None if options.quick else run(sys.executable, "budget.py")
    results["minutes"] = (time.monotonic() - began) / 60
    (BUILD / "results.json").write_text(json.dumps(results, indent=1), encoding="utf-8")
    report.write(results, options.out)
    print(f"written to {options.out} after {results['minutes']:.1f} minutes")


def environment() -> str:
    """Make the environment with the peers and this package as its users would install it; return its interpreter."""
    python, installed = BUILD / "venv" / "bin" / "python", BUILD / "installed.txt"
    pip = [str(python), "-m", "pip", "--quiet", "--disable-pip-version-check", "install", "--no-deps"]
    if not installed.exists() or installed.read_text(encoding="utf-8") != REQUIREMENTS.read_text(encoding="utf-8"):
        subprocess.run([sys.executable, "-m", "venv", "--clear", BUILD / "venv"], check=True)
        subprocess.run([*pip, "--requirement", REQUIREMENTS], check=True)
        installed.write_text(REQUIREMENTS.read_text(encoding="utf-8"), encoding="utf-8")
    for wheel in BUILD.glob("*.whl"):
        wheel.unlink()
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", BUILD, ROOT]
    subprocess.run(build, check=True, stdout=subprocess.DEVNULL)
    subprocess.run([*pip, "--force-reinstall", *BUILD.glob("*.whl")], check=True)
    return str(python)


def measure(python: str, rounds: int, seconds: float) -> dict[str, Any]:
    """All results: of each measurement and client, one of each round."""
    measured: dict[str, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    with server(MONTH, *GROWTH) as urls:
        for client in SYNC:  # so that no first round writes the others' bytecode
            run(python, "imports.py", IMPORTS[client])
        for number in range(rounds):
            print(f"round {number + 1} of {rounds}", flush=True)
            for client in rotated(SYNC, number):
                measured["imports"][client].append(run(python, "imports.py", IMPORTS[client]))
            for name, share in WORK.items():
                for client in rotated(ASYNC if name == "tasks" else SYNC, number):
                    result = run(python, "worker.py", name, client, urls[MONTH], str(seconds * share))
                    measured[name][client].append(result)
            for size in GROWTH:
                for name in ("month", "memory"):
                    result = run(python, "worker.py", name, "binance_wallet", urls[size], str(seconds * 0.3))
                    measured[f"growth {name}"][size.removeprefix("1x")].append(result)
            for store, milliseconds in run(sys.executable, "reservation.py").items():
                measured["reservation"][store].append(milliseconds)
        profile = run(python, "worker.py", "profile", "binance_wallet", urls[MONTH], str(seconds))
    return {
        "measured": measured,
        "profile": profile,
        "rounds": rounds,
        "versions": versions(python),
        "python": platform.python_version(),
        "machine": f"{platform.system()}, {platform.machine()}, {os.cpu_count()} processors",
    }


def rotated(clients: tuple[str, ...], by: int) -> tuple[str, ...]:
    """The same clients, beginning with another one."""
    by %= len(clients)
    return clients[by:] + clients[:by]


@contextmanager
def server(*sizes: str) -> Iterator[dict[str, str]]:
    """The fixed answers in so many sizes, `DAYSxASSETS`: the base URL of each."""
    command = [sys.executable, HERE / "server.py", *sizes]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None  # its input is closed, and so it ends, with this block
        yield {size: f"http://127.0.0.1:{port}" for size, port in json.loads(process.stdout.readline()).items()}


def run(python: str, script: str, *arguments: str, timeout: float = 300) -> Any:
    """What a script of this directory prints, in a process without proxies and without paths to import from."""
    unwanted = ("PYTHONPATH", "PYTHONSTARTUP", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
    environ = {name: value for name, value in os.environ.items() if name.upper() not in unwanted}
    command = [python, HERE / script, *arguments]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, env=environ, timeout=timeout).stdout)


def versions(python: str) -> dict[str, str]:
    """Of the packages that the results depend on."""
    code = f"import json, importlib.metadata as m; print(json.dumps({{p: m.version(p) for p in {PACKAGES}}}))"
    return json.loads(subprocess.run([python, "-c", code], check=True, stdout=subprocess.PIPE).stdout)


if __name__ == "__main__":
    main()
