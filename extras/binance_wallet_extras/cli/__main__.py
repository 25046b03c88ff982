"""The entry point of the command `binance-wallet`, and `python -m binance_wallet_extras.cli`."""

import sys

__all__ = ["main"]


def main() -> int:
    """Run the command and return its exit code: 130 on Ctrl-C, also while modules are imported."""
    try:
        from binance_wallet_extras.cli import main as run

        return run()
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
