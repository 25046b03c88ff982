"""What one process shares, tests do not; and they start from an empty environment."""

import os

import pytest
from binance_wallet.limits import shared_budget


@pytest.fixture(autouse=True)
def fresh_budget() -> None:
    shared_budget.cache_clear()


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.upper().startswith("BINANCE_") or name.upper().endswith("_PROXY") or name.startswith("SSL_CERT_"):
            monkeypatch.delenv(name)
