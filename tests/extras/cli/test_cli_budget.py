"""Where the command counts request weight: in a file of the user's, unless `--budget` says otherwise."""

import re
import stat
import sys
from pathlib import Path

import pytest
from binance_wallet import BannedError, WalletClient

SNAPSHOTS = "/sapi/v1/accountSnapshot"


@pytest.fixture
def environment(environment, tmp_path):
    """With the budget that a user has who does not know of it."""
    del environment["BINANCE_BUDGET"]
    return environment | {"XDG_STATE_HOME": str(tmp_path / "state")}


def test_a_second_command_in_the_same_minute_knows_what_the_first_has_used(run, exchange):
    exchange.clock_offset = 5 - exchange.now() % 60
    run("history", "--days", "1")
    code, _, errors = run("history", "--days", "1", "--no-wait")
    assert code == 1
    assert "the request weight of this minute is used up: this call was not sent" in errors
    assert [request.path for request in exchange.requests].count(SNAPSHOTS) == 5


@pytest.mark.parametrize(
    ("command", "received"),
    [
        (["history", "--output", "out.csv"], "Spot snapshots and margin snapshots"),
        (["report", "--output", "out.html"], "Balances, spot snapshots and margin snapshots"),
    ],
    ids=["history", "report"],
)
@pytest.mark.usefixtures("early_in_the_minute")
def test_of_several_calls_the_one_that_was_not_sent_is_named_and_those_that_were_too(
    run, exchange, tmp_path, command, received
):
    for _ in range(3):
        run("snapshots", "spot")
    code, _, errors = run(*command, "--no-wait", "--timeout", "1")
    assert code == 1
    assert re.fullmatch(
        r"binance-wallet: the request weight of this minute is used up: this call was not sent; call again in \d+ s\. "
        rf"In the call for futures snapshots\. {received} were received, but are not written\n",
        errors,
    )
    assert not (tmp_path / command[-1]).exists()


def test_no_command_asks_during_a_ban(run, exchange):
    exchange.fail(418, -1003, "Way too much request weight used.", headers={"Retry-After": "120"})
    run("balances")
    code, _, errors = run("balances")
    assert code == 1
    assert "banned" in errors
    assert len(exchange.requests) == 1


def test_the_file_is_in_the_state_directory_and_only_its_owner_may_read_it(run, tmp_path):
    run("balances")
    file = tmp_path / "state" / "binance-wallet" / "budget.db"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.skipif(sys.platform != "linux", reason="the page has a command for Linux")
def test_a_program_shares_the_file_by_the_url_that_the_page_names(run, exchange, tmp_path, monkeypatch):
    page = Path(__file__).parents[3] / "docs" / "how-to" / "rate-limits.md"
    [url] = re.findall(r"^export BINANCE_BUDGET=(sqlite:\S+)$", page.read_text(), re.MULTILINE)
    monkeypatch.setenv("HOME", str(tmp_path))
    exchange.fail(418, -1003, "Way too much request weight used.", headers={"Retry-After": "120"})
    run("balances", without=("XDG_STATE_HOME",), HOME=str(tmp_path))
    with (
        WalletClient(exchange.api_key, exchange.api_secret, base_url=exchange.base_url, budget=url) as wallet,
        pytest.raises(BannedError),
    ):
        wallet.balances()
    assert len(exchange.requests) == 1


def test_without_a_budget_each_command_counts_for_itself(run, exchange, tmp_path):
    exchange.fail(418, -1003, "Way too much request weight used.", headers={"Retry-After": "120"})
    run("balances", "--budget", "none")
    assert run("balances", "--budget", "none")[0] == 0
    assert not (tmp_path / "state").exists()


def test_a_budget_comes_from_the_environment_too(run, tmp_path):
    code, shown, _ = run("doctor", BINANCE_BUDGET=f"sqlite:///{tmp_path}/mine.db")
    assert code == 0
    assert f"counted in {tmp_path}/mine.db" in shown
    assert (tmp_path / "mine.db").exists()


def test_none_means_none_to_the_library_too(exchange, monkeypatch):
    monkeypatch.setenv("BINANCE_BUDGET", "none")
    options = {"api_key": exchange.api_key, "api_secret": exchange.api_secret, "base_url": exchange.base_url}
    with WalletClient.from_env(**options) as wallet:
        assert str(wallet.budget.store) == "memory"


def test_a_budget_that_cannot_be_meant_is_wrong_usage(run, exchange):
    code, _, errors = run("balances", "--budget", "postgres://host/db")
    assert code == 2
    assert errors.startswith("binance-wallet: --budget (BINANCE_BUDGET) must be of the form sqlite:///PATH")
    assert errors.endswith("; or none\n")
    assert not exchange.requests


def test_where_there_can_be_no_state_directory_the_command_goes_on(run, tmp_path):
    (tmp_path / "state").write_text("in the way")
    code, _, errors = run("balances")
    assert code == 0
    assert "counted in this process only" in errors


def test_doctor_tells_of_a_budget_that_fails(run, tmp_path):
    (tmp_path / "broken.db").write_text("These are my notes.\n" * 100)
    code, shown, _ = run("doctor", "--budget", f"sqlite:///{tmp_path}/broken.db")
    assert code == 1
    assert "not a database" in shown


def test_doctor_tells_that_there_can_be_no_state_directory(run, tmp_path):
    (tmp_path / "state").write_text("in the way")
    code, shown, _ = run("doctor")
    assert code == 1
    [line] = [line for line in shown.splitlines() if line.startswith("WRONG")]
    assert "budget" in line
    assert "counted in memory" in line
    assert str(tmp_path / "state") in line
