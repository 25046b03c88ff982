"""Options that several commands share. Each decorator adds options to a command, and passes their values on."""

from __future__ import annotations

import logging
import math
import os
import re
import stat
import time
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import quote

import click
from attrs import evolve, field, frozen
from binance_wallet import AsyncWalletClient, WalletClient
from binance_wallet.errors import ApiError, AuthenticationError, InvalidRequestError, NetworkError, WalletError
from click.core import ParameterSource

from binance_wallet_extras.export import ExportError
from binance_wallet_extras.files import stat_of
from binance_wallet_extras.names import ALL
from binance_wallet_extras.remedies import message_and_notes, remedy
from binance_wallet_extras.text import asset as as_written
from binance_wallet_extras.text import first_few, sentences

from .formats import Format, chosen
from .waiting import show_waits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from enum import StrEnum

    from binance_wallet.period import Period

    from binance_wallet_extras.accounts import Credentials

__all__ = [
    "ONE_OR_ALL",
    "Connection",
    "account_name",
    "account_option",
    "asset",
    "budget_of_this_user",
    "call_error_message",
    "connection_options",
    "enum_choice",
    "error_message",
    "error_message_with_remedy",
    "exchange_options",
    "file_name",
    "output_options",
    "period_options",
    "seconds",
    "url_or_path",
    "wait_option",
    "whole_number",
]

Command = TypeVar("Command", bound="Callable[..., None]")
E = TypeVar("E", bound="StrEnum")

_MAX_DAYS: Final = 30  # that the exchange serves
_LONG_WAIT: Final = 60.0  # seconds: a message says when such a wait ends

# Parsers of values. They raise `click.BadParameter` with messages of our own: click's change with its versions.


