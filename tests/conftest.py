"""What holds for every test."""

import hypothesis.core
import pytest
from binance_wallet.limits import shared_budget
from hypothesis.vendor import pretty

# For the sake of speed, schemathesis's plugin keeps Hypothesis from printing what a test failed with. We need that, and
# with a contract of this size it is fast enough.
hypothesis.core.RepresentationPrinter = pretty.RepresentationPrinter


@pytest.fixture(autouse=True)
def _budget_of_its_own():
    """The budget is the process's, by address; the mock exchange of another test may have had the same port."""
    shared_budget.cache_clear()


@pytest.fixture(autouse=True)
def _environment_of_its_own(monkeypatch):
    """No test may reach for the real keys, or the proxy, of whoever runs it."""
    names = ("API_KEY", "API_SECRET", "PRIVATE_KEY", "PRIVATE_KEY_PASSPHRASE", "BASE_URL")
    for name in (*(f"BINANCE_{name}" for name in names), "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
