"""`binance-wallet snapshots` and `binance-wallet history`."""

from __future__ import annotations

import shutil
from contextlib import ExitStack
from enum import StrEnum
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias, cast

import click
from click.core import ParameterSource

from binance_wallet_extras.export.prices import quote_arguments

from .archive_source import ArchiveSource, archive_options
from .each_account import ONE, Outcome, one_or_all, run_for_accounts, run_for_one
from .formats import Format, write
from .options import (
    ONE_OR_ALL,
    Connection,
    connection_options,
    enum_choice,
    file_name,
    output_options,
    period_options,
    wait_option,
)
from .output import destination
from .quoting import QuoteOptions, quote_options, say_which_days_lack_a_price
from .terminal import drawable
from .waiting import call_all, retry_after_wait

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from binance_wallet.period import Period
    from binance_wallet_client.models import AccountSnapshot, SnapshotType

    from binance_wallet_extras.export import Kind
    from binance_wallet_extras.export.prices import Quote

    from .output import Content

__all__ = ["history", "snapshots"]

_MAX_SKETCH_WIDTH: Final = 120
_TERMINAL: Final = Path("-")  # the value of `--plot` without a value


class Type(StrEnum):
    """The types of snapshots."""

    SPOT = "spot"
    MARGIN = "margin"
    FUTURES = "futures"


_Found: TypeAlias = "Mapping[str, Sequence[AccountSnapshot]]"
"""The snapshots of each type: spot, margin and futures."""

_ALONE: Final = {"--plot": "--plot=-", "--archive": "--archive=-"}


