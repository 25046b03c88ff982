"""The tables for people with SQL, and archives of other versions."""

import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest
import time_machine
from archive_steps import TYPES
from binance_wallet_extras.archive import Archive, ArchiveError, schema
from sqlalchemy import Engine, create_engine, event, inspect, text

VERSION_1 = Path(__file__).with_name("archive_version_1.sql")
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


@pytest.fixture
def filled(archive, wallet):
    with time_machine.travel(NOON, tick=False):
        for type_ in TYPES:
            archive.update(wallet, type_)
        archive.record_balances(wallet)
    return archive


@pytest.fixture
def sql(url):
    """Run SQL as a person would: without us."""
    engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"))

    def sql(query):
        with engine.begin() as connection:
            result = connection.execute(text(query))
            return [tuple(row) for row in result] if result.returns_rows else []

    yield sql
    engine.dispose()


def test_totals_and_assets_are_there_for_sql(filled, sql):
    query = """
        SELECT free, locked, total_asset_of_btc FROM snapshots JOIN assets ON snapshots.id = snapshot_id
        WHERE account = 'main' AND type = 'spot' AND day = '2026-03-09' ORDER BY number
    """
    data = filled.snapshots("SPOT")[-1].data
    expected = [(asset.free, asset.locked, data.total_asset_of_btc) for asset in data.balances]
    assert [tuple(map(Decimal, row)) for row in sql(query)] == expected


def test_positions_are_there_for_sql(filled, sql):
    query = """
        SELECT symbol, position_amt, mark_price FROM snapshots JOIN positions ON snapshots.id = snapshot_id
        WHERE day = '2026-03-09' ORDER BY number
    """
    positions = filled.snapshots("FUTURES")[-1].data.position
    found = [(symbol, Decimal(size), Decimal(price)) for symbol, size, price in sql(query)]
    assert found == [(each.symbol, each.position_amt, each.mark_price) for each in positions]


def test_balances_are_there_for_sql(filled, sql):
    query = "SELECT wallet_name, balance FROM balance_records JOIN balances ON balance_records.id = record_id"
    found = {name: Decimal(balance) for name, balance in sql(f"{query} WHERE quote_asset = 'USDT'")}
    assert found == {each.wallet_name: each.balance for each in filled.balances()}


def test_sqlite_shows_amounts_as_the_exchange_writes_them(sqlite_url, wallet):
    path = sqlite_url.removeprefix("sqlite:///")
    Archive(path).update(wallet, "SPOT")
    with closing(sqlite3.connect(path)) as connection:
        amounts = {amount for [amount] in connection.execute("SELECT locked FROM assets")}
    assert "0.00000000" in amounts
    assert all(isinstance(amount, str) and "E" not in amount for amount in amounts)


def test_postgresql_adds_amounts_up_exactly(postgres_url, wallet):
    Archive(postgres_url).update(wallet, "SPOT")
    with psycopg.connect(postgres_url) as connection:
        [found] = connection.execute("SELECT sum(free + locked) FROM assets WHERE asset = 'BTC'").fetchone()
    btc = [each for day in Archive(postgres_url).snapshots("SPOT") for each in day.data.balances if each.asset == "BTC"]
    assert found == sum((each.free + each.locked for each in btc), Decimal(0))


def columns(url):
    engine = create_engine(url)
    found = {
        table: {column["name"]: str(column["type"]) for column in inspect(engine).get_columns(table)}
        for table in inspect(engine).get_table_names()
    }
    engine.dispose()
    return found


@pytest.fixture
def version_1(tmp_path):
    """An archive as version 1 wrote it."""
    path = tmp_path / "version_1.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(VERSION_1.read_text(encoding="utf-8"))
    return path


def test_the_tables_are_those_of_version_1(version_1, sqlite_url, wallet):
    """Where this fails, the tables have changed: write a migration, and keep this file as it is."""
    Archive(sqlite_url).update(wallet, "SPOT")
    assert columns(f"sqlite:///{version_1}") == columns(sqlite_url)


