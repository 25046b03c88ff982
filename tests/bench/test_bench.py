"""The benchmark works, apart from the peers: those are not installed where the tests run."""

import runpy
import sys
from collections import ChainMap
from pathlib import Path

import pytest

BENCH = Path(__file__).parents[2] / "bench"


@pytest.fixture(scope="module")
def bench():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(BENCH)
        yield dict(ChainMap(*(runpy.run_path(str(BENCH / script)) for script in ("archive.py", "report.py", "run.py"))))


@pytest.fixture(scope="module")
def url(bench):
    with bench["server"]() as url:
        yield url


def test_the_import_and_the_first_answer_are_measured(bench, url):
    numbers = bench["run"](sys.executable, "imports.py", "binance_wallet", "binance_wallet", url)
    assert 0 < numbers["import, ms"] < numbers["import to first answer, ms"] < 50_000
    assert 5 < numbers["import, MiB of memory"] < numbers["import to first answer, MiB of memory"] < 200


@pytest.mark.parametrize(
    ("kind", "client"), [("sync", "binance_wallet"), ("async", "binance_wallet"), ("async", "binance_wallet_aiohttp")]
)
def test_a_client_is_measured(bench, url, kind, client):
    numbers = bench["run"](sys.executable, "worker.py", kind, client, url, "0")
    assert bench["MINUTE"] in numbers
    assert all(number > 0 for number in numbers.values())


def test_an_archive_is_measured(bench, tmp_path):
    row = bench["measured"]("SQLite", str(tmp_path / "archive.sqlite"), years=1, assets=2)
    assert all(row[key] > 0 for key in ("read a year, ms", "÷ decoding", "add a day, ms"))


@pytest.fixture
def results(bench):
    """Results of two rounds in which all have the same numbers, apart from our minutes of the quota and ccxt's."""

    def rounds(client):
        minutes = {"binance_wallet": (100.0, 300.0), "ccxt": (400.0, 400.0)}.get(client, (500.0, 500.0))
        return [{bench["MINUTE"]: minute, "import, ms": 50.0} for minute in minutes]

    every = {client: rounds(client) for client in (*bench["NAMES"], "before", "binance_wallet")}
    return {
        "sync": every,
        "async": every | {"binance_wallet_aiohttp": rounds("")},
        "archive": [{"database": "SQLite", "years": 5, "MiB": 93.5}],
        "page": [{"size, MB": 1.54, "page loaded, s": 0.5}],
        "budget": [{"processes": 64, "budget": "file", "used": "100%", "429": 0, "418": 0}],
        **dict.fromkeys(("date", "python", "machine", "rounds", "packages"), "any"),
        **dict.fromkeys(("load", "minutes"), 9.0),
    }


def test_the_report_leads_with_the_minute_of_the_quota(bench, results):
    _, lead, *others = bench["markdown"](results).split("\n\n")
    lead = lead.replace("\n", " ")
    assert "is busy for 200 ms: 0.5 (0.25 to 0.75) times what ccxt takes, the best peer." in lead
    assert "one core makes the calls of 300 addresses" in lead
    rows = "\n".join(others).splitlines()
    assert {"| 64 | file | 100% | 0 | 0 |", "| SQLite | 5 | 93.5 |", "| 1.54 | 0.5 |"} <= {*rows}


def test_the_report_has_ratios_within_a_round_and_the_best_peers_in_bold(bench, results):
    head, _, line, *_ = bench["table"](bench["comparison"](results["sync"])).splitlines()
    other, best = "0.4 (0.2 to 0.6)", "**0.5 (0.25 to 0.75)**"
    assert head == "|  | binance-wallet | ÷ python-binance | ÷ binance-sdk-wallet | ÷ ccxt | ÷ itself before |"
    assert line == f"| {bench['MINUTE']} | 200 (100 to 300) | {other} | {other} | {best} | {other} |"
