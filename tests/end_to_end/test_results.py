"""The lists that clients return: like plain lists, and tables in a notebook."""

import copy
import json
import pickle
from xml.etree import ElementTree as ET

import msgspec
import pytest
from binance_wallet import History

CALLS = {
    "balances": lambda wallet: wallet.balances(),
    "snapshots": lambda wallet: wallet.snapshots("MARGIN", days=3),
    "any endpoint": lambda wallet: wallet.call("GET", "/sapi/v1/asset/wallet/balance", weight=60),
}


def rows(html: str) -> dict[str, int]:
    """How many rows each table has below its head, by caption."""
    tables = ET.fromstring(f"<div>{html}</div>").iter("table")
    return {table.findtext("caption", ""): max(0, len(table.findall("tr")) - 1) for table in tables}


@pytest.mark.parametrize("name", CALLS)
def test_a_list_equals_a_plain_one_and_survives_json_pickle_and_copy(call, name):
    found = call(CALLS[name])
    assert isinstance(found, list)
    assert found == [*found]
    assert repr(found) == repr([*found])
    assert msgspec.json.encode(found) == msgspec.json.encode([*found])
    for duplicate in (copy.copy(found), copy.deepcopy(found), pickle.loads(pickle.dumps(found))):
        assert (duplicate, type(duplicate)) == (found, type(found))


def test_snapshots_are_a_table_in_a_notebook(call):
    assert rows(call(CALLS["snapshots"])._repr_html_()) == {"": 3}


def test_balances_are_a_table_below_their_total(call, mock_exchange):
    """The name of the asset comes from the exchange, so it is escaped."""
    mock_exchange.account.set_spot({"<b>": 1})
    balances = call(lambda wallet: wallet.balances("<b>"))
    assert rows(balances._repr_html_()) == {f"{balances.total:f} <b>": 10}


def test_balances_with_details_count_and_list_the_assets(call):
    first, *_ = call(lambda wallet: wallet.balances(details=True))
    count = len(first.asset_balances)
    assert repr(first).endswith(f", {count} assets)")
    assert rows(first._repr_html_()) == {"WalletBalance": 2, f"asset_balances: {count} items": count}


def test_a_history_is_a_table_for_each_account(call):
    history = call(lambda wallet: wallet.history(days=7))
    assert rows(history._repr_html_()) == {"spot: 7 days": 7, "margin: 7 days": 7, "futures: 7 days": 7}
    assert rows(History([], history.margin[:1], [])._repr_html_()) == {
        "spot: 0 days": 0,
        "margin: 1 day": 1,
        "futures: 0 days": 0,
    }


def test_balances_are_plain_values_for_json(call):
    found = call(lambda wallet: wallet.balances("USDT", details=True))
    plain = json.loads(json.dumps(found.to_dict()))
    assert plain == {
        "quote_asset": "USDT",
        "total": f"{found.total:f}",
        "wallets": [wallet.to_dict() for wallet in found],
    }


def test_a_history_is_plain_values_for_json(call):
    history = call(lambda wallet: wallet.history(days=2))
    plain = json.loads(json.dumps(history.to_dict()))
    assert plain == {account: [day.to_dict() for day in days] for account, days in history._asdict().items()}


def test_a_month_of_snapshots_fits_into_80_columns(call):
    for snapshots in call(lambda wallet: wallet.history(days=30)):
        assert len(snapshots) == 30
        assert max(map(len, map(repr, snapshots))) < 80
