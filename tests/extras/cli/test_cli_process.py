"""The installed command does what it does from a launcher, from which the other tests run it: see conftest.py."""

import sys
from pathlib import Path

import pytest

COMMAND = Path(sys.executable).with_name("binance-wallet")


@pytest.mark.parametrize("args", [["balances"], ["snapshots", "spot", "--plot"], ["balances", "--fast"], ["--help"]])
def test_off_a_terminal(run, args):
    assert run(*args, command=[COMMAND]) == run(*args)


def test_on_a_terminal(run_on_terminal):
    assert run_on_terminal("balances", command=[COMMAND]) == run_on_terminal("balances")


def test_a_terminal_that_has_no_such_letters_gets_others(run):
    code, shown, errors = run("balances", command=[COMMAND], PYTHONIOENCODING="ascii")

    assert (code, errors) == (0, "")
    assert "USD?-M Futures" in shown
