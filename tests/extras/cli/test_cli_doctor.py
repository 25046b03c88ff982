"""`doctor` says what is wrong, and what to do about it."""

import os
import re

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat


def findings(shown):
    """Verdict and text by topic."""
    table = (line.split(maxsplit=2) for line in shown.splitlines())
    return {topic: (verdict, text) for verdict, topic, text in table}


@pytest.mark.usefixtures("early_in_the_minute")
def test_where_all_is_well_every_line_says_so(run, exchange):
    code, shown, errors = run("doctor")

    assert (code, errors) == (0, "")
    assert [*findings(shown)] == ["reachability", "key", "permission", "clock", "budget"]
    assert {verdict for verdict, _ in findings(shown).values()} == {"ok"}
    assert "60 of 12000 used" in findings(shown)["budget"][1]
    assert [request.path for request in exchange.requests] == ["/sapi/v1/asset/wallet/balance"]


def test_a_line_that_a_terminal_is_too_narrow_for_goes_on_below_its_text(run_on_terminal, tmp_path):
    code, shown = run_on_terminal("doctor", "--budget", f"sqlite:///{tmp_path}/{'x' * 30}.db", columns=80)

    lines = shown.splitlines()
    assert code == 0
    assert max(len(line) for line in lines if "xxx" not in line) <= 80  # a path is not split
    starts = [line[:20].strip() for line in lines]
    assert {*starts[starts.index("ok    budget") + 1 :]} == {""}


@pytest.mark.parametrize(
    ("fault", "topic", "remedy"),
    [
        ((401, -2015, "Invalid API-key, IP, or permissions for action."), "permission", "or the permission is wrong"),
        ((401, -2008, "Invalid Api-Key ID."), "key", "Copy the key again"),
        ((400, -1022, "Signature for this request is not valid."), "key", "secret does not belong"),
        ((429, -1003, "Too many requests."), "budget", "Wait that long"),
        ((418, -1003, "Way too much request weight used."), "budget", "Wait that long"),
        ((403, 0, "Forbidden."), "reachability", "A firewall"),
        ((451, 0, "Service unavailable from a restricted location."), "reachability", "does not serve this location"),
        ((400, -1021, "Timestamp for this request is outside of the recvWindow."), "clock", "connection"),
    ],
)
def test_a_refusal_is_explained(run, exchange, fault, topic, remedy):
    exchange.fail(*fault, headers={"Retry-After": "60"}, times=2)

    code, shown, errors = run("doctor")

    assert (code, errors) == (1, "")
    verdict, text = findings(shown)[topic]
    assert verdict == "WRONG"
    assert remedy in text
    assert "WRONG" not in [verdict for other, (verdict, _) in findings(shown).items() if other != topic]


def test_a_refusal_that_has_three_causes_does_not_call_the_key_right(run, exchange):
    exchange.fail(401, -2015, "Invalid API-key, IP, or permissions for action.")

    _, shown, _ = run("doctor")

    assert findings(shown)["key"][0] == "?"
    assert "The key, the IP address or the permission is wrong" in findings(shown)["permission"][1]
    assert findings(shown)["reachability"][0] == "ok"


def test_a_wrong_signature_by_a_private_key_is_explained_without_a_secret(run, exchange):
    exchange.fail(400, -1022, "Signature for this request is not valid.")
    private_key = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    _, shown, _ = run("doctor", without=["BINANCE_API_SECRET"], BINANCE_PRIVATE_KEY=private_key.decode())

    verdict, text = findings(shown)["key"]
    assert verdict == "WRONG"
    assert "This private key is not the one whose public key is registered" in text
    assert "secret" not in text


def test_a_wrong_clock_is_found_and_how_wrong_it_is(run, exchange):
    exchange.advance(3600)

    code, shown, _ = run("doctor")

    verdict, text = findings(shown)["clock"]
    assert (code, verdict) == (1, "WRONG")
    assert re.search("(3599|3600|3601) s behind", text)  # on a slow machine, the response may be a second old


def test_a_budget_that_cannot_be_meant_is_a_finding_about_the_budget(run):
    code, shown, _ = run("doctor", "--budget", "foo")

    verdict, text = findings(shown)["budget"]
    assert (code, verdict) == (2, "WRONG")
    assert text.startswith("--budget (BINANCE_BUDGET) must be of the form")
    assert findings(shown)["reachability"][0] == "?"


@pytest.mark.parametrize("missing", ["BINANCE_API_KEY", "BINANCE_API_SECRET"])
def test_a_missing_key_is_said_to_be_missing(run, missing):
    code, shown, _ = run("doctor", without=[missing])

    assert code == 2
    assert findings(shown)["key"][0] == "WRONG"
    assert f"set {missing}" in findings(shown)["key"][1]
    assert findings(shown)["reachability"][0] == "?"


