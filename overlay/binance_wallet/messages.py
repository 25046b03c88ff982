"""Requests and responses as plain values, apart from any HTTP library."""

from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple, Self
from urllib.parse import unquote_to_bytes, urlencode

import httpx2
from attrs import frozen

from .errors import InvalidRequestError
from .redaction import redact

Headers = list[tuple[bytes, bytes]]
Params = Mapping[str, Any]

_DEFAULT_HEADERS: Final[Headers] = [
    (b"Accept-Encoding", b"gzip"),
    (b"Accept", b"application/json"),
    (b"User-Agent", b"binance-wallet"),
]
# Users may not set headers that say where the key goes or how bodies are encoded.
_RESERVED_HEADERS: Final = {b"host", b"x-mbx-apikey", b"accept-encoding", b"content-length", b"transfer-encoding"}
# They describe the encoded body.
_BODY_HEADERS: Final = {b"content-encoding", b"content-length", b"transfer-encoding"}
# What a query may hold besides letters and digits. aiohttp would decode them if they were encoded: the signature
# would no longer fit.
_PLAIN: Final = "!$'()*,/:;?@"
_SHORTEST_SECRET: Final = 16  # shorter words, such as test keys, also occur in data
_LONGEST_WAIT: Final = 3 * 86400.0  # the longest ban, in seconds
_END_OF_CENTURY: Final = 4_102_444_800


class Request(NamedTuple):
    """A request. Path and query are percent-encoded; `weight` counts against the limit of `endpoint`."""

    origin: httpx2.URL
    method: str
    path: bytes
    query: bytes
    headers: Headers
    content: bytes
    endpoint: str
    weight: int
    idempotent: bool

    @classmethod
    def from_endpoint(cls, origin: httpx2.URL, method: str, url: str, params: Params, extensions: Params) -> Self:
        """The request of a generated endpoint function."""
        path = origin.raw_path.rstrip(b"/") + url.encode()
        query = urlencode(params, safe=_PLAIN).encode()
        endpoint, weight, idempotent = (extensions[key] for key in ("endpoint", "request_weight", "idempotent"))
        headers = [(b"Host", origin.netloc), *_DEFAULT_HEADERS]
        return cls(origin, method.upper(), path, query, headers, b"", endpoint, weight, idempotent)

    @classmethod
    def from_httpx(cls, origin: httpx2.URL, request: httpx2.Request, content: bytes) -> Self:
        """The request of an httpx2 client. Raises InvalidRequestError if it is for another host."""
        url, extensions = request.url, request.extensions
        if (url.scheme, url.netloc) != (origin.scheme, origin.netloc):
            raise InvalidRequestError(f"this client sends its key only to {origin}")
        headers = [header for header in request.headers.raw if header[0].lower() not in _RESERVED_HEADERS]
        headers += [(b"Host", origin.netloc), _DEFAULT_HEADERS[0]]
        if content or request.method in {"POST", "PUT", "PATCH"}:
            headers.append((b"Content-Length", b"%d" % len(content)))
        endpoint, weight = extensions.get("endpoint", url.path), extensions.get("request_weight", 1)
        idempotent = extensions.get("idempotent", request.method == "GET")
        path = url.raw_path.partition(b"?")[0]
        return cls(origin, request.method, path, url.query, headers, content, endpoint, weight, idempotent)

    def signed(self, api_key: str, payload: bytes, signature: str) -> "SignedRequest":
        """The request with its key and signature; `payload` is the query that was signed."""
        target = b"%b?%b&signature=%b" % (self.path, payload, signature.encode())
        headers = [*self.headers, (b"X-MBX-APIKEY", api_key.encode())]
        words = {api_key.encode(), signature.encode(), unquote_to_bytes(signature)}
        secrets = frozenset(word for word in words if len(word) >= _SHORTEST_SECRET)
        return SignedRequest(self.origin, self.method, target, headers, self.content, secrets)


@frozen(repr=False, eq=False)  # no NamedTuple: error trackers list the items of a tuple in spite of its `__repr__`
class SignedRequest:
    """A request as it is sent, once. `target` is its path and query. Its `secrets` must appear nowhere else."""

    origin: httpx2.URL
    method: str
    target: bytes
    headers: Headers
    content: bytes
    secrets: frozenset[bytes]

    def __repr__(self) -> str:
        return f"<SignedRequest {self.method} {self.target.partition(b'?')[0].decode()}>"


class Response(NamedTuple):
    """A whole response, its body decoded. Header names are in lower case."""

    status_code: int
    headers: dict[bytes, bytes]
    content: bytes

    @property
    def date(self) -> float | None:
        """When the exchange sent it, by its own clock: whole seconds since the epoch."""
        date = _http_date(self.headers.get(b"date", b""))
        return date if date is not None and 0 <= date < _END_OF_CENTURY else None  # later dates may overflow

    @property
    def used_weight(self) -> int | None:
        """The weight that the exchange has counted for this IP address, on this endpoint, in this minute."""
        used = self.headers.get(b"x-sapi-used-ip-weight-1m", b"")
        return int(used) if used.isdigit() and len(used) < 10 else None

    def retry_after(self, now: float) -> float | None:
        """Seconds to wait, from either form of the header; `now` is the exchange's time."""
        value = self.headers.get(b"retry-after", b"")
        moment = now + float(value) if value.isdigit() else _http_date(value)
        return None if moment is None else min(max(0.0, moment - now), _LONGEST_WAIT)

    def redact(self, secrets: frozenset[bytes]) -> "Response":
        """The same response without secrets: some firewalls and proxies repeat the URL that they refuse."""
        content, headers = self.content, self.headers
        if self.status_code != httpx2.codes.OK:
            content = redact(content.decode("latin-1")).encode("latin-1")
        values = b"\n".join(headers.values())
        for secret in secrets:
            content = content.replace(secret, b"[redacted]")
            if secret in values:
                headers = {name: value.replace(secret, b"[redacted]") for name, value in headers.items()}
        return Response(self.status_code, headers, content)

    def to_httpx(self) -> httpx2.Response:
        headers = [(name, value) for name, value in self.headers.items() if name not in _BODY_HEADERS]
        return httpx2.Response(self.status_code, headers=headers, content=self.content)


@lru_cache(maxsize=64)  # the responses of a second have the same date
def _http_date(value: bytes) -> float | None:
    """An HTTP date in seconds since the epoch; None if it is not one."""
    try:
        moment = parsedate_to_datetime(value.decode("latin-1"))
        return moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()
    except (ValueError, OverflowError):
        return None
