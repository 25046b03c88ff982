"""A year from an archive, through everything that takes what the client returns."""

import csv
import os
from datetime import UTC, date, datetime
from decimal import Decimal

import command
import pytest
import time_machine
from archive_steps import DAY, TYPES, FakeWallet
from binance_wallet_extras.archive import Archive
from binance_wallet_extras.export import rows, to_pandas, to_polars
from binance_wallet_extras.plot import PictureFormat, picture, sketch
from pyarrow import parquet

pytestmark = pytest.mark.xdist_group("year")  # it is made once for all

FIRST, LAST = date(2024, 1, 1), date(2024, 12, 31)  # of a leap year


@pytest.fixture(scope="module")
def year_archive(tmp_path_factory):
    """An archive that was updated once a month, for somewhat longer than that year."""
    path = tmp_path_factory.mktemp("year") / "archive.sqlite"
    wallet = FakeWallet()
    with Archive(path) as archive, time_machine.travel(datetime(2024, 1, 15, 12, tzinfo=UTC), tick=False) as clock:
        for _ in range(13):
            for type_ in TYPES:
                archive.update(wallet, type_)
            archive.record_balances(wallet)
            clock.shift(30 * DAY)
    return path


@pytest.fixture(scope="module")
def snapshots_of_year(year_archive):
    return Archive(year_archive).snapshots("SPOT", start=FIRST, end=LAST)


@pytest.fixture
def run_for_year(year_archive):
    """Run the command on the archive, for the year; return what it printed."""

    def run_for_year(*args):
        env = {**os.environ, "BINANCE_ARCHIVE": str(year_archive)}
        line = [*args, "--archive", "--from", str(FIRST), "--to", str(LAST)]
        code, shown, errors = command.output(line, env, str(year_archive.parent))
        assert (code, errors) == (0, b"")
        return shown.decode()

    return run_for_year


def test_a_year_has_each_of_its_days(snapshots_of_year):
    assert [each.update_time.date() for each in snapshots_of_year] == [FIRST + n * DAY for n in range(366)]


def test_a_year_as_csv(run_for_year, year_archive, snapshots_of_year):
    run_for_year("snapshots", "spot", "--output", "year.csv")
    with (year_archive.parent / "year.csv").open(encoding="utf-8", newline="") as file:
        found = [(row["update_time"], row["asset"], row["free"]) for row in csv.DictReader(file)]
    assert found == [
        (f"{day.update_time:%Y-%m-%dT%H:%M:%SZ}", asset.asset, f"{asset.free:f}")
        for day in snapshots_of_year
        for asset in day.data.balances
    ]


def test_a_year_of_all_accounts_as_parquet(run_for_year, year_archive):
    run_for_year("history", "--output", "year.parquet")
    table = parquet.read_table(year_archive.parent / "year.parquet")
    archive = Archive(year_archive)
    expected = [row for type_ in TYPES for row in rows(archive.snapshots(type_, start=FIRST, end=LAST))]
    assert table.num_rows == len(expected)
    found = [value for value in table["free"].to_pylist() if value is not None]
    assert found == [row["free"] for row in expected if row.get("free") is not None]


def test_a_year_as_a_data_frame(snapshots_of_year):
    for frame in (to_pandas(snapshots_of_year), to_polars(snapshots_of_year)):
        assert len(frame) == sum(len(day.data.balances) for day in snapshots_of_year)
        assert {Decimal(str(each)) for each in frame["free"]} == {
            a.free for day in snapshots_of_year for a in day.data.balances
        }


def test_balances_over_time_as_a_data_frame(year_archive):
    recorded = Archive(year_archive).balances()
    frame = to_pandas(recorded)
    assert [*frame.columns] == ["recorded_at", "activate", "balance", "wallet_name", "quote_asset"]
    assert frame["recorded_at"].nunique() == 13
    assert [str(each) for each in frame["balance"]] == [f"{each.balance:.8f}" for each in recorded]


def test_a_picture_of_a_year_has_months_on_its_axis(snapshots_of_year):
    drawn = picture(snapshots_of_year, PictureFormat.SVG).decode()
    assert "Apr" in drawn
    assert "Oct" in drawn


@pytest.mark.parametrize("ending", ["svg", "png"])
def test_a_year_is_drawn_by_the_command(run_for_year, year_archive, ending):
    run_for_year("snapshots", "spot", "--plot", f"year.{ending}", "--output", "drawn.csv")
    assert (year_archive.parent / f"year.{ending}").stat().st_size > 1000


def test_a_sketch_of_a_year_is_as_wide_as_the_terminal(run_for_year, snapshots_of_year):
    assert max(map(len, sketch(snapshots_of_year, width=80).splitlines())) <= 80
    assert run_for_year("snapshots", "spot", "--plot").startswith("Spot account")
