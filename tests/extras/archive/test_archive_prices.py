"""Prices of BTC by day: the exchange's own, from balances in two assets, and imported ones."""

import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
from archive_steps import DAY, NOON, TODAY, YESTERDAY, FakeWallet
from binance_wallet import InvalidRequestError, NetworkError
from binance_wallet_client.models import AssetBalance, WalletBalance
from binance_wallet_extras.archive import Account, Archive, ArchiveError, NotRecordedError, Price
from binance_wallet_extras.archive.content import digest
from binance_wallet_extras.export import PricesError
from binance_wallet_extras.export.prices import day_of_price
from binance_wallet_mock.prices import price as mock_price
from hypothesis import example, given, strategies


class Wallets(FakeWallet):
    """A client whose wallets are worth so much in each asset. `server_time` is that of this machine.

    Where the first call is to list assets, `listed` has their valuations in BTC by wallet.
    """

    def __init__(self, *, listed=None, **worth):
        super().__init__()
        self.worth = worth
        self.listed = listed or {}
        self.in_between = lambda: None

    def balances(self, quote_asset, **_):
        if self.calls:
            self.in_between()
        self.calls.append(("BALANCES", quote_asset))
        worth = self.worth[quote_asset]
        return [
            WalletBalance(True, Decimal(balance), name, [valued(each) for each in self.listed.get(name, ())])
            for name, balance in worth.items()
        ]


def valued(in_btc):
    return AssetBalance("X", "X", *[Decimal(1)] * 4, Decimal(in_btc))


def at_price(price):
    return Wallets(USDT={"Spot": 2 * Decimal(price)}, BTC={"Spot": "2"})


def test_an_update_records_the_exchanges_own_price(archive, fake_wallet, clock):
    archive.record_balances(fake_wallet)
    assert fake_wallet.calls == [("BALANCES", "USDT"), ("BALANCES", "BTC")]
    expected = mock_price("BTC", (TODAY - date(1970, 1, 1)).days)
    [price] = archive.price_records()
    assert (price.day, price.quote_asset, price.source, price.recorded_at) == (YESTERDAY, "USDT", "exchange", NOON)
    assert abs(price.price - expected) < expected / 10**7


def test_balances_in_btc_are_asked_for_once_and_tell_no_price(archive, fake_wallet, clock):
    archive.record_balances(fake_wallet, "BTC")
    assert fake_wallet.calls == [("BALANCES", "BTC")]
    assert archive.price_records() == []
    assert archive.prices("BTC") == {}


def test_the_largest_wallet_tells_the_price_because_rounding_changes_it_least(archive, clock):
    dust = {"USDT": "0.00080000", "BTC": "0.00000001"}
    little = {"USDT": "8.04000000", "BTC": "0.00010000"}
    wallets = {
        asset: {"Earn": dust[asset], "Funding": little[asset], "Spot": spot}
        for asset, spot in {"USDT": "-160000", "BTC": "-2"}.items()
    }
    archive.record_balances(Wallets(**wallets))
    assert archive.prices("USDT") == {YESTERDAY: 80000}


@pytest.mark.parametrize(
    ("usdt", "btc", "price"),
    [
        ("100577.75455001", "1", "100577.7546"),  # with half a satoshi more, it would be 100577.7540
        ("200000", "3", "66666.6667"),
        ("2000000", "30", "66666.66667"),
        ("-2000000", "-30", "66666.66667"),
        ("0.81473", "0.00001", "81470"),
        ("20", "3000", "0.00666667"),
    ],
)
def test_a_price_has_no_more_digits_than_rounded_balances_tell(archive, clock, usdt, btc, price):
    archive.record_balances(Wallets(USDT={"Spot": usdt}, BTC={"Spot": btc}))
    assert [f"{each:f}" for each in archive.prices("USDT").values()] == [price]


@pytest.mark.parametrize(
    ("usdt", "btc"), [("0", "0"), ("0.00", "0E-8"), ("0.8", "0.00000999"), ("0", "1"), ("0.000001", "0.1")]
)
def test_wallets_that_hold_next_to_nothing_tell_no_price(archive, clock, caplog, usdt, btc):
    """A balance of a few satoshis is rounded by more than a price may be wrong."""
    assert archive.record_balances(Wallets(USDT={"Spot": usdt}, BTC={"Spot": btc}))
    assert archive.price_records() == []
    assert caplog.messages == []


