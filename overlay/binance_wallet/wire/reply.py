"""What comes back from the wire, whichever way it went."""

from typing import NamedTuple, Protocol

import httpcore
import httpx

# Thirty days of a thousand assets are 4 MB. This much is no answer, it is an attack on our memory.
LARGEST_BODY = 64 * 1024 * 1024

# With one of these, the request has not left.
UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpcore.ConnectError, httpcore.ConnectTimeout)

Headers = list[tuple[bytes, bytes]]


class Reply(NamedTuple):
    """A whole answer, its body decoded; header names in lower case."""

    status: int
    headers: dict[bytes, bytes]
    body: bytes


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
