"""Five years of three accounts, archived in SQLite and in PostgreSQL: size, time to read and time to update.

It is filled by real updates, a month at a time, and the last days of a year one by one. Only the exchange is left out,
and so is its time. Prints JSON.
"""

import json
import sys
import tempfile
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median
from timeit import repeat, timeit
from typing import Any

import psycopg
from binance_wallet_client.models import AccountSnapshotResponse
from binance_wallet_extras.archive import Archive
from binance_wallet_mock import Account
from msgspec.json import Decoder
from page import MODELS, snapshot
from server import SNAPSHOTS, bodies

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "extras" / "archive"))
import postgres_server

START = datetime(2019, 12, 31, 23, 59, 59, tzinfo=UTC)
UPDATES = [30] * 12 + [1] * 5  # a year's, each with the days that it adds
YEAR = sum(UPDATES)


class Client:
    """A client whose next response is there already."""

    server_time: datetime
    response: list[Any]

    def snapshots(self, _type: str, **_period: int) -> list[Any]:
        return self.response


def measured(database: str, url: str, years: int = 5, assets: int = 100) -> dict[str, Any]:
    """A row of the table, without the size."""
    client, account, last, adding = Client(), Account(assets=assets), START, []
    with Archive(url) as archive:
        for days in UPDATES * years:
            last += timedelta(days)
            client.server_time = last + timedelta(hours=12)
            for type_ in MODELS:
                # At least a week: a client asks for it, with days that are recorded already.
                ends = [last - timedelta(ago) for ago in reversed(range(max(days, 7)))]
                client.response = [snapshot(account, type_, end) for end in ends if end > START]
                adding.append(timeit(partial(archive.update, client, type_), number=1))
        period = {"start": (last - timedelta(YEAR - 1)).date(), "end": last.date()}
        assert len(archive.snapshots("SPOT", **period)) == YEAR
        reading = repeat(partial(archive.snapshots, "SPOT", **period), number=1)
    month, decode = bodies(30, assets)[SNAPSHOTS], Decoder(AccountSnapshotResponse).decode
    decoding = repeat(partial(decode, month), number=YEAR // 30)
    return {
        "database": database,
        "years": years,
        "read a year, ms": median(reading) * 1e3,
        "÷ decoding": median(reading) / median(decoding) * 360 / YEAR,
        "add a day, ms": median(adding[-5 * len(MODELS) :]) * 1e3,
    }


def main() -> None:
    with ExitStack() as stack:
        path = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "archive.sqlite"
        found = [measured("SQLite", str(path)) | {"MiB": path.stat().st_size * 2**-20}]
        if postgres_server.binaries():
            url = f"{stack.enter_context(postgres_server.running())}/postgres"
            found.append(measured("PostgreSQL", url))
            with psycopg.connect(url) as connection:
                [size] = connection.execute("SELECT pg_database_size(current_database())").fetchone() or (0,)
            found[-1]["MiB"] = size * 2**-20
    print(json.dumps(found))


if __name__ == "__main__":
    main()
