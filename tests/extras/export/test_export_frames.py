"""Data frames."""

import sys
from decimal import Decimal

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from binance_wallet import History
from binance_wallet_extras.export import COLUMNS, ExportError, rows, to_arrow, to_pandas, to_polars

KINDS = ["balances", "spot", "margin", "futures"]


def amounts_of(spot_free, snapshots):
    held = [{"asset": "X", "free": amount, "locked": "0"} for amount in spot_free]
    return snapshots("spot", {"balances": held, "totalAssetOfBtc": "0"})


@pytest.mark.parametrize("kind", KINDS)
def test_arrow_and_polars_hold_every_row_exactly(kind, request):
    records = request.getfixturevalue(kind)

    assert to_arrow(records).to_pylist() == rows(records)
    assert to_polars(records).to_dicts() == rows(records)


@pytest.mark.parametrize("kind", KINDS)
def test_pandas_holds_every_amount_exactly(kind, request):
    records = request.getfixturevalue(kind)

    frame = to_pandas(records)

    for name, type_ in COLUMNS[kind].items():
        found = [None if pd.isna(value) else value for value in frame[name]]
        assert found == [row[name] for row in rows(records)], type_


def test_a_csv_file_made_from_a_pandas_frame_has_plain_digits(snapshots):
    frame = to_pandas(amounts_of(["0.00000000", "0.00000001", "-12345678901234567890.12345678"], snapshots))
    frame["total"] = frame["free"] + frame["locked"]
    frame["change"] = frame["free"] - frame["free"]
    frame["half"] = frame["free"] / 2
    frame = pd.concat([frame, frame.groupby("type", as_index=False)[["locked"]].sum()])

    text = frame.to_csv(columns=["free", "locked", "total", "change", "half"], index=False)

    assert text.splitlines()[1:] == [
        "0.00000000,0.00000000,0.00000000,0.00000000,0.00000000",
        "0.00000001,0.00000000,0.00000001,0.00000000,0.000000005",
        "-12345678901234567890.12345678,0.00000000,-12345678901234567890.12345678,0.00000000,-6172839450617283945.06172839",
        ",0.00000000,,,",
    ]


def test_a_csv_file_made_from_a_polars_frame_has_plain_digits(snapshots):
    text = to_polars(amounts_of(["0.00000000", "0.00000001"], snapshots)).write_csv()

    assert [line.split(",")[3:5] for line in text.splitlines()[1:]] == [
        ["0.00000000", "0.00000000"],
        ["0.00000001", "0.00000000"],
    ]


def test_a_pandas_frame_with_gaps_can_be_calculated_with(futures):
    frame = to_pandas(futures)

    assert (frame["margin_balance"] - frame["wallet_balance"])[0] == Decimal("-1.24029054")
    assert frame["wallet_balance"].sum() == Decimal("120.23811389")
    assert frame[frame["position_amt"] < 0]["symbol"].tolist() == ["BTCUSDT"]


def test_a_parquet_file_made_from_a_pandas_frame_is_exact(spot, tmp_path):
    to_pandas(spot).to_parquet(tmp_path / "spot.parquet")

    assert pd.read_parquet(tmp_path / "spot.parquet")["free"][1] == Decimal("1.89109409")


def test_times_are_in_utc(spot):
    assert to_arrow(spot).schema.field("update_time").type == pa.timestamp("ms", tz="UTC")
    assert str(to_pandas(spot)["update_time"].dtype) == "datetime64[ms, UTC]"
    assert to_polars(spot).schema["update_time"] == pl.Datetime("ms", "UTC")


def test_several_accounts_make_one_frame(spot, futures):
    frame = to_polars([*spot, *futures])

    assert frame.columns == [*COLUMNS["snapshots"]]
    assert frame["type"].to_list() == ["spot"] * 3 + ["futures"] * 2


@pytest.mark.parametrize("kind", [*KINDS, "snapshots"])
def test_nothing_makes_an_empty_frame_with_the_same_types(kind, request):
    assert to_arrow([], kind=kind).schema.names == [*COLUMNS[kind]]
    if kind != "snapshots":
        records = request.getfixturevalue(kind)
        assert to_arrow([], kind=kind).schema == to_arrow(records).schema
        assert to_polars([], kind=kind).schema == to_polars(records).schema
        assert [*to_pandas([], kind=kind).dtypes] == [*to_pandas(records).dtypes]


def test_nothing_of_no_kind_is_refused():
    with pytest.raises(ExportError, match="kind"):
        to_arrow([])


