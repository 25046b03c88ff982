"""Charts show what is in the snapshots."""

import json
import re
from datetime import date, timedelta
from decimal import Decimal
from itertools import combinations, pairwise
from xml.etree import ElementTree as ET

import altair as alt
import pytest
import vl_convert
from binance_wallet import History
from binance_wallet_extras.export import ExportError, PricesError
from binance_wallet_extras.export.prices import Quote
from binance_wallet_extras.plot import THEME, PictureFormat, Series, chart, over_time, panels, picture, sketch
from binance_wallet_extras.plot.series import gaps, parts, positions, quantities, spans, ticks, values

BRAILLE = re.compile("[\u2801-\u28ff]")
FIRST = date(2019, 12, 13)
NO_PRICES = "Snapshots hold no prices, so how the value of the other assets divides among them is not known."


def resolved(node, datasets):
    """A specification in which data stand where they are used."""
    if isinstance(node, list):
        return [resolved(each, datasets) for each in node]
    if isinstance(node, dict):
        return datasets[node["name"]] if [*node] == ["name"] else {k: resolved(v, datasets) for k, v in node.items()}
    return node


def spec_of(drawn):
    spec = drawn.to_dict()
    return resolved(spec, spec.pop("datasets"))


def drawn_panels(snapshots):
    return spec_of(chart(snapshots))["vconcat"]


def text_of(title):
    return f"{title['text']}: {title['subtitle']}".removesuffix(": ")


def line_of(panel):
    """The line's encoding, be there grey bands behind it or not."""
    return (panel["layer"][1] if "layer" in panel else panel)["encoding"]


def spot_of(*held, total="1"):
    """Days of a spot account, each with the free amounts of some assets."""
    return [
        {
            "balances": [{"asset": asset, "free": free, "locked": "0"} for asset, free in day.items()],
            "totalAssetOfBtc": total,
        }
        for day in held
    ]


def test_the_parts_of_a_spot_account_add_up_to_its_value(snapshots):
    btc, others = (
        sum(part.amounts.values()) for part in parts(snapshots("spot", *spot_of({"BTC": "0.25", "ETH": "9"})))
    )

    assert (btc, others) == (Decimal("0.25"), Decimal("0.75"))


def test_the_parts_of_a_margin_account_add_up_to_its_net_value(margin):
    found = {part.name: sum(part.amounts.values()) for part in parts(margin)}

    assert found == {"All assets": Decimal("0.3"), "Owed": Decimal("-0.1")}


def locked_btc(snapshots):
    btc = {"asset": "BTC", "free": "0.1", "locked": "0.2"}
    return snapshots("spot", {"balances": [btc], "totalAssetOfBtc": "1"})


def test_locked_btc_is_a_part_of_btc(snapshots):
    btc, _ = parts(locked_btc(snapshots))

    assert [*btc.amounts.values()] == [Decimal("0.3")]


def test_the_quantity_of_a_spot_account_is_what_is_free_and_what_is_locked(snapshots):
    [btc] = quantities(locked_btc(snapshots))

    assert [*btc.amounts.values()] == [Decimal("0.3")]


def test_a_margin_account_is_worth_what_it_has_less_what_it_owes(margin):
    [value] = values(margin)

    assert [*value.amounts.values()] == [Decimal("0.2")]


@pytest.mark.parametrize("btc", ["0", "0.01", "0.099", "0.901", "1"])
def test_where_btc_is_next_to_nothing_or_all_there_is_no_allocation(snapshots, btc):
    days = snapshots("spot", *spot_of({"BTC": btc}, {"BTC": btc}))

    assert parts(days) == []
    assert "Allocation" not in str(drawn_panels(days))


def test_where_btc_matters_on_some_day_there_is_an_allocation(snapshots):
    days = snapshots("spot", *spot_of({"BTC": "0.01"}, {"BTC": "0.1"}))

    assert [part.name for part in parts(days)] == ["BTC", "All other assets"]


def test_a_part_is_never_below_zero_by_rounding(snapshots):
    days = snapshots("spot", *spot_of({"BTC": "1.00000001"}, {"BTC": "0.5"}))

    assert min(amount for part in parts(days) for amount in part.amounts.values()) == 0


