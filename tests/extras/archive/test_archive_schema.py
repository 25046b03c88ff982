"""The tables for people with SQL, and archives of other versions."""

import sqlite3
from contextlib import closing
from datetime import date
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest
import time_machine
from archive_steps import NOON, TYPES, FakeWallet
from binance_wallet_extras.archive import Archive, ArchiveError, migrations
from sqlalchemy import Engine, create_engine, event, inspect, make_url, text

VERSION_1 = Path(__file__).with_name("archive_version_1.sql")


@pytest.fixture
def short_wallet():
    return FakeWallet(kept=3)


@pytest.fixture
def filled_archive(each_url, short_wallet):
    archive = Archive(each_url)
    with time_machine.travel(NOON, tick=False):
        for type_ in TYPES:
            archive.update(short_wallet, type_)
        archive.record_balances(short_wallet)
    return archive


@pytest.fixture
def sql(each_url):
    """Run SQL as a person would: without us."""
    engine = create_engine(each_url.replace("postgresql:", "postgresql+psycopg:"))

    def sql(query):
        with engine.begin() as connection:
            result = connection.execute(text(query))
            return [tuple(row) for row in result] if result.returns_rows else []

    yield sql
    engine.dispose()


def test_totals_and_assets_are_there_for_sql(filled_archive, sql):
    query = """
        SELECT free, locked, total_asset_of_btc FROM snapshots JOIN assets ON snapshots.id = snapshot_id
        WHERE account = 'main' AND type = 'spot' AND day = '2026-03-09' ORDER BY number
    """
    data = filled_archive.snapshots("SPOT")[-1].data
    expected = [(asset.free, asset.locked, data.total_asset_of_btc) for asset in data.balances]
    assert [tuple(map(Decimal, row)) for row in sql(query)] == expected


def test_positions_are_there_for_sql(filled_archive, sql):
    query = """
        SELECT symbol, position_amt, mark_price FROM snapshots JOIN positions ON snapshots.id = snapshot_id
        WHERE day = '2026-03-09' ORDER BY number
    """
    positions = filled_archive.snapshots("FUTURES")[-1].data.position
    found = [(symbol, Decimal(size), Decimal(price)) for symbol, size, price in sql(query)]
    assert found == [(each.symbol, each.position_amt, each.mark_price) for each in positions]


def test_balances_are_there_for_sql(filled_archive, sql):
    query = "SELECT wallet_name, balance FROM balance_records JOIN balances ON balance_records.id = record_id"
    found = {name: Decimal(balance) for name, balance in sql(f"{query} WHERE quote_asset = 'USDT'")}
    assert found == {each.wallet_name: each.balance for each in filled_archive.balances()}


def test_prices_are_there_for_sql(filled_archive, sql):
    """By which a snapshot's total is worth so much in the quote asset."""
    query = """
        SELECT total_asset_of_btc, price FROM snapshots JOIN prices USING (day)
        WHERE account = 'main' AND type = 'spot' AND quote_asset = 'USDT' AND source = 'exchange'
    """
    [(total, price)] = sql(query)
    assert Decimal(total) == filled_archive.snapshots("SPOT")[-1].data.total_asset_of_btc
    assert Decimal(price) == filled_archive.prices("USDT")[date(2026, 3, 9)]


def test_sqlite_shows_amounts_as_the_exchange_writes_them(sqlite_url, short_wallet):
    path = sqlite_url.removeprefix("sqlite:///")
    Archive(path).update(short_wallet, "SPOT")
    with closing(sqlite3.connect(path)) as connection:
        amounts = {amount for [amount] in connection.execute("SELECT locked FROM assets")}
    assert "0.00000000" in amounts
    assert all(isinstance(amount, str) and "E" not in amount for amount in amounts)


def test_postgresql_adds_amounts_up_exactly(postgres_url, short_wallet):
    Archive(postgres_url).update(short_wallet, "SPOT")
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


def test_a_new_archive_has_the_tables_of_one_that_was_brought_up_to_date(version_1, sqlite_url, short_wallet):
    """Where this fails, the tables have changed: write a migration."""
    Archive(sqlite_url).update(short_wallet, "SPOT")
    with time_machine.travel(NOON, tick=False):
        Archive(version_1).update(short_wallet, "FUTURES", account="other")
    assert columns(f"sqlite:///{version_1}") == columns(sqlite_url)


