"""Whatever the arguments, the client sends only what the contract allows; openapi-core checks it."""

import re
from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from operator import or_
from typing import Any
from urllib.parse import parse_qsl, quote

import pytest
from binance_wallet import ApiError, InvalidRequestError, InvalidResponseError, ServerError, WalletClient
from binance_wallet_client.api.account import daily_account_snapshot
from binance_wallet_client.api.asset import query_user_wallet_balance
from binance_wallet_mock import MockExchange, RecordedRequest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis_profiles import examples
from openapi_core.testing import MockRequest
from werkzeug.datastructures import MultiDict

from .caller import Ask
from .endpoints import all_as_sent, arguments, as_argument, is_argument, module, parameters, required, schema_of
from .openapi_core_validator import CONTRACT
from .schema_bodies import bodies
from .spec import BALANCES, OPERATIONS, SNAPSHOTS
from .wire import DAY, signature

CREDENTIALS = ["timestamp", "signature"]

# Arguments to try: around every bound, and of every type.
VALUES = [
    *(None, True, False, -1, 0, 1, 6, 7, 30, 31, 60_000, 60_001, 2**31, 2**63 - 1, 7.5, float("nan")),
    *("", "7", "SPOT", "MARGIN", "FUTURES", "spot", "SPOT ", "BTC", "币安人生", "a&b=c d+e%20", b"SPOT", [], {}),
]
ANYTHING = st.sampled_from(VALUES) | st.integers(max_value=2**63 - 1) | st.text()


every_operation = pytest.mark.parametrize(
    "operation", OPERATIONS.values(), ids=[operation["operationId"] for operation in OPERATIONS.values()]
)
# Forms are not recorded by the mock exchange; tests/spec/test_sample.py is about them.
without_forms = pytest.mark.parametrize(
    "operation",
    [operation for operation in OPERATIONS.values() if "requestBody" not in operation],
    ids=lambda operation: operation["operationId"],
)