def test_a_position_is_worth_its_size_at_mark_price_in_what_it_is_priced_in(snapshots):
    def position(symbol, amount):
        prices = {"entryPrice": "7000", "markPrice": "8000", "unRealizedProfit": "0"}
        return {"symbol": symbol, "positionAmt": amount} | prices

    held = [position("BTCUSDT", "-0.5"), position("BTCUSDT_260327", "1"), position("BTCEUR", "1"), position("X", "0")]
    usdt = {"asset": "USDT", "marginBalance": "1", "walletBalance": "1"}
    (futures,) = snapshots("futures", {"assets": [usdt], "position": held})

    found = [(each.symbol, each.quote_asset, each.worth) for each in positions(futures)]

    assert found == [
        ("BTCUSDT", "USDT", -4000),
        ("BTCUSDT_260327", "USDT", 8000),
        ("BTCEUR", "quote asset", 8000),
    ]


def test_a_position_is_priced_in_the_longest_asset_that_its_symbol_ends_in(snapshots):
    held = {"symbol": "BTCFDUSDU", "positionAmt": "1"}
    held |= {"entryPrice": "7000", "markPrice": "8000", "unRealizedProfit": "0"}
    assets = [{"asset": asset, "marginBalance": "1", "walletBalance": "1"} for asset in ("U", "FDUSDU")]
    (futures,) = snapshots("futures", {"assets": assets, "position": [held]})

    assert [each.quote_asset for each in positions(futures)] == ["FDUSDU"]


def test_an_account_is_drawn_panel_by_panel(spot, margin, futures, snapshots):
    def titles(days):
        return [text_of(panel["title"]) for panel in drawn_panels(days)]

    quantity = "Quantity of each asset, at the end of each day: The darker, the more of the asset; "
    quantity += "each row has its own scale."
    assert titles(margin) == ["Net value (BTC) at the end of each day", "Assets and debts, at the end of each day"]
    assert titles(spot) == ["Value (BTC) at the end of each day", quantity]
    assert titles(snapshots("spot", *spot_of({"BTC": "0.5"}))) == [
        "Value (BTC) at the end of each day",
        f"Allocation: BTC and all other assets, at the end of each day: {NO_PRICES}",
    ]
    assert titles(futures) == [
        "Wallet balance (USDT) at the end of each day",
        "Positions in USDT at the end of 13 Dec 2019: A short position is below zero.",
    ]


@pytest.mark.parametrize(
    ("assets", "changing", "said"),
    [
        (2, 2, ""),
        (2, 1, " Left out: 1 asset whose quantity did not change."),
        (40, 6, " Left out: 34 assets whose quantity did not change."),
        (40, 40, " Shown: the 25 assets that changed most, of 40."),
    ],
)
def test_assets_that_are_left_out_are_counted(snapshots, assets, changing, said):
    def day(number):
        return {f"COIN{n}": str(number + n if n < changing else 7) for n in range(1, assets)} | {"BTC": str(number)}

    days = snapshots("spot", *spot_of(day(1), day(2)))

    *_, last = drawn_panels(days)
    assert last["title"]["subtitle"] == f"The darker, the more of the asset; each row has its own scale.{said}"


def test_quantities_are_drawn_where_they_changed(snapshots):
    days = snapshots("spot", *spot_of({"BTC": "0.5", "ETH": "6"}, {"BTC": "0.25", "ETH": "6"}))

    assert [series.unit for series in quantities(days)] == ["BTC", "ETH"]
    *_, last = drawn_panels(days)
    assert [(cell["asset"], cell["date"], cell["share"]) for cell in last["data"]] == [
        ("BTC", "2019-12-13", 100.0),
        ("BTC", "2019-12-14", 50.0),
    ]


def margin_of(*nets):
    totals = {"marginLevel": "9", "totalAssetOfBtc": "1", "totalLiabilityOfBtc": "0", "totalNetAssetOfBtc": "1"}
    asset = {"asset": "XRP", "borrowed": "8", "free": "7", "interest": "1", "locked": "0"}
    return [totals | {"userAssets": [asset | {"netAsset": net}]} for net in nets]


