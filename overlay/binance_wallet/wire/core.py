"""The way of the synchronous client: httpcore, the engine under httpx, on sockets that heed the call's deadline."""

import os
from collections.abc import Iterable, Iterator
from functools import partial
from importlib import import_module

import httpcore
import httpx

from .reply import Headers, Reply, extended, timeouts
from .sockets import DeadlineBackend


class CoreWire:
    """A pool of connections to one exchange, through a proxy if need be. Saves the half of the time that httpx adds."""

    def __init__(self, url: httpx.URL, proxy: str | None) -> None:
        through = None
        if proxy is not None:
            parsed = httpx.Proxy(proxy)
            if parsed.url.scheme.startswith("socks"):
                import_module("socksio")  # if it is missing, say so now, not at the first call
            through = httpcore.Proxy(str(parsed.url), auth=parsed.raw_auth)
        self._scheme, self._host, self._port = url.raw_scheme, url.raw_host, url.port
        self._open = partial(
            httpcore.ConnectionPool,
            ssl_context=httpx.create_ssl_context() if url.scheme == "https" else None,
            proxy=through,
            max_connections=100,
            keepalive_expiry=5.0,  # as httpx: the exchange closes idle connections, too
            network_backend=DeadlineBackend(),
        )
        self._pool, self._process = self._open(), os.getpid()

    def send(self, request: httpx.Request, target: bytes, headers: Headers, remaining: float) -> Reply:
        if self._process != os.getpid():  # after a fork, the connections are the parent's
            self._pool, self._process = self._open(), os.getpid()
        url = httpcore.URL(scheme=self._scheme, host=self._host, port=self._port, target=target)
        extensions = {"timeout": timeouts(remaining)}
        raw = self._pool.handle_request(
            httpcore.Request(request.method, url, headers=headers, content=request.content, extensions=extensions)
        )
        try:
            received = {name.lower(): value for name, value in raw.headers}
            body = bytearray()
            for chunk in _chunks(raw, received):
                extended(body, chunk)
        finally:
            raw.close()
        return Reply(raw.status, received, bytes(body))

    def close(self) -> None:
        self._pool.close()


class _Encoded(httpx.SyncByteStream):
    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = chunks

    def __iter__(self) -> Iterator[bytes]:
        yield from self._chunks


def _chunks(raw: httpcore.Response, headers: dict[bytes, bytes]) -> Iterator[bytes]:
    if encoding := headers.get(b"content-encoding"):
        stream = _Encoded(raw.iter_stream())
        return httpx.Response(raw.status, headers=[(b"content-encoding", encoding)], stream=stream).iter_bytes()
    return raw.iter_stream()
