"""The sync and the async client.

Where to find what is promised:

- Signed: `signing`. Retried: `pipeline`, whose steps `driver` performs.
- Timed out: `pipeline` decides on the deadline and the waits of a call; transports and stores keep to the deadline.
- Counted weight, and blocks by the exchange: `budget`. The exchange's time: `clock`.
- What a response must be, amounts included, and which error it stands for: the generated `responses`.
- Which arguments are refused: `period`, `calls`, and the generated `parameters`.
- No secret in messages and logs: `redaction`, `messages` and `driver`.
- What a client is made of, its address (never plain http to others) and its proxy: `base` and `transports.environment`.
"""

from functools import partial
from threading import Event
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self, TypeVar, Unpack, overload

from binance_wallet_client.api.asset import query_user_wallet_balance
from binance_wallet_client.contract import DEFAULT_RATE_LIMIT
from binance_wallet_client.models import FuturesSnapshot, MarginSnapshot, SnapshotType, SpotSnapshot
from binance_wallet_client.types import Call, Security

from . import calls
from .balances import Balances, asset_explained, balances_call
from .base import ClientBase
from .calls import EndpointOptions, Params
from .driver import AsyncDriver, Driver
from .messages import Response
from .period import Moment, Period
from .pipeline import Pipeline
from .snapshots import History, Snapshots, in_history, parse_snapshots, period_explained, snapshots_call

if TYPE_CHECKING:
    from httpx2 import AsyncBaseTransport, BaseTransport  # noqa: F401 - of the base classes

T = TypeVar("T")


