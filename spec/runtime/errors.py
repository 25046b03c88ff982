"""The errors that a call can raise. `except WalletError` catches them all.

WalletError
├── InvalidRequestError         not sent: the contract does not allow it (also a ValueError)
├── InvalidResponseError        the response does not fit the contract
└── ApiError                    the exchange returned an error
    ├── AuthenticationError         key, signature, IP address or permission
    ├── TimestampError              the clock
    ├── RateLimitError              too many requests
    │   └── BannedError                 the IP address is banned
    └── ServerError                 the exchange has a problem
"""

import html
import math
import re

# An exception is pickled and copied as its class, its positional arguments and its attributes. So everything besides
# the message is a keyword with a default, and is kept as an attribute.

_MARKUP = re.compile(rb"(?is)<(script|style)\b.*?</\1\s*>|<[^>]*>")
_REPEATED = re.compile(r"\b(\S.{2,}) \1\b")
_JSON = re.compile(rb'(\xef\xbb\xbf)?\s*[\[{"\d-]')
_HTML = re.compile(rb"(\xef\xbb\xbf)?\s*<")


class WalletError(Exception):
    """The base of every error."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r})"


class InvalidRequestError(WalletError, ValueError):
    """The contract does not allow the request, so it was not sent.

    The message says what is allowed. Correct the call.
    """


class ApiError(WalletError):
    """The exchange refused the request, or failed to carry it out.

    Args:
        msg: The exchange's own words, or the start of the page that came instead of an error body.
        status_code: The HTTP status. It may be 200: the exchange also reports errors that way.
        code: The exchange's number for the error, such as -2015. `None` if the response has no error body, as when a
            firewall or a proxy sent it. Decide by the code or by the class, not by `msg`.
        retry_after: Seconds to wait before the next call, if the exchange names a time.
    """

    def __init__(
        self, msg: str, *, status_code: int | None = None, code: int | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(msg)
        self.msg = msg
        self.status_code = status_code
        self.code = code
        self.retry_after = retry_after

    def __str__(self) -> str:
        facts = {"code": self.code, "HTTP": self.status_code}
        known = ", ".join(f"{name} {value}" for name, value in facts.items() if value is not None)
        text = f"{self.msg} ({known})" if known else self.msg
        return text if self.retry_after is None else f"{text}; call again in {math.ceil(self.retry_after)} s"


class AuthenticationError(ApiError):
    """The exchange does not accept the key, the signature, the IP address or the permission.

    Check that key and secret belong together, that reading is enabled for the key, and that your IP address is on the
    key's list.
    """


class TimestampError(ApiError):
    """The exchange does not accept the timestamp: it is ahead of the exchange's clock, or older than `recvWindow`.

    Either the clock of this machine is wrong, or the request took too long to arrive. Against the latter, use a wider
    window or a faster connection.
    """


class RateLimitError(ApiError):
    """Too many requests from this IP address.

    Call again after `retry_after` seconds. An IP address that goes on earlier is banned.
    """


class BannedError(RateLimitError):
    """The exchange has banned this IP address, for 2 minutes to 3 days.

    Send nothing for `retry_after` seconds: each request before that makes the ban longer.
    """


class ServerError(ApiError):
    """The exchange has a problem, and it is unknown whether the request was carried out.

    A call that only reads can be repeated.
    """


class InvalidResponseError(WalletError):
    """The response does not fit the contract, so none of it was used.

    Either something between here and the exchange has altered it, or the exchange has changed: look at `body`, and for
    a newer version of this package. The message never quotes data of the account.

    Args:
        message: What was expected.
        path: Where in the response, as a JSON path such as `$.snapshotVos[0].type`; `$` for the response as a whole.
        body: The whole response body.
        status_code: The HTTP status.
    """

    def __init__(self, message: str, *, path: str = "$", body: bytes = b"", status_code: int | None = None) -> None:
        super().__init__(message)
        self.path = path
        self.body = body
        self.status_code = status_code

    def __str__(self) -> str:
        where = "" if self.path == "$" else f" at `{self.path}`"
        if self.status_code is None and not self.body:
            return f"{self.args[0]}{where}"  # nothing is known of the response
        status = "" if self.status_code is None else f"HTTP {self.status_code}, "
        return f"{self.args[0]}{where} ({status}{_kind(self.body)})"


def is_json(body: bytes) -> bool:
    """Whether a body begins as JSON does, valid or not. If so, it may hold data of the account."""
    return _JSON.match(body) is not None


def excerpt(body: bytes) -> str:
    """The start of a body as one readable line, without HTML markup, and without a title that a heading repeats."""
    text = html.unescape(_MARKUP.sub(b" ", body[:20_000]).decode(errors="replace"))
    line = _REPEATED.sub(r"\1", " ".join(text.split())[:1000])
    return line if len(line) <= 200 else f"{line[:200]}…"


def _kind(body: bytes) -> str:
    """What kind of body came. Only text that cannot be data is quoted: a firewall's, a proxy's or a gateway's."""
    if not body.strip():
        return "an empty body"
    if is_json(body):
        return f"{len(body)} bytes of JSON"
    text = excerpt(body)
    if _HTML.match(body):
        return f"an HTML page: {text!r}" if text else "an HTML page without text"
    is_text = text.isprintable() and "\N{REPLACEMENT CHARACTER}" not in text
    return f"text: {text!r}" if is_text else f"{len(body)} bytes that are not text"


__all__ = [
    "ApiError",
    "AuthenticationError",
    "BannedError",
    "InvalidRequestError",
    "InvalidResponseError",
    "RateLimitError",
    "ServerError",
    "TimestampError",
    "WalletError",
]
