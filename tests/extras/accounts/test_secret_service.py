"""The system's key store as Linux desktops have it: GNOME's, over D-Bus."""

import gc

import keyring
import pytest
import secret_service
import secretstorage
from binance_wallet_extras.accounts import (
    KeyStoreError,
    add_account,
    named_accounts,
    open_account,
    remove_account,
)
from binance_wallet_extras.accounts.accounts import credentials_of
from keyring.backends.SecretService import Keyring
from keyrings import use_keyring


@pytest.fixture
def secret_store(monkeypatch):
    """GNOME's key store, unlocked."""
    if missing := secret_service.missing():
        pytest.skip(f"not installed: {', '.join(missing)} (Debian: apt-get install gnome-keyring dbus)")
    with secret_service.running() as address:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
        with use_keyring(Keyring()) as key_store:
            yield key_store


def lock():
    with secretstorage.dbus_init() as connection:
        secretstorage.get_default_collection(connection).lock()


def test_a_key_goes_into_the_key_store_and_comes_back(
    secret_store, config_folder, company_credentials, key_pair_credentials
):
    add_account("company", company_credentials)
    add_account("基金", key_pair_credentials(passphrase="老 ' \\ 密码"))
    assert credentials_of("company") == company_credentials
    with open_account("company") as wallet:
        assert wallet.balances()[0].balance == 1
    with open_account("基金") as wallet:
        assert len(wallet.balances()) == 10
    written = b"".join(path.read_bytes() for path in config_folder.rglob("*") if path.is_file())
    assert not any(secret.encode() in written for secret in company_credentials.values())


def test_a_removed_key_is_not_in_the_key_store_any_more(secret_store, config_folder, company_credentials):
    add_account("company", company_credentials)
    remove_account("company")
    assert keyring.get_password("binance-wallet", "company") is None
    assert named_accounts() == {}


@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")  # keyring leaves them to the collector then
def test_a_key_store_that_is_locked_is_one_clear_error(secret_store, config_folder, company_credentials):
    add_account("company", company_credentials)
    lock()
    for use in (open_account, remove_account, lambda name: add_account(f"another {name}", company_credentials)):
        with pytest.raises(KeyStoreError, match="the key store is locked: unlock it, and try again"):
            use("company")
    assert [*named_accounts()] == ["company"]
    gc.collect()
