"""The content of the page."""

import re
from datetime import UTC, datetime, timedelta, timezone

import altair as alt
import pytest
from binance_wallet import Balances, History
from binance_wallet_extras.export import ExportError, PricesError
from binance_wallet_extras.report import Account, render
from samples import (
    DAY,
    ago,
    all_tables,
    data,
    drawn,
    end_of,
    exact,
    futures,
    head,
    margin,
    page_of,
    recorded,
    spot,
    table,
    tables,
    texts,
    texts_of,
    wallets,
)

NOON = datetime(2026, 4, 1, 12, tzinfo=UTC)


def test_nothing_to_report_is_an_error():
    with pytest.raises(ExportError, match="nothing to report"):
        page_of()


def _of_account(name):
    """An account with two records of balances."""
    return Account(
        recorded=[*recorded(end_of(ago(1)), Spot="1", Earn="2"), *recorded(end_of(DAY), Spot="3", Earn="1")], name=name
    )


@pytest.mark.parametrize(
    "make_page",
    [
        pytest.param(lambda: page_of([spot(ago(n), f"1.{n}") for n in (3, 2, 1)], wallets(Spot="1")), id="days"),
        pytest.param(lambda: page_of([spot(ago(n), f"1.{n}") for n in (40, 20, 1)]), id="gaps"),
        pytest.param(lambda: page_of([spot(ago(n), "1") for n in (2, 1)]), id="flat"),
        pytest.param(lambda: page_of([margin(ago(n), f"{n}") for n in range(1, 800)]), id="years"),
        pytest.param(lambda: page_of([futures(ago(n), USDT=f"{n}", BNB="2") for n in (2, 1)]), id="futures"),
        pytest.param(lambda: page_of([spot(ago(n), f"1.{n}") for n in (2, 1)], language="zh"), id="Chinese"),
        pytest.param(
            lambda: render(_of_account("main"), _of_account("company"), quote_asset="USDT"), id="several accounts"
        ),
    ],
)
def test_each_chart_is_valid(make_page):
    charts = data(make_page())["charts"].values()
    assert charts
    for chart in charts:
        alt.LayerChart.from_dict(chart)


SNAPSHOT, BALANCES = spot(DAY, BTC="1"), wallets(Spot="1")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"snapshots": BALANCES, "balances": [SNAPSHOT]}, "give a list of snapshots, not a list of WalletBalance"),
        ({"snapshots": [SNAPSHOT, *BALANCES]}, "give a list of snapshots, not a list of WalletBalance"),
        ({"snapshots": SNAPSHOT}, "give a list of snapshots, not a SpotSnapshot"),
        ({"balances": [*BALANCES, SNAPSHOT]}, "give a list of balances, not a list of SpotSnapshot"),
        ({"balances": History([SNAPSHOT], [], [])}, "give a list of balances, not a History of SpotSnapshot"),
        ({"balances": BALANCES[0]}, "give a list of balances, not a WalletBalance"),
        ({"recorded": BALANCES}, "give a list of recorded balances, not a list of WalletBalance"),
        ({"snapshots": [SNAPSHOT], "language": "fr"}, "language must be one of en, zh, not 'fr'"),
        ({"snapshots": [SNAPSHOT], "quote_asset": 3}, "quote_asset must be the name of an asset, such as 'BTC', not 3"),
        (
            {"snapshots": [SNAPSHOT], "quote_asset": "usdt"},
            "quote_asset must be in upper case, as the exchange writes it",
        ),
    ],
)
def test_what_cannot_be_shown_is_refused_with_what_to_give(given, message):
    with pytest.raises(ExportError, match=re.escape(message)):
        page_of(**given)


def test_a_history_is_the_snapshots_of_all_accounts():
    spots, margins = [spot(DAY, BTC="1")], [margin(DAY, "2")]
    page = page_of(History(spots, margins, []), made_at=NOON)
    assert tables(page) == tables(page_of([*spots, *margins], made_at=NOON)) != tables(page_of(spots, made_at=NOON))


def test_balances_may_come_from_a_generator():
    page = page_of(balances=(each for each in BALANCES))

    assert texts(page, "p", "headline") == ["1 BTC"]


