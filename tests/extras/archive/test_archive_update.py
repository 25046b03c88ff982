"""Updates of an archive, in SQLite and in PostgreSQL."""

import logging
import time
from datetime import UTC, date, datetime

import pytest
import time_machine
from archive_steps import DAY, NOON, TODAY, TYPES, YESTERDAY, FakeWallet, parsed, snapshot_json, snapshots
from binance_wallet import AsyncWalletClient, InvalidRequestError, WalletClient
from binance_wallet_extras.archive import (
    Archive,
    ArchiveError,
    BalancesStatus,
    Gap,
    NotRecordedError,
    OtherAccountError,
)
from binance_wallet_mock import Account, MockExchange


def days(first, last):
    return [first + n * DAY for n in range((last - first).days + 1)]


def recorded(archive, type_="SPOT"):
    return [snapshot.update_time.date() for snapshot in archive.snapshots(type_)]


@pytest.mark.parametrize("type_", TYPES)
def test_the_first_update_adds_the_whole_month(archive, fake_wallet, clock, type_):
    assert archive.update(fake_wallet, type_) == days(TODAY - 30 * DAY, YESTERDAY)
    assert archive.snapshots(type_) == fake_wallet.snapshots(type_, 30)


def test_an_archive_of_a_client_has_what_the_client_returns(archive):
    with (
        MockExchange(weight_limit=10**6) as exchange,
        WalletClient(exchange.api_key, exchange.api_secret, base_url=exchange.base_url, weight_limit=None) as client,
    ):
        for type_ in TYPES:
            archive.update(client, type_)
            assert archive.snapshots(type_) == client.snapshots(type_, days=30)
        recorded = archive.record_balances(client)
        assert [each.balance for each in recorded] == [each.balance for each in client.balances("USDT")]


def test_a_second_update_calls_nobody(archive, fake_wallet, clock):
    archive.update(fake_wallet, "SPOT")
    assert archive.update(fake_wallet, "SPOT") == []
    assert fake_wallet.calls == [("SPOT", 30)]


def test_the_next_day_costs_one_call_and_adds_one_day(archive, fake_wallet, clock):
    archive.update(fake_wallet, "SPOT")
    clock.shift(DAY)
    assert archive.update(fake_wallet, "SPOT") == [TODAY]
    assert fake_wallet.calls[1:] == [("SPOT", 7)]


def test_days_that_only_exist_elsewhere_are_kept(archive, fake_wallet, clock):
    """A year of daily updates is a year, of which the exchange has a month."""
    archive.update(fake_wallet, "SPOT")
    for _ in range(12):
        clock.shift(30 * DAY)
        archive.update(fake_wallet, "SPOT")
    [status] = archive.status()
    assert (status.first, status.days, status.gaps) == (TODAY - 30 * DAY, 390, [])


def test_a_record_that_appears_late_is_added_by_a_later_update(archive, fake_wallet, clock):
    late = TODAY - 3 * DAY
    fake_wallet.missing = {late, YESTERDAY}
    assert archive.update(fake_wallet, "SPOT") == [*days(TODAY - 30 * DAY, TODAY - 4 * DAY), TODAY - 2 * DAY]
    assert archive.status()[0].gaps == [Gap(late, late, lost=False), Gap(YESTERDAY, YESTERDAY, lost=False)]
    fake_wallet.missing = set()
    assert archive.update(fake_wallet, "SPOT") == [late, YESTERDAY]
    assert archive.status()[0].gaps == []


def test_an_account_that_was_never_used_is_no_gap(archive, fake_wallet, clock):
    fake_wallet.missing = {*days(TODAY - 30 * DAY, TODAY)}
    assert archive.update(fake_wallet, "FUTURES") == []
    assert archive.status() == []


def test_days_before_the_first_record_are_no_gap(archive, fake_wallet, clock):
    fake_wallet.missing = {*days(TODAY - 30 * DAY, TODAY - 5 * DAY)}
    assert archive.update(fake_wallet, "SPOT") == days(TODAY - 4 * DAY, YESTERDAY)
    assert archive.status()[0].gaps == []
    assert archive.update(fake_wallet, "SPOT") == []
    assert fake_wallet.calls == [("SPOT", 30)]


def test_a_month_and_a_half_without_updates_gives_a_gap_that_is_lost(archive, fake_wallet, clock):
    archive.update(fake_wallet, "SPOT")
    clock.shift(45 * DAY)
    lost = Gap(TODAY, TODAY + 14 * DAY, lost=True)
    assert archive.status()[0].gaps == [lost, Gap(TODAY + 15 * DAY, TODAY + 44 * DAY, lost=False)]
    assert len(archive.update(fake_wallet, "SPOT")) == 30
    assert archive.status()[0].gaps == [lost]


