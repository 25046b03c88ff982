"""The command: its subcommands, and its error messages."""

from __future__ import annotations

import sys
from contextlib import suppress
from importlib.metadata import version

import click
from binance_wallet.errors import InvalidRequestError, WalletError

from binance_wallet_extras.text import did_you_mean

from .archive import archive
from .balances import balances
from .commands import Commands
from .doctor import doctor
from .keys import keys
from .mcp import mcp
from .mock import mock
from .options import error_message
from .output import reason
from .prices import prices
from .report import report
from .snapshots import history, snapshots
from .terminal import one_line

__all__ = ["run"]


@click.group(cls=Commands, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--version", "show_version", is_flag=True, help="Show the version and exit.")
@click.pass_context
def app(context: click.Context, show_version: bool) -> None:
    """What your Binance wallets hold, and what your accounts were worth at the end of each of the last days.

    The key is that of an account with a name: see binance-wallet keys, and then give --account NAME or set
    BINANCE_ACCOUNT. Without a name, it comes from the environment: BINANCE_API_KEY, and BINANCE_API_SECRET or
    BINANCE_PRIVATE_KEY. A read-only key is enough.

    \b
    Examples:
      binance-wallet doctor
      binance-wallet keys add company
      binance-wallet balances --account company --quote USDT
      binance-wallet snapshots spot --days 30 --plot
      binance-wallet history --output history.csv
      binance-wallet report --output report.html
      binance-wallet archive update

    \b
    Exit codes:
      0    done
      1    something went wrong; standard error says what, in one line
      2    wrong usage, or no key, address or proxy that can be used
      130  interrupted (Ctrl-C)
    """
    if show_version:
        click.echo(f"binance-wallet {version('binance-wallet')}")
    elif context.invoked_subcommand is None:
        click.echo(context.get_help(), err=True)
        context.exit(2)


for command in (balances, snapshots, history, report, archive, keys, doctor, mcp, mock):
    app.add_command(command)
archive.add_command(prices)


def run() -> int:
    """Run the command on the process's arguments and return its exit code.

    Errors print one line to standard error. Only a bug of this program prints a traceback.
    """
    try:
        return app.main(prog_name="binance-wallet", standalone_mode=False) or 0
    except click.UsageError as error:
        message = _usage(error)
        return _complain(message if message.endswith("?") else f"{message} (see --help)", error.exit_code)
    except click.Abort:
        return 130
    except OSError as error:
        return _complain(reason(error))
    except (WalletError, ImportError) as error:
        return _complain(error_message(error), 2 if isinstance(error, InvalidRequestError) else 1)


def _usage(error: click.UsageError) -> str:
    """The message of a usage error, which is the same with every version of click."""
    match error:
        case click.NoSuchOption(ctx=click.Context() as context):
            hint = did_you_mean(error.option_name, _options(context.command, context))
            commands = context.command.commands.values() if isinstance(context.command, click.Group) else ()
            if any(error.option_name in _options(command, context) for command in commands):
                hint = ": it comes after a command"
            return f"there is no option {error.option_name}{hint}"
        case click.MissingParameter(param=click.Parameter() as parameter, ctx=click.Context() as context):
            choices = ", ".join(choice.value for choice in parameter.shell_complete(context, ""))
            return f"{_name(parameter)} is missing{f': choose {choices}' if choices else ''}"
        case click.BadParameter(param=click.Parameter() as parameter):
            return f"{_name(parameter)}: {error.message}"
    return error.message.removesuffix(".")


def _name(parameter: click.Parameter) -> str:
    return parameter.opts[0] if isinstance(parameter, click.Option) else parameter.human_readable_name


def _options(command: click.Command, context: click.Context) -> list[str]:
    return [name for option in command.get_params(context) for name in option.opts]


def _complain(message: str, code: int = 1) -> int:
    with suppress(OSError):  # standard error may be full
        print("binance-wallet:", one_line(message), file=sys.stderr)
    return code
