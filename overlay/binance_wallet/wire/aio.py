"""The fast way of the asynchronous client: aiohttp, for asyncio only (extra `aiohttp`)."""

import asyncio
from typing import Self

import httpx

try:
    import aiohttp
    import yarl
    from aiohttp.http_exceptions import ContentEncodingError
except ImportError:
    raise ImportError("AiohttpTransport needs an extra: pip install 'binance-wallet[aiohttp]'") from None

from .reply import Headers, Reply, extended


class AiohttpTransport:
    """Give it as `transport=` to an AsyncWalletClient that makes many calls at once."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None
        self._proxy: str | None = None

    def through(self, proxy: str | None) -> Self:
        """Told of the proxy that the environment names."""
        self._proxy = proxy
        return self

    async def send(self, request: httpx.Request, target: bytes, headers: Headers, remaining: float) -> Reply:
        if self._session is None:
            # No cookies, as httpx's transports; the certificates that SSL_CERT_FILE and SSL_CERT_DIR name.
            tls = httpx.create_ssl_context() if request.url.scheme == "https" else True
            connector = aiohttp.TCPConnector(ssl=tls)
            self._session = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())
        origin = f"{request.url.scheme}://{request.url.netloc.decode()}"
        body = bytearray()
        try:
            async with self._session.request(
                request.method,
                yarl.URL(origin + target.decode(), encoded=True),  # as it was signed
                headers=[(name.decode(), value.decode()) for name, value in headers],
                data=request.content or None,
                proxy=self._proxy,
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=remaining),
            ) as raw:
                async for chunk in raw.content.iter_any():
                    extended(body, chunk)
        except aiohttp.ClientConnectorError as error:
            raise httpx.ConnectError(str(error)) from error
        except aiohttp.ClientPayloadError as error:
            if isinstance(error.__cause__, ContentEncodingError):
                raise httpx.DecodingError(str(error)) from error
            raise
        return Reply(raw.status, {name.lower(): value for name, value in raw.raw_headers}, bytes(body))

    async def aclose(self) -> None:
        if self._session is not None:
            await self._session.close()
            await asyncio.sleep(0)  # aiohttp closes its sockets in the loop's next round