def test_a_corrected_day_is_kept_beside_the_recorded_one_and_reported(archive, fake_wallet, clock, caplog):
    archive.update(fake_wallet, "SPOT")
    before = archive.snapshots("SPOT")
    clock.shift(DAY)
    fake_wallet.changed = {YESTERDAY: Account(seed=9, assets=5)}
    with caplog.at_level(logging.WARNING, "binance_wallet"):
        archive.update(fake_wallet, "SPOT")
    assert [record.getMessage() for record in caplog.records] == [
        f"the SPOT snapshot of {YESTERDAY} has changed since it was recorded"
    ]
    assert archive.snapshots("SPOT")[:-1] == before
    [correction] = archive.corrections("SPOT")
    assert (correction.day, correction.seen_at) == (YESTERDAY, NOON + DAY)
    assert [correction.snapshot] == snapshots(Account(seed=9, assets=5), "SPOT", YESTERDAY, YESTERDAY)
    assert archive.status()[0].corrections == 1


def test_a_correction_is_kept_once(archive, fake_wallet, clock):
    archive.update(fake_wallet, "SPOT")
    fake_wallet.changed = {YESTERDAY: Account(seed=9, assets=5)}
    for _ in range(3):
        clock.shift(DAY)
        archive.update(fake_wallet, "SPOT")
    assert len(archive.corrections("SPOT")) == 1


def test_the_key_of_another_account_is_refused_and_changes_nothing(archive, fake_wallet, clock):
    archive.update(fake_wallet, "SPOT")
    clock.shift(DAY)
    with pytest.raises(ArchiveError, match="looks like another account: 6 of 6"):
        archive.update(FakeWallet(Account(seed=9, assets=5)), "SPOT")
    assert recorded(archive)[-1] == YESTERDAY
    assert archive.corrections("SPOT") == []
    assert archive.update(fake_wallet, "SPOT") == [TODAY]


OTHER = Account(seed=9, assets=5)


def test_balances_of_another_account_are_not_recorded(archive, fake_wallet, clock):
    archive.update(fake_wallet, "MARGIN")
    with pytest.raises(OtherAccountError, match="looks like another account: 30 of 30"):
        archive.record_balances(FakeWallet(OTHER))
    with pytest.raises(NotRecordedError):
        archive.balances()


def test_a_type_that_is_not_recorded_yet_is_compared_by_another_type(archive, fake_wallet, clock):
    archive.update(fake_wallet, "SPOT")
    with pytest.raises(OtherAccountError):
        archive.update(FakeWallet(OTHER), "FUTURES")
    assert [each.type for each in archive.status()] == ["SPOT"]


def test_days_are_compared_after_weeks_without_an_update(archive, fake_wallet, clock):
    """The missing days alone show nothing."""
    archive.update(fake_wallet, "SPOT")
    clock.shift(20 * DAY)
    with pytest.raises(OtherAccountError, match="6 of 6"):
        archive.update(FakeWallet(OTHER), "SPOT")


def test_a_key_whose_account_has_none_of_the_recorded_days_is_of_another_account(archive, fake_wallet, clock):
    archive.update(fake_wallet, "SPOT")
    clock.shift(DAY)
    other = FakeWallet(OTHER)
    other.missing = {*days(TODAY - 30 * DAY, YESTERDAY)}
    with pytest.raises(OtherAccountError, match="serves none of the days"):
        archive.update(other, "SPOT")


def test_the_first_update_of_an_account_compares_nothing(archive, fake_wallet, clock):
    for type_ in TYPES:
        archive.update(fake_wallet, type_)
    archive.record_balances(fake_wallet)
    assert [call[0] for call in fake_wallet.calls] == [*TYPES, "BALANCES", "BALANCES"]


def test_the_key_is_compared_once_for_each_client(archive, fake_wallet, clock):
    archive.update(fake_wallet, "SPOT")
    again = FakeWallet()
    archive.record_balances(again)
    archive.record_balances(again)
    assert [call for call in again.calls if call[0] == "SPOT"] == [("SPOT", 30)]


def test_an_update_that_has_compared_the_key_saves_the_call(archive, fake_wallet, clock):
    archive.update(fake_wallet, "SPOT")
    clock.shift(DAY)
    again = FakeWallet()
    archive.update(again, "SPOT")
    archive.record_balances(again)
    assert again.calls == [("SPOT", 7), ("BALANCES", "USDT"), ("BALANCES", "BTC")]


def test_days_that_the_exchange_no_longer_serves_cannot_be_compared(archive, fake_wallet, clock):
    archive.update(fake_wallet, "SPOT")
    clock.shift(40 * DAY)
    assert archive.record_balances(FakeWallet(OTHER))


