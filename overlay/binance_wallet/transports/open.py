"""Opens a client's transport, with the proxies and certificates of the environment."""

from importlib.util import find_spec
from typing import Any

import httpcore2
import httpx2

from . import AsyncTransport, Transport
from .deadline import DeadlineBackend
from .httpx_pool import HttpxPool
from .pool import AsyncPoolTransport, PoolTransport, to_httpcore


def open_transport(origin: httpx2.URL, proxy: str | None, given: object) -> Transport:
    """The transport that was given, or the default. Raises ValueError, ImportError or OSError if it cannot be used."""
    if given is None:
        options, route = _pool_options(origin, proxy)
        return PoolTransport(lambda: httpcore2.ConnectionPool(network_backend=DeadlineBackend(), **options), route)
    if isinstance(given, httpx2.BaseTransport):
        pool = HttpxPool(given, origin)
        return PoolTransport(lambda: pool, str(origin))
    raise ValueError("it must be an httpx2.BaseTransport")


def open_async_transport(origin: httpx2.URL, proxy: str | None, given: object) -> AsyncTransport:
    """See `open_transport`."""
    if given is None:
        options, route = _pool_options(origin, proxy)
        return AsyncPoolTransport(lambda: httpcore2.AsyncConnectionPool(**options), route)
    if isinstance(given, httpx2.AsyncBaseTransport):
        pool = HttpxPool(given, origin)
        return AsyncPoolTransport(lambda: pool, str(origin))
    if isinstance(given, AsyncTransport):
        return given
    raise ValueError("it must be an httpx2.AsyncBaseTransport")


def _pool_options(origin: httpx2.URL, proxy: str | None) -> tuple[dict[str, Any], str]:
    """The pool's options, and the route to the exchange in words."""
    # httpcore2's pool looks at all connections for each of them: 200 calls of 0.1 s at once take 3.8 s with a hundred
    # connections, and 1.3 s with 32.
    options: dict[str, Any] = {"max_connections": 32, "keepalive_expiry": 5.0}
    if origin.scheme == "https":
        options["ssl_context"] = httpx2.create_ssl_context()
    if proxy is None:
        return options, str(origin)
    parsed = httpx2.Proxy(proxy)
    if parsed.url.scheme.startswith("socks") and not find_spec("socksio"):
        raise ValueError("a SOCKS proxy needs the package socksio")
    options["proxy"] = httpcore2.Proxy(to_httpcore(parsed.url, b"/"), auth=parsed.raw_auth)
    return options, f"{origin} through the proxy {parsed.url.scheme}://{parsed.url.netloc.decode()}"