def test_wallets_are_shown_with_their_total_and_the_moment():
    page = page_of(balances=wallets(Spot="74543.65483065", Funding="0.00000001"), quote_asset="USDT", made_at=NOON)

    assert texts(page, "p", "headline") == ["74,543.65 USDT"]
    assert table(page, "Each wallet (USDT)") == [
        ["Spot", "74,543.65", "100.00"],
        ["Funding", "0.00000001", "0.00"],  # not 0.00, which it is not
        ["Total", "74,543.65", "100.00"],
    ]
    assert exact(page)["74,543.65 USDT"] == "74,543.65483066 USDT"
    assert "Source: Binance wallet balances, 2026-04-01 12:00 UTC." in texts(page, "p", "quiet")


def test_empty_wallets_are_left_out():
    page = page_of(balances=wallets(Spot="1", Funding="0"))

    assert [row[0] for row in table(page, "Each wallet")] == ["Spot", "Total"]


def test_wallets_that_are_all_empty_are_shown_as_nothing():
    page = page_of(balances=wallets(Spot="0"))

    assert texts(page, "p", "headline") == ["0 BTC"]
    assert tables(page) == {}


def test_a_total_keeps_more_digits_than_python_does_by_default():
    page = page_of(balances=wallets(Spot="12345678901234567890.12345678", Funding="0.0000000000000000000001"))

    assert exact(page)["12,345,678,901,234,567,890.12 BTC"] == "12,345,678,901,234,567,890.1234567800000000000001 BTC"


def test_moments_are_in_utc_wherever_they_were_made():
    page = page_of(balances=wallets(Spot="1"), made_at=datetime(2026, 4, 1, 1, tzinfo=timezone(timedelta(hours=8))))

    assert "2026-03-31 17:00 UTC" in page


def test_an_account_is_shown_day_by_day_with_the_last_day_first():
    page = page_of([spot(ago(2), "2"), spot(DAY, "1.5"), spot(ago(1), "1")])

    assert head(page, "Day by day") == ["Day", "Value (BTC)", "Change (BTC)", "Change (%)"]
    assert table(page, "Day by day") == [
        ["2026-03-31", "1.5", "+0.5", "+50.00"],
        ["2026-03-30", "1.0", "-1.0", "-50.00"],
        ["2026-03-29", "2.0", "\N{EN DASH}", "\N{EN DASH}"],
    ]
    assert "Source: Binance daily account snapshots, 2026-03-29 to 2026-03-31." in texts(page, "p", "quiet")


def test_missing_days_are_listed():
    page = page_of([spot(day, "1") for day in map(ago, (9, 8, 5, 4, 2, 0))])

    assert "Missing days: 4 (2026-03-24 to 2026-03-25, 2026-03-28, 2026-03-30)." in texts(page, "p", "note")
    assert [row[0][-2:] for row in table(page, "Day by day")] == ["31", "29", "27", "26", "23", "22"]


def layers(page):
    """Of the first chart: of each line, whether it is dashed; and how often the line ends."""
    chart = next(iter(data(page)["charts"].values()))
    lines = ["strokeDash" in layer["mark"] for layer in chart["layer"] if layer["mark"]["type"] == "line"]
    return lines, [row["amount"] for row in chart["datasets"]["rows"]].count(None)


@pytest.mark.parametrize(("last_before", "lines", "ends"), [(8, [False], 0), (9, [False, True], 1)])
def test_the_line_is_dashed_where_more_than_a_week_is_missing(last_before, lines, ends):
    page = page_of([spot(ago(n), f"1.{n}") for n in (last_before + 1, last_before, 1, 0)])

    assert layers(page) == (lines, ends)


def test_every_other_day_is_a_line_and_no_stripes():
    page = page_of([spot(ago(n), f"1.{n}") for n in range(0, 360, 2)])

    assert layers(page) == ([False], 0)


def test_a_line_of_recorded_balances_is_plain_however_few_they_are():
    records = [balance for n in (300, 200, 0) for balance in recorded(end_of(ago(n)), Spot=str(n + 1))]

    assert layers(page_of(recorded=records, quote_asset="USDT")) == ([False], 0)


def test_many_gaps_are_counted_and_not_listed():
    page = page_of([spot(ago(n), "1") for n in range(0, 60, 2)])

    assert texts_of(page, ago(58), "p", "note") == ["Missing days: 29."]
    assert texts_of(page, ago(7), "p", "note") == ["Missing days: 4 (2026-03-24, 2026-03-26, 2026-03-28, 2026-03-30)."]