class _SnapshotsCommand(click.Command):
    """Allows `--plot` and `--archive` without a value before the type or another option."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        for index, arg in enumerate(args):
            following = args[index + 1] if index + 1 < len(args) else "--"
            is_value = following == "-" or not (following.startswith("-") or following in {*Type})
            if arg in _ALONE and not is_value:
                args = [*args[:index], _ALONE[arg], *args[index + 1 :]]
        return super().parse_args(ctx, args)


@click.command(cls=_SnapshotsCommand)
@click.argument("type_", metavar="TYPE", **enum_choice(Type, "a type"))
@archive_options
@quote_options
@period_options
@click.option(
    "--plot",
    type=file_name,
    metavar="[FILE]",
    help="Draw the value over time instead of the table; with FILE (.png, .svg, .html), as a picture.",
)
@output_options
@connection_options("Whose key to use (see keys list), or whose records in an archive.")
@wait_option
def snapshots(
    *,
    type_: Type,
    source: ArchiveSource | None,
    quoting: QuoteOptions | None,
    period: Period,
    plot: Path | None,
    form: Format,
    output: Path | None,
    connection: Connection,
    wait: bool,
) -> None:
    """Show what spot, margin or futures held day by day.

    TYPE is spot, margin or futures. A day's snapshot is taken at its end (UTC). By default, the last 7 days, or all
    that an archive has. Totals are in BTC; with --quote, in another asset as well.

    \b
    Examples:
      binance-wallet snapshots spot --days 30 --plot
      binance-wallet snapshots spot --days 30 --plot spot.png
      binance-wallet snapshots margin --days 14 --format csv
      binance-wallet snapshots futures --days 30 --output futures.parquet
      binance-wallet snapshots spot --archive --from 2024-01-01 --plot years.png
      binance-wallet snapshots margin --archive --quote USDT
    """
    if plot == _TERMINAL and form is not Format.TABLE:
        raise click.UsageError(f"--plot without a file stands in for the table, and so cannot be {form}")
    if quoting and type_ is Type.FUTURES:
        raise click.UsageError(f"--quote: snapshots of futures have no total, and so none in {quoting.asset}")
    if plot and output and plot.resolve() == output.resolve():
        raise click.UsageError("--plot and --output name the same file")
    connection.check_one_account()

    def ask(connection: Connection) -> Sequence[AccountSnapshot]:
        with connection.wallet() as wallet:
            return retry_after_wait(partial(wallet.snapshots, _type(type_), **period), wait=wait)

    draw = _painter(plot)
    with ExitStack() as entered:
        rows = picture = None
        if plot is None or (plot != _TERMINAL and _records_are_wanted()):
            rows = entered.enter_context(destination(output))
        if plot:
            picture = entered.enter_context(destination(output if plot == _TERMINAL else plot))
        quote = quoting.quote(source) if quoting else None  # fail before a call costs weight
        found = source.snapshots(_type(type_), period) if source else run_for_one(connection, ask)
        if draw and picture:
            draw(picture, found, quote)
        if rows:
            _write(rows, form, {ONE: {type_: found}}, type_.value, quote)


@click.command()
@archive_options
@quote_options
@period_options
@output_options
@connection_options(ONE_OR_ALL)
@wait_option
def history(
    *,
    source: ArchiveSource | None,
    quoting: QuoteOptions | None,
    period: Period,
    form: Format,
    output: Path | None,
    connection: Connection,
    wait: bool,
) -> None:
    """Show the snapshots of spot, margin and futures together.

    By default, the last 30 days, or all that an archive has. Totals are in BTC; with --quote, in another asset as well.

    \b
    Examples:
      binance-wallet history
      binance-wallet history --days 7 --output week.csv
      binance-wallet history --archive --from 2025-01-01 --output years.csv
      binance-wallet history --archive --quote USDT --prices 2024.csv
      binance-wallet history --account all --output all.csv
    """

    def ask(connection: Connection) -> _Found:
        asked = period if any(period.values()) else {"days": 30}
        with connection.wallet() as wallet:
            calls = {f"{each} snapshots": partial(wallet.snapshots, _type(each), **asked) for each in Type}
            return dict(zip(map(str, Type), call_all(calls, wait=wait).values(), strict=True))

    def read(source: ArchiveSource) -> _Found:
        return dict(zip(map(str, Type), source.history([*map(_type, Type)], period), strict=True))

    outcome: Outcome[_Found] = Outcome()
    with destination(output) as content:
        quote = quoting.quote(source) if quoting else None  # fail before a call costs weight
        if source:
            found = source.read_accounts(read, "snapshots", period)
        else:
            outcome = run_for_accounts(connection, ask)
            found = outcome.found
        _write(content, form, found, "snapshots", quote)
    outcome.complain()


def _type(type_: Type) -> SnapshotType:
    return cast("SnapshotType", type_.name)


def _records_are_wanted() -> bool:
    """Whether the user asked for the records as well as for a picture."""
    source = click.get_current_context().get_parameter_source
    return any(source(name) is ParameterSource.COMMANDLINE for name in ("format_", "json_", "output"))


def _painter(plot: Path | None) -> Callable[[Content, Sequence[AccountSnapshot], Quote | None], object] | None:
    """The function that draws. Fails if the extra is missing or the format unknown, before a call costs weight."""
    if plot is None:
        return None
    from binance_wallet_extras.plot import PictureFormat, picture, sketch

    if plot == _TERMINAL:
        width = min(shutil.get_terminal_size().columns, _MAX_SKETCH_WIDTH)
        return lambda content, found, quote: content.write_text(
            drawable(sketch(found, width=width, **quote_arguments(quote)), content.encoding)
        )
    suffix = plot.suffix[1:].lower()
    if suffix not in {*PictureFormat}:
        raise click.UsageError(f"{str(plot)!r} is not a picture: let it end in .{', .'.join(PictureFormat)}")
    return lambda content, found, quote: content.write(
        picture(found, format=PictureFormat(suffix), **quote_arguments(quote))
    )


def _write(content: Content, form: Format, found: Mapping[str, _Found], kind: Kind, quote: Quote | None) -> None:
    from . import tables

    records = {name: [day for days in each.values() for day in days] for name, each in found.items()}
    write(content, form, one_or_all(records), kind, table=partial(tables.history, found, quote), quote=quote)
    if quote and form is not Format.TABLE:  # a table marks these days itself
        say_which_days_lack_a_price(quote, chain(*records.values()))
