"""How models show themselves: in one line, and as tables in a notebook."""

import io
from decimal import Decimal
from xml.etree import ElementTree as ET

import pytest
import rich.console
from binance_wallet_client.model import Records
from binance_wallet_client.models import (
    AccountSnapshotResponse,
    FuturesAsset,
    FuturesPosition,
    FuturesSnapshot,
    FuturesSnapshotData,
    MarginAsset,
    MarginSnapshot,
    MarginSnapshotData,
    SpotAsset,
    SpotSnapshot,
    SpotSnapshotData,
    WalletBalance,
)

END_OF_DAY = 1576281599000
ZERO, ONE, TWO = Decimal("0E-8"), Decimal("1.00000000"), Decimal("2.5")
SPOT = SpotSnapshot(SpotSnapshotData([SpotAsset("BTC", ONE, ZERO), SpotAsset("币", TWO, ZERO)], TWO), END_OF_DAY)
MARGIN = MarginSnapshot(
    MarginSnapshotData(TWO, TWO, ONE, Decimal("-1.5"), [MarginAsset("XRP", ONE, ONE, ONE, ZERO, ONE)]), END_OF_DAY
)
FUTURES = FuturesSnapshot(
    FuturesSnapshotData([FuturesAsset("USDT", ONE, ONE)] * 3, [FuturesPosition(ONE, ONE, TWO, "BTCUSDT", ZERO)]),
    END_OF_DAY,
)
WALLET = WalletBalance(activate=True, balance=ZERO, wallet_name="Spot")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (SPOT, "SpotSnapshot(2019-12-13, 2.5 BTC, 2 assets)"),
        (MARGIN, "MarginSnapshot(2019-12-13, -1.5 BTC, 1 asset)"),
        (FUTURES, "FuturesSnapshot(2019-12-13, 3 assets, 1 position)"),
        (WALLET, "WalletBalance('Spot', 0.00000000)"),
        (SPOT.data, "SpotSnapshotData(balances=2 items, total_asset_of_btc=2.5)"),
        (SPOT.data.balances[0], "SpotAsset(asset='BTC', free=1.00000000, locked=0.00000000)"),
        (AccountSnapshotResponse(200, [SPOT]), "AccountSnapshotResponse(code=200, snapshot_vos=1 item)"),
    ],
)
def test_a_model_is_one_short_line(value, shown):
    assert repr(value) == str(value) == shown


def test_a_name_from_outside_sends_nothing_to_a_terminal():
    wallet = WalletBalance(activate=True, balance=ONE, wallet_name="\x1b[31mSpot\n\u202e")
    assert repr(wallet) == r"WalletBalance('\x1b[31mSpot\n\u202e', 1.00000000)"


def test_rich_shows_the_same_line():
    """It would not if a class listed its fields for rich, as msgspec's does."""
    console = rich.console.Console(file=io.StringIO(), width=200)
    console.print(SPOT)
    assert console.file.getvalue() == "SpotSnapshot(2019-12-13, 2.5 BTC, 2 assets)\n"


def tables(html: str) -> list[tuple[str, list[list[str]]]]:
    """The caption and the cells of each table."""
    root = ET.fromstring(f"<div>{html}</div>")
    return [
        (table.findtext("caption", ""), [[cell.text or "" for cell in row] for row in table.iter("tr")])
        for table in root.iter("table")
    ]


def test_a_list_is_a_table_with_a_row_for_each():
    assert tables(Records([SPOT, SPOT])._repr_html_()) == [
        (
            "",
            [
                ["update_time", "data.total_asset_of_btc", "data.balances"],
                ["2019-12-13", "2.5 BTC", "2 assets"],
                ["2019-12-13", "2.5 BTC", "2 assets"],
            ],
        )
    ]


def test_a_list_of_several_accounts_leaves_cells_empty():
    [(_, rows)] = tables(Records([SPOT, FUTURES])._repr_html_())
    assert rows == [
        ["update_time", "data.total_asset_of_btc", "data.balances", "data.assets", "data.position"],
        ["2019-12-13", "2.5 BTC", "2 assets", "", ""],
        ["2019-12-13", "", "", "3 assets", "1 position"],
    ]


def test_a_record_is_a_table_of_all_its_values_and_one_for_each_list():
    assert tables(SPOT._repr_html_()) == [
        ("SpotSnapshot", [["data.total_asset_of_btc", "2.5"], ["update_time", "2019-12-13 23:59:59+00:00"]]),
        (
            "data.balances: 2 items",
            [["asset", "free", "locked"], ["BTC", "1.00000000", "0.00000000"], ["币", "2.5", "0.00000000"]],
        ),
    ]
    assert [caption for caption, _ in tables(FUTURES._repr_html_())] == [
        "FuturesSnapshot",
        "data.assets: 3 items",
        "data.position: 1 item",
    ]


def test_amounts_and_their_heads_are_to_the_right():
    root = ET.fromstring(Records([WALLET])._repr_html_())
    assert [[cell.get("style") for cell in row] for row in root.iter("tr")] == [
        ["text-align: left", "text-align: right"]
    ] * 2


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "&lt;", "</td>", '"><img src=x onerror=alert(1)>'])
def test_a_name_from_outside_is_escaped_in_html(name):
    wallet = WalletBalance(activate=True, balance=ONE, wallet_name=name)
    day = SpotSnapshot(SpotSnapshotData([SpotAsset(name, ONE, ZERO)], ONE), END_OF_DAY)
    for html in (Records([wallet])._repr_html_(), wallet._repr_html_(), day._repr_html_()):
        assert any(name in row for _, rows in tables(html) for row in rows)


def test_a_list_that_is_not_of_models_has_no_table():
    """A notebook then shows its `repr`."""
    assert Records([])._repr_html_() is None
    assert Records(["text"])._repr_html_() is None
    assert Records([SPOT, None])._repr_html_() is None
