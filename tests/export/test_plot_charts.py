"""What charts show is what snapshots tell."""

from decimal import Decimal

import pytest
from binance_wallet.export import ExportError
from binance_wallet.plot import PictureFormat, chart, picture, sketch
from binance_wallet.plot.series import parts, positions, quantities, values


def titles(snapshots):
    return [panel["title"]["text"] for panel in chart(snapshots).to_dict()["vconcat"]]


def test_the_parts_of_a_spot_account_add_up_to_its_value(spot):
    btc, others = (sum(part.amounts.values()) for part in parts(spot[:1]))

    assert btc == Decimal("0.09905021")
    assert btc + others == Decimal("0.09942700")


def test_the_parts_of_a_margin_account_add_up_to_its_net_value(margin):
    found = {part.name: sum(part.amounts.values()) for part in parts(margin)}

    assert found == {"All other assets": Decimal("0.3"), "Owed": Decimal("-0.1")}


def test_a_position_is_worth_its_size_at_mark_price_in_what_it_is_priced_in(snapshots):
    def position(symbol, amount):
        prices = {"entryPrice": "7000", "markPrice": "8000", "unRealizedProfit": "0"}
        return {"symbol": symbol, "positionAmt": amount} | prices

    held = [position("BTCUSDT", "-0.5"), position("BTCUSDT_260327", "1"), position("BTCEUR", "1"), position("X", "0")]
    usdt = {"asset": "USDT", "marginBalance": "1", "walletBalance": "1"}
    (futures,) = snapshots("futures", {"assets": [usdt], "position": held})

    found = [(each.symbol, each.quote_asset, each.short, each.worth) for each in positions(futures)]

    assert found == [
        ("BTCUSDT", "USDT", True, 4000),
        ("BTCUSDT_260327", "USDT", False, 8000),
        ("BTCEUR", "quote asset", False, 8000),
    ]


def test_an_account_is_drawn_panel_by_panel(spot, margin, futures):
    assert titles(margin) == ["Net value (BTC) at the end of each day", "Allocation: BTC and all other assets"]
    assert titles(spot) == [
        "Value (BTC) at the end of each day",
        "Allocation: BTC and all other assets",
        "Quantity of each asset",
    ]
    assert titles(futures) == [
        "Wallet balance (USDT) at the end of each day",
        "Allocation: positions in USDT at the end of 13 Dec 2019",
    ]


def test_quantities_are_drawn_where_they_changed(snapshots):
    def day(btc):
        held = [{"asset": "BTC", "free": btc, "locked": "0"}, {"asset": "ETH", "free": "5", "locked": "1"}]
        return {"balances": held, "totalAssetOfBtc": "1"}

    days = snapshots("spot", day("0.5"), day("0.25"))

    assert [series.unit for series in quantities(days)] == ["BTC", "ETH"]
    drawn = chart(days).to_dict()
    assert "1 of 2 assets" in drawn["vconcat"][-1]["title"]["subtitle"]
    assert str({"asset": "BTC", "day": "2019-12-14", "share": 50.0}) in str(drawn)


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
    with pytest.raises(ExportError, match="of one account, not of margin and spot"):
        draw(spot + margin)


@pytest.mark.parametrize("draw", [sketch, chart])
def test_balances_are_not_drawn(draw, balances):
    with pytest.raises(ExportError, match="give snapshots"):
        draw(balances)


@pytest.mark.parametrize("length", [1, 2, 7, 8, 29, 30])
def test_the_axes_of_days_name_days_that_there_are(snapshots, length):
    days = snapshots("spot", *[{"balances": [], "totalAssetOfBtc": str(n + 1)} for n in range(length)])

    panels = [panel["encoding"]["x"]["axis"]["values"] for panel in chart(days).to_dict()["vconcat"]]

    midnights = [1576195200000 + n * 24 * 60 * 60 * 1000 for n in range(length)]
    assert len(panels) == 2
    assert all(ticks[0] == midnights[0] and {*ticks} <= {*midnights} for ticks in panels)


def test_a_value_that_never_changes_stands_on_a_scale_from_zero(margin, spot):
    scales = [chart(days).to_dict()["vconcat"][0]["encoding"]["y"]["scale"] for days in (margin, spot)]

    assert scales == [{"zero": True}, {"zero": False}]
