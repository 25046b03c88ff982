"""`binance-wallet balances`."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

import click
from attrs import field, frozen
from binance_wallet import Balances, WalletClient
from binance_wallet_client.models import WalletBalance

from binance_wallet_extras.details import NO_DETAILS, detailed_balances, lists_assets

from .archive_source import ArchiveSource, archive_options
from .each_account import ONE, Outcome, one_or_all, run_for_accounts
from .formats import Format, write
from .options import ONE_OR_ALL, Connection, asset, connection_options, output_options, period_options, wait_option
from .output import destination
from .waiting import retry_after_wait

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from binance_wallet.period import Period

    from binance_wallet_extras.export import Kind, RecordedBalance, Records

__all__ = ["balances"]

Wallet = TypeVar("Wallet", bound=WalletBalance)

_RECORDED: Final[Mapping[Kind, Kind]] = {"balances": "recorded_balances", "wallet_assets": "recorded_assets"}


@click.command()
@click.option(
    "--quote",
    type=asset,
    metavar="ASSET",
    help="The asset to value balances in.  [default: BTC, or all in an archive]",
)
@click.option("--all", "all_", is_flag=True, help="Include empty wallets.")
@click.option("--details", is_flag=True, help="List what each wallet holds, with its value in BTC.")
@archive_options
@period_options
@output_options
@connection_options(ONE_OR_ALL)
@wait_option
def balances(
    *,
    quote: str | None,
    all_: bool,
    details: bool,
    source: ArchiveSource | None,
    period: Period,
    form: Format,
    output: Path | None,
    connection: Connection,
    wait: bool,
) -> None:
    """Show what each wallet is worth now, and the total.

    With --archive, show what each wallet was worth at each update of the archive. With --details too, the table lists
    what they held at the last update, and the other formats at every update.

    \b
    Examples:
      binance-wallet balances --quote USDT
      binance-wallet balances --all --json
      binance-wallet balances --details --output assets.csv
      binance-wallet balances --account all --quote USDT
      binance-wallet balances --archive --from 2025-01-01 --to 2025-12-31
    """
    if source is None and any(period.values()):
        raise click.UsageError("the exchange knows the current balances only: give --archive for those of a period")
    question = _Question(quote, all_, details, period, wait)
    kind: Kind = "wallet_assets" if details else "balances"
    outcome: Outcome[Balances] = Outcome()
    with destination(output) as content:
        from . import tables  # slow to import: not needed if the usage is wrong

        if source:
            recorded = source.read_accounts(question.read, question.what, period)
            table = partial(tables.each_account, tables.recorded_balances, recorded)
            write(content, form, one_or_all(recorded), _RECORDED[kind], table=table)
        else:
            outcome = run_for_accounts(connection, question.ask)
            # If an account failed, its records are None and there is no grand total.
            records: Records = {**outcome.found, **dict.fromkeys(outcome.failed_accounts)}
            table = partial(tables.balances_of_accounts, outcome.found, outcome.failed_accounts)
            if ONE in outcome.found:
                records = outcome.found[ONE]
                table = partial(tables.balances, outcome.found[ONE])
            write(content, form, records, kind, table=table)
        for note in question.notes:
            click.echo(f"binance-wallet: {note}", err=True)
    outcome.complain()


@frozen
class _Question:
    """What to ask the exchange or the archive for, for each account."""

    quote: str | None
    all_: bool
    details: bool
    period: Period
    wait: bool
    notes: set[str] = field(factory=set)
    """Notes to show once, not once for each account."""

    @property
    def what(self) -> str:
        return "balances" if self.quote is None else f"balances in {self.quote}"

    def ask(self, connection: Connection) -> Balances:
        call = detailed_balances if self.details else WalletClient.balances
        with connection.wallet() as wallet:
            found = retry_after_wait(partial(call, wallet, "BTC" if self.quote is None else self.quote), wait=self.wait)
        return Balances(self._shown(found), quote_asset=found.quote_asset)

    def read(self, source: ArchiveSource) -> list[RecordedBalance]:
        return self._shown(source.balances(self.quote, self.period, details=self.details))

    def _shown(self, found: Sequence[Wallet]) -> list[Wallet]:
        if self.details and not lists_assets(found):
            self.notes.add(NO_DETAILS)
        return [each for each in found if self.all_ or _holds_something(each)]


def _holds_something(wallet: WalletBalance) -> bool:
    """Whether it has a balance, or an asset without a valuation."""
    return bool(wallet.balance) or any(
        each.free or each.locked or each.freeze or each.withdrawing for each in wallet.asset_balances or ()
    )
