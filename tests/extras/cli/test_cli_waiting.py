"""All commands wait for request weight, and show it."""

import logging
import re
import sys
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from os import environ

import pytest
from binance_wallet import Balances, WalletClient

TOO_FAST = (429, -1003, "Too many requests; current limit is 12000 request weight per minute.")
COMMANDS = [["balances"], ["snapshots", "spot", "--days", 1], ["history", "--days", 1]]


@pytest.fixture
def within_a_call(monkeypatch):
    """Let the library do something within a call, with its logger."""

    def within_a_call(deed):
        def balances(self, quote_asset):
            deed(logging.getLogger("binance_wallet"))
            return Balances([], quote_asset=quote_asset)

        monkeypatch.setattr(WalletClient, "balances", balances)

    return within_a_call


def wait(seconds, logger):
    logger.info("the weight is used up", extra={"seconds": seconds})
    time.sleep(seconds)


@pytest.mark.parametrize("command", COMMANDS)
def test_off_a_terminal_a_line_says_how_long_it_waits_and_why(run, exchange, command):
    exchange.fail(*TOO_FAST, headers={"Retry-After": "1"})
    begin = time.monotonic()

    code, _, errors = run(*command, "--timeout", 1)

    assert (code, errors) == (0, f"binance-wallet: waiting 1 s: {TOO_FAST[2]}\n")
    assert time.monotonic() - begin > 1


def test_on_a_terminal_the_seconds_are_counted_down(run_on_terminal, exchange):
    exchange.fail(*TOO_FAST, headers={"Retry-After": "2"})

    code, shown = run_on_terminal("balances", "--timeout", 1)

    assert code == 0
    assert "Waiting, 2 s left: Too many requests" in shown
    assert "Waiting, 1 s left: Too many requests" in shown
    assert "━━━━━" in shown  # a bar, too
    assert "Total" in shown


def test_a_wait_within_a_call_is_counted_down_on_a_terminal(run_on_terminal, within_a_call):
    within_a_call(partial(wait, 2.0))

    code, shown = run_on_terminal("balances", "--json")

    assert code == 0
    assert "Waiting, 2 s left: the weight is used up" in shown
    assert "Waiting, 1 s left: the weight is used up" in shown
    assert shown.endswith("[]\n")


def test_a_wait_within_a_call_is_a_line_off_a_terminal(run, within_a_call, monkeypatch):
    monkeypatch.setattr(time, "sleep", lambda _: None)
    within_a_call(partial(wait, 1.0))

    assert run("balances", "--json") == (0, "[]\n", "binance-wallet: waiting 1 s: the weight is used up\n")


def test_a_warning_of_the_library_is_a_line(run, within_a_call):
    within_a_call(lambda logger: logger.warning("careful"))

    assert run("balances", "--json") == (0, "[]\n", "binance-wallet: careful\n")


@pytest.mark.parametrize("command", COMMANDS)
def test_scripts_may_choose_not_to_wait(run, exchange, command):
    exchange.fail(*TOO_FAST, headers={"Retry-After": "20"})

    code, shown, errors = run(*command, "--no-wait", "--timeout", 1)

    assert (code, shown, errors.count("\n")) == (1, "", 1)
    assert "call again in 20 s" in errors


CALLS = "/sapi/v1/accountSnapshot", "/sapi/v1/asset/wallet/balance"


@pytest.mark.parametrize(
    "command",
    [
        ["balances", "--verbose"],
        ["snapshots", "spot", "-v"],
        ["history", "-v"],
        ["report", "-v"],
        ["doctor", "-v"],
        ["archive", "update", "-v", "--archive", "a.db"],
    ],
    ids=" ".join,
)
def test_each_attempt_is_shown_if_asked_for(run, exchange, command):
    code, shown, errors = run(*command)

    lines = [re.sub(r"\d\.\d\d s", "… s", line) for line in errors.splitlines()]
    assert code == 0
    assert lines == [
        f"binance-wallet: {request.path}: attempt 1: HTTP 200 in … s; weight used in this minute: {used}"
        for request, used in zip(exchange.requests, used_weights(exchange.requests), strict=True)
    ]
    assert "attempt" not in shown