def test_the_quantity_of_a_margin_account_is_what_it_has_less_what_it_owes(snapshots):
    days = snapshots("margin", *margin_of("-2", "0", "1"))

    assert [[*series.amounts.values()] for series in quantities(days)] == [[-2, 0, 1]]
    *_, last = drawn_panels(days)
    assert text_of(last["title"]).startswith("Net quantity of each asset")
    assert [(cell["exact"], cell["share"]) for cell in last["data"]] == [("-2", -100.0), ("0", 0.0), ("1", 50.0)]


@pytest.mark.parametrize("nets", [("-1", "0"), ("-2", "-1")])
def test_an_asset_of_which_there_is_never_any_can_be_drawn(snapshots, nets):
    *_, last = drawn_panels(snapshots("margin", *margin_of(*nets)))

    assert [cell["exact"] for cell in last["data"]] == [*nets]


@pytest.mark.parametrize("draw", [sketch, chart, values])
def test_nothing_to_draw_is_said(draw, snapshots):
    with pytest.raises(ExportError, match="nothing to draw"):
        draw([])
    with pytest.raises(ExportError, match="nothing to draw"):
        draw(snapshots("futures", {"assets": [], "position": []}))


@pytest.mark.parametrize("width", [30, 80, 200])
def test_a_sketch_is_as_wide_as_it_may_be(spot, width):
    assert max(map(len, sketch(spot[:1], width=width).splitlines())) == width


@pytest.mark.parametrize("format", PictureFormat)
def test_a_single_day_makes_a_picture(margin, format):
    starts = {"png": b"\x89PNG", "svg": b"<svg", "html": b"<!DOCTYPE html>"}

    assert picture(margin, format).lstrip().startswith(starts[format])


@pytest.mark.parametrize("draw", [sketch, chart])
def test_several_accounts_are_not_drawn_as_one(draw, spot, margin):
    with pytest.raises(ExportError, match="of one type, not of margin and spot"):
        draw(spot + margin)


@pytest.mark.parametrize("draw", [sketch, chart])
def test_a_history_is_not_drawn_as_one(draw, spot, margin, futures):
    with pytest.raises(ExportError, match="of one type, not of futures and margin and spot: draw each by itself"):
        draw(History(spot, margin, futures))


@pytest.mark.parametrize("draw", [sketch, chart])
def test_a_single_snapshot_is_no_list(draw, spot):
    with pytest.raises(ExportError, match="give a list of records"):
        draw(spot[0])


@pytest.mark.parametrize("draw", [sketch, chart])
def test_balances_are_not_drawn(draw, balances):
    with pytest.raises(ExportError, match="give snapshots"):
        draw(balances)


@pytest.mark.parametrize("length", [1, 2, 7, 8, 29, 30])
def test_the_axes_of_days_name_days_that_there_are(snapshots, length):
    days = snapshots("spot", *spot_of(*[{"BTC": f"{n + 1}"} for n in range(length)], total="50"))

    panels = [panel["encoding"]["x"]["axis"]["values"] for panel in drawn_panels(days)]

    midnights = [1576195200000 + n * 24 * 60 * 60 * 1000 for n in range(length)]
    assert len(panels) == (1 if length == 1 else 2 if length < 5 else 3)
    assert all(ticks[0] == midnights[0] and {*ticks} <= {*midnights} for ticks in panels)


def days_from(first, length):
    return [first + timedelta(n) for n in range(length)]


@pytest.mark.parametrize("length", [200, 365, 366, 1000, 1826, 3653, 9000])
@pytest.mark.parametrize("first", [date(2020, 2, 29), date(2021, 1, 1), date(2021, 12, 31)])
def test_the_axis_of_a_long_time_names_the_first_of_months(first, length):
    found, months = ticks(days_from(first, length))

    assert months
    assert 2 <= len(found) <= 8
    assert {day.day for day in found} == {1}
    assert first <= found[0] <= found[-1] <= first + timedelta(length - 1)


