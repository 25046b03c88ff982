"""Flat rows."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from binance_wallet import Balances, History
from binance_wallet.errors import WalletError
from binance_wallet_extras.export import (
    COLUMNS,
    ExportError,
    RecordedBalance,
    columns,
    rows,
    to_arrow,
    to_pandas,
    to_polars,
)

TIME = datetime(2019, 12, 13, 23, 59, 59, tzinfo=UTC)


def test_a_spot_snapshot_is_a_row_for_each_asset(spot):
    first, second, _ = rows(spot)

    assert first == {
        "type": "spot",
        "update_time": TIME,
        "asset": "BTC",
        "free": Decimal("0.09905021"),
        "locked": Decimal(0),
        "total_asset_of_btc": Decimal("0.09942700"),
    }
    assert (second["asset"], second["total_asset_of_btc"]) == ("币安人生", Decimal("0.09942700"))


def test_a_day_on_which_the_account_was_empty_is_a_row_of_its_own(spot):
    assert rows(spot)[-1] == {
        "type": "spot",
        "update_time": TIME + timedelta(days=1),
        "asset": None,
        "free": None,
        "locked": None,
        "total_asset_of_btc": Decimal(0),
    }


def test_a_margin_snapshot_has_debts_and_totals(margin):
    (row,) = rows(margin)

    assert [*row] == [*COLUMNS["margin"]]
    assert row["net_asset"] == Decimal("-0.6")
    assert row["total_liability_of_btc"] == Decimal("0.1")
    assert row["margin_level"] == Decimal("2748.02909813")


def test_a_futures_snapshot_tells_assets_from_positions(futures):
    asset, position = rows(futures)

    assert [*asset] == [*position] == [*COLUMNS["futures"]]
    assert (asset["record"], asset["asset"], asset["symbol"]) == ("asset", "USDT", None)
    assert (position["record"], position["asset"], position["symbol"]) == ("position", None, "BTCUSDT")
    assert position["position_amt"] == Decimal("-0.01")


def test_balances_say_what_they_are_in(balances):
    assert rows(balances)[0] == {
        "activate": True,
        "balance": Decimal("0.71842752"),
        "wallet_name": "USDⓈ-M Futures",
        "quote_asset": "USDT",
    }
    assert {row["quote_asset"] for row in rows(balances[:1], quote_asset="BTC")} == {"BTC"}


@pytest.mark.parametrize("make", [rows, to_arrow, to_pandas, to_polars])
def test_a_list_of_balances_in_an_unknown_asset_is_refused(make, balances):
    in_bitcoin = Balances(balances, quote_asset="BTC")
    with pytest.raises(ExportError, match="does not say which asset they are in: give quote_asset="):
        make([*balances, *in_bitcoin])


def test_balances_in_another_asset_than_is_said_are_refused(balances):
    with pytest.raises(ExportError, match="these balances are in USDT, not in BTC"):
        rows(balances, quote_asset="BTC")


def test_recorded_balances_in_another_asset_than_is_said_are_refused():
    at = datetime(2026, 3, 10, tzinfo=UTC)
    recorded = RecordedBalance(True, Decimal(1), "Spot", recorded_at=at, quote_asset="USDT")
    with pytest.raises(ExportError, match="these balances are in USDT, not in BTC"):
        rows([recorded], quote_asset="BTC")


def test_each_wallet_and_asset_has_a_row(detailed):
    spot, funding = rows(detailed)
    assert [*spot] == [*funding] == [*COLUMNS["wallet_assets"]]
    assert (spot["wallet_name"], spot["asset"], spot["freeze"]) == ("Spot", "BTC", Decimal("0.25"))
    assert (funding["wallet_name"], funding["asset"], funding["freeze"]) == ("Funding", None, None)


def test_a_wallet_that_lists_no_assets_stands_beside_those_that_do(detailed, balances):
    frame = to_polars([*detailed, *balances], quote_asset="USDT")
    assert frame["asset"].to_list() == ["BTC", None, None, None]


@pytest.mark.parametrize("kind", ["spot", "margin", "futures", "balances"])
def test_every_row_has_the_documented_columns_and_types(kind, request):
    for row in rows(request.getfixturevalue(kind)):
        assert [*row] == [*COLUMNS[kind]]
        assert all(value is None or isinstance(value, COLUMNS[kind][name]) for name, value in row.items())


def test_no_records_are_no_rows():
    assert rows([]) == []


def test_records_of_several_accounts_have_the_columns_of_all(spot, margin):
    assert columns([*spot, *margin]) == COLUMNS["snapshots"]
    assert columns(spot, "snapshots") == COLUMNS["snapshots"]


@pytest.mark.parametrize("kind", ["margin", "balances"])
def test_records_of_another_kind_are_refused(spot, kind):
    with pytest.raises(ExportError, match=f"asked for a table of {kind}, got spot"):
        columns(spot, kind)


@pytest.mark.parametrize("kind", [None, "SPOT"])
def test_no_records_of_no_known_kind_are_refused(kind):
    with pytest.raises(
        ExportError, match="kind= one of balances, wallet_assets, recorded_balances, recorded_assets, spot"
    ):
        columns([], kind)


def test_a_history_is_the_snapshots_of_all_accounts(spot, margin, futures):
    """One account after the other, with the columns of all, also where some are empty."""
    assert rows(History(spot, margin, futures)) == rows([*spot, *margin, *futures])
    assert columns(History(spot, [], [])) == columns(History([], [], [])) == COLUMNS["snapshots"]


@pytest.mark.parametrize("make", [rows, columns])
def test_one_record_that_is_not_in_a_list_is_refused(make, spot):
    with pytest.raises(ExportError, match="give a list of records, not a SpotSnapshot"):
        make(spot[0])


def test_records_may_come_from_a_generator(spot):
    assert rows(record for record in spot) == rows(spot)


def test_export_errors_are_of_the_one_tree():
    assert issubclass(ExportError, WalletError)
    assert issubclass(ExportError, ValueError)