@pytest.mark.parametrize(
    "wallets",
    [
        {"USDT": {"Spot": "160000", "Earn": "8000"}, "BTC": {"Spot": "1.9", "Earn": "0.2"}},
        {"USDT": {"Spot": "160000", "Earn": "8000"}, "BTC": {"Spot": "2"}},
        {"USDT": {"Spot": "160000"}, "BTC": {"Spot": "-2"}},
        {"USDT": {"Spot": "1E+60"}, "BTC": {"Spot": "1"}},
    ],
)
def test_balances_that_changed_between_the_calls_tell_no_price(archive, clock, caplog, wallets):
    assert archive.record_balances(Wallets(**wallets))
    assert archive.price_records() == []
    assert caplog.messages == ["no price of BTC in USDT was recorded: the balances changed between the two calls"]


NO_MATCH = "no wallet is worth in BTC what its assets were: the balances changed between the two calls"


@pytest.mark.parametrize("listed", [["0.0125"], ["0.02002002"], ["0.01997999", "-0.00000002"], ["0.01"] * 3])
def test_a_deposit_between_the_calls_is_noticed_by_the_assets_of_the_only_wallet(archive, clock, caplog, listed):
    archive.record_balances(Wallets(USDT={"Spot": "1000"}, BTC={"Spot": "0.02"}, listed={"Spot": listed}))
    assert archive.price_records() == []
    assert caplog.messages == [f"no price of BTC in USDT was recorded: {NO_MATCH}"]


@pytest.mark.parametrize("listed", [["0.02002001"], ["0.01", "0.01"], ["0.01998"]])
def test_assets_may_be_worth_a_little_more_or_less_a_moment_later(archive, clock, listed):
    archive.record_balances(Wallets(USDT={"Spot": "1600"}, BTC={"Spot": "0.02"}, listed={"Spot": listed}))
    assert archive.prices("USDT") == {YESTERDAY: 80000}


def test_a_wallet_whose_assets_are_worth_something_else_leaves_the_price_to_a_smaller_one(archive, clock):
    worth = {"USDT": {"Margin": "160001", "Spot": "8000"}, "BTC": {"Margin": "2", "Spot": "0.1"}}
    archive.record_balances(Wallets(**worth, listed={"Margin": ["3"], "Spot": ["0.1"]}))
    assert archive.prices("USDT") == {YESTERDAY: 80000}


def test_a_call_that_fails_costs_the_price_alone(archive, clock, caplog):
    def fail():
        raise NetworkError("no response")

    wallet = at_price(80000)
    wallet.in_between = fail
    assert archive.record_balances(wallet) == archive.balances()
    assert archive.price_records() == []
    assert caplog.messages == ["no price of BTC in USDT was recorded: no response"]


def test_a_call_that_waited_tells_no_price_of_a_moment(archive, clock, caplog):
    wallet = at_price(80000)
    wallet.in_between = lambda: clock.shift(timedelta(seconds=11))
    assert archive.record_balances(wallet)[0].recorded_at == NOON
    assert archive.price_records() == []
    assert caplog.messages == [
        "no price of BTC in USDT was recorded: the call for the balances in BTC took longer than 10 s"
    ]


@pytest.mark.parametrize(("hours", "first"), [(1, 9), (12, 9), (13, 10), (23, 10)])
def test_daily_updates_at_any_hour_give_each_day_the_price_nearest_to_its_end(archive, clock, hours, first):
    for number in range(4):
        clock.move_to(datetime(2026, 3, 10 + number, hours, tzinfo=UTC))
        archive.record_balances(at_price(10 + number))
    assert archive.prices("USDT") == {date(2026, 3, first + number): 10 + number for number in range(4)}


@pytest.mark.parametrize(("hours", "nearest"), [([1, 5, 11], 1), ([13, 18, 23], 23)])
def test_of_several_prices_of_a_day_the_one_nearest_to_its_end_is_kept(archive, clock, hours, nearest):
    for hour in hours:
        clock.move_to(datetime(2026, 3, 10, hour, tzinfo=UTC))
        archive.record_balances(at_price(hour))
    assert [*archive.prices("USDT").values()] == [nearest]
    assert [each.recorded_at.hour for each in archive.price_records()] == [nearest]


@given(moment=strategies.timedeltas(timedelta(), 366 * DAY).map(NOON.__add__))
@example(moment=NOON)
def test_each_moment_has_one_day_whose_end_is_nearest_and_at_most_twelve_hours_away(moment):
    def away(day):
        return abs(datetime.combine(day, time.min, UTC) + DAY - moment)

    day = day_of_price(moment)
    assert away(day) <= timedelta(hours=12)
    assert away(day) <= min(away(day - DAY), away(day + DAY))


def test_a_price_is_not_that_of_a_day_whose_end_is_farther_away(archive, clock):
    """An update at 05:15 after days without one, and days without one after it."""
    for day in (10, 15):
        clock.move_to(datetime(2026, 3, day, 5, 15, tzinfo=UTC))
        archive.record_balances(at_price(day))
    assert archive.prices("USDT") == {date(2026, 3, 9): 10, date(2026, 3, 14): 15}


