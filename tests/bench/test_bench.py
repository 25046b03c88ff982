"""The benchmark works, apart from the peers: those are not installed where the tests run."""

import json
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).parents[2] / "bench"

CLIENTS = ("binance_wallet", "python_binance", "binance_sdk_wallet", "ccxt", "floor")


def measured(script, *arguments):
    command = [sys.executable, BENCH / script, *arguments]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, timeout=50).stdout)


@pytest.fixture(scope="module")
def urls():
    """The server with the fixed answers, for small sizes."""
    command = [sys.executable, BENCH / "server.py", "2x3", "1x1000"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        yield {size: f"http://127.0.0.1:{port}" for size, port in json.loads(server.stdout.readline()).items()}


@pytest.mark.parametrize("client", ["binance_wallet", "floor"])
@pytest.mark.parametrize("measurement", ["small", "month", "memory"])
def test_each_measurement_gives_numbers(urls, measurement, client):
    """Each measurement, in a process of its own, gives numbers above zero."""
    numbers = measured("worker.py", measurement, client, urls["2x3"], "0.01")
    assert numbers
    assert all(number > 0 for number in numbers.values())


@pytest.mark.parametrize("client", ["binance_wallet", "binance_wallet_aiohttp", "floor"])
def test_many_tasks_give_a_rate(urls, client):
    """Calls a second are measured with 10 and with 50 tasks."""
    assert measured("worker.py", "tasks", client, urls["2x3"], "0.01").keys() == {"10", "50"}


def test_larger_answers_hold_more_memory(urls):
    """What is measured as held is the result: some 300 bytes for each asset."""
    held = measured("worker.py", "memory", "binance_wallet", urls["1x1000"], "0")["held"]
    assert 100_000 < held < 1_000_000


def test_a_profile_tells_whose_code_runs(urls):
    """The profile has the share of our own package, and all shares together are at most a whole."""
    shares = measured("worker.py", "profile", "binance_wallet", urls["2x3"], "0.05")
    assert shares.keys() == {"small", "month", "tasks"}
    assert all(0 < sum(packages.values()) <= 1.001 for packages in shares.values())


def test_an_import_is_measured():
    """Seconds and bytes of an import, in a process that has imported nothing before."""
    numbers = measured("imports.py", "binance_wallet")
    assert 0 < numbers["seconds"] < 20
    assert numbers["resident"] > 1_000_000


def test_an_archive_is_measured_year_by_year():
    """Sizes grow, and each time is above zero."""
    found = measured("archive.py", "--years", "2", "--year", "6", "--assets", "2")
    first, second = [one for one in found if one["database"] == "SQLite"]
    assert (first["years"], second["years"]) == (1, 2)
    assert first["bytes"] < second["bytes"]
    assert all(one[key] > 0 for one in found for key in ("read", "ratio", "update"))


def results(**ours):
    """Results in which every client has the same numbers, except for those of ours that are given."""
    numbers = {
        "small": {"seconds": 0.001},
        "month": {"seconds": 0.01, "with_totals": 0.02},
        "imports": {"seconds": 0.5, "resident": 50e6},
        "memory": {"held": 5e6, "peak": 9e6},
        "tasks": {"10": 1000.0, "50": 1000.0},
    }
    every = {name: {client: [dict(one)] * 2 for client in CLIENTS} for name, one in numbers.items()}
    every["tasks"]["binance_wallet_aiohttp"] = [dict(numbers["tasks"])] * 2
    for name, one in ours.items():
        every[name]["binance_wallet"] = [one] * 2
    every["growth month"] = {str(n): [{"seconds": 0.001 + 1e-5 * n}] for n in (1, 10, 100)}
    every["growth memory"] = {str(n): [{"held": 1024 + 2048 * n}] for n in (1, 10, 100)}
    every["reservation"] = {"file": [0.1, 0.2, 0.3], "Redis": [0.2, 0.4, 0.6]}
    return {
        "measured": every,
        "profile": {name: {"httpcore2": 0.5} for name in ("small", "month", "tasks")},
        "page": {"bytes": 1_540_000, "loaded": 0.5, "first": 0.7, "drawn": 1.5},
        "budget": [{"store": "file", "processes": 1, "event": "", "share": 1.0, "429": 0, "418": 0}],
        "archive": [{"database": "SQLite", "years": 1, "bytes": 2**20, "read": 0.03, "ratio": 1.5, "update": 0.005}],
        "versions": {"ccxt": "4"},
        "python": "3.11",
        "machine": "a machine",
        "rounds": 2,
        "minutes": 5.0,
    }


@pytest.fixture(scope="module")
def markdown():
    return runpy.run_path(str(BENCH / "report.py"))["markdown"]


def test_report_says_which_goals_are_met(markdown):
    """A goal is met or not by the median of the rounds' ratios to the best peer."""
    report = markdown(results(small={"seconds": 0.0005}))
    assert "| ten wallets | ≤ 0.5 of python-binance | 0.5 (0.5 to 0.5) | 1 | met |" in report
    assert "| import | ≤ 0.33 of python-binance | 1 (1 to 1) | 1 | **not met** |" in report


def test_report_says_where_a_peer_wins(markdown):
    """Wherever a peer's number is better than ours, the report says so in words."""
    assert "No peer is ahead" in markdown(results())
    assert "A peer is ahead in: ten wallets (python-binance: 1 ms, ours: 2 ms)." in markdown(
        results(small={"seconds": 0.002})
    )


def test_report_fits_growth_by_a_line(markdown):
    """Numbers that lie on a straight line are shown next to the same numbers."""
    assert "| 100 | 2 | 2 | 201 | 201 |" in markdown(results())


def test_report_has_the_archive(markdown):
    """Reading is compared with decoding from memory."""
    assert "| SQLite | 1 | 1 | 30 | 1.5 | 5 |" in markdown(results())


def test_report_says_what_a_reservation_costs_and_whether_that_is_within_the_goal(markdown):
    report = markdown(results())
    assert "| file | 0.2 (0.1 to 0.3) | ≤ 0.3 ms | met |" in report
    assert "| Redis | 0.4 (0.2 to 0.6) | ≤ 0.3 ms | **not met** |" in report


@pytest.mark.parametrize(("seconds", "verdict"), [(1.99, "met"), (2.0, "**not met**")])
def test_report_says_whether_the_page_of_a_year_loads_in_time(markdown, seconds, verdict):
    """The goal is for the page. Its charts follow."""
    found = results() | {"page": {"bytes": 1_540_000, "loaded": seconds, "first": 2.1, "drawn": 2.5}}
    assert f"| 1.54 MB | {seconds:.2f} s | 2.10 s | 2.50 s | < 2 s | {verdict} |" in markdown(found)


def test_report_says_that_there_was_no_browser(markdown):
    """Without Chromium there are no numbers, and no goal is claimed."""
    found = results() | {"page": {"bytes": 1_540_000, "loaded": None, "first": None, "drawn": None}}
    assert "There was no Chromium." in markdown(found)


def test_report_has_a_picture(tmp_path):
    """The picture stands beside the text, which shows it."""
    runpy.run_path(str(BENCH / "report.py"))["write"](results(), tmp_path)
    assert "](results.svg)" in (tmp_path / "RESULTS.md").read_text(encoding="utf-8")
    assert (tmp_path / "results.svg").read_text(encoding="utf-8").startswith("<svg")
