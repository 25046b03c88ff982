"""What can go wrong with a named account, before anything is sent."""

from binance_wallet.errors import InvalidRequestError

__all__ = ["AccountError", "KeyStoreError", "UnknownAccountError"]


class AccountError(InvalidRequestError):
    """The account cannot be used, or not be kept: its name, its key, a file. Nothing was sent.

    The message names the cause, without a secret.
    """


class UnknownAccountError(AccountError):
    """There is no account of this name."""


class KeyStoreError(AccountError):
    """The system has no key store that can be used, or it is locked, or it fails."""
