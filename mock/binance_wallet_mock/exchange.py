"""The mock exchange: accounts, keys, a clock, a script of faults, and a response to every request."""

from __future__ import annotations

import json
import math
import re
import secrets
import string
import threading
import time
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from .account import Account, Amount
from .keys import ApiKey, hmac_verifier, public_key_verifier
from .limits import Limiter
from .rules import (
    DAY_MS,
    ENDPOINTS,
    WALLET_BALANCE,
    Endpoint,
    Refused,
    check_key,
    check_quote_asset,
    check_signature,
    check_timestamp,
    check_usage,
    end_of_day,
    read_days,
    read_limit,
    read_parameters,
    read_type,
    well_formed,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, MutableSequence
    from types import TracebackType
    from typing import Self

    from .server import Server

_HEADER_NAME: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_HEADER_VALUE: Final = re.compile(r"[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?|")


@dataclass(frozen=True, slots=True)
class RecordedRequest:
    """A request as it arrived. Header names are lower case; `status` is None where the exchange hung up."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str] = field(repr=False)
    status: int | None


@dataclass(frozen=True, slots=True)
class Response:
    """What goes back over the wire. Header names are lower case."""

    status: int
    body: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of one request: a delay, another response, or no response."""

    path: str | None = None
    delay: float = 0.0
    response: Response | None = None
    drop: bool = False


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
        clock: Returns the time in seconds since the epoch. All that the exchange does goes by it: the `Date` header,
            the check of timestamps, the minutes of request weight, bans, and which days are over.

    Raises:
        TypeError: `seed` is not a whole number.
        ValueError: `api_key` is malformed, `minute` is not positive, `weight_limit` is not a positive whole number,
            `assets` is not a whole number or negative, or `balances` are wrong.

    Attributes:
        base_url: Where it listens, once entered.
        account: What `api_key` gives access to; its `set_...` methods change what it holds.
        clock_offset: How far, in seconds, its time is ahead of `clock`.
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
        self._port = port
        self._minute = minute
        self._weight_limit = weight_limit
        self._limiter = Limiter(weight_limit, minute)
        self._keys: dict[str, ApiKey] = {}
        self._faults: list[Fault] = []
        self._faults_lock = threading.Lock()
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
                f"the mock exchange needs {error.name}: it comes with the extra `mock` (see Install in the README)",
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
            permitted: False for a key that may not read, or not from here (-2015).
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

    def now(self) -> float:
        """The exchange's time in seconds since the epoch."""
        return self._clock() + self.clock_offset

    def advance(self, seconds: float) -> None:
        """Move the exchange's clock forward, or back with a negative number."""
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
            headers: Headers to send besides, or instead of, the usual ones.
            body: The whole body, instead of one made from `code` and `msg`.
            path: Only for requests to this path.
            times: For how many requests.

        Raises:
            TypeError: `body` is neither text nor bytes.
            ValueError: This cannot be sent: a status without a body or outside 200 to 599, a malformed header; or
                `path` or `times` match no request.
        """
        if status not in range(200, 600) or status in {HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED}:
            raise ValueError(f"status must be from 200 to 599, and have a body, unlike 204 and 304: {status!r}")
        for name, value in (headers or {}).items():
            if not (_HEADER_NAME.fullmatch(name) and isinstance(value, str) and _HEADER_VALUE.fullmatch(value)):
                raise ValueError(f"not a header with a text value: {name!r}: {value!r}")
        response = _json_response(
            status, {"code": code, "msg": msg}, {name.lower(): value for name, value in (headers or {}).items()}
        )
        if body is not None:
            if not isinstance(body, str | bytes):
                raise TypeError(f"body must be str or bytes, not {type(body).__name__}: give json.dumps(...) of it")
            response = replace(response, body=body.encode() if isinstance(body, str) else body)
        self._script(Fault(path, response=response), times)

    def delay(self, seconds: float, *, path: str | None = None, times: int = 1) -> None:
        """Delay the right responses to the next requests, in real seconds whatever `clock` says.

        Raises:
            ValueError: `seconds` is negative or not finite; or `path` or `times` match no request.
        """
        if not 0 <= seconds < math.inf:
            raise ValueError(f"seconds must be a finite number, and not negative: {seconds!r}")
        self._script(Fault(path, delay=seconds), times)

    def drop(self, *, path: str | None = None, times: int = 1) -> None:
        """Close the connection instead of responding to the next requests. They are still handled and counted."""
        self._script(Fault(path, drop=True), times)

    def reset(self) -> None:
        """Forget requests, faults, used weight, bans, the moved clock and the changes to `account`.

        Keys and the `balances` of the constructor stay.
        """
        with self._faults_lock:
            self._faults.clear()
        self.requests.clear()
        self.clock_offset = 0.0
        self.account.reset()
        self.account.set_balances(self._initial_balances)
        self._limiter = Limiter(self._weight_limit, self._minute)

    def failed(self, failure: Exception) -> None:
        """Keep the first failure of the mock exchange itself, so that no test passes in spite of it."""
        self._failure = self._failure or failure

    def next_fault(self, path: str) -> Fault | None:
        """Take the first fault that is meant for this path off the script."""
        with self._faults_lock:
            for index, fault in enumerate(self._faults):
                if fault.path in {None, path}:
                    return self._faults.pop(index)
        return None

    def respond(self, method: str, path: str, query: str, headers: Mapping[str, str], ip: str) -> Response:
        """Respond to a request as the exchange would.

        A path that does not exist, or not for this method, gets an HTML page. Weight is counted next, before the key is
        looked at: it belongs to the address.
        """
        endpoint = ENDPOINTS.get(path)
        if endpoint is None:
            return _page(HTTPStatus.NOT_FOUND)
        if method != "GET":
            return _page(HTTPStatus.METHOD_NOT_ALLOWED, {"allow": "GET"})

        now = self.now()
        usage = self._limiter.spend(ip, path, endpoint.weight, now)
        sent = {"x-sapi-used-ip-weight-1m": str(usage.used)}
        try:
            check_usage(usage, ip, self._weight_limit)
            data = self._read(path, endpoint, query, headers.get("x-mbx-apikey"), now)
        except Refused as refused:
            if usage.until:
                sent["retry-after"] = str(math.ceil(usage.until - now))
            return _json_response(refused.status, {"code": refused.code, "msg": refused.msg}, sent)
        return _json_response(HTTPStatus.OK, data, sent)

    def _read(self, path: str, endpoint: Endpoint, query: str, api_key: str | None, now: float) -> object:
        now_ms = int(now * 1000)
        key = check_key(api_key, self._keys)
        parameters = read_parameters(query, endpoint)
        check_timestamp(parameters, now_ms)
        check_signature(query, parameters, key)
        today = now_ms // DAY_MS
        if path == WALLET_BALANCE:
            quote_asset = parameters.get("quoteAsset", "BTC")
            check_quote_asset(quote_asset, key.account)
            return key.account.balances(quote_asset, today - 1)
        account_type, limit, days = read_type(parameters), read_limit(parameters), read_days(parameters, now_ms)
        recorded = [day for day in days if key.account.has_snapshot(account_type, day, now)]
        snapshots = [
            {
                "data": key.account.snapshot(account_type, day),
                "type": account_type.lower(),
                "updateTime": end_of_day(day),
            }
            for day in recorded[-limit:]
        ]
        return {"code": 200, "msg": "", "snapshotVos": snapshots}

    def _script(self, fault: Fault, times: int) -> None:
        if fault.path is not None and not fault.path.startswith("/"):
            raise ValueError(f"path must start with '/': {fault.path!r}")
        if times < 1:
            raise ValueError(f"times must be at least 1, not {times!r}")
        with self._faults_lock:
            self._faults.extend([fault] * times)


def _random_key() -> str:
    return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(64))


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _json_response(status: int, value: object, headers: Mapping[str, str]) -> Response:
    return Response(status, _json(value), {"content-type": "application/json;charset=UTF-8", **headers})


def _page(status: HTTPStatus, headers: Mapping[str, str] | None = None) -> Response:
    body = f"<html><head><title>{status} {status.phrase}</title></head><body>{status.phrase}</body></html>\n"
    return Response(status, body.encode(), {"content-type": "text/html;charset=UTF-8", **(headers or {})})
