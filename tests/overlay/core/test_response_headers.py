"""What the headers of a response say, however they are written."""

import pytest
from binance_wallet.messages import Response
from hypothesis import given
from hypothesis import strategies as st

NOW = 784_111_777.0
DAY = 86_400
USED = "x-sapi-used-ip-weight-1m"


def response_with(**headers: bytes) -> Response:
    return Response(200, {name.replace("_", "-").encode(): value for name, value in headers.items()}, b"")


@pytest.mark.parametrize(
    "text",
    [b"Sun, 06 Nov 1994 08:49:37 GMT", b"Sunday, 06-Nov-94 08:49:37 GMT", b"Sun Nov  6 08:49:37 1994"],
)
def test_each_form_of_an_http_date_is_read(text: bytes) -> None:
    assert response_with(date=text).date == NOW


@pytest.mark.parametrize("text", [b"", b"now", b"Sun, 06 Nov 1994", b"1768910410", b"Sun, 31 Feb 2026 08:49:37 GMT"])
def test_what_is_no_date_is_none(text: bytes) -> None:
    assert response_with(date=text).date is None


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        (b"0", 0),
        (b"30", 30),
        (b"299.997", 300),
        (b"0.1", 1),
        (b"007", 7),
        (b"Sun, 06 Nov 1994 08:50:07 GMT", 30),
        (b"Sun, 06 Nov 1994 08:49:07 GMT", 0),
        (b"9" * 400, 3 * DAY),
        (b"Fri, 31 Dec 9999 23:59:59 GMT", 3 * DAY),
    ],
    ids=lambda value: repr(value)[:32],
)
def test_a_wait_is_read_in_both_forms_and_no_longer_than_a_ban(text: bytes, seconds: float) -> None:
    assert response_with(retry_after=text).retry_after(NOW) == seconds


@pytest.mark.parametrize("text", [b"", b"soon", b"-5", b"1.", b".5", b"1e3", b"\xb2", b"0\x1f"])
def test_what_is_no_wait_is_none(text: bytes) -> None:
    assert response_with(retry_after=text).retry_after(NOW) is None


@pytest.mark.parametrize(("text", "weight"), [(b"0", 0), (b"60", 60), (b"11980", 11_980)])
def test_the_weight_is_read(text: bytes, weight: int) -> None:
    assert response_with(x_sapi_used_ip_weight_1m=text).used_weight(USED) == weight


@pytest.mark.parametrize(
    "text", [b"", b"much", b"-60", b"6e1", b"60, 60", b"9" * 5000], ids=lambda value: repr(value)[:32]
)
def test_what_is_no_weight_is_none(text: bytes) -> None:
    assert response_with(x_sapi_used_ip_weight_1m=text).used_weight(USED) is None


def test_headers_that_are_not_there_say_nothing() -> None:
    assert (response_with().date, response_with().used_weight(USED), response_with().retry_after(NOW)) == (
        None,
        None,
        None,
    )


@given(st.binary() | st.from_regex(rb"\A\w{3}, \d{1,5} \w{3} \d{1,6} \d\d:\d\d:\d\d [-+]?\w{0,8}\Z"))
def test_no_header_makes_reading_fail(text: bytes) -> None:
    response = response_with(date=text, retry_after=text, x_sapi_used_ip_weight_1m=text)
    assert isinstance(response.date, float | None)
    assert isinstance(response.used_weight(USED), int | None)
    assert isinstance(response.retry_after(NOW), float | None)
