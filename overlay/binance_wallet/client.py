"""The two clients that people use. Each is a generated client whose requests go through the pipeline."""

from __future__ import annotations

import math
import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Generic, Literal, NoReturn, Self, TypedDict, TypeVar, Unpack, cast, overload

import httpx
from binance_wallet_client import BASE_URL, REQUEST_WEIGHT_LIMIT, AsyncClient, Client
from binance_wallet_client.api.account import daily_account_snapshot
from binance_wallet_client.api.asset import query_user_wallet_balance
from binance_wallet_client.models import FuturesSnapshot, MarginSnapshot, SpotSnapshot, WalletBalance

from .errors import InvalidRequestError, InvalidResponseError
from .limits import Budget, Usage, shared_budget
from .period import Moment, OtherDayError, Period, parameters, parameters_at
from .pipeline import Pipeline
from .signing import Signer, hmac_signer, private_key_signer
from .wire.deadline import until
from .wire.route import origin, proxy_to
from .wire.stdlib import StdlibWire
from .wire.transport import AsyncPipelineTransport, PipelineTransport

if TYPE_CHECKING:
    from collections.abc import Callable

    from binance_wallet_client.types import RawResponse, Response

    from .wire.aio import AiohttpTransport
    from .wire.reply import AsyncWire, Wire

T = TypeVar("T")
_LIMITS = httpx.Limits(max_connections=100, max_keepalive_connections=100)  # httpx keeps twenty
SnapshotType = Literal["SPOT", "MARGIN", "FUTURES"]
Snapshots = list[SpotSnapshot] | list[MarginSnapshot] | list[FuturesSnapshot]


class Options(TypedDict, Generic[T], total=False):
    """What `from_env` takes: the constructor's arguments."""

    api_key: str
    api_secret: str | None
    private_key: str | os.PathLike[str] | None
    passphrase: str | None
    base_url: str
    recv_window: int | None
    timeout: float
    retries: int
    weight_limit: int | None
    transport: T | None


class _Wallet(Generic[T]):
    """What both clients share: how they are made, and what they know."""

    def __init__(
        self,
        api_key: str,
        api_secret: str | None = None,
        *,
        private_key: str | os.PathLike[str] | None = None,
        passphrase: str | None = None,
        base_url: str = BASE_URL,
        recv_window: int | None = None,
        timeout: float = 10.0,
        retries: int = 3,
        weight_limit: int | None = REQUEST_WEIGHT_LIMIT,
        transport: T | None = None,
    ) -> None:
        """Make a client; nothing is sent yet.

        Args:
            api_key: The key's public half, as the exchange shows it.
            api_secret: The secret of an HMAC key.
            private_key: Instead of a secret, the PKCS#8 PEM of an Ed25519 or RSA key, as text or as a path (extra
                `asymmetric`).
            passphrase: What the private key is encrypted with, if it is.
            base_url: The exchange, or a mock of it. Plain http is refused for any host but this machine.
            recv_window: Milliseconds for which the exchange accepts a request, 1 to 60000; its default is 5000.
            timeout: Seconds for a whole call, its retries and waits included.
            retries: How often a call is tried again where that can help.
            weight_limit: Weight per endpoint and minute of this IP address, as far as is known here, beyond which
                nothing is sent; None for no limit.
            transport: An httpx transport to send with, where the environment (HTTPS_PROXY, NO_PROXY, SSL_CERT_FILE,
                SSL_CERT_DIR) does not say it all: it may have an IP address of its own, so it has a weight budget of
                its own. Or an AiohttpTransport.

        Raises:
            InvalidRequestError: One of these is missing, or is not what it should be.

        """
        url = origin(base_url)
        brought = isinstance(transport, httpx.BaseTransport | httpx.AsyncBaseTransport)
        proxy = None if brought else proxy_to(url)
        budget = Budget() if brought else shared_budget(url.netloc, proxy)
        self._pipeline = Pipeline(
            origin=url,
            api_key=_credential("api_key", api_key),
            sign=_signer(api_secret, private_key, passphrase),
            clock=budget.clock,
            budget=budget,
            timeout=_number("timeout", timeout, float, most=86_400),
            retries=_number("retries", retries, int, 0),
            recv_window=None if recv_window is None else _number("recv_window", recv_window, int, 1, 60_000),
            weight_limit=None if weight_limit is None else _number("weight_limit", weight_limit, int, 1),
        )
        self._connect(url, transport, proxy)

    def _connect(self, url: httpx.URL, transport: T | None, proxy: str | None) -> None:
        raise NotImplementedError

    @classmethod
    def from_env(cls, **options: Unpack[Options[T]]) -> Self:
        """Make a client from the environment; `options` are the constructor's, and win.

        Reads BINANCE_API_KEY, and BINANCE_API_SECRET or BINANCE_PRIVATE_KEY with BINANCE_PRIVATE_KEY_PASSPHRASE, and
        BINANCE_BASE_URL. Raises InvalidRequestError where a credential is missing.
        """
        names = {"api_key": "API_KEY", "base_url": "BASE_URL"}
        if "api_secret" not in options and "private_key" not in options:
            names |= {"api_secret": "API_SECRET", "private_key": "PRIVATE_KEY", "passphrase": "PRIVATE_KEY_PASSPHRASE"}
        found: Any = {option: value for option, name in names.items() if (value := os.environ.get(f"BINANCE_{name}"))}
        return cls(**{"api_key": "", **found, **options})

    def __reduce__(self) -> NoReturn:
        raise TypeError("a client has connections and a key, and is not pickled: make one in each process")

    @property
    def usage(self) -> dict[str, Usage]:
        """The weight that each endpoint has used in the running minute, by path, as far as is known here."""
        return self._pipeline.budget.usage(self._pipeline.weight_limit, self._pipeline.clock)


