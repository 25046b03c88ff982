"""`binance-wallet keys`."""

from __future__ import annotations

import json
import sys
from getpass import getpass
from typing import TYPE_CHECKING, Final

import click
from binance_wallet.errors import AuthenticationError, InvalidRequestError, WalletError

from binance_wallet_extras.remedies import message_and_notes
from binance_wallet_extras.text import sentences

from .commands import Commands
from .doctor import Finding
from .each_account import NONE_YET, NotCalledError, for_each_account
from .options import Connection, error_message, error_message_with_remedy, exchange_options, file_name
from .output import destination, say, say_done
from .waiting import retry_after_wait

if TYPE_CHECKING:
    from pathlib import Path

    from binance_wallet_extras.accounts import Credentials, Entry

__all__ = ["keys"]

# The client's names of its options, and what a message calls them.
_NAMES: Final = {
    "api_key": "the API key",
    "api_secret": "the secret",
    "private_key": "the private key",
    "passphrase": "the passphrase",
}


@click.group(cls=Commands, no_args_is_help=False)
def keys() -> None:
    """Give accounts names, and keep their keys.

    The keys are in the system's key store. Then --account NAME uses the key of an account, and BINANCE_ACCOUNT does so
    for all commands of a shell.
    """


@keys.command()
@click.argument("name")
@click.option(
    "--private-key",
    type=file_name,
    metavar="PATH",
    help="The PEM file of an Ed25519 or RSA key, instead of a secret. It stays where it is.",
)
@click.option(
    "--no-keyring", is_flag=True, help="Keep the key in a file of mode 600, and not in the system's key store."
)
@exchange_options
def add(*, name: str, private_key: Path | None, no_keyring: bool, connection: Connection) -> None:
    """Ask for the key of an account, try it, and keep it under NAME.

    What you type is not shown. Trying the key takes one call of weight 60. A key that is refused is not kept. If
    standard input is not a terminal, its first line is the API key. The second line is the secret, or the passphrase of
    an encrypted private key.

    \b
    Examples:
      binance-wallet keys add company
      binance-wallet keys add fund --private-key fund.pem
      binance-wallet keys add server --no-keyring < server.txt
    """
    from binance_wallet_extras.accounts import add_account, named_accounts
    from binance_wallet_extras.accounts.accounts import check_new_key
    from binance_wallet_extras.accounts.config import check_new

    check_new(name, named_accounts())
    in_file = no_keyring or not _key_store_can_be_used(name)
    credentials = _ask(private_key)
    try:
        check_new_key(credentials)
        with connection.wallet(credentials) as wallet:
            retry_after_wait(wallet.balances, wait=True)
        entry = add_account(name, credentials, in_file=in_file)
    except InvalidRequestError as error:
        raise InvalidRequestError(sentences(*message_and_notes(error, _NAMES), "nothing was kept")) from None
    except WalletError as error:
        what = error_message_with_remedy(error, has_private_key=private_key is not None)
        raise WalletError(sentences(what, "nothing was kept")) from None
    say_done(f"added {_describe(name, entry)}")


@keys.command("list")
@click.option("--json", "json_", is_flag=True, help="As JSON.")
def list_(*, json_: bool) -> None:
    """List the accounts, and where the key of each is.

    It shows the type of each key, and the last four characters of the API key. It does not use the key store.

    \b
    Examples:
      binance-wallet keys list
      binance-wallet keys list --json
    """
    from binance_wallet_extras.accounts import named_accounts

    accounts = named_accounts()
    if json_:
        say(json.dumps([_facts(name, entry) for name, entry in accounts.items()], indent=2, ensure_ascii=False))
    elif accounts:
        say("\n".join(_describe(name, entry) for name, entry in accounts.items()))
    else:
        click.echo(f"binance-wallet: {NONE_YET}", err=True)


@keys.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@exchange_options
def check(*, names: tuple[str, ...], connection: Connection) -> None:
    """Try the keys of all accounts, or of some.

    Each key takes one call of weight 60, and prints one line. It says if an earlier name has the same API key. If a
    key fails, the exit code is 1.

    \b
    Examples:
      binance-wallet keys check
      binance-wallet keys check company fund
    """
    from binance_wallet_extras.accounts import AccountError, named_accounts
    from binance_wallet_extras.accounts.config import find

    accounts = named_accounts()
    if not accounts:
        raise AccountError(NONE_YET)
    chosen = {name: find(name, accounts) for name in names} or accounts
    owners: dict[str, str] = {}

    def ask(connection: Connection) -> str:
        """Call the exchange. Return the first name of the API key."""
        with connection.wallet() as wallet:
            retry_after_wait(wallet.balances, wait=True)
        return owners.setdefault(connection.key()["api_key"], connection.name)

    with destination(None) as content:  # fail now if the output cannot be written, before a call costs weight
        found = [_finding(each, result) for each, result in for_each_account(connection, chosen, ask)]
        content.write_text("".join(f"{finding}\n" for finding in found))
    click.get_current_context().exit(0 if all(finding.is_ok for finding in found) else 1)


