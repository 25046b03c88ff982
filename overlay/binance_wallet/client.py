"""The sync and the async client. Each is a generated client whose requests go through the pipeline.

Where to find what is neither here, nor in the pipeline, nor in a transport:

- What a client is made of, its address (never plain http to others) and its budget's store: `wallet`, which uses
  `options`, `transports.environment` and `budget.urls`.
- The deadline of a call, and errors without secrets: `driver`. What is secret: `messages` and `redaction`.
- What a response must be, amounts included, and which error it stands for: the generated `responses`.
- Which arguments are refused: `period`, and the generated `parameters`.
"""

from typing import Any, Literal, NamedTuple, NoReturn, Unpack, cast, overload

import httpx2
from binance_wallet_client import AsyncClient, Client
from binance_wallet_client.api.account import daily_account_snapshot
from binance_wallet_client.api.asset import query_user_wallet_balance
from binance_wallet_client.models import FuturesSnapshot, MarginSnapshot, SnapshotType, SpotSnapshot, WalletBalance
from binance_wallet_client.types import RawResponse, Response

from .driver import AsyncDriver, Driver
from .errors import ApiError, InvalidRequestError, InvalidResponseError
from .messages import Request
from .period import Period
from .transports import AsyncTransport, Transport
from .wallet import Wallet

Snapshots = list[SpotSnapshot] | list[MarginSnapshot] | list[FuturesSnapshot]


class History(NamedTuple):
    """The daily snapshots of all three accounts, each oldest first."""

    spot: list[SpotSnapshot]
    margin: list[MarginSnapshot]
    futures: list[FuturesSnapshot]


class WalletClient(Wallet[httpx2.BaseTransport], Client):
    """A user's wallets and daily snapshots. Safe to share between threads; a context manager.

    It is a generated client too: `query_user_wallet_balance.sync(client=wallet)` works, as does every endpoint of the
    contract.
    """

    _driver: Driver
    _driver_type = Driver

    def _open(self, url: httpx2.URL, proxy: str | None, transport: object) -> Transport:
        from .transports.open import open_transport  # late: httpcore2 takes most of the import's time

        return open_transport(url, proxy, transport)

    def request(self, method: str, url: str, *, params: dict[str, Any], extensions: dict[str, Any]) -> RawResponse:
        """Send an endpoint function's request; with event hooks, through an httpx2 client, which calls them."""
        if self._event_hooks and not self._driver.closed.is_set():
            return super().request(method, url, params=params, extensions=extensions)
        return self._driver.send(Request.from_endpoint(self._pipeline.origin, method, url, params, extensions))

    def set_httpx_client(self, client: httpx2.Client) -> NoReturn:  # noqa: ARG002 - the generated client's signature
        """Always raises InvalidRequestError: that httpx2 client would not sign requests."""
        raise InvalidRequestError("requests would not be signed: give the client transport= or event_hooks= instead")

    def close(self) -> None:
        """Close the connections. A closed client cannot be used again."""
        super().close()
        self._driver.close()

    def balances(self, quote_asset: str | None = None) -> list[WalletBalance]:
        """Return the balance of each of the user's wallets, in `quote_asset` (the exchange's default is BTC).

        Weight 60. Raises a WalletError. Source: GET /sapi/v1/asset/wallet/balance.
        """
        return query_user_wallet_balance.sync(client=self, quote_asset=quote_asset)

    @overload
    def snapshots(self, type: Literal["SPOT"], **period: Unpack[Period]) -> list[SpotSnapshot]: ...
    @overload
    def snapshots(self, type: Literal["MARGIN"], **period: Unpack[Period]) -> list[MarginSnapshot]: ...
    @overload
    def snapshots(self, type: Literal["FUTURES"], **period: Unpack[Period]) -> list[FuturesSnapshot]: ...
    @overload
    def snapshots(self, type: SnapshotType, **period: Unpack[Period]) -> Snapshots: ...
    def snapshots(self, type: SnapshotType, **period: Unpack[Period]) -> Snapshots:
        """Return one account's daily snapshots, oldest first. Each was taken at the end of its day, 23:59:59 UTC.

        Args:
            type: "SPOT", "MARGIN" or "FUTURES"; the class of the snapshots follows it.
            **period: Either `days`, the last 1 to 30 whole days; or `start` and `end` (an aware datetime, a date, or
                milliseconds), within the last month and less than 30 days apart, where a date as `end` includes that
                day, and `limit`, the most records to return, 7 to 30 (by default, enough for the period). Without any
                of these, the last 7 days; a `limit` above 7 needs a `start`.

        Raises:
            InvalidRequestError: The exchange would refuse or ignore an argument; nothing was sent.
            WalletError: Any other failure; see its subclasses.

        Weight 2400: five calls a minute from one IP address. Source: GET /sapi/v1/accountSnapshot.

        """
        ask, query, response = daily_account_snapshot.sync_detailed, self._query(period), None
        try:
            response = ask(client=self, type_=type, **query.arguments)
        except ApiError:
            if not query.refresh():
                raise
        if response is None or query.refresh():
            response = ask(client=self._within(query), type_=type, **query.arguments)
        return _all_of(type, response)

    def history(self, **period: Unpack[Period]) -> History:
        """Return the snapshots of all three accounts: three calls of `snapshots`, one after the other.

        Takes the arguments of `snapshots`: `days`, or `start`, `end` and `limit`. `timeout` applies to each call.
        Weight 7200. Raises what `snapshots` raises.
        """
        return History(
            self.snapshots("SPOT", **period), self.snapshots("MARGIN", **period), self.snapshots("FUTURES", **period)
        )


