"""Accounts with names: where the key of each is, and clients for them. Extra `keys`.

See `open_account`, and `named_accounts` for the accounts that there are.
"""

from .accounts import add_account, open_account, open_async_account, remove_account
from .book import Entry, InFile, InKeyStore, named_accounts
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
