"""The assets of each wallet, and their values."""

from datetime import timedelta
from decimal import Decimal

from samples import DAY, ago, end_of, head, holding, page_of, recorded, spot, table, texts, texts_of


def record(days_ago, **held):
    """A record of a wallet for each name, with these assets."""
    return recorded(end_of(ago(days_ago)), held=held, **dict.fromkeys(held, "1"))


def test_the_assets_of_all_wallets_are_shown_the_most_valuable_first():
    eth = holding("ETH", "2", locked="1", freeze="0.5", withdrawing="0.25", worth="0.1")
    held = record(0, Spot=[holding("BTC", "0.5", worth="0.5"), eth])
    held += record(0, Earn=[holding("ETH", "20", worth="0.4"), holding("DUST", "0")])

    page = page_of(recorded=held)

    assert head(page, "Held on") == ["Asset", "Wallet", "Total", "Not free", "Value (BTC)", "Share (%)"]
    assert table(page, "Held on 2026-03-31 23:59 UTC") == [
        ["BTC", "Spot", "0.5", "0", "0.5", "50.00"],
        ["ETH", "Earn", "20", "0", "0.4", "40.00"],
        ["ETH", "Spot", "3.75", "1.75", "0.1", "10.00"],
    ]


def test_with_a_price_of_that_day_assets_are_worth_so_much_in_the_quote_asset():
    page = page_of(recorded=record(0, Spot=[holding("BTC", "0.5", worth="0.5")]), prices={DAY: Decimal(80000)})

    assert head(page, "Held on")[4] == "Value (USDT)"
    assert table(page, "Held on")[0][4] == "40,000"


def test_in_the_morning_the_price_at_the_end_of_the_day_before_is_that_of_the_moment():
    held = recorded(end_of(ago(1)) + timedelta(hours=5), held={"Spot": [holding("BTC", "1", worth="0.5")]}, Spot="1")

    page = page_of(recorded=held, prices={ago(1): Decimal(80000), DAY: Decimal(90000)})

    assert table(page, "Held on")[0][4] == "40,000"


def test_changes_in_quantity_are_told_by_wallet_and_for_each_period():
    records = record(20, Spot=[holding("BTC", "1"), holding("XRP", "5")], Earn=[holding("BTC", "1")])
    records += record(5, Spot=[holding("BTC", "3")], Earn=[holding("BTC", "1")])
    records += record(0, Spot=[holding("BTC", "2")], Earn=[holding("BTC", "1"), holding("SOL", "3")])

    page = page_of(recorded=records)

    assert table(page, "Changes in quantity from 2026-03-11 23:59 UTC to 2026-03-31 23:59 UTC") == [
        ["XRP", "Spot", "5", "0", "-5", "gone"],
        ["SOL", "Earn", "0", "3", "+3", "new"],
        ["BTC", "Spot", "1", "2", "+1", "+100.00"],
    ]
    assert table(page, "Changes in quantity from 2026-03-26 23:59 UTC to 2026-03-31 23:59 UTC") == [
        ["SOL", "Earn", "0", "3", "+3", "new"],
        ["BTC", "Spot", "3", "2", "-1", "-33.33"],
    ]


def test_records_that_list_no_assets_are_no_records_of_them():
    records = [*recorded(end_of(ago(3)), Spot="1"), *record(2, Spot=[holding("BTC", "1")])]
    records += [*record(1, Spot=[holding("BTC", "2")]), *recorded(end_of(DAY), Spot="1")]

    page = page_of(recorded=records)

    assert table(page, "Held on 2026-03-30 23:59 UTC") == [["BTC", "Spot", "2", "0", "0", ""]]
    assert table(page, "Changes in quantity from 2026-03-29 23:59 UTC") == [["BTC", "Spot", "1", "2", "+1", "+100.00"]]


def test_balances_that_list_no_assets_say_so():
    page = page_of(recorded=recorded(end_of(DAY), Spot="1"))

    assert "What the wallets hold is not shown: these balances do not list it." in texts(page, "p", "note")
    assert "What each wallet holds" not in texts(page, "h2")


def test_spot_and_margin_are_shown_in_the_quote_asset_on_days_that_have_a_price():
    days = [spot(ago(2), "0.5"), spot(ago(1), "0.4"), spot(DAY, "0.5")]

    page = page_of(days, quote_asset="USDT", prices={ago(2): Decimal(80000), DAY: Decimal("90000.5")})

    assert texts(page, "p", "headline") == ["45,000.25 USDT · 0.5 BTC"]
    assert head(page, "Day by day") == ["Day", "Value (USDT)", "Value (BTC)", "Change (BTC)", "Change (%)"]
    assert [row[:3] for row in table(page, "Day by day")] == [
        ["2026-03-31", "45,000.25", "0.5"],
        ["2026-03-30", "\N{EN DASH}", "0.4"],
        ["2026-03-29", "40,000.00", "0.5"],
    ]
    assert texts(page, "h3") == ["Value (USDT)", "Value (BTC)"]
    assert [row[:2] for row in table(page, "Value at the end of")] == [
        ["Spot account (USDT)", "45,000.25"],
        ["Spot account (BTC)", "0.5"],
    ]


def test_days_without_a_price_are_counted_for_each_period():
    days = [spot(ago(n), "0.5") for n in range(20)]

    page = page_of(days, quote_asset="USDT", prices={ago(n): Decimal(80000) for n in range(4)})

    assert "Days without a price of BTC in USDT: 16 of 20. They have no value in USDT." in texts_of(
        page, ago(19), "p", "note"
    )
    assert "Days without a price of BTC in USDT: 4 of 8. They have no value in USDT." in texts_of(
        page, ago(7), "p", "note"
    )


def test_an_account_whose_last_day_has_no_price_is_in_btc_at_its_head():
    page = page_of([spot(ago(1), "0.5"), spot(DAY, "0.4")], quote_asset="USDT", prices={ago(1): Decimal(80000)})

    assert texts(page, "p", "headline") == ["0.4 BTC"]
    assert table(page, "Value at the end of")[0][:2] == ["Spot account (USDT), until 2026-03-30", "40,000"]


def test_without_any_price_nothing_is_said_of_prices():
    page = page_of([spot(DAY, "0.5")], quote_asset="USDT")

    assert "price of BTC" not in page