def test_accounts_are_apart(archive, fake_wallet, clock):
    other = FakeWallet(Account(seed=9, assets=5))
    archive.update(fake_wallet, "SPOT")
    archive.update(other, "SPOT", account="company")
    archive.record_balances(other, account="company")
    assert archive.snapshots("SPOT", account="company") == other.snapshots("SPOT", 30)
    assert archive.snapshots("SPOT") == fake_wallet.snapshots("SPOT", 30)
    assert [status.account for status in archive.status()] == ["company", "main"]
    assert [status.account for status in archive.status("main")] == ["main"]
    with pytest.raises(ArchiveError, match="no balances of account 'main'"):
        archive.balances()


def test_a_day_that_is_not_over_is_not_recorded(archive, fake_wallet, clock):
    early = parsed([snapshot_json(fake_wallet.account, "SPOT", TODAY)])
    fake_wallet.snapshots = lambda *_, **__: early
    assert archive.update(fake_wallet, "SPOT") == []
    assert archive.status() == []


@pytest.mark.parametrize(
    ("today", "leap_day"), [(date(2028, 3, 5), date(2028, 2, 29)), (date(2032, 3, 30), date(2032, 2, 29))]
)
def test_a_leap_day_is_recorded(archive, fake_wallet, today, leap_day):
    with time_machine.travel(datetime(today.year, today.month, today.day, tzinfo=UTC), tick=False):
        archive.update(fake_wallet, "SPOT")
        assert leap_day in recorded(archive)
        assert archive.status()[0].gaps == []


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Pacific/Kiritimati"])
def test_days_are_those_of_utc_wherever_the_machine_is_and_when_its_clocks_change(
    archive, fake_wallet, monkeypatch, zone
):
    monkeypatch.setenv("TZ", zone)
    with time_machine.travel(datetime(2026, 4, 1, 0, 30, tzinfo=UTC), tick=False) as clock:  # New York is at 31 March
        archive.update(fake_wallet, "SPOT")
        clock.shift(DAY)
        assert archive.update(fake_wallet, "SPOT") == [date(2026, 4, 1)]
        assert recorded(archive) == days(date(2026, 3, 2), date(2026, 4, 1))


@pytest.mark.parametrize("wrong", [-40 * DAY, 40 * DAY])
def test_the_days_are_those_of_the_exchange_where_the_machines_clock_is_wrong(sqlite_url, wrong):
    """Once a call, here that for the balances, has shown the exchange's time."""
    now = time.time()
    with (
        MockExchange(clock=lambda: now) as exchange,
        time_machine.travel(now + wrong.total_seconds(), tick=False),
        WalletClient(exchange.api_key, exchange.api_secret, base_url=exchange.base_url) as client,
        Archive(sqlite_url) as archive,
    ):
        first, again = archive.record_balances(client), archive.update(client, "SPOT")
        yesterday = datetime.fromtimestamp(now, UTC).date() - DAY
        assert again == days(yesterday - 29 * DAY, yesterday)
        assert abs(first[0].recorded_at.timestamp() - now) < 2


@pytest.mark.parametrize("wrong", [-400 * DAY, -3 * DAY, 0 * DAY, 3 * DAY])
@pytest.mark.parametrize("recorded_before", [True, False])
def test_the_days_are_those_of_the_exchange_without_an_earlier_call_too(sqlite_url, wrong, recorded_before):
    """A clock that is behind takes the missing days for future ones."""
    now = time.time()
    yesterday = datetime.fromtimestamp(now, UTC).date() - DAY
    with (
        MockExchange(clock=lambda: now, weight_limit=10**6) as exchange,
        Archive(sqlite_url) as archive,
        WalletClient(exchange.api_key, exchange.api_secret, base_url=exchange.base_url, weight_limit=None) as client,
    ):
        if recorded_before:
            exchange.account.set_missing(yesterday)
            assert archive.update(client, "SPOT") == days(yesterday - 29 * DAY, yesterday - DAY)
            exchange.reset()
        with (
            time_machine.travel(now + wrong.total_seconds(), tick=False),
            WalletClient(exchange.api_key, exchange.api_secret, base_url=exchange.base_url, weight_limit=None) as later,
        ):
            added = archive.update(later, "SPOT")
            assert added == days(yesterday if recorded_before else yesterday - 29 * DAY, yesterday)
            assert archive.status(today=later.server_time.date())[0].gaps == []


def test_a_clock_that_is_a_day_behind_hides_no_missing_day(sqlite_url):
    """By this machine's clock, nothing is missing: a call tells that it is a later day."""
    with MockExchange(weight_limit=10**6) as exchange, Archive(sqlite_url) as archive:
        for _ in range(2):
            with WalletClient(exchange.api_key, exchange.api_secret, base_url=exchange.base_url) as client:
                added = archive.update(client, "SPOT")
                exchange.advance(DAY.total_seconds())
        assert added == [datetime.now(UTC).date()]


