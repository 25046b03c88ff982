"""Each documented refusal of the exchange, reached over HTTP through both clients."""

import pytest
from binance_wallet import (
    ApiError,
    AuthenticationError,
    BannedError,
    InvalidRequestError,
    RateLimitError,
    ServerError,
    TimestampError,
    WalletError,
)

BALANCE, SNAPSHOT = "/sapi/v1/asset/wallet/balance", "/sapi/v1/accountSnapshot"


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"api_key": "short"}, -2014),
        ({"api_key": "A" * 64}, -2008),
        ({"api_secret": "wrong"}, -1022),
    ],
)
def test_wrong_credentials_raise_authentication_error(call, options, code):
    with pytest.raises(AuthenticationError) as refused:
        call(lambda wallet: wallet.balances(), **options)
    assert refused.value.code == code


def test_a_key_without_permission_raises_authentication_error_at_once(call, mock_exchange):
    mock_exchange.add_key(mock_exchange.api_key, api_secret=mock_exchange.api_secret, permitted=False)
    with pytest.raises(AuthenticationError) as refused:
        call(lambda wallet: wallet.balances())
    assert (refused.value.code, refused.value.status_code) == (-2015, 401)
    assert len(mock_exchange.requests) == 1


@pytest.mark.parametrize(
    ("path", "params", "code"),
    [
        (BALANCE, {"surprise": "1"}, -1104),
        (BALANCE, {"quoteAsset": ""}, -1105),
        (BALANCE, {"recvWindow": 60_001}, -1130),
        (SNAPSHOT, {}, -1102),
        (SNAPSHOT, {"type": ""}, -1102),
        (SNAPSHOT, {"type": "SPOT", "limit": "x"}, -1100),
        (SNAPSHOT, {"type": "SPOT", "limit": 31}, -1130),
        (SNAPSHOT, {"type": "spot"}, -1130),
    ],
)
def test_wrong_parameters_raise_a_plain_api_error(call, path, params, code):
    """The client's own functions would refuse them."""
    with pytest.raises(ApiError) as refused:
        call(lambda wallet: wallet.call("GET", path, params, weight=60))
    assert (type(refused.value), refused.value.code) == (ApiError, code)


@pytest.mark.parametrize(
    ("asset", "hint"),
    [("usdt", "; it writes names in upper case: USDT"), ("USDTT", ""), ("币安人", ""), ("币安ß", "")],
)
def test_an_unknown_quote_asset_is_sent_and_the_error_explains_the_names(call, mock_exchange, asset, hint):
    with pytest.raises(ApiError) as refused:
        call(lambda wallet: wallet.balances(asset))
    assert refused.value.code == -1130
    assert refused.value.__notes__ == [
        f"quote_asset takes the name of an asset that the exchange lists, such as USDT{hint}"
    ]
    assert mock_exchange.requests[0].query["quoteAsset"] == asset


def test_another_error_of_balances_does_not_mention_quote_assets(call, mock_exchange):
    mock_exchange.fail(400, -1130, "Data sent for parameter 'recvWindow' is not valid.")
    with pytest.raises(ApiError) as refused:
        call(lambda wallet: wallet.balances("USDT"))
    assert not hasattr(refused.value, "__notes__")


@pytest.mark.usefixtures("early_in_the_minute")
@pytest.mark.parametrize(
    ("before", "note"),
    [
        (5, "in the call for SPOT snapshots"),
        (4, "in the call for MARGIN snapshots; those of SPOT were received, but are not returned"),
        (3, "in the call for FUTURES snapshots; those of SPOT and MARGIN were received, but are not returned"),
    ],
)
def test_a_history_beyond_the_weight_names_the_call_that_was_not_sent(call, mock_exchange, before, note):
    for _ in range(before):
        call(lambda wallet: wallet.snapshots("SPOT"))
    with pytest.raises(RateLimitError, match="is used up: this call was not sent; call again in") as refused:
        call(lambda wallet: wallet.history(), timeout=0.5)
    assert refused.value.__notes__ == [note]
    assert len(mock_exchange.requests) == 5


