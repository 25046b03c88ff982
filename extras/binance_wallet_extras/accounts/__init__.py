"""Named accounts: where the key of each is kept, and clients for them. Extra `keys`.

`named_accounts` lists them. `open_account` makes a client for one.
"""

from .accounts import add_account, open_account, open_async_account, remove_account
from .config import Entry, InFile, InKeyStore, named_accounts
from .credentials import Credentials, KeyType
from .errors import AccountError, KeyStoreError, UnknownAccountError

__all__ = [
    "AccountError",
    "Credentials",
    "Entry",
    "InFile",
    "InKeyStore",
    "KeyStoreError",
    "KeyType",
    "UnknownAccountError",
    "add_account",
    "named_accounts",
    "open_account",
    "open_async_account",
    "remove_account",
]
