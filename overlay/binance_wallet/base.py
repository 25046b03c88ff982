"""What both clients share: construction, options and usage."""

import copy
import os
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final, Generic, Self, TypeVar, Unpack

from attrs import evolve
from binance_wallet_client import BASE_URL, REQUEST_WEIGHT_LIMIT

from .budget import Budget, Usage, shared_budget
from .options import CallOptions, Options, credential, forgets_arguments, from_environment, signer, usable_transport
from .pipeline import Attempt, Pipeline
from .transports.environment import find_origin, proxy_to

T = TypeVar("T")

_SHOWN: Final = 4  # of the API key's 64 characters: enough to tell keys apart


class ClientBase(Generic[T]):
    """The base of both clients. `T` is the kind of transport that users may bring."""

    _driver: Any  # a Driver or an AsyncDriver

    def _make_driver(self, pipeline: Pipeline, proxy: str | None, transport: object) -> Any:
        raise NotImplementedError

    @forgets_arguments
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
        wait: float | None = None,
        retries: int = 3,
        weight_limit: int | None = REQUEST_WEIGHT_LIMIT,
        budget: Budget | str | None = None,
        transport: T | None = None,
        on_attempt: Callable[[Attempt], object] | None = None,
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
            timeout: Seconds for a whole call, its retries included. It includes the waits for request weight unless
                `wait` is given.
            wait: Seconds that a call may wait for request weight, besides `timeout`: for a new minute, or until the
                exchange takes requests again after a 429. Without it, a call waits within its `timeout`, but not for
                the end of a 429 that another call has met. A ban is never waited for.
            retries: How often a failed call is repeated, if repeating can help.
            weight_limit: The most weight that this IP address may use, per endpoint and minute, before calls wait. What
                the exchange counts otherwise has the contract's limits. None for no limit at all.
            budget: Where the weight is counted. By default in memory, for all clients of the process that reach the
                same host through the same proxy; `sqlite:///PATH` for all processes of a machine, with a fourth slash
                if the path is absolute; `redis://HOST:PORT/DB` (or `rediss://`, extra `redis`) for several machines.
                With `?address=NAME`, the name stands for the IP address.
            transport: An httpx2 transport to send with, which then decides on proxies and certificates, and has a
                budget of its own unless `budget` is given. By default, the environment decides (HTTPS_PROXY,
                ALL_PROXY, NO_PROXY, SSL_CERT_FILE, SSL_CERT_DIR).
            on_attempt: A plain function that is called with an Attempt after every attempt of a call and after every
                wait, for metrics and logs. It should return soon. What it raises is logged, and the call goes on.

        Raises:
            InvalidRequestError: An argument is missing or not allowed.

        """
        import httpx2  # slow to import; whoever only reads archives needs no client

        origin = find_origin(base_url)
        has_own_route = isinstance(transport, httpx2.BaseTransport | httpx2.AsyncBaseTransport)
        proxy = None if has_own_route else proxy_to(origin)
        if budget is None:
            budget = Budget() if has_own_route else shared_budget((origin.netloc, proxy))
        elif not isinstance(budget, Budget):
            from .budget.urls import budget_at

            budget = budget_at(str(budget), origin.netloc, proxy)
        pipeline = Pipeline(
            origin=origin,
            api_key=credential("api_key", api_key),
            signer=signer(api_secret, private_key, passphrase),
            budget=budget,
            timeout=timeout,
            wait=wait,
            retries=retries,
            recv_window=recv_window,
            weight_limit=weight_limit,
            on_attempt=on_attempt,
        )
        with usable_transport():
            self._driver = self._make_driver(pipeline, proxy, transport)

    @classmethod
    @forgets_arguments
    def from_env(cls, **options: Unpack[Options[T]]) -> Self:
        """Make a client from the environment; `options`, the constructor's, take precedence.

        Reads BINANCE_API_KEY, and BINANCE_API_SECRET or BINANCE_PRIVATE_KEY with BINANCE_PRIVATE_KEY_PASSPHRASE, and
        BINANCE_BASE_URL and BINANCE_BUDGET. Raises InvalidRequestError if a credential is missing.
        """
        given = {
            name: value for name, value in options.items() if value is not None or name in CallOptions.__annotations__
        }
        return cls(**{"api_key": "", **from_environment(options), **given})

    def with_options(self, **options: Unpack[CallOptions]) -> Self:
        """The same client with other options: `wallet.with_options(timeout=90).snapshots("SPOT")`.

        Both share connections, clock and budget; closing one closes both. Raises InvalidRequestError like the
        constructor.
        """
        if unknown := options.keys() - CallOptions.__annotations__.keys():
            raise TypeError(f"with_options has no option {', '.join(sorted(unknown))}")
        new = copy.copy(self)
        new._driver = evolve(self._driver, pipeline=evolve(self._driver.pipeline, **options))  # noqa: SLF001 - our own
        return new

    def __repr__(self) -> str:
        if not hasattr(self, "_driver"):  # the constructor failed, and an error tracker shows the object
            return super().__repr__()
        ends = self._driver.pipeline.api_key[-_SHOWN:]
        budget = str(self.budget.store)
        return f"{type(self).__name__}(api_key='…{ends}', base_url={self.base_url!r}, budget={budget!r})"

    @property
    def base_url(self) -> str:
        """The exchange, or the mock of it, that this client calls."""
        return str(self._driver.pipeline.origin)

    @property
    def server_time(self) -> datetime:
        """The exchange's time in UTC. Until the first response, it is this machine's."""
        return self.budget.clock.utc()

    @property
    def budget(self) -> Budget:
        """Counts the weight of this client, and of those that share it."""
        budget: Budget = self._driver.pipeline.budget
        return budget

    @property
    def usage(self) -> dict[str, Usage]:
        """The known weight used in this minute, by the path of the endpoint.

        Other rate limits are named behind the path: "/sapi/v1/… (sapi-uid, account 1a2b3c4d)", where the account is a
        digest of the API key; or "all endpoints (api-ip)".
        """
        return self.budget.usage(self._driver.pipeline.weight_limit)
