"""`--account all`: one account after the other, in one table, one file, one page."""

import csv
import io
import json
import re
from decimal import Decimal
from pathlib import Path

import pytest
from binance_wallet_extras.accounts import add_account, remove_account
from binance_wallet_mock import Account
from keyrings import MemoryKeyring, new_key, use_keyring
from openpyxl import load_workbook
from pyarrow import parquet

BITCOINS = {"company": 1, "family": 2, "fund": 4}
REFUSED = "Invalid API-key, IP, or permissions for action. (code -2015, HTTP 401)"
REMEDY = "The key, the IP address or the permission is wrong: in the API management, check all three"
WALLETS = ("Spot", "Funding", "Cross Margin", "USDⓈ-M Futures", "COIN-M Futures", "Earn", "Trading Bots")


@pytest.fixture(autouse=True)
def key_store(environment, monkeypatch, tmp_path):
    """The key store of a user without a key in the environment, and without an archive."""
    del environment["BINANCE_API_KEY"], environment["BINANCE_API_SECRET"]
    environment["HOME"] = environment["XDG_DATA_HOME"] = str(tmp_path / "home")
    monkeypatch.setenv("XDG_CONFIG_HOME", environment["XDG_CONFIG_HOME"])
    with use_keyring(MemoryKeyring()) as key_store:
        yield key_store


@pytest.fixture
def keys(exchange):
    """The keys of three accounts, which have names, and hold nothing but some bitcoins in their spot wallets."""
    keys = {}
    for name, bitcoins in BITCOINS.items():
        account = Account(seed=bitcoins)
        account.set_balances({**dict.fromkeys(WALLETS, 0), "Spot": bitcoins})
        keys[name] = {"api_key": new_key(), "api_secret": new_key()}
        exchange.add_key(**keys[name], account=account)
        add_account(name, keys[name])
    exchange.requests.clear()
    return keys


@pytest.fixture
def refused(keys, exchange):
    """The name of an account whose key the exchange refuses."""
    exchange.add_key(**keys["family"], permitted=False)
    return "family"


@pytest.fixture
def refused_of_two(refused):
    """The same beside one other account: a minute has room for five snapshot calls."""
    remove_account("fund")
    return refused


@pytest.fixture
def recorded(run, keys):
    """An archive of the spot accounts and of balances in BTC."""
    assert run("archive", "update", "spot", "--quote", "BTC", "--account", "all")[0] == 0


def test_balances_are_one_table_with_a_total_of_each_account_and_of_all(run, keys):
    code, shown, errors = run("balances", "--account", "all")
    assert (code, errors) == (0, "")
    assert [line.split() for line in shown.splitlines() if line.strip(" ─")] == [
        ["Wallets", "of", "all", "accounts"],
        ["Account", "Wallet", "Balance", "(BTC)"],
        ["company", "Spot", "1"],
        ["family", "Spot", "2"],
        ["fund", "Spot", "4"],
        ["company", "Total", "1"],
        ["family", "Total", "2"],
        ["fund", "Total", "4"],
        ["All", "accounts", "Total", "7"],
    ]


def test_the_total_of_all_is_exact(run, exchange):
    amounts = {"one": "12345678901234.00000001", "two": "0.12345678", "three": "98765432109876.54321"}
    for name, amount in amounts.items():
        account = Account()
        account.set_balances({**dict.fromkeys(WALLETS, 0), "Spot": amount})
        key = {"api_key": new_key(), "api_secret": new_key()}
        exchange.add_key(**key, account=account)
        add_account(name, key)
    shown = run("balances", "--account", "all")[1]
    assert ["All", "accounts", "Total", "111111111011110.66666679"] in [line.split() for line in shown.splitlines()]


def test_one_light_call_is_made_for_each_account(run, keys, exchange):
    run("balances", "--account", "all")
    assert [request.headers["x-mbx-apikey"] for request in exchange.requests] == [
        key["api_key"] for key in keys.values()
    ]


EXPECTED = [("company", "1", "7"), ("family", "2", "7"), ("fund", "4", "7")]


def test_balances_have_the_account_and_the_grand_total_as_json(run, keys):
    found = json.loads(run("balances", "--json", BINANCE_ACCOUNT="all")[1])
    assert [(row["account"], row["balance"], row["grand_total"]) for row in found] == EXPECTED