def test_a_price_that_an_older_archive_has_for_a_day_whose_end_is_farther_away_does_not_count(url, archive, clock):
    archive.record_balances(at_price(10))
    far = "prices", "USDT", TODAY, "exchange", NOON, "10"
    with closing(sqlite3.connect(archive.name)) as connection, connection:
        connection.execute(
            "INSERT INTO prices (quote_asset, day, source, recorded_at, price, digest) VALUES (?, ?, ?, ?, ?, ?)",
            ("USDT", str(TODAY), "exchange", "2026-03-10 12:00:00.000000", "10", digest(*far)),
        )
    assert archive.check() == []
    assert [*archive.prices("USDT")] == [each.day for each in archive.price_records()] == [YESTERDAY]
    assert archive.prices_status()[0].days == 1
    clock.shift(timedelta(hours=1))
    archive.record_balances(at_price(12))
    assert archive.prices("USDT") == {YESTERDAY: 10, TODAY: 12}


def test_prices_are_of_an_asset_a_period_and_of_all_accounts(archive, clock):
    archive.record_balances(at_price(10))
    archive.record_balances(Wallets(EUR={"Spot": "9"}, BTC={"Spot": "1"}), "EUR", account="fund")
    clock.shift(DAY)
    archive.record_balances(Wallets(EUR={"Spot": "8"}, BTC={"Spot": "1"}), "EUR", account="fund")
    assert archive.prices("EUR") == {YESTERDAY: 9, TODAY: 8}
    assert archive.prices("EUR", start=TODAY) == {TODAY: 8}
    assert archive.prices("EUR", end=YESTERDAY) == {YESTERDAY: 9}
    assert archive.prices("USDC") == {}
    archive.remove_account("fund")
    archive.rename_account("main", "company")
    assert archive.prices("EUR") == {YESTERDAY: 9, TODAY: 8}
    assert archive.check() == []
    assert archive.accounts() == [Account("company", 0, 1)]


OLD = {date(2024, 12, 31): Decimal("93000.5"), date(2024, 2, 29): Decimal("0.10"), date(2025, 12, 31): Decimal(7)}


@pytest.fixture
def begun(each_url, clock):
    archive = Archive(each_url)
    archive.record_balances(at_price(80000))
    return archive


def test_imported_prices_fill_the_days_without_one_of_the_exchange(begun):
    begun.import_prices(OLD, "USDT")
    assert begun.prices("USDT") == OLD | {YESTERDAY: 80000}
    assert [*begun.prices("USDT")] == [*sorted(OLD), YESTERDAY]
    assert begun.price_records(end=date(2024, 3, 1)) == [
        Price(date(2024, 2, 29), "USDT", "file", NOON, Decimal("0.10"))
    ]
    assert begun.check() == []


def test_an_imported_price_counts_before_one_that_is_recorded_earlier_or_later(begun, clock):
    begun.import_prices({YESTERDAY: Decimal(5), TODAY: Decimal(6)}, "USDT")
    clock.shift(DAY)
    begun.record_balances(at_price(90000))
    assert begun.prices("USDT") == {YESTERDAY: 5, TODAY: 6}
    assert [(each.day, each.source) for each in begun.price_records()] == [(YESTERDAY, "file"), (TODAY, "file")]
    [status] = begun.prices_status()
    assert (status.days, status.imported) == (2, 2)


def test_the_exchanges_price_counts_again_once_the_imported_one_is_removed(begun):
    own = begun.price_records()
    begun.import_prices({YESTERDAY: Decimal(5)}, "USDT")
    assert begun.remove_prices("USDT") == 1
    assert begun.price_records() == own


def test_importing_again_replaces_the_imported_prices_of_the_same_days(begun):
    begun.import_prices(OLD, "USDT")
    begun.import_prices({date(2024, 12, 31): Decimal(1), date(2025, 1, 1): Decimal(2)}, "USDT")
    begun.import_prices({date(2024, 12, 31): Decimal(3)}, "EUR")
    assert [(str(each.day), each.price) for each in begun.price_records("USDT", end=date(2025, 1, 1))] == [
        ("2024-02-29", Decimal("0.10")),
        ("2024-12-31", Decimal(1)),
        ("2025-01-01", Decimal(2)),
    ]


def test_imported_prices_are_removed_and_the_exchanges_own_stay(begun):
    own = begun.price_records()
    begun.import_prices(OLD, "USDT")
    begun.import_prices(OLD, "EUR")
    assert begun.remove_prices("USDT") == 3
    assert begun.remove_prices("USDT") == 0
    assert begun.price_records("USDT") == own
    assert len(begun.price_records("EUR")) == 3


