"""The tables for people."""

import re
from decimal import Decimal

import pytest


def lines(text):
    return [re.sub(r"\s+", " ", line).strip() for line in text.splitlines()]


def test_balances_end_with_their_exact_total(run, library):
    code, shown, errors = run("balances", "--quote", "USDT")

    total = sum(balance.balance for balance in library.balances("USDT"))
    assert (code, errors) == (0, "")
    assert f"Total {total:f}" in lines(shown)
    assert "Wallet Balance (USDT)" in lines(shown)


def test_details_list_what_each_wallet_holds(run, exchange):
    exchange.account.set_spot({"BTC": "1.5", "ETH": "2"}, locked={"BTC": "0.25", "ETH": "0"})

    code, shown, errors = run("balances", "--details")

    assert (code, errors) == (0, "")
    assert "Spot wallet" in lines(shown)
    assert "BTC 1.75000000 1.50000000 0.25000000 0.00000000 0.00000000" in lines(shown)


def test_details_list_the_most_valuable_asset_first(run, exchange):
    exchange.account.set_spot({"USDT": "1", "BTC": "1", "ETH": "1", "BNB": "1"})

    _, shown, _ = run("balances", "--details")

    spot = shown.partition("Spot wallet")[2].partition("wallet")[0]
    assert re.findall(r"^ (BTC|ETH|BNB|USDT) ", spot, re.MULTILINE) == ["BTC", "ETH", "BNB", "USDT"]


@pytest.mark.parametrize("format_", ["csv", "json", "ndjson"])
def test_details_have_a_row_for_each_wallet_and_asset(run, exchange, format_):
    exchange.account.set_spot({"BTC": "1.5", "ETH": "2"})

    _, shown, _ = run("balances", "--details", "--quote", "USDT", "--format", format_)

    assert shown.count("Bitcoin") >= 2
    assert "Ethereum" in shown


def test_an_exchange_that_does_not_know_details_shows_the_balances_and_says_so(run, exchange):
    plain = run("balances")
    exchange.fail(400, -1104, "Not all sent parameters were read.")
    detailed = run("balances", "--details")

    assert detailed == (0, plain[1], "binance-wallet: the exchange did not list what the wallets hold\n")


def test_a_wallet_of_assets_without_a_valuation_is_shown(run, exchange):
    amounts = {"free": "0", "locked": "0", "freeze": "3", "withdrawing": "0", "btcValuation": "0"}

    def hold(wallets):
        held = wallets[0]["assetBalances"][0] | {"asset": "NEW"} | amounts
        return [wallets[0] | {"balance": "0", "assetBalances": [held]}, *wallets[1:]]

    exchange.edit(hold)

    _, shown, _ = run("balances", "--details")

    assert "Spot 0" in lines(shown)
    assert "NEW 0 0 0 3 0" in lines(shown)


def test_recorded_balances_have_their_exact_total(run, tmp_path):
    run("archive", "update", "spot", "--archive", "a.sqlite")
    shown = run("balances", "--archive", "a.sqlite")[1]

    [amounts] = [line.split()[2:] for line in shown.splitlines() if re.match(r" \d{4}-", line)]
    total, *wallets = map(Decimal, amounts)
    assert total == sum(wallets)
    assert len(str(total)) > 10


def test_the_total_is_that_of_all_wallets_inactive_ones_too(run, exchange):
    def close(wallets):
        return [wallets[0] | {"activate": False, "balance": "5"}, *wallets[1:]]

    exchange.edit(close, times=2)

    few, all_ = run("balances")[1], run("balances", "--all")[1]

    assert "Spot (inactive) 5" in lines(few)
    assert [line for line in lines(few) if "Total" in line] == [line for line in lines(all_) if "Total" in line]


def test_empty_wallets_are_left_out_unless_asked_for(run):
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


def test_spot_snapshots_show_each_day_and_what_became_of_it(run, library):
    first, second = library.snapshots("SPOT", days=2)

    _, shown, _ = run("snapshots", "SPOT", "--days", 2)

    before, after = first.data.total_asset_of_btc, second.data.total_asset_of_btc
    assert f"{first.update_time:%Y-%m-%d} {before:f}" in lines(shown)
    percent = 100 * (after - before) / before
    assert f"{second.update_time:%Y-%m-%d} {after:f} {after - before:+f} {percent:+.2f}" in lines(shown)


def test_margin_snapshots_show_what_is_owed(run, library):
    (day,) = library.snapshots("MARGIN", days=1)

    _, shown, _ = run("snapshots", "margin", "--days", 1)

    data = day.data
    figures = f"{data.total_net_asset_of_btc:f} {data.total_liability_of_btc:f} {data.margin_level:f}"
    assert f"{day.update_time:%Y-%m-%d} {figures}" in lines(shown)


