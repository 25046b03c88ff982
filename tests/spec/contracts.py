"""Where the contract is, and how a changed one is written."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
SPEC = ROOT / "spec" / "openapi.yaml"

Generate = Callable[..., tuple[int, str]]


def dump(document: dict[str, Any], path: Path) -> None:
    """Write a contract, each key on a line of its own and in its order."""
    yaml = YAML(typ="safe")
    yaml.default_flow_style = False
    yaml.sort_base_mapping_type_on_output = False
    yaml.dump(document, path)
