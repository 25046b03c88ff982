"""From the bytes of a response to a value, or to an error that says where it went wrong."""

import copy
import json
import traceback
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx2
import msgspec
import pytest
from binance_wallet_client import ApiError, Client, InvalidResponseError
from binance_wallet_client.api.account import daily_account_snapshot
from binance_wallet_client.api.asset import query_user_wallet_balance
from binance_wallet_client.errors import (
    AuthenticationError,
    BannedError,
    RateLimitError,
    ServerError,
    TimestampError,
)
from binance_wallet_client.models import (
    AccountSnapshotResponse,
    FuturesAsset,
    FuturesPosition,
    FuturesSnapshot,
    FuturesSnapshotData,
    MarginAsset,
    MarginSnapshot,
    MarginSnapshotData,
    SpotAsset,
    SpotSnapshot,
    SpotSnapshotData,
    WalletBalance,
)
from binance_wallet_client.responses import error_from
from ruamel.yaml import YAML

SPEC: dict[str, Any] = YAML(typ="safe").load(Path(__file__).parents[2] / "spec" / "openapi.yaml")
END_OF_DAY = 1576281599000


def documented(path: str, name: str) -> Any:
    """A response as the exchange documents it."""
    content = SPEC["paths"][path]["get"]["responses"]["200"]["content"]
    return copy.deepcopy(content["application/json"]["examples"][name]["value"])


def client_for(body: bytes, status: int = 200, **headers: str) -> Client:
    transport = httpx2.MockTransport(lambda _: httpx2.Response(status, content=body, headers=headers))
    return Client(httpx_args={"transport": transport})


def snapshots(body: bytes, status: int = 200) -> AccountSnapshotResponse:
    with client_for(body, status) as client:
        return daily_account_snapshot.sync(client=client, type_="SPOT")


def spot(**changes: Any) -> bytes:
    """The documented spot response, its only record changed: `data` fields by name, or the record's own."""
    response = documented("/sapi/v1/accountSnapshot", "spot")
    record = response["snapshotVos"][0]
    for name, value in changes.items():
        (record if name in record else record["data"])[name] = value
    return json.dumps(response).encode()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "spot",
            SpotSnapshot(
                SpotSnapshotData(
                    balances=[
                        SpotAsset("BTC", Decimal("0.09905021"), Decimal("0.00000000")),
                        SpotAsset("USDT", Decimal("1.89109409"), Decimal("0.00000000")),
                    ],
                    total_asset_of_btc=Decimal("0.09942700"),
                ),
                END_OF_DAY,
            ),
        ),
        (
            "margin",
            MarginSnapshot(
                MarginSnapshotData(
                    margin_level=Decimal("2748.02909813"),
                    total_asset_of_btc=Decimal("0.00274803"),
                    total_liability_of_btc=Decimal("0.00000100"),
                    total_net_asset_of_btc=Decimal("0.00274750"),
                    user_assets=[
                        MarginAsset(
                            asset="XRP",
                            borrowed=Decimal("0.00000000"),
                            free=Decimal("1.00000000"),
                            interest=Decimal("0.00000000"),
                            locked=Decimal("0.00000000"),
                            net_asset=Decimal("1.00000000"),
                        )
                    ],
                ),
                END_OF_DAY,
            ),
        ),
        (
            "futures",
            FuturesSnapshot(
                FuturesSnapshotData(
                    assets=[FuturesAsset("USDT", Decimal("118.99782335"), Decimal("120.23811389"))],
                    position=[
                        FuturesPosition(
                            entry_price=Decimal("7130.41000000"),
                            mark_price=Decimal("7257.66239673"),
                            position_amt=Decimal("0.01000000"),
                            symbol="BTCUSDT",
                            un_realized_profit=Decimal("1.24029054"),
                        )
                    ],
                ),
                END_OF_DAY,
            ),
        ),
    ],
)
def test_documented_snapshot_is_read_exactly(name, expected):
    """Each kind becomes its own class. Every amount keeps all its digits, trailing zeros included."""
    response = snapshots(json.dumps(documented("/sapi/v1/accountSnapshot", name)).encode())

    assert response == AccountSnapshotResponse(code=200, msg="", snapshot_vos=[expected])
    assert msgspec.json.encode(response.snapshot_vos[0]) == msgspec.json.encode(expected)
    assert response.snapshot_vos[0].type == name


def test_documented_balances_are_read_exactly():
    """The response also gives headers and body."""
    wallets = documented("/sapi/v1/asset/wallet/balance", "balances")
    body = json.dumps(wallets).encode()
    with client_for(body, **{"X-SAPI-USED-IP-WEIGHT-1M": "60"}) as client:
        response = query_user_wallet_balance.sync_detailed(client=client)

    assert [(wallet.wallet_name, str(wallet.balance), wallet.activate) for wallet in response.parsed] == [
        (wallet["walletName"], wallet["balance"], wallet["activate"]) for wallet in wallets
    ]
    assert response.parsed[4] == WalletBalance(
        activate=True, balance=Decimal("0.71842752"), wallet_name="USDⓈ-M Futures"
    )
    assert (response.status_code, response.content) == (200, body)
    assert response.headers["x-sapi-used-ip-weight-1m"] == "60"


