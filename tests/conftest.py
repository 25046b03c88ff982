"""Settings, hooks and fixtures of all tests."""

import gc
import os
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import hypothesis.core
import pytest
import time_machine
from binance_wallet.budget import forget_budgets
from hypothesis import HealthCheck, settings
from hypothesis.vendor import pretty

# For the sake of speed, schemathesis's plugin keeps Hypothesis from printing what a test failed with. We need that, and
# with a contract of this size it is fast enough.
hypothesis.core.RepresentationPrinter = pretty.RepresentationPrinter

# Flushing files to a disk takes most of the time of the archive's tests, so they use memory where it is mounted.
MEMORY = Path("/dev/shm")
if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > 2 << 30:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))

# No deadline, because machines differ. `make test` tries the same examples each time, so that it never fails by chance.
# `make fuzz` and `make contract` search.
SEARCHES = bool(os.environ.get("FUZZ") or os.environ.get("CONTRACT_PROFILE"))
settings.register_profile("gate", deadline=None, derandomize=not SEARCHES, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("gate")

# In the background of a shell, or under nohup, these are ignored, and what tests start would ignore them, too.
for number, action in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, action)


# Fixtures that take seconds. Tests that need one run in the same process of a test run, which makes it once.
SLOW_FIXTURES = {"extended", "postgres_server", "project", "site", "wheel", "year_archive"}


@pytest.hookimpl(tryfirst=True)  # xdist reads the marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if isinstance(item, pytest.Function) and (slow := SLOW_FIXTURES.intersection(item.fixturenames)):
            item.add_marker(pytest.mark.xdist_group(min(slow)))


def pytest_collection_finish() -> None:
    """Keep the garbage collector from scanning thousands of tests again and again."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(tryfirst=True)  # before any fixture, of whatever scope, makes a client
def pytest_runtest_setup() -> None:
    """Give each test fresh budgets: one is kept by address, and an earlier mock exchange may have had the same port."""
    forget_budgets()


@pytest.fixture(scope="session", autouse=True)
def _own_state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Hide the budget, archive, accounts and key store of this machine's user from all tests."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        for name in ("XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"):
            monkeypatch.setenv(name, str(tmp_path_factory.mktemp("user")))
        monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
        yield


@pytest.fixture(autouse=True)
def _empty_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Hide the real keys, the proxy and the certificates of this machine from all tests."""
    for name in os.environ:
        if name.upper().startswith(("BINANCE_", "SSL_CERT_")) or name.upper().endswith("_PROXY"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))  # the command keeps its budget there


@pytest.fixture
def early_in_the_minute() -> Iterator[None]:
    """Begin early in a minute. Weight is counted by the minute, and a new one during the test would reset it."""
    with time_machine.travel(time.time() // 60 * 60 + 61, tick=True):
        yield
