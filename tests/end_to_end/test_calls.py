"""Successful signed calls over HTTP, by both clients."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from binance_wallet import (
    FuturesSnapshot,
    InvalidRequestError,
    MarginSnapshot,
    SpotSnapshot,
    WalletClient,
)
from binance_wallet_client.api.asset import query_user_wallet_balance
from msgspec import UNSET


def test_balances_are_exact_to_the_last_digit(call, mock_exchange):
    mock_exchange.set_balances({"Spot": "12345678901234.12345678", "Funding": "0"})
    balances = {balance.wallet_name: balance.balance for balance in call(lambda wallet: wallet.balances())}
    assert balances["Spot"] == Decimal("12345678901234.12345678")
    assert balances["Funding"] == Decimal(0)


def test_balances_know_what_they_are_in_and_their_total(call, mock_exchange):
    mock_exchange.set_balances({"Spot": "1.1", "Funding": "2.2"})
    balances = call(lambda wallet: wallet.balances())
    assert balances.quote_asset == "BTC"
    assert balances.total == sum(balance.balance for balance in balances)
    assert call(lambda wallet: wallet.balances("USDT")).quote_asset == "USDT"


def test_with_details_each_wallet_lists_its_assets(call, mock_exchange):
    mock_exchange.account.set_spot({"BTC": "1.5", "ETH": "2"}, locked={"ETH": "0.5"})
    spot = call(lambda wallet: wallet.balances(details=True))[0]
    assert [(each.asset, each.free, each.locked) for each in spot.asset_balances] == [
        ("BTC", Decimal("1.5"), 0),
        ("ETH", 2, Decimal("0.5")),
    ]
    assert sum(each.btc_valuation for each in spot.asset_balances) == spot.balance


def test_without_details_wallets_list_no_assets(call, mock_exchange):
    assert {balance.asset_balances for balance in call(lambda wallet: wallet.balances())} == {UNSET}
    assert "needBalanceDetail" not in mock_exchange.requests[-1].query


def test_none_as_quote_asset_is_refused(call, mock_exchange):
    with pytest.raises(InvalidRequestError, match="quote_asset must be the name of an asset, such as 'BTC', not None"):
        call(lambda wallet: wallet.balances(None))
    assert not mock_exchange.requests


@pytest.mark.parametrize("quote_asset", ["USDT", "币安人生", "&=%+ ", "a b+c%26d=e&f", "é#?/"])
def test_any_quote_asset_is_signed_as_it_is_sent(call, mock_exchange, quote_asset):
    """The exchange accepts the signature, and reads the name unchanged."""
    mock_exchange.account.set_spot({quote_asset: 1})  # it quotes in what the account holds
    assert call(lambda wallet: wallet.balances(quote_asset=quote_asset))
    assert mock_exchange.requests[-1].status == 200


@pytest.mark.parametrize(
    ("type_", "kind"), [("SPOT", SpotSnapshot), ("MARGIN", MarginSnapshot), ("FUTURES", FuturesSnapshot)]
)
def test_snapshots_are_of_the_type_asked_for(call, type_, kind):
    """A month of them, oldest first, a day apart, at the end of their days in UTC."""
    snapshots = call(lambda wallet: wallet.snapshots(type_, days=30))
    times = [snapshot.update_time for snapshot in snapshots]
    assert {type(snapshot) for snapshot in snapshots} == {kind}
    assert len(snapshots) == 30
    assert {later - earlier for earlier, later in pairwise(times)} == {timedelta(days=1)}
    assert times[-1].utcoffset() == timedelta(0)
    assert times[-1].date() == datetime.now(UTC).date() - timedelta(days=1)


@pytest.mark.parametrize("days", [1, 7, 8, 20, 29, 30])
def test_the_last_days_are_as_many_as_asked_for(call, days):
    """The exchange's default of 7 cuts none off."""
    assert len(call(lambda wallet: wallet.snapshots("SPOT", days=days))) == days


def test_a_period_of_dates_includes_both(call):
    """Also if it has more days than the default of `limit`."""
    end = datetime.now(UTC).date() - timedelta(days=2)
    start = end - timedelta(days=19)
    snapshots = call(lambda wallet: wallet.snapshots("SPOT", start=start, end=end))
    assert [snapshots[0].update_time.date(), snapshots[-1].update_time.date()] == [start, end]
    assert len(snapshots) == 20


def test_generated_functions_take_a_wallet(wallet_options):
    with WalletClient(**wallet_options) as wallet:
        assert query_user_wallet_balance.sync(client=wallet) == wallet.balances()


def test_recv_window_is_sent_once(call, mock_exchange):
    call(lambda wallet: wallet.balances(), recv_window=3000)
    assert mock_exchange.requests[-1].query_string.count("recvWindow=3000") == 1


def test_from_env_reads_credentials_and_base_url(mock_exchange, monkeypatch):
    monkeypatch.setenv("BINANCE_API_KEY", mock_exchange.api_key)
    monkeypatch.setenv("BINANCE_API_SECRET", mock_exchange.api_secret)
    monkeypatch.setenv("BINANCE_BASE_URL", mock_exchange.base_url)
    with WalletClient.from_env() as wallet:
        assert wallet.balances()


TODAY = datetime.now(UTC)


@pytest.mark.parametrize(
    ("period", "words"),
    [
        ({"limit": 6}, "from 7 to 30"),
        ({"limit": 31}, "from 7 to 30"),
        ({"limit": True}, "from 7 to 30"),
        ({"days": 0}, "from 1 to 30"),
        ({"days": 31}, "from 1 to 30"),
        ({"days": 7, "limit": 7}, "either days, or"),
        ({"start": datetime(2026, 1, 1)}, "time zone"),  # noqa: DTZ001 - the point of it
        ({"start": "yesterday"}, "aware datetime"),
        ({"start": TODAY, "end": TODAY - timedelta(days=1)}, "before end"),
        ({"start": TODAY - timedelta(days=30), "end": TODAY}, "shorter than 30 days"),
        ({"start": date(2020, 1, 1), "end": date(2020, 1, 8)}, "one month"),
        ({"start": 10**30}, "milliseconds"),
        ({"end": TODAY}, "start"),
    ],
)
def test_a_period_that_the_exchange_would_refuse_is_not_sent(call, mock_exchange, period, words):
    """The error says what is allowed, and costs no weight."""
    with pytest.raises(InvalidRequestError, match=words) as refused:
        call(lambda wallet: wallet.snapshots("SPOT", **period))
    assert isinstance(refused.value, ValueError)
    assert mock_exchange.requests == []


@pytest.mark.parametrize("type_", ["spots", "OPTIONS", "", None, 1])
def test_an_unknown_type_is_refused_naming_the_three_that_exist(call, mock_exchange, type_):
    with pytest.raises(InvalidRequestError, match="SPOT, MARGIN, FUTURES"):
        call(lambda wallet: wallet.snapshots(type_))
    assert mock_exchange.requests == []


def test_a_misspelt_argument_is_a_type_error(call):
    with pytest.raises(TypeError, match="day"):
        call(lambda wallet: wallet.snapshots("SPOT", day=30))


def test_history_calls_for_the_same_days_of_all_three_accounts(call, mock_exchange):
    history = call(lambda wallet: wallet.history(days=8))
    assert [{type(snapshot) for snapshot in snapshots} for snapshots in history] == [
        {SpotSnapshot},
        {MarginSnapshot},
        {FuturesSnapshot},
    ]
    assert [len(snapshots) for snapshots in (history.spot, history.margin, history.futures)] == [8, 8, 8]
    assert len(mock_exchange.requests) == 3