def values(operation: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Arguments that the contract allows, by its names. At most one may be anything."""
    needed, optional = {}, {}
    for parameter in parameters(operation):
        allowed = bodies(schema_of(parameter)).map(partial(as_argument, schema_of(parameter)))
        (needed if parameter.get("required") else optional)[parameter["name"]] = allowed
    names = [*needed, *optional]
    anything = st.dictionaries(st.sampled_from(names), ANYTHING, max_size=1) if names else st.just({})
    return st.builds(or_, st.fixed_dictionaries(needed, optional=optional), anything)


def what_was_asked(
    request: RecordedRequest, contract_exchange: MockExchange, operation: dict[str, Any]
) -> dict[str, list[str]]:
    """The parameters of a request. Fails if the contract does not allow it, or if it is not signed as documented."""
    pairs = parse_qsl(request.query_string, keep_blank_values=True, strict_parsing=bool(request.query_string))
    headers = dict(request.headers)
    pattern = "/".join(quote(part) if "{" not in part else ".+" for part in operation["path"].split("/"))
    assert (request.method, bool(re.fullmatch(pattern, request.path))) == (operation["method"], True)
    security = {name for scheme in operation["security"] for name in scheme}
    assert (headers.get("x-mbx-apikey") == contract_exchange.api_key) is ("apiKey" in security)
    names = list(dict.fromkeys(name for name, _ in pairs))
    documented = {parameter["name"] for parameter in operation["parameters"]}
    signs = [name for name in CREDENTIALS if name in security]
    assert set(names) <= documented | {*signs}
    assert names[len(names) - len(signs) :] == signs
    if signs:
        assert abs(int(dict(pairs)["timestamp"]) - contract_exchange.now() * 1000) < 60_000
        payload, _, signed = request.query_string.rpartition("signature=")
        assert signed == signature(payload.removesuffix("&"), contract_exchange.api_secret)
    if operation in (BALANCES, SNAPSHOTS):
        CONTRACT.validate_request(
            MockRequest(
                contract_exchange.base_url, request.method, request.path, args=MultiDict(pairs), headers=headers
            )
        )
    return {name: [value for other, value in pairs if other == name] for name in names if name not in signs}


def sends_what_is_allowed(
    contract_exchange: MockExchange, ask: Ask, operation: dict[str, Any], given: dict[str, Any]
) -> None:
    """Arguments that the contract allows are sent as they are. If it does not allow one, nothing is sent."""
    asked = {name: value for name, value in given.items() if value is not None}
    allowed = all(
        is_argument(parameter, asked[parameter["name"]])
        if parameter["name"] in asked
        else not parameter.get("required")
        for parameter in operation["parameters"]
    )
    contract_exchange.requests.clear()
    try:
        ask(module(operation), **arguments(operation, given))
    except InvalidRequestError:
        assert not allowed
        assert contract_exchange.requests == []
        return
    except (ApiError, InvalidResponseError):
        pass  # the exchange has more rules than the contract can express, and does not serve all endpoints
    assert allowed
    by_name = {parameter["name"]: parameter for parameter in operation["parameters"] if parameter["in"] == "query"}
    for request in contract_exchange.requests:
        expected = {name: all_as_sent(by_name[name], value) for name, value in asked.items() if name in by_name}
        assert what_was_asked(request, contract_exchange, operation) == expected


@without_forms
def test_any_value_of_one_argument_is_sent_or_refused(contract_exchange, ask, operation):
    for parameter in operation["parameters"]:
        for value in VALUES:
            sends_what_is_allowed(contract_exchange, ask, operation, {**required(operation), parameter["name"]: value})


@without_forms
@examples(short=20, full=1000)
@given(data=st.data())
def test_any_arguments_are_sent_or_refused(contract_exchange, ask, operation, data):
    sends_what_is_allowed(contract_exchange, ask, operation, data.draw(values(operation)))


@pytest.mark.parametrize("name", ["start_time", "end_time"])
def test_a_moment_beyond_64_bits_is_not_sent(contract_exchange, ask, name):
    with pytest.raises(InvalidRequestError):
        ask(daily_account_snapshot, type_="SPOT", **{name: 2**63})


@every_operation
def test_weight_is_counted_before_the_call(contract_exchange, options, operation):
    """The exchange's own count comes too late to hold the call back."""
    contract_exchange.fail(500)  # without a count
    with WalletClient(**options) as wallet:
        with pytest.raises(ServerError):
            module(operation).sync(client=wallet, **arguments(operation, required(operation)))
        [usage] = wallet.usage.values()
        assert usage.used == operation["x-request-weight"]


@pytest.mark.parametrize(("argument", "sent"), [(None, "20000"), (30_000, "30000")])
def test_the_window_of_a_call_replaces_that_of_all_calls(contract_exchange, options, argument, sent):
    """It is never sent twice."""
    with WalletClient(**options, recv_window=20_000) as wallet:
        query_user_wallet_balance.sync(client=wallet, recv_window=argument)
    assert what_was_asked(contract_exchange.requests[-1], contract_exchange, BALANCES) == {"recvWindow": [sent]}


NOW = datetime.now(UTC).replace(microsecond=0)
ZONES = st.sampled_from([UTC, timezone(timedelta(hours=14)), timezone(timedelta(hours=-11, minutes=-30))])
DATETIMES = st.builds(
    lambda minutes, zone: (NOW - timedelta(minutes=minutes)).astimezone(zone), st.integers(-3_000, 60_000), ZONES
)
MOMENTS = st.one_of(
    DATETIMES,
    DATETIMES.map(lambda moment: moment.replace(tzinfo=None)),
    DATETIMES.map(datetime.date),
    DATETIMES.map(lambda moment: int(moment.timestamp() * 1000)),
    ANYTHING,
)
PERIODS = st.fixed_dictionaries({"days": st.integers(-1, 32) | ANYTHING}) | st.fixed_dictionaries(
    {}, optional={"start": MOMENTS, "end": MOMENTS, "limit": st.integers(5, 32) | st.none()}
)


@pytest.mark.parametrize("kind", ["SPOT", "MARGIN", "FUTURES"])
@examples(short=20, full=1000)
@given(period=PERIODS)
def test_a_period_is_served_in_full_or_not_sent(contract_exchange, wallet, kind, period):
    contract_exchange.requests.clear()
    try:
        snapshots = wallet.snapshots(kind, **period)
    except InvalidRequestError:
        assert contract_exchange.requests == []
        return
    except ApiError as error:
        snapshots, code = [], error.code
    [request] = contract_exchange.requests
    asked = what_was_asked(request, contract_exchange, SNAPSHOTS)
    assert asked["type"] == [kind]
    if period.get("days"):
        assert len(snapshots) == period["days"]
    if request.status != 200:
        # When exactly the last month begins is for the exchange to know: the client refuses only what is surely older.
        assert code == -1130
        assert int(asked["startTime"][0]) <= contract_exchange.now() * 1000 - 30 * DAY


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (timedelta(days=-29), timedelta(days=1)),
        (timedelta(days=-10), timedelta(days=-20)),
        (timedelta(days=-10), timedelta(days=-10)),
        (timedelta(days=-10), timedelta(days=-10, microseconds=999)),
        (timedelta(days=-40), timedelta(days=-35)),
    ],
    ids=["30 days", "backwards", "no time", "no time in milliseconds", "before the last month"],
)
def test_a_period_that_the_exchange_does_not_serve_is_not_sent(contract_exchange, wallet, start, end):
    with pytest.raises(InvalidRequestError):
        wallet.snapshots("SPOT", start=NOW + start, end=NOW + end)
    assert contract_exchange.requests == []
