"""The command `binance-wallet`. It takes the extra `cli`."""

import sys

__all__ = ["main"]


def main() -> int:
    """Run the command on the process's arguments, and return its exit code."""
    try:
        from .app import run
    except ModuleNotFoundError as error:
        if error.name not in {"rich", "typer"}:
            raise
        print(f"binance-wallet: the command needs {error.name}: pip install 'binance-wallet[cli]'", file=sys.stderr)
        return 1
    return run()