def test_balances_have_the_account_and_the_grand_total_as_csv(run, keys):
    found = [*csv.DictReader(io.StringIO(run("balances", "--format", "csv", "--account", "all")[1]))]
    assert [(row["account"], row["balance"], row["grand_total"]) for row in found] == EXPECTED


def test_balances_have_the_account_and_the_grand_total_as_parquet(run, keys, tmp_path):
    assert run("balances", "--output", "all.parquet", "--account", "all") == (0, "", "")
    found = parquet.read_table(tmp_path / "all.parquet").to_pylist()
    assert [(row["account"], row["balance"], row["grand_total"]) for row in found] == [
        (name, Decimal(bitcoins), Decimal(7)) for name, bitcoins in BITCOINS.items()
    ]


def test_balances_have_a_sheet_of_totals_in_a_workbook(run, keys, tmp_path):
    assert run("balances", "--output", "all.xlsx", "--account", "all") == (0, "", "")
    sheet = load_workbook(tmp_path / "all.xlsx")["Accounts"]
    assert [*sheet.iter_rows(min_row=2, values_only=True)] == [*BITCOINS.items(), ("All accounts", 7)]


def test_details_are_listed_by_account(run, keys):
    shown = run("balances", "--details", "--account", "all")[1]
    assert re.findall(r"^(\w+): Spot wallet$", shown, re.MULTILINE) == [*BITCOINS]


def test_what_the_exchange_does_not_list_is_said_once(run, keys, exchange):
    def without_details(body):
        return [{name: value for name, value in wallet.items() if name != "assetBalances"} for wallet in body]

    exchange.edit(without_details, times=3)
    errors = run("balances", "--account", "all", "--details")[2]
    assert errors == "binance-wallet: the exchange did not list what the wallets hold\n"


def test_an_account_that_fails_is_named_and_does_not_stop_the_others(run, refused):
    code, shown, errors = run("balances", "--account", "all")
    assert (code, errors) == (1, f"binance-wallet: {refused}: {REFUSED}. {REMEDY}\n")
    assert "Wallets of all accounts but family" in shown
    assert ["These", "accounts", "Total", "5"] in [line.split() for line in shown.splitlines()]


