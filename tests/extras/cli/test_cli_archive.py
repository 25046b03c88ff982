"""`binance-wallet archive`, and reading from an archive."""

import csv
import io
import json
import re
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from binance_wallet_extras.archive.content import digest
from openpyxl import load_workbook

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _default_archive(environment, tmp_path):
    environment["HOME"] = environment["XDG_DATA_HOME"] = str(tmp_path / "home")


@pytest.fixture
def full_archive(template, tmp_path):
    """The path of an archive that is complete."""
    return Path(shutil.copy(template, tmp_path / "filled.sqlite"))


def move_days(path, days, where="1 = 1"):
    """Let recorded days be other days, as if they had been recorded then."""
    with closing(sqlite3.connect(path)) as connection, connection:
        facts = "id, account, type, day, recorded_at, content"
        for number, account, type_, day, at, content in connection.execute(
            f"SELECT {facts} FROM snapshots WHERE {where}"
        ):
            record = json.loads(content)
            record["updateTime"] += days * 86_400_000
            moved = date.fromisoformat(day) + days * DAY, json.dumps(record, ensure_ascii=False)
            recorded_at = datetime.fromisoformat(at).replace(tzinfo=UTC)
            written = digest("snapshots", account, type_, moved[0], recorded_at, moved[1])
            connection.execute(
                "UPDATE snapshots SET day = ?, content = ?, digest = ? WHERE id = ?",
                (str(moved[0]), moved[1], written, number),
            )


@pytest.fixture
def made(tmp_path):
    """The output of an update that makes the default archive."""
    return f"made a new archive: {tmp_path}/home/binance-wallet/archive.sqlite\n"


def test_an_update_says_in_one_line_what_it_added(run, made):
    line = "added to main: spot 30 days, margin 30 days, futures 30 days, balances of all 10 wallets in USDT\n"
    assert run("archive", "update") == (0, made + line, "")


def test_a_default_archive_that_has_vanished_is_said(run, made, tmp_path):
    """As when a disk is missing."""
    run("archive", "update", "spot")
    shutil.rmtree(tmp_path / "home")
    assert run("archive", "update", "spot")[1].startswith(made)


@pytest.mark.parametrize("place", [[], ["--archive", "new.sqlite"]])
def test_no_archive_is_made_with_no_create(run, exchange, tmp_path, place):
    exchange.requests.clear()
    code, shown, errors = run("archive", "update", "--no-create", *place)
    assert (code, shown) == (1, "")
    assert "there is no archive at" in errors
    assert exchange.requests == []
    assert not any(tmp_path.rglob("*.sqlite"))
    run("archive", "update", "spot", *place)
    assert run("archive", "update", "margin", "--no-create", *place)[0] == 0


def test_no_account_is_made_with_no_create(run, exchange, full_archive):
    exchange.requests.clear()
    code, shown, errors = run("archive", "update", "--no-create", "--archive", full_archive, "--account", "mian")
    assert (code, shown) == (1, "")
    assert errors == f"binance-wallet: mian: the archive {full_archive} has no account 'mian': it has main\n"
    assert exchange.requests == []


def test_a_new_account_is_said_once(run, full_archive):
    update = ["archive", "update", "spot", "--no-balances", "--archive", full_archive, "--account", "mian"]
    assert run(*update) == (0, "made a new account: mian\nadded to mian: spot 30 days\n", "")
    assert run(*update) == (0, "added to mian: spot 0 days\n", "")


def test_a_name_that_was_forgotten_makes_an_account_that_is_said(run, tmp_path):
    update = ["archive", "update", "spot", "--no-balances", "--archive", tmp_path / "new.sqlite"]
    made = f"made a new archive: {tmp_path}/new.sqlite\nmade a new account: fund\n"
    assert run(*update, "--account", "fund")[1] == f"{made}added to fund: spot 30 days\n"
    assert run(*update)[1] == "made a new account: main\nadded to main: spot 30 days\n"


def test_a_new_account_is_not_said_where_nothing_could_be_recorded(run, exchange, full_archive):
    exchange.fail(401, -2015, "Invalid API-key, IP, or permissions for action.", times=4)
    assert run("archive", "update", "--archive", full_archive, "--account", "fund")[1] == ""


