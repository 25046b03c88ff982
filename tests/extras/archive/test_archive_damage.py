"""Damage of an archive is an error that says where it is, never another amount."""

import random
import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
import time_machine
from archive_steps import DAY, NOON, TYPES, FakeWallet
from binance_wallet_extras.archive import Archive, ArchiveError
from binance_wallet_extras.archive.content import DamageError, decode_balances, digest, encode
from binance_wallet_mock import Account

LAST = "WHERE type = 'spot' AND day = '2026-03-09'"


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    archive_path = tmp_path_factory.mktemp("damage") / "archive.sqlite"
    wallet = FakeWallet(kept=5)
    with time_machine.travel(NOON, tick=False) as clock, Archive(archive_path) as archive:
        for type_ in TYPES:
            archive.update(wallet, type_)
        archive.record_balances(wallet)
        archive.import_prices({date(2025, 12, 31): Decimal("81473.10")}, "USDT")
        wallet.changed = {NOON.date() - DAY: Account(seed=9, assets=5)}
        clock.shift(DAY)
        archive.update(wallet, "SPOT")
    return archive_path.read_bytes()


@pytest.fixture
def archive_path(template, tmp_path):
    archive_path = tmp_path / "archive.sqlite"
    archive_path.write_bytes(template)
    archive_path.chmod(0o600)
    return archive_path


def change(archive_path, query):
    with closing(sqlite3.connect(archive_path)) as connection, connection:
        connection.execute(query)
        assert connection.execute("SELECT changes()").fetchone() != (0,)


def reads(archive):
    yield from (lambda type_=type_: archive.snapshots(type_) for type_ in TYPES)
    yield from (archive.balances, archive.price_records)
    yield from (lambda: archive.corrections("SPOT"), archive.status, archive.accounts)


def said_by(archive_path):
    """The damage that reading reports, each in one line."""
    said = []
    for read in reads(Archive(archive_path)):
        try:
            read()
        except ArchiveError as error:
            said.append(str(error))
    assert all("\n" not in line for line in said)
    return said


def test_an_archive_that_is_whole_has_no_damage(archive_path):
    assert said_by(archive_path) == []
    assert Archive(archive_path).check() == []


@pytest.mark.parametrize(
    "query",
    [
        f"UPDATE snapshots SET content = '{{}}' {LAST}",
        f'UPDATE snapshots SET content = replace(content, \'"free":"0\', \'"free":"1\') {LAST}',
        f"UPDATE snapshots SET content = content || ' ' {LAST}",
        f"UPDATE snapshots SET content = CAST(content AS BLOB) {LAST}",
        f"UPDATE snapshots SET content = x'ff' {LAST}",
        f"UPDATE snapshots SET content = 5 {LAST}",
        f"UPDATE snapshots SET digest = '' {LAST}",
        f"UPDATE snapshots SET digest = x'00' {LAST}",
        f"UPDATE snapshots SET day = 'yesterday' {LAST}",
        f"UPDATE snapshots SET day = '2026-13-45' {LAST}",
        f"UPDATE snapshots SET day = 20260309 {LAST}",
        f"UPDATE snapshots SET day = 2.5 {LAST}",
        f"UPDATE snapshots SET day = x'3230' {LAST}",
        f"UPDATE snapshots SET day = '2020-01-01' {LAST}",
        f"UPDATE snapshots SET recorded_at = 'noon' {LAST}",
        f"UPDATE snapshots SET recorded_at = 5 {LAST}",
        f"UPDATE snapshots SET recorded_at = '2026-03-10 12:00:01.000000' {LAST}",
        f"UPDATE snapshots SET type = 'margin', day = '2020-01-01' {LAST}",
        f"UPDATE snapshots SET account = x'6d' {LAST}",
        "UPDATE corrections SET seen_at = 'noon'",
        "UPDATE corrections SET content = replace(content, '0', '1')",
        "UPDATE balance_records SET recorded_at = ''",
        "UPDATE balance_records SET recorded_at = '0000-00-00 00:00:00.000000'",
        "UPDATE balance_records SET recorded_at = x'ff'",
        "UPDATE balance_records SET quote_asset = 'BTC'",
        "UPDATE balance_records SET quote_asset = 5.5",
        "UPDATE balance_records SET content = replace(content, '7', '8')",
        "UPDATE prices SET price = '81473.1' WHERE source = 'file'",
        "UPDATE prices SET price = '81473.10 ' WHERE source = 'file'",
        "UPDATE prices SET price = 81473.1 WHERE source = 'file'",
        "UPDATE prices SET price = x'ff' WHERE source = 'file'",
        "UPDATE prices SET source = 'exchange' WHERE source = 'file'",
        "UPDATE prices SET quote_asset = 'EUR'",
        "UPDATE prices SET quote_asset = 5.5",
        "UPDATE prices SET day = '2025-12-30' WHERE source = 'file'",
        "UPDATE prices SET day = 'yesterday' WHERE source = 'file'",
        "UPDATE prices SET recorded_at = '2026-03-10 12:00:01.000000'",
        "UPDATE prices SET recorded_at = 'noon'",
        "UPDATE prices SET digest = ''",
    ],
)
def test_damage_is_an_error_of_ours_and_found_by_a_check(archive_path, query):
    change(archive_path, query)
    said = said_by(archive_path)
    assert said
    assert all("is damaged at" in line or "is damaged in the table" in line for line in said)
    assert Archive(archive_path).check() != []


