"""A process with a wallet, for launcher.py: it makes one call and prints what came of it."""

import json
import os
import sys
from importlib import import_module

from binance_wallet import WalletClient, WalletError

for module in ("binance_wallet.budget.redis", "binance_wallet.budget.sqlite", "binance_wallet.transports.open"):
    import_module(module)


def run() -> int:
    """Print the process's number, wait for a line, and make the call that the arguments name."""
    options, method, *arguments = sys.argv[1:]
    print(os.getpid(), flush=True)
    sys.stdin.readline()
    try:
        with WalletClient(**json.loads(options)) as wallet:
            getattr(wallet, method)(*arguments)
    except WalletError as error:
        print(type(error).__name__)
    else:
        print("done")
    return 0
