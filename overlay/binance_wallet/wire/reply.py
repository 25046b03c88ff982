"""What comes back from the wire, whichever way it went."""

import re
from collections.abc import Collection
from datetime import UTC
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import NamedTuple, Protocol

import httpx

from .call import Call, Headers

# Thirty days of a thousand assets are 4 MB. This much is no answer, it is an attack on our memory.
LARGEST_BODY = 64 * 1024 * 1024

# With one of these, of httpx or of httpcore, the request has not left. By name, so that httpcore is loaded when needed.
UNSENT = frozenset({"ConnectError", "ConnectTimeout", "PoolTimeout", "ProxyError"})

_LONGEST_BAN = 3 * 86400.0
_END_OF_CENTURY = 4102444800
_PIECE = 16 * 1024  # which gzip swells to 16 MB at the most
_OF_THE_WIRE = frozenset({b"content-encoding", b"content-length", b"transfer-encoding"})


class Reply(NamedTuple):
    """A whole answer, its body decoded; header names in lower case. Times are in seconds since the epoch."""

    status_code: int
    headers: dict[bytes, bytes]
    content: bytes

    @property
    def date(self) -> float | None:
        """When the exchange answered, by its own clock, cut to a second."""
        date = http_date(self.headers.get(b"date", b""))
        return date if date is not None and 0 <= date < _END_OF_CENTURY else None  # beyond, a datetime may overflow

    @property
    def used_weight(self) -> int | None:
        """The weight that the exchange has counted for this IP address, on this endpoint, in this minute."""
        used = self.headers.get(b"x-sapi-used-ip-weight-1m", b"")
        return int(used) if re.fullmatch(rb"[0-9]{1,9}", used) else None

    def retry_after(self, now: float) -> float | None:
        """In how many seconds to call again, from either form of the header; no ban is longer than three days."""
        value = self.headers.get(b"retry-after", b"")
        moment = now + float(value) if re.fullmatch(rb"[0-9]+", value) else http_date(value)
        return None if moment is None else min(max(0.0, moment - now), _LONGEST_BAN)

    def without(self, secrets: Collection[str]) -> "Reply":
        """The same with secrets blacked out: some firewalls and proxies send back the URL that they refuse."""
        headers, content = self.headers, self.content
        for secret in map(str.encode, secrets):
            if secret in content:
                content = content.replace(secret, b"[redacted]")
            if secret in b"\n".join(headers.values()):
                headers = {name: value.replace(secret, b"[redacted]") for name, value in headers.items()}
        return Reply(self.status_code, headers, content)

    def response(self) -> httpx.Response:
        """The same for users of httpx, without the headers that tell of the form in which the body travelled."""
        headers = {name: value for name, value in self.headers.items() if name not in _OF_THE_WIRE}
        return httpx.Response(self.status_code, headers=headers, content=self.content)


@lru_cache(maxsize=64)  # answers of one second share it
def http_date(value: bytes) -> float | None:
    """An HTTP date as seconds since the epoch, or None where it is not one."""
    try:
        moment = parsedate_to_datetime(value.decode("latin-1"))
        return moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()
    except (ValueError, OverflowError):
        return None


class Wire(Protocol):
    """Sends a call once, signed: `target` is its path and query, `remaining` the seconds that it may take."""

    def send(self, call: Call, target: bytes, headers: Headers, remaining: float) -> Reply: ...

    def close(self) -> None: ...


class AsyncWire(Protocol):
    """The same with `await`."""

    async def send(self, call: Call, target: bytes, headers: Headers, remaining: float) -> Reply: ...

    async def aclose(self) -> None: ...


def extended(body: bytearray, chunk: bytes) -> None:
    """Append a chunk to a body that does not grow for ever."""
    if len(body) + len(chunk) > LARGEST_BODY:
        raise httpx.DecodingError(f"the body is larger than {LARGEST_BODY} bytes")
    body += chunk


def check_encoding(encoding: str) -> None:
    """Raise on what we did not ask for: a few bytes of it may swell past all limits before we see any of them."""
    if encoding.strip().lower() not in {"", "identity", "gzip", "deflate"}:
        raise httpx.DecodingError("the body is encoded in a way that was not asked for")


def decoded(body: bytes, encoding: str) -> bytes:
    """A body in which the form that it travelled in is undone."""
    check_encoding(encoding)
    if not encoding:
        return body
    pieces = (body[at : at + _PIECE] for at in range(0, len(body), _PIECE))
    whole = bytearray()
    for chunk in httpx.Response(200, headers={"Content-Encoding": encoding}, content=pieces).iter_bytes():
        extended(whole, chunk)
    return bytes(whole)
