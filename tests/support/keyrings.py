"""Key stores for tests, by keyring's public interface."""

import random
import string
from collections.abc import Iterator
from contextlib import contextmanager

import keyring
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked, PasswordDeleteError


class MemoryKeyring(KeyringBackend):
    """A key store in memory, which can be locked."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}
        self.is_locked = False
        self.asked = 0

    def get_password(self, service: str, username: str) -> str | None:
        self._open()
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._open()
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._open()
        if (service, username) not in self.kept:
            raise PasswordDeleteError("no such password")
        del self.kept[service, username]

    def _open(self) -> None:
        self.asked += 1
        if self.is_locked:
            raise KeyringLocked("dismissed")


@contextmanager
def use_keyring(store: KeyringBackend) -> Iterator[KeyringBackend]:
    """Use a key store in this process."""
    before = keyring.get_keyring()
    keyring.set_keyring(store)
    try:
        yield store
    finally:
        keyring.set_keyring(before)


def new_key() -> str:
    """An API key, or a secret, of 64 letters and digits."""
    return "".join(random.choices(string.ascii_letters + string.digits, k=64))