class WalletClient(_Wallet[httpx.BaseTransport], Client):
    """A user's wallets and daily snapshots. Safe to share between threads; a context manager.

    It is a generated client too: `query_user_wallet_balance.sync(client=wallet)` works, as does every endpoint of the
    contract.
    """

    def _connect(self, url: httpx.URL, transport: httpx.BaseTransport | None, proxy: str | None) -> None:
        def wire() -> Wire:
            if transport is None and proxy is None:
                return StdlibWire(url)
            from .wire.custom import HttpxWire  # httpx's engine takes a fifth of the import, and few need it

            return HttpxWire(url, transport or httpx.HTTPTransport(proxy=proxy))

        self._transport = PipelineTransport(self._pipeline, _opened(wire))
        Client.__init__(self, str(url), httpx_args={"transport": self._transport})

    def request(self, method: str, url: str, *, params: dict[str, Any], extensions: dict[str, Any]) -> RawResponse:
        """Send a call of an endpoint function; through httpx once `get_httpx_client` was asked for, hooks and all."""
        if self._client is None or self._client.is_closed:
            return self._transport.send(self._transport.calls.of(method, url, params, extensions))
        return super().request(method, url, params=params, extensions=extensions)

    def close(self) -> None:
        """Close the connections. A closed client cannot be used again."""
        super().close()
        self._transport.close()

    def balances(self, quote_asset: str | None = None) -> list[WalletBalance]:
        """Return the balance of each of the user's wallets, in `quote_asset` (the exchange's default is BTC).

        Weight 60. Raises an error of the WalletError tree. Source: GET /sapi/v1/asset/wallet/balance.
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
            days: The last 1 to 30 whole days; or
            start: from here (an aware datetime, a date, or milliseconds), within the last month,
            end: to here, less than 30 days later; a date is included. Without any of these, the last 7 days.
            limit: 7 to 30 records at the most; by default, as many as the period has.

        Raises:
            InvalidRequestError: The exchange would refuse this; nothing was sent.
            WalletError: Anything else that went wrong, by its class.

        Weight 2400: five calls a minute from one IP address. Source: GET /sapi/v1/accountSnapshot.

        """
        period: Period = {"days": days, "start": start, "end": end, "limit": limit}
        ask, clock, since = daily_account_snapshot.sync_detailed, self._pipeline.clock, self._pipeline.clock.steady()
        with until(self._pipeline.deadline()):
            response = None
            with suppress(OtherDayError), parameters_at(since, clock, period) as arguments:
                response = ask(client=self, type_=type, **arguments)
            if response is None:
                response = ask(client=self, type_=type, **parameters(clock.at(since), period))
        return _only(type, response)


