"""Every table at every width: no amount or date is split, and each column that is left out is named."""

import io
import os
import re
import sys
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from binance_wallet import Balances
from binance_wallet_client.models import (
    AssetBalance,
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
from binance_wallet_extras.archive import Gap, Status
from binance_wallet_extras.cli import tables
from binance_wallet_extras.cli.output import render
from binance_wallet_extras.export import RecordedBalance
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from msgspec import UNSET
from rich.cells import cell_len
from rich.console import Group

WIDTHS = range(30, 141)
EXAMPLES = 100 if "FUZZ" in os.environ else 3
DAY = timedelta(days=1)
NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)

amounts = st.decimals(-(10**12), 10**12, places=8) | st.decimals(1, 100, places=4)
assets = st.sampled_from(["BTC", "USDT", "1000SATS", "币安人生", "BTCDOMUSDT"])
wallets = st.sampled_from(["Spot", "Funding", "Cross Margin (PM)", "USDⓈ-M Futures", "Trading Bots"])
accounts = st.sampled_from(["main", "fund", "a longer name"])


def taken_at(day):
    """The `updateTime` of a snapshot, this number of days after the first."""
    return int((NOON + day * DAY).timestamp() * 1000)


def some(strategy, **limits):
    return st.lists(strategy, min_size=1, max_size=4, **limits)


def spot(data):
    held = st.builds(SpotAsset, assets, amounts, amounts)
    return [
        SpotSnapshot(SpotSnapshotData(data.draw(some(held)), data.draw(amounts)), taken_at(day)) for day in range(3)
    ]


def margin(data):
    asset = st.builds(MarginAsset, assets, *[amounts] * 5)
    held = st.builds(MarginSnapshotData, *[amounts] * 4, some(asset))
    return [MarginSnapshot(data.draw(held), taken_at(day)) for day in range(3)]


def futures(data):
    assets_of_a_day = st.just([FuturesAsset(name, Decimal("1.5"), Decimal("123456.12345678")) for name in "ABC"])
    usdt = st.builds(FuturesAsset, st.just("USDT"), amounts, amounts.filter(bool)).map(lambda one: [one])
    symbols = st.sampled_from(["BTCUSDT", "1000SATSUSDT", "BTCUSDT_260327"])
    position = st.builds(FuturesPosition, *[amounts] * 3, symbols, amounts)
    held = st.builds(
        FuturesSnapshotData, st.tuples(usdt, assets_of_a_day).map(lambda two: two[0] + two[1]), some(position)
    )
    return [FuturesSnapshot(data.draw(held), taken_at(day)) for day in range(3)]


def balances(data):
    asset = st.builds(AssetBalance, assets, st.just("Name"), *[amounts] * 5)
    wallet = st.builds(WalletBalance, st.just(True), amounts, wallets, st.just(UNSET) | some(asset))
    return Balances(data.draw(some(wallet)), quote_asset="USDT")


def recorded(data):
    names = data.draw(some(wallets, unique=True))
    return [
        RecordedBalance(True, data.draw(amounts), name, recorded_at=NOON + day * DAY, quote_asset=quote)
        for day in range(2)
        for name in names
        for quote in ("USDT", "BTC")
    ]


def statuses(data):
    days = st.dates(date(2017, 1, 1), date(2026, 3, 31))
    gaps = some(st.builds(Gap, days, days, st.booleans()))
    types = st.sampled_from(["SPOT", "MARGIN", "FUTURES"])
    return data.draw(
        some(st.builds(Status, accounts, types, days, days, st.integers(1, 9999), gaps, st.integers(0, 9)))
    )


TABLES = {
    "balances": lambda data: tables.balances(balances(data)),
    "balances --archive": lambda data: tables.recorded_balances(recorded(data)),
    "snapshots spot": lambda data: tables.snapshots("spot", spot(data)),
    "snapshots margin": lambda data: tables.snapshots("margin", margin(data)),
    "snapshots futures": lambda data: tables.snapshots("futures", futures(data)),
    "archive status": lambda data: tables.archive_status("some/archive.sqlite", statuses(data), [], []),
}


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self):
        return True


def shown(table, columns):
    """The output on a terminal with this many columns; without a number, the output in a pipe."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NO_COLOR", "1")
        patch.setenv("TERM", "xterm")
        patch.setenv("COLUMNS", f"{columns}")
        patch.setattr(sys, "stdout", Terminal())
        return render(table, to_file=columns is None).decode()


def figures(text):
    return re.findall(r"\d{4}-\d\d-\d\d(?: \d\d:\d\d)?|[+-]?\d+\.\d+", text)


def cells(line):
    return re.split(r"\s{2,}", line.strip())


def read(text):
    """The words of a table's headings, the cells of its rows, and the columns that a line names as left out."""
    above, *below = re.split(r"\n\s*─+\n", text)
    headings = above.rsplit("\n\n", 1)[1]
    rows, _, note = "\n".join(below).partition("Too narrow for ")
    left_out = " ".join(note.split()).partition(": widen")[0].split(", ") if note else []
    return headings, [cells(line) for line in rows.splitlines() if line.strip()], left_out


@pytest.mark.parametrize("name", TABLES)
@settings(max_examples=EXAMPLES, deadline=None, phases=[Phase.generate])
@given(data=st.data())
def test_at_every_width_each_row_is_whole_and_each_left_out_column_is_named(name, data):
    found = TABLES[name](data)
    for table in found.renderables if isinstance(found, Group) else [found]:
        in_a_pipe = shown(table, None)
        if "─" not in in_a_pipe:
            continue
        heading_line, rows, _ = read(in_a_pipe)
        headings = cells(heading_line)
        assert len(headings) == len(set(headings))
        for columns in WIDTHS[data.draw(st.integers(0, 2)) :: 3]:
            on_terminal = shown(table, columns)
            assert "…" not in on_terminal
            assert max(map(cell_len, on_terminal.splitlines())) <= columns
            if "─" not in on_terminal:  # upright
                assert figures(on_terminal) == figures(in_a_pipe)
                continue
            narrow_headings, narrow_rows, left_out = read(on_terminal)
            kept = headings[: len(headings) - len(left_out)]
            assert left_out == headings[len(kept) :]
            assert sorted(narrow_headings.split()) == sorted(" ".join(kept).split())
            assert narrow_rows == [row[: len(kept)] for row in rows]


def test_the_state_of_a_missing_day_is_the_last_column_to_go():
    gap = Gap(date(2026, 1, 1), date(2026, 1, 3), lost=True)
    status = Status("main", "FUTURES", date(2025, 1, 1), date(2026, 3, 31), 440, [gap], 0)

    for columns in WIDTHS:
        assert "lost" in shown(tables.archive_status("archive.sqlite", [status], [], []), columns)


def test_a_wallet_that_is_listed_twice_counts_twice():
    twice = [RecordedBalance(True, Decimal(n), "Spot", recorded_at=NOON, quote_asset="BTC") for n in (10, 5)]

    assert shown(tables.recorded_balances(twice), 60).split()[-2:] == ["15", "15"]


def test_a_heading_takes_two_lines_before_its_column_is_left_out():
    recorded_wallet = RecordedBalance(True, Decimal("1.5"), "Cross Margin (PM)", recorded_at=NOON, quote_asset="BTC")
    table = tables.recorded_balances([recorded_wallet])

    wide, narrow = shown(table, 60), shown(table, 45)

    assert "Cross Margin (PM)" in wide
    assert "Cross Margin (PM)" not in narrow
    assert {"Cross", "Margin", "(PM)"} <= {*narrow.split()}
    assert "Too narrow" not in narrow
