"""`binance-wallet mcp`."""

from __future__ import annotations

import errno
import logging
import os
import signal
import sys
from importlib import import_module
from typing import TYPE_CHECKING

import click

from binance_wallet_extras.extra import extra

from .archive import archive_option
from .options import Connection, account_name, exchange_options

if TYPE_CHECKING:
    from mcp.server.mcpserver import MCPServer

__all__ = ["mcp"]


@click.command()
@archive_option
@click.option(
    "--account",
    "names",
    type=account_name,
    multiple=True,
    metavar="NAME",
    help="An account that the assistant may read; may be given several times.  [env var: BINANCE_ACCOUNT]",
)
@exchange_options
def mcp(*, url: str | None, names: tuple[str, ...], connection: Connection) -> None:
    """Serve an assistant, which starts this command by itself.

    It speaks the Model Context Protocol over standard input and standard output. The assistant can read what the
    wallets hold and held. It cannot trade, transfer or withdraw, and cannot change an archive.

    \b
    Examples:
      binance-wallet mcp
      binance-wallet mcp --account company --account own
    """
    for name, stream in {"standard input": sys.stdin, "standard output": sys.stdout}.items():
        if stream is None:
            raise OSError(errno.EBADF, "closed", name)
    with extra("mcp"):
        import_module("mcp")
    if sys.stdin.isatty():
        click.echo("binance-wallet: an assistant starts this command by itself; Ctrl-C stops it", err=True)
    from binance_wallet_extras.mcp import WAIT, make_server

    shown = logging.StreamHandler()
    shown.addFilter(lambda record: record.name != "binance_wallet")  # the command shows these already
    # Without a handler of ours, the SDK installs one that shows more, in frames.
    logging.basicConfig(level=logging.WARNING, format="binance-wallet: %(message)s", handlers=[shown])
    # Read here: click would split a name at its spaces.
    accounts: list[str | None] = [*dict.fromkeys(names)] or [os.environ.get("BINANCE_ACCOUNT") or None]
    with connection.async_wallets(accounts, wait=WAIT) as wallets:
        served = {
            connection.for_account(account).name: wallet for account, wallet in zip(accounts, wallets, strict=True)
        }
        _serve(make_server(served, url))


def _serve(server: MCPServer) -> None:
    # A thread waits for standard input, so the event loop cannot end. Let signals end the process instead.
    for number in filter(None, (getattr(signal, name, None) for name in ("SIGINT", "SIGTERM", "SIGHUP"))):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)
    try:
        server.run("stdio")
    except* BrokenPipeError:
        pass  # the assistant has gone
