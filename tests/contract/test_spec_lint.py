"""Redocly finds nothing in the contract, not even something to recommend."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from .spec import PATH

Lint = Callable[[Path], "subprocess.CompletedProcess[str]"]


@pytest.fixture
def lint(node_tool) -> Lint:
    """Look at a contract by all the rules that Redocly recommends, its warnings taken for errors."""
    environment = {**os.environ, "REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}

    def lint(path: Path) -> subprocess.CompletedProcess[str]:
        command = [node_tool("redocly"), "lint", path, "--extends", "recommended-strict"]
        return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)

    return lint


def test_contract_is_clean(lint):
    """Without an exception."""
    result = lint(PATH)
    assert result.returncode == 0, result.stdout + result.stderr


def test_linter_is_awake(lint, tmp_path):
    """It objects to an operation without a summary."""
    path = tmp_path / "openapi.yaml"
    path.write_text(PATH.read_text(encoding="utf-8").replace("      summary: ", "      x-summary: "), encoding="utf-8")
    result = lint(path)
    assert (result.returncode, "operation-summary" in result.stdout + result.stderr) == (1, True)
