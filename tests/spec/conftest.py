"""What the tests of the generator share."""

import io
from contextlib import redirect_stderr
from copy import deepcopy
from typing import Any
from unittest.mock import patch

import pytest
from contracts import SPEC, Generate
from generate import main
from ruamel.yaml import YAML


@pytest.fixture(scope="session")
def generate() -> Generate:
    """Run spec/generate.py; return its exit code and standard error. That it runs as a script is tested elsewhere."""

    def generate(*arguments: object) -> tuple[int, str]:
        errors = io.StringIO()
        with patch("sys.argv", ["generate.py", *map(str, arguments)]), redirect_stderr(errors):
            code = main()
        return code, errors.getvalue()

    return generate


@pytest.fixture(scope="session")
def _document() -> dict[str, Any]:
    return YAML(typ="safe").load(SPEC)


@pytest.fixture
def document(_document: dict[str, Any]) -> dict[str, Any]:
    """A copy of the contract."""
    return deepcopy(_document)
