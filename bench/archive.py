"""Some years of three accounts, archived in SQLite and in PostgreSQL: size, time to read and time to update.

It is filled by real updates, a month at a time; only the exchange is left out, and so is its time.
"""

import argparse
import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import time_machine
from binance_wallet_client.models import AccountSnapshotResponse
from binance_wallet_extras.archive import Archive
from msgspec.json import Decoder

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "extras" / "archive"))
import postgres_server

TYPES = ("SPOT", "MARGIN", "FUTURES")
FIRST = date(2020, 1, 1)
DAY = timedelta(days=1)
YEAR = 365  # days
MONTH = 30  # days, as many as one update brings
COLUMNS = {
    "SPOT": ("free", "locked"),
    "MARGIN": ("borrowed", "free", "interest", "locked", "netAsset"),
    "FUTURES": ("marginBalance", "walletBalance"),
}
TOTALS = ("marginLevel", "totalAssetOfBtc", "totalLiabilityOfBtc", "totalNetAssetOfBtc")
DECODE = Decoder(AccountSnapshotResponse).decode


def main() -> None:
    """Fill and measure both; print a line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--years", type=int, default=5)
    parser.add_argument("--assets", type=int, default=100)
    parser.add_argument("--year", type=int, default=YEAR, help="days that count as a year, for a quick look")
    options = parser.parse_args()
    found = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "archive.sqlite"
        found += measured("SQLite", str(path), lambda: path.stat().st_size, options)
    if postgres_server.binaries():
        with postgres_server.running() as server:
            found += measured("PostgreSQL", f"{server}/postgres", lambda: database_size(f"{server}/postgres"), options)
    print(json.dumps(found))


def measured(name: str, url: str, size: Callable[[], int], options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """Size and times after each year."""
    exchange, done = Exchange(options.assets), 0
    one_by_one = min(10, options.year // 2)
    with Archive(url) as archive:
        for year in range(1, options.years + 1):
            end = year * options.year
            adding = []
            while done < end:
                # The last days of a year one by one, as a daily update adds them.
                step = 1 if end - done <= one_by_one else min(MONTH, end - done - one_by_one)
                done += step
                with today(FIRST + done * DAY):
                    for type_ in TYPES:
                        exchange.prepare(type_, max(step, 7))
                        began = time.perf_counter()
                        assert len(archive.update(exchange, type_)) == step
                        adding += [time.perf_counter() - began] if step == 1 else []
            period = {"start": FIRST + (end - options.year) * DAY, "end": FIRST + (end - 1) * DAY}
            reading, decoding = [], []
            bodies = [exchange.body("SPOT", done - n, MONTH) for n in range(0, options.year, MONTH)]
            for _ in range(7):
                began = time.perf_counter()
                snapshots = archive.snapshots("SPOT", **period)
                reading.append(time.perf_counter() - began)
                assert len(snapshots) == options.year
                del snapshots
                began = time.perf_counter()
                decoded = [DECODE(body) for body in bodies]
                decoding.append((time.perf_counter() - began) * options.year / (MONTH * len(bodies)))
                del decoded
            yield {
                "database": name,
                "years": year,
                "bytes": size(),
                "read": statistics.median(reading),
                "ratio": statistics.median(read / decode for read, decode in zip(reading, decoding, strict=True)),
                "update": statistics.median(adding),
            }


@contextmanager
def today(day: date) -> Iterator[None]:
    """The noon of a day."""
    with time_machine.travel(datetime(day.year, day.month, day.day, 12, tzinfo=UTC), tick=False):
        yield


class Exchange:
    """A client whose next response is there already."""

    def __init__(self, assets: int) -> None:
        self.assets = assets
        self.next: list[Any] = []

    @property
    def server_time(self) -> datetime:
        """The exchange's time."""
        return datetime.now(UTC)

    def prepare(self, type_: str, days: int) -> None:
        """Make the response to the next call: the last days before now."""
        done = (datetime.now(UTC).date() - FIRST).days
        self.next = DECODE(self.body(type_, done, min(days, done))).snapshot_vos

    def snapshots(self, _type: str, **_period: int) -> list[Any]:
        """What was prepared."""
        return self.next

    def body(self, type_: str, end: int, days: int) -> bytes:
        """The bytes that the exchange sends for some days before a day, counted from the first."""
        records = [self.record(type_, number) for number in range(max(0, end - days), end)]
        return json.dumps({"code": 200, "msg": "", "snapshotVos": records}, separators=(",", ":")).encode()

    def record(self, type_: str, number: int) -> dict[str, Any]:
        """A day: the same numbers each time, and others each day."""
        chance = random.Random(number)
        rows = [
            {"asset": f"ASSET{n}"} | {column: f"{chance.uniform(0, 1000):.8f}" for column in COLUMNS[type_]}
            for n in range(self.assets)
        ]
        totals = {name: f"{chance.uniform(0, 10):.8f}" for name in TOTALS}
        data: dict[str, Any] = {
            "SPOT": {"balances": rows, "totalAssetOfBtc": totals["totalAssetOfBtc"]},
            "MARGIN": {"userAssets": rows, **totals},
            "FUTURES": {"assets": rows, "position": []},
        }[type_]
        end = datetime(FIRST.year, FIRST.month, FIRST.day, 23, 59, 59, tzinfo=UTC) + number * DAY
        return {"type": type_.lower(), "updateTime": int(end.timestamp() * 1000), "data": data}


def database_size(url: str) -> int:
    """What PostgreSQL says of its current database."""
    with psycopg.connect(url) as connection:
        [size] = connection.execute("SELECT pg_database_size(current_database())").fetchone() or (0,)
    return size


if __name__ == "__main__":
    main()
