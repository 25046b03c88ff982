"""The mock exchange in the foreground, for people."""

from __future__ import annotations

import threading
from collections import deque

from .exchange import MockExchange


def serve(port: int = 0, *, weight_limit: int = 12_000, minute: float = 60.0, seed: int = 0) -> None:
    """Serve a mock exchange until interrupted, and print what a shell needs to use it.

    It invents a key. It neither reads nor shows a key in the environment, which may be a real one.

    Args:
        port: Where to listen on 127.0.0.1; 0 for any free port.
        weight_limit: The weight that one address may use on one endpoint in one minute.
        minute: The length of that minute in seconds.
        seed: The same seed makes the same account.
    """
    with MockExchange(port=port, weight_limit=weight_limit, minute=minute, seed=seed) as exchange:
        exchange.requests = deque(maxlen=0)  # it may serve for months, and nobody looks at them
        print(
            "# The mock exchange is up; Ctrl-C stops it. In another shell:",
            f"export BINANCE_BASE_URL={exchange.base_url}",
            f"export BINANCE_API_KEY={exchange.api_key}",
            f"export BINANCE_API_SECRET={exchange.api_secret}",
            sep="\n",
            flush=True,
        )
        threading.Event().wait()
