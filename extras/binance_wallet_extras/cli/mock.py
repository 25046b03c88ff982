"""`binance-wallet mock`."""

from __future__ import annotations

import errno
import sys
from importlib import import_module

import click

from binance_wallet_extras.extra import extra

from .options import seconds, whole_number

__all__ = ["mock"]


@click.command()
@click.option(
    "--port",
    type=whole_number(0, 65535),
    default=8000,
    show_default=True,
    metavar="N",
    help="Where to listen on this machine; 0 for any free port.",
)
@click.option(
    "--weight-limit",
    type=whole_number(1),
    default=12_000,
    show_default=True,
    metavar="N",
    help="The request weight that an endpoint allows in a minute.",
)
@click.option(
    "--minute",
    type=seconds,
    default=60.0,
    show_default=True,
    metavar="SECONDS",
    help="The length of that minute: shorten it for tests.",
)
@click.option(
    "--seed",
    type=whole_number(0),
    default=0,
    show_default=True,
    metavar="N",
    help="Which account and key it has: the same seed gives the same ones.",
)
@click.option(
    "--accounts",
    type=whole_number(1, 99),
    default=1,
    show_default=True,
    metavar="N",
    help="How many accounts it has, each with a key of its own.",
)
def mock(port: int, weight_limit: int, minute: float, seed: int, accounts: int) -> None:
    """Serve a mock exchange, to try all this without a key.

    It prints what to paste into another shell. Ctrl-C stops it. With several --accounts, it also prints commands that
    give them the names mock-1, mock-2 and so on.
    """
    with extra("mock"):
        import_module("starlette")
        import_module("uvicorn")
    from binance_wallet_mock import serve

    if sys.stdout is None:  # nobody would learn the address and the key
        raise OSError(errno.EBADF, "closed", "standard output")
    try:
        serve(port, weight_limit=weight_limit, minute=minute, seed=seed, accounts=accounts)
    except ValueError as error:
        raise click.UsageError(f"--{error}") from None  # it begins with "minute"
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        raise OSError(error.errno, f"port {port} is taken: --port 0 takes a free one") from None
