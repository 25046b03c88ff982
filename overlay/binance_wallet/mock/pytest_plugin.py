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
    with MockExchange() as exchange:
        yield exchange