@pytest.mark.parametrize("column", ["day", "recorded_at", "content", "account", "digest"])
def test_a_value_that_is_missing_is_an_error_of_ours(archive_path, column):
    """As a file that was repaired may have it: its tables lack what SQLite would check."""
    with closing(sqlite3.connect(archive_path)) as connection, connection:
        connection.executescript("CREATE TABLE other AS SELECT * FROM snapshots; DROP TABLE snapshots")
        connection.executescript("ALTER TABLE other RENAME TO snapshots")
        connection.execute(f"UPDATE snapshots SET {column} = NULL {LAST}")
    assert any("is damaged in the table snapshots" in line for line in said_by(archive_path)) or column == "account"
    assert Archive(archive_path).check() != []


def test_a_check_names_each_record_that_is_damaged(archive_path):
    for table in ("snapshots", "corrections", "balance_records"):
        change(archive_path, f"UPDATE {table} SET content = content || ' ' WHERE id = 1")
    change(archive_path, "UPDATE prices SET price = price || '0' WHERE id = 1")
    found = Archive(archive_path).check()
    assert [line.split(" is damaged")[0] for line in found] == [
        "snapshots 1",
        "corrections 1",
        "balance_records 1",
        "prices 1",
    ]


@pytest.mark.parametrize(
    ("query", "table"),
    [
        ("UPDATE assets SET free = '1' WHERE snapshot_id = 1 AND number = 0", "assets"),
        ("UPDATE assets SET free = x'ff' WHERE snapshot_id = 1 AND number = 0", "assets"),
        ("UPDATE assets SET borrowed = '1' WHERE snapshot_id = 1 AND number = 0", "assets"),
        ("DELETE FROM assets WHERE snapshot_id = 1 AND number = 0", "assets"),
        ("INSERT INTO assets (snapshot_id, number, asset) VALUES (1, 99, 'BTC')", "assets"),
        ("UPDATE positions SET mark_price = NULL", "positions"),
        ("UPDATE snapshots SET total_asset_of_btc = '5' WHERE id = 1", "snapshots"),
        ("UPDATE snapshots SET update_time_ms = 5 WHERE id = 1", "snapshots"),
        ("UPDATE balances SET balance = '5' WHERE number = 1", "balances"),
        ("UPDATE balances SET activate = 'yes' WHERE number = 1", "balances"),
    ],
)
def test_a_check_compares_the_tables_for_sql(archive_path, query, table):
    change(archive_path, query)
    found = Archive(archive_path).check()
    assert found
    assert all(f"the table {table} says otherwise" in line for line in found)