def version_of(path):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT version FROM archive_version").fetchall()


def test_an_archive_of_version_1_is_read_and_stays_as_it_is(version_1):
    """A role that may only read cannot bring it up to date."""
    before = version_1.read_bytes()
    [snapshot] = Archive(version_1).snapshots("SPOT")
    assert snapshot.update_time.date() == date(2026, 3, 9)
    assert [str(asset.free) for asset in snapshot.data.balances] == ["0.01004923", "0E-8"]
    assert Archive(version_1).status()[0].days == 1
    assert len(Archive(version_1).balances()) == 2
    assert len(Archive(version_1).corrections("SPOT")) == 1
    assert Archive(version_1).prices("USDT") == {}
    assert Archive(version_1).check() == []
    assert version_1.read_bytes() == before


def bring_up_to_date(place):
    """As any update does, here of another account, so that the days are not compared."""
    with time_machine.travel(NOON, tick=False):
        Archive(place).update(FakeWallet(kept=1), "SPOT", account="other")


def read_all(place):
    archive = Archive(place)
    return [archive.snapshots(type_) for type_ in TYPES], archive.corrections("SPOT"), archive.balances()


def test_an_update_brings_version_1_up_to_date_and_keeps_a_copy(version_1):
    before = read_all(version_1)
    bring_up_to_date(version_1)
    assert read_all(version_1) == before
    assert version_of(version_1) == [(2,)]
    assert Archive(version_1).check() == []
    copy = version_1.with_name("version_1.sqlite.version-1")
    assert copy.stat().st_mode & 0o777 == 0o600
    assert version_of(copy) == [(1,)]
    assert read_all(copy) == before


def test_an_import_of_prices_brings_version_1_up_to_date(version_1):
    before = read_all(version_1)
    Archive(version_1).import_prices({date(2025, 12, 31): Decimal("81473.12")}, "USDT")
    assert Archive(version_1).prices("USDT") == {date(2025, 12, 31): Decimal("81473.12")}
    assert read_all(version_1) == before
    assert Archive(version_1).check() == []


def test_what_was_damaged_in_version_1_is_told_from_what_was_not(version_1, caplog):
    """Its tables for SQL have the same amounts."""
    with closing(sqlite3.connect(version_1)) as connection, connection:
        connection.execute("UPDATE snapshots SET content = replace(content, '0.01004923', '1.01004923') WHERE id = 1")
    bring_up_to_date(version_1)
    [warning] = caplog.messages
    assert "snapshots 1 is damaged at 2026-03-09" in warning
    with pytest.raises(ArchiveError, match="damaged at 2026-03-09"):
        Archive(version_1).snapshots("SPOT")
    assert len(Archive(version_1).snapshots("MARGIN")) == 1


@pytest.fixture
def version_1_in_postgresql(postgres_url, short_wallet):
    """An archive in PostgreSQL as version 1 wrote it."""
    short_wallet.lists_assets = False
    archive = Archive(postgres_url)
    with time_machine.travel(NOON, tick=False):
        for type_ in TYPES:
            archive.update(short_wallet, type_)
        archive.record_balances(short_wallet)
    with psycopg.connect(postgres_url) as connection:
        connection.execute("DROP TABLE wallet_assets, prices")
        for table in ("snapshots", "corrections", "balance_records"):
            connection.execute(f"ALTER TABLE {table} DROP COLUMN digest")
        connection.execute("UPDATE archive_version SET version = 1")
    return postgres_url


def test_an_update_brings_version_1_in_postgresql_up_to_date(version_1_in_postgresql):
    url = version_1_in_postgresql
    before = read_all(url)
    bring_up_to_date(url)
    assert read_all(url) == before
    assert Archive(url).check() == []
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT version FROM archive_version_version_1").fetchone() == (1,)
        assert connection.execute("SELECT count(*) FROM snapshots_version_1").fetchone() == (9,)
        assert connection.execute("SELECT DISTINCT length(digest) FROM snapshots").fetchall() == [(64,)]


