"""`binance-wallet report`."""

from __future__ import annotations

import sys
from contextlib import nullcontext, suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Final, get_args

import click
from binance_wallet_client.models import SnapshotType

from binance_wallet_extras.details import detailed_balances

from .archived import Archived, archive_options
from .options import Connection, asset, connection_options, file_name, period_options, wait_option
from .output import destination
from .waiting import one_after_another

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from binance_wallet.period import Period
    from binance_wallet_client.models import AccountSnapshot

    from binance_wallet_extras.export import RecordedBalance

__all__ = ["report"]

_TYPES: Final[tuple[SnapshotType, ...]] = get_args(SnapshotType)


@click.command()
@archive_options
@period_options
@click.option(
    "--quote",
    type=asset,
    metavar="ASSET",
    help="What to express values in.  [default: USDT, or what an archive has balances in]",
)
@click.option("--title", metavar="TEXT", help="The heading of the page.")
@click.option("--lang", metavar="LANGUAGE", help="en or zh; by default that of the environment.")
@click.option(
    "--output",
    "-o",
    type=file_name,
    metavar="FILE",
    help="Write to this file, whole or not at all.",
)
@connection_options
@wait_option
def report(
    *,
    archived: Archived | None,
    period: Period,
    quote: str | None,
    title: str | None,
    lang: str | None,
    output: Path | None,
    connection: Connection,
    wait: bool,
) -> None:
    """Make a page of what the wallets hold, and how that grew.

    The page is one HTML file that works offline. It covers the last 30 days, or all that an archive has; from an
    archive, it leads with all wallets over time. It names no key and no account, unless the title does. Without
    --output, it goes to standard output.

    \b
    Examples:
      binance-wallet report --output report.html
      binance-wallet report --days 7 --lang zh --output week.html
      binance-wallet report --archive --from 2025-01-01 --to 2025-12-31 --title "Fund, 2025" --output 2025.html
    """
    from binance_wallet_extras.report import Language

    if lang not in {None, *Language}:
        raise click.UsageError(f"--lang: {lang!r} is not a language of the page: choose {', '.join(Language)}")
    if output and output.suffix.lower() not in {"", ".html", ".htm"}:
        raise click.UsageError(f"the report is an HTML page: {output} must end in .html")
    if output is None and sys.stdout is not None and sys.stdout.isatty():
        raise click.UsageError("a page is no text for a terminal: name a file for it with --output")
    with destination(output) as file:
        if archived:
            page = _of_archive(archived, quote, period)
        else:
            page = _of_now(connection, quote or "USDT", period, wait=wait)
        file.write(page(title=title, language=lang or Language.of()).encode())


def _of_now(connection: Connection, quote: str, period: Period, *, wait: bool) -> partial[str]:
    """The page of what the exchange serves."""
    from binance_wallet_extras.report import Account, render

    period = period if any(period.values()) else {"days": 30}
    calls: dict[str, Callable[[], Any]]
    with connection.wallet() as wallet:
        calls = {f"{type_.lower()} snapshots": partial(wallet.snapshots, type_, **period) for type_ in _TYPES}
        calls["balances"] = partial(detailed_balances, wallet, quote)
        *accounts, balances = one_after_another(calls, wait=wait).values()
        snapshots = [snapshot for days in accounts for snapshot in days]
        return partial(render, Account(snapshots, balances), made_at=wallet.server_time)


def _of_archive(archived: Archived, quote: str | None, period: Period) -> partial[str]:
    """The page of what an archive has of the period. Raises NotRecordedError if that is nothing."""
    from binance_wallet_extras.archive import NotRecordedError
    from binance_wallet_extras.report import Account, render

    recorded: list[RecordedBalance] = []
    with suppress(NotRecordedError) if quote is None else nullcontext():
        recorded = archived.balances(quote, period, details=True)
    if quote is None:
        found = {balance.quote_asset for balance in recorded}
        quote = "USDT" if "USDT" in found or not found else recorded[-1].quote_asset
        recorded = [balance for balance in recorded if balance.quote_asset == quote]
    snapshots: list[AccountSnapshot] = []
    try:
        snapshots = [snapshot for days in archived.history([*_TYPES], period) for snapshot in days]
    except NotRecordedError:
        if not recorded:
            raise
    return partial(render, Account(snapshots, recorded=recorded), quote_asset=quote, prices=archived.prices(quote))