def test_an_axis_never_has_more_than_eight_marks():
    assert all(1 <= len(ticks(days_from(FIRST, length))[0]) <= 8 for length in range(1, 400))


@pytest.mark.parametrize(
    ("length", "name", "count"),
    [(1, "day", 1), (63, "day", 63), (64, "week", 10), (401, "week", 58), (402, "month", 14)],
)
def test_a_long_time_is_shown_by_weeks_and_months(length, name, count):
    found = spans(days_from(FIRST, length))

    assert ({span.name for span in found}, len(found)) == ({name}, count)
    assert all(span.start <= span.last < span.end for span in found)
    assert all(before.end == after.start for before, after in pairwise(found))
    assert found[-1].last == FIRST + timedelta(length - 1)


def without(days, *missing):
    return [each for n, each in enumerate(days) if n not in missing]


def test_a_line_is_not_drawn_through_missing_days(snapshots):
    days = without(snapshots("spot", *spot_of(*[{"BTC": f"{n}"} for n in range(10)])), 3, 4, 6)

    value = drawn_panels(days)[0]

    points = [(point["day"][-2:], point["amount"]) for point in value["layer"][1]["data"]]
    assert points == [
        *(("13", 1), ("14", 1), ("15", 1), ("16", None)),
        *(("18", 1), ("19", None)),
        *(("20", 1), ("21", 1), ("22", 1), ("23", None)),
    ]
    bands = [(band["start"], band["end"]) for band in value["layer"][0]["data"]]
    assert bands == [
        ("2019-12-15T12:00:00Z", "2019-12-17T12:00:00Z"),
        ("2019-12-18T12:00:00Z", "2019-12-19T12:00:00Z"),
    ]
    assert value["title"]["subtitle"] == "Grey: days without a record."
    assert gaps([date(2019, 12, 13), date(2019, 12, 14)]) == []


def test_the_order_of_snapshots_does_not_matter(spot, futures):
    assert chart(spot[::-1]).to_dict() == chart(spot).to_dict()


def test_a_sketch_is_not_drawn_through_missing_days(snapshots):
    whole = snapshots("spot", *[{"balances": [], "totalAssetOfBtc": str(n + 1)} for n in range(30)])

    def drawn_columns(days):
        lines = [line.partition("┤")[2] or line.partition("│")[2] for line in sketch(days).splitlines()]
        return {column for line in lines for column, cell in enumerate(line) if BRAILLE.match(cell)}

    assert len(drawn_columns(without(whole, *range(10, 20)))) < 0.75 * len(drawn_columns(whole))


def prices_of(*numbers, price="80000"):
    return {FIRST + timedelta(n): Decimal(price) + n for n in numbers}


def test_with_prices_the_first_chart_has_the_value_in_the_quote_asset(snapshots):
    days = snapshots("spot", *[{"balances": [], "totalAssetOfBtc": "0.5"} for _ in range(8)])

    in_usdt, in_btc = spec_of(chart(days, quote_asset="USDT", prices=prices_of(2, 3, 6, 99)))["vconcat"][:2]

    assert in_usdt["title"]["text"] == "Value (USDT) at the end of each day"
    assert in_usdt["title"]["subtitle"] == "Grey: days without a record or without a price."
    exact = [(point["date"][-2:], point["exact"]) for point in in_usdt["layer"][1]["data"] if point["amount"]]
    assert exact == [("15", "40001.00000000"), ("16", "40001.50000000"), ("19", "40003.00000000")]
    bands = [(band["start"][8:13], band["end"][8:13]) for band in in_usdt["layer"][0]["data"]]
    assert bands == [("12T12", "14T12"), ("16T12", "18T12"), ("19T12", "20T12")]
    assert line_of(in_usdt)["x"]["axis"]["values"] == line_of(in_btc)["x"]["axis"]["values"]
    assert in_btc["title"]["text"] == "Value (BTC) at the end of each day"
    assert "subtitle" not in in_btc["title"] or in_btc["title"]["subtitle"] == ""


