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
def test_credentials_that_are_wrong(call, options, code):
    """Are an AuthenticationError, with the exchange's own code, and never tried twice."""
    with pytest.raises(AuthenticationError) as refused:
        call(lambda wallet: wallet.balances(), **options)
    assert refused.value.code == code


def test_a_key_without_permission(call, mock_exchange):
    """Is an AuthenticationError too."""
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
def test_parameters_that_are_wrong(call, path, params, code):
    """Are plain ApiErrors with the exchange's code. Our own functions do not let them out."""
    with pytest.raises(ApiError) as refused:
        call(lambda wallet: wallet.call("GET", path, params, weight=60))
    assert (type(refused.value), refused.value.code) == (ApiError, code)


@pytest.mark.parametrize(
    ("asset", "hint"),
    [("usdt", "; it writes names in upper case: USDT"), ("USDTT", ""), ("币安人", ""), ("币安ß", "")],
)
def test_a_quote_asset_that_the_exchange_refuses(call, mock_exchange, asset, hint):
    """Is sent as it is, and the error says what names there are."""
    with pytest.raises(ApiError) as refused:
        call(lambda wallet: wallet.balances(asset))
    assert refused.value.code == -1130
    assert refused.value.__notes__ == [
        f"quote_asset takes the name of an asset that the exchange lists, such as USDT{hint}"
    ]
    assert mock_exchange.requests[0].query["quoteAsset"] == asset


def test_another_error_of_balances(call, mock_exchange):
    """Says nothing of quote assets."""
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
def test_a_history_that_the_weight_is_not_enough_for(call, mock_exchange, before, note):
    """Says which of its calls was not sent, and that others were."""
    for _ in range(before):
        call(lambda wallet: wallet.snapshots("SPOT"))
    with pytest.raises(RateLimitError, match="is used up: this call was not sent; call again in") as refused:
        call(lambda wallet: wallet.history(), timeout=0.5)
    assert refused.value.__notes__ == [note]
    assert len(mock_exchange.requests) == 5


def test_a_history_with_a_wrong_period(call, mock_exchange):
    """Says only that."""
    with pytest.raises(InvalidRequestError) as refused:
        call(lambda wallet: wallet.history(days=31))
    assert not hasattr(refused.value, "__notes__")
    assert mock_exchange.requests == []


@pytest.mark.parametrize("offset", [-3600, -5.9, 3600, 3], ids="{:+}s".format)
def test_a_wrong_clock_costs_one_extra_request(call, mock_exchange, offset):
    """The exchange's own time heals it, whichever of its two messages it refuses with."""
    mock_exchange.advance(offset)
    call(lambda wallet: wallet.balances())
    assert [request.status for request in mock_exchange.requests] in ([400, 200], [200])
    if abs(offset) > 5:
        assert [request.status for request in mock_exchange.requests] == [400, 200]


def test_a_timestamp_that_is_never_right(call, mock_exchange):
    """Is a TimestampError after one correction."""
    mock_exchange.fail(400, -1021, "Timestamp for this request is outside of the recvWindow.", times=9)
    with pytest.raises(TimestampError):
        call(lambda wallet: wallet.balances())
    assert len(mock_exchange.requests) == 2


@pytest.mark.usefixtures("early_in_the_minute")
def test_too_many_requests(call, mock_exchange):
    """Are a RateLimitError that says when to come back; a sixth call a minute is too many snapshots."""
    for _ in range(5):
        call(lambda wallet: wallet.snapshots("SPOT"), weight_limit=None)
    with pytest.raises(RateLimitError) as refused:
        call(lambda wallet: wallet.snapshots("SPOT"), weight_limit=None, timeout=0.5)
    assert (refused.value.status_code, refused.value.code) == (429, -1003)
    assert 0 < refused.value.retry_after <= 60


def test_a_ban(call, mock_exchange):
    """Is a BannedError; while it lasts, nothing more is sent."""
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
def test_trouble_at_the_exchange_that_passes(call, mock_exchange, status, code):
    """Is not seen at all."""
    mock_exchange.fail(status, code, "trouble")
    assert call(lambda wallet: wallet.balances())
    assert [request.status for request in mock_exchange.requests] == [status, 200]


def test_trouble_at_the_exchange_that_stays(call, mock_exchange):
    """Is a ServerError, with the exchange's words."""
    mock_exchange.fail(503, -1008, "Server is currently overloaded.", times=9)
    with pytest.raises(ServerError, match="overloaded"):
        call(lambda wallet: wallet.balances(), retries=1)


def test_an_error_under_http_200(call, mock_exchange):
    """Is an error all the same, whether or not there are snapshots beside it."""
    mock_exchange.fail(200, -2015, "Invalid API-key, IP, or permissions for action.")
    with pytest.raises(AuthenticationError):
        call(lambda wallet: wallet.snapshots("SPOT"))
    mock_exchange.fail(200, body='{"snapshotVos":[],"code":-9999,"msg":"strange"}')
    with pytest.raises(ApiError, match="strange"):
        call(lambda wallet: wallet.snapshots("SPOT"))


def test_a_page_of_the_firewall(call, mock_exchange):
    """Is an ApiError with a readable line of it."""
    page = "<html><head><title>403</title><style>p{}</style></head><body><p>Not&nbsp;allowed</p></body></html>"
    mock_exchange.fail(403, body=page, headers={"Content-Type": "text/html"})
    with pytest.raises(ApiError, match="403 Not allowed"):
        call(lambda wallet: wallet.balances())


def test_a_response_that_does_not_fit_names_the_place(call, mock_exchange):
    """By its JSON path."""
    mock_exchange.fail(200, body='[{"activate": true, "balance": "much", "walletName": "Spot"}]')
    with pytest.raises(WalletError, match=r"\$\[0\]\.balance"):
        call(lambda wallet: wallet.balances())
