"""Redocly finds no error and no warning in the contract."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from .spec import PATH

Lint = Callable[[Path], "subprocess.CompletedProcess[str]"]


@pytest.fixture
def lint(node_tool) -> Lint:
    """Lint a contract by all rules that Redocly recommends. Warnings count as errors."""
    environment = {**os.environ, "REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}

    def lint(path: Path) -> subprocess.CompletedProcess[str]:
        command = [node_tool("redocly"), "lint", path, "--extends", "recommended-strict"]
        return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)

    return lint


def test_redocly_finds_nothing_in_the_contract(lint):
    result = lint(PATH)
    assert result.returncode == 0, result.stdout + result.stderr


def test_redocly_objects_to_an_operation_without_a_summary(lint, tmp_path):
    path = tmp_path / "openapi.yaml"
    path.write_text(PATH.read_text(encoding="utf-8").replace("      summary: ", "      x-summary: "), encoding="utf-8")
    result = lint(path)
    assert (result.returncode, "operation-summary" in result.stdout + result.stderr) == (1, True)