@keys.command()
@click.argument("name")
def remove(*, name: str) -> None:
    """Forget the account NAME and its key.

    The account's records in an archive stay, and so does the file of a private key.
    """
    from binance_wallet_extras.accounts import remove_account

    left = remove_account(name)
    say_done(f"removed {name}" + (f"; its key is still in {left}" if left else ""))


def _key_store_can_be_used(name: str) -> bool:
    """True if the key store can be used; False if the user agrees to a file instead. Raises KeyStoreError."""
    from binance_wallet_extras.accounts import KeyStoreError, keystore

    try:
        keystore.probe(name)
    except KeyStoreError as error:
        if not _is_on_terminal():
            raise KeyStoreError(f"{error}; with --no-keyring, a file of mode 600 keeps the key") from None
        question = f"binance-wallet: {error}. Keep the key in a file of mode 600 instead?"
        # Not shown: a user who expects to be asked for the key may paste it here.
        choice = click.prompt(question, type=click.Choice(["y", "n"]), default="n", hide_input=True, err=True)
        if choice == "n":
            raise
        return False
    return True


def _ask(private_key: Path | None) -> Credentials:
    """Ask for the credentials: on a terminal without showing them, or else line by line from standard input."""
    from binance_wallet_extras.accounts.keyfiles import is_encrypted

    if private_key is None:
        return {"api_key": _answer("API key").strip(), "api_secret": _answer("secret").strip()}
    found: Credentials = {"api_key": "", "private_key": str(private_key)}
    is_locked = is_encrypted(private_key)
    found["api_key"] = _answer("API key").strip()
    if is_locked:
        found["passphrase"] = _answer(f"passphrase of {private_key}")
    return found


def _answer(what: str) -> str:
    if _is_on_terminal():
        return getpass(f"The {what} (it is not shown): ")
    try:
        line = sys.stdin.readline() if sys.stdin else ""
    except UnicodeDecodeError:
        raise click.UsageError("standard input is not text") from None
    if not line.strip():
        raise click.UsageError(f"standard input has no line with the {what}")
    return line.rstrip("\r\n")


def _is_on_terminal() -> bool:
    return sys.stdin is not None and sys.stdin.isatty()


def _finding(connection: Connection, result: str | WalletError) -> Finding:
    """Whether the exchange accepts the key of an account. The result is the first name of the API key, or an error."""
    name = connection.name
    if isinstance(result, str):
        remark = "" if result == name else f", which {result} has, too"
        return Finding(name, True, f"the exchange accepts the key{remark}")
    if isinstance(result, NotCalledError):
        return Finding(name, None, str(result))
    if isinstance(result, InvalidRequestError):  # its message says what to do
        return Finding(name, False, error_message(result))
    # Without a response about the key, its state is unknown.
    is_ok = False if isinstance(result, AuthenticationError) else None
    return Finding(name, is_ok, error_message_with_remedy(result, has_private_key=connection.has_private_key))


def _facts(name: str, entry: Entry) -> dict[str, str | None]:
    from binance_wallet_extras.accounts import InFile
    from binance_wallet_extras.accounts.accounts import key_type_and_ending

    source, file = ("env-file", str(entry.file)) if isinstance(entry, InFile) else ("keyring", entry.private_key)
    type_ = ending = problem = None
    try:
        type_, ending = key_type_and_ending(name, entry)
    except InvalidRequestError as error:
        problem = error_message(error)
    return {"account": name, "type": type_, "api_key_ends": ending, "source": source, "file": file, "problem": problem}


def _describe(name: str, entry: Entry) -> str:
    """An account in one line."""
    found = _facts(name, entry)
    if found["problem"]:
        return f"{name}: {found['problem']}"
    places = (["the key store"] if found["source"] == "keyring" else []) + ([found["file"]] if found["file"] else [])
    return f"{name}: {found['type']} key …{found['api_key_ends']}, in {' and '.join(places)}"
