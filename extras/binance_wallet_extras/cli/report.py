"""`binance-wallet report`."""

from __future__ import annotations

import sys
from contextlib import nullcontext, suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Final, get_args

import click
from attrs import evolve
from binance_wallet_client.models import SnapshotType

from binance_wallet_extras.details import detailed_balances

from .archive_source import ArchiveSource, archive_options
from .each_account import Outcome, run_for_accounts
from .options import ONE_OR_ALL, Connection, asset, connection_options, file_name, period_options, wait_option
from .output import destination
from .waiting import call_all

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from pathlib import Path

    from binance_wallet.period import Period
    from binance_wallet_client.models import AccountSnapshot

    from binance_wallet_extras.export import RecordedBalance
    from binance_wallet_extras.report import Account

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
    help="Write to this file, atomically.",
)
@connection_options(ONE_OR_ALL)
@wait_option
def report(
    *,
    source: ArchiveSource | None,
    period: Period,
    quote: str | None,
    title: str | None,
    lang: str | None,
    output: Path | None,
    connection: Connection,
    wait: bool,
) -> None:
    """Make a page of what the wallets hold, and how that grew.

    The page is one HTML file that works offline. It covers the last 30 days, or all that an archive has. From an
    archive, it begins with the value of all wallets over time. It shows no key. It names accounts only if it covers all
    of them, or if the title does. Without --output, it goes to standard output.

    \b
    Examples:
      binance-wallet report --output report.html
      binance-wallet report --days 7 --lang zh --output week.html
      binance-wallet report --account all --output all.html
      binance-wallet report --archive --from 2025-01-01 --to 2025-12-31 --title "Fund, 2025" --output 2025.html
    """
    from binance_wallet_extras.report import Account, Language, render

    if lang not in {None, *Language}:
        raise click.UsageError(f"--lang: {lang!r} is not a language of the page: choose {', '.join(Language)}")
    if output and output.suffix.lower() not in {"", ".html", ".htm"}:
        raise click.UsageError(f"the report is an HTML page: {output} must end in .html")
    if output is None and sys.stdout is not None and sys.stdout.isatty():
        raise click.UsageError("an HTML page does not fit a terminal: name a file for it with --output")

    outcome: Outcome[tuple[Account, datetime]] = Outcome()
    with destination(output) as file:
        if source:
            page = _archive_page(source, quote, period)
        else:
            outcome = run_for_accounts(
                connection, partial(_ask_exchange, quote=quote or "USDT", period=period, wait=wait)
            )
            accounts = {name: account for name, (account, _) in outcome.found.items()}
            accounts |= dict.fromkeys(outcome.failed_accounts, Account(failed=True))
            made_at = max(moment for _, moment in outcome.found.values())
            page = partial(render, *_with_names(accounts), made_at=made_at)
        file.write(page(title=title, language=lang or Language.of()).encode())
    outcome.complain()


def _ask_exchange(connection: Connection, *, quote: str, period: Period, wait: bool) -> tuple[Account, datetime]:
    """Ask the exchange for an account. Return it, and the time of the balances."""
    from binance_wallet_extras.report import Account

    period = period if any(period.values()) else {"days": 30}
    calls: dict[str, Callable[[], Any]]
    with connection.wallet() as wallet:
        # First: a quote asset that the exchange does not know costs no snapshot call.
        calls = {"balances": lambda: (detailed_balances(wallet, quote), wallet.server_time)}
        calls |= {f"{type_.lower()} snapshots": partial(wallet.snapshots, type_, **period) for type_ in _TYPES}
        (balances, served_at), *accounts = call_all(calls, wait=wait).values()
    return Account([snapshot for days in accounts for snapshot in days], balances), served_at


def _archive_page(source: ArchiveSource, quote: str | None, period: Period) -> partial[str]:
    """The page of what an archive has in the period. Raises NotRecordedError if it has nothing."""
    from binance_wallet_extras.report import Account, render

    what = "records" if quote is None else f"balances in {quote}"
    found = source.read_accounts(partial(_read_archive, quote=quote, period=period), what, period)
    accounts = dict.fromkeys(source.names(), Account()) | found
    if quote is None:
        assets = [balance.quote_asset for account in accounts.values() for balance in account.recorded]
        quote = "USDT" if "USDT" in assets or not assets else assets[-1]
        for name, account in accounts.items():
            recorded = [balance for balance in account.recorded if balance.quote_asset == quote]
            accounts[name] = evolve(account, recorded=recorded)
    prices = {} if quote == "BTC" else source.prices(quote)
    return partial(render, *_with_names(accounts), quote_asset=quote, prices=prices)


def _read_archive(source: ArchiveSource, *, quote: str | None, period: Period) -> Account:
    """Read an account from an archive. Raises NotRecordedError if it has no records."""
    from binance_wallet_extras.archive import NotRecordedError
    from binance_wallet_extras.report import Account

    recorded: list[RecordedBalance] = []
    with suppress(NotRecordedError) if quote is None else nullcontext():
        recorded = source.balances(quote, period, details=True)
    snapshots: list[AccountSnapshot] = []
    try:
        snapshots = [snapshot for days in source.history([*_TYPES], period) for snapshot in days]
    except NotRecordedError:
        if not recorded:
            raise
    return Account(snapshots, recorded=recorded)


def _with_names(accounts: dict[str, Account]) -> Iterator[Account]:
    return (evolve(account, name=name) for name, account in accounts.items())
