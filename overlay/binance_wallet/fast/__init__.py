"""A transport for many async calls at once: pyreqwest, which is Rust's reqwest (extra `fast`)."""

import asyncio
import atexit
import time
from contextlib import suppress
from datetime import timedelta

import httpx

try:
    from pyreqwest.client import Client, ClientBuilder
    from pyreqwest.exceptions import PoolTimeoutError, RequestError
    from pyreqwest.http import HeaderMap, Url
    from pyreqwest.proxy import ProxyBuilder
except ImportError:
    raise ImportError("ReqwestTransport needs the extra `fast`: see Install in the README") from None

from binance_wallet.errors import InvalidRequestError, NetworkError
from binance_wallet.forks import ForkSafe
from binance_wallet.messages import Response, SignedRequest
from binance_wallet.options import usable_transport
from binance_wallet.transports import AsyncTransport
from binance_wallet.transports.body import Body
from binance_wallet.transports.environment import proxy_to

__all__ = ["ReqwestTransport"]

# pyreqwest's thread may still be waking an event loop when the program ends. Without a pause, Python would abort.
atexit.register(time.sleep, 0.05)


class ReqwestTransport(ForkSafe, AsyncTransport):
    """Pass it as `transport=` to one AsyncWalletClient. It uses the proxies and certificates of the environment.

    It needs asyncio. In a process that was forked after a ReqwestTransport was used, calls raise InvalidRequestError.
    """

    def __init__(self) -> None:
        self._client: Client | None = None
        self._parents_client: Client | None = None
        self._origin: httpx.URL | None = None
        super().__init__()

    def after_fork(self) -> None:
        # Kept, not freed: the parent's thread may hold one of its locks.
        self._client, self._parents_client = None, self._client or self._parents_client

    async def send(self, request: SignedRequest, deadline: float) -> Response:
        if self._client is None:  # the first request tells which exchange it is
            self._client, self._origin = _open(request.origin), request.origin
        if request.origin is not self._origin:
            raise InvalidRequestError("a ReqwestTransport is for one client")
        target = request.target.decode()
        url = Url(f"{request.origin.scheme}://{request.origin.netloc.decode()}{target}")
        if not str(url).endswith(target):
            raise InvalidRequestError("the URL has a character that must be percent-encoded before it is signed")
        builder = self._client.request(request.method, url)
        builder = builder.headers([(name.decode(), value.decode()) for name, value in request.headers])
        builder = builder.timeout(timedelta(seconds=max(0.0, deadline - time.monotonic())))
        if request.content:  # an empty body takes time, too
            builder = builder.body_bytes(request.content)
        try:
            # With a buffer, an error whose body is cut short would lose its status.
            async with builder.streamed_read_buffer_limit(0).build_streamed() as raw:
                headers = _headers(raw.headers)
                body = Body(raw.status, headers.get(b"content-encoding", b""))
                with body.reading():
                    while (chunk := await raw.body_reader.read_chunk()) is not None:
                        body.append(bytes(chunk))
            return Response(raw.status, headers, body.content())
        except RequestError as error:
            raise _failure(request.origin, error) from None

    async def aclose(self) -> None:
        client, self._client = self._client, None  # its idle connections are closed when nothing refers to it
        if client is not None:
            await client.close()


def _open(origin: httpx.URL) -> Client:
    """A client that sends requests as they are, leaves bodies encoded and follows no redirect."""
    try:
        asyncio.get_running_loop()
        with usable_transport():
            builder = ClientBuilder().max_connections(100).pool_idle_timeout(timedelta(seconds=5))
            builder = builder.follow_redirects(False).gzip(False).deflate(False).brotli(False).zstd(False).no_proxy()
            if proxy := proxy_to(origin):
                httpx.Proxy(proxy)  # raises ValueError for a scheme that reqwest would silently ignore
                builder = builder.proxy(ProxyBuilder.all(proxy))
            if origin.scheme == "https":  # the authorities of the default transport, besides the system's
                for certificate in httpx.create_ssl_context().get_ca_certs(binary_form=True):
                    builder = builder.add_root_certificate_der(certificate)
            return builder.build()
    except RuntimeError as error:
        raise InvalidRequestError(f"a ReqwestTransport needs asyncio, and a process that is no fork: {error}") from None


def _headers(headers: HeaderMap) -> dict[bytes, bytes]:
    with suppress(ValueError):  # pyreqwest cannot read a value that is not ASCII
        return {name.encode(): value.encode() for name, value in headers.items()}
    readable = {name.encode(): b"?" for name in headers}
    for name in headers:
        with suppress(ValueError):
            readable[name.encode()] = headers[name].encode()
    return readable


def _failure(origin: httpx.URL, error: RequestError) -> NetworkError:
    """An error with the causes that pyreqwest names. The first one only repeats the URL."""
    causes = [cause["message"] for cause in (error.details["causes"] or [])[1:]]
    # Its classes do not tell whether a request has left: it is a ConnectError, too, if a response is cut off.
    unsent = isinstance(error, PoolTimeoutError) or "client error (Connect)" in causes
    text = ": ".join(causes) or error.message
    return NetworkError(f"{origin}: {type(error).__name__}: {text}", sent=not unsent)