def names(frame):
    return frame.column_names if isinstance(frame, pa.Table) else frame.columns


@pytest.mark.parametrize("make", [to_arrow, to_pandas, to_polars])
def test_a_history_is_one_frame_of_all_three_accounts(make, spot, margin, futures):
    """With the same columns whichever of the accounts are empty."""
    whole = make(History(spot, margin, futures))
    assert [*names(whole)] == [*COLUMNS["snapshots"]]
    assert len(whole) == len(make([*spot, *margin, *futures]))
    assert [*names(make(History(spot, [], [])))] == [*COLUMNS["snapshots"]]
    assert len(make(History([], [], []))) == 0


@pytest.mark.parametrize("make", [to_arrow, to_pandas, to_polars])
def test_a_history_is_not_of_one_account(make, spot, margin, futures):
    with pytest.raises(ExportError, match="asked for a table of spot, got futures and margin and spot"):
        make(History(spot, margin, futures), kind="spot")


def test_floats_are_there_for_the_asking(margin):
    assert to_arrow(margin, floats=True).schema.field("free").type == pa.float64()
    assert to_polars(margin, floats=True).schema["free"] == pl.Float64()
    assert to_pandas(margin, floats=True)["net_asset"].tolist() == [-0.6]


def test_two_columns_of_amounts_can_be_calculated_with(spot):
    frame = to_pandas(spot)

    assert (frame["free"] + frame["locked"])[1] == Decimal("1.89109410")
    assert (frame["free"] * frame["total_asset_of_btc"])[0] == Decimal("0.09905021") * Decimal("0.09942700")


@pytest.mark.parametrize("make", [to_arrow, to_pandas, to_polars])
@pytest.mark.parametrize(
    "amount", ["9" * 30 + ".12345678", "0." + "0" * 36 + "12", "-" + "9" * 30, "1E+20", "0E-60", "0E+60"]
)
def test_up_to_38_digits_are_exact(make, amount, snapshots):
    frame = make(amounts_of([amount], snapshots))

    (found,) = frame["free"].to_pylist() if make is to_arrow else frame["free"].to_list()
    assert found == Decimal(amount)


@pytest.mark.parametrize("amounts", [["9" * 31 + ".12345678"], ["1E+38"], ["0." + "0" * 38 + "1"], ["1E+20", "1E-20"]])
def test_more_digits_are_refused_and_fit_into_floats(amounts, snapshots):
    records = amounts_of(amounts, snapshots)

    with pytest.raises(ExportError, match=r"free takes \d+ digits"):
        to_arrow(records)
    with pytest.raises(ExportError, match=r"free takes \d+ digits"):
        to_polars(records)
    assert to_polars(records, floats=True)["free"].to_list() == [*map(float, amounts)]


@pytest.mark.parametrize(
    ("make", "library", "extra"),
    [(to_arrow, "pyarrow", "arrow"), (to_pandas, "pandas", "pandas"), (to_polars, "polars", "polars")],
)
def test_a_missing_library_is_named_with_its_extra(make, library, extra, spot, monkeypatch):
    monkeypatch.setitem(sys.modules, library, None)

    with pytest.raises(ModuleNotFoundError, match=rf"{library} .*the extra '{extra}'"):
        make(spot)


def test_polars_does_without_pyarrow(spot, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)

    assert to_polars(spot).height == 3


MAKERS = [to_arrow, to_pandas, to_polars]


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize(
    "records", [iter, tuple, lambda found: (each for each in found), lambda found: dict(enumerate(found)).values()]
)
def test_records_may_come_from_any_iterable(spot, make, records):
    assert make(records(spot[:1])).shape == make(spot[:1]).shape


@pytest.mark.parametrize("make", MAKERS)
def test_an_iterator_of_no_records_is_refused_or_of_a_kind(make):
    with pytest.raises(ExportError, match="there are no records"):
        make(iter([]))
    assert make(iter([]), kind="spot").shape[0] == 0


@pytest.mark.parametrize("make", [*MAKERS, rows])
def test_what_is_no_iterable_of_records_is_refused(make):
    async def records():
        yield None

    for others in (records(), "text", b"bytes", 7, None, iter([1]), {"a": 1}):
        with pytest.raises(ExportError, match="give a list of records, not a"):
            make(others)


@pytest.mark.parametrize("make", [*MAKERS, rows])
def test_an_iterator_that_fails_keeps_its_own_error(spot, make):
    def records():
        yield spot[0]
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        make(records())