def test_futures_snapshots_show_balances_by_asset_and_the_notional_of_positions(run, exchange):
    exchange.account.set_futures(
        {"USDT": "100", "USDC": "1", "BNB": "0"},
        positions={"BTCUSDT": ("-0.00000003", "90000"), "ETHUSDT": ("2.5", "3000"), "ETHUSDC": ("1", "3000")},
    )

    _, shown, _ = run("snapshots", "futures", "--days", 1)

    rows = (line.split() for line in lines(shown) if re.match(r"\w+USD\w ", line))
    positions = {symbol: map(Decimal, amounts) for symbol, *amounts in rows}
    assert positions.keys() == {"BTCUSDT", "ETHUSDT", "ETHUSDC"}
    for size, notional, _, mark in positions.values():
        assert notional == (size * mark).quantize(Decimal("0.00000001"))
    assert "Day (UTC) USDT USDC" in lines(shown)
    assert "Symbol Size Notional (USDT) Entry price (USDT) Mark price (USDT)" in lines(shown)
    assert "Symbol Size Notional (USDC) Entry price (USDC) Mark price (USDC)" in lines(shown)
    assert "BNB" not in shown


def test_a_short_position_has_a_negative_notional(run, exchange):
    exchange.account.set_futures({"USDT": "100"}, positions={"BTCUSDT": ("-0.5", "90000")})

    _, shown, _ = run("snapshots", "futures", "--days", 1)

    (short,) = (line.split() for line in lines(shown) if line.startswith("BTCUSDT"))
    assert Decimal(short[2]) < -10_000


def test_a_contract_with_a_date_is_priced_in_the_same_asset_as_one_without(run, exchange):
    exchange.account.set_futures({"USDT": "100"}, positions={"BTCUSDT_260327": ("0.5", "90000")})

    _, shown, _ = run("snapshots", "futures", "--days", 1)

    assert "Notional (USDT)" in shown


def test_an_account_without_snapshots_is_said_to_have_none(run, exchange):
    exchange.fail(200, body='{"code":200,"msg":"","snapshotVos":[]}')

    code, shown, errors = run("snapshots", "spot")

    assert (code, errors) == (0, "")
    assert shown.startswith("No spot snapshots in this period")


def test_history_shows_all_three_accounts(run):
    code, shown, _ = run("history", "--days", 1)

    assert code == 0
    assert shown.index("Spot account") < shown.index("Margin account") < shown.index("Futures account")


COMMANDS = {"balances": ["balances", "--all"], "snapshots": ["history", "--days", "2"]}


def figures(text):
    """The amounts and dates of a text, in the order in which they come."""
    return re.findall(r"\d{4}-\d\d-\d\d|[+-]?\d+\.\d+", text)


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_no_amount_or_date_is_split_at_any_width(run, run_on_terminal, exchange, command):
    in_a_pipe = figures(run(*command)[1])

    for columns in (40, 60, 80, 120, 200):
        exchange.reset()  # the request weight
        code, shown = run_on_terminal(*command, columns=columns, NO_COLOR="1")

        assert code == 0
        assert "…" not in shown
        assert all(len(line) <= columns for line in shown.splitlines())
        assert {*figures(shown)} <= {*in_a_pipe}
        if "Too narrow for" not in shown:
            assert figures(shown) == in_a_pipe


def test_a_large_amount_keeps_every_digit_on_a_narrow_terminal(run_on_terminal, exchange):
    exchange.set_balances({"Spot": "123456789.12345678", "Options": "0.00000001"})

    _, shown = run_on_terminal("balances", columns=40, NO_COLOR="1")

    assert {"Spot 123456789.12345678", "Options 0.00000001"} <= {*lines(shown)}


@pytest.mark.parametrize("columns", [None, 40, 100])
def test_decimal_points_are_in_line(run, run_on_terminal, exchange, columns):
    exchange.account.set_spot({"BTC": "1234.5", "ETH": "0.00000001", "USDT": "7", "BNB": "-0.25"})

    args = ["snapshots", "spot", "--days", "1"]
    shown = run_on_terminal(*args, columns=columns, NO_COLOR="1")[1] if columns else run(*args)[1]

    rows = shown[shown.index("Held at the end") :].splitlines()
    amounts = [row for row in rows if row.startswith((" BTC", " ETH", " USDT", " BNB"))]
    assert len(amounts) == 4
    assert len({row.index(".") for row in amounts}) == 1


def test_columns_that_do_not_fit_are_named(run_on_terminal):
    _, shown = run_on_terminal("snapshots", "margin", "--days", 1, columns=60, NO_COLOR="1")

    assert "Asset Net Free Locked" in lines(shown)
    assert "Too narrow for Borrowed, Interest:" in shown


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_nothing_is_left_out_in_a_pipe(run, command):
    _, shown, _ = run(*command, COLUMNS="40")

    assert "Too narrow" not in shown


def test_where_no_column_fits_rows_are_set_upright(run_on_terminal, library):
    (day,) = library.snapshots("MARGIN", days=1)

    _, shown = run_on_terminal("snapshots", "margin", "--days", 1, columns=20, NO_COLOR="1")

    assert f"{day.update_time:%Y-%m-%d}\nNet value (BTC):\n{day.data.total_net_asset_of_btc}\nOwed (BTC):" in shown


def test_escape_sequences_are_for_terminals_and_for_who_wants_them(run, run_on_terminal):
    assert "\x1b[" in run_on_terminal("balances")[1]
    assert "\x1b" not in run_on_terminal("balances", NO_COLOR="1")[1]
    assert "\x1b" not in run_on_terminal("balances", TERM="dumb")[1]
    assert "\x1b" not in run("balances")[1]
