"""What `binance-wallet` understands."""

import errno
import re
import shutil
import sys
from contextlib import ExitStack
from datetime import date
from difflib import get_close_matches
from enum import StrEnum
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer
from typer.core import TyperCommand

from binance_wallet import WalletClient
from binance_wallet.errors import InvalidRequestError, WalletError

from .output import Format, chosen, destination, encoded, printable, rendered
from .patience import patiently

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from binance_wallet_client.models import AccountSnapshot, SnapshotType

    from binance_wallet.export import Kind
    from binance_wallet.period import Period

__all__ = ["run"]

_WIDEST_SKETCH = 120
# What the library calls them, and what was typed.
_OPTIONS = {
    "start": "--from",
    "end": "--to",
    "timeout": "--timeout",
    "base_url": "--base-url (BINANCE_BASE_URL)",
    "quoteAsset": "--quote",
}

app = typer.Typer(
    help="""What your Binance wallets hold, and what your accounts were worth at the end of each of the last days.

    The key comes from the environment: BINANCE_API_KEY, and BINANCE_API_SECRET or BINANCE_PRIVATE_KEY.
    It needs no permission but to read.

    \b
    Examples:
      binance-wallet doctor
      binance-wallet balances --quote USDT
      binance-wallet snapshots spot --days 30 --plot
      binance-wallet history --output history.csv

    \b
    Exit codes:
      0    done
      1    something went wrong; standard error says what, in one line
      2    wrong usage, or no key, address or proxy that can be used
      130  interrupted (Ctrl-C)
    """,
    rich_markup_mode=None,  # plain text, the same everywhere
    pretty_exceptions_enable=False,  # they show local variables, and so secrets
)


class Account(StrEnum):
    """The accounts of which there are snapshots."""

    SPOT = "spot"
    MARGIN = "margin"
    FUTURES = "futures"


