"""`make docs-pictures`: the pictures in the pages, of a mock exchange's account on a day that is always the same.

The picture of the report takes Chromium.
"""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import get_args

from binance_wallet import WalletClient
from binance_wallet_client.models import SnapshotType
from binance_wallet_extras.archive import Archive
from binance_wallet_extras.plot import PictureFormat, picture
from binance_wallet_extras.report import Account, render
from binance_wallet_mock import MockExchange
from playwright.sync_api import sync_playwright

DAYS = 120
DAY = datetime(2026, 10, 1, 12, tzinfo=UTC)
FOLDER = Path(__file__).parent / "pictures"

FOLDER.mkdir(exist_ok=True)
with (
    MockExchange(clock=DAY.timestamp) as exchange,  # with the account that `binance-wallet mock` serves
    WalletClient(exchange.api_key, exchange.api_secret, base_url=exchange.base_url) as wallet,
):
    wallet.balances()  # from this response, the client learns what day it is
    history = wallet.history(days=30)
    for account in history:
        target = FOLDER / f"{account[0].type}.svg"
        target.write_bytes(picture(account, PictureFormat.SVG))
        print(target.relative_to(FOLDER.parents[1]))

with (
    TemporaryDirectory() as folder,
    MockExchange(seed=5, clock=(DAY - timedelta(days=DAYS)).timestamp) as exchange,
    exchange.client() as wallet,
    Archive(Path(folder) / "archive.sqlite") as archive,
):
    for day in range(DAYS):
        archive.record_balances(wallet)  # from its response, the client learns what day it is
        if day % 30 == 29:
            for type_ in get_args(SnapshotType):
                archive.update(wallet, type_)
        exchange.advance(timedelta(days=1).total_seconds())
    snapshots = [snapshot for type_ in get_args(SnapshotType) for snapshot in archive.snapshots(type_)]
    recorded = archive.balances(details=True)
    page = render(Account(snapshots, recorded=recorded), prices=archive.prices("USDT"), made_at=DAY)

with (
    TemporaryDirectory() as folder,
    MockExchange(seed=14, assets=4, clock=(DAY - timedelta(days=360)).timestamp) as exchange,
    WalletClient(exchange.api_key, exchange.api_secret, base_url=exchange.base_url) as wallet,
    Archive(Path(folder) / "archive.sqlite") as archive,
):
    for _ in range(13):
        archive.record_balances(wallet)  # from its response, the client learns what day it is
        archive.update(wallet, "SPOT")
        exchange.advance(timedelta(days=30).total_seconds())
    target = FOLDER / "year.svg"
    target.write_bytes(picture(archive.snapshots("SPOT"), PictureFormat.SVG))
    print(target.relative_to(FOLDER.parents[1]))

with sync_playwright() as driver:
    # As root, Chromium does not start with a sandbox; the page is our own.
    chromium = driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"])
    tab = chromium.new_page(viewport={"width": 1000, "height": 1075})
    tab.set_content(page)
    tab.wait_for_selector("html[data-drawn]", state="attached")
    tab.screenshot(path=FOLDER / "report.png")
    chromium.close()
