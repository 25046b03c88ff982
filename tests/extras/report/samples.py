"""Snapshots and balances to make pages of, and a reader of the pages."""

import json
import re
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from html.parser import HTMLParser

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
from binance_wallet_extras.export import RecordedBalance
from binance_wallet_extras.report import Account, render
from msgspec import UNSET

DAY = date(2026, 3, 31)
"""The last day of most pages."""


def ago(days):
    """The day this number of days before the last one."""
    return DAY - timedelta(days)


def end_of(day):
    return datetime.combine(day, time(23, 59, 59), UTC)


def _ms(day):
    return int(end_of(day).timestamp() * 1000)


def spot(day, value="1", /, **held):
    """A snapshot that holds so much of each asset, all of it free."""
    assets = [SpotAsset(asset=name, free=Decimal(free), locked=Decimal(0)) for name, free in held.items()]
    return SpotSnapshot(data=SpotSnapshotData(assets, Decimal(value)), update_time_ms=_ms(day))


def margin(day, value="1", *, level="999", owed="0"):
    """A snapshot that holds BTC alone."""
    held, debt = Decimal(value) + Decimal(owed), Decimal(owed)
    zero = Decimal(0)
    btc = MarginAsset(asset="BTC", borrowed=debt, free=held, interest=zero, locked=zero, net_asset=held - debt)
    return MarginSnapshot(
        data=MarginSnapshotData(Decimal(level), held, debt, held - debt, [btc]), update_time_ms=_ms(day)
    )


def futures(day, /, *positions, **held):
    """A snapshot that holds so much of each asset, and has positions: symbol, size, entry price, mark price."""
    assets = [FuturesAsset(name, Decimal(amount), Decimal(amount)) for name, amount in held.items()]
    opened = [
        FuturesPosition(Decimal(entry), Decimal(mark), Decimal(size), symbol, Decimal(0))
        for symbol, size, entry, mark in positions
    ]
    return FuturesSnapshot(data=FuturesSnapshotData(assets, opened), update_time_ms=_ms(day))


def wallets(**balances):
    """Balances by the wallet's name."""
    return [
        WalletBalance(activate=True, balance=Decimal(amount), wallet_name=name) for name, amount in balances.items()
    ]


def page_of(snapshots=(), balances=(), recorded=(), *, quote_asset=None, **options):
    """The page of one account. Balances that do not say so are in BTC."""
    quote_asset = quote_asset or ("BTC" if balances else None)
    return render(Account(snapshots, balances, recorded), quote_asset=quote_asset, **options)


class _Reader(HTMLParser):
    """Collects the text of elements, and the tables. Inline elements belong to the text around them."""

    marked = frozenset({"span"})

    def __init__(self, html):
        super().__init__()
        self.tables, self.texts, self.exact, self._open = [], [], {}, []
        self._cells = self._rows = None
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "table":
            self._rows = []
        elif tag == "tr":
            self._cells = []
        if tag not in {"meta", "input"} | self.marked:
            self._open.append((tag, attributes, []))

    def handle_data(self, data):
        if self._open:
            self._open[-1][2].append(data)

    def handle_endtag(self, tag):
        if tag in self.marked:
            return
        name, attributes, parts = self._open.pop()
        assert name == tag
        text = "".join(parts)
        self.texts.append((tag, attributes, text))
        if "title" in attributes:
            self.exact[text] = attributes["title"]
        if tag in {"td", "th"}:
            self._cells.append(text)
        elif tag == "tr":
            self._rows.append(self._cells)
        elif tag == "caption":
            self._caption = text
        elif tag == "table":
            self.tables.append((self._caption, self._rows))


def tables(page):
    """The tables of a page by their captions: rows of text, the first of which is the head.

    Of several with one caption, it is the last: that of the whole period.
    """
    return dict(_Reader(page).tables)


def all_tables(page):
    """The captions and rows of all tables."""
    return _Reader(page).tables


def table(page, caption):
    """The rows of the first table with a caption that begins so, without its head."""
    return next(rows[1:] for found, rows in tables(page).items() if found.startswith(caption))


def head(page, caption):
    """The head of the first table with a caption that begins so."""
    return next(rows[0] for found, rows in tables(page).items() if found.startswith(caption))


def texts(page, tag, class_=None):
    """The texts of all elements of a tag and class."""
    return [text for name, found, text in _Reader(page).texts if name == tag and found.get("class") == class_]


def texts_of(page, since, tag, class_):
    """The texts of all elements of a tag and class for the period that begins on a day."""
    elements = [element for element in _Reader(page).texts if element[0] == tag and element[1].get("class") == class_]
    return [text for _, found, text in elements if found.get("data-since") == str(since)]


def exact(page):
    """By each text that is rounded, the same with all its digits."""
    return _Reader(page).exact


def data(page):
    """The data that the page's script reads."""
    [text] = re.findall(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    return json.loads(text)


def drawn(page):
    """Of each chart the rows that it draws, in the page's order."""
    return [chart["datasets"]["rows"] for chart in data(page)["charts"].values()]


def recorded(at, quote_asset="USDT", *, held=None, **balances):
    """A record of balances by the wallet's name; `held` are the assets of each wallet."""
    return [
        RecordedBalance(
            activate=True,
            balance=Decimal(amount),
            wallet_name=name,
            asset_balances=UNSET if held is None else held.get(name, []),
            recorded_at=at,
            quote_asset=quote_asset,
        )
        for name, amount in balances.items()
    ]


def holding(asset, free, *, locked="0", freeze="0", withdrawing="0", worth="0"):
    """An asset of a wallet, with its value in BTC."""
    return AssetBalance(asset, asset, *map(Decimal, (free, locked, freeze, withdrawing, worth)))
