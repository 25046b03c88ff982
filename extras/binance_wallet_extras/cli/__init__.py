"""The command `binance-wallet` (extra `cli`)."""

import os
import sys
from importlib import import_module
from pathlib import Path
from typing import TextIO

from binance_wallet_extras.extra import extra

__all__ = ["main"]


def main() -> int:
    """Run the command on the process's arguments, and return its exit code. The entry point handles Ctrl-C."""
    if sys.stderr is None:  # it is closed
        sys.stderr = Path(os.devnull).open("w")  # noqa: SIM115 - as long as the process
    try:
        return _run()
    finally:
        for stream in filter(None, (sys.stdout, sys.stderr)):
            _drop_unwritable(stream)


def _run() -> int:
    try:
        with extra("cli,mock" if sys.argv[1:2] == ["mock"] else "cli"):  # or the other would be missed next
            import_module("rich")  # not needed yet, but better missed now than after a call was spent
            from .app import run
    except ModuleNotFoundError as error:
        print(f"binance-wallet: {error}", file=sys.stderr)
        return 1
    return run()


def _drop_unwritable(stream: TextIO) -> None:
    """Discard what a full or closed stream still holds: at exit, Python would try once more, and end with 120."""
    try:
        stream.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
