"""The installed command does what it does within the process of the tests, where most of them run it."""

import sys
from pathlib import Path

import pytest

COMMAND = Path(sys.executable).with_name("binance-wallet")


@pytest.mark.parametrize("args", [["balances"], ["balances", "--fast"]])
def test_off_a_terminal(run, args):
    assert run(*args, command=[COMMAND]) == run(*args)


def test_on_a_terminal(run_on_terminal):
    assert run_on_terminal("balances", command=[COMMAND]) == run_on_terminal("balances")


def test_a_terminal_that_has_no_such_letters_gets_others(run):
    found = run("balances", command=[COMMAND], PYTHONIOENCODING="ascii")

    assert found == run("balances", PYTHONIOENCODING="ascii")
    assert "USD\\u24c8-M Futures" in found[1]


MODULES = ["binance_wallet", "binance_wallet_extras.cli"]


@pytest.mark.parametrize("module", MODULES)
def test_modules_are_the_command_too(run, module):
    assert run("--version", command=[sys.executable, "-m", module]) == run("--version")


@pytest.mark.parametrize("module", MODULES)
def test_a_module_names_the_extra_that_it_takes(run, tmp_path, module):
    (tmp_path / "click.py").write_text("raise ModuleNotFoundError('no click', name='click')")

    code, shown, errors = run("balances", command=[sys.executable, "-m", module], PYTHONPATH=str(tmp_path))

    assert (code, shown) == (1, "")
    assert errors == (
        "binance-wallet: click is not installed: it comes with the extra 'cli' (see Extras in the README)\n"
    )