def test_days_are_missing_where_an_account_ends_before_the_others():
    page = page_of([spot(ago(1)), spot(DAY), margin(ago(1))])

    assert "Missing days: 1 (2026-03-31)." in texts(page, "p", "note")


def test_two_snapshots_of_one_day_are_one_day():
    page = page_of([spot(DAY, "1"), spot(DAY, "2")])

    assert [row[:2] for row in table(page, "Day by day")] == [["2026-03-31", "2"]]


@pytest.mark.parametrize(
    ("span", "columns"),
    [
        (1, ["Change, 1 d"]),
        (7, ["Change, 7 d"]),
        (30, ["Change, 30 d"]),
        (365, ["Change, 365 d"]),
    ],
)
def test_changes_are_shown_over_periods_that_there_are_data_for(span, columns):
    page = page_of([spot(ago(span), "0.8"), spot(DAY, "1")])

    assert head(page, "Value at the end of") == ["Account", "Value", *columns]
    assert table(page, "Value at the end of") == [["Spot account (BTC)", "1.0", "+0.2 (+25.00%)"]]


def test_a_change_since_a_day_that_is_missing_is_a_dash():
    page = page_of([spot(ago(7)), spot(DAY), margin(ago(6)), margin(DAY)])

    [_, row] = table(page, "Value at the end of")
    assert row[2:] == ["\N{EN DASH}"]


def test_a_change_from_nothing_has_no_percentage():
    page = page_of([spot(ago(1), "0"), spot(DAY, "1")])

    assert table(page, "Value at the end of")[0][2:] == ["+1"]


def test_what_is_held_now_leaves_out_what_there_is_nothing_of():
    page = page_of([spot(DAY, BTC="0.5", ETH="0.00000000", USDT="1200")])

    assert table(page, "Held at the end of 2026-03-31") == [["BTC", "0.5", "0.5", "0"], ["USDT", "1,200", "1,200", "0"]]


def test_changes_in_quantity_are_shown_with_the_largest_change_first():
    before = spot(ago(1), BTC="1", ETH="10", XRP="5", USDT="7")
    after = spot(DAY, BTC="1.1", ETH="4", SOL="3", USDT="7")

    page = page_of([before, after])

    assert table(page, "Changes in quantity from the end of 2026-03-30 to the end of 2026-03-31") == [
        ["XRP", "5", "0", "-5", "gone"],
        ["SOL", "0", "3", "+3", "new"],
        ["ETH", "10", "4", "-6", "-60.00"],
        ["BTC", "1.0", "1.1", "+0.1", "+10.00"],
    ]


def test_changes_in_quantity_are_shown_for_each_period():
    page = page_of([spot(ago(n), BTC=str(n + 1)) for n in range(40)])

    moved = [caption for caption in tables(page) if caption.startswith("Changes in quantity")]
    assert moved == [
        "Changes in quantity from the end of 2026-03-24 to the end of 2026-03-31",
        "Changes in quantity from the end of 2026-03-01 to the end of 2026-03-31",
        "Changes in quantity from the end of 2026-02-20 to the end of 2026-03-31",
    ]
    assert table(page, moved[1]) == [["BTC", "31", "1", "-30", "-96.77"]]


def test_a_period_in_which_nothing_moved_says_so():
    page = page_of([spot(ago(1), BTC="1"), spot(DAY, BTC="1")])

    assert "No quantity changed from the end of 2026-03-30 to the end of 2026-03-31." in texts(page, "p", "caption")


def test_open_positions_are_shown_with_side_size_and_prices():
    opened = [
        ("BTCUSDT", "-0.01", "7130.41", "7257.66239673"),
        ("ETHUSDT", "2", "100", "110"),
        ("XRPUSDT", "0", "1", "1"),
    ]

    page = page_of([futures(DAY, *opened, USDT="120.5")])

    assert table(page, "Open positions at the end of 2026-03-31") == [
        ["BTCUSDT", "short", "-0.01", "7,130.41", "7,257.66", "-72.58 USDT"],
        ["ETHUSDT", "long", "2", "100", "110", "220 USDT"],
    ]


def test_a_futures_account_is_shown_by_asset_since_it_has_no_value_as_a_whole():
    page = page_of([futures(ago(1), USDT="100", BNB="2"), futures(DAY, USDT="90")])

    assert table(page, "Value at the end of") == [
        ["Futures account (USDT)", "90", "-10 (-10.00%)"],
        ["Futures account (BNB)", "0", "-2 (-100.00%)"],
    ]


