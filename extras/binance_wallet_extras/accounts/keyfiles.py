"""Files with keys: env files and private keys. Like ssh, we refuse a file that other users may read.

An env file sets variables in the syntax of a shell: BINANCE_API_KEY=… and so on. Other variables are ignored.
"""

from __future__ import annotations

import shlex
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from binance_wallet_extras.files import Replacement, exposure, make_folder, stat_of

from .errors import AccountError

if TYPE_CHECKING:
    from .credentials import Credentials

__all__ = ["check_private_key", "is_encrypted", "read", "write"]

_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
_OPTIONS: Final = {
    "BINANCE_API_KEY": "api_key",
    "BINANCE_API_SECRET": "api_secret",
    "BINANCE_PRIVATE_KEY": "private_key",
    "BINANCE_PRIVATE_KEY_PASSPHRASE": "passphrase",
}


def read(file: Path) -> Credentials:
    """The credentials in an env file. Raises AccountError."""
    _check(file)
    try:
        words = shlex.split(file.read_text(encoding="utf-8-sig"), comments=True)
    except (OSError, ValueError) as error:  # ValueError: it is not UTF-8, or a quotation mark has no partner
        why = error.strerror if isinstance(error, OSError) else "it has no variables that can be read"
        raise AccountError(f"the key file {file}: {why}") from None
    pairs = (word.partition("=") for word in words)
    found = {_OPTIONS[name]: value for name, _, value in pairs if name in _OPTIONS and value}
    if "api_key" not in found:
        raise AccountError(f"the key file {file} has no BINANCE_API_KEY")
    if ("api_secret" in found) == ("private_key" in found):
        has = "both" if "api_secret" in found else "none"
        raise AccountError(f"the key file {file} must have BINANCE_API_SECRET or BINANCE_PRIVATE_KEY, and has {has}")
    if "private_key" in found and "-----BEGIN" not in found["private_key"]:
        check_private_key(found["private_key"])
    return cast("Credentials", found)


def write(file: Path, credentials: Credentials) -> None:
    """Make an env file that only this user may read. Raises OSError, or AccountError if the file exists."""
    make_folder(file.parent)
    if file.exists():
        raise AccountError(f"there is a file {file} already: move it away")
    values = cast("dict[str, str]", credentials)
    lines = (f"{name}={shlex.quote(values[option])}\n" for name, option in _OPTIONS.items() if option in values)
    replacement = Replacement(file)
    try:
        replacement.open()
        replacement.write("".join(lines).encode())
    finally:
        replacement.close()


def check_private_key(path: str) -> None:
    """Raise AccountError if the file of a private key is missing, or other users may read or write it."""
    file = Path(path).expanduser()
    try:
        found = stat_of(file)
    except OSError as error:
        raise AccountError(f"the file of a private key {file}: {error.strerror}") from None
    if not (found and stat.S_ISREG(found.st_mode)):
        raise AccountError(f"there is no file of a private key at {file}")
    _check(file)


def is_encrypted(private_key: Path) -> bool:
    """Whether the file of a private key is encrypted. Raises AccountError, or OSError."""
    check_private_key(str(private_key))
    return b"ENCRYPTED" in private_key.read_bytes()


def _check(file: Path) -> None:
    if problem := exposure(file, _OTHERS):
        raise AccountError(f"the key file must be yours alone, but {problem}: chmod 600 {file}")
