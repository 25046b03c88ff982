"""The file `accounts.toml`: the named accounts, and the place of each key. It holds no secret."""

from __future__ import annotations

import re
import shlex
import tomllib
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

import msgspec

from binance_wallet_extras.extra import extra
from binance_wallet_extras.files import WRITABLE_BY_OTHERS, Replacement, exposure, follow_links, make_folder
from binance_wallet_extras.names import ALL
from binance_wallet_extras.text import did_you_mean, first_few

from .credentials import KeyType  # noqa: TC001 - msgspec reads the types
from .errors import AccountError, UnknownAccountError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from tomlkit import TOMLDocument

__all__ = [
    "Entry",
    "InFile",
    "InKeyStore",
    "accounts_file",
    "check_new",
    "editing",
    "find",
    "named_accounts",
    "unknown",
]

_NAME: Final = re.compile(r"\w(?:[\w .@+-]{0,58}\w)?")
_HEADING: Final = "# The accounts of binance-wallet, and where the key of each is. No secret is in this file.\n"


class _Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, tag_field="source"):
    pass


class InKeyStore(_Entry, frozen=True, tag="keyring"):
    """An account whose key is in the system's key store."""

    type: KeyType
    """The type of the key."""
    api_key_ends: str
    """The last four characters of the API key."""
    private_key: str | None = None
    """The path of the private key's file; None for an HMAC key."""


class InFile(_Entry, frozen=True, tag="env-file"):
    """An account whose key is in an env file."""

    path: str
    """The path of the file. A relative path starts at the folder of `accounts.toml`."""

    @property
    def file(self) -> Path:
        """The file, as an absolute path."""
        return accounts_file().parent / Path(self.path).expanduser()


Entry: TypeAlias = InKeyStore | InFile


def accounts_file() -> Path:
    """The path of `accounts.toml`, in the user's configuration directory."""
    with extra("keys"):
        from platformdirs import user_config_path
    return user_config_path("binance-wallet", appauthor=False) / "accounts.toml"


def named_accounts() -> dict[str, Entry]:
    """Return the named accounts, and where the key of each is, in the order of `accounts.toml`. No secret is read.

    Raises:
        AccountError: The file is malformed or cannot be read, or other users may write it.

    """
    file = accounts_file()
    try:
        if problem := exposure(file, WRITABLE_BY_OTHERS):
            raise AccountError(f"{problem}: chmod 600 {file}")
        found = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise AccountError(f"{file}: {error.strerror}") from None
    except ValueError as error:
        raise AccountError(f"{file} is not a TOML file: {error}") from None
    return {name: _entry(file, name, fields) for name, fields in found.items()}


def find(name: str, accounts: Mapping[str, Entry]) -> Entry:
    """The account with a name. Raises UnknownAccountError."""
    if name not in accounts:
        raise unknown(name, accounts)
    return accounts[name]


def unknown(name: str, known: Collection[str]) -> UnknownAccountError:
    """The error for a name that no account has. Its message lists some that exist."""
    hint = f"choose {first_few(known)}{did_you_mean(name, known)}"
    return UnknownAccountError(
        f"there is no account {name!r}: {hint if known else f'add it with binance-wallet keys add {shlex.quote(name)}'}"
    )


def check_new(name: str, accounts: Mapping[str, object]) -> None:
    """Raise AccountError if a name is taken or not allowed."""
    if name.casefold() == ALL or not _NAME.fullmatch(name):
        raise AccountError(
            f"{name!r} is not a name for an account: use letters, digits, spaces and .@+-_, up to 60 of them, "
            f"with a letter or a digit at both ends; {ALL} stands for all accounts"
        )
    for known in accounts:
        if known.casefold() == name.casefold():  # some file systems, and people, confuse upper and lower case
            raise AccountError(f"there is an account {known!r} already: remove it first (binance-wallet keys remove)")


@contextmanager
def editing() -> Iterator[TOMLDocument]:
    """Yield the content of `accounts.toml` to change it, and write it at the end. Comments stay as they are.

    Raises AccountError on entering if the file cannot be written.
    """
    with extra("keys"):
        import tomlkit
    file = accounts_file()
    try:
        replacement = Replacement(follow_links(file))
    except OSError as error:
        raise AccountError(f"{file}: {error.strerror or error}") from None
    try:
        make_folder(file.parent)
        with _locked(file.parent):
            replacement.open()
            named_accounts()  # raises if the file is malformed: it is not overwritten
            document = tomlkit.parse(file.read_text(encoding="utf-8") if file.exists() else _HEADING)
            yield document
            replacement.write(tomlkit.dumps(document).encode())
    except OSError as error:
        raise AccountError(f"{error.filename or file}: {error.strerror or error}") from None
    finally:
        replacement.close()


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Lock the file, so that no process undoes another's change."""
    try:
        import fcntl
    except ImportError:  # Windows: two processes hardly ever add accounts at the same time
        yield
        return
    import os

    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _entry(file: Path, name: str, fields: object) -> Entry:
    if name.casefold() == ALL:
        raise AccountError(f"{file}: {ALL} stands for all accounts: give this one another name")
    try:
        entry: Entry = msgspec.convert(fields, Entry)
    except msgspec.ValidationError as error:
        raise AccountError(f"{file}: the account {name!r}: {error}") from None
    return entry
