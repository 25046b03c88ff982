"""A process with a wallet, which makes one call."""

from multiprocessing.connection import Connection
from typing import Any

from binance_wallet import WalletClient, WalletError


def call(tests: Connection, options: dict[str, Any], method: str, *arguments: str) -> None:
    """Say that the process is there, wait until it is let go, make a call, and say what came of it."""
    tests.send("here")
    tests.recv()
    try:
        with WalletClient(**options) as wallet:
            getattr(wallet, method)(*arguments)
    except WalletError as error:
        tests.send(type(error).__name__)
    else:
        tests.send("done")
