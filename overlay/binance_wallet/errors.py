"""One exception tree. `WalletError` is its root; the generated client raises the first three below it by itself.

WalletError
├── InvalidRequestError     refused here, before any request (also a ValueError)
├── AnswerError             the answer does not fit the contract
├── ApiError                the exchange said no
│   ├── AuthenticationError     key, signature, IP address or permission
│   ├── TimestampError          the clock, after it was corrected
│   ├── RateLimitError          too fast
│   │   └── BannedError             much too fast
│   └── ServerError             the exchange is in trouble
└── NetworkError            no answer, or half of one
    └── DeadlineError           `timeout` is over
"""

import html
import math
import re
from textwrap import shorten

from binance_wallet_client.answers import ERROR_BODY, NOT_DECODED, SUCCESS
from binance_wallet_client.errors import AnswerError, ApiError, InvalidRequestError, WalletError

__all__ = ["AnswerError", "ApiError", "InvalidRequestError", "WalletError"]


class AuthenticationError(ApiError):
    """The exchange does not accept the key, the signature, the IP address or the permission.

    Never retried. Check that key and secret belong together, that the key may read, and that its IP list has yours.
    """


class TimestampError(ApiError):
    """The exchange refused the timestamp (-1021), and did so again after the clock had been corrected by its answer.

    The request takes longer to arrive than `recv_window` allows: use a wider one, or a better connection.
    """


class RateLimitError(ApiError):
    """Too many requests from this IP address: the exchange said so, or the budget here knows it beforehand.

    Nothing was lost. Call again after `retry_after` seconds; until then, calls raise this at once and send nothing.
    """

    retry_after: float | None = None

    def __str__(self) -> str:
        said = super().__str__()
        return said if self.retry_after is None else f"{said}; call again in {math.ceil(self.retry_after)} s"


class BannedError(RateLimitError):
    """The exchange has banned this IP address (HTTP 418), for 2 minutes to 3 days.

    Never retried. No request leaves before `retry_after` seconds are over, for that would make the ban longer.
    """


class ServerError(ApiError):
    """The exchange is in trouble (HTTP 5xx, or a code of its back end), and the retries did not outlast it.

    Calling again is safe. `retry_after` is in seconds, where the exchange names a time.
    """

    retry_after: float | None = None


class NetworkError(WalletError):
    """No answer came, or only a part of one, and the retries did not help.

    Check name resolution, proxy, certificates and the connection; `__cause__` is what the network library said.
    """


class DeadlineError(NetworkError):
    """The call was not done within `timeout` seconds, retries and waits included. Call again, or allow more time."""


# What a status or a code means beyond "no"; the status knows better. All others are plain ApiErrors.
_BY_STATUS: dict[int, type[ApiError]] = {401: AuthenticationError, 418: BannedError, 429: RateLimitError}
_BY_CODE: dict[int | None, type[ApiError]] = {
    -1003: RateLimitError,
    -1021: TimestampError,
    **dict.fromkeys((-1000, -1001, -1006, -1007, -1008), ServerError),
    **dict.fromkeys((-1022, -2008, -2014, -2015), AuthenticationError),
}
_MARKUP = re.compile(rb"(?is)<(script|style)\b.*?</\1\s*>|<[^>]*>")


def from_answer(status: int, body: bytes) -> ApiError | None:
    """The error that an answer stands for, or None for a success. A code other than 200 is one under any status."""
    code, msg = None, ""
    if body[:64].lstrip()[:1] == b"{":
        try:
            said = ERROR_BODY.decode(body)
            code, msg = said.code, said.msg
        except NOT_DECODED:
            pass  # no error body: under an error status an excerpt serves, else decoding will say what is wrong
    if 200 <= status < 300 and code in (None, SUCCESS):
        return None
    if 300 <= status < 400:
        msg = "redirects are never followed: the key would go where they point"
    if not msg:  # a page that a firewall or a proxy wrote for people, as one readable line
        text = html.unescape(_MARKUP.sub(b" ", body[:20_000]).decode(errors="replace"))
        msg = shorten(text, 200, placeholder=" …") or "no text"
    kind = _BY_STATUS.get(status) or _BY_CODE.get(code) or (ServerError if status >= 500 else ApiError)
    return kind(msg, status_code=status, code=code)


def held_back(kind: type[RateLimitError], why: str, seconds: float) -> RateLimitError:
    """The error of a call that was not let out, and when it may be."""
    error = kind(f"{why}: nothing was sent")
    error.retry_after = seconds
    return error
