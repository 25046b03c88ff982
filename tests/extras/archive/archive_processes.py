"""Processes that update one archive: killed at random moments, or all at once. Prints what came of it, as JSON.

A process of its own, because it forks: a test runner has threads, which a fork does not take along.
"""

import json
import os
import random
import signal
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime

import psycopg
import time_machine
from archive_steps import DAY, TYPES, FakeWallet
from binance_wallet_extras.archive import Archive, NotRecordedError
from sqlalchemy import create_engine, text

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
KEPT = 2  # days that the exchange has; fewer are faster


class Wallet:
    """A client with prepared responses, so that the archive takes nearly all of the time."""

    def __init__(self):
        exchange = FakeWallet()
        exchange.missing = {NOW.date() - n * DAY for n in range(KEPT + 1, 31)}
        self._balances = {asset: exchange.balances(asset, details=True) for asset in ("USDT", "BTC")}
        self._snapshots = {type_: exchange.snapshots(type_, 30) for type_ in TYPES}

    @property
    def server_time(self):
        return datetime.now(UTC)

    def balances(self, quote_asset="BTC", **_):
        return self._balances[quote_asset]

    def snapshots(self, type_, **_):
        return self._snapshots[type_]


def update(url, wallet):
    """Do the same as `binance-wallet archive update`."""
    with Archive(url) as archive:
        for type_ in TYPES:
            archive.update(wallet, type_)
        archive.record_balances(wallet)


def fork(work, *args):
    if pid := os.fork():
        return pid
    try:
        work(*args)
        os._exit(0)
    except BaseException as error:  # noqa: BLE001 - the child ends here, and only here
        print(repr(error), file=sys.stderr, flush=True)
        os._exit(1)


def urls(url):
    """Archives that are not there yet: files beside each other, or schemas of one database."""
    number = 0
    while True:
        number += 1
        if url.startswith("sqlite"):
            yield f"{url}.{number}"
        else:
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute(f"CREATE SCHEMA s{number}")
            yield f"{url}?options=-csearch_path%3Ds{number}"


def whole_days(url, wallet):
    """How many days there are of each type. Fails if one of them is there twice, in part, or not as it was served."""
    found = {}
    with Archive(url) as archive:
        for type_ in TYPES:
            snapshots = []
            with suppress(NotRecordedError):
                snapshots = archive.snapshots(type_)
            served = {each.update_time: each for each in wallet.snapshots(type_)}
            assert len({each.update_time for each in snapshots}) == len(snapshots)
            assert all(served[each.update_time] == each for each in snapshots)
            found[type_] = len(snapshots)
    if any(found.values()):
        engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
        with engine.connect() as connection:
            [rows] = connection.execute(text("SELECT count(*) FROM assets WHERE asset IS NOT NULL")).one()
            assert rows == 5 * found["SPOT"] + 6 * found["MARGIN"] + 3 * found["FUTURES"], rows
        engine.dispose()
    return found


def duration(work, *args):
    started = time.monotonic()
    work(*args)
    return time.monotonic() - started


def killed(url, wallet, times):
    """Kill updates at random moments; begin a new archive whenever one is complete."""
    archives = urls(url)
    longest = min(duration(update, next(archives), wallet) for _ in range(3))
    done = {"killed": 0, "completed": 0, "partly": 0}
    current = next(archives)
    while done["killed"] < times:
        pid = fork(update, current, wallet)
        time.sleep(random.uniform(0, longest))
        os.kill(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
        done["killed"] += os.WIFSIGNALED(status)
        days = whole_days(current, wallet)
        # So that moments before the first day and after the last one are few, on a busy machine or an idle one.
        longest *= (1.02 if any(days.values()) else 1.2) if os.WIFSIGNALED(status) else 0.8
        assert {*days.values()} <= {0, KEPT}, days
        if {*days.values()} == {KEPT}:
            done["completed"] += 1
            current = next(archives)
        elif any(days.values()):
            done["partly"] += 1
    update(current, wallet)
    assert {*whole_days(current, wallet).values()} == {KEPT}
    return done


def together(url, wallet, processes, rounds):
    """Let several processes make and fill the same archive at the same moment."""
    archives = urls(url)
    for _ in range(rounds):
        current = next(archives)
        ready, go = os.pipe()

        def at_once(ready=ready, go=go, current=current):
            os.close(go)
            os.read(ready, 1)  # until the other end is closed
            update(current, wallet)

        pids = [fork(at_once) for _ in range(processes)]
        os.close(ready)
        os.close(go)
        assert [os.waitpid(pid, 0)[1] for pid in pids] == [0] * processes
        assert {*whole_days(current, wallet).values()} == {KEPT}
        with Archive(current) as archive:
            assert len(archive.balances()) == processes * len(wallet.balances("USDT"))
            assert all(not archive.corrections(type_) for type_ in TYPES)
            assert len(archive.price_records()) == 1
    return {"rounds": rounds}


if __name__ == "__main__":
    [_, mode, address, *numbers] = sys.argv
    with time_machine.travel(NOW, tick=True):
        print(json.dumps({"killed": killed, "together": together}[mode](address, Wallet(), *map(int, numbers))))
