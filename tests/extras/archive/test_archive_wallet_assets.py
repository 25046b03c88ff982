"""The assets of each wallet, recorded with its balance."""

import json
import sqlite3
from contextlib import closing

import pytest
from archive_steps import DAY, NOON, FakeWallet
from binance_wallet import ApiError
from binance_wallet_extras.archive import Archive, ArchiveError
from binance_wallet_extras.export import rows, to_pandas
from msgspec import UNSET


def held(balances):
    return [(each.wallet_name, each.balance, each.asset_balances) for each in balances]


def test_assets_are_recorded_with_the_balances_and_returned_where_they_are_asked_for(each_url, fake_wallet, clock):
    archive = Archive(each_url)
    recorded = archive.record_balances(fake_wallet)
    served = fake_wallet.balances("USDT", details=True)
    assert sum(len(wallet.asset_balances) for wallet in served) > 10
    assert held(archive.balances(details=True)) == held(served)
    assert archive.balances() == recorded
    assert {each.asset_balances for each in recorded} == {UNSET}
    assert archive.check() == []


def test_assets_are_there_for_sql(tmp_path, clock):
    path = tmp_path / "archive.sqlite"
    Archive(path).record_balances(FakeWallet())
    query = """
        SELECT wallet_name, asset, free, locked, freeze, withdrawing, btc_valuation
        FROM balance_records JOIN balances ON balance_records.id = balances.record_id
        JOIN wallet_assets ON wallet_assets.record_id = balance_records.id AND wallet_number = balances.number
        ORDER BY balances.number, wallet_assets.number
    """
    with closing(sqlite3.connect(path)) as connection:
        found = connection.execute(query).fetchall()
    names = ("free", "locked", "freeze", "withdrawing", "btc_valuation")
    assert found == [
        (wallet.wallet_name, asset.asset, *(f"{getattr(asset, name):f}" for name in names))
        for wallet in FakeWallet().balances("USDT", details=True)
        for asset in wallet.asset_balances
    ]


def test_an_exchange_that_lists_no_assets_gets_the_balances_recorded_and_a_line(archive, fake_wallet, clock, caplog):
    fake_wallet.lists_assets = False
    assert held(archive.record_balances(fake_wallet)) == held(archive.balances(details=True))
    assert {each.asset_balances for each in archive.balances(details=True)} == {UNSET}
    assert archive.prices("USDT")
    assert caplog.messages == ["the exchange did not list what the wallets hold: their balances alone are recorded"]


class Older(FakeWallet):
    """A client of an exchange that refuses what it does not know."""

    def balances(self, quote_asset="BTC", *, details=False):
        if details:
            self.calls.append("REFUSED")
            raise ApiError("Not all sent parameters were read.", status_code=400, code=-1104)
        return super().balances(quote_asset)


def test_an_exchange_that_refuses_the_parameter_is_asked_without(archive, clock, caplog):
    wallet = Older()
    assert len(archive.record_balances(wallet)) == 10
    assert wallet.calls == ["REFUSED", ("BALANCES", "USDT"), ("BALANCES", "BTC")]
    assert len(archive.balances()) == 10
    assert len(caplog.messages) == 1


def test_an_account_that_holds_nothing_is_recorded_without_assets(archive, clock):
    wallet = FakeWallet()
    wallet.account.set_spot({})
    archive.record_balances(wallet)
    assert archive.balances(details=True)[0].asset_balances == []


def test_a_frame_of_recorded_assets_has_a_row_for_each(archive, fake_wallet, clock):
    archive.record_balances(fake_wallet)
    frame = to_pandas(archive.balances(details=True))
    assert [*frame.columns[:6]] == ["recorded_at", "activate", "balance", "wallet_name", "quote_asset", "asset"]
    assert frame["asset"].notna().sum() == sum(len(each.asset_balances) for each in archive.balances(details=True))
    funding = next(row for row in rows(archive.balances(details=True)) if row["wallet_name"] == "Funding")
    assert (funding["asset"], funding["asset_name"]) == ("BTC", "Bitcoin")
    assert funding["freeze"] > 0


def test_records_with_and_without_assets_make_one_frame(archive, fake_wallet, clock):
    archive.record_balances(fake_wallet)
    fake_wallet.lists_assets = False
    clock.shift(DAY)
    archive.record_balances(fake_wallet)
    frame = to_pandas(archive.balances(details=True))
    assert frame["recorded_at"].nunique() == 2
    assert frame[frame["recorded_at"] > NOON]["asset"].isna().all()


@pytest.mark.parametrize(
    "query",
    [
        "UPDATE wallet_assets SET free = '1' WHERE wallet_number = 0 AND number = 0",
        "UPDATE wallet_assets SET asset_name = 'x' WHERE wallet_number = 0 AND number = 0",
        "UPDATE wallet_assets SET wallet_number = 3 WHERE wallet_number = 1",
        "UPDATE wallet_assets SET number = 99 WHERE wallet_number = 0 AND number = 4",
        "DELETE FROM wallet_assets WHERE wallet_number = 0 AND number = 0",
        "INSERT INTO wallet_assets VALUES (1, 7, 0, 'BTC', 'Bitcoin', '1', '0', '0', '0', '1')",
    ],
)
def test_a_check_compares_the_assets_for_sql(tmp_path, clock, query):
    path = tmp_path / "archive.sqlite"
    Archive(path).record_balances(FakeWallet())
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(query)
        assert connection.execute("SELECT changes()").fetchone() == (1,)
    assert Archive(path).check() == [
        "balance_records 1 is damaged at 2026-03-10 12:00:00+00:00: the table wallet_assets says otherwise"
    ]


def test_an_asset_that_was_changed_is_damage(tmp_path, clock):
    path = tmp_path / "archive.sqlite"
    Archive(path).record_balances(FakeWallet())
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("""UPDATE balance_records SET content = replace(content, '"free":"0', '"free":"1')""")
    for read in (lambda archive: archive.balances(details=True), Archive.balances):
        with pytest.raises(ArchiveError, match="is damaged at 2026-03-10 12:00:00"):
            read(Archive(path))


def test_an_account_that_is_removed_or_renamed_takes_its_assets_along(each_url, fake_wallet, clock):
    archive = Archive(each_url)
    for name in ("main", "fund"):
        archive.record_balances(fake_wallet, account=name)
    before = held(archive.balances(details=True))
    archive.remove_account("fund")
    archive.rename_account("main", "company")
    assert held(archive.balances(account="company", details=True)) == before
    assert archive.check() == []


def test_balances_without_assets_are_written_as_before_there_were_any(tmp_path, fake_wallet, clock):
    """So the digests of older records hold."""
    fake_wallet.lists_assets = False
    Archive(tmp_path / "archive.sqlite").record_balances(fake_wallet)
    with closing(sqlite3.connect(tmp_path / "archive.sqlite")) as connection:
        [content] = connection.execute("SELECT content FROM balance_records").fetchone()
    assert {*json.loads(content)[0]} == {"activate", "balance", "walletName"}
