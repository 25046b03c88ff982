"""Requests and responses as plain values, apart from any HTTP library."""

import math
import re
from datetime import UTC
from functools import lru_cache
from http import HTTPStatus
from typing import Final, NamedTuple

from attrs import field, frozen

from .redaction import redact

Headers = list[tuple[bytes, bytes]]

LONGEST_BAN: Final = 3 * 86400.0  # seconds
_END_OF_CENTURY: Final = 4_102_444_800
_SECONDS: Final = re.compile(rb"[0-9]+(\.[0-9]+)?")


class Origin(NamedTuple):
    """Where the exchange is. `host` is ASCII; `netloc` is host and port as in a URL; `path` comes before each path."""

    scheme: str
    host: str
    port: int | None
    netloc: str
    path: str

    def __str__(self) -> str:
        return f"{self.scheme}://{self.netloc}{self.path}"


@frozen
class SignedRequest:
    """A request as it is sent, once. `target` is its path and query. Its `secrets` must appear nowhere else."""

    origin: Origin
    method: str
    target: bytes = field(repr=False)
    headers: Headers = field(repr=False)
    secrets: frozenset[bytes] = field(repr=False)
    body: bytes = field(default=b"", repr=False)


class Response(NamedTuple):
    """A whole response, its body decoded. Header names are in lower case."""

    status_code: int
    headers: dict[bytes, bytes]
    content: bytes

    @property
    def date(self) -> float | None:
        """When the exchange sent it, by its own clock: whole seconds since the epoch."""
        date = _http_date(self.headers.get(b"date", b""))
        return date if date is not None and 0 <= date < _END_OF_CENTURY else None  # no clock could add to a later one

    def used_weight(self, header: str) -> int | None:
        """The weight that the exchange has counted in this minute, as this header says. Its name is in lower case."""
        used = self.headers.get(header.encode(), b"")
        return int(used) if used.isdigit() and len(used) < 10 else None

    def retry_after(self, now: float) -> float | None:
        """Whole seconds to wait, from either form of the header; `now` is the exchange's time."""
        value = self.headers.get(b"retry-after", b"")
        if _SECONDS.fullmatch(value):
            return float(math.ceil(min(float(value), LONGEST_BAN)))
        moment = _http_date(value)
        return None if moment is None else min(max(0.0, moment - now), LONGEST_BAN)

    def redact(self, secrets: frozenset[bytes]) -> "Response":
        """The same response without secrets: some firewalls and proxies repeat the URL that they refuse."""
        content = self.content
        headers = self.headers
        if self.status_code != HTTPStatus.OK:
            content = redact(content.decode("latin-1")).encode("latin-1")
        values = b"\n".join(headers.values())
        for secret in secrets:
            content = content.replace(secret, b"[redacted]")
            if secret in values:
                headers = {name: value.replace(secret, b"[redacted]") for name, value in headers.items()}
        return Response(self.status_code, headers, content)


@lru_cache(maxsize=64)  # the responses of a second have the same date
def _http_date(value: bytes) -> float | None:
    """An HTTP date in seconds since the epoch; None if it is not one."""
    from email.utils import parsedate_to_datetime  # slow to import, and not needed before a response

    try:
        moment = parsedate_to_datetime(value.decode("latin-1"))
        return moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()
    except (ValueError, OverflowError):
        return None