class WalletClient(ClientBase["BaseTransport"]):
    """A user's wallets and daily snapshots. Safe to share between threads; a context manager.

    The generated functions take it as their client, too: `query_user_wallet_balance.sync(client=wallet)` works, as does
    every endpoint of the contract.
    """

    _driver: Driver

    def _make_driver(self, pipeline: Pipeline, proxy: str | None, transport: object) -> Driver:
        from .transports.open import open_transport  # late: httpcore2 takes most of the import's time

        return Driver(pipeline, open_transport(pipeline.origin, proxy, transport), Event())

    def request(self, call: Call) -> Response:
        """Send a call of a generated function, and return its response. Raises a WalletError."""
        return self._driver.send(lambda: call)

    @overload
    def call(
        self,
        method: str,
        path: str,
        params: Params | None = None,
        *,
        weight: int,
        returns: type[T],
        **options: Unpack[EndpointOptions],
    ) -> T: ...
    @overload
    def call(
        self, method: str, path: str, params: Params | None = None, *, weight: int, **options: Unpack[EndpointOptions]
    ) -> Any: ...
    def call(
        self,
        method: str,
        path: str,
        params: Params | None = None,
        *,
        weight: int,
        returns: Any = Any,
        form: Params | None = None,
        security: Security = "signed",
        rate_limit: str = DEFAULT_RATE_LIMIT.name,
        success: int | None = None,
    ) -> Any:
        """Call an endpoint that is not in the contract: signed, budgeted and retried like any other.

        Args:
            method: The HTTP method. Only a "GET" is ever sent again.
            path: The path, such as "/sapi/v1/account/status".
            params: The parameters of the query, by the exchange's names. None leaves one out, and a list is repeated.
            weight: What the call costs in request weight, as the exchange's page says.
            returns: The type of the response's JSON, such as a `msgspec.Struct`, `dict[str, str]` or `list[Order]`. By
                default, the JSON as it is, with exact Decimals for numbers that are no integers.
            form: The parameters of a form body, of any method but "GET".
            security: "key" for an endpoint that wants the API key alone, "none" for a public one.
            rate_limit: The rate limit that counts the weight: "sapi-ip" (the default), "sapi-uid" or "api-ip".
            success: The `code` in the response that means success, such as 0, which is also "000000". Without it, any
                `code` is an error.

        Raises:
            InvalidRequestError: An argument cannot be sent; nothing was sent.
            InvalidResponseError: The response is not of the type.
            WalletError: Any other failure; see its subclasses.

        """
        decoder = calls.decoder_of(returns)
        call = calls.build_call(
            method, path, params, weight, form=form, security=security, rate_limit=rate_limit, success=success
        )
        with calls.success_explained():
            return calls.parse_response(self.request(call), decoder, call.success)

    def balances(self, quote_asset: str = "BTC", *, details: bool = False) -> Balances:
        """Return the balance of each of the user's wallets, in `quote_asset`, as a list that knows their `total`.

        With `details`, each wallet also lists its assets, as `asset_balances`.

        Weight 60. Raises a WalletError. Source: GET /sapi/v1/asset/wallet/balance.
        """
        call = balances_call(quote_asset, details=details)
        with asset_explained(quote_asset):
            response = self.request(call)
        return Balances(query_user_wallet_balance.parse_response(response), quote_asset=quote_asset)

    @overload
    def snapshots(self, type: Literal["SPOT"], **period: Unpack[Period]) -> list[SpotSnapshot]: ...
    @overload
    def snapshots(self, type: Literal["MARGIN"], **period: Unpack[Period]) -> list[MarginSnapshot]: ...
    @overload
    def snapshots(self, type: Literal["FUTURES"], **period: Unpack[Period]) -> list[FuturesSnapshot]: ...
    @overload
    def snapshots(self, type: SnapshotType, **period: Unpack[Period]) -> Snapshots: ...
    def snapshots(
        self,
        type: SnapshotType,
        *,
        days: int | None = None,
        start: Moment | None = None,
        end: Moment | None = None,
        limit: int | None = None,
    ) -> Snapshots:
        """Return one account's daily snapshots, oldest first. Each was taken at the end of its day, 23:59:59 UTC.

        Args:
            type: "SPOT", "MARGIN" or "FUTURES"; the class of the snapshots follows it.
            days: The number of whole days, the last of which is yesterday: 1 to 30. Without any of these arguments, 7.
            start: The start of the period instead: an aware datetime, a date, or milliseconds, within the last month.
            end: Its end, less than 30 days after `start`. A date includes that day. By default, the end of yesterday.
            limit: The most records to return, 7 to 30: the last ones of the period. By default, enough for all of it.

        Raises:
            InvalidRequestError: The exchange would refuse or ignore an argument; nothing was sent.
            WalletError: Any other failure; see its subclasses.

        Weight 2400: five calls a minute from one IP address. Source: GET /sapi/v1/accountSnapshot.

        """
        period = Period(days=days, start=start, end=end, limit=limit)
        # Built anew for each attempt: a corrected clock may be on another day.
        build_call = partial(snapshots_call, self.budget.clock, type, period)
        with period_explained(build_call):
            response = self._driver.send(build_call)
        return parse_snapshots(type, response)

    def history(
        self,
        *,
        days: int | None = None,
        start: Moment | None = None,
        end: Moment | None = None,
        limit: int | None = None,
    ) -> History:
        """Return the snapshots of spot, margin and futures: three calls of `snapshots`, one after the other.

        Takes the arguments of `snapshots`: `days`, or `start`, `end` and `limit`. `timeout` and `wait` apply to each
        call. Weight 7200 of the 12000 a minute: for more than one history a minute, give `wait`, since a history that
        fails half-way has used its weight. Raises what `snapshots` raises, with a note that says which call it was.
        """
        period = Period(days=days, start=start, end=end, limit=limit)
        with in_history("SPOT"):
            spot = self.snapshots("SPOT", **period)
        with in_history("MARGIN", "SPOT"):
            margin = self.snapshots("MARGIN", **period)
        with in_history("FUTURES", "SPOT", "MARGIN"):
            futures = self.snapshots("FUTURES", **period)
        return History(spot, margin, futures)

    def close(self) -> None:
        """Close the connections. A closed client cannot be used again."""
        self._driver.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


