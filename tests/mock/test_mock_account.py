"""The account adds up, whatever its seed and the day."""

import re
from decimal import Decimal

import pytest
from binance_wallet.mock import Account
from binance_wallet.mock.account import price, price_in_btc
from hypothesis import given
from hypothesis import strategies as st

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


@given(SEEDS, DAYS, st.integers(1, 100))
def test_spot_totals_are_the_sum_of_the_balances(seed, day, assets):
    data = Account(seed, assets).snapshot("SPOT", day)
    assert len({row["asset"] for row in data["balances"]}) == assets
    assert all(value >= 0 for row in data["balances"] for value in amounts(row).values())
    assert data["totalAssetOfBtc"] == f"{worth(data['balances'], day, 'free', 'locked'):.8f}"


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


@given(SEEDS, DAYS, st.text(min_size=1))
def test_wallets_agree_with_the_snapshots_in_any_asset(seed, day, quote_asset):
    account = Account(seed)
    balances = {wallet["walletName"]: Decimal(wallet["balance"]) for wallet in account.balances(quote_asset, day)}
    rate = price_in_btc(quote_asset, day)
    spot = Decimal(account.snapshot("SPOT", day)["totalAssetOfBtc"])
    futures = worth(account.snapshot("FUTURES", day)["assets"], day, "marginBalance")
    assert balances["Spot"] == (spot / rate).quantize(SATOSHI)
    assert balances["USDⓈ-M Futures"] == (futures / rate).quantize(SATOSHI)


@given(SEEDS, DAYS)
def test_the_same_seed_makes_the_same_account(seed, day):
    for account_type in ("SPOT", "MARGIN", "FUTURES"):
        assert Account(seed).snapshot(account_type, day) == Account(seed).snapshot(account_type, day)
    assert Account(seed).snapshot("SPOT", day) != Account(seed + 1).snapshot("SPOT", day)


@given(DAYS, st.sampled_from(["BTC", "ETH", "SHIB", "币安人生", "NOBODYKNOWS"]))
def test_prices_move_a_little_from_day_to_day(day, asset):
    assert price(asset, day) > 0
    assert Decimal("0.8") < price(asset, day) / price(asset, day + 1) < Decimal("1.25")


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


def test_wallets_can_be_set_over_http(exchange, get):
    exchange.set_balances({"Spot": "0.5", "Options": Decimal(2), "Earn": 0})
    wallets = {wallet["walletName"]: wallet for wallet in get("/sapi/v1/asset/wallet/balance").json()}
    assert [wallets[name]["balance"] for name in ("Spot", "Options", "Earn")] == ["0.5", "2", "0"]
    assert wallets["Options"]["activate"] is True
    exchange.reset()
    wallets = {wallet["walletName"]: wallet for wallet in get("/sapi/v1/asset/wallet/balance").json()}
    assert wallets["Options"] == {"activate": False, "balance": "0", "walletName": "Options"}


def test_an_unknown_wallet_cannot_be_set():
    with pytest.raises(ValueError, match="no such wallet: Piggy Bank"):
        Account().set_balances({"Piggy Bank": 1})
