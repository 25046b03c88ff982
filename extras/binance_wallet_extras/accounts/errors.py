"""The errors of named accounts. They are raised before anything is sent."""

from binance_wallet.errors import InvalidRequestError

__all__ = ["AccountError", "KeyStoreError", "UnknownAccountError"]


class AccountError(InvalidRequestError):
    """The account cannot be used or kept, because of its name, its key or a file. Nothing was sent.

    The message names the cause, without a secret.
    """


class UnknownAccountError(AccountError):
    """There is no account of this name."""


class KeyStoreError(AccountError):
    """The system has no usable key store, or the key store is locked or fails."""