def test_the_net_value_of_a_margin_account_is_what_prices_are_for(margin):
    [worth] = values(margin, Quote("USDT", prices_of(0)))
    assert (worth.name, worth.unit, worth.amounts) == ("Net value", "USDT", {FIRST: Decimal("16000.00000000")})


def test_a_sketch_with_prices_counts_the_days_without(snapshots):
    days = snapshots("spot", *[{"balances": [], "totalAssetOfBtc": str(n + 1)} for n in range(30)])

    shown = sketch(days, quote_asset="USDT", prices=prices_of(*range(10)))

    assert "Value (USDT) at the end of each day (UTC)" in shown
    assert shown.endswith("\nDays without a price of BTC in USDT: 20 of 30.\n")
    assert re.findall(r"\d\d-\d\d", shown)[-1] == "01-07"
    assert "without a price" not in sketch(days, quote_asset="USDT", prices=prices_of(*range(30)))


@pytest.mark.parametrize("draw", [sketch, chart, panels])
def test_what_has_no_price_is_not_drawn_in_a_quote_asset(draw, spot, futures):
    with pytest.raises(ExportError, match="none of these days has a price of BTC in EUR"):
        draw(spot, quote_asset="EUR", prices={})
    with pytest.raises(ExportError, match="of futures have no total, and so none in EUR"):
        draw(futures, quote_asset="EUR", prices=prices_of(0))
    with pytest.raises(PricesError, match="do not say which asset they are in"):
        draw(spot, prices=prices_of(0))
    with pytest.raises(PricesError, match=r"must be a Decimal, not 80000\.5"):
        draw(spot, quote_asset="EUR", prices={FIRST: 80000.5})
    with pytest.raises(PricesError, match="totals in EUR take prices: give prices="):
        draw(spot, quote_asset="EUR")
    with pytest.raises(
        PricesError, match="quote_asset must be in upper case, as the exchange writes it: 'EUR', not 'eur'"
    ):
        draw(spot, quote_asset="eur", prices=prices_of(0))


def test_a_sketch_of_years_has_months_on_its_axis(snapshots):
    days = snapshots("spot", *[{"balances": [], "totalAssetOfBtc": str(n + 1)} for n in range(800)])

    assert re.findall(r"\d{4}-\d\d", sketch(days).splitlines()[-1]) == [
        "2020-01",
        "2020-07",
        "2021-01",
        "2021-07",
        "2022-01",
    ]


@pytest.mark.parametrize("amounts", [["0", "0.5"], ["0.00000001", "0"], ["3", "3"], ["0.02"], ["100000", "123456.5"]])
def test_no_axis_goes_below_zero_where_no_amount_does(snapshots, amounts):
    days = snapshots("spot", *[{"balances": [], "totalAssetOfBtc": amount} for amount in amounts])

    assert not re.search(r"^ *-", sketch(days), re.MULTILINE)
    assert "\N{MINUS SIGN}" not in picture(days, PictureFormat.SVG).decode()


def test_a_sketch_writes_amounts_in_full(snapshots):
    days = snapshots("spot", *[{"balances": [], "totalAssetOfBtc": amount} for amount in ("1200000", "1250000")])

    assert re.findall(r"^ *([\d,.e]+)┤", sketch(days), re.MULTILINE) == [
        "1,250,000",
        "1,237,500",
        "1,225,000",
        "1,212,500",
        "1,200,000",
    ]


def test_a_value_that_never_changes_stands_on_a_scale_from_zero(margin, spot):
    scales = [line_of(drawn_panels(days)[0])["y"]["scale"] for days in (margin, spot)]

    assert scales == [{"zero": True}, {"zero": False}]


def test_several_series_are_lines_of_their_own():
    found = [Series(name, "USDT", {FIRST: Decimal(amount)}) for name, amount in (("Spot", "1.50"), ("Earn", "2"))]

    panel = spec_of(over_time(found, title="Wallets"))

    assert panel["encoding"]["color"]["field"] == "row"
    assert panel["encoding"]["y"]["axis"]["title"] == "USDT"
    assert [point["exact"] for point in panel["data"] if "exact" in point] == ["1.50", "2"]


