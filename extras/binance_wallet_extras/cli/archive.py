"""`binance-wallet archive`."""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, cast

import click
from attrs import asdict
from binance_wallet.errors import BannedError, InvalidRequestError, NetworkError, WalletError
from binance_wallet_client.model import plain

from binance_wallet_extras.names import ALL
from binance_wallet_extras.text import plural

from .archive_source import open_archive
from .commands import Commands
from .each_account import PartialFailureError, run_for_accounts
from .options import (
    ONE_OR_ALL,
    Connection,
    account_option,
    asset,
    call_error_message,
    connection_options,
    enum_choice,
    url_or_path,
    wait_option,
)
from .output import destination, reason, render, say, say_done
from .snapshots import Type
from .waiting import retry_after_wait

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date

    from binance_wallet_client.models import SnapshotType

    from binance_wallet_extras.archive import Archive

__all__ = ["archive", "archive_option", "span"]

_WHOLE_MONTH = 30  # days

archive_option = click.option(
    "--archive",
    "url",
    type=url_or_path,
    metavar="URL",
    help="A SQLite file or a PostgreSQL URL; by default BINANCE_ARCHIVE, or a file in the user's data directory.",
)


@click.group(cls=Commands, no_args_is_help=False)
def archive() -> None:
    """Keep snapshots and balances for good.

    The exchange serves daily snapshots for one month, and past balances not at all. Run `binance-wallet archive update`
    once a day; then snapshots, history, balances and report read years with --archive.
    """


@archive.command()
@click.argument("types", nargs=-1, metavar="[spot] [margin] [futures]", **enum_choice(Type, "a type"))
@archive_option
@click.option(
    "--quote", type=asset, metavar="ASSET", default="USDT", show_default=True, help="What to express balances in."
)
@click.option("--no-balances", is_flag=True, help="Record no balances.")
@click.option(
    "--no-create", is_flag=True, help="Fail if the archive or the account does not exist, instead of making it."
)
@connection_options(ONE_OR_ALL)
@wait_option
def update(
    *,
    types: tuple[Type, ...],
    url: str | None,
    quote: str,
    no_balances: bool,
    no_create: bool,
    connection: Connection,
    wait: bool,
) -> None:
    """Record the days that are missing, and the current balances.

    By default, it updates spot, margin and futures. It makes one call for each type that lacks a day. It makes one more
    if no other call shows the exchange's date, or shows that the key belongs to the recorded account. If a call fails,
    the others are still made, unless the exchange cannot be reached or bans the address, or the key belongs to another
    account. Run it as often as you like, even several at the same time. If it is killed, the next run completes the
    archive. With --account all, it updates one account after the other.

    With the balances, it records what each wallet holds. One more call records what one BTC is worth.

    \b
    Exit codes:
      0    every day up to yesterday is recorded, apart from those that are lost
      1    a day is missing that the exchange does not serve yet, or something went wrong

    \b
    Examples:
      binance-wallet archive update
      binance-wallet archive update spot --no-balances
      binance-wallet archive update --archive postgresql://me@db.example/wallets --account fund
      binance-wallet archive update --account all --no-create
    """
    with open_archive(url, create=not no_create) as opened:
        work = partial(
            _update,
            opened,
            types=types or tuple(Type),
            quote=None if no_balances else quote,
            no_create=no_create,
            wait=wait,
        )
        run_for_accounts(connection, work).complain()


