"""What `binance-wallet` understands."""

import os
import sys
from datetime import date
from enum import StrEnum
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, Literal, cast

import typer

from binance_wallet import WalletClient, WalletError

from .output import Format, chosen, destination, encoded, rendered

__all__ = ["run"]

app = typer.Typer(
    help="""What your Binance wallets hold, and what your accounts were worth on each of the last days.

    The key comes from the environment: BINANCE_API_KEY, and BINANCE_API_SECRET or BINANCE_PRIVATE_KEY.
    A key that may only read is all it takes.

    \b
    Examples:
      binance-wallet doctor
      binance-wallet balances --quote USDT
      binance-wallet snapshots spot --days 30 --plot
      binance-wallet history --days 30 --output history.csv
    """,
    epilog="""\b
    Exit codes:
      0    done
      1    it went wrong, and standard error says why in one line
      2    wrong usage
      130  interrupted (Ctrl-C)
    """,
    rich_markup_mode=None,  # plain text, the same everywhere
    pretty_exceptions_enable=False,  # they show local variables: secrets
)


class Account(StrEnum):
    """The accounts of which there are snapshots."""

    SPOT = "spot"
    MARGIN = "margin"
    FUTURES = "futures"


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not a date: write it as 2025-12-31") from None


FormatOption = Annotated[
    Format | None, typer.Option("--format", help="By default a table, or what the name of the output file ends in.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Short for --format json.")]
OutputOption = Annotated[
    Path | None, typer.Option("--output", "-o", help="Write to this file, whole or not at all.", dir_okay=False)
]
BaseUrlOption = Annotated[
    str | None, typer.Option(envvar="BINANCE_BASE_URL", help="The exchange, or a mock of it.", metavar="URL")
]
TimeoutOption = Annotated[float, typer.Option(help="Seconds for each call, its retries included.")]
DaysOption = Annotated[int | None, typer.Option(min=1, max=30, help="The last so many whole days.")]
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
    quote: Annotated[str, typer.Option(help="The asset to express balances in.", metavar="ASSET")] = "BTC",
    all_: Annotated[bool, typer.Option("--all", help="Inactive and empty wallets, too.")] = False,
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


@app.command()
def snapshots(
    account: Annotated[Account, typer.Argument(case_sensitive=False)],
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
    """Show what one account was worth at the end of each day, and what it held. By default the last 7 days.

    \b
    Examples:
      binance-wallet snapshots spot --days 30
      binance-wallet snapshots margin --from 2025-12-01 --to 2025-12-24 --format csv
      binance-wallet snapshots futures --days 30 --output futures.parquet
    """
    form = chosen(format_, json, output)
    period = _period(days, start, end)
    with destination(output) as file:
        with _wallet(base_url, timeout) as wallet:
            found = wallet.snapshots(account.name, **period)
        if form is Format.TABLE:
            from . import tables

            file.write(rendered(tables.snapshots(account, found), to_file=output is not None))
        else:
            file.write(encoded(form, found, account.value))


@app.command()
def mock(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Where to listen on this machine; 0: anywhere.")] = 8000,
) -> None:
    """Serve a mock exchange, to try things without a key. Says how to use it; Ctrl-C ends it."""
    from binance_wallet.mock import serve

    serve(port)


def _wallet(base_url: str | None, timeout: float) -> WalletClient:
    options: dict[str, Any] = {"timeout": timeout}
    if base_url:
        options["base_url"] = base_url
    return WalletClient.from_env(**options)


def _period(days: int | None, start: date | None, end: date | None) -> dict[str, Any]:
    if days is not None and (start or end):
        raise typer.BadParameter("give --days, or else --from and --to")
    return {"days": days, "start": start, "end": end}


def run() -> int:
    """Run the command on the process's arguments; one line on standard error, and never a traceback, for what is not
    a mistake of this program."""
    try:
        return app(prog_name="binance-wallet", standalone_mode=False) or 0
    except typer.TyperException as error:
        return _complain(f"{error.format_message()} (see --help)", error.exit_code)
    except typer.Abort:
        return 130
    except BrokenPipeError:
        # Who reads has read enough, as `head` does. Python would stumble over the pipe once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        return _complain(f"{error.filename}: {error.strerror}" if error.filename else str(error))
    except (WalletError, ImportError) as error:
        return _complain(str(error))


def _complain(message: str, code: int = 1) -> int:
    line = "".join(c if c.isprintable() else " " for c in message)  # some of it may be the exchange's words
    print(f"binance-wallet: {' '.join(line.split())}", file=sys.stderr)
    return code
