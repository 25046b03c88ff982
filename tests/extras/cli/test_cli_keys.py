"""`binance-wallet keys`, and what `--account` and BINANCE_ACCOUNT choose."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import secret_service
from binance_wallet_mock import Account
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from keyring.backends.fail import Keyring as FailKeyring
from keyrings import MemoryKeyring, new_key, use_keyring
from terminal import conversation

COMMAND = Path(sys.executable).with_name("binance-wallet")
PASSPHRASE = " it's # long "
LOCKED = "the key store is locked: unlock it, and try again"
NONE = "this system has no key store that can be used"


@pytest.fixture(autouse=True)
def _user(environment, tmp_path):
    """A user without a key in the environment, and without an archive."""
    del environment["BINANCE_API_KEY"], environment["BINANCE_API_SECRET"]
    environment["HOME"] = environment["XDG_DATA_HOME"] = str(tmp_path / "home")


@pytest.fixture(autouse=True)
def key_store():
    """The key store of commands that run in this process."""
    with use_keyring(MemoryKeyring()) as key_store:
        yield key_store


@pytest.fixture
def config_folder(environment):
    return Path(environment["XDG_CONFIG_HOME"], "binance-wallet")


@pytest.fixture
def company_key(exchange):
    """The key and the secret of an account whose spot wallet is worth one bitcoin."""
    return of_account(exchange, 1)


@pytest.fixture
def family_key(exchange):
    """The same of another, of two bitcoins."""
    return of_account(exchange, 2)


def of_account(exchange, bitcoins):
    account = Account(seed=bitcoins)
    account.set_balances({"Spot": bitcoins})
    key, secret = new_key(), new_key()
    exchange.add_key(key, api_secret=secret, account=account)
    return key, secret


@pytest.fixture
def piped(run_in, tmp_path):
    """Run the command with lines on its standard input; return its exit code, standard output and standard error."""

    def piped(*args, lines, **options):
        files = [tmp_path / name for name in ("stdin", "stdout", "stderr")]
        files[0].write_bytes(lines if isinstance(lines, bytes) else "".join(f"{line}\n" for line in lines).encode())
        with files[0].open() as stdin, files[1].open("w") as stdout, files[2].open("w") as stderr:
            code = run_in(*args, streams=[stdin, stdout, stderr], **options)
        return code, files[1].read_text(), files[2].read_text()

    return piped


@pytest.fixture
def add(piped):
    def add(name, lines, *options):
        code, shown, errors = piped("keys", "add", name, *options, lines=lines)
        assert (code, errors) == (0, "")
        return shown

    return add


@pytest.fixture
def ed25519_key_file(exchange, tmp_path):
    """Make an Ed25519 key that the exchange knows; its API key and file."""

    def ed25519_key_file(passphrase=None):
        private_key = Ed25519PrivateKey.generate()
        encryption = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
        file = tmp_path / "fund.pem"
        file.write_bytes(private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption))
        file.chmod(0o600)
        public = private_key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        key = new_key()
        exchange.add_key(key, public_key=public.decode())
        return key, file

    return ed25519_key_file


@pytest.fixture
def added(add, company_key, family_key):
    """The key and the secret of `company`, which is added in the key store; `server` is added in a file."""
    add("company", company_key)
    add("server", family_key, "--no-keyring")
    return company_key


def spot(run, *args, **options):
    """The value of the spot wallet, in BTC."""
    code, shown, errors = run("balances", "--json", *args, **options)
    assert (code, errors) == (0, "")
    return next(row["balance"] for row in json.loads(shown) if row["wallet_name"] == "Spot")


def secrets_written(config_folder, *secrets):
    files = [path for path in config_folder.rglob("*") if path.is_file()]
    return {path.name for path in files for secret in secrets if secret in path.read_text()}


def test_an_added_key_is_in_the_key_store_and_nowhere_else(add, company_key, key_store, config_folder, run):
    assert add("company", company_key) == f"added company: HMAC key …{company_key[0][-4:]}, in the key store\n"
    assert secrets_written(config_folder, *company_key) == set()
    assert len(key_store.kept) == 1
    assert spot(run, "--account", "company") == "1"


def test_an_added_key_is_tried_with_one_light_call(add, company_key, exchange):
    add("company", company_key)
    assert [request.path for request in exchange.requests] == ["/sapi/v1/asset/wallet/balance"]


def test_without_a_key_store_a_file_keeps_the_key(add, company_key, config_folder, run):
    file = config_folder / "keys/company.env"
    assert add("company", company_key, "--no-keyring") == f"added company: HMAC key …{company_key[0][-4:]}, in {file}\n"
    assert file.stat().st_mode & 0o777 == 0o600
    assert secrets_written(config_folder, *company_key) == {"company.env"}
    assert spot(run, BINANCE_ACCOUNT="company") == "1"


@pytest.mark.parametrize(("passphrase", "options"), [(None, []), (PASSPHRASE, []), (PASSPHRASE, ["--no-keyring"])])
def test_a_private_key_is_used_where_it_is(add, ed25519_key_file, run, passphrase, options):
    key, file = ed25519_key_file(passphrase)
    shown = add("fund", [key] + [passphrase] * bool(passphrase), "--private-key", "fund.pem", *options)
    assert shown.startswith(f"added fund: Ed25519 key …{key[-4:]}, in ")
    assert file.exists()
    assert run("balances", "--account", "fund")[0] == 0
    assert run("doctor", "--account", "fund")[0] == 0


@pytest.fixture
def assert_nothing_is_kept(run, key_store, config_folder):
    def assert_nothing_is_kept():
        assert (key_store.kept, [*config_folder.rglob("*.env")]) == ({}, [])
        assert run("keys", "list")[1] == ""

    return assert_nothing_is_kept


REFUSED = {
    "the key is unknown": ([new_key(), new_key()], 1, "Invalid Api-Key ID. (code -2008, HTTP 401). Copy the key again"),
    "the secret is wrong": ([None, new_key()], 1, "The secret does not belong to this key: copy both again"),
    "the secret has spaces": ([None, "a b"], 2, "the secret has a character that no key has"),
    "the secret is missing": ([None], 2, "standard input has no line with the secret"),
    "nothing is given": ([], 2, "standard input has no line with the API key"),
    "the input is not text": (b"\xff\xfe\n", 2, "standard input is not text"),
}


@pytest.mark.parametrize("what", REFUSED)
@pytest.mark.parametrize("options", [[], ["--no-keyring"]])
def test_a_key_that_is_no_good_is_not_kept(piped, company_key, assert_nothing_is_kept, what, options):
    lines, expected, message = REFUSED[what]
    if isinstance(lines, list):
        lines = [line or company_key[0] for line in lines]
    code, shown, errors = piped("keys", "add", "company", *options, lines=lines)
    assert (code, shown, errors.count("\n")) == (expected, "", 1)
    assert message in errors
    assert not any(str(line) in errors for line in lines if len(str(line)) > 9)
    assert_nothing_is_kept()


def test_a_key_is_not_kept_if_the_exchange_cannot_be_reached(piped, company_key, key_store):
    code, _, errors = piped(
        "keys", "add", "company", "--base-url", "http://127.0.0.1:1", "--timeout", 1, lines=company_key
    )
    assert (code, errors.count("\n"), key_store.kept) == (1, 1, {})
    assert errors.endswith(". Nothing was kept\n")


def test_a_key_that_another_name_has_is_refused_before_a_call(add, piped, company_key, exchange):
    add("company", company_key)
    exchange.requests.clear()
    code, shown, errors = piped("keys", "add", "copy", "--no-keyring", lines=company_key)
    assert (code, shown, exchange.requests) == (2, "", [])
    assert errors == (
        "binance-wallet: the account 'company' has this API key already, and would be counted twice. Nothing was kept\n"
    )


def test_a_name_that_is_taken_or_none_is_refused_before_anything_is_asked(add, piped, company_key, exchange):
    add("company", company_key)
    exchange.requests.clear()
    for name, message in (
        ("Company", "there is an account 'company' already"),
        ("all", "is not a name for an account"),
    ):
        code, _, errors = piped("keys", "add", name, lines=[])
        assert (code, message in errors, errors.count("\n")) == (2, True, 1)
    assert exchange.requests == []


@pytest.mark.parametrize("problem", [LOCKED, NONE])
def test_off_a_terminal_a_missing_or_locked_key_store_is_said_before_a_call(piped, company_key, exchange, problem):
    key_store = MemoryKeyring() if problem == LOCKED else FailKeyring()
    key_store.is_locked = True
    with use_keyring(key_store):
        code, shown, errors = piped("keys", "add", "company", lines=company_key)
    assert (code, shown) == (2, "")
    assert errors == f"binance-wallet: {problem}; with --no-keyring, a file of mode 600 keeps the key\n"
    assert exchange.requests == []


def test_on_a_terminal_what_is_typed_is_not_shown_and_a_file_is_offered(
    environment, tmp_path, company_key, config_folder, run
):
    key, secret = company_key
    answers = [("[n]:", key), ("[n]:", "y"), ("(it is not shown):", key), ("(it is not shown):", f" {secret} ")]
    code, shown = conversation([str(COMMAND), "keys", "add", "company"], environment, str(tmp_path), answers)
    assert code == 0, shown
    assert "this system has no key store that can be used. Keep the key in a file of mode 600 instead?" in shown
    assert key not in shown
    assert secret not in shown
    assert f"added company: HMAC key …{key[-4:]}, in {config_folder}/keys/company.env\n" in shown
    assert spot(run, "--account", "company") == "1"


def test_on_a_terminal_the_file_can_be_declined(environment, tmp_path, config_folder):
    command = [str(COMMAND), "keys", "add", "company"]
    code, shown = conversation(command, environment, str(tmp_path), [("[n]:", "")])
    assert code == 2
    assert shown.splitlines()[-1] == "binance-wallet: this system has no key store that can be used"
    assert not config_folder.exists()


@pytest.fixture
def fund_key(add, ed25519_key_file):
    """The API key and the file of an account `fund`, which is added."""
    key, file = ed25519_key_file()
    add("fund", [key], "--private-key", file)
    return key, file


def test_a_list_shows_types_last_digits_and_places_but_no_secret(
    run, added, *, family_key, fund_key, key_store, config_folder
):
    key_store.is_locked = True
    key, file = fund_key
    lines = [
        f"company: HMAC key …{added[0][-4:]}, in the key store",
        f"server: HMAC key …{family_key[0][-4:]}, in {config_folder}/keys/server.env",
        f"fund: Ed25519 key …{key[-4:]}, in the key store and {file}",
    ]
    assert run("keys", "list") == (0, "".join(f"{line}\n" for line in lines), "")
    shown = run("keys", "list", "--json")[1]
    assert not any(secret in shown for secret in (*added, *family_key, key))
    assert json.loads(shown)[2] == {
        "account": "fund",
        "type": "Ed25519",
        "api_key_ends": key[-4:],
        "source": "keyring",
        "file": str(file),
        "problem": None,
    }


def test_a_list_says_what_is_wrong_with_a_file_and_goes_on(added, run, config_folder):
    (config_folder / "keys/server.env").chmod(0o640)
    code, shown, _ = run("keys", "list")
    first, second = shown.splitlines()
    assert (code, first.startswith("company: HMAC key")) == (0, True)
    assert second.startswith("server: the key file must be yours alone, but others may read ")
    assert "chmod 600" in json.loads(run("keys", "list", "--json")[1])[1]["problem"]


def test_without_accounts_a_list_says_how_to_add_one(run):
    line = "binance-wallet: there are no accounts yet: add one with binance-wallet keys add NAME\n"
    assert run("keys", "list") == (0, "", line)
    assert run("keys", "list", "--json") == (0, "[]\n", "")
    assert run("keys", "check") == (2, "", line)


def test_a_check_tries_each_key_and_names_those_that_fail(added, family_key, fund_key, run, exchange):
    for key, secret in (added, family_key):
        exchange.add_key(key, api_secret=secret, permitted=False)
    exchange.add_key(fund_key[0], api_secret="another")
    exchange.requests.clear()
    code, shown, errors = run("keys", "check")
    assert (code, errors) == (1, "")
    first, second, third = shown.splitlines()
    refused = "Invalid API-key, IP, or permissions for action. (code -2015, HTTP 401). The key, the IP address or"
    assert first.startswith(f"WRONG company       {refused}")
    assert second.startswith(f"WRONG server        {refused}")
    assert third.startswith("WRONG fund ")
    assert third.endswith("This private key is not the one whose public key is registered for the API key: check both")
    assert len(exchange.requests) == 3


def test_a_check_does_not_call_a_key_wrong_that_the_exchange_did_not_judge(added, run):
    code, shown, _ = run("keys", "check", "--base-url", "http://127.0.0.1:1")
    assert code == 1
    assert [line.split()[:2] for line in shown.splitlines()] == [["?", "company"], ["?", "server"]]
    assert "Check the connection, HTTPS_PROXY and BINANCE_BASE_URL\n" in shown


def test_a_check_says_which_keys_were_not_tried_as_the_exchange_could_not_be_reached(added, run):
    shown = run("keys", "check", "--base-url", "http://127.0.0.1:1")[1]
    assert shown.splitlines()[1] == "?     server        not called: the exchange could not be reached"


def test_a_check_names_the_account_whose_private_key_cannot_be_used_and_goes_on(added, fund_key, ed25519_key_file, run):
    _, file = ed25519_key_file()
    file.write_text("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")
    code, shown, errors = run("keys", "check")
    assert (code, errors) == (1, "")
    assert [line.split()[:2] for line in shown.splitlines()] == [["ok", "company"], ["ok", "server"], ["WRONG", "fund"]]
    assert "the key of the account 'fund' cannot be used: its private key is not a PKCS#8 PEM" in shown


def test_what_was_done_is_done_though_standard_output_is_closed(company_key, run_in, piped, key_store, add):
    add("company", company_key)
    assert run_in("keys", "remove", "company", streams=[None, None, None]) == 0
    assert key_store.kept == {}


def test_no_key_is_tried_where_standard_output_is_closed(company_key, run_in, add, exchange):
    add("company", company_key)
    exchange.requests.clear()
    assert run_in("keys", "check", streams=[None, None, None]) == 1
    assert not exchange.requests


def test_a_character_that_no_key_has_is_told_in_words(piped, company_key):
    code, _, errors = piped("keys", "add", "company", lines=["bad key!", company_key[1]])
    assert code == 2
    assert errors.startswith("binance-wallet: the API key has a character that no key has: quotes")


def test_a_check_may_be_of_some_accounts(added, fund_key, run, exchange):
    exchange.add_key(added[0], api_secret=added[1], permitted=False)
    assert run("keys", "check", "fund") == (0, "ok    fund          the exchange accepts the key\n", "")
    code, _, errors = run("keys", "check", "fund", "fnd")
    assert (code, errors.endswith(": did you mean fund?\n")) == (2, True)


def test_a_locked_key_store_is_asked_once_for_all_accounts(add, exchange, company_key, key_store, run):
    for name in ("one", "two", "three"):
        add(name, of_account(exchange, 1))
    add("server", company_key, "--no-keyring")
    key_store.is_locked, key_store.asked = True, 0
    code, shown, _ = run("keys", "check")
    assert (code, key_store.asked) == (1, 1)
    assert shown.splitlines() == [
        f"WRONG one           {LOCKED}",
        f"WRONG two           {LOCKED}",
        f"WRONG three         {LOCKED}",
        "ok    server        the exchange accepts the key",
    ]


def test_a_removed_account_is_gone(add, company_key, key_store, run):
    add("company", company_key)
    assert run("keys", "remove", "company") == (0, "removed company\n", "")
    assert key_store.kept == {}
    assert run("keys", "remove", "company")[0] == 2


def test_a_file_of_the_users_own_is_left_and_named(run, config_folder, company_key):
    config_folder.mkdir(parents=True)
    (config_folder / "accounts.toml").write_text('[old]\nsource = "env-file"\npath = "env"\n')
    (config_folder / "env").touch(0o600)
    assert run("keys", "remove", "old") == (0, f"removed old; its key is still in {config_folder}/env\n", "")


def test_an_account_goes_before_a_key_in_the_environment(add, company_key, family_key, run, exchange):
    add("company", company_key)
    others = {"BINANCE_API_KEY": family_key[0], "BINANCE_API_SECRET": family_key[1]}
    assert spot(run, **others) == "2"
    assert spot(run, "--account", "company", **others) == "1"
    assert spot(run, BINANCE_ACCOUNT="company", **others) == "1"


COMMANDS = [["balances"], ["snapshots", "spot"], ["history"], ["report", "--output", "r.html"], ["archive", "update"]]


@pytest.mark.parametrize("command", COMMANDS)
def test_an_unknown_account_is_one_line_that_names_a_near_one(added, run, exchange, command, tmp_path):
    exchange.requests.clear()
    code, shown, errors = run(*command, "--account", "compny")
    assert (code, shown, exchange.requests) == (2, "", [])
    assert errors == "binance-wallet: there is no account 'compny': choose company, server: did you mean company?\n"
    assert not [*tmp_path.rglob("*.html"), *tmp_path.rglob("*.sqlite")]


def test_an_empty_name_is_refused(run):
    assert run("balances", "--account", "") == (2, "", "binance-wallet: --account: it is empty (see --help)\n")


@pytest.mark.parametrize("command", [["snapshots", "spot"], ["doctor"]])
def test_all_accounts_are_refused_where_there_can_be_one_only(add, company_key, run, command):
    add("company", company_key)
    code, shown, errors = run(*command, "--account", "all")
    assert (code, "balances, history, report" in f"{shown}{errors}") == (2, True)


def test_an_account_is_recorded_and_read_under_its_name(add, company_key, family_key, run):
    add("company", company_key)
    add("family", family_key)
    for name in ("company", "family"):
        added = f"made a new account: {name}\nadded to {name}: spot 30 days, balances of all 10 wallets in BTC\n"
        assert run("archive", "update", "spot", "--quote", "BTC", "--account", name)[1].endswith(added)
    assert spot(run, "--archive", "--account", "family") == "2"
    assert spot(run, "--archive", BINANCE_ACCOUNT="company") == "1"
    assert "main" not in run("archive", "accounts")[1]
    status = json.loads(run("archive", "status", "--json", BINANCE_ACCOUNT="company")[1])
    assert {each["account"] for part in status.values() for each in part} == {"company"}


def test_reading_an_archive_takes_no_key(add, company_key, run):
    add("company", company_key)
    run("archive", "update", "spot", "--account", "company")
    run("keys", "remove", "company")
    assert run("snapshots", "spot", "--archive", "--account", "company")[0] == 0


def test_a_name_that_only_the_archive_has_is_updated_with_the_key_in_the_environment(add, company_key, family_key, run):
    keys = {"BINANCE_API_KEY": family_key[0], "BINANCE_API_SECRET": family_key[1]}
    assert "made a new account: old\n" in run("archive", "update", "spot", "--account", "old", **keys)[1]
    add("company", company_key)
    assert run("archive", "update", "spot", "--account", "old", **keys)[0] == 0
    code, shown, errors = run("archive", "update", "spot", "--account", "olds", **keys)
    assert (code, shown) == (2, "")
    assert errors == "binance-wallet: there is no account 'olds': choose company, old: did you mean old?\n"


@pytest.mark.usefixtures("added")
def test_doctor_finds_key_files_that_others_may_read(run, config_folder):
    (config_folder / "keys/server.env").chmod(0o644)
    code, shown, _ = run("doctor", "--account", "company")
    assert code == 1
    assert (
        f"others may read {config_folder}/keys/server.env (mode 0644): chmod 600 {config_folder}/keys/server.env"
        in shown
    )
    code, shown, _ = run("doctor", "--account", "server")
    assert (code, shown.count("chmod 600")) == (2, 1)


def test_a_key_is_kept_in_the_real_key_store_by_one_process_and_found_by_another(environment, company_key, tmp_path):
    if missing := secret_service.missing():
        pytest.skip(f"not installed: {', '.join(missing)} (Debian: apt-get install gnome-keyring dbus)")
    del environment["PYTHON_KEYRING_BACKEND"]
    with secret_service.running() as address:
        env = environment | {"DBUS_SESSION_BUS_ADDRESS": address}

        def process(*args, given=""):
            done = subprocess.run(
                [COMMAND, *args], env=env, input=given, cwd=tmp_path, capture_output=True, text=True, check=False
            )
            return done.returncode, done.stdout, done.stderr

        added = process("keys", "add", "company", given="\n".join(company_key))
        assert added == (0, f"added company: HMAC key …{company_key[0][-4:]}, in the key store\n", "")
        assert process("balances", "--account", "company")[0] == 0
