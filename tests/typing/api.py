"""What a type checker must know of the public surface. Checked by `make types`, never run."""

from decimal import Decimal
from typing import Any, Literal, assert_type

import httpx2
from binance_wallet import (
    AsyncWalletClient,
    Attempt,
    Balances,
    FuturesSnapshot,
    History,
    MarginSnapshot,
    NetworkError,
    RateLimitError,
    SnapshotType,
    SpotSnapshot,
    Usage,
    WalletBalance,
    WalletClient,
    WalletError,
)
from binance_wallet.errors import ApiError
from binance_wallet.snapshots import Snapshots


def sync_client(wallet: WalletClient, type_: SnapshotType) -> None:
    assert_type(wallet.balances(), Balances)
    assert_type(wallet.balances("USDT", details=True)[0], WalletBalance)
    assert_type(wallet.balances().total, Decimal)
    assert_type(wallet.balances("USDT")[0].balance, Decimal)
    assert_type(wallet.snapshots("SPOT"), list[SpotSnapshot])
    assert_type(wallet.snapshots("MARGIN", days=3), list[MarginSnapshot])
    assert_type(wallet.snapshots("FUTURES", start=1, end=2), list[FuturesSnapshot])
    assert_type(wallet.snapshots(type_), Snapshots)
    assert_type(wallet.history(days=3), History)
    assert_type(wallet.history().margin, list[MarginSnapshot])
    assert_type(wallet.usage, dict[str, Usage])
    assert_type(wallet.with_options(timeout=3, weight_limit=None), WalletClient)
    wallet.with_options(timout=3)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    wallet.snapshots("OPTIONS")  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue, reportArgumentType]
    wallet.snapshots("SPOT", weeks=1)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]


async def async_client(wallet: AsyncWalletClient) -> None:
    assert_type(await wallet.balances(), Balances)
    assert_type(await wallet.snapshots("SPOT"), list[SpotSnapshot])
    assert_type(await wallet.snapshots("MARGIN"), list[MarginSnapshot])
    assert_type((await wallet.history()).futures, list[FuturesSnapshot])
    assert_type(wallet.with_options(retries=0), AsyncWalletClient)
    assert_type(await wallet.snapshots("FUTURES"), list[FuturesSnapshot])


def from_environment() -> None:
    with WalletClient.from_env(timeout=3) as wallet:
        assert_type(wallet, WalletClient)
    WalletClient.from_env(timout=3)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    WalletClient.from_env(transport=httpx2.AsyncHTTPTransport())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    AsyncWalletClient.from_env(transport=httpx2.AsyncHTTPTransport())


def errors(wallet: WalletClient) -> None:
    try:
        wallet.balances()
    except RateLimitError as error:
        assert_type(error.retry_after, float | None)
    except ApiError as error:
        assert_type(error.code, int | None)
    except NetworkError as error:
        assert_type(error.sent, bool)
    except WalletError as error:
        assert_type(str(error), str)


def attempts(key: str, secret: str) -> None:
    def seen(attempt: Attempt) -> None:
        assert_type(attempt.kind, Literal["attempt", "wait"])
        assert_type(attempt.error, WalletError | None)
        assert_type(attempt.used_weight, int | None)

    WalletClient(key, secret, on_attempt=seen)
    AsyncWalletClient(key, secret, on_attempt=seen, wait=90)


def any_endpoint(wallet: WalletClient) -> None:
    assert_type(wallet.call("GET", "/sapi/v1/account/status", weight=1), Any)
    assert_type(
        wallet.call("GET", "/sapi/v1/account/status", {"a": 1}, weight=1, returns=dict[str, str]), dict[str, str]
    )
    wallet.call("GET", "/", weight=1, security="all")  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue, reportArgumentType]


async def any_endpoint_asynchronously(wallet: AsyncWalletClient) -> None:
    assert_type(await wallet.call("GET", "/sapi/v1/account/status", weight=1, returns=list[int]), list[int])
