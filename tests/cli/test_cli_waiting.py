"""`history` keeps to the exchange's request weight."""

import time

TOO_FAST = (429, -1003, "Too many requests; current limit is 12000 request weight per minute.")


def test_on_a_terminal_a_bar_says_what_it_waits_for_and_how_long(run_on_terminal, exchange):
    exchange.fail(*TOO_FAST, headers={"Retry-After": "2"})
    begin = time.monotonic()

    code, shown = run_on_terminal("history", "--days", 1, "--timeout", 1)

    assert code == 0
    assert time.monotonic() - begin > 2
    assert "Waiting for request weight for spot snapshots" in shown
    assert "2 s left" in shown
    assert "1 s left" in shown
    assert "Futures account" in shown


def test_off_a_terminal_a_line_says_it(run, exchange):
    exchange.fail(*TOO_FAST, headers={"Retry-After": "2"})

    code, shown, errors = run("history", "--days", 1, "--timeout", 1)

    assert (code, errors) == (0, "Waiting for request weight for spot snapshots: 2 s\n")
    assert "Futures account" in shown


def test_a_ban_is_not_waited_for(run, exchange):
    exchange.fail(418, -1003, "Way too much request weight used.", headers={"Retry-After": "2"})

    code, shown, errors = run("history", "--days", 1)

    assert (code, shown) == (1, "")
    assert "2 s" in errors
    assert len(exchange.requests) == 1
