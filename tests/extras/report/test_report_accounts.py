"""A page of several accounts."""

import re

import pytest
from binance_wallet_extras.export import ExportError
from binance_wallet_extras.report import Account, render
from samples import DAY, ago, drawn, end_of, recorded, spot, table, texts, texts_of, wallets


def account(name, **by_days_ago):
    """An account with one wallet, and the balances of earlier days: `_3="5"` is 5 three days ago."""
    records = [
        each for ago_, amount in by_days_ago.items() for each in recorded(end_of(ago(int(ago_[1:]))), Spot=amount)
    ]
    return Account(recorded=records, name=name)


def page_of(*accounts, **options):
    return render(*accounts, **{"quote_asset": "USDT", **options})


def test_one_total_of_all_comes_first():
    page = page_of(account("main", _3="1", _0="5"), account("company", _3="2", _0="1"))

    assert texts(page, "h2")[0] == "All accounts"
    assert texts(page, "p", "headline")[0] == "6 USDT"
    assert texts_of(page, ago(3), "p", "change")[0] == "+3 USDT (+100.00%) since 2026-03-28 23:59 UTC"
    assert [row["amount"] for row in drawn(page)[0]] == ["3", "6"]
    assert table(page, "Each account (USDT)") == [
        ["main", "5", "83.33", "+4", "+400.00"],
        ["company", "1", "16.67", "-1", "-50.00"],
        ["Total", "6", "100.00", "+3", "+100.00"],
    ]


def test_the_total_is_of_days_on_which_each_account_has_a_record():
    page = page_of(account("main", _3="1", _2="2", _0="5"), account("company", _3="2", _1="9", _0="1"))

    assert [row["day"] for row in drawn(page)[0]] == [str(ago(3)), str(DAY)]
    assert "The total covers only the days on which every account has a record." in texts(page, "p", "note")


def test_accounts_with_the_same_days_need_no_word_on_the_days_of_the_total():
    page = page_of(Account(balances=wallets(Spot="1"), name="main"), Account(balances=wallets(Spot="2"), name="fund"))

    assert texts(page, "p", "headline")[0] == "3 USDT"
    assert not any("The total covers" in note for note in texts(page, "p", "note"))


def test_the_chart_of_each_account_has_all_days_of_its_own():
    page = page_of(account("main", _3="5", _2="1", _0="4"), account("company", _3="2", _0="1"))

    words = texts(page, "p", "words")
    assert words[1] == "2026-03-28: 5. 2026-03-31: 4. Lowest: 1 on 2026-03-29. Highest: 5 on 2026-03-28."
    assert [row["day"] for row in drawn(page)[1]] == [str(ago(3)), str(ago(2)), str(DAY)]


def test_accounts_that_were_never_recorded_on_one_day_have_no_total():
    page = page_of(account("main", _3="1"), account("company", _2="2"))

    assert texts(page, "p", "note")[1] == "There is no total: there is no day on which every account has a record."
    assert texts(page, "p", "headline") == ["1 USDT", "2 USDT"]


def test_an_account_without_balances_is_named_and_not_in_the_total():
    page = page_of(account("main", _0="1"), Account([spot(DAY, "2")], name="company"))

    assert texts(page, "h2")[0] == "All accounts but company"
    assert texts(page, "p", "headline")[0] == "1 USDT"
    note = "Not in the total, since there are no balances in USDT in this period: company."
    assert note in texts(page, "p", "note")
    assert "There are no balances in USDT in this period." in texts(page, "p", "note")  # where only company is shown


def test_an_account_that_could_not_be_read_is_named_as_such():
    page = page_of(account("main", _0="1"), Account(name="company", failed=True))

    assert texts(page, "h2")[0] == "All accounts but company"
    assert "Could not be read: company." in texts(page, "p", "note")
    assert not any("no balances" in note for note in texts(page, "p", "note"))


@pytest.mark.parametrize("what", ["snapshots", "balances", "recorded"])
def test_an_account_with_records_cannot_have_failed(what):
    records = {"snapshots": [spot(DAY)], "balances": wallets(Spot="1"), "recorded": recorded(end_of(DAY), Spot="1")}

    with pytest.raises(ExportError, match="'company' cannot have failed: it has records"):
        page_of(account("main", _0="1"), Account(**{what: records[what]}, name="company", failed=True))


def test_chinese_names_are_listed_with_its_own_comma():
    page = page_of(
        account("main", _0="1"), Account([spot(DAY)], name="a"), Account([spot(DAY)], name="b"), language="zh"
    )

    assert any(note.endswith("a、b。") for note in texts(page, "p", "note"))


def test_accounts_without_balances_are_shown_one_after_the_other():
    page = page_of(Account([spot(DAY, "2")], name="main"), Account([spot(DAY, "3")], name="company"))

    assert texts(page, "p", "headline") == ["2 BTC", "3 BTC"]
    notes = [note for note in texts(page, "p", "note") if "no balances" in note]
    assert notes == ["There is no total: there are no balances in USDT in this period."]


def test_each_account_has_its_own_sections():
    page = page_of(account("main", _0="1"), Account([spot(DAY, "2")], wallets(Spot="2"), name="company"))

    assert texts(page, "h2") == [
        "All accounts",
        "main: All wallets",
        "company: All wallets",
        "company: Value and change of each account",
        "company: Spot account",
    ]
    ids = re.findall(r'<section id="([^"]*)"', page)
    assert len({*ids}) == len(ids)


@pytest.mark.parametrize("names", [("", ""), ("main", ""), ("main", "main")])
def test_several_accounts_need_a_name_each(names):
    with pytest.raises(ExportError, match="several accounts need a name each"):
        page_of(*(account(name, _0="1") for name in names))


def test_a_name_of_an_account_is_text():
    page = page_of(account("<script>alert(1)</script>", _0="1"), account("\x1b", _0="1"))

    assert "<script>alert" not in page
    assert texts(page, "h2")[1:] == ["<script>alert(1)</script>: All wallets", r"\x1b: All wallets"]