class _PlotCommand(TyperCommand):
    """Lets `--plot` stand alone, which Typer has no word for: then it means `--plot -`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        for index, arg in enumerate(args):
            following = args[index + 1] if index + 1 < len(args) else "--"
            is_value = following == "-" or not (following.startswith("-") or following in {*Account})
            if arg == "--plot" and not is_value:
                args = [*args[:index], "--plot=-", *args[index + 1 :]]
        return super().parse_args(ctx, args)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not a date: write it as 2025-12-31") from None


def _whole(least: int, most: int | None = None) -> "Callable[[str | int], int]":
    """What reads a whole number, as strictly as the library does."""
    allowed = f"of at least {least}" if most is None else f"from {least} to {most}"

    def whole(value: str | int) -> int:
        text = str(value)  # a default is a number already
        digits = text.isascii() and text.isdecimal() and len(text) < 10
        if not digits or int(text) < least or (most is not None and int(text) > most):
            raise typer.BadParameter(f"{text!r} is not a whole number {allowed}")
        return int(text)

    return whole


FormatOption = Annotated[
    Format | None, typer.Option("--format", help="By default a table, or what the name of the output file ends in.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Short for --format json.")]
OutputOption = Annotated[
    Path | None,
    typer.Option("--output", "-o", dir_okay=False, metavar="FILE", help="Write to this file, whole or not at all."),
]
BaseUrlOption = Annotated[
    str | None, typer.Option(envvar="BINANCE_BASE_URL", metavar="URL", help="The exchange, or a mock of it.")
]
TimeoutOption = Annotated[float, typer.Option(metavar="SECONDS", help="For each call, its retries included.")]
DaysOption = Annotated[
    int | None, typer.Option(parser=_whole(1, 30), metavar="N", help="The last so many days, up to 30.")
]
FromOption = Annotated[date | None, typer.Option("--from", parser=_day, metavar="DATE", help="The first day (UTC).")]
ToOption = Annotated[date | None, typer.Option("--to", parser=_day, metavar="DATE", help="The last day (UTC).")]


@app.callback(invoke_without_command=True)
def root(
    context: typer.Context,
    show_version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False,
) -> None:
    if show_version:
        print("binance-wallet", version("binance-wallet"))
        raise typer.Exit
    if context.invoked_subcommand is None:
        print(context.get_help(), file=sys.stderr)
        raise typer.Exit(2)


@app.command()
def balances(
    *,
    quote: Annotated[str, typer.Option(metavar="ASSET", help="What to express balances in.")] = "BTC",
    all_: Annotated[bool, typer.Option("--all", help="Also the wallets that are inactive or empty.")] = False,
    format_: FormatOption = None,
    json: JsonOption = False,
    output: OutputOption = None,
    base_url: BaseUrlOption = None,
    timeout: TimeoutOption = 10.0,
) -> None:
    """Show what each wallet is worth now, and all of them together.

    \b
    Examples:
      binance-wallet balances --quote USDT
      binance-wallet balances --all --json
    """
    form = chosen(format_, json, output)
    with destination(output) as file:
        with _wallet(base_url, timeout) as wallet:
            found = wallet.balances(quote)
        shown = [each for each in found if all_ or (each.activate and each.balance)]
        if form is Format.TABLE:
            from . import tables

            file.write(rendered(tables.balances(shown, quote), to_file=output is not None))
        else:
            file.write(encoded(form, shown, "balances", quote))


@app.command(cls=_PlotCommand)
def snapshots(
    account: Annotated[Account, typer.Argument(case_sensitive=False)],
    *,
    days: DaysOption = None,
    start: FromOption = None,
    end: ToOption = None,
    plot: Annotated[
        str | None,
        typer.Option(
            metavar="[FILE]",
            help="Draw the value over time instead of the table; or, with FILE (.png, .svg, .html), write a picture.",
        ),
    ] = None,
    format_: FormatOption = None,
    json: JsonOption = False,
    output: OutputOption = None,
    base_url: BaseUrlOption = None,
    timeout: TimeoutOption = 10.0,
) -> None:
    """Show what one account was worth day by day, and what it held.

    That is at the end of each day (UTC), by default of the last 7.

    \b
    Examples:
      binance-wallet snapshots spot --days 30 --plot
      binance-wallet snapshots spot --days 30 --plot spot.png
      binance-wallet snapshots margin --from 2025-12-01 --to 2025-12-24 --format csv
      binance-wallet snapshots futures --days 30 --output futures.parquet
    """
    form = chosen(format_, json, output)
    period = _period(days, start, end)
    paint = _painter(plot)
    sketched = plot == "-"
    if sketched and form is not Format.TABLE:
        raise typer.BadParameter(f"--plot without a file stands in for the table, and so cannot be {form}")
    if plot and output and Path(plot).resolve() == output.resolve():
        raise typer.BadParameter("--plot and --output name the same file")
    with ExitStack() as files:
        file = files.enter_context(destination(output))
        canvas = files.enter_context(destination(Path(plot))) if plot and not sketched else file
        with _wallet(base_url, timeout) as wallet:
            found = wallet.snapshots(_type(account), **period)
        if paint:
            canvas.write(paint(found))
        if not sketched:
            file.write(_as_told(form, {account: found}, account.value, output))


@app.command()
def history(
    *,
    days: DaysOption = None,
    start: FromOption = None,
    end: ToOption = None,
    format_: FormatOption = None,
    json: JsonOption = False,
    output: OutputOption = None,
    base_url: BaseUrlOption = None,
    timeout: TimeoutOption = 10.0,
) -> None:
    """Show the snapshots of all three accounts.

    By default of the last 30 days. Where the exchange's request weight does not suffice for three calls, this waits,
    and says how long.

    \b
    Examples:
      binance-wallet history
      binance-wallet history --days 7 --output week.csv
    """
    form = chosen(format_, json, output)
    period = _period(days, start, end) if days or start or end else {"days": 30}
    with destination(output) as file:
        with _wallet(base_url, timeout) as wallet:
            found = {
                account: patiently(f"{account} snapshots", partial(wallet.snapshots, _type(account), **period))
                for account in Account
            }
        file.write(_as_told(form, found, "snapshots", output))


@app.command()
def doctor(base_url: BaseUrlOption = None, timeout: TimeoutOption = 10.0) -> None:
    """Find out what is wrong between here and the exchange.

    It says what to do about it, and costs one call of weight 60.
    """
    from .doctor import examine

    findings = examine(lambda: _wallet(base_url, timeout))
    with destination(None) as file:
        file.write("".join(f"{finding}\n" for finding in findings).encode())
    if not all(finding.well for finding in findings):
        raise typer.Exit(1)


@app.command()
def mock(
    port: Annotated[
        int, typer.Option(parser=_whole(0, 65535), metavar="N", help="Where to listen on this machine; 0 for any.")
    ] = 8000,
    weight_limit: Annotated[
        int,
        typer.Option(parser=_whole(1), metavar="N", help="What an endpoint takes in a minute before it says 429."),
    ] = 12_000,
    minute: Annotated[
        float, typer.Option(metavar="SECONDS", min=0.1, help="The length of that minute: shorten it for tests.")
    ] = 60.0,
) -> None:
    """Serve a mock exchange, to try all this without a key.

    It says how to use it; Ctrl-C ends it.
    """
    from binance_wallet.mock import serve

    try:
        serve(port, weight_limit=weight_limit, minute=minute)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        raise OSError(error.errno, f"port {port} is taken: --port 0 takes a free one") from None


def _wallet(base_url: str | None, timeout: float) -> WalletClient:
    options: dict[str, Any] = {"base_url": base_url} if base_url else {}
    return WalletClient.from_env(timeout=timeout, **options)


def _type(account: Account) -> "SnapshotType":
    return cast("SnapshotType", account.name)


def _period(days: int | None, start: date | None, end: date | None) -> "Period":
    if days and (start or end):
        raise typer.BadParameter("give --days, or else --from and --to")
    return {"days": days, "start": start, "end": end}


def _painter(plot: str | None) -> "Callable[[Sequence[AccountSnapshot]], bytes] | None":
    """What is going to draw: settled before a call is spent, since the extra may be missing, or the format unknown."""
    if plot is None:
        return None
    from binance_wallet.plot import PictureFormat, picture, sketch

    if plot == "-":
        width = min(shutil.get_terminal_size().columns, _WIDEST_SKETCH)
        return lambda found: sketch(found, width=width).encode()
    suffix = Path(plot).suffix[1:].lower()
    if suffix not in {*PictureFormat}:
        raise typer.BadParameter(f"{plot!r} is not a picture: let it end in .{', .'.join(PictureFormat)}")
    return partial(picture, format=PictureFormat(suffix))


def _as_told(
    form: Format, found: "Mapping[Account, Sequence[AccountSnapshot]]", kind: "Kind", output: Path | None
) -> bytes:
    if form is not Format.TABLE:
        return encoded(form, [snapshot for snapshots in found.values() for snapshot in snapshots], kind)
    from rich.console import Group

    from . import tables

    both = [tables.snapshots(account, snapshots) for account, snapshots in found.items()]
    return rendered(Group(*both), to_file=output is not None)


def run() -> int:
    """Run the command on the process's arguments and return its exit code.

    What is not this program's own mistake ends in one line on standard error, never in a traceback.
    """
    try:
        return app(prog_name="binance-wallet", standalone_mode=False) or 0
    except typer.TyperException as error:
        return _complain(f"{_usage(error)} (see --help)", error.exit_code)
    except typer.Abort:
        return 130
    except OSError as error:
        return _complain(": ".join(filter(None, (error.filename, error.strerror or str(error)))))
    except InvalidRequestError as error:
        return _complain(_in_options(str(error)), 2)
    except (WalletError, ImportError) as error:
        return _complain(str(error))


def _usage(error: typer.TyperException) -> str:
    """What is wrong with the usage, without a guess at an option that nobody could have meant."""
    wrong: Any = error
    if guesses := getattr(error, "possibilities", None):
        wrong.possibilities = get_close_matches(wrong.option_name, guesses, cutoff=0.75)
    return error.format_message().removeprefix("Invalid value: ").removesuffix(".")


def _in_options(message: str) -> str:
    """What the library says of a parameter, said of the option that it was typed as."""
    name = re.compile(rf"\b({'|'.join(_OPTIONS)})\b")
    return name.sub(lambda found: _OPTIONS[found[0]], message) if name.match(message) else message


def _complain(message: str, code: int = 1) -> int:
    print("binance-wallet:", printable(message), file=sys.stderr)
    return code
