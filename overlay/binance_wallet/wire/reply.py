"""What comes back from the wire, whichever way it went."""

import re
from datetime import UTC
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import NamedTuple, Protocol

import httpx

# Thirty days of a thousand assets are 4 MB. This much is no answer, it is an attack on our memory.
LARGEST_BODY = 64 * 1024 * 1024

# With one of these, of httpx or of httpcore, the request has not left. By name, so that httpcore is loaded when needed.
UNSENT = frozenset({"ConnectError", "ConnectTimeout", "PoolTimeout", "ProxyError"})

_LONGEST_BAN = 3 * 86400.0
_OF_THE_WIRE = frozenset({b"content-encoding", b"content-length", b"transfer-encoding"})

Headers = list[tuple[bytes, bytes]]


class Reply(NamedTuple):
    """A whole answer, its body decoded; header names in lower case. Times are in seconds since the epoch."""

    status: int
    headers: dict[bytes, bytes]
    body: bytes

    @property
    def date(self) -> float | None:
        """When the exchange answered, by its own clock, cut to a second."""
        return http_date(self.headers.get(b"date", b""))

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

    def response(self) -> httpx.Response:
        """The same for users of httpx, without the headers that tell of the form in which the body travelled."""
        headers = {name: value for name, value in self.headers.items() if name not in _OF_THE_WIRE}
        return httpx.Response(self.status, headers=headers, content=self.body)


@lru_cache(maxsize=64)  # answers of one second share it
def http_date(value: bytes) -> float | None:
    """An HTTP date as seconds since the epoch, or None where it is not one."""
    try:
        moment = parsedate_to_datetime(value.decode("latin-1"))
        return moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()
    except (ValueError, OverflowError):
        return None


class Wire(Protocol):
    """Sends a signed request: `target` is its path and query, `headers` all there are, `remaining` its seconds."""

    def send(self, request: httpx.Request, target: bytes, headers: Headers, remaining: float) -> Reply: ...

    def close(self) -> None: ...


class AsyncWire(Protocol):
    """The same with `await`."""

    async def send(self, request: httpx.Request, target: bytes, headers: Headers, remaining: float) -> Reply: ...

    async def aclose(self) -> None: ...


def extended(body: bytearray, chunk: bytes) -> None:
    if len(body) + len(chunk) > LARGEST_BODY:
        raise httpx.DecodingError(f"the body is larger than {LARGEST_BODY} bytes")
    body += chunk


def timeouts(remaining: float) -> dict[str, float]:
    """httpx's four, as an extension of a request."""
    return dict.fromkeys(("connect", "read", "write", "pool"), remaining)
