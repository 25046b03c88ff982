"""What people see."""

import re
from decimal import Decimal

import pytest


def lines(text):
    return [re.sub(r"\s+", " ", line).strip() for line in text.splitlines()]


def test_balances_end_with_their_exact_total(run, wallet):
    code, shown, errors = run("balances", "--quote", "USDT")

    total = sum(balance.balance for balance in wallet.balances("USDT"))
    assert (code, errors) == (0, "")
    assert f"Total {total:f}" in lines(shown)
    assert "Wallet Balance (USDT)" in lines(shown)


def test_inactive_and_empty_wallets_are_left_out_unless_asked_for(run):
    few, all_ = run("balances")[1], run("balances", "--all")[1]

    assert "Options" not in few
    assert "Isolated Margin" not in few
    assert "Options (inactive)" in all_
    assert "Isolated Margin" in all_


def test_amounts_keep_their_own_decimals_and_never_have_an_exponent(run, exchange):
    exchange.account.set_spot({"BTC": "0.00000001", "ETH": "0"}, locked={"BTC": "0", "ETH": "0.5"})

    _, shown, _ = run("snapshots", "spot", "--days", 1)

    assert "BTC 0.00000001 0.00000000" in lines(shown)
    assert "ETH 0.00000000 0.50000000" in lines(shown)
    assert "E-" not in shown


def test_spot_snapshots_show_each_day_and_what_became_of_it(run, wallet):
    first, second = wallet.snapshots("SPOT", days=2)

    _, shown, _ = run("snapshots", "SPOT", "--days", 2)

    before, after = first.data.total_asset_of_btc, second.data.total_asset_of_btc
    assert f"{first.update_time:%Y-%m-%d} {before:f}" in lines(shown)
    percent = 100 * (after - before) / before
    assert f"{second.update_time:%Y-%m-%d} {after:f} {after - before:+f} {percent:+.2f}" in lines(shown)


def test_margin_snapshots_show_what_is_owed(run, wallet):
    (day,) = wallet.snapshots("MARGIN", days=1)

    _, shown, _ = run("snapshots", "margin", "--days", 1)

    data = day.data
    figures = f"{data.total_net_asset_of_btc:f} {data.total_liability_of_btc:f} {data.margin_level:f}"
    assert f"{day.update_time:%Y-%m-%d} {figures}" in lines(shown)


def test_futures_snapshots_show_balances_by_asset_and_positions_at_mark_price(run, exchange):
    exchange.account.set_futures({"USDT": "100", "BNB": "0"}, positions={"BTCUSDT": ("-0.5", "90000")})

    _, shown, _ = run("snapshots", "futures", "--days", 1)

    (position,) = (line.split() for line in lines(shown) if line.startswith("BTCUSDT"))
    _, size, _, mark, worth = position
    assert Decimal(worth) == -Decimal(size) * Decimal(mark)
    assert "Day (UTC) USDT" in lines(shown)
    assert "BNB" not in shown


def test_an_account_without_snapshots_is_said_to_have_none(run, exchange):
    exchange.fail(200, body='{"code":200,"msg":"","snapshotVos":[]}')

    assert run("snapshots", "spot") == (0, "No snapshots of the spot account in this period.\n\n", "")


def test_history_shows_all_three_accounts(run):
    code, shown, _ = run("history", "--days", 1)

    assert code == 0
    assert shown.index("Spot account") < shown.index("Margin account") < shown.index("Futures account")


@pytest.mark.parametrize("columns", [30, 60, 200])
def test_no_width_of_a_terminal_costs_a_digit(run_on_terminal, exchange, columns):
    exchange.set_balances({"Spot": "123456789.12345678"})

    _, shown = run_on_terminal("balances", columns=columns, NO_COLOR="1")

    assert "…" not in shown
    assert all(len(line) <= columns for line in shown.splitlines())
    digits = "".join(re.findall(r"[\d.]+$", shown, re.MULTILINE))
    assert "123456789.12345678" in digits


def test_escape_sequences_are_for_terminals_and_for_who_wants_them(run, run_on_terminal):
    assert "\x1b[" in run_on_terminal("balances")[1]
    assert "\x1b" not in run_on_terminal("balances", NO_COLOR="1")[1]
    assert "\x1b" not in run_on_terminal("balances", TERM="dumb")[1]
    assert "\x1b" not in run("balances")[1]


def test_a_terminal_that_has_no_such_letters_gets_others(run):
    code, shown, errors = run("balances", PYTHONIOENCODING="ascii")

    assert (code, errors) == (0, "")
    assert "USD?-M Futures" in shown