def test_margin_level_and_debt_are_shown():
    page = page_of([margin(DAY, "0.2", level="3", owed="0.1")])

    assert table(page, "Margin level and debt at the end of 2026-03-31") == [["2026-03-31", "3", "0.3", "0.1", "0.2"]]
    assert head(page, "Day by day")[-2:] == ["Debt (BTC)", "Margin level"]


@pytest.mark.parametrize(
    ("level", "owed", "marked"), [("1.5", "0.1", True), ("1.50000001", "0.1", False), ("0", "0", False)]
)
def test_a_low_margin_level_is_marked(level, owed, marked):
    page = page_of([margin(DAY, level=level, owed=owed)])

    assert (texts(page, "p", "warning") == ["\N{WARNING SIGN} The margin level is low: 1.5"]) == marked


def test_recorded_balances_are_shown_over_time_by_the_last_record_of_each_day():
    records = recorded(end_of(ago(3)), Spot="1", Earn="0")
    records += recorded(end_of(DAY), Spot="5", Earn="1")
    records += recorded(end_of(DAY) - timedelta(hours=3), Spot="4", Earn="1")

    page = page_of(recorded=records, quote_asset="USDT")

    assert head(page, "Day by day (USDT)") == ["Recorded (UTC)", "Total", "Spot", "Earn"]
    assert table(page, "Day by day (USDT)") == [
        ["2026-03-31 23:59", "6", "5", "1"],
        ["2026-03-28 23:59", "1", "1", "0"],
    ]
    assert "Days with a record: 2 of 4. Between records, the line is straight." in texts(page, "p", "note")
    assert [(row["day"], row["amount"]) for row in drawn(page)[0]] == [("2026-03-28", "1"), ("2026-03-31", "6")]


def test_the_last_record_stands_for_now():
    page = page_of(recorded=[*recorded(end_of(DAY), Spot="2"), *recorded(end_of(ago(1)), Spot="1")], quote_asset="USDT")

    assert texts(page, "p", "headline") == ["2 USDT"]
    source = "Source: Binance wallet balances, recorded from 2026-03-30 23:59 UTC to 2026-03-31 23:59 UTC."
    assert texts(page, "p", "quiet")[1].startswith(source)


def test_the_report_leads_with_all_wallets_over_time():
    records = [*recorded(end_of(ago(9)), Spot="1", Earn="2"), *recorded(end_of(DAY), Spot="5", Earn="1")]

    page = page_of([spot(ago(1), "1"), spot(DAY, "2")], recorded=records, quote_asset="USDT")

    assert texts(page, "h2")[0] == "All wallets"
    assert texts(page, "h3")[0] == "Total (USDT)"
    assert [(row["day"], row["amount"]) for row in drawn(page)[0]] == [("2026-03-22", "3"), ("2026-03-31", "6")]
    assert texts(page, "p", "change") == ["+3 USDT (+100.00%) since 2026-03-22 23:59 UTC"]


def test_each_wallet_is_shown_with_its_change_in_the_period():
    records = recorded(end_of(ago(20)), Spot="1", Earn="2", Funding="3")
    records += recorded(end_of(ago(5)), Spot="4", Earn="2")
    records += recorded(end_of(DAY), Spot="5", Earn="1.5", Options="0.5")

    page = page_of(recorded=records, quote_asset="USDT")

    assert table(page, "Each wallet (USDT), and its change since 2026-03-11 23:59 UTC") == [
        ["Spot", "5.00", "71.43", "+4.00", "+400.00"],
        ["Earn", "1.50", "21.43", "-0.50", "-25.00"],
        ["Options", "0.50", "7.14", "+0.50", "new"],
        ["Funding", "0.00", "0.00", "-3.00", "gone"],
        ["Total", "7.00", "100.00", "+1.00", "+16.67"],
    ]
    assert [row[3:] for row in table(page, "Each wallet (USDT), and its change since 2026-03-26 23:59 UTC")] == [
        ["+1.00", "+25.00"],
        ["-0.50", "-25.00"],
        ["+0.50", "new"],
        ["+1.00", "+16.67"],
    ]
    assert texts_of(page, ago(7), "p", "change") == ["+1 USDT (+16.67%) since 2026-03-26 23:59 UTC"]


