"""Measure all clients against one server on this machine; write RESULTS.md. `make bench` runs this.

Every measurement is a process of its own. In each round the clients take turns in a random order, so that what
slows this machine down for a while hits all of them. Ratios are taken within a round.
"""

import argparse
import json
import os
import platform
import random
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import report

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent

MODULES = {
    "binance_wallet": "binance_wallet",
    "python_binance": "binance",
    "binance_sdk_wallet": "binance_sdk_wallet.wallet",
    "ccxt": "ccxt",
    "before": "binance_wallet",  # an earlier revision
}
ASYNC = ["binance_wallet", "binance_wallet_aiohttp", "python_binance", "ccxt"]  # the official SDK has no such client


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="one short round of the comparison, on the terminal")
    parser.add_argument("--before", metavar="WORKTREE", type=Path, help="compare with an earlier revision, too")
    options = parser.parse_args()
    began, load = time.monotonic(), os.getloadavg()[0]
    rounds, seconds = (1, 0.05) if options.quick else (5, 1.0)
    results = compare(environment(ROOT), options.before and environment(options.before.resolve()), rounds, seconds)
    if options.quick:
        print(*(report.table(report.comparison(results[kind])) for kind in ("sync", "async")), sep="\n")
        return
    results |= {part: run(sys.executable, f"{part}.py") for part in ("archive", "page", "budget")}
    requirements = (HERE / "requirements.txt").read_text(encoding="utf-8")
    results |= {
        "rounds": rounds,
        "date": datetime.now(UTC).date().isoformat(),
        "minutes": (time.monotonic() - began) / 60,
        "python": platform.python_version(),
        "machine": f"{platform.system()}, {platform.machine()}, {os.cpu_count()} processors",
        "load": load,
        "packages": ", ".join(word for word in requirements.split() if "==" in word).replace("==", " "),
    }
    (HERE / "RESULTS.md").write_text(report.markdown(results), encoding="utf-8")


def environment(root: Path) -> Path:
    """The interpreter of an environment with the peers, and with this package as its users would install it."""
    uv, folder = Path(sys.executable).with_name("uv"), root / "build" / "bench" / "venv"
    subprocess.run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, folder], check=True)
    install = [uv, "pip", "install", "--quiet", "--compile-bytecode", "--refresh-package", "binance-wallet"]
    what = ["--requirement", root / "bench" / "requirements.txt", root]
    subprocess.run([*install, "--python", folder, *what], check=True)
    return folder / "bin" / "python"


def compare(python: Path, before: Path | None, rounds: int, seconds: float) -> dict[str, Any]:
    """Of the sync and of the async clients, the numbers of each round."""
    turns = [("sync", client, before if client == "before" else python) for client in MODULES]
    turns += [("async", client, python) for client in ASYNC]
    turns = [turn for turn in turns if turn[2]]
    results: dict[str, Any] = {"sync": defaultdict(list), "async": defaultdict(list)}
    with server() as url:
        for number in range(rounds):
            print(f"round {number + 1} of {rounds}", flush=True)
            for kind, client, interpreter in random.sample(turns, len(turns)):
                numbers = run(interpreter, "worker.py", kind, client, url, str(seconds))
                if kind == "sync":
                    numbers |= run(interpreter, "imports.py", MODULES[client], client, url)
                results[kind][client].append(numbers)
    return results


@contextmanager
def server() -> Iterator[str]:
    """The base URL of the server with fixed responses."""
    command = [sys.executable, HERE / "server.py"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None  # its input is closed, and so it ends, with this block
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"


def run(python: Path | str, script: str, *arguments: str) -> Any:
    """What a script of this directory prints, in a process without a proxy and without paths to import from."""
    environ = os.environ | {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1", "PYTHONPATH": ""}
    command = [python, HERE / script, *arguments]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, env=environ, timeout=1200).stdout)


if __name__ == "__main__":
    main()