def test_accounts_are_listed_renamed_and_removed(run, full_archive):
    at = ["--archive", full_archive]
    run("archive", "update", "spot", "--no-balances", *at, "--account", "mian")
    listed = "main: 90 days, 1 record of balances\nmian: 30 days, 0 records of balances\n"
    assert run("archive", "accounts", *at) == (0, listed, "")
    assert run("archive", "accounts", "rename", "mian", "fund", *at) == (0, "mian is fund now\n", "")
    assert run("snapshots", "spot", "--account", "fund", *at)[0] == 0
    removed = f"removed fund; a copy of all before that: {full_archive}.before-removal\n"
    assert run("archive", "accounts", *at, "remove", "fund") == (0, removed, "")
    assert run("archive", "accounts", *at)[1] == "main: 90 days, 1 record of balances\n"


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["rename", "mian", "fund"], "has no account 'mian': it has main"),
        (["remove", "mian"], "has no account 'mian': it has main"),
        (["rename", "main", "main"], "has an account 'main' already"),
    ],
)
def test_an_account_that_cannot_be_changed_is_an_error(run, full_archive, args, message):
    code, shown, errors = run("archive", "accounts", *args, "--archive", full_archive)
    assert (code, shown, errors) == (1, "", f"binance-wallet: the archive {full_archive} {message}\n")


def test_a_check_of_a_whole_archive(run, full_archive):
    expected = "nothing is damaged: 90 days, 1 record of balances\n"
    assert run("archive", "check", "--archive", full_archive) == (0, expected, "")


def test_a_check_of_a_damaged_archive(run, full_archive, yesterday):
    with closing(sqlite3.connect(full_archive)) as connection, connection:
        connection.execute("UPDATE snapshots SET content = replace(content, '0', '1') WHERE id IN (30, 31)")
    code, shown, errors = run("archive", "check", "--archive", full_archive)
    assert code == 1
    assert shown == "".join(
        f"snapshots {number} is damaged at {day}: this is not what was recorded\n"
        for number, day in {30: yesterday, 31: yesterday - 29 * DAY}.items()
    )
    assert errors == f"binance-wallet: the archive {full_archive} is damaged: go back to a copy\n"


@pytest.mark.parametrize("command", [["archive", "update"], ["archive", "status"], ["history"], ["archive", "check"]])
def test_a_password_in_an_argument_is_refused(run, exchange, command):
    exchange.requests.clear()
    for url in ("postgresql://me:s3cret-word@127.0.0.1:1/wallets", "postgres://127.0.0.1:1/w?password=s3cret-word"):
        code, shown, errors = run(*command, "--archive", url)
        assert (code, shown) == (2, "")
        assert "set BINANCE_ARCHIVE, or name a file with the password in PGPASSFILE" in errors
        assert "s3cret-word" not in errors
    assert exchange.requests == []


def test_the_hidden_call_that_lacks_weight_is_named(run, exchange, full_archive):
    exchange.fail(429, -1003, "Too many requests.", path="/sapi/v1/accountSnapshot", headers={"Retry-After": "30"})
    code, shown, errors = run("archive", "update", "--archive", full_archive, "--no-wait", "spot", "--timeout", 1)
    assert (code, shown) == (1, "added to main: spot 0 days\n")
    assert errors.startswith("binance-wallet: balances: Too many requests.")
    assert errors.endswith("In the call for spot snapshots, which shows whether the key is of this account\n")


def test_the_hidden_call_that_tells_the_day_is_named(run, exchange, full_archive):
    exchange.fail(429, -1003, "Too many requests.", path="/sapi/v1/asset/wallet/balance", headers={"Retry-After": "30"})
    options = ["--no-wait", "--no-balances", "--timeout", 1]
    errors = run("archive", "update", "--archive", full_archive, "spot", *options)[2]
    assert errors.startswith("binance-wallet: spot: Too many requests.")
    assert errors.endswith("In the call for the balances, which tells what day it is\n")


def test_a_second_update_adds_no_day_and_makes_no_snapshot_call(run, exchange):
    run("archive", "update")
    exchange.requests.clear()
    assert run("archive", "update", "--no-balances") == (
        0,
        "added to main: spot 0 days, margin 0 days, futures 0 days\n",
        "",
    )
    # A light call tells what day it is.
    assert [request.path for request in exchange.requests] == ["/sapi/v1/asset/wallet/balance"]


def test_the_default_archive_is_in_the_users_data_directory(run, tmp_path):
    run("archive", "update", "spot", "--no-balances")
    assert (tmp_path / "home" / "binance-wallet" / "archive.sqlite").stat().st_mode & 0o777 == 0o600


