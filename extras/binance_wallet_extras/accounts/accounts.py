"""Use a named account, add one, remove one."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Final, Unpack

import msgspec
from binance_wallet import AsyncWalletClient, WalletClient
from binance_wallet.errors import InvalidRequestError
from binance_wallet.options import ConnectionOptions, credential, forgets_arguments, signer

from binance_wallet_extras.remedies import message_and_notes

from . import keyfiles, keystore
from .config import Entry, InFile, InKeyStore, check_new, editing, find, named_accounts
from .credentials import Credentials, KeyType, api_key_ending, key_type
from .errors import AccountError, KeyStoreError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from httpx2 import AsyncBaseTransport, BaseTransport

__all__ = [
    "add_account",
    "check_api_key_is_unused",
    "check_new_key",
    "credentials_of",
    "key_files",
    "key_type_and_ending",
    "open_account",
    "open_async_account",
    "read_credentials",
    "remove_account",
]

# The client's names of its options, and what a message calls them.
_NAMES: Final = {
    "api_key": "its API key",
    "api_secret": "its secret",
    "private_key": "its private key",
    "the passphrase": "its passphrase",
    "passphrase": "its passphrase",
}


@forgets_arguments
def open_account(name: str, **options: Unpack[ConnectionOptions[BaseTransport]]) -> WalletClient:
    """Make a client for a named account: `with open_account("company") as wallet`.

    Args:
        name: The account's name: see `named_accounts`.
        **options: Options of `WalletClient`, apart from the key. As with `from_env`, `base_url` and `budget` may come
            from BINANCE_BASE_URL and BINANCE_BUDGET.

    Raises:
        UnknownAccountError: There is no such account.
        KeyStoreError: The key store cannot be used, or the user did not unlock it.
        AccountError: The account has no usable key, or other users may read its file.
        InvalidRequestError: An option is not allowed.

    """
    return WalletClient.from_env(**credentials_of(name), **options)


@forgets_arguments
def open_async_account(name: str, **options: Unpack[ConnectionOptions[AsyncBaseTransport]]) -> AsyncWalletClient:
    """`open_account` for async code: `async with open_async_account("company") as wallet`.

    Arguments and errors are those of `open_account`. It blocks while the system asks the user to unlock the key store.
    If that may happen, run it in a thread: `await asyncio.to_thread(open_async_account, "company")`.
    """
    return AsyncWalletClient.from_env(**credentials_of(name), **options)


@forgets_arguments
def credentials_of(name: str) -> Credentials:
    """The credentials of an account. Raises AccountError if they are missing or cannot be used."""
    return read_credentials(name, find(name, named_accounts()))


@forgets_arguments
def read_credentials(name: str, entry: Entry) -> Credentials:
    """`credentials_of`, for an entry of `accounts.toml`."""
    found: Credentials = _in_file_or_key_store(name, entry)
    if isinstance(entry, InKeyStore) and entry.private_key is not None:
        keyfiles.check_private_key(entry.private_key)
        found = {**found, "private_key": entry.private_key}
    try:
        credential("api_key", found["api_key"])
        signer(found.get("api_secret"), found.get("private_key"), found.get("passphrase"))
    except InvalidRequestError as error:
        why = ", ".join(message_and_notes(error, _NAMES))
        raise AccountError(f"the key of the account {name!r} cannot be used: {why}") from None
    return found


@forgets_arguments
def check_new_key(given: Credentials) -> None:
    """Raise AccountError if an account has this API key already.

    The key store is used only for an account whose API key ends with the same characters. Raises KeyStoreError.
    """
    owners: dict[str, str] = {}
    for name, entry in named_accounts().items():
        if isinstance(entry, InKeyStore) and entry.api_key_ends != api_key_ending(given):
            continue
        try:
            owners[_in_file_or_key_store(name, entry)["api_key"]] = name
        except KeyStoreError:
            raise
        except AccountError:
            continue  # an account without a readable key owns none
    check_api_key_is_unused(given["api_key"], owners)


@forgets_arguments
def check_api_key_is_unused(api_key: str, owners: Mapping[str, str]) -> None:
    """Raise AccountError if an account has this API key already: the key would be counted twice.

    `owners` are the names of accounts by API key.
    """
    if owner := owners.get(api_key):
        raise AccountError(f"the account {owner!r} has this API key already, and would be counted twice")


@forgets_arguments
def key_type_and_ending(name: str, entry: Entry) -> tuple[KeyType, str]:
    """The type of an account's key, and the last characters of its API key. The key store is not used.

    Raises AccountError if the key is in a file that cannot be read.
    """
    if isinstance(entry, InKeyStore):
        return entry.type, entry.api_key_ends
    found = read_credentials(name, entry)
    return key_type(found), api_key_ending(found)


@forgets_arguments
def add_account(name: str, given: Credentials, *, in_file: bool = False) -> Entry:
    """Keep the credentials of a new account in the key store, or in a file that only this user may read.

    A private key stays in its file: only its path is kept. The exchange is not called.

    Args:
        name: The account's name.
        given: `api_key` with `api_secret`; or `api_key` with `private_key`, which is the path of a file, and with
            `passphrase` if that file is encrypted.
        in_file: Whether to use a file instead of the key store.

    Returns:
        Where the key is kept.

    Raises:
        KeyStoreError: The key store cannot be used. Nothing was kept.
        AccountError: The name is taken or not allowed; another account has this API key; other users may read the
            file of the private key; or a file cannot be written. Nothing was kept.
        InvalidRequestError: The private key cannot be used. Nothing was kept.

    """
    kept = given.copy()
    private_key = kept.pop("private_key", None)
    if private_key is not None:
        private_key = str(Path(private_key).expanduser().absolute())
        keyfiles.check_private_key(private_key)
        given = {**given, "private_key": private_key}
    entry: Entry
    with ExitStack() as undone:
        with editing() as document:
            check_new(name, document)
            check_new_key(given)
            if in_file:
                entry = InFile(_own_file(name))
                keyfiles.write(entry.file, given)
                undone.callback(entry.file.unlink)
            else:
                entry = InKeyStore(key_type(given), api_key_ending(given), private_key)
                keystore.put(name, kept)
                undone.callback(keystore.delete, name)
            document[name] = msgspec.to_builtins(entry)
        undone.pop_all()
    return entry


def remove_account(name: str) -> Path | None:
    """Remove an account and its credentials.

    The file of a private key stays, and so does an env file that `add_account` did not make.

    Returns:
        The env file that stays; None if there is none.

    Raises:
        UnknownAccountError: There is no such account.
        KeyStoreError: The key store cannot be used. Nothing was removed.
        AccountError: A file cannot be written. The key may be gone: remove the account again.

    """
    with editing() as document:
        entry = find(name, named_accounts())
        del document[name]
        if isinstance(entry, InKeyStore):
            keystore.delete(name)
            return None
        if entry.path != _own_file(name):
            return entry.file
        entry.file.unlink(missing_ok=True)
        return None


def key_files() -> list[Path]:
    """The files that hold the keys of named accounts. Raises AccountError."""
    accounts = named_accounts().values()
    files = [Path(each.private_key) for each in accounts if isinstance(each, InKeyStore) and each.private_key]
    return files + [each.file for each in accounts if isinstance(each, InFile)]


def _in_file_or_key_store(name: str, entry: Entry) -> Credentials:
    """The credentials in the env file or the key store, without what only `accounts.toml` has."""
    return keyfiles.read(entry.file) if isinstance(entry, InFile) else keystore.get(name)


def _own_file(name: str) -> str:
    """The path of the env file that we make for an account, relative to the folder of `accounts.toml`."""
    return f"keys/{name}.env"
