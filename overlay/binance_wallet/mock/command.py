"""The mock exchange in the foreground, for people."""

from __future__ import annotations

import os
import threading
from collections import deque

from .exchange import MockExchange


def serve(port: int = 0, *, weight_limit: int = 12_000) -> None:
    """Serve a mock exchange until interrupted, and print what a shell needs to use it.

    Key and secret come from the environment (`BINANCE_API_KEY`, `BINANCE_API_SECRET`) if both are there. Then they are
    not printed: they may be real ones.

    Args:
        port: Where to listen on 127.0.0.1; 0 for any free port.
        weight_limit: The weight that one address may use on one endpoint in one minute.
    """
    api_key, api_secret = os.environ.get("BINANCE_API_KEY"), os.environ.get("BINANCE_API_SECRET")
    if not (api_key and api_secret):
        api_key = api_secret = None
    with MockExchange(api_key=api_key, api_secret=api_secret, port=port, weight_limit=weight_limit) as exchange:
        exchange.requests = deque(maxlen=0)  # it may serve for months, and nobody here can look at them
        lines = ["# The mock exchange is up; Ctrl-C stops it. In another shell:"]
        lines += [f"export BINANCE_BASE_URL={exchange.base_url}"]
        if api_key is None:
            lines += [f"export BINANCE_API_KEY={exchange.api_key}", f"export BINANCE_API_SECRET={exchange.api_secret}"]
        print(*lines, sep="\n", flush=True)
        threading.Event().wait()
