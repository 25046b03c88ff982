"""The core is small enough to be read whole."""

from pathlib import Path

import binance_wallet
import pytest

ROOT = Path(binance_wallet.__file__).parent
CORE = [
    *ROOT.glob("*.py"),
    *ROOT.glob("transports/*.py"),
    *(ROOT / "budget" / name for name in ("__init__.py", "budget.py", "memory.py", "operations.py")),
]
LONGEST_MODULE = 280
LIMIT = 1_300  # lines in all


def lines(module: Path) -> int:
    return len(module.read_text().splitlines())


@pytest.mark.parametrize("module", CORE, ids=lambda module: str(module.relative_to(ROOT)))
def test_a_module_of_the_core_is_short(module: Path) -> None:
    assert lines(module) < LONGEST_MODULE


def test_the_core_is_short() -> None:
    assert sum(map(lines, CORE)) <= LIMIT
