"""The core is small enough to be read whole."""

import ast
from pathlib import Path

import binance_wallet
import pytest

ROOT = Path(binance_wallet.__file__).parent
CORE = [
    *ROOT.glob("*.py"),
    *ROOT.glob("transports/*.py"),
    *(ROOT / "budget" / name for name in ("__init__.py", "budget.py", "memory.py", "operations.py")),
]
LONGEST_MODULE = 280  # lines
LIMIT = 1_300  # lines of code: without docstrings, comments and blank lines


def lines_of_code(module: Path) -> int:
    source = module.read_text()
    lines = {number for number, line in enumerate(source.splitlines(), 1) if line.strip() and line.strip()[0] != "#"}
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Expr(value=ast.Constant(value=str())):  # a docstring
                lines -= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return len(lines)


@pytest.mark.parametrize("module", CORE, ids=lambda module: str(module.relative_to(ROOT)))
def test_a_module_of_the_core_is_short(module: Path) -> None:
    assert len(module.read_text().splitlines()) < LONGEST_MODULE


def test_the_core_is_short() -> None:
    assert sum(map(lines_of_code, CORE)) <= LIMIT