class AsyncWalletClient(_Wallet["httpx.AsyncBaseTransport | AiohttpTransport"], AsyncClient):
    """`WalletClient` with `await`. Safe to share between tasks; an async context manager; for asyncio and trio."""

    def _connect(
        self, url: httpx.URL, transport: httpx.AsyncBaseTransport | AiohttpTransport | None, proxy: str | None
    ) -> None:
        def wire() -> AsyncWire:
            if transport is None or isinstance(transport, httpx.AsyncBaseTransport):
                from .wire.custom import AsyncHttpxWire

                return AsyncHttpxWire(url, transport or httpx.AsyncHTTPTransport(proxy=proxy, limits=_LIMITS))
            if not hasattr(transport, "to"):
                raise ValueError("transport must be an httpx.AsyncBaseTransport or an AiohttpTransport")
            return transport.to(url, proxy)

        self._transport = AsyncPipelineTransport(self._pipeline, _opened(wire))
        AsyncClient.__init__(self, str(url), httpx_args={"transport": self._transport})

    async def request(
        self, method: str, url: str, *, params: dict[str, Any], extensions: dict[str, Any]
    ) -> RawResponse:
        """See `WalletClient.request`."""
        if self._client is None or self._client.is_closed:
            return await self._transport.send(self._transport.calls.of(method, url, params, extensions))
        return await super().request(method, url, params=params, extensions=extensions)

    async def aclose(self) -> None:
        """Close the connections. A closed client cannot be used again."""
        await super().aclose()
        await self._transport.aclose()

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
        period: Period = {"days": days, "start": start, "end": end, "limit": limit}
        ask, clock, since = daily_account_snapshot.asyncio_detailed, self._pipeline.clock, self._pipeline.clock.steady()
        with until(self._pipeline.deadline()):
            response = None
            with suppress(OtherDayError), parameters_at(since, clock, period) as arguments:
                response = await ask(client=self, type_=type, **arguments)
            if response is None:
                response = await ask(client=self, type_=type, **parameters(clock.at(since), period))
        return _only(type, response)


def _only(type: SnapshotType, response: Response[Any]) -> Snapshots:
    """The snapshots, all of the type that was asked for."""
    for index, snapshot in enumerate(response.parsed.snapshot_vos):
        if snapshot.type != type.lower():
            wrong = f"Expected `{type.lower()}`, got `{snapshot.type}`"
            raise InvalidResponseError(
                wrong, path=f"$.snapshotVos[{index}].type", body=response.content, status_code=200
            )
    return cast("Snapshots", response.parsed.snapshot_vos)


def _credential(name: str, value: str | None) -> str:
    if not isinstance(value, str) or not value:
        raise InvalidRequestError(f"{name} is missing, empty or no str (from_env reads BINANCE_{name.upper()})")
    if not value.isascii() or not value.isprintable() or " " in value:
        raise InvalidRequestError(f"{name} has a space, a line break or another character that no key has")
    return value


def _signer(secret: str | None, private_key: str | os.PathLike[str] | None, passphrase: str | None) -> Signer:
    if private_key is None:
        if passphrase is not None:
            raise InvalidRequestError("passphrase belongs to a private_key")
        return hmac_signer(_credential("api_secret", secret))
    if secret is not None:
        raise InvalidRequestError("give api_secret or private_key, not both (nor both BINANCE_ variables to from_env)")
    return private_key_signer(private_key, passphrase)


def _number(name: str, value: Any, kind: type[int | float], least: float = 1e-3, most: float = math.inf) -> Any:
    if isinstance(value, bool) or not isinstance(value, kind | int) or not least <= value <= most or value == math.inf:
        noun = "a whole number" if kind is int else "a number"
        allowed = f"of at least {least}" if most == math.inf else f"from {least} to {most}"
        raise InvalidRequestError(f"{name} must be {noun} {allowed}, not {value!r}")
    return value


def _opened(wire: Callable[[], T]) -> T:
    try:
        return wire()
    except (httpx.InvalidURL, ValueError, ImportError, OSError, AttributeError) as error:
        raise InvalidRequestError(
            f"this transport, or the environment's proxy or certificates, cannot be used: {error}"
        ) from None
