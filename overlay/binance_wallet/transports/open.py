"""Opens a client's transport, with the proxies and certificates of the environment."""

import os
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import httpcore2
import httpx2

from binance_wallet.messages import Origin

from . import AsyncTransport, Transport
from .httpx_pool import HttpxPool
from .network import KEEPALIVE_EXPIRY, AsyncBackend, DeadlineBackend
from .pool import AsyncPoolTransport, PoolTransport


def open_transport(origin: Origin, proxy: str | None, given: object) -> Transport:
    """The transport that was given, or the default. Raises ValueError, ImportError or OSError if it cannot be used."""
    if given is None:
        options, route = _pool_options(origin, proxy)
        return PoolTransport(lambda: httpcore2.ConnectionPool(network_backend=DeadlineBackend(), **options), route)
    if isinstance(given, httpx2.BaseTransport):
        pool = HttpxPool(given, origin)
        return PoolTransport(lambda: pool, str(origin), given)
    raise ValueError("it must be an httpx2.BaseTransport")


def open_async_transport(origin: Origin, proxy: str | None, given: object) -> AsyncTransport:
    """See `open_transport`."""
    if given is None:
        options, route = _pool_options(origin, proxy)
        return AsyncPoolTransport(
            lambda: httpcore2.AsyncConnectionPool(network_backend=AsyncBackend(), **options), route
        )
    if isinstance(given, httpx2.AsyncBaseTransport):
        pool = HttpxPool(given, origin)
        return AsyncPoolTransport(lambda: pool, str(origin), given)
    raise ValueError("it must be an httpx2.AsyncBaseTransport")


def _pool_options(origin: Origin, proxy: str | None) -> tuple[dict[str, Any], str]:
    """The pool's options, and the route to the exchange in words."""
    # A request is signed before it waits for a connection, and must not get old: the exchange allows an IP address 200
    # calls of an endpoint in a minute, so none waits for more than one other.
    options: dict[str, Any] = {"max_connections": 100, "keepalive_expiry": KEEPALIVE_EXPIRY}
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        if path := os.environ.get(name):
            try:
                Path(path).stat()
            except (FileNotFoundError, NotADirectoryError):
                raise FileNotFoundError(f"there is no {path}, which {name} names") from None
    if origin.scheme == "https":
        options["ssl_context"] = httpx2.create_ssl_context()
    if proxy is None:
        return options, str(origin)
    parsed = httpx2.Proxy(proxy)
    if parsed.url.raw_path != b"/" or parsed.url.fragment:
        raise httpx2.InvalidURL("a character of the password ends the host")
    if parsed.url.scheme.startswith("socks") and not find_spec("socksio"):
        raise ValueError("a SOCKS proxy needs the package socksio")
    options["proxy"] = httpcore2.Proxy(_to_httpcore2(parsed.url), auth=parsed.raw_auth)
    return options, f"{origin} through the proxy {parsed.url.scheme}://{parsed.url.netloc.decode()}"


def _to_httpcore2(url: httpx2.URL) -> httpcore2.URL:
    return httpcore2.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=b"/")