def test_an_archive_of_version_1_is_read(version_1):
    [snapshot] = Archive(version_1).snapshots("SPOT")
    assert snapshot.update_time.date() == date(2026, 3, 9)
    assert [str(asset.free) for asset in snapshot.data.balances] == ["0.01004923", "0E-8"]


@pytest.mark.parametrize("call", ["status", "update"])
def test_an_archive_from_the_future_is_refused_and_stays_as_it_is(filled, url, sql, wallet, call):
    sql("UPDATE archive_version SET version = 99")
    calls = list(wallet.calls)
    for archive in (filled, Archive(url)):
        with pytest.raises(ArchiveError, match="version 99, and this binance-wallet reads versions up to 1: update"):
            archive.status() if call == "status" else archive.update(wallet, "SPOT")
    assert wallet.calls == calls
    assert sql("SELECT count(*) FROM snapshots") == [(90,)]


def add_note(connection):
    connection.execute(text("ALTER TABLE snapshots ADD COLUMN note TEXT DEFAULT 'migrated'"))


def break_off(connection):
    add_note(connection)
    connection.execute(text("SELECT * FROM nowhere"))


def test_an_older_archive_is_migrated(filled, url, sql, monkeypatch):
    before = filled.snapshots("SPOT")
    monkeypatch.setattr(schema, "MIGRATIONS", [add_note])
    assert Archive(url).snapshots("SPOT") == before
    assert sql("SELECT DISTINCT note FROM snapshots") == [("migrated",)]
    assert sql("SELECT version FROM archive_version") == [(2,)]
    assert Archive(url).snapshots("SPOT") == before  # once is enough


def test_a_sqlite_archive_is_copied_before_it_is_migrated(version_1, monkeypatch):
    monkeypatch.setattr(schema, "MIGRATIONS", [add_note])
    before = Archive(version_1).status()
    copy = version_1.with_name("version_1.sqlite.version-1")
    assert copy.stat().st_mode & 0o777 == 0o600
    monkeypatch.undo()
    assert Archive(copy).status() == before


def test_two_processes_that_migrate_at_the_same_time_migrate_once(version_1, monkeypatch):
    """The slower one must not replace the copy of the old version by one of what the other has migrated."""
    monkeypatch.setattr(schema, "MIGRATIONS", [add_note])
    connections = []

    def migrate_between(connection, _):
        """Between its first connection, which reads the version, and its second, which migrates."""
        connections.append(connection)
        if len(connections) == 2:
            Archive(version_1).status()

    event.listen(Engine, "connect", migrate_between)
    try:
        Archive(version_1).status()
    finally:
        event.remove(Engine, "connect", migrate_between)
    for name, version in {"version_1.sqlite.version-1": 1, "version_1.sqlite": 2}.items():
        with closing(sqlite3.connect(version_1.with_name(name))) as connection:
            assert connection.execute("SELECT version FROM archive_version").fetchall() == [(version,)]


def test_a_postgresql_archive_is_copied_before_it_is_migrated(postgres_url, wallet, monkeypatch):
    Archive(postgres_url).update(wallet, "SPOT")
    monkeypatch.setattr(schema, "MIGRATIONS", [add_note])
    Archive(postgres_url).status()
    with psycopg.connect(postgres_url) as connection:
        for table in schema.metadata.tables:
            both = [connection.execute(f"SELECT count(*) FROM {table}{end}").fetchone() for end in ("", "_version_1")]
            assert both[0] == both[1]
        assert connection.execute("SELECT version FROM archive_version_version_1").fetchone() == (1,)


def test_a_migration_that_fails_changes_nothing(filled, url, sql, monkeypatch):
    monkeypatch.setattr(schema, "MIGRATIONS", [break_off])
    with pytest.raises(ArchiveError, match="nowhere"):
        Archive(url).status()
    monkeypatch.undo()
    assert len(Archive(url).snapshots("SPOT")) == 30
    assert sql("SELECT version FROM archive_version") == [(1,)]
