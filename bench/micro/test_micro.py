"""The parts of a call, each by itself and without a network. `make bench-micro` fails where one has become slower."""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import formatdate
from pathlib import Path

import httpx2
import pytest
from binance_wallet import AsyncWalletClient, WalletClient
from binance_wallet.budget import Budget
from binance_wallet.budget.sqlite import SqliteStore
from binance_wallet.messages import Response
from binance_wallet.period import parameters
from binance_wallet.signing import hmac_signer, private_key_signer
from binance_wallet_client.api.account import daily_account_snapshot
from binance_wallet_client.models import AccountSnapshotResponse, WalletBalance
from binance_wallet_client.responses import parse
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from msgspec.json import Decoder
from pytest_benchmark.fixture import BenchmarkFixture

KEY = "k" * 64
PAYLOAD = b"type=SPOT&limit=30&timestamp=1763683199000"

Answer = Callable[[httpx2.Request], httpx2.Response]


def test_sign_with_hmac(benchmark: BenchmarkFixture) -> None:
    assert len(benchmark(hmac_signer(KEY), PAYLOAD)) == 64


def test_sign_with_ed25519(benchmark: BenchmarkFixture) -> None:
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    assert benchmark(private_key_signer(pem.decode()), PAYLOAD)


def test_build_request(benchmark: BenchmarkFixture) -> None:
    """From the arguments of `snapshots` to those of httpx2, every bound checked."""
    now = datetime(2025, 11, 21, 12, tzinfo=UTC)

    def build() -> dict[str, object]:
        return daily_account_snapshot._get_kwargs(type_="SPOT", **parameters(now, timedelta(0), days=30))  # noqa: SLF001

    assert benchmark(build)["params"]


def test_decode_wallets(benchmark: BenchmarkFixture, answer: Answer) -> None:
    """From the bytes of an answer to typed objects, every value checked."""
    response = answer(httpx2.Request("GET", "http://127.0.0.1/sapi/v1/asset/wallet/balance"))
    assert len(benchmark(parse, response, Decoder(list[WalletBalance]))) == 10


def test_decode_month(benchmark: BenchmarkFixture, answer: Answer) -> None:
    response = answer(httpx2.Request("GET", "http://127.0.0.1/sapi/v1/accountSnapshot"))
    decoder = Decoder(AccountSnapshotResponse)
    assert len(benchmark(parse, response, decoder).snapshot_vos) == 30


def test_clock_and_budget(benchmark: BenchmarkFixture) -> None:
    """What each request asks of it, and what each response teaches."""
    budget = Budget()
    response = Response(200, {b"date": formatdate(usegmt=True).encode()}, b"")

    def call() -> None:
        reserved = budget.reservation("/", 60, None)
        assert budget.store.perform(reserved, 0.0) is None
        now, date = budget.clock.monotonic(), response.date
        assert date is not None
        budget.clock.learn(date, now, now)
        for operation in budget.reconcile(reserved, date, 0.0, 60):
            budget.store.perform(operation, 0.0)

    benchmark(call)
    assert budget.usage(None)["/"].used >= 60


def test_reserve_in_a_file(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "budget.db", "test")
    reserved = Budget().reservation("/", 60, None)
    assert benchmark(lambda: store.perform(reserved, time.monotonic() + 10)) is None


@pytest.fixture
def wallet(answer: Answer) -> WalletClient:
    return WalletClient(KEY, KEY, transport=httpx2.MockTransport(answer), weight_limit=None)


def test_call_for_wallets(benchmark: BenchmarkFixture, wallet: WalletClient) -> None:
    """A whole call, from request to typed objects, but for the network."""
    assert len(benchmark(wallet.balances)) == 10


def test_call_for_month(benchmark: BenchmarkFixture, wallet: WalletClient) -> None:
    assert len(benchmark(wallet.snapshots, "SPOT")) == 30


def test_async_call_for_wallets(benchmark: BenchmarkFixture, answer: Answer) -> None:
    wallet = AsyncWalletClient(KEY, KEY, transport=httpx2.MockTransport(answer), weight_limit=None)
    with asyncio.Runner() as runner:
        assert len(benchmark(lambda: runner.run(wallet.balances()))) == 10
