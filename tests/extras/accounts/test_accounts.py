"""Named accounts: how they are kept, found and opened."""

import asyncio
import json
import multiprocessing
import os
import stat
import traceback
from decimal import Decimal
from pathlib import Path

import pytest
from binance_wallet import InvalidRequestError, WalletError
from binance_wallet_extras.accounts import (
    AccountError,
    InFile,
    KeyStoreError,
    UnknownAccountError,
    add_account,
    named_accounts,
    open_account,
    open_async_account,
    remove_account,
)
from binance_wallet_extras.accounts.accounts import credentials_of, key_type_and_ending
from hypothesis import given
from hypothesis import strategies as st
from keyring.backends.fail import Keyring as FailKeyring
from keyring.backends.null import Keyring as NullKeyring
from keyrings import MemoryKeyring, new_key, use_keyring

PASSPHRASE = "it's a long # \\ way"

pytestmark = pytest.mark.usefixtures("config_folder", "key_store")


def files(config_folder):
    return sorted(str(path.relative_to(config_folder)) for path in config_folder.rglob("*") if path.is_file())


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def assert_secret_only_in(secrets, config_folder, *expected):
    holding = {
        path.name for path in config_folder.rglob("*") if path.is_file() and any(s in path.read_text() for s in secrets)
    }
    assert holding == {*expected}


def test_an_account_is_opened_by_its_name(company_credentials):
    add_account("company", company_credentials)
    with open_account("company") as wallet:
        assert {each.wallet_name: each.balance for each in wallet.balances()}["Spot"] == Decimal(1)


def test_an_account_is_opened_by_its_name_in_async_code(company_credentials):
    add_account("company", company_credentials)

    async def spot():
        async with open_async_account("company") as wallet:
            return (await wallet.balances())[0].balance

    assert asyncio.run(spot()) == Decimal(1)


def test_options_of_a_client_are_passed_on(company_credentials, accounts_exchange, monkeypatch):
    monkeypatch.delenv("BINANCE_BASE_URL")
    add_account("company", company_credentials)
    with open_account(
        "company", base_url=accounts_exchange.base_url, timeout=3, budget="sqlite:///b.db?address=x"
    ) as wallet:
        assert wallet.base_url == accounts_exchange.base_url
        assert "b.db" in str(wallet.budget.store)


@pytest.mark.parametrize("opened", [open_account, open_async_account])
def test_a_key_in_the_environment_is_not_used(company_credentials, monkeypatch, opened):
    for name in ("API_KEY", "API_SECRET", "PRIVATE_KEY", "PRIVATE_KEY_PASSPHRASE"):
        monkeypatch.setenv(f"BINANCE_{name}", "of-another-account")
    add_account("company", company_credentials)
    with pytest.raises(TypeError, match="api_key"):
        opened("company", api_key="another")
    opened("company")


def test_the_key_store_keeps_all_secrets_of_an_hmac_key(company_credentials, config_folder, key_store):
    add_account("company", company_credentials)
    assert files(config_folder) == ["accounts.toml"]
    assert_secret_only_in(company_credentials.values(), config_folder)
    assert [json.loads(kept) for kept in key_store.kept.values()] == [company_credentials]
    assert (
        (config_folder / "accounts.toml")
        .read_text()
        .endswith(
            f'\n[company]\nsource = "keyring"\ntype = "HMAC"\napi_key_ends = "{company_credentials["api_key"][-4:]}"\n'
        )
    )


@pytest.mark.parametrize("kind", ["Ed25519", "RSA"])
@pytest.mark.parametrize("passphrase", [None, PASSPHRASE])
@pytest.mark.parametrize("in_file", [False, True])
def test_a_private_key_stays_in_its_file(key_pair_credentials, config_folder, kind, passphrase, in_file):
    pair = key_pair_credentials(kind, passphrase)
    entry = add_account("fund", pair, in_file=in_file)
    assert key_type_and_ending("fund", entry) == (kind, pair["api_key"][-4:])
    assert credentials_of("fund") == pair
    assert not any("PRIVATE KEY-----" in path.read_text() for path in config_folder.rglob("*") if path.is_file())
    assert_secret_only_in([pair["api_key"]], config_folder, *["fund.env"] * in_file)
    with open_account("fund") as wallet:
        assert len(wallet.balances()) == 10


