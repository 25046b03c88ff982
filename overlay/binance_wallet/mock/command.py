"""The mock exchange in the foreground, for people."""

from __future__ import annotations

import os
import threading

from binance_wallet.mock.exchange import MockExchange


def serve(port: int = 0) -> None:
    """Serve a mock exchange until interrupted, and print what a shell needs to use it.

    Key and secret come from the environment (`BINANCE_API_KEY`, `BINANCE_API_SECRET`) if both are there. Then they are
    not printed: they may be real ones.
    """
    api_key, api_secret = os.environ.get("BINANCE_API_KEY"), os.environ.get("BINANCE_API_SECRET")
    from_environment = bool(api_key and api_secret)
    exchange = (
        MockExchange(api_key=api_key, api_secret=api_secret, port=port) if from_environment else MockExchange(port=port)
    )
    with exchange:
        print("# The mock exchange is listening; Ctrl-C stops it. In another shell:")
        print(f"export BINANCE_BASE_URL={exchange.base_url}", flush=True)
        if not from_environment:
            print(f"export BINANCE_API_KEY={exchange.api_key}")
            print(f"export BINANCE_API_SECRET={exchange.api_secret}", flush=True)
        threading.Event().wait()