def test_an_update_waits_for_request_weight(run, exchange, made):
    exchange.fail(429, -1003, "Too many requests.", path="/sapi/v1/accountSnapshot", headers={"Retry-After": "1"})
    code, shown, errors = run("archive", "update", "spot", "--timeout", 1)
    assert (code, shown) == (0, made + "added to main: spot 30 days, balances of all 10 wallets in USDT\n")
    assert errors.startswith("binance-wallet: waiting 1 s")


def test_a_wait_is_counted_down_on_a_terminal(run_on_terminal, exchange):
    exchange.fail(429, -1003, "Too many requests.", path="/sapi/v1/accountSnapshot", headers={"Retry-After": "2"})
    code, shown = run_on_terminal("archive", "update", "spot", "--timeout", 1)
    assert code == 0
    assert re.search(r"Waiting, [12] s left: Too many requests", shown), shown  # on a busy machine the 2 may be missed


def test_a_day_that_the_exchange_does_not_serve_yet_ends_with_1_and_is_added_later(run, exchange, yesterday, made):
    exchange.account.set_missing(yesterday, type="MARGIN")
    code, shown, errors = run("archive", "update")
    assert (code, shown) == (
        1,
        made + "added to main: spot 30 days, margin 29 days, futures 30 days, balances of all 10 wallets in USDT\n",
    )
    assert errors == (
        f"binance-wallet: not complete, because the exchange does not serve these days yet: margin {yesterday}\n"
    )
    exchange.reset()
    assert run("archive", "update", "--no-balances")[1] == "added to main: spot 0 days, margin 1 day, futures 0 days\n"


def test_a_call_that_fails_does_not_stop_the_others(run, exchange, made):
    """Else a key without one permission would lose days."""
    exchange.fail(403, -2015, "No permission.", path="/sapi/v1/asset/wallet/balance")
    exchange.fail(400, -1100, "Illegal characters.", path="/sapi/v1/accountSnapshot")
    code, shown, errors = run("archive", "update")
    assert (code, shown) == (1, made + "added to main: margin 30 days, futures 30 days\n")
    assert errors.count("\n") == 1
    assert "spot: Illegal characters." in errors
    assert "; balances: No permission." in errors


def test_a_cause_that_all_calls_share_is_said_once(run, exchange):
    exchange.fail(403, -2015, "No permission.", times=4)
    code, shown, errors = run("archive", "update")
    assert (code, shown) == (1, "")
    assert "spot, margin, futures, balances: " in errors
    assert errors.count("No permission.") == 1


def test_a_ban_stops_an_update_at_once(run, exchange):
    exchange.requests.clear()
    exchange.fail(418, -1003, "Banned.", path="/sapi/v1/accountSnapshot", headers={"Retry-After": "120"})
    code, shown, errors = run("archive", "update")
    assert (code, shown) == (1, "")
    assert "spot: " in errors
    assert "margin" not in errors
    assert len(exchange.requests) == 1


def test_an_account_that_was_never_used_leaves_the_archive_complete(run, exchange, made):
    exchange.account.set_first_day(None, type="FUTURES")
    code, shown, errors = run("archive", "update", "--no-balances")
    assert (code, shown, errors) == (0, made + "added to main: spot 30 days, margin 30 days, futures 0 days\n", "")


def test_an_account_that_is_not_used_any_more_leaves_the_archive_complete(run, exchange, full_archive, yesterday):
    """Its last snapshot is older than all that the exchange serves."""
    move_days(full_archive, -40)
    exchange.account.set_first_day(None)
    assert run("archive", "update", "--no-balances", "--archive", full_archive)[0] == 0


def test_a_changed_day_is_reported(run, exchange, full_archive, yesterday):
    with closing(sqlite3.connect(full_archive)) as connection, connection:
        connection.execute("DELETE FROM snapshots WHERE type = 'spot' AND day = ?", [str(yesterday)])
    exchange.account.set_spot({"BTC": 1}, day=yesterday - DAY)
    code, shown, errors = run("archive", "update", "spot", "--no-balances", "--archive", full_archive)
    assert (code, shown) == (0, "added to main: spot 1 day\n")
    assert errors == f"binance-wallet: the SPOT snapshot of {yesterday - DAY} has changed since it was recorded\n"
    status = json.loads(run("archive", "status", "--archive", full_archive, "--json")[1])
    assert [each["corrections"] for each in status["snapshots"]] == [1, 0, 0]


