"""What can go wrong with an archive."""

from binance_wallet.errors import WalletError

__all__ = ["ArchiveError", "NotRecordedError", "OtherAccountError"]


class ArchiveError(WalletError):
    """The archive cannot be opened, read or written, or the update was refused. Nothing was lost or changed.

    The message names the archive and the cause, without a password.
    """


class NotRecordedError(ArchiveError):
    """The archive has no such account, or no record in the period."""


class OtherAccountError(ArchiveError):
    """The key is of another account than the recorded days. Nothing was recorded."""