def test_a_relative_path_of_a_private_key_is_kept_as_an_absolute_one(key_pair_credentials, monkeypatch, tmp_path):
    pair = key_pair_credentials()
    monkeypatch.chdir(tmp_path)
    add_account("fund", {**pair, "private_key": "Ed25519 key.pem"})
    monkeypatch.chdir("/")
    assert credentials_of("fund") == pair


def test_a_file_for_a_key_is_of_mode_600_whatever_the_umask(company_credentials, config_folder):
    before = os.umask(0o777)
    try:
        add_account("company", company_credentials, in_file=True)
    finally:
        os.umask(before)
    assert files(config_folder) == ["accounts.toml", "keys/company.env"]
    assert [mode(config_folder / each) for each in ("keys/company.env", "accounts.toml", "keys", ".")] == [
        0o600,
        0o600,
        0o700,
        0o700,
    ]
    assert_secret_only_in(company_credentials.values(), config_folder, "company.env")
    assert named_accounts() == {"company": InFile("keys/company.env")}
    assert credentials_of("company") == company_credentials


def test_accounts_are_listed_without_the_key_store(company_credentials, key_store, key_pair_credentials):
    add_account("company", company_credentials)
    add_account("Family fund 基金", key_pair_credentials("RSA"))
    key_store.is_locked, key_store.asked = True, 0
    found = named_accounts()
    assert [*found] == ["company", "Family fund 基金"]
    assert key_type_and_ending("company", found["company"]) == ("HMAC", company_credentials["api_key"][-4:])
    assert key_type_and_ending("Family fund 基金", found["Family fund 基金"])[0] == "RSA"
    assert key_store.asked == 0


def test_without_a_file_there_are_no_accounts():
    assert named_accounts() == {}
    with pytest.raises(UnknownAccountError) as caught:
        open_account("company")
    assert str(caught.value) == "there is no account 'company': add it with binance-wallet keys add company"


def test_an_unknown_account_names_those_that_there_are_and_a_near_one(company_credentials):
    for name in ("company", "family"):
        add_account(name, {**company_credentials, "api_key": new_key()})
    with pytest.raises(UnknownAccountError) as caught:
        open_account("Compny")
    assert str(caught.value) == "there is no account 'Compny': choose company, family: did you mean company?"


@pytest.mark.parametrize("in_file", [False, True])
def test_a_key_that_an_account_has_is_not_kept_again(company_credentials, in_file):
    add_account("company", company_credentials, in_file=in_file)
    with pytest.raises(AccountError, match=r"^the account 'company' has this API key already") as caught:
        add_account("copy", company_credentials)
    assert company_credentials["api_key"] not in str(caught.value)
    assert [*named_accounts()] == ["company"]


def test_a_key_that_ends_like_that_of_an_account_is_kept(company_credentials):
    add_account("company", company_credentials)
    add_account("other", {**company_credentials, "api_key": new_key()[:-4] + company_credentials["api_key"][-4:]})
    assert [*named_accounts()] == ["company", "other"]


def test_while_the_key_store_is_locked_no_key_is_kept_that_may_have_a_name_already(company_credentials, key_store):
    add_account("company", company_credentials)
    key_store.is_locked = True
    with pytest.raises(KeyStoreError):
        add_account("copy", company_credentials, in_file=True)
    assert [*named_accounts()] == ["company"]


def test_of_many_accounts_a_message_names_five(company_credentials):
    for number in range(7):
        add_account(f"sub-{number}", {**company_credentials, "api_key": new_key()})
    with pytest.raises(UnknownAccountError, match=r"choose sub-0, sub-1, sub-2, sub-3, sub-4 and 2 others$"):
        open_account("company")


def test_a_file_written_by_hand_keeps_its_comments(company_credentials, config_folder, tmp_path):
    config_folder.mkdir(parents=True)
    text = f'# Mine.\n[old]\nsource = "env-file"  # by hand\npath = "{tmp_path}/old.env"\n'
    (config_folder / "accounts.toml").write_text(text)
    add_account("company", company_credentials)
    assert (config_folder / "accounts.toml").read_text().startswith(text)
    remove_account("company")
    assert (config_folder / "accounts.toml").read_text().rstrip() == text.rstrip()


