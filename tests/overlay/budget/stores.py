"""What the tests of both shared stores ask of them."""

import logging
import time

import pytest
from binance_wallet.budget import Reserve
from binance_wallet.budget.operations import Full, Verdict
from binance_wallet.budget.shared import SharedStore

PATH = "/sapi/v1/accountSnapshot"
NOW = 1_768_910_400.0
MINUTE = int(NOW // 60)
EVERYTHING = Reserve(PATH, 12_000, 12_000, (MINUTE,), NOW, NOW + 1)


def reserve(store: SharedStore, seconds: float = 60.0, weight: int = 12_000) -> Verdict:
    return store.perform(EVERYTHING._replace(weight=weight), time.monotonic() + seconds)


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]


def assert_counts_alone(store: SharedStore, caplog: pytest.LogCaptureFixture, cause: str) -> None:
    """Calls go on with the count of this process, and one warning says why."""
    assert reserve(store) is None
    assert reserve(store) == Full()
    assert len(warnings(caplog)) == 1
    assert cause in warnings(caplog)[0]
