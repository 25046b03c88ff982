"""Request weight, waits and bans, and a wrong clock: an assistant that asks too often harms nobody."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from binance_wallet.budget import Budget
from binance_wallet_extras.mcp import WAIT
from binance_wallet_mock import MockExchange


@pytest.fixture
def limited_exchange():
    with MockExchange(assets=5) as limited_exchange:
        yield limited_exchange


@pytest.fixture
def assistant(serve, limited_exchange, tmp_path):
    with serve(
        {"main": limited_exchange.async_client(budget=Budget(), wait=WAIT)}, tmp_path / "archive.sqlite"
    ) as assistant:
        yield assistant


@pytest.fixture
def two(connected, environment_of, limited_exchange, tmp_path):
    """Two servers, each in a process of its own, with the budget of this test."""
    environment = environment_of(limited_exchange, tmp_path)
    with connected(environment) as one, connected(environment) as other:
        yield one, other


def minute():
    """The start of the running minute."""
    return datetime.fromtimestamp(time.time() // 60 * 60, UTC)


def early(limited_exchange):
    """Set the exchange's clock early in a minute, so that no call waits for the next one."""
    limited_exchange.set_time(minute() + timedelta(seconds=1))


def use_up(limited_exchange):
    """Spend the weight of this minute as a program does that knows nothing of the budget."""
    with limited_exchange.client(budget=Budget(), weight_limit=None) as wallet:
        wallet.balances()  # which learns the time
        for _ in range(5):
            wallet.snapshots("SPOT")


def test_two_servers_spend_one_budget(limited_exchange, two):
    early(limited_exchange)
    one, other = two
    one.ask("balances")  # which learns the time, for both
    for assistant in (one, other, one, other, one):
        assistant.ask("history", type="spot")
    sent = len(limited_exchange.requests)
    words, facts = other.fail("history", type="spot")
    assert facts["error"] == "RateLimitError"
    assert words.startswith("the request weight of this minute is used up: this call was not sent; call again in")
    assert 15 < facts["retry_after"] <= 60
    assert facts["what_to_do"] in words
    [_, snapshots] = other.ask("limits")["endpoints"]
    assert (snapshots["used"], snapshots["left"]) == (12_000, 0)
    assert one.ask("balances")["total"]  # another endpoint has weight of its own
    assert len(limited_exchange.requests) == sent + 1


def test_a_call_waits_for_a_minute_that_begins_soon(limited_exchange, connected, environment_of, tmp_path):
    """As the command sets it up."""
    with connected(environment_of(limited_exchange, tmp_path)) as assistant:
        begun = minute()
        limited_exchange.set_time(begun)
        assistant.ask("balances")
        for _ in range(5):
            assistant.ask("history", type="spot")
        limited_exchange.set_time(begun + timedelta(seconds=59))
        assistant.ask("balances")
        assert assistant.ask("history", type="spot")["days"]
        assert limited_exchange.now() >= begun.timestamp() + 60


def test_the_exchanges_429_is_an_error_result_and_is_kept_to(limited_exchange, assistant):
    early(limited_exchange)
    use_up(limited_exchange)
    _, facts = assistant.fail("history", type="spot")
    sent = len(limited_exchange.requests)
    assert facts["error"] == "RateLimitError"
    assert "(code -1003, HTTP 429)" in facts["message"]
    assert facts["retry_after"] > 15
    limits = assistant.ask("limits")
    assert limits["blocked"] == "pause"
    until = datetime.fromisoformat(limits["blocked_until"])
    assert abs(until - datetime.fromisoformat(facts["retry_at"])) < timedelta(seconds=3)
    assert limits["summary"].startswith(f"The exchange wants a pause: nothing is sent until {until:%Y-%m-%d %H:%M}")
    words, _ = assistant.fail("balances")
    assert words.startswith("this IP address was told to wait: this call was not sent; call again in")
    assert len(limited_exchange.requests) == sent


def test_a_ban_is_an_error_result_and_nothing_more_is_sent(limited_exchange, assistant):
    limited_exchange.fail(418, -1003, "Way too much request weight used; IP banned.", headers={"Retry-After": "7200"})
    words, facts = assistant.fail("balances")
    assert facts["error"] == "BannedError"
    assert 7100 < facts["retry_after"] <= 7200
    assert f", at {facts['retry_at'][:10]}" in words
    assert "Wait that long" in facts["what_to_do"]
    limits = assistant.ask("limits")
    assert limits["blocked"] == "ban"
    assert limits["summary"].startswith("The exchange has banned this IP address: nothing is sent until")
    assistant.fail("history", type="spot")
    assert len(limited_exchange.requests) == 1


def test_a_server_knows_of_a_ban_that_another_program_met(limited_exchange, two):
    limited_exchange.set_time(datetime.now(UTC) + timedelta(days=40))
    limited_exchange.fail(418, -1003, "Way too much request weight used; IP banned.", headers={"Retry-After": "7200"})
    one, other = two
    one.fail("balances")
    limits = other.ask("limits")
    assert limits["blocked"] == "ban"
    left = datetime.fromisoformat(limits["blocked_until"]) - datetime.fromisoformat(limits["at"])
    assert timedelta(seconds=7100) < left < timedelta(seconds=7210)
    assert len(limited_exchange.requests) == 1


def test_a_wrong_clock_of_this_machine_does_no_harm(limited_exchange, assistant):
    limited_exchange.set_time(datetime.now(UTC) + timedelta(days=40))
    today = datetime.fromtimestamp(limited_exchange.now(), UTC).date()
    assert assistant.ask("balances")["at"][:10] in {f"{today}", f"{today + timedelta(days=1)}"}
    days = assistant.ask("history", type="spot", days=2)["days"]
    assert days[-1]["day"] in {f"{today - timedelta(days=1)}", f"{today}"}
    assert assistant.ask("limits")["at"][:10] in {f"{today}", f"{today + timedelta(days=1)}"}
