"""The mock exchange against the exchange's own pages."""

from typing import Any

import pytest

from .caller import Caller
from .spec import BALANCES, DOCUMENTED, SNAPSHOTS

WALLETS, _ = DOCUMENTED["GET /sapi/v1/asset/wallet/balance"]["responses"]
RECORDS = {
    response["snapshotVos"][0]["type"]: response for response in DOCUMENTED["GET /sapi/v1/accountSnapshot"]["responses"]
}


def shape(value: Any) -> Any:
    """The names and types in a value. Of a list, each shape once."""
    match value:
        case dict():
            return {name: shape(item) for name, item in value.items()}
        case list():
            shapes = [shape(item) for item in value]
            return [item for index, item in enumerate(shapes) if item not in shapes[:index]]
    return type(value)


def test_the_mock_serves_the_documented_wallets_in_btc_by_default(contract_exchange, http):
    caller = Caller(contract_exchange, BALANCES["path"], http)
    wallets = caller.get().json()
    assert shape(wallets) == shape(WALLETS)
    assert [wallet["walletName"] for wallet in wallets] == [wallet["walletName"] for wallet in WALLETS]
    assert caller.get(quoteAsset="BTC").json() == wallets
    assert caller.get(quoteAsset="USDT").json() != wallets


@pytest.mark.parametrize("kind", RECORDS)
def test_the_mock_serves_the_documented_fields_for_seven_days_by_default(contract_exchange, http, kind):
    response = Caller(contract_exchange, SNAPSHOTS["path"], http).get(type=kind.upper()).json()
    assert shape(response) == shape(RECORDS[kind])
    assert len(response["snapshotVos"]) == 7
    ends = {record["updateTime"] % 86_400_000 for record in [*response["snapshotVos"], *RECORDS[kind]["snapshotVos"]]}
    assert ends == {86_399_000}


def test_a_longer_period_without_a_limit_is_cut_to_seven_records(contract_exchange, http):
    """As the exchange's pages say."""
    start = int(contract_exchange.now() * 1000) - 20 * 86_400_000
    response = Caller(contract_exchange, SNAPSHOTS["path"], http).get(type="SPOT", startTime=start).json()
    assert len(response["snapshotVos"]) == 7