def test_a_list_that_is_a_link_stays_one(company_credentials, config_folder, tmp_path):
    config_folder.mkdir(parents=True)
    (config_folder / "accounts.toml").symlink_to(tmp_path / "mine.toml")
    (tmp_path / "mine.toml").touch(0o600)
    add_account("company", company_credentials)
    assert (config_folder / "accounts.toml").is_symlink()
    assert "[company]" in (tmp_path / "mine.toml").read_text()


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ("BINANCE_API_KEY={key}\nBINANCE_API_SECRET={secret}\n", "secret"),
        ("# Mine\r\nexport BINANCE_API_KEY='{key}'\r\nexport BINANCE_API_SECRET=\"{secret}\"\r\n", "secret"),
        ("\ufeffBINANCE_API_KEY={key} BINANCE_API_SECRET={secret} # both\nBINANCE_PRIVATE_KEY=\nOTHER=x", "secret"),
    ],
)
def test_an_env_file_is_read_as_a_shell_reads_it(config_folder, company_credentials, content, found):
    config_folder.mkdir(parents=True)
    (config_folder / "accounts.toml").write_text('[old]\nsource = "env-file"\npath = "../old.env"\n')
    file = config_folder.parent / "old.env"
    file.write_bytes(
        content.format(key=company_credentials["api_key"], secret=company_credentials["api_secret"]).encode()
    )
    file.chmod(0o600)
    assert credentials_of("old") == company_credentials
    assert key_type_and_ending("old", named_accounts()["old"]) == ("HMAC", company_credentials["api_key"][-4:])


@given(passphrase=st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), min_size=1))
def test_a_passphrase_comes_back_from_a_file_as_it_was(tmp_path_factory, passphrase):
    from binance_wallet_extras.accounts import keyfiles

    config_folder = tmp_path_factory.mktemp("keys")
    (config_folder / "key.pem").touch(0o600)
    given = {"api_key": "k" * 64, "private_key": str(config_folder / "key.pem"), "passphrase": passphrase}
    keyfiles.write(config_folder / "file.env", given)
    assert keyfiles.read(config_folder / "file.env") == given


BAD_ENV = {
    "BINANCE_API_SECRET=x": "has no BINANCE_API_KEY",
    "BINANCE_API_KEY=x": "must have BINANCE_API_SECRET or BINANCE_PRIVATE_KEY, and has none",
    "BINANCE_API_KEY=x BINANCE_API_SECRET=x BINANCE_PRIVATE_KEY=x": "and has both",
    "BINANCE_API_KEY='x": "it has no variables that can be read",
    "BINANCE_API_KEY=x BINANCE_PRIVATE_KEY=/no/such.pem": "there is no file of a private key at /no/such.pem",
    "BINANCE_API_KEY=x BINANCE_PRIVATE_KEY=a\0b": "there is no file of a private key at a\0b",
    f"BINANCE_API_KEY=x BINANCE_PRIVATE_KEY=/{'x' * 300}": "the file of a private key /x+: File name too long",
}


@pytest.mark.parametrize("content", BAD_ENV)
def test_an_env_file_without_a_key_is_refused(config_folder, content, monkeypatch):
    monkeypatch.setenv("BINANCE_API_KEY", "of-the-environment")
    monkeypatch.setenv("BINANCE_API_SECRET", "of-the-environment")
    config_folder.mkdir(parents=True)
    (config_folder / "accounts.toml").write_text('[old]\nsource = "env-file"\npath = "old.env"\n')
    (config_folder / "old.env").write_text(content)
    (config_folder / "old.env").chmod(0o600)
    with pytest.raises(AccountError, match=BAD_ENV[content]):
        open_account("old")


def test_a_missing_env_file_is_named(config_folder):
    config_folder.mkdir(parents=True)
    (config_folder / "accounts.toml").write_text('[old]\nsource = "env-file"\npath = "/no/old.env"\n')
    with pytest.raises(AccountError, match=r"^the key file /no/old\.env: No such file or directory$"):
        open_account("old")


