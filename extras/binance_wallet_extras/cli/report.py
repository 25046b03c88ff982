"""`binance-wallet report`."""

from __future__ import annotations

import sys
from contextlib import nullcontext, suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Final, get_args

import click
from binance_wallet_client.models import SnapshotType
from click.core import ParameterSource

from .archived import Archived, archive_options
from .options import Connection, asset, connection_options, file_name, period_options, wait_option
from .output import destination
from .waiting import one_after_another

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from pathlib import Path

    from binance_wallet.period import Period
    from binance_wallet_client.models import AccountSnapshot, WalletBalance

    from binance_wallet_extras.export import RecordedBalance

__all__ = ["report"]

_TYPES: Final[tuple[SnapshotType, ...]] = get_args(SnapshotType)


@click.command()
@archive_options
@period_options
@click.option(
    "--quote", type=asset, metavar="ASSET", default="USDT", show_default=True, help="What to express balances in."
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
    quote: str,
    title: str | None,
    lang: str | None,
    output: Path | None,
    connection: Connection,
    wait: bool,
) -> None:
    """Make a page of what the wallets hold, and how that grew.

    The page is one HTML file that works offline. It covers the last 30 days, or all that an archive has. It names no
    key and no account, unless the title does. Without --output, it goes to standard output.

    \b
    Examples:
      binance-wallet report --output report.html
      binance-wallet report --days 7 --lang zh --output week.html
      binance-wallet report --archive --from 2025-01-01 --to 2025-12-31 --title "Fund, 2025" --output 2025.html
    """
    from binance_wallet_extras.report import Account, Language, render

    if lang not in {None, *Language}:
        raise click.UsageError(f"--lang: {lang!r} is not a language of the page: choose {', '.join(Language)}")
    if output and output.suffix.lower() not in {"", ".html", ".htm"}:
        raise click.UsageError(f"the report is an HTML page: {output} must end in .html")
    if output is None and sys.stdout is not None and sys.stdout.isatty():
        raise click.UsageError("a page is no text for a terminal: name a file for it with --output")
    with destination(output) as file:
        snapshots: Sequence[AccountSnapshot]
        balances: Sequence[WalletBalance] = ()
        recorded: Sequence[RecordedBalance] = ()
        made_at = None
        if archived:
            snapshots, recorded = _archived(archived, quote, period)
        else:
            snapshots, balances, made_at = _asked(connection, quote, period, wait=wait)
        page = render(
            Account(snapshots, balances, recorded),
            quote_asset=quote,
            title=title,
            language=lang or Language.of(),
            made_at=made_at,
        )
        file.write(page.encode())


def _asked(
    connection: Connection, quote: str, period: Period, *, wait: bool
) -> tuple[list[AccountSnapshot], list[WalletBalance], datetime]:
    """The snapshots that the exchange serves, the balances of now, and when that is by the exchange's clock."""
    period = period if any(period.values()) else {"days": 30}
    calls: dict[str, Callable[[], Any]]
    with connection.wallet() as wallet:
        calls = {f"{type_.lower()} snapshots": partial(wallet.snapshots, type_, **period) for type_ in _TYPES}
        calls["balances"] = partial(wallet.balances, quote)
        *accounts, balances = one_after_another(calls, wait=wait).values()
        return [snapshot for days in accounts for snapshot in days], balances, wallet.server_time


def _archived(archived: Archived, quote: str, period: Period) -> tuple[list[AccountSnapshot], list[RecordedBalance]]:
    """What an archive has of the period. Raises NotRecordedError if that is nothing."""
    from binance_wallet_extras.archive import NotRecordedError

    recorded: list[RecordedBalance] = []
    is_default = click.get_current_context().get_parameter_source("quote") is ParameterSource.DEFAULT
    with suppress(NotRecordedError) if is_default else nullcontext():
        recorded = archived.balances(quote, period)
    snapshots: list[AccountSnapshot] = []
    try:
        snapshots = [snapshot for days in archived.history([*_TYPES], period) for snapshot in days]
    except NotRecordedError:
        if not recorded:
            raise
    return snapshots, recorded
