"""The account adds up, whatever its seed and the day."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from binance_wallet_mock import Account, MockExchange
from binance_wallet_mock.prices import price, price_in_btc
from hypothesis import given, settings
from hypothesis import strategies as st
from mock_wire import BALANCES, SNAPSHOTS

DAYS = st.integers(18_000, 25_000)
SEEDS = st.integers(0, 1_000_000)
AMOUNT = re.compile(r"(?!-[0.]+$)-?(0|[1-9][0-9]*)\.[0-9]{8}")
SATOSHI = Decimal("0.00000001")


def amounts(row: dict[str, str]) -> dict[str, Decimal]:
    numbers = {name: text for name, text in row.items() if name not in {"asset", "symbol"}}
    assert all(AMOUNT.fullmatch(text) for text in numbers.values())
    return {name: Decimal(text) for name, text in numbers.items()}


def worth(rows, day: int, *columns: str) -> Decimal:
    total = sum(sum(amounts(row)[name] for name in columns) * price_in_btc(row["asset"], day) for row in rows)
    return total.quantize(SATOSHI)


@settings(deadline=None)
@given(SEEDS, DAYS, st.integers(1, 100))
def test_spot_totals_are_the_sum_of_the_balances(seed, day, assets):
    data = Account(seed, assets).snapshot("SPOT", day)
    assert len({row["asset"] for row in data["balances"]}) == assets
    assert all(value >= 0 for row in data["balances"] for value in amounts(row).values())
    assert data["totalAssetOfBtc"] == f"{worth(data['balances'], day, 'free', 'locked'):.8f}"


@settings(deadline=None)
@given(SEEDS, DAYS)
def test_margin_nets_are_assets_less_liabilities(seed, day):
    data = Account(seed).snapshot("MARGIN", day)
    for row in map(amounts, data["userAssets"]):
        assert row["netAsset"] == row["free"] + row["locked"] - row["borrowed"] - row["interest"]
    total, liability, net = (Decimal(data[f"total{name}OfBtc"]) for name in ("Asset", "Liability", "NetAsset"))
    assert total == worth(data["userAssets"], day, "free", "locked")
    assert liability == worth(data["userAssets"], day, "borrowed", "interest")
    assert net == total - liability > 0
    assert data["marginLevel"] == (f"{total / liability:.8f}" if liability else "999.00000000")


@settings(deadline=None)
@given(SEEDS, DAYS)
def test_futures_profits_follow_from_the_prices(seed, day):
    data = Account(seed).snapshot("FUTURES", day)
    positions = {row["symbol"]: amounts(row) for row in data["position"]}
    for row in positions.values():
        profit = (row["markPrice"] - row["entryPrice"]) * row["positionAmt"]
        assert row["unRealizedProfit"] == profit.quantize(SATOSHI)
    for row in data["assets"]:
        profits = [p["unRealizedProfit"] for symbol, p in positions.items() if symbol.endswith(row["asset"])]
        assert amounts(row)["marginBalance"] == amounts(row)["walletBalance"] + sum(profits)


@settings(deadline=None)
@given(SEEDS, DAYS, st.text(min_size=1))
def test_wallets_agree_with_the_snapshots_in_any_asset(seed, day, quote_asset):
    account = Account(seed)
    balances = {wallet["walletName"]: Decimal(wallet["balance"]) for wallet in account.balances(quote_asset, day)}
    rate = price_in_btc(quote_asset, day)
    spot = Decimal(account.snapshot("SPOT", day)["totalAssetOfBtc"])
    futures = worth(account.snapshot("FUTURES", day)["assets"], day, "marginBalance")
    assert balances["Spot"] == (spot / rate).quantize(SATOSHI)
    assert balances["USDⓈ-M Futures"] == (futures / rate).quantize(SATOSHI)


@settings(deadline=None)
@given(SEEDS, DAYS)
def test_the_same_seed_makes_the_same_account(seed, day):
    for account_type in ("SPOT", "MARGIN", "FUTURES"):
        assert Account(seed).snapshot(account_type, day) == Account(seed).snapshot(account_type, day)
    assert Account(seed).snapshot("SPOT", day) != Account(seed + 1).snapshot("SPOT", day)


@settings(deadline=None)
@given(DAYS, st.sampled_from(["BTC", "ETH", "SHIB", "币安人生", "NOBODYKNOWS"]))
def test_prices_move_a_little_from_day_to_day(day, asset):
    assert price(asset, day) > 0
    assert Decimal("0.8") < price(asset, day) / price(asset, day + 1) < Decimal("1.25")


def test_what_an_amount_is_worth_follows_the_price_of_its_day():
    account = Account()
    account.set_spot({"ETH": "1"})
    worths = {account.snapshot("SPOT", day)["totalAssetOfBtc"] for day in range(20_000, 20_010)}
    assert len(worths) == 10


COLUMNS = ("free", "locked", "freeze", "withdrawing")


@settings(deadline=None)
@given(SEEDS, DAYS, st.integers(0, 100))
def test_the_assets_of_a_wallet_add_up_to_its_balance(seed, day, assets):
    for wallet in Account(seed, assets).balances("BTC", day, details=True):
        rows = wallet["assetBalances"]
        assert sum(Decimal(row["btcValuation"]) for row in rows) == Decimal(wallet["balance"])
        for row in rows:
            held = sum(Decimal(row[column]) for column in COLUMNS)
            assert held != 0  # futures can be worth less than nothing
            assert abs(held * price_in_btc(row["asset"], day) - Decimal(row["btcValuation"])) < len(rows) * SATOSHI


@settings(deadline=None)
@given(DAYS, st.dictionaries(st.sampled_from(["BTC", "ETH", "SHIB", "币安人生"]), st.decimals(0, 10**6, places=8)))
def test_the_assets_that_were_set_add_up_to_the_balance(day, amounts):
    account = Account()
    account.set_spot(amounts, locked=amounts)
    account.set_margin(amounts, borrowed=amounts, interest={"BTC": "0.5"})
    account.set_futures({"USDT": 1000}, positions={"ETHUSDT": ("-0.5", 3000)})
    account.set_balances({"Options": "0.123456789", "Earn": 0})
    for wallet in account.balances("BTC", day, details=True):
        assert sum(Decimal(row["btcValuation"]) for row in wallet["assetBalances"]) == Decimal(wallet["balance"])


def test_the_assets_are_in_units_and_their_values_in_btc_whatever_the_quote_asset():
    account = Account()
    account.set_spot({"ETH": "1.5", "NEWCOIN": 0}, locked={"ETH": "0.5"})
    for quote_asset in ("BTC", "USDT"):
        spot = account.balances(quote_asset, 20_000, details=True)[0]
        assert spot["assetBalances"] == [
            {
                "asset": "ETH",
                "assetName": "Ethereum",
                "free": "1.50000000",
                "locked": "0.50000000",
                "freeze": "0.00000000",
                "withdrawing": "0.00000000",
                "btcValuation": f"{(2 * price_in_btc('ETH', 20_000)).quantize(SATOSHI):.8f}",
            }
        ]


def test_every_column_of_the_assets_has_an_amount_somewhere():
    wallets = Account().balances("BTC", 20_000, details=True)
    for column in COLUMNS:
        assert any(Decimal(row[column]) for wallet in wallets for row in wallet["assetBalances"])


def test_margin_assets_are_net_of_what_is_owed():
    account = Account()
    account.set_margin({"BTC": 2}, locked={"BTC": "0.2"}, borrowed={"BTC": 1}, interest={"BTC": "0.1"})
    [row] = account.balances("BTC", 20_000, details=True)[2]["assetBalances"]
    assert (row["free"], row["locked"], row["btcValuation"]) == ("0.90000000", "0.20000000", "1.10000000")


def test_a_wallet_whose_worth_is_set_holds_that_much_btc():
    account = Account()
    account.set_balances({"Spot": "0.5", "Earn": 0})
    spot, *_ = wallets = account.balances("USDT", 20_000, details=True)
    [row] = spot["assetBalances"]
    assert (row["asset"], row["free"], row["btcValuation"]) == ("BTC", "0.50000000", "0.50000000")
    assert [wallet["assetBalances"] for wallet in wallets if wallet["walletName"] in {"Earn", "Options"}] == [[], []]


def test_wallets_have_their_assets_only_if_asked(get):
    fields = {"activate", "balance", "walletName"}
    for asked in ({}, {"needBalanceDetail": "false"}):
        assert all(wallet.keys() == fields for wallet in get(BALANCES, **asked).json())
    detailed = get(BALANCES, needBalanceDetail="true").json()
    assert all(wallet.keys() == fields | {"assetBalances"} for wallet in detailed)
    assert [{**wallet, "assetBalances": 0} for wallet in get(BALANCES).json()] == [
        {**wallet, "assetBalances": 0} for wallet in detailed
    ]


def test_no_amount_is_written_with_an_exponent():
    account = Account()
    account.set_spot({"BTC": "0.00000001", "SHIB": 10**15})
    wallets = account.balances("SHIB", 20_000) + account.balances("BTC", 20_000)
    assert all(re.fullmatch(r"0|[0-9]+(\.[0-9]*[1-9])?", wallet["balance"]) for wallet in wallets)


def test_holdings_can_be_set():
    account = Account()
    account.set_spot({"BTC": "1.5", "USDT": 10}, locked={"BTC": Decimal("0.5"), "ETH": 2})
    data = account.snapshot("SPOT", 20_000)
    assert data["balances"] == [
        {"asset": "BTC", "free": "1.50000000", "locked": "0.50000000"},
        {"asset": "USDT", "free": "10.00000000", "locked": "0.00000000"},
        {"asset": "ETH", "free": "0.00000000", "locked": "2.00000000"},
    ]
    assert data["totalAssetOfBtc"] == f"{worth(data['balances'], 20_000, 'free', 'locked'):.8f}"


def test_an_empty_account_is_worth_nothing():
    account = Account()
    account.set_spot({})
    account.set_margin({})
    account.set_futures({})
    assert account.snapshot("SPOT", 20_000) == {"balances": [], "totalAssetOfBtc": "0.00000000"}
    assert account.snapshot("MARGIN", 20_000)["marginLevel"] == "999.00000000"
    assert account.snapshot("FUTURES", 20_000) == {"assets": [], "position": []}


def test_margin_and_futures_can_be_set():
    account = Account()
    account.set_margin({"BTC": 2}, borrowed={"BTC": 1}, interest={"BTC": "0.1"}, locked={"BTC": "0.2"})
    margin = account.snapshot("MARGIN", 20_000)
    assert (margin["totalAssetOfBtc"], margin["totalLiabilityOfBtc"]) == ("2.20000000", "1.10000000")
    assert (margin["totalNetAssetOfBtc"], margin["marginLevel"]) == ("1.10000000", "2.00000000")

    account.set_futures({"USDT": 1000, "USDC": 5}, positions={"ETHUSDT": ("-0.5", 3000)})
    futures = account.snapshot("FUTURES", 20_000)
    (position,) = futures["position"]
    assert (position["positionAmt"], position["entryPrice"]) == ("-0.50000000", "3000.00000000")
    assert amounts(futures["assets"][0])["marginBalance"] == 1000 + Decimal(position["unRealizedProfit"])
    assert futures["assets"][1]["marginBalance"] == "5.00000000"


def test_wallets_can_be_set_over_http(mock_exchange, get):
    mock_exchange.set_balances({"Spot": "0.5", "Options": Decimal(2), "Earn": 0})
    wallets = {wallet["walletName"]: wallet for wallet in get("/sapi/v1/asset/wallet/balance").json()}
    assert [wallets[name]["balance"] for name in ("Spot", "Options", "Earn")] == ["0.5", "2", "0"]
    assert wallets["Options"]["activate"] is True
    mock_exchange.reset()
    wallets = {wallet["walletName"]: wallet for wallet in get("/sapi/v1/asset/wallet/balance").json()}
    assert wallets["Options"] == {"activate": False, "balance": "0", "walletName": "Options"}


def test_an_unknown_wallet_cannot_be_set():
    with pytest.raises(ValueError, match="no such wallet: Piggy Bank; there are Spot, Funding"):
        Account().set_balances({"Piggy Bank": 1})


SETTERS = {
    "balances": lambda account, amount: account.set_balances({"Spot": amount}),
    "spot": lambda account, amount: account.set_spot({"Spot": amount}),
    "margin": lambda account, amount: account.set_margin({}, borrowed={"Spot": amount}),
    "futures": lambda account, amount: account.set_futures({}, positions={"Spot": (1, amount)}),
}


@pytest.mark.parametrize("setter", SETTERS.values(), ids=SETTERS)
@pytest.mark.parametrize("amount", ["abc", "", "NaN", "Infinity", Decimal("-Infinity"), None, [1], 10**20, "1e999999"])
def test_what_is_no_amount_is_refused_at_once(setter, amount):
    with pytest.raises(ValueError, match=re.escape(f"Spot: {amount!r} is not an amount: give a number")):
        setter(Account(), amount)


@settings(deadline=None)
@given(st.decimals(-(10**20), 10**20, allow_nan=False).filter(lambda amount: abs(amount) < 10**20), DAYS)
def test_every_amount_that_can_be_set_can_be_shown(amount, day):
    account = Account()
    for setter in SETTERS.values():
        setter(account, amount)
    for account_type in ("SPOT", "MARGIN", "FUTURES"):
        account.snapshot(account_type, day)
    for quote_asset in ("BTC", "SHIB"):
        account.balances(quote_asset, day, details=True)


TODAY = date(2026, 3, 10)
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


@pytest.fixture
def spot_days(mock_exchange, get):
    """Each day's BTC in the last snapshots of an account, on a day that is always the same."""
    mock_exchange.set_time(NOON)

    def spot_days(account_type="SPOT", **parameters):
        found = get(SNAPSHOTS, type=account_type, **parameters).json()["snapshotVos"]
        days = [datetime.fromtimestamp(each["updateTime"] / 1000, UTC).date() for each in found]
        held = ([row["free"] for row in each["data"].get("balances", ()) if row["asset"] == "BTC"] for each in found)
        return dict(zip(days, held, strict=True))

    return spot_days


