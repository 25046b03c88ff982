"""What went wrong, what to do, and when to try again; without secrets and tracebacks."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import ceil
from typing import Final

from binance_wallet.errors import ApiError, InvalidRequestError, WalletError
from pydantic import BaseModel, ValidationError

from binance_wallet_extras.archive import ArchiveError, NotRecordedError
from binance_wallet_extras.remedies import message_and_notes, remedy
from binance_wallet_extras.text import printable, sentences

from .summaries import format_time

__all__ = ["Problem", "problem_of"]

# The client's names, and those of the tools' arguments. Backticks keep them in lower case where a sentence begins.
_ARGUMENT_NAMES: Final = {"start": "`from`", "end": "`to`", "quote_asset": "`quote`"}
_RECORD: Final = (
    "The tool archive_status shows what is recorded; only the user can record more, with the command "
    "`binance-wallet archive update`, and its option --quote for values in another asset; history can ask the exchange "
    "for the last month with source=exchange"
)


class Problem(BaseModel):
    """Why there is no result."""

    error: str
    message: str
    what_to_do: str | None = None
    retry_after: int | None = None
    """Seconds."""
    retry_at: datetime | None = None

    def __str__(self) -> str:
        when = f", at {format_time(self.retry_at)}" if self.retry_at else ""  # the message says in how many seconds
        return sentences(f"{self.message}{when}", *([self.what_to_do] if self.what_to_do else []))


def problem_of(error: BaseException | None, now: datetime) -> Problem | None:
    """The problem that an error is about, or None for a bug. `now` is the exchange's time."""
    match error:
        case ValidationError():
            found = [f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()]
            return Problem(error=InvalidRequestError.__name__, message=printable("; ".join(found)))
        case ImportError():
            return Problem(error=type(error).__name__, message=str(error))
        case WalletError():
            message = sentences(*message_and_notes(error, _ARGUMENT_NAMES))
            problem = Problem(error=type(error).__name__, message=printable(message), what_to_do=_remedy(error))
            seconds = getattr(error, "retry_after", None)
            if seconds is not None:
                problem.retry_after = ceil(seconds)
                problem.retry_at = now + timedelta(seconds=problem.retry_after)
            return problem
    return None


def _remedy(error: WalletError) -> str | None:
    match error:
        case NotRecordedError():
            return _RECORD
        case InvalidRequestError() | ArchiveError():
            return None  # its message says it
        case ApiError() if "'quoteAsset'" in error.msg:
            return None  # a note says it
    return remedy(error)[1]