def test_a_period_with_one_record_compares_it_with_nothing():
    page = page_of(
        recorded=[*recorded(end_of(ago(20)), Spot="1"), *recorded(end_of(DAY), Spot="2")], quote_asset="USDT"
    )

    assert texts_of(page, ago(7), "p", "change") == []
    assert table(page, "Each wallet (USDT)") == [["Spot", "2", "100.00"], ["Total", "2", "100.00"]]


def test_each_day_is_compared_with_the_one_before_that_is_there():
    page = page_of([spot(ago(9), "2"), spot(ago(4), "1"), spot(DAY, "1.5")])

    assert [row[2:] for row in table(page, "Day by day")] == [
        ["+0.5", "+50.00"],
        ["-1.0", "-50.00"],
        ["\N{EN DASH}", "\N{EN DASH}"],
    ]


def test_an_account_that_ends_before_the_others_is_compared_at_its_own_end():
    page = page_of([spot(DAY, "1"), margin(ago(3), "1"), margin(ago(2), "2")])

    assert [row[0] for row in table(page, "Value at the end of 2026-03-31")] == [
        "Spot account (BTC)",
        "Margin account (BTC), until 2026-03-29",
    ]


def test_balances_of_now_come_after_those_recorded():
    page = page_of(balances=wallets(Spot="3"), recorded=recorded(end_of(DAY), "BTC", Spot="2"), made_at=NOON)

    assert texts(page, "p", "headline") == ["3 BTC"]
    assert [row[1] for row in table(page, "Day by day")] == ["3", "2"]


def test_balances_that_know_their_asset_need_not_be_told_of_it():
    page = render(Account(balances=Balances(BALANCES, quote_asset="EUR")))

    assert texts(page, "p", "headline") == ["1 EUR"]


@pytest.mark.parametrize(
    ("account", "options", "message"),
    [
        (Account(recorded=recorded(end_of(DAY), "BTC", Spot="1")), {"quote_asset": "USDT"}, "not in BTC and USDT"),
        (Account(balances=Balances(BALANCES, quote_asset="EUR")), {"quote_asset": "USDT"}, "not in EUR and USDT"),
        (
            Account(recorded=[*recorded(end_of(DAY), "BTC", Spot="1"), *recorded(end_of(ago(1)), Spot="1")]),
            {},
            "not in BTC and USDT",
        ),
        (Account(balances=BALANCES), {}, "does not say which asset they are in: give quote_asset="),
    ],
)
def test_balances_in_different_or_unknown_assets_are_not_added(account, options, message):
    with pytest.raises(ExportError, match=message):
        render(account, **options)


def test_prices_that_are_none_are_refused():
    with pytest.raises(PricesError, match="the price of 2026-03-31 must be a Decimal, not 80000"):
        page_of([SNAPSHOT], prices={DAY: 80000})


def test_an_account_that_held_nothing_is_named_and_not_shown():
    page = page_of([spot(DAY, BTC="1"), margin(DAY, "0"), futures(DAY)])

    assert texts(page, "p", "note")[1] == "Nothing held in this period: Margin account, Futures account."
    assert texts(page, "h2") == ["Value and change of each account", "Spot account"]


def test_an_account_of_dust_that_is_worth_nothing_is_shown():
    page = page_of([spot(DAY, "0.00000000", SHIB="0.5")])

    assert texts(page, "p", "headline") == ["0 BTC"]
    assert table(page, "Held at the end of") == [["SHIB", "0.5", "0.5", "0"]]


def test_a_margin_account_that_owes_all_it_has_is_shown():
    page = page_of([margin(DAY, "0", level="1", owed="2")])

    assert texts(page, "p", "headline") == ["0 BTC"]
    assert table(page, "Held at the end of") == [["BTC", "0", "2", "0", "2", "0"]]


def test_a_futures_account_with_a_position_and_no_balance_is_shown():
    page = page_of([futures(DAY, ("BTCUSDT", "1", "2", "3"), USDT="0")])

    assert table(page, "Open positions") == [["BTCUSDT", "long", "1", "2", "3", "3 USDT"]]
    assert table(page, "Day by day") == [["2026-03-31"]]


def test_without_snapshots_the_page_says_that_there_are_none():
    page = page_of(balances=wallets(Spot="1"))

    assert "There are no daily snapshots in this period." in texts(page, "p", "note")


