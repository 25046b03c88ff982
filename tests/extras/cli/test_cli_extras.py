"""Extras that are not installed, and how little is imported without need."""

import subprocess
import sys

import pytest

WITHOUT = """
import sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == {missing!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Missing())
sys.argv = ["binance-wallet", *{args!r}]
from binance_wallet_extras.cli import main
sys.exit(main())
"""


MISSING = {
    "click": (["balances"], "cli"),
    "rich": (["balances"], "cli"),
    "pyarrow": (["balances", "--output", "out.parquet"], "arrow"),
    "xlsxwriter": (["balances", "--output", "out.xlsx"], "excel"),
    "altair": (["snapshots", "spot", "--plot", "out.png"], "plot"),
    "vl_convert": (["snapshots", "spot", "--plot", "out.png"], "plot"),
    "plotext": (["snapshots", "spot", "--plot"], "plot"),
    "starlette": (["mock"], "mock"),
    "mcp": (["mcp"], "mcp"),
    "keyring": (["keys", "add", "company"], "keys"),
    "tomlkit": (["keys", "remove", "company"], "keys"),
}


@pytest.mark.parametrize("missing", MISSING)
def test_a_missing_extra_is_one_line_that_names_it(run, exchange, tmp_path, missing):
    args, extra = MISSING[missing]

    code, shown, errors = run(command=[sys.executable, "-c", WITHOUT.format(missing=missing, args=args)])

    assert (code, shown) == (1, "")
    assert errors.count("\n") == 1
    assert missing in errors
    assert f"comes with the extra '{extra}' (see Extras in the README)" in errors
    assert "pip install" not in errors
    assert [*tmp_path.iterdir()] == []
    assert exchange.requests == []


def test_the_mock_exchange_without_any_extra_names_both_that_it_takes(run):
    code, _, errors = run(command=[sys.executable, "-c", WITHOUT.format(missing="click", args=["mock"])])

    assert (code, errors.count("\n")) == (1, 1)
    assert "the extra 'cli,mock'" in errors


def imported_by(statement):
    # httpx2 imports rich for a command of its own, wherever click is installed.
    program = f"import sys; sys.modules['httpx2._main'] = None; {statement}; print(*sys.modules)"
    return {*subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()}


@pytest.mark.parametrize(
    ("statement", "spared"),
    [
        ("import binance_wallet", "altair click cryptography pandas plotext polars pyarrow rich starlette uvicorn"),
        ("import binance_wallet_extras.export", "binance_wallet_extras.export.excel pandas polars pyarrow xlsxwriter"),
        ("import binance_wallet_extras.accounts", "click cryptography keyring tomlkit"),
        (
            "import binance_wallet_extras.cli.app",
            "altair binance_wallet_extras.accounts keyring mcp pandas plotext polars pyarrow rich.console starlette",
        ),
        (
            "import binance_wallet_extras.cli.app",
            "binance_wallet_extras.export.excel",
        ),
    ],
)
def test_an_import_costs_only_what_it_needs(statement, spared):
    assert not {*spared.split()} & imported_by(statement)