def test_a_period_has_its_first_and_its_last_day(archive, fake_wallet, clock):
    archive.update(fake_wallet, "MARGIN")
    some = archive.snapshots("MARGIN", start=TODAY - 9 * DAY, end=TODAY - 5 * DAY)
    assert [each.update_time.date() for each in some] == days(TODAY - 9 * DAY, TODAY - 5 * DAY)


def test_balances_are_recorded_at_each_moment(archive, fake_wallet, clock):
    first = archive.record_balances(fake_wallet)
    clock.shift(DAY)
    second = archive.record_balances(fake_wallet, "BTC")
    assert {(each.recorded_at, each.quote_asset) for each in first} == {(NOON, "USDT")}
    assert [each.wallet_name for each in first] == [each.wallet_name for each in fake_wallet.balances("USDT")]
    assert archive.balances() == first + second
    assert archive.balances(quote_asset="BTC") == second
    assert archive.balances(end=TODAY) == first
    assert archive.balances(start=date.min, end=date.max) == archive.balances()
    assert archive.balances(start=TODAY + DAY) == second


def test_the_status_of_balances_is_by_account_and_asset(each_url, fake_wallet, clock):
    archive = Archive(each_url)
    archive.record_balances(fake_wallet)
    clock.shift(DAY)
    archive.record_balances(fake_wallet)
    archive.record_balances(fake_wallet, "BTC", account="fund")
    fund = BalancesStatus("fund", "BTC", NOON + DAY, NOON + DAY, 1)
    main = BalancesStatus("main", "USDT", NOON, NOON + DAY, 2)
    assert archive.balances_status() == [fund, main]
    assert archive.balances_status("fund") == [fund]
    with pytest.raises(NotRecordedError, match="has no account 'mian': it has fund, main"):
        archive.balances_status("mian")


@pytest.mark.parametrize("wrong", [{"account": ""}, {"account": "a\n"}, {"start": NOON}, {"end": "2026-01-01"}])
def test_wrong_arguments_are_refused(archive, wrong):
    with pytest.raises(InvalidRequestError):
        archive.snapshots("SPOT", **wrong)


def test_a_period_that_ends_before_it_starts_is_refused(archive):
    with pytest.raises(InvalidRequestError, match="must not be after"):
        archive.balances(start=TODAY, end=YESTERDAY)


def test_a_type_is_one_of_three(archive, fake_wallet):
    with pytest.raises(InvalidRequestError, match="SPOT, MARGIN, FUTURES"):
        archive.update(fake_wallet, "spot")


def test_an_async_client_is_refused_at_once(sqlite_url):
    archive = Archive(sqlite_url)
    client = AsyncWalletClient("key", "secret")
    for call in (lambda: archive.update(client, "SPOT"), lambda: archive.record_balances(client)):
        with pytest.raises(InvalidRequestError, match="takes a WalletClient"):
            call()
    with pytest.raises(NotRecordedError, match="there is no archive"):
        archive.status()


@pytest.mark.parametrize("quote_asset", [None, "", 5])
def test_balances_in_no_asset_are_refused_before_a_call(sqlite_url, fake_wallet, quote_asset):
    with pytest.raises(InvalidRequestError, match="quote_asset"):
        Archive(sqlite_url).record_balances(fake_wallet, quote_asset)
    assert fake_wallet.calls == []


@pytest.mark.parametrize("today", ["x", NOON])
def test_the_current_day_is_a_date(sqlite_url, fake_wallet, today):
    Archive(sqlite_url).update(fake_wallet, "SPOT")
    with pytest.raises(InvalidRequestError, match="today must be a date"):
        Archive(sqlite_url).status(today=today)


def test_an_archive_does_not_show_its_password():
    assert "secret" not in repr(Archive("postgresql://me:secret@db.example/wallets"))
    assert repr(Archive("postgresql://me:secret@db.example/wallets")) == "Archive('wallets at db.example')"


def test_postgres_is_postgresql(postgres_url, fake_wallet):
    """Hosting providers write it so."""
    Archive(postgres_url).update(fake_wallet, "SPOT")
    assert len(Archive(postgres_url.replace("postgresql:", "postgres:")).snapshots("SPOT")) == 30


def test_a_database_that_is_not_named_is_shown_as_postgresql():
    assert repr(Archive("postgresql://")) == "Archive('PostgreSQL at localhost')"


def test_the_default_archive_is_in_the_users_data_directory(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    assert "binance-wallet" in repr(Archive())
    monkeypatch.setenv("BINANCE_ARCHIVE", "elsewhere.sqlite")
    assert repr(Archive()) == "Archive('elsewhere.sqlite')"
