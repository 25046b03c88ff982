"""From the arguments of a call to the request that goes out, or to an error before it does."""

import asyncio
from collections import UserString
from enum import Enum

import httpx2
import pytest
from binance_wallet_client import AsyncClient, Client, InvalidRequestError
from binance_wallet_client.api.account import daily_account_snapshot
from binance_wallet_client.api.asset import query_user_wallet_balance
from binance_wallet_client.types import UNSET


class Kind(str, Enum):  # noqa: UP042
    """What people used before there was `StrEnum`; it reads `Kind.SPOT` when sent."""

    SPOT = "SPOT"


@pytest.fixture
def requests():
    return []


@pytest.fixture
def transport(requests):
    def response(request: httpx2.Request) -> httpx2.Response:
        requests.append(request)
        if request.url.path.endswith("accountSnapshot"):
            return httpx2.Response(200, json={"code": 200, "msg": "", "snapshotVos": []})
        return httpx2.Response(200, json=[])

    return httpx2.MockTransport(response)


@pytest.fixture
def client(transport):
    with Client(httpx_args={"transport": transport}) as client:
        yield client


def test_an_argument_that_is_left_out_is_not_sent(client, requests):
    """So the exchange's own default applies."""
    query_user_wallet_balance.sync(client=client)
    query_user_wallet_balance.sync(client=client, quote_asset=None, recv_window=UNSET)
    assert {str(request.url) for request in requests} == {"https://api.binance.com/sapi/v1/asset/wallet/balance"}


def test_arguments_are_sent_by_the_contracts_names_in_its_order(client, requests):
    daily_account_snapshot.sync(client=client, type_="MARGIN", start_time=1, end_time=2, limit=30, recv_window=60_000)
    assert requests[0].url.query == b"type=MARGIN&startTime=1&endTime=2&limit=30&recvWindow=60000"


def test_a_call_says_what_it_costs_and_that_it_may_be_repeated():
    call = daily_account_snapshot.build_call(type_="SPOT")
    assert (call.endpoint, call.weight, call.idempotent) == ("/sapi/v1/accountSnapshot", 2400, True)
    assert query_user_wallet_balance.build_call().weight == 60


def test_asynchronous_calls_send_and_return_the_same(transport, requests):
    async def calls():
        async with AsyncClient(httpx_args={"transport": transport}) as client:
            balances = await query_user_wallet_balance.asyncio(client=client, quote_asset="币安人生")
            detailed = await daily_account_snapshot.asyncio_detailed(client=client, type_="SPOT")
            return balances, detailed.parsed.snapshot_vos

    assert asyncio.run(calls()) == ([], [])
    assert requests[0].url.query == b"quoteAsset=%E5%B8%81%E5%AE%89%E4%BA%BA%E7%94%9F"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"limit": 6}, "limit must be an integer between 7 and 30, not 6"),
        ({"limit": 31}, "limit must be an integer between 7 and 30, not 31"),
        ({"limit": "7"}, "limit must be an integer between 7 and 30, not '7'"),
        ({"limit": True}, "limit must be an integer between 7 and 30, not True"),
        ({"limit": 7.0}, "limit must be an integer between 7 and 30, not 7.0"),
        (
            {"start_time": -1},
            "start_time must be an aware datetime or an integer between 0 and 9223372036854775807, not -1",
        ),
        ({"recv_window": 60_001}, "recv_window must be an integer between 1 and 60000, not 60001"),
        ({"type_": "spot"}, "type must be one of SPOT, MARGIN, FUTURES, not 'spot'"),
        ({"type_": None}, "type must be one of SPOT, MARGIN, FUTURES, not None"),
        ({"type_": ["SPOT"]}, "type must be one of SPOT, MARGIN, FUTURES, not ['SPOT']"),
        ({"type_": Kind.SPOT}, "type must be one of SPOT, MARGIN, FUTURES, not <Kind.SPOT: 'SPOT'>"),
    ],
)
def test_snapshot_arguments_are_checked_before_any_request(client, requests, arguments, message):
    with pytest.raises(InvalidRequestError) as caught:
        daily_account_snapshot.sync(client=client, **{"type_": "SPOT", **arguments})
    assert str(caught.value) == message
    assert requests == []


@pytest.mark.parametrize("asset", ["", b"BTC", 1, UserString("BTC"), "\ud800"])
def test_quote_asset_must_be_a_non_empty_string_that_can_be_encoded(client, requests, asset):
    with pytest.raises(ValueError, match=r"^quote_asset must be a non-empty string, not ") as caught:
        query_user_wallet_balance.sync(client=client, quote_asset=asset)
    assert isinstance(caught.value, InvalidRequestError)
    assert requests == []