@archive.command()
@archive_option
@account_option("Whose records; by default, or with all, those of all accounts.")
@click.option("--json", "json_", is_flag=True, help="As JSON instead of a table.")
def status(*, url: str | None, account_name: str | None, json_: bool) -> None:
    """Show what is recorded, and which days are missing.

    The first line is the path of the archive, or its database. A missing day is pending (the next update asks for it)
    or lost (the exchange serves it no longer).

    \b
    Examples:
      binance-wallet archive status
      binance-wallet archive status --account fund --json
    """
    name = None if account_name == ALL else account_name
    with open_archive(url) as opened:
        found, balances, prices = (
            opened.status(name),
            opened.balances_status(name),
            opened.prices_status(),
        )
    with destination(None) as file:
        if json_:
            days = [asdict(each) | {"type": each.type.lower()} for each in found]
            shown = {"snapshots": days, "balances": [*map(asdict, balances)], "prices": [*map(asdict, prices)]}
            file.write(json.dumps(shown, default=plain, indent=2).encode() + b"\n")
        else:
            from . import tables

            file.write(render(tables.archive_status(opened.name, found, balances, prices), to_file=False))


@archive.command()
@archive_option
def check(*, url: str | None) -> None:
    """Look for damage in all that is recorded.

    Each record is compared with its digest and with the tables for SQL, and the database checks itself. If the archive
    is damaged, the exit code is 1: go back to a copy.
    """
    from binance_wallet_extras.archive import ArchiveError

    with open_archive(url) as opened:
        found, accounts = opened.check(), opened.accounts()
    if found:
        problems = [f"the archive {opened.name} is damaged: go back to a copy"]
        with _output_error_added(problems):
            for line in found:
                say(line)
        raise ArchiveError("; ".join(problems))
    days, moments = sum(each.days for each in accounts), sum(each.balances for each in accounts)
    say(f"nothing is damaged: {plural(days)}, {plural(moments, 'record')} of balances")


@archive.group(cls=Commands, invoke_without_command=True)
@archive_option
@click.pass_context
def accounts(context: click.Context, /, *, url: str | None) -> None:
    """List the accounts; rename or remove one.

    \b
    Examples:
      binance-wallet archive accounts
      binance-wallet archive accounts rename mian main
      binance-wallet archive accounts remove test
    """
    context.obj = url
    if context.invoked_subcommand is None:
        with open_archive(url) as opened:
            for each in opened.accounts():
                say(f"{each.name}: {plural(each.days)}, {plural(each.balances, 'record')} of balances")


@accounts.command()
@click.argument("name")
@click.argument("new")
@archive_option
@click.pass_obj
def rename(outer: str | None, /, *, name: str, new: str, url: str | None) -> None:
    """Give the account NAME the name NEW."""
    with open_archive(url or outer) as opened:
        opened.rename_account(name, new)
    say_done(f"{name} is {new} now")


@accounts.command()
@click.argument("name")
@archive_option
@click.pass_obj
def remove(outer: str | None, /, *, name: str, url: str | None) -> None:
    """Remove all that is recorded of the account NAME, after a copy of the archive."""
    with open_archive(url or outer) as opened:
        copy = opened.remove_account(name)
    say_done(f"removed {name}; a copy of all before that: {copy}")


