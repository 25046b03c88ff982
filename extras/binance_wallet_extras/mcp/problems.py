"""What went wrong, what to do, and when to try again. Nothing here has a secret, or a traceback."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import ceil
from typing import Final

from binance_wallet.errors import ApiError, InvalidRequestError, WalletError
from pydantic import BaseModel, ValidationError

from binance_wallet_extras.archive import ArchiveError, NotRecordedError
from binance_wallet_extras.remedies import in_words_of, remedy
from binance_wallet_extras.text import printable, sentences

from .words import a_moment

__all__ = ["Problem", "problem_of"]

# The library's names, and the tools' ones, quoted: an argument's name has no capital where a sentence begins.
_GIVEN_AS: Final = {"start": "`from`", "end": "`to`", "quote_asset": "`quote`"}
_RECORD: Final = (
    "The tool archive_status shows what is recorded; only the user can record more, with the command "
    "`binance-wallet archive update`, and its option --quote for values in another asset; history can ask the exchange "
    "for the last month with source=exchange"
)


class Problem(BaseModel):
    """Why there is no answer."""

    error: str
    message: str
    what_to_do: str | None = None
    retry_after: int | None = None
    """Seconds."""
    retry_at: datetime | None = None

    def __str__(self) -> str:
        when = f", at {a_moment(self.retry_at)}" if self.retry_at else ""  # the message says in how many seconds
        return sentences(f"{self.message}{when}", *([self.what_to_do] if self.what_to_do else []))


def problem_of(error: BaseException | None, now: datetime) -> Problem | None:
    """The problem that an error stands for, or None if it stands for a bug. `now` is the exchange's time."""
    match error:
        case ValidationError():
            found = [f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()]
            return Problem(error=InvalidRequestError.__name__, message=printable("; ".join(found)))
        case ImportError():
            return Problem(error=type(error).__name__, message=str(error))
        case WalletError():
            message = sentences(*in_words_of(_GIVEN_AS, error))
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
            return None  # it says so itself
        case ApiError() if "'quoteAsset'" in error.msg:
            return None  # a note says so
    return remedy(error)[1]