@pytest.mark.parametrize("bits", [0o640, 0o604, 0o620])
def test_a_file_that_others_may_use_is_refused(company_credentials, key_pair_credentials, config_folder, bits):
    add_account("company", company_credentials, in_file=True)
    file = config_folder / "keys/company.env"
    pair = key_pair_credentials()
    add_account("fund", pair)
    for name, path in (("company", file), ("fund", pair["private_key"])):
        Path(path).chmod(bits)
        with pytest.raises(AccountError, match=f"the key file must be yours alone.*chmod 600 {path}"):
            open_account(name)


def test_a_private_key_that_others_may_read_is_not_added(key_pair_credentials, key_store):
    pair = key_pair_credentials()
    Path(pair["private_key"]).chmod(0o644)
    with pytest.raises(AccountError, match="must be yours alone"):
        add_account("fund", pair)
    assert (named_accounts(), key_store.kept) == ({}, {})


def test_a_list_of_accounts_that_others_may_write_is_refused(company_credentials, config_folder):
    add_account("company", company_credentials)
    (config_folder / "accounts.toml").chmod(0o660)
    with pytest.raises(AccountError, match=r"others may change .*accounts\.toml \(mode 0660\): chmod 600"):
        open_account("company")


BAD_TOML = {
    "[company = 1": r"is not a TOML file: .*line 1",
    "company = 1": "the account 'company': Expected `object`, got `int`",
    "[company]\nsource = 'cloud'": "the account 'company': Invalid value 'cloud'",
    "[company]\nsource = 'env-file'": "the account 'company': Object missing required field `path`",
    "[company]\nsource = 'env-file'\npath = 'x'\napi_secret = 'y'": "unknown field `api_secret`",
    "[All]\nsource = 'env-file'\npath = 'x'": "all stands for all accounts",
    "\xff": "is not a TOML file",
}


@pytest.mark.parametrize("content", BAD_TOML)
def test_a_broken_list_of_accounts_is_named_and_not_written(config_folder, company_credentials, key_store, content):
    config_folder.mkdir(parents=True)
    written = content.encode("latin-1")
    (config_folder / "accounts.toml").write_bytes(written)
    for use in (lambda: open_account("company"), lambda: add_account("other", company_credentials)):
        with pytest.raises(AccountError, match=rf"accounts\.toml.*{BAD_TOML[content]}"):
            use()
    assert (config_folder / "accounts.toml").read_bytes() == written
    assert key_store.kept == {}


@pytest.mark.parametrize("name", ["", "all", "ALL", "-x", "../x", "a/b", "a\nb", " a", "a ", "a.", "x" * 61])
def test_what_is_no_name_is_refused(company_credentials, name, key_store):
    with pytest.raises(AccountError, match="is not a name for an account"):
        add_account(name, company_credentials)
    assert (named_accounts(), key_store.kept) == ({}, {})


@pytest.mark.parametrize("in_file", [False, True])
def test_a_name_that_is_taken_keeps_its_key(company_credentials, in_file):
    add_account("Company", company_credentials, in_file=in_file)
    with pytest.raises(AccountError, match="there is an account 'Company' already: remove it first"):
        add_account("company", {"api_key": new_key(), "api_secret": new_key()}, in_file=in_file)
    assert credentials_of("Company") == company_credentials


def test_a_key_file_that_is_left_over_is_not_overwritten(company_credentials, config_folder):
    (config_folder / "keys").mkdir(parents=True)
    (config_folder / "keys/company.env").write_text("something")
    with pytest.raises(AccountError, match=r"there is a file .*company\.env already"):
        add_account("company", company_credentials, in_file=True)
    assert (config_folder / "keys/company.env").read_text() == "something"
    assert named_accounts() == {}


@pytest.mark.parametrize("in_file", [False, True])
def test_an_account_and_its_key_are_removed(company_credentials, config_folder, key_store, in_file):
    add_account("company", company_credentials, in_file=in_file)
    assert remove_account("company") is None
    assert (named_accounts(), key_store.kept, files(config_folder)) == ({}, {}, ["accounts.toml"])
    with pytest.raises(UnknownAccountError):
        remove_account("company")


def test_an_env_file_of_the_users_own_stays(config_folder):
    config_folder.mkdir(parents=True)
    (config_folder / "accounts.toml").write_text('[old]\nsource = "env-file"\npath = "old.env"\n')
    (config_folder / "old.env").touch()
    assert remove_account("old") == config_folder / "old.env"
    assert (config_folder / "old.env").exists()
    assert named_accounts() == {}


