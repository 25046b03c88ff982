"""What can go wrong with an archive."""

from datetime import date

from binance_wallet.errors import WalletError

__all__ = ["ArchiveError", "NotRecordedError", "OtherAccountError", "not_recorded"]


class ArchiveError(WalletError):
    """The archive cannot be opened, read or written, or the update was refused. Nothing was lost or changed.

    The message names the archive and the cause, without a password.
    """


class NotRecordedError(ArchiveError):
    """The archive has no such account, or no record in the period."""


class OtherAccountError(ArchiveError):
    """The key belongs to another account than the recorded days. Nothing was recorded."""


def not_recorded(archive: str, what: str, start: date | None, end: date | None) -> NotRecordedError:
    """The error of an archive that has none of this in a period."""
    period = (f" from {start}" if start else "") + (f" to {end}" if end else "")
    return NotRecordedError(f"the archive {archive} has no {what}{period}")
