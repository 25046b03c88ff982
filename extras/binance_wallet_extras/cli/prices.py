"""`binance-wallet archive prices`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click
from attrs import asdict
from binance_wallet_client.model import plain

from binance_wallet_extras.export import read_prices
from binance_wallet_extras.text import plural, printable

from .archive import archive_option, span
from .archive_source import open_archive
from .commands import Commands
from .options import asset, file_name
from .output import destination, render, say_done

if TYPE_CHECKING:
    from pathlib import Path

    from binance_wallet_extras.archive import Archive

__all__ = ["prices"]

_quote_option = click.option("--quote", type=asset, metavar="ASSET", required=True, help="The asset of the prices.")


@click.group(cls=Commands, invoke_without_command=True)
@archive_option
@click.option("--quote", type=asset, metavar="ASSET", help="Only prices in this asset.")
@click.option("--json", "json_", is_flag=True, help="As JSON instead of a table.")
@click.pass_context
def prices(context: click.Context, /, *, url: str | None, quote: str | None, json_: bool) -> None:
    """List prices of BTC by day; import or remove them.

    Each update records the exchange's own price of one BTC, in the asset of its balances. On a day that has an imported
    price, that one counts.

    \b
    Examples:
      binance-wallet archive prices
      binance-wallet archive prices import prices.csv --quote USDT
      binance-wallet archive prices remove --quote USDT
    """
    context.obj = url
    if context.invoked_subcommand is not None:
        if quote is not None or json_:
            raise click.UsageError(f"write the options after {context.invoked_subcommand}")
        return
    with open_archive(url) as opened:
        found = opened.price_records(quote)
    with destination(None) as content:
        if json_:
            content.write(json.dumps([*map(asdict, found)], default=plain, indent=2).encode() + b"\n")
        else:
            from . import tables

            content.write(render(tables.prices(found), to_file=False))


@prices.command("import")
@click.argument("file", type=file_name)
@_quote_option
@archive_option
@click.pass_obj
def import_(outer: str | None, /, *, file: Path, quote: str, url: str | None) -> None:
    """Import prices of one BTC from a CSV file.

    Each line has a day (UTC) and the price at its end, such as 2025-12-31,81473.12; a first line may name the columns.
    If one line is wrong, nothing is imported. Days that were imported before get the new price.
    """
    found = read_prices(file)
    with open_archive(url or outer) as opened:
        known = _quote_assets(opened)
        opened.import_prices(found, quote)
    say_done(f"imported the price of BTC in {quote} for {plural(len(found))}: {span(min(found), max(found))}")
    if known and quote not in known:  # perhaps it is mistyped
        recorded = printable(", ".join(sorted(known)))
        click.echo(f"binance-wallet: nothing else in the archive is in {printable(quote)}, but in {recorded}", err=True)


def _quote_assets(opened: Archive) -> set[str]:
    """The quote assets of an archive; empty if there is no archive, which the import itself refuses."""
    from binance_wallet_extras.archive import NotRecordedError

    try:
        balances, prices = opened.balances_status(), opened.prices_status()
    except NotRecordedError:
        return set()
    return {each.quote_asset for each in balances} | {each.quote_asset for each in prices}


@prices.command()
@_quote_option
@archive_option
@click.pass_obj
def remove(outer: str | None, /, *, quote: str, url: str | None) -> None:
    """Remove all imported prices in an asset. The exchange's own of these days count again."""
    with open_archive(url or outer) as opened:
        removed = opened.remove_prices(quote)
    if removed:
        say_done(f"removed the imported price of BTC in {quote} for {plural(removed)}")
    else:
        say_done(f"there was no imported price of BTC in {quote}")
