"""What a type checker must know of named accounts. Checked by `make types`, never run."""

from typing import assert_type

from binance_wallet import AsyncWalletClient, InvalidRequestError, WalletClient
from binance_wallet_extras.accounts import (
    AccountError,
    Entry,
    KeyStoreError,
    named_accounts,
    open_account,
    open_async_account,
)
from httpx2 import AsyncHTTPTransport, HTTPTransport


def accounts() -> None:
    assert_type(named_accounts(), dict[str, Entry])
    with open_account("company", timeout=30, budget="sqlite:///budget.db", transport=HTTPTransport()) as wallet:
        assert_type(wallet, WalletClient)
    assert_type(open_async_account("company", transport=AsyncHTTPTransport()), AsyncWalletClient)
    open_account("company", timeout="30")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    open_account("company", api_key="another")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def errors(error: KeyStoreError) -> AccountError | InvalidRequestError:
    return error
