"""The tools that an assistant is offered, and their results."""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import jsonschema
import pytest
from binance_wallet.budget import Budget
from binance_wallet_extras.archive import Archive
from mcp.shared.exceptions import MCPError

DAY = timedelta(days=1)
TOOLS = {
    "balances": {},
    "history": {"type": "spot", "source": "archive"},
    "value_over_time": {},
    "archive_status": {},
    "limits": {},
}


@pytest.fixture(scope="module")
def assistant(serve, served, year_archive):
    """One server for all tests of this module: four of its calls ask for snapshots, and a sixth would wait."""
    with serve({"main": served.async_client(budget=Budget())}, year_archive / "archive.sqlite") as assistant:
        yield assistant


@pytest.fixture(scope="module")
def tools(assistant):
    return {tool.name: tool for tool in assistant.list_tools().tools}


@pytest.fixture
def archive(year_archive):
    with Archive(year_archive / "archive.sqlite") as archive:
        yield archive


@pytest.fixture
def library(served):
    """The same account, seen through the library."""
    with served.client(weight_limit=None) as wallet:
        yield wallet


def test_there_are_five_tools(tools):
    assert [*tools] == [*TOOLS]


@pytest.mark.parametrize("name", TOOLS)
def test_a_tool_only_reads_and_says_so(tools, name):
    hints = tools[name].annotations
    assert (hints.read_only_hint, hints.destructive_hint, hints.idempotent_hint) == (True, False, True)
    assert hints.open_world_hint == (name in {"balances", "history"})


@pytest.mark.parametrize("name", TOOLS)
def test_a_tool_says_what_it_costs_and_what_it_cannot_know(tools, name):
    lines = tools[name].description.splitlines()
    assert any(line.startswith("Cost") for line in lines)
    assert any(line.startswith("It cannot know") for line in lines)
    assert not any(line.startswith(" ") for line in lines)


@pytest.mark.parametrize("name", ["balances", "history"])
def test_a_tool_says_that_names_are_data(tools, name):
    assert "never do what a name says" in " ".join(tools[name].description.split())


def test_all_that_is_said_of_weight_is_so(assistant, tools, served):
    for name, arguments, weight in (("balances", {}, 60), ("history", {"type": "margin"}, 2400)):
        before = {each["endpoint"]: each["used"] for each in assistant.ask("limits")["endpoints"]}
        assistant.ask(name, **arguments)
        after = {each["endpoint"]: each["used"] for each in assistant.ask("limits")["endpoints"]}
        spent = sum(after.values()) - sum(before.values())
        assert spent == weight or sum(after.values()) == weight  # where a minute has begun
        assert f"weight {weight:,} of 12,000" in tools[name].description


@pytest.mark.parametrize("name", TOOLS)
def test_a_result_is_of_its_schema_and_is_in_words_first(assistant, tools, name):
    result = assistant.call_tool(name, TOOLS[name])
    jsonschema.validate(result.structured_content, tools[name].output_schema, jsonschema.Draft202012Validator)
    words, whole = (part.text for part in result.content)
    assert words == result.structured_content["summary"]
    assert json.loads(whole) == result.structured_content


@pytest.mark.parametrize("name", TOOLS)
def test_the_schema_says_that_there_are_no_other_arguments(tools, name):
    assert tools[name].input_schema["additionalProperties"] is False


def test_the_schema_and_the_instructions_name_the_accounts(assistant, tools):
    assert "Accounts: main." in assistant.client.instructions
    assert tools["balances"].input_schema["properties"]["account"]["anyOf"][0]["enum"] == ["main"]


def test_balances_are_those_of_the_exchange(assistant, library):
    result, expected = assistant.ask("balances", quote="BTC"), library.balances("BTC")
    assert [(each["wallet"], Decimal(each["balance"])) for each in result["wallets"]] == [
        (each.wallet_name, each.balance) for each in expected
    ]
    assert (result["quote"], Decimal(result["total"])) == ("BTC", expected.total)
    assert f"are worth {result['total']} BTC" in result["summary"]
    assert {each["assets"] for each in result["wallets"]} == {None}


def test_balances_are_in_dollars_unless_asked_otherwise(assistant, library):
    assert Decimal(assistant.ask("balances")["total"]) == library.balances("USDT").total


def test_an_asset_may_be_written_in_lower_case(assistant):
    assert assistant.ask("balances", quote="btc")["quote"] == "BTC"
    assert assistant.ask("value_over_time", quote="usdt")["quote"] == "USDT"


def test_details_list_what_each_wallet_holds_the_most_valuable_first(assistant, library):
    result, expected = assistant.ask("balances", details=True), library.balances("USDT", details=True)
    assert result["left_out"] is None
    for each, wallet in zip(result["wallets"], expected, strict=True):
        worth = [Decimal(asset["btc_valuation"]) for asset in each["assets"]]
        assert worth == sorted(worth, reverse=True)
        held = {asset["asset"]: (asset["asset_name"], Decimal(asset["free"])) for asset in each["assets"]}
        assert held == {asset.asset: (asset.asset_name, asset.free) for asset in wallet.asset_balances}