def days_ago(days: int) -> date:
    return TODAY - timedelta(days)


def test_a_day_can_hold_something_else_than_the_others(mock_exchange, spot_days):
    mock_exchange.account.set_spot({"BTC": 1})
    mock_exchange.account.set_spot({"BTC": 2}, day=days_ago(3))
    mock_exchange.account.set_spot({}, day=days_ago(2))

    held = spot_days()

    assert (held[days_ago(4)], held[days_ago(3)], held[days_ago(2)], held[days_ago(1)]) == (
        ["1.00000000"],
        ["2.00000000"],
        [],
        ["1.00000000"],
    )


def test_one_day_of_each_account_can_be_set():
    account = Account()
    days = (date.fromordinal(TODAY.toordinal() + n) for n in (0, 1))
    first, second = ((day - date(1970, 1, 1)).days for day in days)
    account.set_margin({"BTC": 3}, day=TODAY)
    account.set_futures({"USDT": 4}, day=TODAY)

    assert account.snapshot("MARGIN", first)["totalNetAssetOfBtc"] == "3.00000000"
    assert account.snapshot("FUTURES", first)["assets"][0]["walletBalance"] == "4.00000000"
    for account_type in ("MARGIN", "FUTURES"):
        assert account.snapshot(account_type, second) == Account().snapshot(account_type, second)


