"""The command `binance-wallet` (extra `cli`)."""

import sys
from importlib import import_module

from binance_wallet.export.extras import extra

__all__ = ["main"]


def main() -> int:
    """Run the command on the process's arguments, and return its exit code."""
    try:
        with extra("cli,mock" if sys.argv[1:2] == ["mock"] else "cli"):  # or the other would be missed next
            import_module("rich")  # not needed yet, but better missed now than after a call was spent
            from .app import run
    except ModuleNotFoundError as error:
        print(f"binance-wallet: {error}", file=sys.stderr)
        return 1
    return run()
