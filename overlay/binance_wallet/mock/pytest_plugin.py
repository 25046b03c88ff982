"""A pytest plugin, known to pytest wherever `binance-wallet` is installed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from . import MockExchange

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def mock_exchange() -> Iterator[MockExchange]:
    """A fresh mock exchange, serving for the length of one test."""
    from binance_wallet.budget import shared_budget  # not above: pytest loads this wherever it is installed

    shared_budget.cache_clear()  # an exchange of an earlier test may have had the same port
    with MockExchange() as exchange:
        yield exchange