def test_a_role_that_may_only_read_reads_version_1(version_1_in_postgresql):
    url = make_url(version_1_in_postgresql)
    with psycopg.connect(version_1_in_postgresql, autocommit=True) as connection:
        connection.execute("CREATE ROLE reader LOGIN PASSWORD 'reading'")
        connection.execute("GRANT USAGE ON SCHEMA public TO reader")
        connection.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader")
        try:
            reader = url.set(username="reader", password="reading").render_as_string(hide_password=False)
            assert len(Archive(reader).snapshots("SPOT")) == 3
            with pytest.raises(ArchiveError, match=r"permission denied|must be owner"):
                Archive(reader).record_balances(FakeWallet())
        finally:
            connection.execute("DROP OWNED BY reader")
            connection.execute("DROP ROLE reader")


@pytest.mark.parametrize("rounds", [2, 3])
def test_an_archive_that_went_back_a_version_is_brought_up_to_date_again(version_1, rounds):
    """The copies of all times are kept."""
    before = read_all(version_1)
    for _ in range(rounds):
        bring_up_to_date(version_1)
        with closing(sqlite3.connect(version_1)) as connection, connection:
            connection.execute("UPDATE archive_version SET version = 1")
    bring_up_to_date(version_1)
    assert read_all(version_1) == before
    assert Archive(version_1).check() == []
    assert len([*version_1.parent.glob("*.version-1*")]) == rounds + 1


def test_an_archive_in_postgresql_that_went_back_a_version_is_brought_up_to_date_again(version_1_in_postgresql):
    for _ in range(2):
        bring_up_to_date(version_1_in_postgresql)
        with psycopg.connect(version_1_in_postgresql) as connection:
            connection.execute("UPDATE archive_version SET version = 1")
    bring_up_to_date(version_1_in_postgresql)
    assert Archive(version_1_in_postgresql).check() == []
    with psycopg.connect(version_1_in_postgresql) as connection:
        for ending in ("version_1", "version_1_2", "version_1_3"):
            assert connection.execute(f"SELECT count(*) > 0 FROM snapshots_{ending}").fetchone() == (True,)


@pytest.mark.parametrize("call", ["status", "update"])
def test_an_archive_from_the_future_is_refused_and_stays_as_it_is(filled_archive, each_url, sql, short_wallet, call):
    sql("UPDATE archive_version SET version = 99")
    calls = list(short_wallet.calls)
    for archive in (filled_archive, Archive(each_url)):
        with pytest.raises(ArchiveError, match="version 99, and this binance-wallet reads versions up to 2: update"):
            archive.status() if call == "status" else archive.update(short_wallet, "SPOT")
    assert short_wallet.calls == calls
    assert sql("SELECT count(*) FROM snapshots") == [(9,)]


@pytest.mark.parametrize("before", [1, 2, 3])  # the third connection locks the file
def test_two_processes_that_migrate_at_the_same_time_migrate_once(version_1, before):
    """The slower one must not copy what the other has brought up to date, wherever the other overtakes it."""
    connections = []

    def migrate_between(connection, _):
        connections.append(connection)
        if len(connections) == before:
            bring_up_to_date(version_1)

    event.listen(Engine, "connect", migrate_between)
    try:
        bring_up_to_date(version_1)
    finally:
        event.remove(Engine, "connect", migrate_between)
    assert version_of(version_1) == [(2,)]
    [copy] = version_1.parent.glob("*.version-*")
    assert version_of(copy) == [(1,)]


def test_a_migration_that_fails_changes_nothing(filled_archive, each_url, sql, monkeypatch):
    def break_off(connection):
        connection.execute(text("ALTER TABLE snapshots ADD COLUMN note TEXT"))
        connection.execute(text("SELECT * FROM nowhere"))

    with monkeypatch.context() as patched:
        patched.setattr(migrations, "MIGRATIONS", [*migrations.MIGRATIONS, break_off])
        with pytest.raises(ArchiveError, match="nowhere"):
            bring_up_to_date(each_url)
    assert len(Archive(each_url).snapshots("SPOT")) == 3
    assert sql("SELECT version FROM archive_version") == [(2,)]
    assert "note" not in {column["name"] for column in inspect_columns(each_url)}


def inspect_columns(url):
    engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    found = inspect(engine).get_columns("snapshots")
    engine.dispose()
    return found