@pytest.mark.parametrize("missing", [0, 1])
def test_the_key_of_another_account_is_refused_and_nothing_of_it_is_recorded(
    run, exchange, full_archive, yesterday, missing
):
    """On a day when nothing is missing, too: else its balances would be recorded."""
    with closing(sqlite3.connect(full_archive)) as connection, connection:
        connection.execute("DELETE FROM snapshots WHERE day > ?", [str(yesterday - missing * DAY)])
    exchange.account.set_spot({"BTC": 1})
    before = run("balances", "--archive", full_archive, "--json")
    code, shown, errors = run("archive", "update", "--archive", full_archive)
    assert code == 1
    assert "balances" not in shown
    assert errors.count("this looks like another account") == 1
    assert run("balances", "--archive", full_archive, "--json") == before


def test_status_shows_each_account_and_its_gaps(run, full_archive, yesterday):
    move_days(full_archive, -40, f"day < '{yesterday}'")
    code, shown, _ = run("archive", "status", "--archive", full_archive)
    assert code == 0
    of_spot = [line.split()[2:] for line in shown.splitlines() if line.split()[:2] == ["main:", "spot"]]
    assert of_spot == [
        [str(yesterday - 69 * DAY), str(yesterday), "30", "0"],
        ["lost", str(yesterday - 40 * DAY), str(yesterday - 30 * DAY), "11"],
        ["pending", str(yesterday - 29 * DAY), str(yesterday - DAY), "29"],
    ]


def test_days_that_are_lost_are_said_once(run, full_archive, yesterday):
    move_days(full_archive, -40)
    update = ("archive", "update", "spot", "--no-balances", "--archive", full_archive)
    first, last = yesterday - 39 * DAY, yesterday - 30 * DAY
    lost = f"binance-wallet: lost, since the exchange serves them no longer: spot {first} to {last}\n"
    assert run(*update) == (0, "added to main: spot 30 days\n", lost)
    assert run(*update)[2] == ""


def test_a_full_standard_output_hides_no_message_of_an_update(run_in, exchange, full_archive, yesterday, tmp_path):
    move_days(full_archive, -40)
    exchange.account.set_missing(yesterday, type="SPOT")
    with Path("/dev/full").open("wb") as full, (tmp_path / "errors").open("wb") as errors:
        code = run_in("archive", "update", "spot", "--archive", full_archive, streams=[errors, full, errors])

    lost, problems = (tmp_path / "errors").read_text().splitlines()
    assert code == 1
    assert lost.startswith("binance-wallet: lost, since the exchange serves them no longer: spot ")
    assert "standard output: No space left on device; not complete, because " in problems
    assert f"yet: spot {yesterday}" in problems


def test_a_full_standard_output_hides_no_damage(run_in, full_archive, tmp_path):
    with closing(sqlite3.connect(full_archive)) as connection, connection:
        connection.execute("UPDATE snapshots SET content = replace(content, '0', '1') WHERE id = 30")
    with Path("/dev/full").open("wb") as full, (tmp_path / "errors").open("wb") as errors:
        code = run_in("archive", "check", "--archive", full_archive, streams=[errors, full, errors])

    problem = f"the archive {full_archive} is damaged: go back to a copy; standard output: No space left on device"
    assert (code, (tmp_path / "errors").read_text()) == (1, f"binance-wallet: {problem}\n")


def test_an_account_without_a_name_is_refused(run, full_archive):
    code, _, errors = run("archive", "update", "--archive", full_archive, "--account", "")

    assert code == 2
    assert "account" in errors


@pytest.mark.parametrize("command", [["archive", "update"], ["archive", "status"], ["history"]])
def test_an_archive_in_a_directory_that_is_missing_is_refused_before_a_call(run, exchange, tmp_path, command):
    exchange.requests.clear()
    path = tmp_path / "typo" / "archive.sqlite"
    code, shown, errors = run(*command, "--archive", path)
    assert (code, shown) == (1, "")
    assert errors == f"binance-wallet: the archive {path}: there is no directory {path.parent}\n"
    assert exchange.requests == []
    assert not path.parent.exists()


def test_a_new_archive_at_a_given_path_is_said_once(run, tmp_path):
    update = ["archive", "update", "spot", "--no-balances", "--archive", tmp_path / "new.sqlite"]
    assert run(*update)[1] == f"made a new archive: {tmp_path}/new.sqlite\nadded to main: spot 30 days\n"
    assert run(*update)[1] == "added to main: spot 0 days\n"


def test_no_archive_is_made_where_nothing_is_reached(run, tmp_path):
    update = ["archive", "update", "spot", "--no-balances", "--archive", tmp_path / "new.sqlite"]
    code, shown, errors = run(*update, "--timeout", 0.1, BINANCE_BASE_URL="http://127.0.0.1:1")
    assert (code, shown, errors.count("\n")) == (1, "", 1)
    assert [*tmp_path.iterdir()] == []
    assert run(*update)[1] == f"made a new archive: {tmp_path}/new.sqlite\nadded to main: spot 30 days\n"