def test_an_account_whose_key_has_vanished_can_be_removed(company_credentials, key_store):
    add_account("company", company_credentials)
    key_store.kept.clear()
    with pytest.raises(AccountError, match="the key store has no key of the account 'company'"):
        open_account("company")
    remove_account("company")
    assert named_accounts() == {}


def test_what_is_no_key_in_the_store_is_not_repeated(company_credentials, key_store):
    add_account("company", company_credentials)
    key_store.kept = dict.fromkeys(key_store.kept, "hunter2")
    with pytest.raises(AccountError, match="is not a key: remove the account") as caught:
        open_account("company")
    assert "hunter2" not in "".join(traceback.format_exception(caught.value))


STORES = {
    "none": (FailKeyring, "this system has no key store that can be used"),
    "switched off": (NullKeyring, "this system has no key store that can be used"),
    "a file without encryption": (
        type("Plaintext", (MemoryKeyring,), {"priority": 0.5}),
        "this system has no key store that can be used",
    ),
    "forgetful": (
        type("Forgetful", (MemoryKeyring,), {"set_password": lambda *_: None}),
        "the key store does not keep what it is given",
    ),
    "broken": (
        type("Broken", (MemoryKeyring,), {"_open": lambda _: {}["no bus"]}),
        "the key store cannot be used: 'no bus'",
    ),
}


@pytest.mark.parametrize("kind", STORES)
def test_nothing_is_kept_without_a_key_store(company_credentials, config_folder, kind):
    key_store, message = STORES[kind]
    with use_keyring(key_store()), pytest.raises(KeyStoreError) as caught:
        add_account("company", company_credentials)
    assert str(caught.value) == message
    assert named_accounts() == {}
    assert_secret_only_in(company_credentials.values(), config_folder)


def test_a_locked_key_store_is_one_clear_error(company_credentials, key_store):
    add_account("company", company_credentials)
    key_store.is_locked = True
    for use in (open_account, open_async_account, remove_account):
        with pytest.raises(KeyStoreError, match=r"^the key store is locked: unlock it, and try again$"):
            use("company")
    with pytest.raises(KeyStoreError, match="is locked"):
        add_account("other", company_credentials)
    key_store.is_locked = False
    assert [*named_accounts()] == ["company"]
    assert credentials_of("company") == company_credentials


def test_a_key_is_not_kept_where_the_list_cannot_be_written(company_credentials, config_folder, key_store, monkeypatch):
    import tomlkit

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tomlkit, "dumps", full)
    for in_file in (False, True):
        with pytest.raises(AccountError, match="No space left on device"):
            add_account("company", company_credentials, in_file=in_file)
    assert (named_accounts(), key_store.kept, files(config_folder)) == ({}, {}, [])


@pytest.mark.parametrize("use", ["open", "read", "add"])
def test_no_error_holds_a_secret(company_credentials, key_store, use):
    add_account("company", company_credentials)
    if use == "read":
        key_store.kept = {name: kept.replace("api_key", "no_key") for name, kept in key_store.kept.items()}
    elif use == "add":
        key_store.set_password = lambda *_: {}["broken"]
    with pytest.raises(WalletError) as caught:
        add_account("other", company_credentials) if use == "add" else open_account("company", timeout=-1)
    assert caught.value.__context__ is None
    frames = [frame for frame, _ in traceback.walk_tb(caught.value.__traceback__)]
    held = [repr(frame.f_locals) for frame in frames if frame.f_code.co_filename != __file__]
    assert not any(secret in text for secret in company_credentials.values() for text in [*held, repr(caught.value)])


def test_an_option_that_is_not_allowed_is_the_clients_own_error(company_credentials):
    add_account("company", company_credentials)
    with pytest.raises(InvalidRequestError, match="timeout must be"):
        open_account("company", timeout=-1)


def _add(number):
    with use_keyring(MemoryKeyring()):
        add_account(f"sub-{number}", {"api_key": f"{number:064}", "api_secret": "s" * 64}, in_file=True)


def test_accounts_that_are_added_at_the_same_time_are_all_kept():
    with multiprocessing.get_context("fork").Pool(4) as pool:
        pool.map(_add, range(12), chunksize=1)
    assert sorted(named_accounts()) == sorted(f"sub-{number}" for number in range(12))