def test_an_address_that_would_give_the_key_away_is_said_to_be_wrong(run):
    code, shown, _ = run("doctor", BINANCE_BASE_URL="http://example.com")

    assert code == 2
    assert findings(shown)["reachability"][0] == "WRONG"
    assert "https" in findings(shown)["reachability"][1]


def test_an_exchange_that_is_not_there_is_said_to_be_unreachable(run):
    code, shown, _ = run("doctor", "--timeout", "0.5", BINANCE_BASE_URL="http://127.0.0.1:9")

    assert code == 1
    assert findings(shown)["reachability"][0] == "WRONG"
    assert "BINANCE_BASE_URL" in findings(shown)["reachability"][1]


@pytest.fixture
def private_key(exchange, tmp_path):
    """A file with a key that the exchange knows, and the variables for it."""
    key = Ed25519PrivateKey.generate()
    file = tmp_path / "key.pem"
    file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    file.chmod(0o600)
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    exchange.add_key("e" * 64, public_key=public)
    return file, {"BINANCE_API_KEY": "e" * 64, "BINANCE_PRIVATE_KEY": str(file)}


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660, 0o444])
def test_a_private_key_that_others_may_read_is_found(run, private_key, mode):
    file, variables = private_key
    file.chmod(mode)

    code, shown, _ = run("doctor", without=["BINANCE_API_SECRET"], **variables)

    verdict, text = findings(shown)["key"]
    assert (code, verdict) == (1, "WRONG")
    assert f"others may read {file} (mode {mode:04o}): chmod 600 {file}" in text


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_a_private_key_that_only_its_owner_may_read_is_well(run, private_key, mode):
    file, variables = private_key
    file.chmod(mode)

    code, shown, _ = run("doctor", without=["BINANCE_API_SECRET"], **variables)

    assert (code, findings(shown)["key"][0]) == (0, "ok")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files to another user")
def test_a_private_key_of_another_user_is_found(run, private_key):
    file, variables = private_key
    os.chown(file, 12345, 12345)

    code, shown, _ = run("doctor", without=["BINANCE_API_SECRET"], **variables)

    assert (code, findings(shown)["key"][0]) == (1, "WRONG")
    assert "belongs to another user" in findings(shown)["key"][1]


@pytest.mark.parametrize("name", ["env", "env-team"])
def test_a_file_of_variables_that_others_may_read_is_found(run, tmp_path, name):
    file = tmp_path / ".config" / "binance-wallet" / name
    file.parent.mkdir(parents=True)
    file.write_text("BINANCE_API_KEY=…")
    file.chmod(0o644)

    code, shown, _ = run("doctor", HOME=str(tmp_path))

    assert (code, findings(shown)["key"][0]) == (1, "WRONG")
    assert str(file) in findings(shown)["key"][1]


@pytest.mark.parametrize(("of", "mode"), [("file", 0o660), ("file", 0o602), ("folder", 0o770), ("folder", 0o1777)])
@pytest.mark.parametrize("given", ["by an option", "by default"])
def test_a_budget_that_others_may_change_is_found(run, tmp_path, of, mode, given):
    variables = {"XDG_STATE_HOME": str(tmp_path)}
    folder = tmp_path / "binance-wallet"
    folder.mkdir()
    options = ["--budget", f"sqlite:///{folder}/budget.db"] if given == "by an option" else []
    assert run("doctor", *options, without=["BINANCE_BUDGET"], **variables)[0] == 0
    exposed = folder if of == "folder" else folder / "budget.db"
    exposed.chmod(mode)

    code, shown, _ = run("doctor", *options, without=["BINANCE_BUDGET"], **variables)

    verdict, text = findings(shown)["budget"]
    assert (code, verdict) == (1, "WRONG")
    assert "counted in" in text
    assert f"others may change {exposed} (mode {mode:04o})" in text


def test_a_key_that_is_refused_and_exposed_is_both(run, exchange, private_key):
    file, variables = private_key
    file.chmod(0o644)
    exchange.fail(401, -2008, "Invalid Api-Key ID.")

    _, shown, _ = run("doctor", without=["BINANCE_API_SECRET"], **variables)

    assert "Copy the key again" in findings(shown)["key"][1]
    assert "others may read" in findings(shown)["key"][1]


def test_an_archive_that_others_may_write_is_wrong(run, tmp_path):
    file = tmp_path / "archive.sqlite"
    file.touch()
    file.chmod(0o666)

    code, shown, _ = run("doctor", BINANCE_ARCHIVE=str(file))

    [line] = [line for line in shown.splitlines() if " archive " in line]
    assert line.startswith("WRONG")
    assert "chmod" in line
    assert code == 1