def test_a_new_archive_is_said_also_if_there_was_no_day_to_add(run, exchange, tmp_path):
    exchange.account.set_first_day(None)
    code, shown, _ = run("archive", "update", "spot", "--no-balances", "--archive", tmp_path / "new.sqlite")
    assert (code, shown) == (0, f"made a new archive: {tmp_path}/new.sqlite\nadded to main: spot 0 days\n")


def test_status_begins_with_the_path_of_the_archive(run, tmp_path):
    run("archive", "update", "spot", "--no-balances")
    shown = run("archive", "status")[1]
    assert shown.startswith(f"Archive: {tmp_path}/home/binance-wallet/archive.sqlite\n")


def test_status_as_json(run, full_archive, yesterday):
    [spot, _, _] = json.loads(run("archive", "status", "--archive", full_archive, "--json")[1])["snapshots"]
    assert spot == {
        "account": "main",
        "type": "spot",
        "first": str(yesterday - 29 * DAY),
        "last": str(yesterday),
        "days": 30,
        "gaps": [],
        "corrections": 0,
    }


def test_status_shows_in_which_assets_balances_are_recorded_since_when_and_how_often(run, full_archive):
    run("archive", "update", "spot", "--archive", full_archive, "--quote", "BTC")
    run("archive", "update", "spot", "--archive", full_archive)
    shown = run("archive", "status", "--archive", full_archive)[1]
    rows = [line.split() for line in shown.partition("Recorded balances (UTC)")[2].splitlines() if "main:" in line]
    [in_btc, in_usdt] = json.loads(run("archive", "status", "--archive", full_archive, "--json")[1])["balances"]
    times = {row["recorded_at"] for row in json.loads(run("balances", "--archive", full_archive, "--json")[1])}
    assert {in_btc["first"], in_usdt["first"], in_usdt["last"]} == times
    assert [(each["account"], each["quote_asset"], each["records"]) for each in (in_btc, in_usdt)] == [
        ("main", "BTC", 1),
        ("main", "USDT", 2),
    ]
    for row, each in zip(rows, (in_btc, in_usdt), strict=True):
        minutes = [part for name in ("first", "last") for part in each[name][:16].split("T")]
        assert row == ["main:", each["quote_asset"], *minutes, str(each["records"])]


def test_status_says_where_no_balances_are_recorded(run, tmp_path):
    run("archive", "update", "spot", "--no-balances", "--archive", tmp_path / "new.sqlite")
    assert "No balances are recorded yet.\n" in run("archive", "status", "--archive", tmp_path / "new.sqlite")[1]


def test_status_of_one_account_has_only_its_balances(run, full_archive):
    run("archive", "update", "--archive", full_archive, "--account", "fund")
    for name in ("main", "fund"):
        found = json.loads(run("archive", "status", "--archive", full_archive, "--json", "--account", name)[1])
        assert {each["account"] for each in [*found["snapshots"], *found["balances"]]} == {name}


@pytest.mark.parametrize(
    ("command", "form"), [(["snapshots", "spot"], "ndjson"), (["snapshots", "futures"], "json"), (["history"], "csv")]
)
def test_an_archive_gives_the_same_file_as_the_exchange(run, full_archive, command, form):
    live = run(*command, "--days", 30, "--format", form)
    assert live[0] == 0
    assert run(*command, "--days", 30, "--format", form, "--archive", full_archive) == live


def test_reading_takes_no_key_and_no_call(run, exchange, full_archive):
    exchange.requests.clear()
    code, shown, _ = run(
        "snapshots", "margin", "--archive", full_archive, without=("BINANCE_API_KEY", "BINANCE_API_SECRET")
    )
    assert code == 0
    assert "Margin account" in shown
    assert exchange.requests == []


@pytest.mark.parametrize("order", [["--archive", "spot"], ["spot", "--archive", "--json"]])
def test_archive_alone_is_the_default_archive(run, full_archive, order):
    code, shown, _ = run("snapshots", *order, BINANCE_ARCHIVE=str(full_archive))
    assert code == 0
    assert shown


def test_without_a_period_all_that_is_recorded_is_shown(run, full_archive):
    shown = run("snapshots", "spot", "--archive", full_archive, "--json")[1]
    assert len({row["update_time"] for row in json.loads(shown)}) == 30