def test_a_check_tells_of_rows_that_belong_to_nothing_and_of_triggers_of_others(archive_path):
    change(archive_path, "INSERT INTO assets (snapshot_id, number, asset) VALUES (999, 0, 'BTC')")
    with closing(sqlite3.connect(archive_path)) as connection:
        connection.execute("CREATE TRIGGER more AFTER INSERT ON snapshots BEGIN SELECT 1; END")
    assert Archive(archive_path).check() == [
        "SQLite's foreign key check: assets None snapshots 0",
        "a trigger of another program: more",
    ]


def test_a_check_includes_the_databases_own(archive_path):
    with closing(sqlite3.connect(archive_path)) as connection:
        [page] = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'snapshots'").fetchone()
        [size] = connection.execute("PRAGMA page_size").fetchone()
    with archive_path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * 8)
    found = Archive(archive_path).check()
    assert any(line.startswith("SQLite's integrity check: ") for line in found)
    assert any(line.startswith("the rest cannot be read: ") for line in found)


@pytest.mark.parametrize("text", [b"CREATE TABLE snapshots", b"CREATE TABLE archive_version", b"account TEXT NOT NULL"])
def test_damage_of_the_tables_themselves_is_an_error_of_ours(archive_path, text):
    """SQLite quotes it, in bytes that are no text."""
    content = archive_path.read_bytes()
    assert text in content
    archive_path.write_bytes(content.replace(text, b"\xf2" * len(text)))
    archive = Archive(archive_path)
    for use in (*reads(archive), archive.check, lambda: archive.update(FakeWallet(), "SPOT")):
        with pytest.raises(ArchiveError):
            use()


def test_an_account_with_a_damaged_record_can_be_renamed_and_the_record_stays_damaged(archive_path):
    change(archive_path, f"UPDATE snapshots SET content = content || ' ' {LAST}")
    before = Archive(archive_path).check()
    Archive(archive_path).rename_account("main", "fund")
    assert Archive(archive_path).check() == before
    assert len(Archive(archive_path).snapshots("MARGIN", account="fund")) == 5


def test_a_record_of_another_day_is_damage_even_with_its_digest(archive_path):
    facts = "account, type, day, recorded_at, content"
    with closing(sqlite3.connect(archive_path)) as connection, connection:
        account, type_, day, at, _ = connection.execute(f"SELECT {facts} FROM snapshots {LAST}").fetchone()
        [content] = connection.execute("SELECT content FROM snapshots WHERE type = 'spot' ORDER BY day").fetchone()
        at, day = datetime.fromisoformat(at).replace(tzinfo=UTC), date.fromisoformat(day)
        written = digest("snapshots", account, type_, day, at, content)
        connection.execute(f"UPDATE snapshots SET content = ?, digest = ? {LAST}", (content, written))
    with pytest.raises(ArchiveError, match="damaged at 2026-03-09: it is the record of another day"):
        Archive(archive_path).snapshots("SPOT")


def test_a_damaged_index_leads_to_no_record_of_another_account(tmp_path):
    archive_path = tmp_path / "archive.sqlite"
    with time_machine.travel(NOON, tick=False):
        for number in (1, 3):
            account = Account(seed=number, assets=5)
            Archive(archive_path).update(FakeWallet(account, kept=number), "SPOT", account=f"fund{number}")
    with closing(sqlite3.connect(archive_path)) as connection:
        query = "SELECT rootpage FROM sqlite_master WHERE type = 'index' AND tbl_name = 'snapshots'"
        [page] = connection.execute(query).fetchone()
        [size] = connection.execute("PRAGMA page_size").fetchone()
    content = archive_path.read_bytes()
    index = content[(page - 1) * size : page * size]
    damaged = index.replace(b"fund1spot", b"fund3spot")
    assert damaged != index
    archive_path.write_bytes(content.replace(index, damaged))
    with pytest.raises(ArchiveError, match="is damaged at 2026-03-09"):
        Archive(archive_path).snapshots("SPOT", account="fund3")


