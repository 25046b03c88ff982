"""What the tests of the generator share."""

import os
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import launcher
import pytest
from contracts import ROOT, SPEC, Generate
from ruamel.yaml import YAML


@pytest.fixture(scope="session")
def generate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Generate]:
    """Run spec/generate.py; return its exit code and standard error. That it runs as a script is tested elsewhere."""
    folder = tmp_path_factory.mktemp("generate")
    with launcher.launcher(str(folder / "socket"), "generate:main", PYTHONPATH=str(ROOT / "spec")) as address:

        def generate(*arguments: object) -> tuple[int, str]:
            code, _, errors = launcher.run(address, [*map(str, arguments)], dict(os.environ), str(folder))
            return code, errors

        yield generate


@pytest.fixture(scope="session")
def _document() -> dict[str, Any]:
    return YAML(typ="safe").load(SPEC)


@pytest.fixture
def document(_document: dict[str, Any]) -> dict[str, Any]:
    """A copy of the contract."""
    return deepcopy(_document)