@pytest.mark.parametrize("command", [["snapshots", "spot"], ["history"], ["balances"], ["report"]])
def test_an_archive_is_read_for_any_number_of_days(run, full_archive, command):
    code, shown, errors = run(*command, "--days", 999_999_999, "--archive", full_archive)
    assert (code, errors) == (0, "")
    assert shown


def test_the_last_days_of_an_archive_are_the_last_days_up_to_yesterday(run, full_archive, yesterday):
    move_days(full_archive, -20)
    shown = run("snapshots", "spot", "--archive", full_archive, "--days", 31, "--json")[1]
    assert len({row["update_time"] for row in json.loads(shown)}) == 11


def test_a_picture_of_an_archive(run, full_archive, tmp_path):
    assert run("snapshots", "spot", "--archive", full_archive, "--plot", "month.svg")[0] == 0
    assert (tmp_path / "month.svg").read_text().startswith("<svg")


def test_balances_over_time_as_a_table(run, full_archive):
    run("archive", "update", "spot", "--archive", full_archive)
    code, shown, _ = run("balances", "--archive", full_archive)
    assert code == 0
    assert "Balances (USDT)" in shown
    today = str(datetime.now(UTC).date())
    assert len([line for line in shown.splitlines() if line.strip().startswith(today)]) == 2


def test_balances_over_time_as_a_file(run, full_archive, library):
    shown = run("balances", "--archive", full_archive, "--all", "--format", "csv")[1]
    rows = list(csv.DictReader(io.StringIO(shown)))
    assert [*rows[0]] == ["recorded_at", "activate", "balance", "wallet_name", "quote_asset"]
    expected = [(each.wallet_name, f"{each.balance:f}") for each in library.balances("USDT")]
    assert [(row["wallet_name"], row["balance"]) for row in rows] == expected


def test_balances_over_time_as_parquet(run, full_archive, tmp_path):
    from pyarrow import parquet

    assert run("balances", "--archive", full_archive, "--output", "balances.parquet")[0] == 0
    table = parquet.read_table(tmp_path / "balances.parquet")
    assert table.column_names[0] == "recorded_at"
    assert table.num_rows == 7


def test_an_archive_as_a_workbook(run, full_archive, tmp_path):
    run("archive", "update", "spot", "--archive", full_archive, "--quote", "BTC")
    assert run("balances", "--archive", full_archive, "--output", "balances.xlsx") == (0, "", "")
    assert run("history", "--archive", full_archive, "--output", "history.xlsx") == (0, "", "")
    balances, history = load_workbook(tmp_path / "balances.xlsx"), load_workbook(tmp_path / "history.xlsx")
    assert balances.sheetnames == ["Balances USDT", "Balances BTC"]
    assert [sheet.max_row for sheet in balances] == [8, 8]
    assert [history[account].max_row for account in ("Spot", "Margin")] == [31, 31]


def test_a_period_of_balances_takes_an_archive(run, yesterday):
    code, _, errors = run("balances", "--from", yesterday)
    assert code == 2
    assert "give --archive for those of a period" in errors


def test_accounts_of_one_archive_are_apart(run, full_archive):
    code, _, errors = run("history", "--archive", full_archive, "--account", "fund")
    assert (code, errors) == (1, f"binance-wallet: the archive {full_archive} has no account 'fund': it has main\n")
    run("archive", "update", "--archive", full_archive, "--account", "fund", "spot")
    code, shown, _ = run("history", "--archive", full_archive, "--account", "fund")
    assert code == 0
    assert "No margin snapshots in this period" in shown


@pytest.mark.parametrize("command", [["archive", "status"], ["history", "--archive"], ["balances", "--archive"]])
def test_an_archive_that_is_not_there_is_an_error(run, command):
    code, shown, errors = run(*command)
    assert (code, shown, errors.count("\n")) == (1, "", 1)
    assert "there is no archive at" in errors


def test_a_period_without_data_is_an_error(run, full_archive):
    code, shown, errors = run(
        "snapshots", "spot", "--archive", full_archive, "--from", "2019-01-01", "--to", "2019-12-31"
    )
    assert (code, shown) == (1, "")
    assert errors.endswith("has no spot snapshots of account 'main' from 2019-01-01 to 2019-12-31\n")


@pytest.mark.parametrize("command", ["history", "report"])
def test_a_period_without_data_of_any_type_is_an_error_that_names_no_type(run, full_archive, command):
    code, shown, errors = run(command, "--archive", full_archive, "--from", "2019-01-01", "--to", "2019-12-31")
    assert (code, shown) == (1, "")
    assert errors.endswith("has no snapshots of account 'main' from 2019-01-01 to 2019-12-31\n")


