"""What `doctor` shows of the weight that others have used."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
from binance_wallet.budget import forget_budgets
from binance_wallet_extras.cli.doctor import examine
from binance_wallet_extras.cli.options import Connection
from binance_wallet_mock import MockExchange

from .servers import Server

SNAPSHOTS, BALANCE = "/sapi/v1/accountSnapshot", "/sapi/v1/asset/wallet/balance"
DEPOSITS, TIME = "/sapi/v1/capital/deposit/hisrec", "/api/v3/time"


@pytest.fixture(params=["none", "sqlite", "redis"])
def budget(request: pytest.FixtureRequest, tmp_path: Path, servers: Callable[[str], Server]) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/budget.db"
    return request.param if request.param == "none" else f"{servers('redis').url}?address={tmp_path.name}"


@pytest.mark.usefixtures("early_in_the_minute")
def test_doctor_shows_what_another_client_has_used_of_each_limit(
    budget: str, mock_exchange: MockExchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BINANCE_API_KEY", mock_exchange.api_key)
    monkeypatch.setenv("BINANCE_API_SECRET", mock_exchange.api_secret)
    connection = Connection(mock_exchange.base_url, 10, budget)
    mock_exchange.add_endpoint("GET", DEPOSITS, [])
    mock_exchange.add_endpoint("GET", TIME, {}, security="NONE")
    with connection.wallet() as another:
        another.snapshots("SPOT", days=1)
        another.call("GET", DEPOSITS, weight=18_000, rate_limit="sapi-uid")
        another.call("GET", TIME, weight=1, rate_limit="api-ip", security="none")
    if budget != "none":
        forget_budgets()  # as in another process
    _, findings = examine(connection)
    account = hashlib.sha256(mock_exchange.api_key.encode()).hexdigest()[:8]
    assert findings[-1].text.startswith(
        f"2400 of 12000 used for {SNAPSHOTS}, 60 of 12000 used for {BALANCE}, "
        f"18000 of 180000 used for {DEPOSITS} (sapi-uid, account {account}), "
        "1 of 6000 used for all endpoints (api-ip); counted in "
    )