@pytest.mark.parametrize("ms", [0, -1, 1576281599000, 1576281599001, 253402300799999])
def test_moment_is_exact_to_the_millisecond(ms):
    """As an aware datetime in UTC, and as the integer that was sent."""
    snapshot = snapshots(spot(updateTime=ms)).snapshot_vos[0]
    assert snapshot.update_time_ms == ms
    assert snapshot.update_time == datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)
    assert (type(snapshot.update_time), snapshot.update_time.tzinfo) == (datetime, UTC)


def test_unknown_fields_are_ignored():
    """The exchange adds fields now and then."""
    assert snapshots(spot(data=documented("/sapi/v1/accountSnapshot", "spot")["snapshotVos"][0]["data"] | {"new": []}))


@pytest.mark.parametrize("amount", ["0E-8", "0E+3", "-1.5", "1e-20", "9" * 80])
def test_amount_may_be_any_finite_number(amount):
    """In any way in which Java prints it."""
    response = snapshots(spot(totalAssetOfBtc=amount))
    assert response.snapshot_vos[0].data.total_asset_of_btc == Decimal(amount)


@pytest.mark.parametrize("amount", ["NaN", "sNaN12", "-nan", "Infinity", "-inf", "1E+1000", "0E-999999", "1E1_000"])
def test_amount_that_is_not_a_finite_number_is_refused(amount):
    """`Decimal` would accept it, and every sum with it would be wrong."""
    body = spot(
        balances=[{"asset": "BINANCE", "free": "1", "locked": "1"}, {"asset": "B", "free": amount, "locked": "1"}]
    )
    with pytest.raises(InvalidResponseError) as caught:
        snapshots(body)
    assert caught.value.path == "$.snapshotVos[0].data.balances[1].free"


def test_an_escaped_letter_hides_no_wrong_amount():
    """JSON can write any letter as an escape."""
    with pytest.raises(InvalidResponseError) as caught:
        snapshots(spot(totalAssetOfBtc="N@N").replace(b"@", rb"\u0061"))
    assert caught.value.path == "$.snapshotVos[0].data.totalAssetOfBtc"


def test_names_that_look_like_wrong_amounts_are_allowed():
    balances = [
        {"asset": name, "free": "1", "locked": "0"} for name in ("BINANCE", "INF", "FREE1000", "币安人生", '"\\')
    ]
    assert [asset["asset"] for asset in balances] == [
        asset.asset for asset in snapshots(spot(balances=balances)).snapshot_vos[0].data.balances
    ]


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (b"", "$"),
        (b"<html>", "$"),
        (b"[]", "$"),
        (b'{"code":200}', "$"),
        (b'{"code":"200","msg":"","snapshotVos":[]}', "$.code"),
        (b'{"code":200,"msg":"\xff","snapshotVos":[]}', "$"),
        (b'{"code":200,"deep":' + b"[" * 100_000, "$"),
        (spot(type="option"), "$.snapshotVos[0].type"),
        (spot(type="x - at `$.y`" + "z" * 5000), "$.snapshotVos[0].type"),
        (spot(updateTime=1576281599000.5), "$.snapshotVos[0].updateTime"),
        (spot(updateTime="1576281599000"), "$.snapshotVos[0].updateTime"),
        (spot(updateTime=True), "$.snapshotVos[0].updateTime"),
        (spot(updateTime=10**17), "$.snapshotVos[0].updateTime"),
        (spot(totalAssetOfBtc=None), "$.snapshotVos[0].data.totalAssetOfBtc"),
        (spot(totalAssetOfBtc="many"), "$.snapshotVos[0].data.totalAssetOfBtc"),
        (spot(balances=[{"asset": "BTC", "free": "1"}]), "$.snapshotVos[0].data.balances[0]"),
    ],
)
def test_an_invalid_response_names_its_json_path_and_keeps_the_body(body, path):
    with pytest.raises(InvalidResponseError) as caught:
        snapshots(body)
    assert (caught.value.path, caught.value.body, caught.value.status_code) == (path, body, 200)
    assert path == "$" or f" at `{path}` (" in str(caught.value)
    assert len(str(caught.value)) < 1000


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "Expected JSON (HTTP 200, an empty body)"),
        (b"\xef\xbb\xbf[]", "JSON is malformed: invalid character (byte 0) (HTTP 200, 5 bytes of JSON)"),
        (b'{"code":200', "Input data was truncated (HTTP 200, 11 bytes of JSON)"),
        (
            b"<!doctype html><html><head><title>Sorry</title><style>p{}</style></head><body><p>Back\n soon.</p></html>",
            "Expected JSON (HTTP 200, an HTML page: 'Sorry Back soon.')",
        ),
        (b"<html><script>challenge()</script></html>", "Expected JSON (HTTP 200, an HTML page without text)"),
        (b"null", "Expected `object`, got `null` (HTTP 200, text: 'null')"),
        (b"0.71842752", "Expected `object`, got `float` (HTTP 200, 10 bytes of JSON)"),
        (b" " * 100 + b'["0.71842752', "Expected `object`, got `array` (HTTP 200, 112 bytes of JSON)"),
        (b"upstream connect error", "Expected JSON (HTTP 200, text: 'upstream connect error')"),
        ("{}".encode("utf-16"), "Expected JSON (HTTP 200, 6 bytes that are not text)"),
        (b"\x1f\x8b\x08\x00", "Expected JSON (HTTP 200, 4 bytes that are not text)"),
        (
            spot(totalAssetOfBtc=None),
            "Expected `decimal`, got `null` at `$.snapshotVos[0].data.totalAssetOfBtc` (HTTP 200, 266 bytes of JSON)",
        ),
        (
            spot(type="0.5"),
            "Expected a value that the contract lists at `$.snapshotVos[0].type` (HTTP 200, 273 bytes of JSON)",
        ),
    ],
)
def test_a_message_says_what_was_expected_where_and_what_came(body, message):
    with pytest.raises(InvalidResponseError) as caught:
        snapshots(body)
    assert (str(caught.value), caught.value.body) == (message, body)