def enum_choice(choices: type[E], words: str) -> dict[str, Any]:
    """The type of an option or argument that takes a member of an enumeration, in upper or lower case."""

    def parse(value: str) -> E:
        try:
            return choices(value.lower())
        except ValueError:
            raise click.BadParameter(f"{value!r} is not {words}: choose {', '.join(choices)}") from None

    def complete(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
        return [choice for choice in choices if choice.startswith(incomplete.lower())]

    return {"type": parse, "shell_complete": complete}


def whole_number(minimum: int, maximum: int | None = None) -> Callable[[str | int], int]:
    """Return a parser of whole numbers, as strict as the client."""
    allowed = f"of at least {minimum}" if maximum is None else f"from {minimum} to {maximum}"

    def parse(value: str | int) -> int:
        text = str(value)  # a default is a number already
        digits = text.isascii() and text.isdecimal() and len(text) < 10
        if not digits or int(text) < minimum or (maximum is not None and int(text) > maximum):
            raise click.BadParameter(f"{text!r} is not a whole number {allowed}")
        return int(text)

    return parse


def _day(value: str) -> date:
    try:
        day = date.fromisoformat(value)
    except ValueError:
        raise click.BadParameter(f"{value!r} is not a date: write it as 2025-12-31") from None
    if day > (today := datetime.now(UTC).date()):
        raise click.BadParameter(f"{day} is in the future: by this machine's clock, today is {today} (UTC)")
    return day


def file_name(value: str) -> Path:
    """The path of a file. A `~` that the shell has left is the home directory, as after `--output=`."""
    if value.startswith("="):
        raise click.BadParameter(f"{value!r} begins with '=': write a space in its place, or ./ before it")
    try:
        path = Path(value).expanduser()
    except RuntimeError:
        raise click.BadParameter(f"{value!r}: there is no such home directory") from None
    found = stat_of(path)
    if not path.name or value.endswith("/") or (found and stat.S_ISDIR(found.st_mode)):
        raise click.BadParameter(f"{value!r} is not the name of a file")
    return path


def asset(value: str) -> str:
    """An asset's name, as the exchange writes it."""
    if not value:  # perhaps it comes from a variable that is not set
        raise click.BadParameter("it is empty")
    return as_written(value)


class _UrlOrPath(click.ParamType):  # type: ignore[type-arg]  # generic in newer versions of click
    """A path or a URL. Its password may come from the environment, but not from an argument."""

    name = "url_or_path"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if not value:  # perhaps it comes from a variable that is not set
            raise click.BadParameter("it is empty")
        if param and param.name and ctx and ctx.get_parameter_source(param.name) is ParameterSource.COMMANDLINE:
            _check_argument(param.opts[0], value)
        return value


url_or_path: Final = _UrlOrPath()

# A password in a URL, with or without its scheme, percent-encoded or not; or a password in a parameter.
_PASSWORD: Final = re.compile(
    r"^(?:[\w+.-]+://[^/?#:@]*:|[^/?#:@]+:(?!/)).+@|pass(?:word|wd|phrase)?\s*=.", re.IGNORECASE | re.DOTALL
)
_INSTEAD: Final = {
    "--archive": "set BINANCE_ARCHIVE, or name a file with the password in PGPASSFILE",
    "--budget": "set BINANCE_BUDGET",
}


def _check_argument(option: str, value: str) -> None:
    if _PASSWORD.search(value):
        problem = "all users of this machine can see a password in an argument, in the list of processes"
        raise click.BadParameter(f"{problem}: {_INSTEAD[option]}")


def seconds(value: str | float) -> float:
    try:
        return float(value)
    except ValueError:
        raise click.BadParameter(f"{value!r} is not a number of seconds") from None


# Groups of options.


@frozen
class Connection:
    """The options of a client, for one account or for all: exchange, timeout, budget and key."""

    base_url: str | None
    timeout: float
    budget: str | None
    """A URL, or "none"; without one, it is that of this user."""
    verbose: bool = False
    account: str | None = None
    """The name of the account whose key is used, or `ALL`; without one, the key comes from the environment."""
    credentials: Credentials | None = field(default=None, repr=False)
    """The account's key, if it has been read."""

    def for_account(self, account: str | None, credentials: Credentials | None = None) -> Connection:
        """The same with the key of another account."""
        return evolve(self, account=account, credentials=credentials)

    @property
    def name(self) -> str:
        """The name under which an archive records the account."""
        return self.account or "main"

    @property
    def is_for_all_accounts(self) -> bool:
        """Whether this stands for all named accounts: see `run_for_accounts`."""
        return self.account == ALL

    def check_one_account(self) -> None:
        """Raise click.UsageError if this stands for all accounts."""
        if self.is_for_all_accounts:
            raise click.UsageError(
                f"--account {ALL} is for balances, history, report, archive update and archive status"
            )

    @property
    def has_private_key(self) -> bool:
        """Whether the key is an Ed25519 or RSA key. Raises AccountError."""
        if self.credentials:
            return "private_key" in self.credentials
        if self.account is None:
            return bool(os.environ.get("BINANCE_PRIVATE_KEY"))
        from binance_wallet_extras.accounts.accounts import key_type_and_ending
        from binance_wallet_extras.accounts.config import find, named_accounts

        return key_type_and_ending(self.account, find(self.account, named_accounts()))[0] != "HMAC"

    @contextmanager
    def wallet(self, credentials: Credentials | None = None) -> Iterator[WalletClient]:
        """Make a client with the account's key, or with given credentials, and show its waits.

        Raises InvalidRequestError where no client can be made.
        """
        key: Mapping[str, Any] = credentials or self.key()
        with self._options() as options, WalletClient.from_env(**key, **options) as wallet:
            yield wallet

    @contextmanager
    def async_wallets(self, accounts: Iterable[str | None], *, wait: float) -> Iterator[list[AsyncWalletClient]]:
        """Make async clients for several accounts, and show their waits. The caller closes the clients.

        A call may wait `wait` seconds for request weight. Raises AccountError if two accounts have the same API key.
        """
        from binance_wallet_extras.accounts import AccountError
        from binance_wallet_extras.accounts.accounts import check_api_key_is_unused

        keys = []
        owners: dict[str, str] = {}
        for account in accounts:
            keys.append(key := self.for_account(account).key())
            if account is not None:
                try:
                    check_api_key_is_unused(key["api_key"], owners)
                except AccountError as error:
                    raise AccountError(f"{account}: {error}") from None
                owners[key["api_key"]] = account
        with self._options() as options:
            yield [AsyncWalletClient.from_env(wait=wait, **key, **options) for key in keys]

    @contextmanager
    def _options(self) -> Iterator[dict[str, Any]]:
        """The options of a client, and a context in which its waits are shown."""
        with show_waits() as show_attempt:
            options: dict[str, Any] = {"timeout": self.timeout, "budget": self._budget()}
            if self.base_url is not None:
                options["base_url"] = self.base_url
            if self.verbose:
                options["on_attempt"] = show_attempt
            yield options

    def key(self) -> Mapping[str, Any]:
        """The credentials of the account, or none if they come from the environment."""
        if self.credentials:
            return self.credentials
        if self.account is None:
            _check_key()
            return {}
        from binance_wallet_extras.accounts.accounts import credentials_of

        self.check_one_account()
        return credentials_of(self.account)

    def _budget(self) -> str | None:
        if self.budget == "none":
            return None
        try:
            return self.budget or budget_of_this_user()
        except OSError as error:
            logging.getLogger("binance_wallet").warning("the request weight is counted in this process only: %s", error)
            return None


def budget_of_this_user() -> str:
    """The URL of the budget that all commands of a user share.

    Raises OSError if its directory cannot be made.
    """
    from platformdirs import user_state_path

    directory = user_state_path("binance-wallet", appauthor=False, ensure_exists=True)
    return f"sqlite:///{quote(directory.as_posix())}/budget.db"


def _check_key() -> None:
    api_key, api_secret, private_key = (
        os.environ.get(name) for name in ("BINANCE_API_KEY", "BINANCE_API_SECRET", "BINANCE_PRIVATE_KEY")
    )
    if not api_key:
        from binance_wallet_extras.accounts.config import named_accounts

        known = named_accounts()
        advice = f"give --account ({first_few(known)})" if known else "keep one with binance-wallet keys add NAME"
        raise InvalidRequestError(f"there is no API key: {advice}, or set BINANCE_API_KEY")
    if not api_secret and not private_key:
        raise InvalidRequestError("there is no secret for the API key: set BINANCE_API_SECRET or BINANCE_PRIVATE_KEY")
    if api_secret and private_key:
        raise InvalidRequestError("BINANCE_API_SECRET and BINANCE_PRIVATE_KEY are both set: unset one of them")


# The client's names of its options, and those of the command.
_OPTION_NAMES: Final = {
    "start": "--from",
    "end": "--to",
    "timeout": "--timeout",
    "budget": "--budget (BINANCE_BUDGET)",
    "base_url": "--base-url (BINANCE_BASE_URL)",
    "quote_asset": "--quote",
    "api_key": "BINANCE_API_KEY",
    "api_secret": "BINANCE_API_SECRET",
    "private_key": "BINANCE_PRIVATE_KEY",
    "passphrase": "BINANCE_PRIVATE_KEY_PASSPHRASE",
}


def error_message(error: Exception) -> str:
    """The message of an error and its notes, with the names of the command's options and variables."""
    message, *notes = message_and_notes(error, _OPTION_NAMES)
    return sentences(_complete_message(message, error), *notes)


def error_message_with_remedy(error: WalletError, *, has_private_key: bool = False) -> str:
    """`error_message`, and what the user can do."""
    _, advice = remedy(error, has_private_key=has_private_key)
    return sentences(error_message(error), advice)


def call_error_message(error: WalletError, connection: Connection) -> str:
    """The message of an error of a call; with a remedy if no response came or the key was refused."""
    if isinstance(error, AuthenticationError):
        return error_message_with_remedy(error, has_private_key=connection.has_private_key)
    return error_message_with_remedy(error) if isinstance(error, NetworkError) else error_message(error)


def _complete_message(message: str, error: Exception) -> str:
    if isinstance(error, InvalidRequestError):
        return f"{message}; or none" if str(error).startswith("budget must be of the form") else message
    if isinstance(error, ExportError):
        return message.replace("use floats=True, or rows()", "write csv, json or ndjson, which have no limit")
    if isinstance(error, ApiError) and error.retry_after is not None and error.retry_after >= _LONG_WAIT:
        return f"{message}, {_moment(error.retry_after)}"
    return message


def _moment(seconds: float) -> str:
    """The time after this many seconds: in the user's time zone and in UTC."""
    moment = datetime.fromtimestamp(math.ceil(time.time() + seconds), UTC)
    return f"at {moment.astimezone():%Y-%m-%d %H:%M:%S} local time ({moment:%Y-%m-%d %H:%M:%S} UTC)"


wait_option = click.option(
    "--wait/--no-wait",
    default=True,
    help="Wait up to ten minutes for request weight (default), or exit with 1 if that takes longer than --timeout.",
)


def account_name(value: str) -> str:
    if not value:  # perhaps it comes from a variable that is not set
        raise click.BadParameter("it is empty")
    return value


def account_option(whose: str) -> Callable[[Command], Command]:
    """Pass on `account_name`: `--account`. `whose` is its help."""
    return click.option(
        "--account",
        "account_name",
        type=account_name,
        envvar="BINANCE_ACCOUNT",
        show_envvar=True,
        metavar="NAME",
        help=whose,
    )


ONE_OR_ALL: Final = "Whose key to use (see keys list), and whose records in an archive; or all."


def connection_options(whose: str) -> Callable[[Command], Command]:
    """Pass on `connection`: `--account`, whose help is `whose`, and the options of `exchange_options`."""
    return lambda command: account_option(whose)(exchange_options(command))


def exchange_options(command: Command) -> Command:
    """Pass on `connection`: `--base-url`, `--timeout`, `--budget`, `--verbose`."""

    @click.option(
        "--base-url", envvar="BINANCE_BASE_URL", show_envvar=True, metavar="URL", help="The exchange, or a mock of it."
    )
    @click.option(
        "--timeout",
        type=seconds,
        default=10.0,
        show_default=True,
        metavar="SECONDS",
        help="For each call, retries included.",
    )
    @click.option(
        "--budget",
        envvar="BINANCE_BUDGET",
        type=url_or_path,
        show_envvar=True,
        metavar="URL",
        help="Where request weight is counted: sqlite:///PATH, redis://HOST, or none; by default in a file of yours.",
    )
    @click.option("--verbose", "-v", is_flag=True, help="Show each attempt and each wait on standard error.")
    @wraps(command)
    def wrapper(
        *,
        base_url: str | None,
        timeout: float,
        budget: str | None,
        verbose: bool,
        account_name: str | None = None,
        **rest: Any,
    ) -> None:
        command(connection=Connection(base_url, timeout, budget, verbose, account_name), **rest)

    return wrapper  # type: ignore[return-value]


def output_options(command: Command) -> Command:
    """Pass on `form` and `output`: `--format`, `--json`, `--output`."""

    @click.option(
        "--format",
        "format_",
        **enum_choice(Format, "a format"),
        metavar="FORMAT",
        help=f"{', '.join(Format)}; by default a table, or what the name of the output file ends in.",
    )
    @click.option("--json", "json_", is_flag=True, help="Short for --format json.")
    @click.option(
        "--output",
        "-o",
        type=file_name,
        metavar="FILE",
        help="Write to this file, atomically.",
    )
    @wraps(command)
    def wrapper(*, format_: Format | None, json_: bool, output: Path | None, **rest: Any) -> None:
        command(form=chosen(format_, json_, output), output=output, **rest)

    return wrapper  # type: ignore[return-value]


def period_options(command: Command) -> Command:
    """Pass on `period`: `--days`, `--from`, `--to`. Use it below `archive_options`."""

    @click.option("--days", type=whole_number(1), metavar="N", help="The last N days; without --archive, up to 30.")
    @click.option("--from", "start", type=_day, metavar="DATE", help="The first day (UTC).")
    @click.option("--to", "end", type=_day, metavar="DATE", help="The last day (UTC).")
    @wraps(command)
    def wrapper(*, days: int | None, start: date | None, end: date | None, **rest: Any) -> None:
        if days and (start or end):
            raise click.UsageError("give --days, or else --from and --to")
        if days and days > _MAX_DAYS and not rest["source"]:
            raise click.UsageError(
                f"--days: the exchange serves {_MAX_DAYS} days at most, not {days}: give --archive for more"
            )
        period: Period = {"days": days, "start": start, "end": end}
        command(period=period, **rest)

    return wrapper  # type: ignore[return-value]