COMMANDS = [
    ["balances"],
    ["snapshots", "spot", "--days", "1"],
    ["history", "--days", "1"],
    ["report", "--days", "1"],
    ["archive", "update", "spot", "--no-balances"],
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_refused_key_is_told_with_the_name_of_its_account_and_what_to_do(run, refused, command):
    code, shown, errors = run(*command, "--account", refused)
    assert (code, shown, errors.count("\n")) == (1, "", 1)
    assert errors.startswith(f"binance-wallet: {refused}: ")
    assert f"{REFUSED}. " in errors
    assert errors.endswith(f". {REMEDY}\n")


def test_without_a_key_the_accounts_that_have_one_are_named(run, keys, exchange):
    code, _, errors = run("balances")
    assert (code, exchange.requests) == (2, [])
    assert errors == (
        "binance-wallet: there is no API key: give --account (company, family, fund), or set BINANCE_API_KEY\n"
    )


@pytest.mark.parametrize("command", [["balances"], ["archive", "update"]], ids=" ".join)
def test_an_exchange_that_cannot_be_reached_is_called_for_one_account_and_said_once(run, keys, command):
    code, shown, errors = run(*command, "--account", "all", "--verbose", BINANCE_BASE_URL="http://127.0.0.1:1")
    assert (code, shown) == (1, "")
    assert re.findall(r": attempt (\d): failed", errors) == ["1", "2", "3", "4"]
    last = errors.splitlines()[-1]
    assert last.startswith("binance-wallet: company: http://127.0.0.1:1: ConnectError: ")
    assert last.endswith("; family, fund: not called: the exchange could not be reached")


def grand_totals(file):
    """The grand totals in the rows of a file, or in the sheet of totals of a workbook."""
    if file.suffix == ".json":
        return {row["grand_total"] for row in json.loads(file.read_text())}
    if file.suffix == ".csv":
        return {row["grand_total"] for row in csv.DictReader(io.StringIO(file.read_text()))}
    rows = load_workbook(file)["Accounts"].iter_rows(min_row=2, values_only=True)
    return {total for name, total in rows if name not in BITCOINS}


@pytest.mark.usefixtures("refused")
@pytest.mark.parametrize(("form", "nothing"), [("json", {None}), ("csv", {""}), ("xlsx", set())])
def test_without_an_account_that_fails_a_file_has_no_grand_total(run, tmp_path, form, nothing):
    assert run("balances", "--output", f"all.{form}", "--account", "all")[0] == 1
    assert grand_totals(tmp_path / f"all.{form}") == nothing


def test_an_account_that_is_removed_meanwhile_does_not_stop_the_others(run, keys, exchange):
    def remove(body):
        remove_account("fund")
        return body

    exchange.edit(remove)
    code, shown, errors = run("balances", "--account", "all")
    assert (code, errors) == (
        1,
        "binance-wallet: fund: the key store has no key of the account 'fund': remove the account, and add it again\n",
    )
    assert ["These", "accounts", "Total", "3"] in [line.split() for line in shown.splitlines()]


@pytest.fixture
def copied(environment, keys, exchange):
    """A second name for the key of `company`, which the user wrote into accounts.toml; both are in the same file."""
    remove_account("company")
    entry = add_account("company", keys["company"], in_file=True)
    with Path(environment["XDG_CONFIG_HOME"], "binance-wallet", "accounts.toml").open("a") as file:
        file.write(f'[copy]\nsource = "env-file"\npath = "{entry.path}"\n')
    exchange.requests.clear()


TWICE = "copy: the account 'company' has this API key already, and would be counted twice"


def test_a_key_with_two_names_is_counted_once_and_its_second_name_is_said(run, copied, exchange):
    code, shown, errors = run("balances", "--account", "all")
    assert (code, errors, len(exchange.requests)) == (1, f"binance-wallet: {TWICE}\n", 3)
    assert ["These", "accounts", "Total", "7"] in [line.split() for line in shown.splitlines()]


@pytest.mark.parametrize(
    ("command", "calls"),
    [
        (["history", "--days", "1"], 3),
        (["report", "--days", "1"], 4),
        (["archive", "update", "spot", "--no-balances"], 1),
    ],
)
def test_nothing_is_spent_on_the_second_name_of_a_key(run, copied, exchange, command, calls):
    remove_account("family")
    remove_account("fund")
    code, _, errors = run(*command, "--account", "all")
    assert (code, errors.endswith(f"binance-wallet: {TWICE}\n")) == (1, True)
    assert len(exchange.requests) == calls


@pytest.fixture
def env_file(environment):
    """The file of the key of an account that `copied` keeps in a file."""
    return Path(environment["XDG_CONFIG_HOME"], "binance-wallet", "keys", "company.env")


@pytest.fixture
def wrong_first(copied, environment, env_file):
    """The account `company` has a wrong secret now; its second name `copy` has the right one."""
    (env_file.parent / "copy.env").write_text(env_file.read_text())
    (env_file.parent / "copy.env").chmod(0o600)
    text = env_file.read_text()
    env_file.write_text(re.sub(r"(?m)(API_SECRET=).*", rf"\g<1>{new_key()}", text))
    accounts = env_file.parent.parent / "accounts.toml"
    before, _, after = accounts.read_text().partition("[copy]")
    accounts.write_text(before + "[copy]" + after.replace("keys/company.env", "keys/copy.env"))


@pytest.mark.usefixtures("wrong_first")
def test_a_name_that_fails_does_not_block_the_second_name_of_its_key(run):
    # `company` was added again: it comes after the others, and before its copy.
    _, shown, errors = run("balances", "--account", "all")
    assert errors.startswith("binance-wallet: company: Signature for this request is not valid.")
    assert "copy:" not in errors
    assert ["copy", "Total", "1"] in [line.split() for line in shown.splitlines()]


@pytest.mark.usefixtures("wrong_first")
def test_a_name_that_fails_and_has_records_blocks_the_second_name_of_its_key(run, env_file):
    wrong = env_file.read_text()
    env_file.write_text((env_file.parent / "copy.env").read_text())
    run("archive", "update", "spot", "--no-balances", "--account", "company")
    env_file.write_text(wrong)
    errors = run("archive", "update", "spot", "--no-balances", "--account", "all")[2]
    assert TWICE in errors


@pytest.mark.usefixtures("copied")
def test_the_check_of_all_keys_remarks_which_name_is_the_second_of_a_key(run):
    code, shown, _ = run("keys", "check")
    assert code == 0
    assert "ok    copy          the exchange accepts the key, which company has, too\n" in shown


@pytest.mark.usefixtures("copied")
def test_the_check_of_one_name_of_a_key_has_no_remark(run):
    assert run("keys", "check", "copy") == (0, "ok    copy          the exchange accepts the key\n", "")


@pytest.mark.usefixtures("keys")
def test_a_name_that_is_given_twice_is_checked_once(run):
    shown = run("keys", "check", "company", "company")
    assert shown == (0, "ok    company       the exchange accepts the key\n", "")


def test_each_file_of_a_key_is_read_once(run, keys, monkeypatch):
    for name, key in keys.items():
        remove_account(name)
        add_account(name, key, in_file=True)
    read_text, read = Path.read_text, []

    def counted(path, *args, **options):
        read.append(path.name)
        return read_text(path, *args, **options)

    monkeypatch.setattr(Path, "read_text", counted)
    assert run("balances", "--account", "all")[0] == 0
    assert [name for name in read if name.endswith(".env")] == [f"{name}.env" for name in BITCOINS]


@pytest.mark.usefixtures("copied")
def test_a_server_for_assistants_does_not_start_with_two_names_of_a_key(run, exchange):
    code, _, errors = run("mcp", "--account", "company", "--account", "copy")
    assert (code, exchange.requests) == (2, [])
    assert errors == f"binance-wallet: {TWICE}\n"


def test_if_all_accounts_fail_nothing_is_written(run, keys, key_store, tmp_path):
    (tmp_path / "all.csv").write_text("old")
    key_store.is_locked, key_store.asked = True, 0
    code, shown, errors = run("balances", "--output", "all.csv", "--account", "all")
    assert (code, shown, key_store.asked) == (1, "", 1)
    assert errors == "binance-wallet: company, family, fund: the key store is locked: unlock it, and try again\n"
    assert (tmp_path / "all.csv").read_text() == "old"


@pytest.mark.parametrize(
    "command", [["balances"], ["history"], ["report", "--output", "r.html"], ["archive", "update"]]
)
def test_without_named_accounts_that_is_one_line(run, exchange, command):
    code, shown, errors = run(*command, "--account", "all")
    assert (code, shown, exchange.requests) == (2, "", [])
    assert errors == "binance-wallet: there are no accounts yet: add one with binance-wallet keys add NAME\n"


def test_wrong_usage_is_said_once(run, keys, exchange):
    code, _, errors = run("balances", "--timeout", "-1", "--account", "all")
    assert (code, errors.count("\n"), exchange.requests) == (2, 1, [])
    assert errors.startswith("binance-wallet: --timeout must be")


def test_a_history_has_the_account_in_each_row_and_names_the_one_that_fails(run, refused_of_two):
    code, shown, errors = run("history", "--days", "1", "--json", "--account", "all")
    assert (code, errors) == (1, f"binance-wallet: family: {REFUSED}. In the call for spot snapshots. {REMEDY}\n")
    found = json.loads(shown)
    assert {row["account"] for row in found} == {"company"}
    assert [*dict.fromkeys(row["type"] for row in found)] == ["spot", "margin", "futures"]
    assert next(iter(found[0])) == "account"


def test_a_history_has_the_account_in_each_heading(run, recorded):
    shown = run("history", "--archive", "--days", "1", "--account", "all")[1]
    assert re.findall(r"^(\w+): Spot account$", shown, re.MULTILINE) == [*BITCOINS]


def test_an_update_updates_each_account_and_names_the_one_that_fails(run, refused, exchange):
    code, shown, errors = run("archive", "update", "spot", "--no-balances", "--account", "all")
    assert (code, errors) == (1, f"binance-wallet: {refused}: spot: {REFUSED}. {REMEDY}\n")
    assert re.findall(r"^added to (\w+): spot 30 days$", shown, re.MULTILINE) == ["company", "fund"]
    assert [line.split(":")[0] for line in run("archive", "accounts")[1].splitlines()] == ["company", "fund"]


def test_an_update_that_may_make_nothing_names_the_account_that_is_missing(run, keys):
    run("archive", "update", "spot", "--no-balances", "--account", "company")
    code, shown, errors = run("archive", "update", "spot", "--no-balances", "--no-create", "--account", "all")
    assert (code, shown) == (1, "added to company: spot 0 days\n")
    assert "family: the archive " in errors
    assert "has no account 'family': it has company" in errors


def test_an_archive_is_read_of_all_accounts_that_it_has_without_keys(run, recorded, key_store, environment):
    remove_account("company")
    key_store.is_locked = True
    found = json.loads(run("balances", "--archive", "--json", "--account", "all")[1])
    assert [(row["account"], row["balance"]) for row in found] == [
        (name, str(bitcoins)) for name, bitcoins in BITCOINS.items()
    ]
    days = json.loads(run("history", "--archive", "--days", "1", "--json", "--account", "all")[1])
    assert [*dict.fromkeys(row["account"] for row in days)] == [*BITCOINS]
    shown = run("balances", "--archive", "--account", "all")[1]
    assert re.findall(r"^(\w+): Balances \(BTC\)$", shown, re.MULTILINE) == [*BITCOINS]


def test_an_account_without_a_record_in_the_period_is_left_out(run, keys):
    run("archive", "update", "spot", "--no-balances", "--account", "company")
    run("archive", "update", "--quote", "BTC", "spot", "--account", "fund")
    found = json.loads(run("balances", "--archive", "--json", "--account", "all")[1])
    assert [row["account"] for row in found] == ["fund"]
    code, _, errors = run("balances", "--archive", "--quote", "EUR", "--account", "all")
    assert (code, "has no balances in EUR" in errors, errors.count("\n")) == (1, True, 1)


def test_a_status_is_of_all_accounts(run, recorded):
    found = json.loads(run("archive", "status", "--json", "--account", "all")[1])
    assert {each["account"] for each in found["snapshots"]} == {*BITCOINS}


def headings(page):
    return re.findall(r"<h2 [^>]*>(.*?)</h2>", page)


def test_a_report_is_one_page_and_names_the_account_that_is_missing(run, refused_of_two, tmp_path):
    options = ["--days", "1", "--quote", "BTC", "--output", "all.html"]
    code, _, errors = run("report", "--account", "all", *options)
    assert (code, errors) == (1, f"binance-wallet: family: {REFUSED}. In the call for balances. {REMEDY}\n")
    page = (tmp_path / "all.html").read_text()
    assert headings(page)[:2] == ["All accounts but family", "company: All wallets"]
    assert "Could not be read: family." in page
    assert "<span>family</span>" not in page  # there is nothing to choose


def test_a_report_of_an_archive_is_of_all_accounts(run, recorded, tmp_path):
    assert run("report", "--archive", "--quote", "BTC", "--account", "all", "--output", "all.html") == (0, "", "")
    found = headings((tmp_path / "all.html").read_text())
    assert found[0] == "All accounts"
    assert {heading.partition(":")[0] for heading in found[1:]} == {*BITCOINS}


def test_a_report_of_an_archive_names_the_accounts_that_have_nothing_in_it(run, keys, tmp_path):
    run("archive", "update", "spot", "--no-balances", "--account", "company")
    run("archive", "update", "spot", "--quote", "BTC", "--account", "fund")
    options = ["--quote", "BTC", "--account", "all", "--output", "all.html"]
    assert run("report", "--archive", *options) == (0, "", "")
    page = (tmp_path / "all.html").read_text()
    assert headings(page)[0] == "All accounts but company"
    assert "Not in the total, since there are no balances in BTC in this period: company." in page


@pytest.mark.parametrize(
    ("command", "what"), [("report", "records"), ("balances", "balances"), ("history", "snapshots")]
)
def test_a_period_without_a_record_is_told_of_all_accounts(run, recorded, command, what):
    period = ["--from", "2020-01-01", "--to", "2020-02-01"]
    code, shown, errors = run(command, "--archive", *period, "--account", "all")
    assert (code, shown) == (1, "")
    assert errors.endswith(f" has no {what} of any account from 2020-01-01 to 2020-02-01\n")
