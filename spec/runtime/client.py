"""Clients that send calls as they are, without key and signature."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Self

from attrs import define, field

from .contract import BASE_URL

if TYPE_CHECKING:
    from types import TracebackType

    import httpx2

    from .types import Call, RawResponse


# Compared and hashed by identity: two clients are two sets of connections.
@define(eq=False)
class Client:
    """Sends the calls of the `sync` functions, unsigned: for endpoints that anyone may call.

    The httpx2 client behind it is made when it is first needed, or set with `set_httpx_client`.
    """

    base_url: str = BASE_URL
    """The host that requests go to."""
    httpx_args: dict[str, Any] = field(factory=dict, kw_only=True, repr=False)
    """Further arguments of `httpx2.Client`."""
    _client: httpx2.Client | None = field(default=None, init=False, repr=False)
    # Without it, two threads at the same time would each make a client.
    _lock: threading.Lock = field(factory=threading.Lock, init=False, repr=False)

    def set_httpx_client(self, client: httpx2.Client) -> Self:
        """Use this httpx2 client. `base_url` and `httpx_args` are ignored then."""
        self._client = client
        return self

    def get_httpx_client(self) -> httpx2.Client:
        """Return the httpx2 client. The first call makes it."""
        with self._lock:
            if self._client is None:
                import httpx2  # slow to import, and not needed to build or sign calls

                self._client = httpx2.Client(base_url=self.base_url, **self.httpx_args)
            return self._client

    def request(self, call: Call) -> RawResponse:
        """Send a call. Raises `httpx2.HTTPError` if no response comes."""
        return self.get_httpx_client().request(
            call.method, call.path, params=dict(call.params), data=dict(call.form) or None
        )

    def close(self) -> None:
        """Close the httpx2 client, if there is one: it sends no further request."""
        if self._client is not None:
            self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


# Compared and hashed by identity: two clients are two sets of connections.
@define(eq=False)
class AsyncClient:
    """Sends the calls of the `asyncio` functions, unsigned: for endpoints that anyone may call.

    The httpx2 client behind it is made when it is first needed, or set with `set_async_httpx_client`.
    """

    base_url: str = BASE_URL
    """The host that requests go to."""
    httpx_args: dict[str, Any] = field(factory=dict, kw_only=True, repr=False)
    """Further arguments of `httpx2.AsyncClient`."""
    _client: httpx2.AsyncClient | None = field(default=None, init=False, repr=False)

    def set_async_httpx_client(self, client: httpx2.AsyncClient) -> Self:
        """Use this httpx2 client. `base_url` and `httpx_args` are ignored then."""
        self._client = client
        return self

    def get_async_httpx_client(self) -> httpx2.AsyncClient:
        """Return the httpx2 client. The first call makes it."""
        if self._client is None:
            import httpx2  # slow to import, and not needed to build or sign calls

            self._client = httpx2.AsyncClient(base_url=self.base_url, **self.httpx_args)
        return self._client

    async def request(self, call: Call) -> RawResponse:
        """Send a call. Raises `httpx2.HTTPError` if no response comes."""
        return await self.get_async_httpx_client().request(
            call.method, call.path, params=dict(call.params), data=dict(call.form) or None
        )

    async def aclose(self) -> None:
        """Close the httpx2 client, if there is one: it sends no further request."""
        if self._client is not None:
            await self._client.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()


__all__ = ("AsyncClient", "Client")
