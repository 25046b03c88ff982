"""The path of the contract, and functions that write a changed one and run a script on it."""

import io
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any
from unittest.mock import patch

from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
SPEC = ROOT / "spec" / "openapi.yaml"

Generate = Callable[..., tuple[int, str]]


def run_script(main: Callable[[], int], *arguments: object) -> tuple[int, str, str]:
    """Run a script's `main` in this process; return its exit code, standard output and standard error."""
    shown, errors = io.StringIO(), io.StringIO()
    with patch("sys.argv", ["script", *map(str, arguments)]), redirect_stdout(shown), redirect_stderr(errors):
        code = main()
    return code, shown.getvalue(), errors.getvalue()


def dump(document: dict[str, Any], path: Path) -> None:
    """Write a contract, each key on a line of its own and in its order."""
    yaml = YAML(typ="safe")
    yaml.default_flow_style = False
    yaml.sort_base_mapping_type_on_output = False
    yaml.dump(document, path)
