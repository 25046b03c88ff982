"""Accounts of a mock exchange, and a key store in memory for them."""

from pathlib import Path

import pytest
from binance_wallet_mock import Account, MockExchange
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from keyrings import MemoryKeyring, new_key, use_keyring


@pytest.fixture
def key_store():
    with use_keyring(MemoryKeyring()) as key_store:
        yield key_store


@pytest.fixture
def config_folder(monkeypatch, tmp_path):
    """The folder of `accounts.toml`."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path / "config" / "binance-wallet"


@pytest.fixture(scope="package")
def served():
    with MockExchange(weight_limit=10**6) as accounts_exchange:
        yield accounts_exchange


@pytest.fixture
def accounts_exchange(served, monkeypatch):
    served.reset()
    monkeypatch.setenv("BINANCE_BASE_URL", served.base_url)
    return served


@pytest.fixture
def company_credentials(accounts_exchange):
    """The credentials of an HMAC key to an account whose spot wallet is worth one bitcoin."""
    account = Account(seed=1)
    account.set_balances({"Spot": 1})
    key, secret = new_key(), new_key()
    accounts_exchange.add_key(key, api_secret=secret, account=account)
    return {"api_key": key, "api_secret": secret}


PRIVATE_KEYS = {"Ed25519": Ed25519PrivateKey.generate, "RSA": lambda: generate_private_key(65537, 2048)}


@pytest.fixture
def key_pair_credentials(accounts_exchange, tmp_path):
    """Make a private key, and register its public key with the exchange. Returns the credentials."""

    def key_pair_credentials(kind="Ed25519", passphrase=None):
        private_key = PRIVATE_KEYS[kind]()
        encryption = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
        file = Path(tmp_path / f"{kind} key.pem")
        file.write_bytes(private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption))
        file.chmod(0o600)
        key = new_key()
        public = private_key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        accounts_exchange.add_key(key, public_key=public.decode())
        return {"api_key": key, "private_key": str(file)} | ({"passphrase": passphrase} if passphrase else {})

    return key_pair_credentials
