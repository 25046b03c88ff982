"""The exception tree, as a promise to those who catch."""

import copy
import pickle

import binance_wallet
import binance_wallet_client.errors
import pytest
from binance_wallet import (
    ApiError,
    AuthenticationError,
    BannedError,
    DeadlineError,
    InvalidRequestError,
    InvalidResponseError,
    NetworkError,
    RateLimitError,
    ServerError,
    TimestampError,
    WalletError,
)

PARENTS = {
    InvalidRequestError: WalletError,
    InvalidResponseError: WalletError,
    ApiError: WalletError,
    AuthenticationError: ApiError,
    TimestampError: ApiError,
    RateLimitError: ApiError,
    BannedError: RateLimitError,
    ServerError: ApiError,
    NetworkError: WalletError,
    DeadlineError: NetworkError,
}


def test_a_list_of_errors_shows_all_that_each_says() -> None:
    """As the results of `asyncio.gather(return_exceptions=True)` do."""
    error = RateLimitError("Too many requests.", status_code=429, code=-1003, retry_after=45.0)
    assert repr([error]) == "[RateLimitError('Too many requests. (code -1003, HTTP 429); call again in 45 s')]"


def public_errors() -> list[type[BaseException]]:
    values = [getattr(binance_wallet, name) for name in binance_wallet.__all__]
    return [value for value in values if isinstance(value, type) and issubclass(value, BaseException)]


def made(kind: type[WalletError]) -> WalletError:
    if issubclass(kind, InvalidResponseError):
        return kind("Expected `str`", path="$[0]", body=b"[5]", status_code=200)
    if issubclass(kind, ApiError):
        return kind("No.", status_code=400, code=-1130)
    return kind("No.")


def test_every_error_has_its_place_in_the_tree() -> None:
    assert {kind: kind.__base__ for kind in public_errors() if kind is not WalletError} == {
        **PARENTS,
        InvalidRequestError: WalletError,
    }


def test_every_error_of_the_contract_can_be_imported_from_the_package() -> None:
    assert {*binance_wallet_client.errors.__all__} <= {*binance_wallet.__all__}


def test_a_request_that_is_refused_here_is_a_value_error() -> None:
    assert issubclass(InvalidRequestError, ValueError)


@pytest.mark.parametrize("kind", PARENTS)
def test_every_error_says_when_it_comes(kind: type[WalletError]) -> None:
    assert len((kind.__doc__ or "").split()) > 10
    assert kind.__doc__ != kind.__base__.__doc__


@pytest.mark.parametrize("kind", PARENTS)
@pytest.mark.parametrize("copied", [copy.copy, lambda error: pickle.loads(pickle.dumps(error))], ids=["copy", "pickle"])
def test_every_error_survives_copying(kind: type[WalletError], copied: object) -> None:
    error = made(kind)
    twin = copied(error)
    assert (type(twin), str(twin), vars(twin)) == (kind, str(error), vars(error))


def test_an_invalid_response_error_keeps_the_body_and_shows_its_start() -> None:
    body = b"[" + b"x" * 100_000
    error = InvalidResponseError("malformed", path="$[0]", body=body, status_code=200)
    assert error.body == body
    assert len(str(error)) < 500
    assert "$[0]" in str(error)


def test_a_wait_is_shown_rounded_up() -> None:
    error = RateLimitError("slow down", status_code=429, retry_after=0.2)
    assert "1 s" in str(error)


@pytest.mark.parametrize("kind", [NetworkError, DeadlineError])
def test_a_network_error_says_whether_the_request_may_have_left(kind: type[NetworkError]) -> None:
    assert kind("No.").sent
    assert not copy.copy(kind("No.", sent=False)).sent
