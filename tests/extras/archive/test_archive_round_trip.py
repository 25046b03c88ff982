"""Every model comes back from both databases unchanged, to the last digit."""

import os
from datetime import UTC, datetime
from decimal import Decimal
from uuid import uuid4

import msgspec
from binance_wallet import FuturesSnapshot, MarginSnapshot, SpotSnapshot, WalletBalance
from binance_wallet_client.models import (
    AssetBalance,
    FuturesAsset,
    FuturesPosition,
    FuturesSnapshotData,
    MarginAsset,
    MarginSnapshotData,
    SpotAsset,
    SpotSnapshotData,
)
from binance_wallet_extras.archive import Archive
from binance_wallet_extras.archive.content import decode_balances, decode_snapshot, encode
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

# As the contract allows amounts: any sign, many digits, zeros before and behind the point, some with an exponent.
AMOUNTS = st.one_of(
    st.decimals(allow_nan=False, allow_infinity=False, places=8, min_value=-(10**20), max_value=10**20),
    st.decimals(allow_nan=False, allow_infinity=False).filter(lambda amount: abs(amount.adjusted()) < 60),
    st.sampled_from(["0", "0.00000000", "-0.0", "1E+3", "1E-8", "0E-8", "00.10"]).map(Decimal),
)
# PostgreSQL has no zero bytes in text, and neither have names of assets; UTF-8 has no surrogates.
NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1)


def model(type_, **fields):
    return st.builds(
        type_,
        **{
            field.name: fields.get(field.name, AMOUNTS if field.type is Decimal else NAMES)
            for field in msgspec.structs.fields(type_)
        },
    )


def some(records):
    """A few: what long lists do, other tests see."""
    return st.lists(records, max_size=3)


DAYS = st.integers(0, 20_000).map(lambda day: (day + 1) * 86_400_000 - 1000)
SNAPSHOTS = st.one_of(
    model(SpotSnapshot, data=model(SpotSnapshotData, balances=some(model(SpotAsset))), update_time_ms=DAYS),
    model(MarginSnapshot, data=model(MarginSnapshotData, user_assets=some(model(MarginAsset))), update_time_ms=DAYS),
    model(
        FuturesSnapshot,
        data=model(
            FuturesSnapshotData,
            assets=some(model(FuturesAsset)),
            position=some(model(FuturesPosition)),
        ),
        update_time_ms=DAYS,
    ),
)
exact = msgspec.json.encode  # tells `0` from `0.00`, which are equal
ASSETS = st.just(msgspec.UNSET) | some(model(AssetBalance))
BALANCES = some(model(WalletBalance, activate=st.booleans(), asset_balances=ASSETS)).filter(bool)


class Serving:
    """A client with this next response."""

    server_time = datetime(2100, 1, 1, tzinfo=UTC)

    def __init__(self, records):
        self.snapshots = self.balances = lambda *_, **__: records


@given(SNAPSHOTS)
def test_a_snapshot_is_the_same_after_json(snapshot):
    decoded = decode_snapshot(encode(snapshot), snapshot.type, snapshot.update_time.date())
    assert exact(decoded) == exact(snapshot)


@given(BALANCES)
def test_balances_are_the_same_after_json(balances):
    assert exact(decode_balances(encode(balances))) == exact(balances)


def test_amounts_are_written_as_the_exchange_writes_them():
    [balance] = decode_balances('[{"activate":true,"balance":"0.00000000","walletName":"USDⓈ-M Futures"}]')
    assert encode([balance]) == '[{"activate":true,"balance":"0.00000000","walletName":"USDⓈ-M Futures"}]'


HERE = settings(
    max_examples=25 if "FUZZ" in os.environ else 8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@HERE
@given(snapshot=SNAPSHOTS)
def test_a_snapshot_is_the_same_after_a_database(each_url, snapshot):
    """Each example is an account of its own, so that none is compared with an earlier one."""
    archive = Archive(each_url)
    account, type_, day = uuid4().hex, snapshot.type.upper(), snapshot.update_time.date()
    archive.update(Serving([snapshot]), type_, account=account)
    [kept] = archive.snapshots(type_, account=account, start=day, end=day)
    assert exact(kept) == exact(snapshot)


@HERE
@given(balances=BALANCES)
def test_balances_are_the_same_after_a_database(each_url, balances):
    archive = Archive(each_url)
    account = uuid4().hex
    archive.record_balances(Serving(balances), account=account)
    recorded = archive.balances(account=account, details=True)
    kept = [WalletBalance(each.activate, each.balance, each.wallet_name, each.asset_balances) for each in recorded]
    assert exact(kept) == exact(balances)