@pytest.mark.parametrize("command", ["history", "report"])
def test_an_account_that_an_archive_does_not_have_is_an_error(run, full_archive, command):
    code, shown, errors = run(command, "--archive", full_archive, "--account", "fund")
    assert (code, shown) == (1, "")
    assert errors.endswith("has no account 'fund': it has main\n")


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("postgresql://me:s3cret-word@127.0.0.1:1/wallets", "wallets at 127.0.0.1"),
        ("postgres://me:s3cret-word@127.0.0.1:1/wallets", "wallets at 127.0.0.1"),
        ("postgresql://me:s3cret@-word@127.0.0.1:1/wallets", "cannot be read"),
        ("me:s3cret-word@127.0.0.1:1/wallets", "without its scheme"),
    ],
)
@pytest.mark.parametrize("command", [["archive", "update"], ["archive", "status"], ["history", "--archive"]])
def test_an_address_is_not_shown_with_its_password(run, command, url, message):
    code, shown, errors = run(*command, BINANCE_ARCHIVE=url)
    assert (code, shown, errors.count("\n")) == (1, "", 1)
    assert "s3cret" not in errors
    assert "-word" not in errors
    assert message in errors


def test_the_archive_command_alone_is_wrong_usage(run):
    code, _, errors = run("archive")
    assert (code, errors.count("\n")) == (2, 1)


def test_no_secret_is_in_the_archive(full_archive, exchange):
    content = Path(full_archive).read_bytes()
    assert exchange.api_key.encode() not in content
    assert exchange.api_secret.encode() not in content


def test_recorded_assets_as_a_table_of_the_last_time_and_as_a_file_of_all(run, full_archive, library):
    run("archive", "update", "spot", "--archive", full_archive)
    code, shown, errors = run("balances", "--archive", full_archive, "--details")
    assert (code, errors) == (0, "")
    today = str(datetime.now(UTC).date())
    assert len([line for line in shown.splitlines() if line.strip().startswith(today)]) == 2
    assert shown.count(f"Spot wallet at {today}") == 1
    [spot, *_] = library.balances("USDT", details=True)
    found = csv.DictReader(io.StringIO(run("balances", "--archive", full_archive, "--details", "--format", "csv")[1]))
    of_spot = [(row["asset"], row["free"]) for row in found if row["wallet_name"] == "Spot"]
    assert of_spot == 2 * [(each.asset, f"{each.free:f}") for each in spot.asset_balances]


def test_records_without_assets_are_shown_with_a_line(run, exchange, full_archive, tmp_path):
    exchange.fail(400, -1104, "Not all sent parameters were read.", path="/sapi/v1/asset/wallet/balance")
    update = ["archive", "update", "spot", "--archive", tmp_path / "new.sqlite"]
    assert run(*update)[0::2] == (
        0,
        "binance-wallet: the exchange did not list what the wallets hold: their balances alone are recorded\n",
    )
    code, shown, errors = run("balances", "--archive", tmp_path / "new.sqlite", "--details")
    assert (code, errors) == (0, "binance-wallet: the exchange did not list what the wallets hold\n")
    assert "Balances (USDT)" in shown


@pytest.fixture
def prices_file(tmp_path):
    file = tmp_path / "prices.csv"
    file.write_bytes(b"day,price\r\n2024-12-31,93000.50\r\n2025-12-31,81473.12\r\n")
    return file


def test_prices_are_imported_listed_and_removed(run, full_archive, prices_file):
    at = ["--archive", full_archive]
    line = "imported the price of BTC in USDT for 2 days: 2024-12-31 to 2025-12-31\n"
    assert run("archive", "prices", "import", prices_file, "--quote", "usdt", *at) == (0, line, "")
    run("archive", "prices", *at, "import", prices_file, "--quote", "EUR")
    shown = run("archive", "prices", "--quote", "USDT", *at)[1]
    assert shown.splitlines()[0] == "Prices of BTC in USDT"
    assert ["2024-12-31", "93000.50", "file"] in [line.split()[:3] for line in shown.splitlines()]
    assert len([line for line in shown.splitlines() if " exchange " in line]) == 1
    listed = json.loads(run("archive", "prices", "--json", *at)[1])
    assert (
        listed[0].items() >= {"day": "2024-12-31", "quote_asset": "EUR", "source": "file", "price": "93000.50"}.items()
    )
    assert len(listed) == 5
    line = "removed the imported price of BTC in EUR for 2 days\n"
    assert run("archive", "prices", "remove", "--quote", "EUR", *at) == (0, line, "")
    assert "EUR" not in run("archive", "prices", *at)[1]
    line = "there was no imported price of BTC in EUR\n"
    assert run("archive", "prices", "remove", "--quote", "EUR", *at) == (0, line, "")


