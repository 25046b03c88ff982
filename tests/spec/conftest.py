"""What the tests of the generator share."""

from copy import deepcopy
from typing import Any

import pytest
from contracts import SPEC, Generate, run_script
from generate import main
from ruamel.yaml import YAML


@pytest.fixture(scope="session")
def generate() -> Generate:
    """Run spec/generate.py; return its exit code and standard error. That it runs as a script is tested elsewhere."""

    def generate(*arguments: object) -> tuple[int, str]:
        code, _, errors = run_script(main, *arguments)
        return code, errors

    return generate


@pytest.fixture(scope="session")
def _document() -> dict[str, Any]:
    return YAML(typ="safe").load(SPEC)


@pytest.fixture
def document(_document: dict[str, Any]) -> dict[str, Any]:
    """A copy of the contract."""
    return deepcopy(_document)