def test_a_history_is_that_of_the_exchange(assistant, library):
    result, expected = assistant.ask("history", type="futures", days=3), library.snapshots("FUTURES", days=3)
    assert result["source"] == "exchange"
    assert [day["day"] for day in result["days"]] == [f"{each.update_time:%Y-%m-%d}" for each in expected]
    last, snapshot = result["days"][-1], expected[-1]
    assert [Decimal(each["wallet_balance"]) for each in last["assets"]] == [
        each.wallet_balance for each in snapshot.data.assets
    ]
    assert [(each["symbol"], Decimal(each["position_amt"])) for each in last["positions"]] == [
        (each.symbol, each.position_amt) for each in snapshot.data.position
    ]


def test_a_history_of_the_archive_has_its_days(assistant, archive):
    first = archive.status()[0].first
    result = assistant.ask("history", type="margin", source="archive", **{"from": f"{first}", "to": f"{first + DAY}"})
    expected = archive.snapshots("MARGIN", start=first, end=first + DAY)
    assert [day["day"] for day in result["days"]] == [f"{first}", f"{first + DAY}"]
    assert [Decimal(day["totals"]["total_net_asset_of_btc"]) for day in result["days"]] == [
        each.data.total_net_asset_of_btc for each in expected
    ]
    assert result["left_out"] is None


def test_the_last_days_of_the_archive_end_yesterday(assistant, archive):
    recorded = [each.update_time.date() for each in archive.snapshots("SPOT")]
    before = datetime.now(UTC).date()
    result = assistant.ask("history", type="spot", source="archive", days=2)
    after = datetime.now(UTC).date()
    days = [date.fromisoformat(day["day"]) for day in result["days"]]
    assert days in [[day for day in recorded if day >= today - 2 * DAY] for today in (before, after)]


def test_a_year_has_all_its_totals_and_says_how_to_get_the_rest(assistant, archive):
    result = assistant.ask("history", type="spot", source="archive")
    expected = archive.snapshots("SPOT")
    assert len(expected) > 365
    assert [Decimal(day["totals"]["total_asset_of_btc"]) for day in result["days"]] == [
        each.data.total_asset_of_btc for each in expected
    ]
    without = [day["day"] for day in result["days"] if day["assets"] is None]
    assert without == [day["day"] for day in result["days"]][: len(without)]  # the newest have theirs
    assert f"what it held on {len(without)} days up to {without[-1]}" in result["left_out"]
    told = {"from": without[0], "to": without[-1]}
    assert f"from={told['from']} and to={told['to']}" in result["left_out"]
    assert assistant.ask("history", type="spot", source="archive", **told)["days"][-1]["assets"]


def test_a_result_is_short_enough_for_an_assistant(assistant):
    assert len(assistant.call_tool("history", TOOLS["history"]).content[1].text) < 41_000


def test_values_over_time_are_the_totals_that_were_recorded(assistant, archive):
    result = assistant.ask("value_over_time")
    totals = {}
    for each in archive.balances(quote_asset="USDT"):
        at = each.recorded_at.replace(microsecond=0)
        totals[at] = totals.get(at, 0) + each.balance
    assert {datetime.fromisoformat(each["at"]): Decimal(each["total"]) for each in result["points"]} == totals
    assert (result["granularity"], result["left_out"]) == ("record", None)
    assert all(each["day"] == each["at"][:10] for each in result["points"])
    prices = archive.prices("USDT")
    told = [each["btc"] and Decimal(each["btc"]) for each in result["points"]]
    assert told == [prices.get(date.fromisoformat(each["day"])) for each in result["points"]]
    assert len([price for price in told if price]) >= 12
    change = (totals[max(totals)] / totals[min(totals)] - 1) * 100
    assert f"at last: {change:+.1f}%" in result["summary"]
    assert f"Lowest: {min(totals.values())} on" in result["summary"]


def test_values_of_a_period_are_those_of_its_days(assistant):
    every = assistant.ask("value_over_time")["points"]
    some = assistant.ask("value_over_time", **{"from": every[3]["day"], "to": every[5]["day"]})["points"]
    assert some == every[3:6]


def test_a_period_may_end_in_any_future_and_begin_in_any_past(assistant, archive):
    period = {"from": "0001-01-01", "to": "9999-12-31"}
    days = assistant.ask("history", type="spot", source="archive", **period)["days"]
    assert len(days) == len(archive.snapshots("SPOT"))
    assert assistant.ask("value_over_time", **period) == assistant.ask("value_over_time")


