"""An exchange to fill archives from, without HTTP: it serves the last month of a mock exchange's account."""

import json
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import httpx2
from binance_wallet_client.api.account import daily_account_snapshot
from binance_wallet_client.api.asset import query_user_wallet_balance
from binance_wallet_mock import Account

TYPES = ("SPOT", "MARGIN", "FUTURES")
DAY = timedelta(days=1)
EPOCH = date(1970, 1, 1)
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
TODAY = NOON.date()
YESTERDAY = TODAY - DAY


def _client(value):
    """A client whose next response is this JSON."""
    return SimpleNamespace(request=lambda *_, **__: httpx2.Response(200, content=json.dumps(value).encode()))


def snapshot_json(account, type_, day):
    end = datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=UTC)
    data = account.snapshot(type_, (day - EPOCH).days)
    return {"data": data, "type": type_.lower(), "updateTime": int(end.timestamp() * 1000)}


def parsed(records):
    """The exchange's records as the generated client returns them."""
    client = _client({"code": 200, "msg": "", "snapshotVos": records})
    return daily_account_snapshot.sync(client=client, type_="SPOT").snapshot_vos


def snapshots(account, type_, first, last):
    days = [first + n * DAY for n in range((last - first).days + 1)]
    return parsed([snapshot_json(account, type_, day) for day in days])


class FakeWallet:
    """A client of an exchange that serves `kept` days of `account`, without the days in `missing`.

    The days in `changed` are served from the accounts that they name. Only if it `lists_assets`, it knows `details`.
    """

    def __init__(self, account=None, kept=30):
        self._kept = kept
        self.account = account or Account(assets=5)
        self.missing = set()
        self.changed = {}
        self.lists_assets = True
        self.calls = []

    @property
    def server_time(self):
        return datetime.now(UTC)

    def snapshots(self, type_, days):
        today = datetime.now(UTC).date()
        self.calls.append((type_, days))
        asked = [today - n * DAY for n in range(min(days, self._kept), 0, -1)]
        records = [
            snapshot_json(self.changed.get(day, self.account), type_, day) for day in asked if day not in self.missing
        ]
        return parsed(records)

    def balances(self, quote_asset="BTC", *, details=False):
        self.calls.append(("BALANCES", quote_asset))
        day = (datetime.now(UTC).date() - EPOCH).days
        served = self.account.balances(quote_asset, day, details=details and self.lists_assets)
        return query_user_wallet_balance.sync(client=_client(served))