def test_a_day_with_a_recorded_and_an_imported_price_is_listed_once(run, full_archive, prices_file, yesterday):
    prices_file.write_text(f"{yesterday},1.50\n")
    run("archive", "prices", "import", prices_file, "--quote", "USDT", "--archive", full_archive)
    [price] = json.loads(run("archive", "prices", "--json", "--archive", full_archive)[1])
    assert (price["day"], price["source"], price["price"]) == (str(yesterday), "file", "1.50")


def test_prices_in_an_asset_that_is_new_to_the_archive_are_imported_with_a_warning(run, full_archive, prices_file):
    [in_new, again] = [
        run("archive", "prices", "import", prices_file, "--quote", "USDTT", "--archive", full_archive) for _ in range(2)
    ]
    line = "imported the price of BTC in USDTT for 2 days: 2024-12-31 to 2025-12-31\n"
    assert in_new == (0, line, "binance-wallet: nothing else in the archive is in USDTT, but in USDT\n")
    assert again == (0, line, "")


def test_prices_may_be_imported_before_there_are_balances(run, prices_file, tmp_path):
    run("archive", "update", "spot", "--no-balances", "--archive", tmp_path / "new.sqlite")
    assert run("archive", "prices", "import", prices_file, "--quote", "EUR", "--archive", tmp_path / "new.sqlite") == (
        0,
        "imported the price of BTC in EUR for 2 days: 2024-12-31 to 2025-12-31\n",
        "",
    )


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("2025-01-01;5", "prices.csv, line 4: write a day, a comma and a price with a decimal point, as in 2025-"),
        ("2024-12-31,1", "prices.csv, line 4: 2024-12-31 is in line 2 already"),
        ("2025-01-01,\x1b[31m", r"prices.csv, line 4: '\x1b[31m' is not a price"),
    ],
)
def test_a_bad_line_is_named_and_nothing_is_imported(run, full_archive, prices_file, line, message):
    prices_file.write_text(f"{prices_file.read_text()}{line}\n")
    before = run("archive", "prices", "--archive", full_archive)
    code, shown, errors = run("archive", "prices", "import", prices_file, "--quote", "USDT", "--archive", full_archive)
    assert (code, shown, errors.count("\n")) == (1, "", 1)
    assert message in errors
    assert "\x1b" not in errors
    assert run("archive", "prices", "--archive", full_archive) == before


@pytest.mark.parametrize(
    ("args", "code", "message"),
    [
        (["import", "prices.csv"], 2, "--quote is missing"),
        (["import", "--quote", "USDT"], 2, "FILE is missing"),
        (["import", "no.csv", "--quote", "USDT"], 1, "no.csv: No such file or directory"),
        (["import", "prices.csv", "--quote", "BTC"], 2, "--quote must be an asset that BTC has a price in, not 'BTC'"),
        (["--json", "import", "prices.csv", "--quote", "USDT"], 2, "write the options after import"),
        (["import", "prices.csv", "--quote", "USDT", "--archive", "no.sqlite"], 1, "there is no archive at no.sqlite"),
        (["--archive", "no.sqlite"], 1, "there is no archive at no.sqlite"),
        (["improt"], 2, "did you mean import?"),
    ],
)
def test_prices_that_cannot_be_imported_or_listed_are_an_error(run, prices_file, args, code, message):
    found, shown, errors = run("archive", "prices", *args)
    assert (found, shown, errors.count("\n")) == (code, "", 1)
    assert message in errors


def test_an_archive_without_prices_says_so(run, full_archive):
    assert run("archive", "prices", "--quote", "EUR", "--archive", full_archive) == (
        0,
        "No prices are recorded.\n\n",
        "",
    )


def test_status_tells_of_prices(run, full_archive, prices_file, yesterday):
    run("archive", "prices", "import", prices_file, "--quote", "USDT", "--archive", full_archive)
    shown = run("archive", "status", "--archive", full_archive)[1]
    assert ["USDT", "2024-12-31", str(yesterday), "3", "2"] in [line.split() for line in shown.splitlines()]
    assert json.loads(run("archive", "status", "--archive", full_archive, "--json")[1])["prices"] == [
        {"quote_asset": "USDT", "first": "2024-12-31", "last": str(yesterday), "days": 3, "imported": 2}
    ]
