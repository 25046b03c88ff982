"""`binance-wallet balances`."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import click
from binance_wallet import Balances, WalletClient

from binance_wallet_extras.details import NO_DETAILS, detailed_balances, lists_assets

from .archived import Archived, archive_options
from .formats import Format, write
from .options import Connection, asset, connection_options, output_options, period_options, wait_option
from .output import destination
from .waiting import patiently

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from binance_wallet.period import Period
    from binance_wallet_client.models import WalletBalance

    from binance_wallet_extras.export import Kind

__all__ = ["balances"]


@click.command()
@click.option(
    "--quote",
    type=asset,
    metavar="ASSET",
    help="The asset to value balances in.  [default: BTC, or all in an archive]",
)
@click.option("--all", "all_", is_flag=True, help="Include empty wallets.")
@click.option("--details", is_flag=True, help="List what each wallet holds.")
@archive_options
@period_options
@output_options
@connection_options
@wait_option
def balances(
    *,
    quote: str | None,
    all_: bool,
    details: bool,
    archived: Archived | None,
    period: Period,
    form: Format,
    output: Path | None,
    connection: Connection,
    wait: bool,
) -> None:
    """Show what each wallet is worth now, and the total.

    With --archive, show what they were worth each time that an update of the archive recorded them. The table has the
    --details of the last time, and the other formats those of all.

    \b
    Examples:
      binance-wallet balances --quote USDT
      binance-wallet balances --all --json
      binance-wallet balances --details --output assets.csv
      binance-wallet balances --archive --from 2025-01-01 --to 2025-12-31
    """
    if archived is None and any(period.values()):
        raise click.UsageError("the exchange knows the current balances only: give --archive for those of a period")
    with destination(output) as content:
        from . import tables  # not before wrong usage is told: it is slow to import

        if archived:
            recorded = archived.balances(quote, period, details=details)
            _say_what_is_not_listed(recorded, details=details)
            recorded = [each for each in recorded if all_ or _holds_something(each)]
            kind: Kind = "recorded_assets" if details else "recorded_balances"
            write(content, form, recorded, kind, table=partial(tables.recorded_balances, recorded))
            return
        ask = detailed_balances if details else WalletClient.balances
        with connection.wallet() as wallet:
            found = patiently(partial(ask, wallet, "BTC" if quote is None else quote), wait=wait)
        _say_what_is_not_listed(found, details=details)
        shown = Balances([each for each in found if all_ or _holds_something(each)], quote_asset=found.quote_asset)
        write(content, form, shown, "wallet_assets" if details else "balances", table=partial(tables.balances, shown))


def _holds_something(wallet: WalletBalance) -> bool:
    """Whether it has a balance, or an asset without a valuation."""
    return bool(wallet.balance) or any(
        each.free or each.locked or each.freeze or each.withdrawing for each in wallet.asset_balances or ()
    )


def _say_what_is_not_listed(wallets: Iterable[WalletBalance], *, details: bool) -> None:
    if details and not lists_assets(wallets):
        click.echo(f"binance-wallet: {NO_DETAILS}", err=True)