def test_without_balances_the_page_says_that_there_are_none():
    page = page_of([spot(DAY, "1")])

    assert "There are no balances in BTC in this period." in texts(page, "p", "note")


def test_accounts_that_are_all_empty_make_a_page_that_says_so():
    page = page_of([spot(DAY, "0")])

    assert "Nothing held in this period: Spot account." in texts(page, "p", "note")
    assert tables(page) == {}


def test_changes_in_quantity_of_a_margin_account_are_counted_less_what_it_owes():
    """As in a picture of the account."""
    before, after = margin(ago(1), "1", owed="5"), margin(DAY, "2", owed="4")  # as much in the account, less of it owed
    [row] = table(page_of([before, after]), "Changes in quantity")
    assert row[:3] == ["BTC", "1", "2"]


def test_a_chosen_period_has_its_own_dates_and_words():
    days = {n: "0.9" if n == 20 else f"0.{50 - n}" for n in range(40)}

    page = page_of([spot(ago(n), value, BTC=str(n)) for n, value in days.items()])

    week, all_days = ago(7), ago(39)
    assert texts_of(page, week, "p", "covers") == ["2026-03-24 to 2026-03-31"]
    source = "Source: Binance daily account snapshots, {} to 2026-03-31."
    assert {*texts_of(page, week, "p", "quiet")} == {source.format(week)}
    assert {*texts_of(page, all_days, "p", "quiet")} == {source.format(all_days)}
    assert texts_of(page, week, "p", "words") == [
        "2026-03-24: 0.43. 2026-03-31: 0.50. Lowest: 0.43 on 2026-03-24. Highest: 0.50 on 2026-03-31."
    ]
    assert "Highest: 0.90 on 2026-03-11." in texts_of(page, all_days, "p", "words")[0]


def test_a_period_without_a_record_says_so():
    page = page_of([*(margin(ago(n)) for n in range(20)), spot(ago(18), BTC="1"), spot(ago(19), BTC="2")])

    assert texts_of(page, ago(7), "p", "words")[0] == "There is no record in this period."
    assert texts(page, "p", "caption")[0].startswith("Changes in quantity are not known")


def test_what_changed_over_longer_than_a_period_is_not_in_it():
    page = page_of([spot(ago(n)) for n in range(40)])

    heads = [rows[0][2:] for caption, rows in all_tables(page) if caption.startswith("Value at the end of")]
    assert heads == [
        ["Change, 1 d", "Change, 7 d"],
        ["Change, 1 d", "Change, 7 d", "Change, 30 d"],
        ["Change, 1 d", "Change, 7 d", "Change, 30 d"],
    ]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("0.123456789", "0.123457"),
        ("0.00000001", "0.00000001"),
        ("0.000012345678", "0.0000123457"),
        ("1.5000", "1.5"),
        ("1234567.891", "1,234,567.89"),
        ("1E+3", "1,000"),
        ("0E-8", "0"),
    ],
)
def test_an_amount_is_rounded_to_six_digits_or_two_decimals(value, shown):
    page = page_of([spot(DAY, "1", A=value, B="1")])

    [row] = [row for row in table(page, "Held at the end of") if row[0] == "A"] or [["A", "0"]]
    assert row[1] == shown


def test_a_wallet_that_is_named_like_the_total_is_another_column():
    records = [*recorded(end_of(ago(1)), Total="1", Spot="2"), *recorded(end_of(DAY), Total="3", Spot="4")]

    page = page_of(recorded=records, quote_asset="USDT")

    assert head(page, "Day by day") == ["Recorded (UTC)", "Total", "Spot", "Total"]
    assert table(page, "Day by day")[0] == ["2026-03-31 23:59", "7", "4", "3"]


def test_a_single_day_has_no_chart_of_one_point():
    page = page_of([spot(DAY, BTC="1")])

    assert drawn(page) == []
    assert texts(page, "p", "caption") == []


def test_of_hundreds_of_assets_in_futures_a_few_have_charts_and_all_are_listed():
    held = {f"COIN{n}": "1" for n in range(300)}

    page = page_of([futures(ago(1), **held), futures(DAY, **held)])

    assert len(drawn(page)) == 8
    assert "Charts and daily values are shown for 8 of 300 assets." in texts(page, "p", "note")
    assert texts(page, "p", "headline") == ["1 COIN0 · 1 COIN1 · 1 COIN2 · 1 COIN3 · and 296 more"]
    assert len(table(page, "Held at the end of")) == 300


