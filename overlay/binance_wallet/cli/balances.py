"""`binance-wallet balances`."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import click

from .options import Connection, connection_options, output_options, wait_option
from .output import Format, destination, encoded, rendered
from .waiting import patiently

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["balances"]


@click.command()
@click.option("--quote", metavar="ASSET", default="BTC", show_default=True, help="What to express balances in.")
@click.option("--all", "all_", is_flag=True, help="Also the wallets that are inactive or empty.")
@output_options
@connection_options
@wait_option
def balances(*, quote: str, all_: bool, form: Format, output: Path | None, connection: Connection, wait: bool) -> None:
    """Show what each wallet is worth now, and all of them together.

    \b
    Examples:
      binance-wallet balances --quote USDT
      binance-wallet balances --all --json
    """
    with destination(output) as file:
        with connection.wallet() as wallet:
            found = patiently(partial(wallet.balances, quote), wait=wait)
        shown = [each for each in found if all_ or (each.activate and each.balance)]
        if form is Format.TABLE:
            from . import tables

            file.write(rendered(tables.balances(shown, quote), to_file=output is not None))
        else:
            file.write(encoded(form, shown, "balances", quote))
