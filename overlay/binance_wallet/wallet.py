"""What both clients share: construction, options and usage."""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from threading import Event
from typing import Any, Generic, NoReturn, Self, TypeVar, Unpack

import httpx2
from attrs import evolve
from binance_wallet_client import BASE_URL, REQUEST_WEIGHT_LIMIT

from .budget import Budget, Usage, shared_budget
from .errors import InvalidRequestError
from .options import CallOptions, EventHooks, Options, credential, from_environment, signer, usable_transport
from .period import Period, PeriodQuery
from .pipeline import Pipeline
from .transports.environment import origin, proxy_to

T = TypeVar("T")


class Wallet(Generic[T]):
    """The base of both clients. `T` is the kind of transport that users may bring."""

    _driver: Any  # a Driver or an AsyncDriver
    _pipeline: Pipeline
    _event_hooks: EventHooks
    # What each client has of its own: how it opens a transport to the exchange, and which driver sends through it.
    _open: Callable[[httpx2.URL, str | None, object], Any]
    _driver_type: Callable[[Pipeline, Any, Event], Any]

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
        budget: Budget | str | None = None,
        transport: T | None = None,
        event_hooks: EventHooks | None = None,
    ) -> None:
        """Make a client. Nothing is sent yet.

        Args:
            api_key: The key's public half, as the exchange shows it.
            api_secret: The secret of an HMAC key.
            private_key: Instead of a secret, the PKCS#8 PEM of an Ed25519 or RSA key, as text or as a path (extra
                `asymmetric`).
            passphrase: The passphrase of an encrypted private key.
            base_url: The exchange, or a mock of it. Plain http is refused for any host but this machine.
            recv_window: Milliseconds for which the exchange accepts a request, 1 to 60000; its default is 5000. Below
                1000 plus two round trips, it may refuse requests unless this machine's clock is right.
            timeout: Seconds for a whole call, its retries and waits included.
            retries: How often a failed call is repeated, if repeating can help.
            weight_limit: The most weight that this IP address may use, per endpoint and minute, before calls wait;
                None for no limit.
            budget: Where the weight is counted. By default in memory, for all clients of the process that reach the
                same host through the same proxy; `sqlite:///PATH` for all processes of a machine, with a fourth slash
                if the path is absolute; `redis://HOST:PORT/DB` (or `rediss://`, extra `redis`) for several machines.
                With `?address=NAME`, the name stands for the IP address.
            transport: An httpx2 transport to send with, which then decides on proxies and certificates, and has a
                budget of its own unless `budget` is given; or another transport of this package. By default, the
                environment decides (HTTPS_PROXY, ALL_PROXY, NO_PROXY, SSL_CERT_FILE, SSL_CERT_DIR).
            event_hooks: httpx2's event hooks: by `request` and `response`, lists of functions, of async ones for an
                AsyncWalletClient. They see each call, without its key and signature.

        Raises:
            InvalidRequestError: An argument is missing or not allowed.

        """
        if unknown := set(event_hooks or ()) - {"request", "response"}:
            raise InvalidRequestError(f"event_hooks may have 'request' and 'response', not {str(unknown)[1:-1]}")
        url = origin(base_url)
        has_own_route = isinstance(transport, httpx2.BaseTransport | httpx2.AsyncBaseTransport)
        proxy = None if has_own_route else proxy_to(url)
        if budget is None:
            budget = Budget() if has_own_route else shared_budget((url.netloc, proxy))
        elif not isinstance(budget, Budget):
            from .budget.urls import budget_at

            budget = budget_at(str(budget), url.netloc.decode(), proxy)
        pipeline = Pipeline(
            origin=url,
            api_key=credential("api_key", api_key),
            sign=signer(api_secret, private_key, passphrase),
            budget=budget,
            timeout=timeout,
            retries=retries,
            recv_window=recv_window,
            weight_limit=weight_limit,
        )
        with usable_transport():
            self._attach(pipeline, self._open(url, proxy, transport), Event(), event_hooks or {})

    def _attach(self, pipeline: Pipeline, transport: Any, closed: Event, event_hooks: EventHooks) -> None:
        self._pipeline, self._event_hooks = pipeline, event_hooks
        self._driver = self._driver_type(pipeline, transport, closed)
        httpx_args = {"transport": self._driver, "event_hooks": event_hooks}
        super().__init__(str(pipeline.origin), httpx_args=httpx_args)  # type: ignore[call-arg]  # the generated client

    @classmethod
    def from_env(cls, **options: Unpack[Options[T]]) -> Self:
        """Make a client from the environment; `options`, the constructor's, take precedence.

        Reads BINANCE_API_KEY, and BINANCE_API_SECRET or BINANCE_PRIVATE_KEY with BINANCE_PRIVATE_KEY_PASSPHRASE, and
        BINANCE_BASE_URL and BINANCE_BUDGET. Raises InvalidRequestError if a credential is missing.
        """
        return cls(**{"api_key": "", **from_environment(options), **options})

    def with_options(self, **options: Unpack[CallOptions]) -> Self:
        """The same client with other options: `wallet.with_options(timeout=90).snapshots("SPOT")`.

        Both share connections, clock and budget; closing one closes both. Raises InvalidRequestError like the
        constructor.
        """
        if unknown := options.keys() - CallOptions.__annotations__.keys():
            raise TypeError(f"with_options has no option {', '.join(sorted(unknown))}")
        new = type(self).__new__(type(self))
        pipeline = evolve(self._pipeline, **options)
        Wallet._attach(new, pipeline, self._driver.transport, self._driver.closed, self._event_hooks)
        return new

    def __reduce__(self) -> NoReturn:
        raise TypeError("a client cannot be pickled, since it has connections and a key: make one in each process")

    @property
    def server_time(self) -> datetime:
        """The exchange's time in UTC. Until the first response, it is this machine's."""
        return datetime.fromtimestamp(self._pipeline.clock.now(), UTC)

    @property
    def budget(self) -> Budget:
        """Counts the weight of this client, and of those that share it."""
        return self._pipeline.budget

    @property
    def usage(self) -> dict[str, Usage]:
        """The known weight used in this minute, by the path of the endpoint."""
        return self._pipeline.budget.usage(self._pipeline.weight_limit)

    def _query(self, period: Period) -> PeriodQuery:
        return PeriodQuery(self._pipeline.clock, period)

    def _within(self, query: PeriodQuery) -> Self:
        """The same client, with the remaining time of a call as `timeout`."""
        return self.with_options(timeout=query.remaining(self._pipeline.timeout))
