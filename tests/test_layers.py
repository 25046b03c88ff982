"""Which package may import which."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# Each package's folder, and the packages that it may import besides itself.
LAYERS = {
    "generated/binance_wallet_client": set(),
    "mock/binance_wallet_mock": set(),
    "overlay/binance_wallet": {"binance_wallet_client"},
    "extras/binance_wallet_extras": {"binance_wallet", "binance_wallet_client", "binance_wallet_mock"},
}


def imported(source: str) -> Iterator[str]:
    """The top-level packages that a module imports, anywhere in it."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names):
                yield from (name.name.partition(".")[0] for name in names)
            case ast.ImportFrom(module=str(module), level=0):
                yield module.partition(".")[0]


@pytest.mark.parametrize("folder", LAYERS)
def test_a_package_imports_only_the_layers_below_it(folder: str) -> None:
    ours = {Path(each).name for each in LAYERS}
    modules = [*(ROOT / folder).rglob("*.py")]
    assert modules
    wrong = {
        f"{module.relative_to(ROOT)} imports {name}"
        for module in modules
        for name in imported(module.read_text(encoding="utf-8"))
        if name in ours - LAYERS[folder] - {Path(folder).name}
    }
    assert not wrong
