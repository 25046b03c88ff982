"""Records as the exchange sends them."""

import json

import pytest
from binance_wallet import Balances
from binance_wallet_client.models import AccountSnapshotResponse, WalletBalance
from msgspec.json import Decoder

FIRST = 1576281599000  # 2019-12-13 23:59:59
DAY = 24 * 60 * 60 * 1000


@pytest.fixture
def snapshots():
    """Make snapshots of one type, a day apart, from what stands in their `data`."""
    decoder = Decoder(AccountSnapshotResponse)

    def snapshots(type_, *data):
        found = [{"type": type_, "updateTime": FIRST + DAY * n, "data": each} for n, each in enumerate(data)]
        return decoder.decode(json.dumps({"code": 200, "msg": "", "snapshotVos": found})).snapshot_vos

    return snapshots


@pytest.fixture
def spot(snapshots):
    btc = {"asset": "BTC", "free": "0.09905021", "locked": "0.00000000"}
    name = {"asset": "币安人生", "free": "1.89109409", "locked": "0.00000001"}
    empty = {"balances": [], "totalAssetOfBtc": "0"}
    return snapshots("spot", {"balances": [btc, name], "totalAssetOfBtc": "0.09942700"}, empty)


@pytest.fixture
def margin(snapshots):
    xrp = {"asset": "XRP", "borrowed": "2", "free": "1", "interest": "0.1", "locked": "0.5", "netAsset": "-0.6"}
    totals = {"totalAssetOfBtc": "0.3", "totalLiabilityOfBtc": "0.1", "totalNetAssetOfBtc": "0.2"}
    return snapshots("margin", {"marginLevel": "2748.02909813", "userAssets": [xrp]} | totals)


@pytest.fixture
def futures(snapshots):
    usdt = {"asset": "USDT", "marginBalance": "118.99782335", "walletBalance": "120.23811389"}
    position = {
        "entryPrice": "7130.41000000",
        "markPrice": "7257.66239673",
        "positionAmt": "-0.01000000",
        "symbol": "BTCUSDT",
        "unRealizedProfit": "1.24029054",
    }
    return snapshots("futures", {"assets": [usdt], "position": [position]})


@pytest.fixture
def balances():
    wire = [
        {"activate": True, "balance": "0.71842752", "walletName": "USDⓈ-M Futures"},
        {"activate": False, "balance": "0", "walletName": "Options"},
    ]
    return Balances(Decoder(list[WalletBalance]).decode(json.dumps(wire)), quote_asset="USDT")


@pytest.fixture
def detailed():
    """Balances with details, of a wallet with one asset and of one without."""
    amounts = {"free": "1.5", "locked": "0", "freeze": "0.25", "withdrawing": "0", "btcValuation": "1.75"}
    wire = [
        {
            "activate": True,
            "balance": "175000",
            "walletName": "Spot",
            "assetBalances": [{"asset": "BTC", "assetName": "Bitcoin", **amounts}],
        },
        {"activate": True, "balance": "0", "walletName": "Funding", "assetBalances": []},
    ]
    return Balances(Decoder(list[WalletBalance]).decode(json.dumps(wire)), quote_asset="USDT")