def test_a_history_with_a_wrong_period_sends_no_call_and_names_none(call, mock_exchange):
    with pytest.raises(InvalidRequestError) as refused:
        call(lambda wallet: wallet.history(days=31))
    assert not hasattr(refused.value, "__notes__")
    assert mock_exchange.requests == []


@pytest.mark.parametrize("offset", [-3600, -5.9, 3600, 3], ids="{:+}s".format)
def test_a_wrong_clock_costs_one_extra_request(call, mock_exchange, offset):
    """The client corrects it by the exchange's time, whichever of two messages the exchange sends."""
    mock_exchange.advance(offset)
    call(lambda wallet: wallet.balances())
    assert [request.status for request in mock_exchange.requests] in ([400, 200], [200])
    if abs(offset) > 5:
        assert [request.status for request in mock_exchange.requests] == [400, 200]


def test_a_timestamp_is_corrected_once_before_timestamp_error(call, mock_exchange):
    mock_exchange.fail(400, -1021, "Timestamp for this request is outside of the recvWindow.", times=9)
    with pytest.raises(TimestampError):
        call(lambda wallet: wallet.balances())
    assert len(mock_exchange.requests) == 2


@pytest.mark.usefixtures("early_in_the_minute")
def test_too_many_requests_raise_rate_limit_error_with_retry_after(call, mock_exchange):
    """Five calls of snapshots a minute are allowed."""
    for _ in range(5):
        call(lambda wallet: wallet.snapshots("SPOT"), weight_limit=None)
    with pytest.raises(RateLimitError) as refused:
        call(lambda wallet: wallet.snapshots("SPOT"), weight_limit=None, timeout=0.5)
    assert (refused.value.status_code, refused.value.code) == (429, -1003)
    assert 0 < refused.value.retry_after <= 60


def test_a_ban_raises_banned_error_and_stops_further_calls(call, mock_exchange):
    mock_exchange.fail(418, -1003, "Way too many requests; IP banned.", headers={"Retry-After": "120"})

    with pytest.raises(BannedError) as refused:
        call(lambda wallet: wallet.balances())
    assert refused.value.retry_after == 120
    with pytest.raises(BannedError, match="this call was not sent"):
        call(lambda wallet: wallet.balances())
    assert len(mock_exchange.requests) == 1


@pytest.mark.parametrize(
    ("status", "code"), [(500, -1000), (500, -1001), (504, -1006), (504, -1007), (503, -1008), (502, -1000)]
)
def test_a_short_failure_of_the_exchange_is_retried(call, mock_exchange, status, code):
    mock_exchange.fail(status, code, "trouble")
    assert call(lambda wallet: wallet.balances())
    assert [request.status for request in mock_exchange.requests] == [status, 200]


def test_a_lasting_failure_of_the_exchange_raises_server_error(call, mock_exchange):
    mock_exchange.fail(503, -1008, "Server is currently overloaded.", times=9)
    with pytest.raises(ServerError, match="overloaded"):
        call(lambda wallet: wallet.balances(), retries=1)


def test_an_error_under_http_200_is_raised(call, mock_exchange):
    """With or without snapshots beside it."""
    mock_exchange.fail(200, -2015, "Invalid API-key, IP, or permissions for action.")
    with pytest.raises(AuthenticationError):
        call(lambda wallet: wallet.snapshots("SPOT"))
    mock_exchange.fail(200, body='{"snapshotVos":[],"code":-9999,"msg":"strange"}')
    with pytest.raises(ApiError, match="strange"):
        call(lambda wallet: wallet.snapshots("SPOT"))


def test_a_page_of_the_firewall_raises_an_api_error_with_its_text(call, mock_exchange):
    page = "<html><head><title>403</title><style>p{}</style></head><body><p>Not&nbsp;allowed</p></body></html>"
    mock_exchange.fail(403, body=page, headers={"Content-Type": "text/html"})
    with pytest.raises(ApiError, match="403 Not allowed"):
        call(lambda wallet: wallet.balances())


def test_a_response_that_does_not_fit_names_its_json_path(call, mock_exchange):
    mock_exchange.fail(200, body='[{"activate": true, "balance": "much", "walletName": "Spot"}]')
    with pytest.raises(WalletError, match=r"\$\[0\]\.balance"):
        call(lambda wallet: wallet.balances())