class AsyncWalletClient(Wallet[httpx2.AsyncBaseTransport | AsyncTransport], AsyncClient):
    """`WalletClient` with `await`. Safe to share between tasks; an async context manager; for asyncio and trio."""

    _driver: AsyncDriver
    _driver_type = AsyncDriver

    def _open(self, url: httpx2.URL, proxy: str | None, transport: object) -> AsyncTransport:
        from .transports.open import open_async_transport  # late: httpcore2 takes most of the import's time

        return open_async_transport(url, proxy, transport)

    async def request(
        self, method: str, url: str, *, params: dict[str, Any], extensions: dict[str, Any]
    ) -> RawResponse:
        """See `WalletClient.request`."""
        if self._event_hooks and not self._driver.closed.is_set():
            return await super().request(method, url, params=params, extensions=extensions)
        return await self._driver.send(Request.from_endpoint(self._pipeline.origin, method, url, params, extensions))

    def set_async_httpx_client(self, client: httpx2.AsyncClient) -> NoReturn:  # noqa: ARG002 - see above
        """Always raises InvalidRequestError: that httpx2 client would not sign requests."""
        raise InvalidRequestError("requests would not be signed: give the client transport= or event_hooks= instead")

    async def aclose(self) -> None:
        """Close the connections. A closed client cannot be used again."""
        await super().aclose()
        await self._driver.aclose()

    async def balances(self, quote_asset: str | None = None) -> list[WalletBalance]:
        """See `WalletClient.balances`."""
        return await query_user_wallet_balance.asyncio(client=self, quote_asset=quote_asset)

    @overload
    async def snapshots(self, type: Literal["SPOT"], **period: Unpack[Period]) -> list[SpotSnapshot]: ...
    @overload
    async def snapshots(self, type: Literal["MARGIN"], **period: Unpack[Period]) -> list[MarginSnapshot]: ...
    @overload
    async def snapshots(self, type: Literal["FUTURES"], **period: Unpack[Period]) -> list[FuturesSnapshot]: ...
    @overload
    async def snapshots(self, type: SnapshotType, **period: Unpack[Period]) -> Snapshots: ...
    async def snapshots(self, type: SnapshotType, **period: Unpack[Period]) -> Snapshots:
        """See `WalletClient.snapshots`."""
        ask, query, response = daily_account_snapshot.asyncio_detailed, self._query(period), None
        try:
            response = await ask(client=self, type_=type, **query.arguments)
        except ApiError:
            if not query.refresh():
                raise
        if response is None or query.refresh():
            response = await ask(client=self._within(query), type_=type, **query.arguments)
        return _all_of(type, response)

    async def history(self, **period: Unpack[Period]) -> History:
        """See `WalletClient.history`."""
        return History(
            await self.snapshots("SPOT", **period),
            await self.snapshots("MARGIN", **period),
            await self.snapshots("FUTURES", **period),
        )


def _all_of(type: SnapshotType, response: Response[Any]) -> Snapshots:
    """The snapshots, all of the type that was asked for."""
    for index, snapshot in enumerate(response.parsed.snapshot_vos):
        if snapshot.type != type.lower():
            wrong, path = f"Expected `{type.lower()}`, got `{snapshot.type}`", f"$.snapshotVos[{index}].type"
            raise InvalidResponseError(wrong, path=path, body=response.content, status_code=200)
    return cast("Snapshots", response.parsed.snapshot_vos)