def test_charts_take_the_look_of_the_theme_that_is_on(spot):
    with alt.theme.enable("opaque"):
        opaque = chart(spot).to_dict()["config"]

    assert opaque["background"] == "white"
    assert not any("background" in drawn.to_dict()["config"] for drawn in [chart(spot), *panels(spot)])
    assert chart(spot).configure(**THEME).to_dict()["config"]["range"] == THEME["range"]


def lightness(colour):
    red, green, blue = (int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5))
    return 0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2


def test_colours_that_stand_together_differ_in_lightness_too():
    """Then they are told apart by any eye, and in black and white."""
    for one, other in combinations(map(lightness, THEME["range"]["category"][:3]), 2):
        assert (max(one, other) + 0.05) / (min(one, other) + 0.05) > 1.3


def test_pictures_have_the_theme_s_colours(snapshots):
    days = snapshots("spot", *spot_of({"BTC": "0.5"}, {"BTC": "0.4"}))

    drawn = picture(days, PictureFormat.SVG).decode()

    assert all(colour in drawn for colour in [*THEME["range"]["category"][:2], THEME["mark"]["color"]])


@pytest.mark.parametrize(("asset", "said"), [("\U0010fffe", True), ("ETH", False)])
def test_a_png_says_where_no_font_has_a_character(snapshots, monkeypatch, asset, said):
    pages = []
    render = vl_convert.svg_to_png
    monkeypatch.setattr(
        vl_convert, "svg_to_png", lambda page, **options: (pages.append(page), render(page, **options))[1]
    )

    picture(snapshots("spot", *spot_of({asset: "1"}, {asset: "2"})), PictureFormat.PNG)

    assert ("Boxes stand for characters" in pages[-1]) is said


NAMES = {
    "a\x1b[2Jb": r"a\x1b[2Jb",
    "nul\0": r"nul\x00",
    "not\ufffexml\uffff": r"not\ufffexml\uffff",
    "line\nline\u2028": r"line\nline\u2028",
    "txt\u202egnp": r"txt\u202egnp",
    "</script><script>alert(1)</script>": r"\x3c/script>\x3cscript>alert(1)\x3c/script>",
    "<!-- ]]> &amp;": r"\x3c!-- ]]> &amp;",
    "1 < 2": "1 < 2",
    "back\\": "back\\",
    'back\\"quote': 'back\\"quote',
    r"\x1b": r"\x1b",
    "constructor": "constructor",
    "__proto__": "__proto__",
    "toString": "toString",
    "x:Q": "x:Q",
    "a.b[0]['c']": "a.b[0]['c']",
    "datum.v + ${1} {{2}} %3": "datum.v + ${1} {{2}} %3",
    "币安人生": "币安人生",
}
"""Names from outside, and how they are drawn."""


def account_of_names(snapshots, names):
    """Two days of a futures account: balances and positions under these names."""

    def day(amount):
        prices = {"entryPrice": "1", "markPrice": "2", "unRealizedProfit": "0"}
        assets = [{"asset": name, "marginBalance": "1", "walletBalance": amount} for name in names]
        return {"assets": assets, "position": [{"symbol": name, "positionAmt": "1"} | prices for name in names]}

    return snapshots("futures", day("1"), day("2"))


@pytest.mark.parametrize("type_", ["spot", "futures"])
def test_any_name_is_drawn_and_the_picture_is_xml(snapshots, type_):
    days = (
        snapshots("spot", *spot_of(dict.fromkeys(NAMES, "1"), dict.fromkeys(NAMES, "2")))
        if type_ == "spot"
        else account_of_names(snapshots, NAMES)
    )

    image = picture(days, PictureFormat.SVG)

    texts = {text.text for text in ET.fromstring(image).iter("{http://www.w3.org/2000/svg}text")}
    assert {name for name in NAMES.values() if name not in texts} == set()
    if type_ == "futures":
        assert {
            name for name in NAMES.values() if not any(f"Wallet balance ({name})" in text for text in texts)
        } == set()


def test_a_png_of_a_name_with_a_control_character_does_not_end_the_process(snapshots):
    days = snapshots("spot", *spot_of({"a\x1b\ufffe": "1"}, {"a\x1b\ufffe": "2"}))

    assert picture(days, PictureFormat.PNG).startswith(b"\x89PNG")