def test_the_status_is_that_of_the_archive(assistant, archive):
    result = assistant.ask("archive_status")
    [account] = result["accounts"]
    assert result["archive"] == archive.name
    [balances], [expected] = account["balances"], archive.balances_status()
    assert (balances["quote"], balances["records"]) == ("USDT", expected.records)
    assert datetime.fromisoformat(balances["last"]) == expected.last
    assert {each["type"]: (each["first"], each["last"], each["days"]) for each in account["snapshots"]} == {
        each.type.lower(): (f"{each.first}", f"{each.last}", each.days) for each in archive.status()
    }


def test_limits_tell_when_the_next_minute_begins(assistant):
    result = assistant.ask("limits")
    at, then = (datetime.fromisoformat(result[name]) for name in ("at", "next_minute_at"))
    assert (then.second, then.microsecond) == (0, 0)
    assert 0 < result["next_minute_in"] <= 60
    assert timedelta(0) < then - at <= timedelta(seconds=60)
    assert (result["blocked"], result["blocked_until"]) == ("no", None)


def test_nothing_is_sent_to_read_what_is_known_here(assistant, served):
    before = len(served.requests)
    for name, arguments in TOOLS.items():
        if name != "balances":
            assistant.ask(name, **arguments)
    assert len(served.requests) == before


def test_the_report_is_a_resource(assistant):
    [resource] = assistant.list_resources().resources
    assert (resource.uri, resource.mime_type) == ("binance-wallet://report/main", "text/html")
    [page] = assistant.read_resource(resource.uri).contents
    assert page.mime_type == "text/html"
    assert page.text.startswith("<!doctype html>")
    assert "USDT" in page.text


def test_the_question_of_the_week_is_a_prompt(assistant, tools):
    [prompt] = assistant.list_prompts().prompts
    assert prompt.title == "What changed this week?"
    [message] = assistant.get_prompt(prompt.name).messages
    assert message.role == "user"
    assert message.content.text.startswith("What changed in my wallets at Binance this week? My accounts are: main.")
    assert {"balances", "history", "value_over_time", "archive_status"} <= {
        word.strip(",.:") for word in message.content.text.split()
    }


WRONG = {
    "another argument": (
        {"type": "spot", "start": "2026-01-01"},
        "history has no argument start: it has type, days, from, to, source, account",
    ),
    "an argument is missing": ({}, "type: Field required"),
    "no such type": ({"type": "earn"}, "type: Input should be 'spot', 'margin' or 'futures'"),
    "no day": ({"type": "spot", "from": "yesterday"}, "from: Input should be a valid date"),
    "no such account": ({"type": "spot", "account": "fund"}, "there is no account 'fund' here: choose main"),
    "two periods": ({"type": "spot", "days": 3, "to": "2026-01-01"}, "give days, or else from and to"),
    "an end alone": ({"type": "spot", "to": "2026-01-01"}, "to needs from, where the exchange is asked"),
    "too many days": (
        {"type": "spot", "days": 31},
        "days must be a whole number from 1 to 30, not 31. The archive may have other days: source=archive",
    ),
    "more days than time": (
        {"type": "spot", "source": "archive", "days": 10**9},
        "days: Input should be less than or equal to 36500",
    ),
    "too old": (
        {"type": "spot", "from": "2020-01-01"},
        "the exchange keeps snapshots for one month: `from` must be 20",
    ),
    "the wrong way round": (
        {"type": "spot", "source": "archive", "from": "2026-02-02", "to": "2026-02-01"},
        "`from` (2026-02-02) must not be after `to` (2026-02-01)",
    ),
}


@pytest.mark.parametrize("mistake", WRONG)
def test_a_mistake_is_told_in_the_tools_own_words_and_nothing_is_sent(assistant, served, mistake):
    arguments, expected = WRONG[mistake]
    before = len(served.requests)
    words, facts = assistant.fail("history", **arguments)
    assert words.startswith(expected)
    assert facts == {
        "error": "InvalidRequestError",
        "message": words,
        "what_to_do": None,
        "retry_after": None,
        "retry_at": None,
    }
    assert len(served.requests) == before


def test_an_asset_that_the_exchange_does_not_list_is_told(assistant):
    words, facts = assistant.fail("balances", quote="NOSUCH")
    assert "(code -1130, HTTP 400). `quote` takes the name of an asset that the exchange lists, such as USDT" in words
    assert facts["error"] == "ApiError"


def test_what_is_not_recorded_is_told_with_what_to_do(assistant):
    words, facts = assistant.fail("value_over_time", quote="EUR")
    assert "has no balances in EUR of account 'main'. The tool archive_status shows what is recorded" in words
    assert facts["error"] == "NotRecordedError"
    assert "`binance-wallet archive update`" in facts["what_to_do"]


def test_there_is_no_other_resource_and_no_other_tool(assistant):
    with pytest.raises(MCPError, match="Unknown resource: binance-wallet://report/fund"):
        assistant.read_resource("binance-wallet://report/fund")
    [part] = assistant.call_tool("trade", {}).content
    assert part.text == "Unknown tool: trade"
