"""Accounts by their names: the assistant sees those that the command names, and no others."""

from decimal import Decimal

import pytest
from binance_wallet_extras.accounts import add_account
from binance_wallet_mock import Account, MockExchange
from keyrings import new_key

COMPANY, OWN, OTHER = "company", "self 1", "other"


@pytest.fixture(scope="module")
def exchange_of_accounts():
    with MockExchange() as exchange_of_accounts:
        yield exchange_of_accounts


@pytest.fixture
def environment(environment_of, exchange_of_accounts, tmp_path, monkeypatch):
    """Three named accounts, of one, two and three bitcoins, and no key in the environment."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    for bitcoins, name in enumerate((COMPANY, OWN, OTHER), 1):
        account = Account(seed=bitcoins)
        account.set_balances({"Spot": bitcoins})
        key, secret = new_key(), new_key()
        exchange_of_accounts.add_key(key, api_secret=secret, account=account)
        add_account(name, {"api_key": key, "api_secret": secret}, in_file=True)
    others = {"XDG_CONFIG_HOME": str(tmp_path / "config"), "BINANCE_API_KEY": "", "BINANCE_API_SECRET": ""}
    return environment_of(exchange_of_accounts, tmp_path, **others)


def spot(assistant, **account):
    result = assistant.ask("balances", quote="BTC", **account)
    return result["account"], Decimal(result["wallets"][0]["balance"])


def test_an_assistant_sees_the_named_accounts_and_no_others(connected, environment):
    with connected(environment, "--account", COMPANY, "--account", OWN) as assistant:
        assert spot(assistant, account=COMPANY) == (COMPANY, 1)
        assert spot(assistant, account=OWN) == (OWN, 2)
        words, _ = assistant.fail("balances", account=OTHER)
        assert words == "there is no account 'other' here: choose company, self 1"
        words, _ = assistant.fail("balances")
        assert words == "say which account: choose company, self 1"


def test_without_a_name_it_is_the_account_of_the_environment(connected, environment):
    with connected({**environment, "BINANCE_ACCOUNT": OWN}) as assistant:
        assert spot(assistant) == (OWN, 2)
        assert "Accounts: self 1." in assistant.client.instructions