def test_names_that_look_the_same_are_two_rows(snapshots):
    names = ["\x1b", r"\x1b", "A" * 500, "A" * 501]

    *_, last = drawn_panels(snapshots("spot", *spot_of(dict.fromkeys(names, "1"), dict.fromkeys(names, "2"))))

    assert {cell["row"] for cell in last["data"]} == {0, 1, 2, 3}


@pytest.mark.timeout(60)
def test_a_name_as_long_as_a_book_is_drawn_in_no_time(snapshots):
    days = account_of_names(snapshots, ["A" * 1_000_000])

    assert picture(days, PictureFormat.PNG).startswith(b"\x89PNG")
    assert max(map(len, sketch(days).splitlines())) <= 80


def test_an_html_picture_has_no_script_but_its_own(snapshots):
    page = picture(account_of_names(snapshots, NAMES), PictureFormat.HTML).decode()

    assert re.findall(r"<script[^>]*>", page) == ['<script type="application/json" id="data">', "<script>", "<script>"]
    [data] = re.findall(r'id="data">(.*?)</script>', page)
    assert json.loads(data)["vconcat"]
    assert not re.search("[<>&\u2028\u2029]", data)
    [rules] = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)">', page)
    assert {"default-src 'none'", "base-uri 'none'", "form-action 'none'"} <= {*rules.split("; ")}
    assert "unsafe" not in rules


def test_a_page_that_altair_makes_of_a_chart_runs_no_name(snapshots):
    page = chart(account_of_names(snapshots, NAMES)).to_html()

    assert "alert(1)" in page
    assert "<script>alert" not in page
    assert "<!--" not in page.partition("<body>")[2]


def test_a_sketch_shows_control_characters_as_escapes(snapshots):
    shown = sketch(account_of_names(snapshots, ["\x1b]52;c;cm0=\x07", "\x9b2J"]))

    assert r"(\x1b]52;c;cm0=\x07)" in shown
    assert all(character == "\n" or character.isprintable() for character in shown)


@pytest.mark.parametrize("draw", [sketch, chart, lambda days: picture(days, PictureFormat.SVG)])
def test_snapshots_may_come_from_a_generator(draw, spot):
    assert draw(day for day in spot)


def test_of_many_assets_a_picture_says_which_it_shows(snapshots):
    assets = [{"asset": f"COIN{n}", "marginBalance": "1", "walletBalance": "1"} for n in range(40)]

    first, *others = drawn_panels(snapshots("futures", {"assets": assets, "position": []}))

    assert first["title"]["subtitle"] == "Shown: the first 25 assets, of 40."
    assert len(others) == 24


def test_both_sides_of_a_position_are_drawn(snapshots):
    prices = {"entryPrice": "1", "markPrice": "2", "unRealizedProfit": "0"}
    both = [{"symbol": "BTCUSDT", "positionAmt": amount} | prices for amount in ("-1", "2")]
    usdt = {"asset": "USDT", "marginBalance": "1", "walletBalance": "1"}

    *_, last = drawn_panels(snapshots("futures", {"assets": [usdt], "position": both}))

    assert [(bar["row"], bar["side"], bar["worth"]) for bar in last["data"]] == [(0, "long", 4), (1, "short", -2)]


def test_parts_are_put_on_top_of_each_other(snapshots):
    *_, last = drawn_panels(snapshots("spot", *spot_of({"BTC": "0.25", "ETH": "9"})))

    assert [(bar["name"], bar["from"], bar["to"]) for bar in last["data"]] == [
        ("BTC", 0, 0.25),
        ("All other assets", 0.25, 1),
    ]


def test_every_axis_of_days_is_in_utc(spot, margin):
    """Wherever a browser draws it: or each day would begin on the evening before, west of Greenwich."""
    for panel in drawn_panels(spot) + drawn_panels(margin):
        layers = panel.get("layer", [panel])
        assert [layer["encoding"]["x"]["scale"] for layer in layers] == [{"type": "utc"}] * len(layers)
