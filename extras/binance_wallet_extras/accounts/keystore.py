"""The system's key store. It keeps the credentials of an account, but no private key."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import msgspec

from binance_wallet_extras.extra import extra

from .credentials import Credentials
from .errors import AccountError, KeyStoreError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keyring.backend import KeyringBackend

__all__ = ["delete", "get", "probe", "put"]

_SERVICE: Final = "binance-wallet"
_RECOMMENDED: Final = 1  # keyring gives stores that encrypt at least this priority, and its placeholders a lower one


def probe(name: str) -> None:
    """Raise KeyStoreError if the key store cannot be used. It may ask the user to unlock it."""
    with _store() as store:
        store.get_password(_SERVICE, name)


def get(name: str) -> Credentials:
    """The credentials of an account. Raises KeyStoreError, or AccountError if the key store has none."""
    with _store() as store:
        kept = store.get_password(_SERVICE, name)
    if kept is None:
        raise AccountError(f"the key store has no key of the account {name!r}: remove the account, and add it again")
    try:
        return msgspec.json.decode(kept, type=Credentials)
    except msgspec.DecodeError:  # from None: the error quotes what is kept
        raise AccountError(
            f"the entry of the account {name!r} in the key store is not a key: remove the account, and add it again"
        ) from None


def put(name: str, credentials: Credentials) -> None:
    """Keep the credentials of an account. Raises KeyStoreError."""
    content = msgspec.json.encode(credentials).decode()
    with _store() as store:
        store.set_password(_SERVICE, name, content)
        is_kept = store.get_password(_SERVICE, name) == content
    if not is_kept:
        raise KeyStoreError("the key store does not keep what it is given")


def delete(name: str) -> None:
    """Remove the credentials of an account, if there are any. Raises KeyStoreError."""
    with _store() as store:
        if store.get_password(_SERVICE, name) is not None:
            store.delete_password(_SERVICE, name)


@contextmanager
def _store() -> Iterator[KeyringBackend]:
    with extra("keys"):
        import keyring  # slow to import: it searches for all stores
        from keyring.errors import KeyringLocked
    try:
        store = keyring.get_keyring()
        if store.priority >= _RECOMMENDED:
            yield store
            return
    except KeyringLocked:
        raise KeyStoreError("the key store is locked: unlock it, and try again") from None
    except Exception as error:  # noqa: BLE001 - stores raise what their system's libraries raise
        raise KeyStoreError(f"the key store cannot be used: {str(error) or type(error).__name__}") from None
    raise KeyStoreError("this system has no key store that can be used")
