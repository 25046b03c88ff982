"""What goes to the wire, before it is signed."""

from typing import Any, NamedTuple

import httpx

from binance_wallet.errors import InvalidRequestError

Headers = list[tuple[str, str]]

_HEADERS = [("Accept-Encoding", "gzip"), ("Accept", "application/json"), ("User-Agent", "binance-wallet")]

# What a user's headers may not say: where the key goes, and in which form bodies travel.
_OURS = {"host", "x-mbx-apikey", "accept-encoding", "content-length", "transfer-encoding"}


class Call(NamedTuple):
    """A request that is not signed yet. `path` and `query` are percent-encoded; its weight counts for `endpoint`."""

    method: str
    path: bytes
    query: bytes
    headers: Headers
    content: bytes
    endpoint: str
    weight: int

    def unsigned(self, origin: httpx.URL) -> httpx.Request:
        """The same for users of httpx."""
        return httpx.Request(self.method, origin.copy_with(raw_path=b"?".join(filter(None, (self.path, self.query)))))


class Calls:
    """Makes the calls to one exchange."""

    def __init__(self, origin: httpx.URL) -> None:
        self._origin, self._prefix = origin, origin.raw_path.rstrip(b"/")
        self._headers = [("Host", origin.netloc.decode()), *_HEADERS]

    def of(self, method: str, url: str, params: dict[str, Any], extensions: dict[str, Any]) -> Call:
        """What an endpoint function wants."""
        path, query = self._prefix + url.encode(), str(httpx.QueryParams(params)).encode() if params else b""
        endpoint, weight = extensions["endpoint"], extensions["request_weight"]
        return Call(method.upper(), path, query, self._headers, b"", endpoint, weight)

    def of_httpx(self, request: httpx.Request, content: bytes) -> Call:
        """What a user of httpx wants. Raises InvalidRequestError where it is for another host."""
        url, weight = request.url, request.extensions.get("request_weight", 1)
        if (url.scheme, url.netloc) != (self._origin.scheme, self._origin.netloc):
            raise InvalidRequestError(f"this client sends its key to {self._origin} and nowhere else")
        path, endpoint = url.raw_path.partition(b"?")[0], request.extensions.get("endpoint", url.path)
        headers = [header for header in request.headers.multi_items() if header[0] not in _OURS]
        if content or request.method in {"POST", "PUT", "PATCH"}:
            headers.append(("Content-Length", str(len(content))))
        return Call(request.method, path, url.query, self._headers[:2] + headers, content, endpoint, weight)
