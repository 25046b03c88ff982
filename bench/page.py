"""How long Chromium takes for the report of a mock account with a year of archive: to load it, and to draw its charts.

Prints seconds and bytes as JSON; without Chromium, no seconds. `page.py FILE` writes the page and measures nothing.
"""

import json
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
from binance_wallet_client.models import FuturesSnapshot, MarginSnapshot, SpotSnapshot
from binance_wallet_extras.export import RecordedBalance
from binance_wallet_extras.report import render
from binance_wallet_mock import MockExchange

ROUNDS = 5
DAYS = 365
LAST = datetime(2026, 9, 30, 23, 59, 59, tzinfo=UTC)
MODELS = {"SPOT": SpotSnapshot, "MARGIN": MarginSnapshot, "FUTURES": FuturesSnapshot}
# As root, Chromium does not start with a sandbox; the page is our own. Nothing else is to use the network meanwhile.
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip


def chromium() -> str | None:
    """The browser's path, if there is one."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next(filter(None, map(shutil.which, names)), None)


def year(days: int = DAYS) -> str:
    """The page of a mock account: daily snapshots of three accounts, and the wallets' balances of each morning."""
    account = MockExchange(seed=7).account
    ends = [LAST - timedelta(ago) for ago in reversed(range(days))]
    snapshots = [convert(account.snapshot(type_, day(end)), type_, end) for end in ends for type_ in MODELS]
    mornings = [end + timedelta(hours=7) for end in ends]
    recorded = [
        msgspec.convert(balance | {"recorded_at": at, "quote_asset": "USDT"}, RecordedBalance)
        for at in mornings
        for balance in account.balances("USDT", day(at))
    ]
    return render(snapshots, recorded=recorded, quote_asset="USDT", made_at=mornings[-1])


def convert(data: dict[str, object], type_: str, end: datetime) -> Any:
    """A snapshot from the exchange's JSON."""
    wire = {"type": type_.lower(), "data": data, "updateTime": int(end.timestamp() * 1000)}
    return msgspec.convert(wire, MODELS[type_])


def day(at: datetime) -> int:
    """The number of a day, as the mock account counts them."""
    return int(at.timestamp()) // (24 * 60 * 60)


def measured(page: Path, browser: str) -> Iterator[dict[str, float]]:
    """Seconds of loading a page, in one browser that has just loaded an empty one, a new tab each time."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver, driver.chromium.launch(executable_path=browser, args=FLAGS) as chrome:
        for _ in range(ROUNDS):
            tab = chrome.new_page()
            tab.goto("about:blank")
            began = time.perf_counter()
            tab.goto(page.as_uri(), wait_until="load")
            loaded = time.perf_counter()
            tab.wait_for_selector(".chart svg")
            first = time.perf_counter()
            tab.wait_for_selector("html[data-drawn]", state="attached")
            yield {"loaded": loaded - began, "first": first - began, "drawn": time.perf_counter() - began}
            tab.close()


def main(arguments: Sequence[str]) -> None:
    """Measure, or write the page."""
    if arguments:
        Path(arguments[0]).write_text(year(), encoding="utf-8")
        return
    browser, html = chromium(), year()
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder, "report.html")
        page.write_text(html, encoding="utf-8")
        rounds = [*measured(page, browser)] if browser else []
    times = ("loaded", "first", "drawn")
    medians = {key: statistics.median(one[key] for one in rounds) if rounds else None for key in times}
    print(json.dumps({"bytes": len(html.encode()), **medians}))


if __name__ == "__main__":
    main(sys.argv[1:])
