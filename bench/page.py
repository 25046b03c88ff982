"""How long Chromium takes for the report of a mock account with a year of archive: to load it, and to draw its charts.

Prints medians of several tabs as JSON; without Chromium, only the size.
"""

import json
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
from binance_wallet_client.models import FuturesSnapshot, MarginSnapshot, SpotSnapshot
from binance_wallet_extras.export import RecordedBalance
from binance_wallet_extras.report import Account as Reported
from binance_wallet_extras.report import render
from binance_wallet_mock import Account

TABS, DAYS, DAY = 5, 365, 86_400  # the last one in seconds
LAST = datetime(2026, 9, 30, 23, 59, 59, tzinfo=UTC)
MODELS = {"SPOT": SpotSnapshot, "MARGIN": MarginSnapshot, "FUTURES": FuturesSnapshot}
# As root, Chromium does not start with a sandbox; the page is our own. Nothing else is to use the network meanwhile.
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip


def chromium() -> str | None:
    """The browser's path, if there is one."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def year() -> str:
    """The page of a mock account: daily snapshots of three accounts, and the wallets' balances of each morning."""
    account = Account(seed=7)
    ends = [LAST - timedelta(ago) for ago in reversed(range(DAYS))]
    snapshots = [snapshot(account, type_, end) for end in ends for type_ in MODELS]
    mornings = [end + timedelta(hours=7) for end in ends]
    recorded = [
        msgspec.convert(balance | {"recorded_at": at, "quote_asset": "USDT"}, RecordedBalance)
        for at in mornings
        for balance in account.balances("USDT", int(at.timestamp()) // DAY)
    ]
    return render(Reported(snapshots, recorded=recorded), quote_asset="USDT", made_at=mornings[-1])


def snapshot(account: Account, type_: str, end: datetime) -> Any:
    """An account's snapshot at the end of a day."""
    at = int(end.timestamp())
    wire = {"type": type_.lower(), "data": account.snapshot(type_, at // DAY), "updateTime": at * 1000}
    return msgspec.convert(wire, MODELS[type_])


def measured(page: Path, browser: str) -> Iterator[dict[str, float]]:
    """Seconds since a tab was opened, in one browser that has just loaded an empty page."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver, driver.chromium.launch(executable_path=browser, args=FLAGS) as chrome:
        for _ in range(TABS):
            tab, seconds = chrome.new_page(), {}
            tab.goto("about:blank")
            began = time.perf_counter()
            tab.goto(page.as_uri(), wait_until="load")
            seconds["page loaded, s"] = time.perf_counter() - began
            tab.wait_for_selector("html[data-drawn]", state="attached")
            seconds["all charts drawn, s"] = time.perf_counter() - began
            yield seconds
            tab.close()


def main() -> None:
    browser, html = chromium(), year()
    row = {"size, MB": len(html.encode()) / 1e6}
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder, "report.html")
        page.write_text(html, encoding="utf-8")
        tabs = [*measured(page, browser)] if browser else []
    row |= {key: statistics.median(tab[key] for tab in tabs) for key in (tabs or [{}])[0]}
    print(json.dumps([row]))


if __name__ == "__main__":
    main()
