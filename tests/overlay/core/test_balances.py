"""A list of balances that knows what they are in, and their total."""

import copy
import pickle
from decimal import Decimal

import pytest
from binance_wallet import Balances
from binance_wallet_client.models import WalletBalance


def wallet(amount: str) -> WalletBalance:
    return WalletBalance(True, Decimal(amount), "Spot")


def test_the_total_is_exact_however_far_apart_the_amounts_are() -> None:
    balances = Balances(map(wallet, ["1e20", "0.1", "-0.00000000000000000001"]), quote_asset="USDT")
    assert balances.total == Decimal("100000000000000000000.09999999999999999999")


def test_the_total_of_no_balances_is_zero() -> None:
    assert Balances([], quote_asset="USDT").total == Decimal(0)


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda each: pickle.loads(pickle.dumps(each))])
def test_a_copy_knows_the_quote_asset_too(copied) -> None:
    balances = Balances([wallet("1")], quote_asset="币安人生")
    again = copied(balances)
    assert (again, again.quote_asset, again.total) == (balances, "币安人生", Decimal(1))