def test_what_is_set_later_replaces_what_was_shown(mock_exchange, spot_days):
    mock_exchange.account.set_spot({"BTC": 1}, day=days_ago(1))
    before = spot_days()[days_ago(1)]
    mock_exchange.account.set_spot({"BTC": 2}, day=days_ago(1))

    assert (before, spot_days()[days_ago(1)]) == (["1.00000000"], ["2.00000000"])


def test_a_first_day_has_no_days_before_it(mock_exchange, spot_days):
    mock_exchange.account.set_first_day(days_ago(3), type="SPOT")

    assert [*spot_days()] == [days_ago(3), days_ago(2), days_ago(1)]
    assert len(spot_days("MARGIN")) == 7


def test_an_account_that_was_never_used_has_no_snapshots(mock_exchange, spot_days):
    mock_exchange.account.set_first_day(None)

    assert [spot_days(account_type) for account_type in ("SPOT", "MARGIN", "FUTURES")] == [{}, {}, {}]


def test_a_missing_day_is_left_out_and_not_made_up_for(mock_exchange, spot_days):
    mock_exchange.account.set_missing(days_ago(2))

    assert [*spot_days()] == [days_ago(n) for n in (7, 6, 5, 4, 3, 1)]
    assert [*spot_days(startTime=round(NOON.timestamp() * 1000) - 20 * 86_400_000)] == [
        days_ago(n) for n in (8, 7, 6, 5, 4, 3, 1)
    ]


