"""The errors: one tree, and each can be copied and pickled."""

import copy
import pickle

import binance_wallet_client
import pytest
from binance_wallet_client import ApiError, InvalidRequestError, InvalidResponseError, WalletError, errors

ERRORS = [
    WalletError("Something."),
    InvalidRequestError("limit must be an integer between 7 and 30, not 31"),
    ApiError("Invalid API-key.", status_code=401, code=-2015),
    InvalidResponseError("Expected `str`", path="$[0].walletName", body=b'[{"walletName":1}]', status_code=200),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, lambda error: pickle.loads(pickle.dumps(error))])
def test_an_error_keeps_all_it_knows_when_copied_or_pickled(error, duplicate):
    twin = duplicate(error)
    assert type(twin) is type(error)
    assert (str(twin), twin.args, vars(twin)) == (str(error), error.args, vars(error))


def test_every_error_can_be_imported_from_the_package():
    assert set(errors.__all__) <= set(binance_wallet_client.__all__)
    assert list(binance_wallet_client.__all__) == sorted(
        binance_wallet_client.__all__, key=lambda name: (not name.isupper(), name)
    )


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_every_error_is_a_wallet_error(error):
    assert isinstance(error, WalletError)


def test_messages_are_short_even_if_the_response_is_not():
    """The start of the response is enough for a log; the whole body is an attribute."""
    error = InvalidResponseError("Expected `array`, got `object`", body=b"x" * 1_000_000)
    assert str(error) == f"Expected `array`, got `object` (text: '{'x' * 200}…')"
    assert len(repr(error)) < 300
    assert str(InvalidResponseError("Expected gzip")) == "Expected gzip"
    assert str(ApiError("No.", status_code=400)) == "No. (HTTP 400)"
    assert str(ApiError("No.")) == "No."
