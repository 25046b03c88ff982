"""The entry point of the command `binance-wallet`, outside the package: importing that takes a while."""

__all__ = ["main"]


def main() -> int:
    """Run the command and return its exit code: 130 on Ctrl-C, also while modules are imported."""
    try:
        from binance_wallet.cli import main as run

        return run()
    except KeyboardInterrupt:
        return 130
