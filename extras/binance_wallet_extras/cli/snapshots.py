"""`binance-wallet snapshots` and `binance-wallet history`."""

from __future__ import annotations

import shutil
from contextlib import ExitStack
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

import click

from .archived import Archived, archive_options
from .options import Connection, connection_options, one_of, output_options, period_options, wait_option
from .output import Format, destination, encoded, rendered
from .waiting import patiently

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from binance_wallet.period import Period
    from binance_wallet_client.models import AccountSnapshot, SnapshotType

    from binance_wallet_extras.export import Kind

__all__ = ["history", "snapshots"]

_WIDEST_SKETCH: Final = 120


class Account(StrEnum):
    """The accounts of which there are snapshots."""

    SPOT = "spot"
    MARGIN = "margin"
    FUTURES = "futures"


_ALONE: Final = {"--plot": "--plot=-", "--archive": "--archive=-"}


class _SnapshotsCommand(click.Command):
    """Lets `--plot` and `--archive` stand alone before the account or another option."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        for index, arg in enumerate(args):
            following = args[index + 1] if index + 1 < len(args) else "--"
            is_value = following == "-" or not (following.startswith("-") or following in {*Account})
            if arg in _ALONE and not is_value:
                args = [*args[:index], _ALONE[arg], *args[index + 1 :]]
        return super().parse_args(ctx, args)


@click.command(cls=_SnapshotsCommand)
@click.argument("account", metavar="ACCOUNT", **one_of(Account, "an account"))
@archive_options
@period_options
@click.option(
    "--plot",
    metavar="[FILE]",
    help="Draw the value over time instead of the table; or, with FILE (.png, .svg, .html), write a picture.",
)
@output_options
@connection_options
@wait_option
def snapshots(
    *,
    account: Account,
    archived: Archived | None,
    period: Period,
    plot: str | None,
    form: Format,
    output: Path | None,
    connection: Connection,
    wait: bool,
) -> None:
    """Show what one account was worth day by day, and what it held.

    ACCOUNT is spot, margin or futures. A day's snapshot is taken at its end (UTC). By default, the last 7 days, or all
    that an archive has.

    \b
    Examples:
      binance-wallet snapshots spot --days 30 --plot
      binance-wallet snapshots spot --days 30 --plot spot.png
      binance-wallet snapshots margin --days 14 --format csv
      binance-wallet snapshots futures --days 30 --output futures.parquet
      binance-wallet snapshots spot --archive --from 2024-01-01 --plot years.png
    """
    paint = _painter(plot)
    sketched = plot == "-"
    if sketched and form is not Format.TABLE:
        raise click.UsageError(f"--plot without a file stands in for the table, and so cannot be {form}")
    if plot and output and Path(plot).resolve() == output.resolve():
        raise click.UsageError("--plot and --output name the same file")
    with ExitStack() as files:
        file = files.enter_context(destination(output))
        canvas = files.enter_context(destination(Path(plot))) if plot and not sketched else file
        found: Sequence[AccountSnapshot]
        if archived:
            found = archived.snapshots(_type(account), period)
        else:
            with connection.wallet() as wallet:
                found = patiently(partial(wallet.snapshots, _type(account), **period), wait=wait)
        if paint:
            canvas.write(paint(found))
        if not sketched:
            file.write(_told(form, {account: found}, account.value, output))


@click.command()
@archive_options
@period_options
@output_options
@connection_options
@wait_option
def history(
    *,
    archived: Archived | None,
    period: Period,
    form: Format,
    output: Path | None,
    connection: Connection,
    wait: bool,
) -> None:
    """Show the snapshots of all three accounts.

    By default, the last 30 days, or all that an archive has.

    \b
    Examples:
      binance-wallet history
      binance-wallet history --days 7 --output week.csv
      binance-wallet history --archive --from 2025-01-01 --output years.csv
    """
    with destination(output) as file:
        found: Mapping[Account, Sequence[AccountSnapshot]]
        if archived:
            found = dict(zip(Account, archived.history([*map(_type, Account)], period), strict=True))
        else:
            period = period if any(period.values()) else {"days": 30}
            with connection.wallet() as wallet:
                found = {
                    account: patiently(partial(wallet.snapshots, _type(account), **period), wait=wait)
                    for account in Account
                }
        file.write(_told(form, found, "snapshots", output))


def _type(account: Account) -> SnapshotType:
    return cast("SnapshotType", account.name)


def _painter(plot: str | None) -> Callable[[Sequence[AccountSnapshot]], bytes] | None:
    """What is going to draw: settled before a call is spent, since the extra may be missing, or the format unknown."""
    if plot is None:
        return None
    from binance_wallet_extras.plot import PictureFormat, picture, sketch

    if plot == "-":
        width = min(shutil.get_terminal_size().columns, _WIDEST_SKETCH)
        return lambda found: sketch(found, width=width).encode()
    suffix = Path(plot).suffix[1:].lower()
    if suffix not in {*PictureFormat}:
        raise click.UsageError(f"{plot!r} is not a picture: let it end in .{', .'.join(PictureFormat)}")
    return partial(picture, format=PictureFormat(suffix))


def _told(form: Format, found: Mapping[Account, Sequence[AccountSnapshot]], kind: Kind, output: Path | None) -> bytes:
    if form is not Format.TABLE:
        return encoded(form, [snapshot for snapshots in found.values() for snapshot in snapshots], kind)
    from rich.console import Group

    from . import tables

    sheets = [tables.snapshots(account, snapshots) for account, snapshots in found.items()]
    return rendered(Group(*sheets), to_file=output is not None)