@pytest.mark.parametrize(
    ("prices", "message"),
    [
        ({TODAY + DAY: Decimal(1)}, "2026-03-11 is in the future"),
        ({NOON: Decimal(1)}, "a day must be a date"),
        ({"2026-03-10": Decimal(1)}, "a day must be a date"),
        ({TODAY: 80000.0}, "the price of 2026-03-10 must be a Decimal, not 80000.0"),
        ({TODAY: Decimal("NaN")}, "NaN is not a price"),
        ({TODAY: Decimal(0)}, "0 is not a price"),
        ({TODAY: Decimal(-1)}, "-1 is not a price"),
        ({TODAY: Decimal("Infinity")}, "Infinity is not a price"),
        ({TODAY: Decimal("1E+30")}, "1E[+]30 is not a price"),
        ([(TODAY, Decimal(1))], "give prices by day, not a list"),
    ],
)
def test_one_wrong_price_leaves_the_archive_as_it_was(archive, clock, prices, message):
    archive.record_balances(at_price(80000))
    before = archive.price_records()
    mixed = {date(2024, 1, 1): Decimal(1)} | prices if isinstance(prices, dict) else prices
    with pytest.raises(PricesError, match=message):
        archive.import_prices(mixed, "USDT")
    assert archive.price_records() == before


def test_a_price_with_an_exponent_is_the_same_after_a_database(begun):
    begun.import_prices({date(2024, 1, 1): Decimal("8E+4")}, "USDT")
    assert begun.prices("USDT")[date(2024, 1, 1)] == 80000
    assert begun.check() == []


@pytest.mark.parametrize(
    "price", [Decimal("81473.12") / Decimal("1.1"), Decimal("1E+20"), Decimal("1." + 37 * "2" + "E-18")]
)
def test_every_price_that_may_be_imported_can_be_read(begun, price):
    begun.import_prices({date(2025, 1, 1): price}, "EUR")
    assert begun.prices("EUR") == {date(2025, 1, 1): price}
    assert begun.check() == []


@pytest.mark.parametrize("quote_asset", ["", None])
def test_prices_are_read_in_an_asset_with_a_name(begun, quote_asset):
    with pytest.raises(InvalidRequestError, match="quote_asset must be"):
        begun.prices(quote_asset)


@pytest.mark.parametrize(
    "ask",
    [
        lambda archive, asset: archive.prices(asset),
        lambda archive, asset: archive.price_records(asset),
        lambda archive, asset: archive.balances(quote_asset=asset),
        lambda archive, asset: archive.import_prices(OLD, asset),
        lambda archive, asset: archive.remove_prices(asset),
        lambda archive, asset: archive.record_balances(at_price(80000), asset),
    ],
)
def test_an_asset_in_small_letters_is_refused_as_the_exchange_does(begun, ask):
    with pytest.raises(InvalidRequestError, match=r"quote_asset must be in upper case, .*: 'USDT', not 'usdt'"):
        ask(begun, "usdt")


def test_records_in_an_asset_without_a_name_are_refused(begun):
    with pytest.raises(InvalidRequestError, match="quote_asset must be"):
        begun.price_records("")
    with pytest.raises(InvalidRequestError, match="quote_asset must be"):
        begun.balances(quote_asset="")


@pytest.mark.parametrize("quote_asset", ["BTC", "", None, "A\0B"])
def test_prices_are_imported_in_an_asset_that_btc_has_a_price_in(archive, clock, quote_asset):
    archive.record_balances(at_price(80000))
    with pytest.raises(InvalidRequestError, match="quote_asset must be"):
        archive.import_prices(OLD, quote_asset)


def test_prices_are_imported_only_where_there_is_an_archive(archive, tmp_path):
    for use in (lambda: archive.import_prices(OLD, "USDT"), lambda: archive.remove_prices("USDT")):
        with pytest.raises(NotRecordedError, match="there is no archive at"):
            use()
    assert [*tmp_path.iterdir()] == []


def test_an_import_that_cannot_be_finished_changes_nothing(begun, monkeypatch):
    from binance_wallet_extras.archive import queries

    before, added, add = begun.price_records(), [], queries.add_price

    def add_two(connection, price):
        if len(added) == 2:
            raise OSError(28, "No space left on device")
        added.append(price)
        add(connection, price)

    monkeypatch.setattr(queries, "add_price", add_two)
    with pytest.raises(ArchiveError, match="No space left on device"):
        begun.import_prices(OLD, "USDT")
    assert len(added) == 2
    assert begun.price_records() == before
