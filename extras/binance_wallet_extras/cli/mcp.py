"""`binance-wallet mcp`."""

from __future__ import annotations

import errno
import logging
import signal
import sys
from importlib import import_module

import click

from binance_wallet_extras.extra import extra

from .archive import archive_option
from .options import Connection, connection_options

__all__ = ["mcp"]


@click.command()
@archive_option
@connection_options
def mcp(*, url: str | None, connection: Connection) -> None:
    """Serve an assistant, which starts this command by itself.

    It speaks the Model Context Protocol over standard input and standard output. The assistant can read what the
    wallets hold and held. It cannot trade, transfer or withdraw, and cannot change an archive.
    """
    with extra("mcp"):
        import_module("mcp")
    for name, stream in {"standard input": sys.stdin, "standard output": sys.stdout}.items():
        if stream is None:
            raise OSError(errno.EBADF, "closed", name)
    if sys.stdin.isatty():
        click.echo("binance-wallet: an assistant starts this command by itself; Ctrl-C stops it", err=True)
    from binance_wallet_extras.mcp import WAIT, make_server

    logging.basicConfig(level=logging.WARNING, format="binance-wallet: %(message)s")  # or the SDK shows more, in frames
    with connection.async_wallet(wait=WAIT) as wallet:
        server = make_server({connection.account or "main": wallet}, url)
        # A thread that waits for a line of standard input keeps the loop from ending, whatever it is told by a signal.
        for number in filter(None, (getattr(signal, name, None) for name in ("SIGINT", "SIGTERM", "SIGHUP"))):
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, signal.SIG_DFL)
        try:
            server.run("stdio")
        except* BrokenPipeError:
            pass  # the assistant has gone
