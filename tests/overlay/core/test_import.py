"""What an import costs."""

import subprocess
import sys

SLOW = "{'httpx2', 'httpcore2', 'anyio', 'ssl', 'urllib.request', 'http.client', 'email', 'pydantic'}"


def test_importing_the_package_imports_nothing_that_only_a_client_needs() -> None:
    code = f"import sys, binance_wallet; print(*(sys.modules.keys() & {SLOW}))"
    run = subprocess.run([sys.executable, "-I", "-c", code], check=True, stdout=subprocess.PIPE, text=True)
    assert run.stdout.split() == []