def test_amounts_in_one_unit_have_as_many_decimals():
    page = page_of(
        recorded=[*recorded(end_of(ago(1)), A="70000.5", B="1.23456"), *recorded(end_of(DAY), A="2", B="3")],
        quote_asset="USDT",
    )

    assert [row[1:] for row in table(page, "Day by day")] == [
        ["5.00", "3.00", "2.00"],
        ["70,001.73", "1.23", "70,000.50"],
    ]


@pytest.mark.parametrize(
    ("quote_asset", "shown"),
    [
        ("USDT", ["790.60 USDT", "110.28 USDT", "40.45 USDT", "0.123457 USDT", "0.50 USDT", "6 USDT"]),
        ("BTC", ["790.6 BTC", "110.28 BTC", "40.4494 BTC", "0.123457 BTC", "0.5 BTC", "6 BTC"]),
    ],
)
def test_from_one_on_an_amount_in_a_currency_has_two_decimals(quote_asset, shown):
    amounts = ["790.6", "110.28", "40.44944", "0.1234567", "0.5", "6"]
    pages = [page_of(balances=wallets(Spot=amount), quote_asset=quote_asset) for amount in amounts]

    assert [texts(page, "p", "headline")[0] for page in pages] == shown


@pytest.mark.parametrize("quote_asset", ["RLUSD", "USDS", "AEUR", "INR"])
def test_what_has_cents_is_shown_with_them(quote_asset):
    page = page_of(balances=wallets(Spot="40.5"), quote_asset=quote_asset)

    assert texts(page, "p", "headline") == [f"40.50 {quote_asset}"]


@pytest.mark.parametrize("quote_asset", ["JPY", "COP"])
def test_a_currency_without_cents_is_not_filled_up_to_them(quote_asset):
    page = page_of(balances=wallets(Spot="40.5"), quote_asset=quote_asset)

    assert texts(page, "p", "headline") == [f"40.5 {quote_asset}"]


def test_a_zero_has_the_decimals_of_its_column():
    records = [*recorded(end_of(ago(1)), Spot="0"), *recorded(end_of(DAY), Spot="5000.25")]

    page = page_of(recorded=records, quote_asset="USDT")

    assert [row[1] for row in table(page, "Day by day")] == ["5,000.25", "0.00"]


def test_amounts_of_one_asset_have_as_many_decimals():
    page = page_of([futures(DAY, SOL="0"), margin(DAY, "36.7612345", owed="73.5108")])

    assert table(page, "Held at the end of") == [["BTC", "36.761", "110.272", "0", "73.511", "0"]]
    assert table(page, "Margin level")[0][2:] == ["110.272", "73.511", "36.761"]


def test_a_column_of_debts_or_of_levels_has_as_many_decimals():
    page = page_of([margin(ago(1), "1", owed="0.25", level="5"), margin(DAY, "1", owed="1", level="2.75")])

    assert [row[-2:] for row in table(page, "Day by day")] == [["1.00", "2.75"], ["0.25", "5.00"]]


def test_what_did_not_change_says_so():
    page = page_of([spot(ago(2), "0.5"), spot(ago(1), "0.5"), spot(DAY, "0.5")])

    assert texts(page, "p", "words") == ["2026-03-29 to 2026-03-31: 0.5, unchanged."]


def test_at_the_pointer_amounts_have_all_digits_in_groups_of_three():
    page = page_of([spot(ago(1), "6193.7448546"), spot(DAY, "0.12345678")])

    assert [row["amount"] for row in drawn(page)[0]] == ["6,193.74485460", "0.12345678"]


def test_at_the_pointer_the_longest_amount_has_all_its_decimals():
    longest = "1" * 100 + ".12345678"

    page = page_of([spot(ago(1), longest), spot(DAY, "1")])

    assert drawn(page)[0][0]["amount"].replace(",", "") == longest


def test_a_single_day_is_named_once_and_compared_with_nothing():
    page = page_of([spot(DAY, BTC="1")])

    assert texts(page, "p", "covers") == ["2026-03-31"]
    assert "Source: Binance daily account snapshots, 2026-03-31." in texts(page, "p", "quiet")
    assert not any("Each change" in note for note in texts(page, "p", "note"))