def test_a_missing_day_can_appear_late(mock_exchange, spot_days):
    mock_exchange.account.set_missing(days_ago(1), type="SPOT", until=NOON + timedelta(hours=1))

    assert days_ago(1) not in spot_days()
    assert days_ago(1) in spot_days("FUTURES")
    mock_exchange.advance(3600)
    assert days_ago(1) in spot_days()


def test_reset_brings_all_days_back(mock_exchange, spot_days):
    expected = spot_days()
    mock_exchange.account.set_spot({"BTC": 7}, day=days_ago(2))
    mock_exchange.account.set_missing(days_ago(1))
    mock_exchange.account.set_first_day(days_ago(3))

    mock_exchange.account.reset()

    assert spot_days() == expected


def test_years_pass_a_month_at_a_time(mock_exchange, spot_days):
    collected = {}
    for _ in range(24):
        collected |= spot_days(startTime=round(mock_exchange.now() * 1000) - 29 * 86_400_000, limit=30)
        mock_exchange.advance(28 * 86_400)

    days = sorted(collected)
    assert len(days) == (days[-1] - days[0]).days + 1 > 640


def test_a_time_without_a_zone_and_an_unknown_account_are_refused():
    with pytest.raises(ValueError, match="a datetime with a time zone"):
        Account().set_missing(TODAY, until=datetime(2026, 3, 11))  # noqa: DTZ001 - that is the point
    with pytest.raises(ValueError, match="no such account: 'spot'; there are SPOT, MARGIN, FUTURES"):
        Account().set_first_day(TODAY, type="spot")


@pytest.mark.parametrize(
    "set_day",
    [
        lambda account, day: account.set_spot({"BTC": 1}, day=day),
        lambda account, day: account.set_margin({"BTC": 1}, day=day),
        lambda account, day: account.set_futures({"USDT": 1}, day=day),
        lambda account, day: account.set_first_day(day),
        lambda account, day: account.set_missing(day),
    ],
)
@pytest.mark.parametrize("day", ["2026-11-20", 20777])
def test_a_day_that_is_no_date_is_refused(set_day, day):
    with pytest.raises(TypeError, match=re.escape(f"a day must be a date, as in date(2026, 3, 31): {day!r}")):
        set_day(Account(), day)


@pytest.mark.parametrize("seed", ["x", "1", 1.5, None])
def test_a_seed_that_is_no_whole_number_is_refused(seed):
    with pytest.raises(TypeError, match=re.escape(f"seed must be a whole number, not {seed!r}")):
        MockExchange(seed=seed)


@pytest.mark.parametrize("assets", ["x", -1, 1.5, None])
def test_a_number_of_assets_that_cannot_be_is_refused(assets):
    with pytest.raises(ValueError, match=re.escape(f"assets must be a whole number of at least 0, not {assets!r}")):
        MockExchange(assets=assets)