def test_no_bit_that_flips_changes_an_amount(archive_path, template):
    """Most of the file's bits are those of amounts: in the records, and in the tables for SQL."""
    archive = Archive(archive_path)
    amounts = [*reads(archive)][:5]
    before = [read() for read in amounts]
    chosen = random.Random(20)
    noticed = 0
    for _ in range(60):
        content = bytearray(template)
        content[chosen.randrange(len(content))] ^= 1 << chosen.randrange(8)
        archive_path.write_bytes(content)
        for read, expected in zip(amounts, before, strict=True):
            try:
                found = read()
            except ArchiveError:
                noticed += 1
            else:  # a day may be out of reach, which the check tells
                assert all(record in expected for record in found)
                assert found == expected or archive.check()
    assert noticed > 0


BALANCES = '[{"activate":true,"balance":AMOUNT,"walletName":"Spot"}]'


NO_AMOUNTS = [
    *('"NaN"', '"sNaN"', '"Infinity"', '"-inf"', '"1E+1000000"', '"1E+100"', '"1E-1000000"', '"1e5"', '"1_000"'),
    *(
        '" 1"',
        '"1 "',
        '"\\uff11\\uff12"',
        '"+1"',
        '".5"',
        '"5."',
        '""',
        '"0x10"',
        '"1\\u0000"',
        "1",
        "0.1",
        "null",
        "true",
    ),
]


@pytest.mark.parametrize("amount", NO_AMOUNTS)
def test_what_is_no_plain_amount_is_damage_even_with_its_digest(archive_path, amount):
    content = BALANCES.replace("AMOUNT", amount)
    with pytest.raises(DamageError):
        decode_balances(content)
    written = digest("balance_records", "main", NOON, "USDT", content)
    change(archive_path, f"UPDATE balance_records SET content = '{content}', digest = '{written}'")
    with pytest.raises(ArchiveError, match="is damaged at 2026-03-10 12:00:00"):
        Archive(archive_path).balances()


@pytest.mark.parametrize(
    "price", ["NaN", "-1", "1E+5", "1e5", "0x10", "", " 1", "1" * 22, "1." + "1" * 38, "0", "0." + "0" * 99]
)
def test_what_is_no_price_is_damage_even_with_its_digest(archive_path, price):
    written = digest("prices", "USDT", date(2025, 12, 31), "file", NOON, price)
    change(archive_path, f"UPDATE prices SET price = '{price}', digest = '{written}' WHERE source = 'file'")
    with pytest.raises(ArchiveError, match="is damaged at 2025-12-31: this is not a price"):
        Archive(archive_path).prices("USDT")
    assert Archive(archive_path).check() == ["prices 2 is damaged at 2025-12-31: this is not a price"]


@pytest.mark.parametrize("amount", ["0", "-0.0", "0.00000000", "12.5", "1E+3", "15E+29"])
def test_amounts_are_read_as_they_are_written(amount):
    content = BALANCES.replace("AMOUNT", f'"{amount}"')
    assert encode(decode_balances(content)) == content


def test_a_digest_is_the_same_wherever_and_whenever_it_is_made():
    """Or archives would be damaged by an update of the package: this one was written down once."""
    content = encode(decode_balances(BALANCES.replace("AMOUNT", '"0.10"')))
    assert digest("balance_records", "main", NOON, "USDT", content) == (
        "8c054d122cad878ef1e78b4a9921de1535cf30c468a5c3921ed19db792d0f90e"
    )


def test_a_digest_is_of_a_moment_wherever_its_clock_hangs():
    assert digest("balance_records", NOON.astimezone(ZoneInfo("Asia/Tokyo"))) == digest("balance_records", NOON)


@pytest.mark.parametrize("value", ["NULL", "'abc'", "0", "-1", "2.5", "x'02'"])
def test_a_version_that_is_none_is_an_error_of_ours(archive_path, value):
    with closing(sqlite3.connect(archive_path)) as connection, connection:
        connection.executescript("DROP TABLE archive_version; CREATE TABLE archive_version (version)")
        connection.execute(f"INSERT INTO archive_version VALUES ({value})")
    for use in (Archive(archive_path).status, lambda: Archive(archive_path).update(FakeWallet(), "SPOT")):
        with pytest.raises(ArchiveError, match=r"archive_version at .* is of another program, or damaged"):
            use()
