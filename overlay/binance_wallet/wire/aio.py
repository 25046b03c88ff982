"""The fast way of the asynchronous client: aiohttp, for asyncio only (extra `aiohttp`)."""

import asyncio
import math
from functools import partial
from typing import TYPE_CHECKING, Self, cast

import httpx

try:
    import aiohttp
    import yarl
    from aiohttp.client_proto import ResponseHandler
except ImportError:
    raise ImportError("AiohttpTransport needs an extra: pip install 'binance-wallet[aiohttp]'") from None

from .call import Call, Headers
from .idle import is_stale
from .reply import Reply, decoded, extended

if TYPE_CHECKING:
    import ssl


class AiohttpTransport:
    """Give it as `transport=` to an AsyncWalletClient that makes many calls at once."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._proxy: str | None = None
        self._origin = ""
        self._tls: ssl.SSLContext | bool = True

    def to(self, url: httpx.URL, proxy: str | None) -> Self:
        """Told of the exchange, and of the proxy and the certificates that the environment names."""
        if self._origin:
            raise ValueError("an AiohttpTransport is for one client")
        if proxy is not None and not httpx.Proxy(proxy).url.scheme.startswith("http"):
            raise ValueError("aiohttp takes http and https proxies only")
        self._proxy, self._origin = proxy, f"{url.scheme}://{url.netloc.decode()}"
        if url.scheme == "https":
            self._tls = httpx.create_ssl_context()
        return self

    async def send(self, call: Call, target: bytes, headers: Headers, remaining: float) -> Reply:
        if self._session is None or self._loop is not asyncio.get_running_loop():
            self._loop = asyncio.get_running_loop()
            connector = aiohttp.TCPConnector(ssl=self._tls)
            handler = cast("partial[ResponseHandler]", partial(_Connection, loop=self._loop))
            connector._factory = handler  # noqa: SLF001 - there is no other way to tell it
            self._session = aiohttp.ClientSession(
                connector=connector, cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False
            )
            self._session._retry_connection = False  # noqa: SLF001 - it would send the same signed request once more
        body = bytearray()
        try:
            async with self._session.request(
                call.method,
                yarl.URL(self._origin + target.decode(), encoded=True),  # as it was signed
                headers=headers,
                data=call.content or None,
                proxy=self._proxy,
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=remaining, ceil_threshold=math.inf),
            ) as raw:
                async for chunk in raw.content.iter_any():
                    extended(body, chunk)
        except aiohttp.ClientError as error:
            failure = _translated(error)
        else:
            received = {name.lower(): value for name, value in raw.raw_headers}
            return Reply(raw.status, received, decoded(bytes(body), raw.headers.get("Content-Encoding", "")))
        raise failure  # out here, so that it does not chain aiohttp's error, which holds the signed URL

    async def aclose(self) -> None:
        if self._session is not None:
            await self._session.close()
            await asyncio.sleep(0)  # aiohttp closes its sockets in the loop's next round


class _Connection(ResponseHandler):
    def is_connected(self) -> bool:
        """Asked when it is to be used again: not where something came that would be taken for the next answer."""
        if not super().is_connected() or self.should_close or self.transport is None:
            return False
        return not is_stale(self.transport.get_extra_info("socket"))


def _translated(error: aiohttp.ClientError) -> Exception:
    match error:
        case aiohttp.ClientConnectorError():
            return httpx.ConnectError(str(error))
        case aiohttp.ClientHttpProxyError():
            return httpx.ProxyError(f"{error.status} {error.message}")
        case aiohttp.ClientResponseError():
            return httpx.RemoteProtocolError(error.message)
        case aiohttp.ClientConnectionError():
            return httpx.RemoteProtocolError(str(error))
    return httpx.RemoteProtocolError(type(error).__name__)
