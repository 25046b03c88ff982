"""Passwords in arguments are refused: all users of a machine can read them in the list of processes."""

import pytest

PASSWORD = "hunter2s3cret"
PLACES = {
    "a URL": "postgresql://user:{}@127.0.0.1:1/db",
    "a URL of SQLAlchemy": "postgresql+psycopg://user:{}@127.0.0.1:1/db",
    "a password with characters that should be encoded": "postgresql://user:hunter@2/{}#?@127.0.0.1:1/db",
    "no user": "redis://:{}@127.0.0.1:1",
    "Redis with TLS": "rediss://user:{}@127.0.0.1:1/0",
    "a parameter": "postgresql://user@127.0.0.1:1/db?password={}",
    "another parameter": "postgresql://127.0.0.1:1/db?user=me&sslpassword={}",
    "no scheme": "user:{}@127.0.0.1:1/db",
    "libpq's words": "host=127.0.0.1 port=1 password={}",
}
COMMANDS = {
    "--archive": [["history"], ["balances"], ["snapshots", "spot"], ["report"], ["archive", "update"]],
    "--budget": [["history"], ["balances"], ["doctor"], ["report"], ["archive", "update"]],
}
CASES = [(option, command) for option, commands in COMMANDS.items() for command in commands]


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
@pytest.mark.parametrize("option", COMMANDS)
def test_a_password_in_an_argument_is_refused_and_not_repeated(run, exchange, option, place):
    code, shown, errors = run("balances", option, place.format(PASSWORD))

    assert (code, shown, errors.count("\n"), exchange.requests) == (2, "", 1, [])
    assert errors.startswith(f"binance-wallet: {option}: ")
    assert PASSWORD not in errors
    assert "hunter" not in errors


@pytest.mark.parametrize(("option", "command"), CASES)
@pytest.mark.parametrize("given", ["apart", "with ="])
def test_every_command_names_the_variable_instead(run, option, command, given):
    url = PLACES["a URL"].format(PASSWORD)

    code, _, errors = run(*command, *([option, url] if given == "apart" else [f"{option}={url}"]))

    assert code == 2
    assert {"--archive": "BINANCE_ARCHIVE", "--budget": "BINANCE_BUDGET"}[option] in errors


def test_the_variable_may_have_a_password(run):
    code, _, errors = run("balances", BINANCE_BUDGET=PLACES["no user"].format(PASSWORD))

    assert "list of processes" not in errors
    assert PASSWORD not in errors
    assert code == 0  # the weight is counted in this process only


@pytest.mark.parametrize(
    "budget", ["sqlite:///{folder}/a:b@c.db", "sqlite:///{folder}/a@b.db", "redis://user@127.0.0.1:1", "none"]
)
def test_what_has_no_password_is_taken(run, tmp_path, budget):
    assert run("balances", "--budget", budget.format(folder=tmp_path))[0] == 0


@pytest.mark.parametrize("archive", ["a@b.sqlite", "./a:b@c.sqlite", "folder/a:b@c.sqlite", "/tmp/no/a:b@c.sqlite"])
def test_a_path_is_no_url_with_a_password(run, archive):
    assert "list of processes" not in run("history", "--archive", archive)[2]
