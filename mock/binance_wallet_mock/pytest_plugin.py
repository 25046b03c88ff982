"""A pytest plugin, known to pytest wherever `binance-wallet` is installed."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final

import pytest

from . import MockExchange

if TYPE_CHECKING:
    from collections.abc import Iterator

_EXCHANGE: Final = pytest.StashKey[MockExchange]()


def pytest_configure(config: pytest.Config) -> None:
    """Describe the marker, for `pytest --markers` and `--strict-markers`."""
    config.addinivalue_line(
        "markers",
        "mock_exchange(**options): make the fixture `mock_exchange` with these options of `MockExchange`, such as "
        "seed=7, weight_limit=2400 or balances={'Spot': '0.5'}. Marks of a test, its class and its module add up.",
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Fail a test that passed although a fault that it scripted met no request: the fault was not tested."""
    yield
    exchange = item.stash.get(_EXCHANGE, None)
    if exchange is not None and exchange.unused_faults:
        unused = ", ".join(exchange.unused_faults)
        pytest.fail(f"scripted on the mock exchange, but met by no request: {unused}", pytrace=False)


@pytest.fixture
def mock_exchange(request: pytest.FixtureRequest) -> Iterator[MockExchange]:
    """A fresh mock exchange, serving for the length of one test; `@pytest.mark.mock_exchange(...)` gives it options.

    The test fails if a fault that it scripted met no request.
    """
    options: dict[str, Any] = {}
    for mark in reversed([*request.node.iter_markers("mock_exchange")]):  # the closest one comes last, and wins
        if mark.args:
            raise TypeError(f"the marker mock_exchange takes options by name only, not {mark.args!r}")
        options |= mark.kwargs
    # An exchange of an earlier test may have had the same port. Without the client, no budget exists.
    if budget := sys.modules.get("binance_wallet.budget"):
        budget.forget_budgets()
    with MockExchange(**options) as exchange:
        request.node.stash[_EXCHANGE] = exchange
        yield exchange