def used_weights(requests):
    used = dict.fromkeys(CALLS, 0)
    for request in requests:
        used[request.path] += {CALLS[0]: 2400, CALLS[1]: 60}[request.path]
        yield used[request.path]


def test_what_went_wrong_before_is_shown_if_asked_for(run, exchange):
    exchange.fail(503, -1008, "Overloaded.\x1b[31m")
    exchange.fail(*TOO_FAST, headers={"Retry-After": "1"})

    code, _, errors = run("balances", "-v")

    path = "binance-wallet: /sapi/v1/asset/wallet/balance:"
    failed, *others, served = [line for line in errors.splitlines() if " attempt " in line]
    assert code == 0
    assert re.fullmatch(
        rf"{path} attempt 1: failed after 0\.\d\d s: Overloaded\.\\x1b\[31m \(code -1008, HTTP 503\)", failed
    )
    assert re.fullmatch(rf"{path} attempt 3: HTTP 200 in 0\.\d\d s; weight used in this minute: 60", served)
    assert any(re.match(rf"{path} attempt 2: failed after 0\.\d\d s: Too many requests; ", line) for line in others)
    assert f"{path} waited 1.0 s before attempt 3: {TOO_FAST[2]} (code -1003, HTTP 429)" in others


def test_a_countdown_ends_before_an_attempt_is_shown(run_on_terminal, exchange):
    exchange.fail(*TOO_FAST, headers={"Retry-After": "1"})

    code, shown = run_on_terminal("balances", "-v")

    assert code == 0
    shown_again = "\x1b[?25h"  # the cursor, at the end of the countdown, which erases its line
    assert shown.index("Waiting, 1 s left") < shown.index(shown_again) < shown.index("waited 1.0 s before attempt 2")


def test_a_ban_is_not_waited_for(run, exchange):
    exchange.fail(418, -1003, "Way too much request weight used.", headers={"Retry-After": "2"})

    code, shown, errors = run("history", "--days", 1)

    assert (code, shown) == (1, "")
    assert "2 s" in errors
    assert len(exchange.requests) == 1


LATER = re.compile(r"at (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) local time \((\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) UTC\)")


@pytest.mark.parametrize("seconds", [601, 3600, 200_000])
@pytest.mark.parametrize("command", [*COMMANDS, ["report"], ["doctor"], ["archive", "update", "spot"]], ids=str)
def test_a_wait_of_more_than_ten_minutes_is_not_begun(run, exchange, command, seconds):
    exchange.fail(*TOO_FAST, headers={"Retry-After": f"{seconds}"}, times=9)
    begin = datetime.now(UTC)

    code, shown, errors = run(*command, XDG_DATA_HOME=environ["XDG_DATA_HOME"])

    assert code == 1
    moment = datetime.fromisoformat(f"{LATER.search(shown + errors)[2]}+00:00")
    assert begin + timedelta(seconds=seconds - 1) <= moment < datetime.now(UTC) + timedelta(seconds=seconds + 2)
    assert "waiting" not in errors


def test_the_end_of_a_wait_is_told_in_local_time_too(run, exchange):
    exchange.fail(*TOO_FAST, headers={"Retry-After": "3600"})

    _, _, errors = run("balances", command=[sys.executable, "-m", "binance_wallet"], TZ="Asia/Tokyo")

    here, there = map(datetime.fromisoformat, LATER.search(errors).groups())
    assert here - there == timedelta(hours=9)


def test_the_end_of_a_ban_is_told(run, exchange):
    exchange.fail(418, -1003, "Way too much request weight used.", headers={"Retry-After": "7200"})

    assert LATER.search(run("balances")[2])


def test_a_short_wait_needs_no_clock(run, exchange):
    exchange.fail(*TOO_FAST, headers={"Retry-After": "20"})

    assert not LATER.search(run("balances", "--no-wait", "--timeout", 1)[2])
