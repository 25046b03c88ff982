"""The mock exchange: accounts, keys, a clock, scripted faults, and responses."""

from __future__ import annotations

import math
import re
import secrets
import string
import time
from dataclasses import replace
from http import HTTPStatus
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, get_args
from urllib.parse import quote

from .account import Account, epoch_seconds
from .faults import Fault, FaultScript
from .keys import ApiKey, hmac_verifier, public_key_verifier
from .limits import Limiter
from .messages import RecordedRequest, Response, json_response, to_json
from .rules import (
    DAY_MS,
    ENDPOINTS,
    WALLET_BALANCE,
    Endpoint,
    Refused,
    Security,
    check_key,
    check_quote_asset,
    check_signature,
    check_timestamp,
    check_usage,
    counter_and_header,
    end_of_day,
    read_days,
    read_details,
    read_limit,
    read_parameters,
    read_type,
    well_formed,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, MutableSequence
    from datetime import datetime
    from types import TracebackType
    from typing import Self

    from .account import Amount
    from .faults import Edit
    from .server import Server

_HEADER_NAME: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_HEADER_VALUE: Final = re.compile(r"[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?|")
_METHOD: Final = re.compile(r"[A-Z]+")
_PATH: Final = re.compile(r"/[A-Za-z0-9._~/-]*")


class MockExchange:
    """A mock of the exchange for tests, over real HTTP, on this machine.

    It serves inside its `with` block; several can run side by side.

    Args:
        api_key: The first key, 64 letters and digits; made up if not given.
        api_secret: Its HMAC secret; made up if not given.
        seed: The same seed makes the same account.
        assets: How many assets the account's spot wallet holds.
        balances: What wallets are worth, in BTC, by the wallet's name: see `Account.set_balances`.
        port: Where to listen on 127.0.0.1; 0 for any free port.
        minute: The length in seconds of the minute in which request weight is counted. Bans are measured in it, too.
        weight_limit: The weight that one address may use on one endpoint in such a minute.
        clock: Returns the time in seconds since the epoch. The exchange uses it for everything: the `Date` header, the
            check of timestamps, the minutes of request weight, bans, and which days are over.
        newest_first: Whether snapshots come newest first instead of oldest first.
        balance_details: Whether it knows `needBalanceDetail`. If not, it refuses that as an unknown parameter (-1104),
            as the exchange did before August 2026.

    Raises:
        TypeError: `seed` is not a whole number.
        ValueError: `api_key` is malformed, `minute` is not positive, `weight_limit` is not a positive whole number,
            `assets` is not a whole number or negative, or `balances` are wrong.

    Attributes:
        base_url: Where it listens, once entered.
        account: What `api_key` gives access to; its `set_...` methods change what it holds.
        clock_offset: The seconds that its time is ahead of `clock`, or of the moment at which time was stopped.
        requests: All requests so far, oldest first.
    """

    base_url: str

    def __init__(
        self,
        *,
        api_key: str | None = None,
        api_secret: str | None = None,
        seed: int = 0,
        assets: int = 40,
        balances: Mapping[str, Amount] | None = None,
        port: int = 0,
        minute: float = 60.0,
        weight_limit: int = 12_000,
        clock: Callable[[], float] = time.time,
        newest_first: bool = False,
        balance_details: bool = True,
    ) -> None:
        if not minute > 0:
            raise ValueError(f"minute must be a positive number of seconds, not {minute!r}")
        if not isinstance(weight_limit, int) or weight_limit < 1:
            raise ValueError(f"weight_limit must be a positive whole number, not {weight_limit!r}")
        self.api_key = api_key or _random_key()
        self.api_secret = api_secret or _random_key()
        self.account = Account(seed, assets)
        self.clock_offset = 0.0
        self.requests: MutableSequence[RecordedRequest] = []
        self._initial_balances = balances or {}
        self._clock = clock
        self._stopped_at: float | None = None
        self._newest_first = newest_first
        self._port = port
        self._minute = minute
        self._weight_limit = weight_limit
        self._limiter = Limiter(weight_limit, minute)
        self._keys: dict[str, ApiKey] = {}
        self._endpoints = dict(ENDPOINTS)
        if not balance_details:
            self._endpoints["GET", WALLET_BALANCE] = replace(ENDPOINTS["GET", WALLET_BALANCE], optional=("quoteAsset",))
        self._faults = FaultScript()
        self._server: Server | None = None
        self._failure: Exception | None = None
        self.account.set_balances(self._initial_balances)
        self.add_key(self.api_key, api_secret=self.api_secret)

    def __enter__(self) -> Self:
        try:
            from .app import create_app
            from .server import Server
        except ModuleNotFoundError as error:
            raise ModuleNotFoundError(
                f"{error.name} is not installed: it comes with the extra 'mock' (see Extras in the README)",
                name=error.name,
            ) from None
        self._server = Server(create_app(self), self._port)
        self.base_url = self._server.base_url
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.stop()
            self._server = None
        if self._failure is not None and exc is None:
            raise RuntimeError("the mock exchange itself failed while it handled a request") from self._failure

    def client(self, **options: Any) -> Any:
        """A `binance_wallet.WalletClient` for this exchange, with its key. Use it in a `with` block.

        Args:
            **options: Options of the client, such as `timeout=1`, or another `api_key` and `api_secret`.

        Raises:
            RuntimeError: The exchange is not serving.
        """
        return self._client("WalletClient", options)

    def async_client(self, **options: Any) -> Any:
        """A `binance_wallet.AsyncWalletClient` for this exchange: see `client`. Use it in an `async with` block."""
        return self._client("AsyncWalletClient", options)

    def add_key(
        self,
        api_key: str,
        *,
        api_secret: str | None = None,
        public_key: str | None = None,
        account: Account | None = None,
        permitted: bool = True,
    ) -> None:
        """Add a key, or change one.

        Args:
            api_key: 64 letters and digits.
            api_secret: For an HMAC key.
            public_key: For an Ed25519 or RSA key, in PEM.
            account: What the key gives access to, if not `self.account`.
            permitted: False for a key that may not read, or not from this address (-2015).
        """
        if not well_formed(api_key):
            raise ValueError("an API key is 64 letters and digits")
        if api_secret is not None and public_key is None:
            verify = hmac_verifier(api_secret)
        elif public_key is not None and api_secret is None:
            verify = public_key_verifier(public_key)
        else:
            raise ValueError("a key has either a secret or a public key")
        self._keys[api_key] = ApiKey(api_key, account or self.account, verify, permitted)

    def set_balances(self, balances: Mapping[str, Amount]) -> None:
        """Set what the wallets of `account` are worth: see `Account.set_balances`."""
        self.account.set_balances(balances)

    def add_endpoint(
        self,
        method: str,
        path: str,
        response: object,
        *,
        security: Security = "USER_DATA",
        weight: int = 1,
    ) -> None:
        """Serve an endpoint that the mock exchange does not know, or change one that was added before.

        Key, timestamp, signature and weight are checked as for the other endpoints. Any other parameter is accepted, in
        the query string or in a form. Weight outside `/sapi/` is counted for all of these paths together.

        Args:
            method: As in `GET`.
            path: As in `/sapi/v1/asset/tradeFee`.
            response: The body, as a value for JSON (status 200); or a function that gets the
                [request][binance_wallet_mock.RecordedRequest] and returns such a value.
            security: What a request must have, in the exchange's words: nothing (`NONE`), the key (`MARKET_DATA`,
                `USER_STREAM`), or the key, a timestamp and a signature (`USER_DATA`, `TRADE`, `MARGIN`). If timestamp
                and signature are not needed, they are refused (-1104).
            weight: Its request weight.

        Raises:
            TypeError: JSON cannot express `response`.
            ValueError: An argument is malformed, JSON cannot express `response`, or the mock exchange serves this
                endpoint itself.
        """
        if not _METHOD.fullmatch(method):
            raise ValueError(f"method must be in capitals, as in 'GET': {method!r}")
        if not _PATH.fullmatch(path):
            raise ValueError(f"path must start with '/' and contain only letters, digits and -._~/: {path!r}")
        if (method, path) in ENDPOINTS:
            raise ValueError(f"the mock exchange serves {method} {path} itself: change its responses with edit(...)")
        if security not in get_args(Security):
            raise ValueError(f"security must be one of {', '.join(get_args(Security))}: {security!r}")
        if not isinstance(weight, int) or weight < 1:
            raise ValueError(f"weight must be a positive whole number, not {weight!r}")
        if not callable(response):
            to_json(response)
        respond = response if callable(response) else lambda _: response
        self._endpoints[method, path] = Endpoint(weight, security, respond=respond)

    def now(self) -> float:
        """The exchange's time in seconds since the epoch."""
        clock = self._clock() if self._stopped_at is None else self._stopped_at
        return clock + self.clock_offset

    def set_time(self, moment: datetime, *, tick: bool = True) -> None:
        """Set the exchange's time. `advance` moves it from there.

        Args:
            moment: The new time, with a time zone.
            tick: Whether time goes on by itself. If not, it stands still until this is called again.

        Raises:
            ValueError: `moment` is not a datetime with a time zone.
        """
        seconds = epoch_seconds("moment", moment)
        clock = self._clock()
        self._stopped_at = None if tick else clock
        self.clock_offset = seconds - clock

    def advance(self, seconds: float) -> None:
        """Move the exchange's time forward, or back with a negative number.

        Raises:
            ValueError: `seconds` is not finite.
        """
        if not math.isfinite(seconds):
            raise ValueError(f"seconds must be a finite number: {seconds!r}")
        self.clock_offset += seconds

    def fail(
        self,
        status: int = 500,
        code: int = -1000,
        msg: str = "An unknown error occurred while processing the request.",
        *,
        headers: Mapping[str, str] | None = None,
        body: str | bytes | None = None,
        path: str | None = None,
        times: int = 1,
    ) -> None:
        """Respond to the next requests with an error. They are neither checked nor counted as weight.

        A request meets one fault at most, the first that is scripted for it.

        Args:
            status: The HTTP status.
            code: The code in the body.
            msg: The message in the body.
            headers: Headers to send as well as the usual ones. They replace those of the same name.
            body: The whole body, instead of one made from `code` and `msg`.
            path: Only for requests to this path.
            times: The number of requests that meet it.

        Raises:
            TypeError: `body` is neither text nor bytes.
            ValueError: `status` is outside 200 to 599 or has no body, a header is malformed, `path` is not served, or
                `times` is not a positive whole number.
        """
        if status not in range(200, 600) or status in {HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED}:
            raise ValueError(f"status must be from 200 to 599, and have a body, unlike 204 and 304: {status!r}")
        for name, value in (headers or {}).items():
            if not (_HEADER_NAME.fullmatch(name) and isinstance(value, str) and _HEADER_VALUE.fullmatch(value)):
                raise ValueError(f"not a header with a text value: {name!r}: {value!r}")
        arguments = f"{status}, {code}" if body is None else f"{status}, body=..."
        if body is None:
            content = to_json({"code": code, "msg": msg})
        elif isinstance(body, str | bytes):
            content = body.encode() if isinstance(body, str) else body
        else:
            raise TypeError(f"body must be str or bytes, not {type(body).__name__}: give json.dumps(...) of it")
        response = json_response(status, content, {name.lower(): value for name, value in (headers or {}).items()})
        self._script("fail", arguments, path, times, response=response)

    def delay(self, seconds: float, *, path: str | None = None, times: int = 1) -> None:
        """Delay the responses to the next requests, by real seconds, whatever `clock` says.

        Raises:
            ValueError: `seconds` is negative or not finite; or see `fail`.
        """
        if not 0 <= seconds < math.inf:
            raise ValueError(f"seconds must be a finite number, and not negative: {seconds!r}")
        self._script("delay", f"{seconds}", path, times, delay=seconds)

    def drop(self, *, path: str | None = None, times: int = 1) -> None:
        """Close the connection instead of responding to the next requests. They are still handled and counted.

        Raises:
            ValueError: See `fail`.
        """
        self._script("drop", "", path, times, drop=True)

    def edit(self, change: Edit, *, path: str | None = None, times: int = 1) -> None:
        """Change the responses to the next requests, which are handled and counted as usual.

        Args:
            change: Gets the body as decoded JSON, whatever the status, and returns what to send instead.
                A body that is not JSON stays as it is.
            path: Only for requests to this path.
            times: The number of requests that meet it.

        Raises:
            TypeError: `change` is not a function.
            ValueError: See `fail`.
        """
        if not callable(change):
            raise TypeError(f"change must be a function of the decoded body, not {change!r}")
        self._script("edit", "...", path, times, edit=change)

    @property
    def unused_faults(self) -> list[str]:
        """The faults that no request has met, as they were scripted: `["fail(503, -1008)"]`.

        A fault for several requests (`times`) is used once the first has met it. The fixture `mock_exchange` fails a
        test that leaves unused faults.
        """
        return self._faults.unused()

    def reset(self) -> None:
        """Forget requests, faults, used weight, bans, the time that was set and the changes to `account`.

        Keys, added endpoints and the `balances` of the constructor stay.
        """
        self._faults.clear()
        self.requests.clear()
        self.clock_offset = 0.0
        self._stopped_at = None
        self.account.reset()
        self.account.set_balances(self._initial_balances)
        self._limiter = Limiter(self._weight_limit, self._minute)

    def record_failure(self, failure: Exception) -> None:
        """Keep the first bug of the mock exchange itself, so that the test that met it fails."""
        self._failure = self._failure or failure

    def next_fault(self, path: str) -> Fault:
        """The fault that a request to this path meets, or one without effect."""
        return self._faults.next(path)

    def respond(self, request: RecordedRequest, ip: str) -> Response:
        """Respond to a request as the exchange would.

        If an endpoint is not served, the response is a line of text. Otherwise its weight is counted before the key is
        checked, because weight is counted by IP address.
        """
        endpoint = self._endpoints.get((request.method, request.path))
        if endpoint is None:
            return self._not_served(request.method, request.path)

        now = self.now()
        counter, header = counter_and_header(request.method, request.path)
        usage = self._limiter.spend(ip, counter, endpoint.weight, now)
        headers = {header: str(usage.used)}
        try:
            check_usage(usage, ip, self._weight_limit)
            data = self._read(request, endpoint, now)
        except Refused as refused:
            if usage.until:
                headers["retry-after"] = str(math.ceil(usage.until - now))
            return json_response(refused.status, to_json({"code": refused.code, "msg": refused.msg}), headers)
        return json_response(HTTPStatus.OK, to_json(data), headers)

    def _read(self, request: RecordedRequest, endpoint: Endpoint, now: float) -> object:
        now_ms = int(now * 1000)
        key = None
        if endpoint.security != "NONE":
            key = check_key(request.headers.get("x-mbx-apikey"), self._keys)
        parameters = read_parameters(request.parameters, endpoint)
        if key is not None and endpoint.is_signed:
            check_timestamp(parameters, now_ms)
            check_signature(request.query_string, request.form, parameters["signature"], key)
        if endpoint.respond is not None:
            return endpoint.respond(request)
        account = self.account if key is None else key.account
        today = now_ms // DAY_MS
        if request.path == WALLET_BALANCE:
            quote_asset = parameters.get("quoteAsset", "BTC")
            check_quote_asset(quote_asset, account)
            return account.balances(quote_asset, today - 1, details=read_details(parameters))
        account_type = read_type(parameters)
        limit = read_limit(parameters)
        days = read_days(parameters, now_ms)
        recorded = [day for day in days if account.has_snapshot(account_type, day, now)]
        snapshots = [
            {
                "data": account.snapshot(account_type, day),
                "type": account_type.lower(),
                "updateTime": end_of_day(day),
            }
            for day in recorded[-limit:]
        ]
        if self._newest_first:
            snapshots.reverse()
        return {"code": 200, "msg": "", "snapshotVos": snapshots}

    def _not_served(self, method: str, path: str) -> Response:
        shown = quote(path)
        line = (
            f"the mock exchange does not serve {method} {shown}; "
            f'script it with MockExchange.add_endpoint("{method}", "{shown}", ...)'
        )
        headers = {"content-type": "text/plain;charset=UTF-8"}
        allowed = sorted(each for each, served in self._endpoints if served == path)
        if allowed:
            return Response(HTTPStatus.METHOD_NOT_ALLOWED, line.encode(), {**headers, "allow": ", ".join(allowed)})
        return Response(HTTPStatus.NOT_FOUND, line.encode(), headers)

    def _client(self, name: str, options: dict[str, Any]) -> Any:
        if self._server is None:
            raise RuntimeError("the mock exchange serves only inside its `with` block: make the client there")
        # Imported here: the mock exchange must also work without the client.
        client_class = getattr(import_module("binance_wallet"), name)
        own = {"api_key": self.api_key, "api_secret": self.api_secret, "base_url": self.base_url}
        return client_class(**{**own, **options})

    def _script(self, name: str, arguments: str, path: str | None, times: int, **effect: Any) -> None:
        served = sorted({path for _, path in self._endpoints})
        if path is not None and path not in served:
            raise ValueError(f"the mock exchange does not serve {path!r}: it serves {', '.join(served)}")
        if not isinstance(times, int) or times < 1:
            raise ValueError(f"times must be a whole number of at least 1, not {times!r}")
        shown = [arguments, f"path={path!r}" if path else "", f"times={times}" if times > 1 else ""]
        call = f"{name}({', '.join(filter(None, shown))})"
        self._faults.add(Fault(call, path, times, **effect))


def _random_key() -> str:
    return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(64))