def _update(
    opened: Archive,
    connection: Connection,
    *,
    types: tuple[Type, ...],
    quote: str | None,
    no_create: bool,
    wait: bool,
) -> None:
    """Update the account of one key; without balances if `quote` is None. Raises WalletError with all problems."""
    name = connection.name
    is_named = connection.account is not None
    added: list[str] = []
    recorded: dict[Type, list[date]] = {}
    before = _accounts(opened)  # fail if the archive cannot be opened, before a call costs weight
    connection = _with_key(connection, before or set())
    with connection.wallet() as wallet:
        if no_create:
            opened.status(name)

        def record_balances(asset: str) -> None:
            balances = opened.record_balances(wallet, asset, account=name)
            added.append(f"balances of all {plural(len(balances), 'wallet')} in {asset}")

        def update(type_: Type) -> None:
            days = opened.update(wallet, cast("SnapshotType", type_.name), account=name)
            added.append(f"{type_} {plural(len(days))}")
            recorded[type_] = days

        jobs: dict[str, Callable[[], None]] = {str(type_): partial(update, type_) for type_ in types}
        if quote is not None:  # last: the snapshots show whether this is the account's key, without a further call
            jobs["balances"] = partial(record_balances, quote)
        failed = _run(jobs, connection, wait=wait)
        after = _accounts(opened)
        status = opened.status(today=wallet.server_time.date()) if added else []
    problems = [f"{', '.join(names)}: {message}" for message, names in failed.items()]
    with _output_error_added(problems):
        _say_what_was_made(opened.name, name, before, after, is_named=is_named)
        if added:
            say_done(f"added to {name}: {', '.join(added)}")
    gaps = [
        (gap, f"{each.type.lower()} {span(gap.first, gap.last)}", recorded[Type[each.type]])
        for each in status
        if each.account == name and Type[each.type] in recorded
        for gap in each.gaps
    ]
    # Shown once: when the day after the gap is added.
    if lost := [days for gap, days, new in gaps if gap.lost and gap.last + timedelta(1) in new]:
        of = f"{name}: " if is_named else ""
        click.echo(f"binance-wallet: {of}lost, since the exchange serves them no longer: {', '.join(lost)}", err=True)
    # If the exchange has had no record for a month, this account is not used any more.
    missing = [days for gap, days, _ in gaps if not gap.lost and gap.days < _WHOLE_MONTH]
    if missing:
        problems.append(f"not complete, because the exchange does not serve these days yet: {', '.join(missing)}")
    if problems:
        raise (PartialFailureError if name in (after or ()) else WalletError)("; ".join(problems))


def _with_key(connection: Connection, recorded: set[str]) -> Connection:
    """The connection with the account's own key, or else with the key in the environment.

    Raises UnknownAccountError if the name may be mistyped: named accounts exist, and neither they nor the archive
    have this name.
    """
    if connection.account is None or connection.credentials:
        return connection
    from binance_wallet_extras.accounts.config import named_accounts, unknown

    named = named_accounts()
    if connection.account in named:
        return connection
    if not os.environ.get("BINANCE_API_KEY") or (named and connection.account not in recorded):
        raise unknown(connection.account, {**named, **dict.fromkeys(sorted(recorded))})
    return connection.for_account(None)


def _accounts(opened: Archive) -> set[str] | None:
    """The names of the accounts, or None if the archive does not exist yet. Raises ArchiveError."""
    from binance_wallet_extras.archive import NotRecordedError

    try:
        return {each.name for each in opened.accounts()}
    except NotRecordedError:
        return None


def _say_what_was_made(
    place: str, name: str, before: set[str] | None, after: set[str] | None, *, is_named: bool
) -> None:
    """Say what was made: perhaps the path or the name was mistyped, the name was forgotten, or a disk is missing."""
    if before is None and after is not None:
        say_done(f"made a new archive: {place}")
    is_new = name in (after or set()) - (before or set())
    if is_new and (is_named or before):
        say_done(f"made a new account: {name}")


@contextmanager
def _output_error_added(problems: list[str]) -> Iterator[None]:
    """Add an error of standard output to the problems, which standard error reports."""
    try:
        yield
    except OSError as error:
        problems.append(reason(error))


def _run(jobs: dict[str, Callable[[], None]], connection: Connection, *, wait: bool) -> dict[str, list[str]]:
    """Run the jobs until a ban or the key of another account. Return the names of those that failed, by message.

    Raises NetworkError if already the first cannot reach the exchange.
    """
    from binance_wallet_extras.archive import OtherAccountError

    failed: dict[str, list[str]] = {}
    for index, (name, job) in enumerate(jobs.items()):
        try:
            retry_after_wait(job, wait=wait)
        except InvalidRequestError:
            raise  # wrong usage
        except WalletError as error:  # the next job may succeed; a day that is not recorded in time is lost
            if index == 0 and isinstance(error, NetworkError) and not error.sent:
                raise
            failed.setdefault(call_error_message(error, connection), []).append(name)
            if isinstance(error, BannedError | OtherAccountError):
                break
    return failed


def span(first: date, last: date) -> str:
    return str(first) if first == last else f"{first} to {last}"