@pytest.mark.parametrize("name", ["totalAssetOfBtc", "updateTime", "type", "balances", "data"])
@pytest.mark.parametrize("value", ["987654321E+999", "some 987654321", [987654321], {"987654321": 1}])
def test_nothing_that_is_logged_quotes_data_of_the_account(name, value):
    """Neither the message nor the traceback."""
    with pytest.raises(InvalidResponseError) as caught:
        snapshots(spot(**{name: value}))
    logged = "".join(traceback.format_exception(caught.value))
    assert not [data for data in ("987654321", "0.09905021", "USDT") if data in logged]


def test_a_code_other_than_200_is_an_error_under_status_200():
    with pytest.raises(ApiError, match=r"^No\. \(code -1130, HTTP 200\)$") as caught:
        snapshots(b'{"code":-1130,"msg":"No.","snapshotVos":[]}')
    assert (caught.value.code, caught.value.msg, caught.value.status_code) == (-1130, "No.", 200)


def test_another_status_of_success_is_refused():
    """The contract has one: 200."""
    with pytest.raises(InvalidResponseError, match="Expected HTTP 200"):
        snapshots(b"[]", 202)


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (418, -1003, BannedError),
        (429, -1003, RateLimitError),
        (400, -1021, TimestampError),
        (400, -2015, AuthenticationError),
        (401, -1130, AuthenticationError),
        (200, -1008, ServerError),
        (503, -1003, RateLimitError),
        (599, -9999, ServerError),
        (400, -1130, ApiError),
        (400, -9999, ApiError),
    ],
)
def test_an_errors_class_follows_its_status_then_code_then_range(status, code, expected):
    error = error_from(status, b'{"code":%d,"msg":"No."}' % code)
    assert (type(error), error.code, error.status_code) == (expected, code, status)


@pytest.mark.parametrize(
    ("status", "expected"), [(401, AuthenticationError), (403, ApiError), (404, ApiError), (599, ServerError)]
)
def test_the_status_is_enough_where_there_is_no_code(status, expected):
    """As when a firewall or a gateway responds."""
    assert type(error_from(status, b"<html>")) is expected


@pytest.mark.parametrize(
    ("status", "body", "code", "msg"),
    [
        (401, b'{"code":-2015,"msg":"Invalid API-key."}', -2015, "Invalid API-key."),
        (403, b"<html><style>p{}</style>\n<p>Not&nbsp;allowed</html>", None, "Not allowed"),
        (502, b"", None, "Bad Gateway"),
        (599, b"", None, "no reason was given"),
        (404, b"<title>404 Not Found</title><h1>Not Found</h1><p>No page.</p>", None, "404 Not Found No page."),
        (404, b"<title>404 Not Found</title><h1>404 Not Found</h1><hr>nginx", None, "404 Not Found nginx"),
        (500, b"x" * 5000, None, "x" * 200 + "…"),
        (302, b"", None, "a redirect, which is never followed: it would send the key elsewhere"),
        (400, b"\xff", None, "\N{REPLACEMENT CHARACTER}"),
    ],
)
def test_any_other_status_is_an_error_with_the_exchanges_words_or_the_body(status, body, code, msg):
    with pytest.raises(ApiError) as caught:
        snapshots(body, status)
    assert (caught.value.status_code, caught.value.code, caught.value.msg) == (status, code, msg)