class AsyncWalletClient(ClientBase["AsyncBaseTransport"]):
    """`WalletClient` with `await`. Safe to share between tasks; an async context manager; for asyncio and trio."""

    _driver: AsyncDriver

    def _make_driver(self, pipeline: Pipeline, proxy: str | None, transport: object) -> AsyncDriver:
        from .transports.open import open_async_transport  # late: httpcore2 takes most of the import's time

        return AsyncDriver(pipeline, open_async_transport(pipeline.origin, proxy, transport), Event())

    async def request(self, call: Call) -> Response:
        """See `WalletClient.request`."""
        return await self._driver.send(lambda: call)

    @overload
    async def call(
        self,
        method: str,
        path: str,
        params: Params | None = None,
        *,
        weight: int,
        returns: type[T],
        **options: Unpack[EndpointOptions],
    ) -> T: ...
    @overload
    async def call(
        self, method: str, path: str, params: Params | None = None, *, weight: int, **options: Unpack[EndpointOptions]
    ) -> Any: ...
    async def call(
        self,
        method: str,
        path: str,
        params: Params | None = None,
        *,
        weight: int,
        returns: Any = Any,
        form: Params | None = None,
        security: Security = "signed",
        rate_limit: str = DEFAULT_RATE_LIMIT.name,
        success: int | None = None,
    ) -> Any:
        """See `WalletClient.call`."""
        decoder = calls.decoder_of(returns)
        call = calls.build_call(
            method, path, params, weight, form=form, security=security, rate_limit=rate_limit, success=success
        )
        with calls.success_explained():
            return calls.parse_response(await self.request(call), decoder, call.success)

    async def balances(self, quote_asset: str = "BTC", *, details: bool = False) -> Balances:
        """See `WalletClient.balances`."""
        call = balances_call(quote_asset, details=details)
        with asset_explained(quote_asset):
            response = await self.request(call)
        return Balances(query_user_wallet_balance.parse_response(response), quote_asset=quote_asset)

    @overload
    async def snapshots(self, type: Literal["SPOT"], **period: Unpack[Period]) -> list[SpotSnapshot]: ...
    @overload
    async def snapshots(self, type: Literal["MARGIN"], **period: Unpack[Period]) -> list[MarginSnapshot]: ...
    @overload
    async def snapshots(self, type: Literal["FUTURES"], **period: Unpack[Period]) -> list[FuturesSnapshot]: ...
    @overload
    async def snapshots(self, type: SnapshotType, **period: Unpack[Period]) -> Snapshots: ...
    async def snapshots(
        self,
        type: SnapshotType,
        *,
        days: int | None = None,
        start: Moment | None = None,
        end: Moment | None = None,
        limit: int | None = None,
    ) -> Snapshots:
        """See `WalletClient.snapshots`."""
        period = Period(days=days, start=start, end=end, limit=limit)
        # Built anew for each attempt: a corrected clock may be on another day.
        build_call = partial(snapshots_call, self.budget.clock, type, period)
        with period_explained(build_call):
            response = await self._driver.send(build_call)
        return parse_snapshots(type, response)

    async def history(
        self,
        *,
        days: int | None = None,
        start: Moment | None = None,
        end: Moment | None = None,
        limit: int | None = None,
    ) -> History:
        """See `WalletClient.history`."""
        period = Period(days=days, start=start, end=end, limit=limit)
        with in_history("SPOT"):
            spot = await self.snapshots("SPOT", **period)
        with in_history("MARGIN", "SPOT"):
            margin = await self.snapshots("MARGIN", **period)
        with in_history("FUTURES", "SPOT", "MARGIN"):
            futures = await self.snapshots("FUTURES", **period)
        return History(spot, margin, futures)

    async def aclose(self) -> None:
        """Close the connections. A closed client cannot be used again."""
        await self._driver.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()
