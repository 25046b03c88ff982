"""The endpoints, and the exchange's checks of a request, in their order.

Every check is a function of plain values that returns what it has read, or raises `Refused`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .account import Account
    from .keys import ApiKey
    from .limits import Usage
    from .messages import RecordedRequest

Security: TypeAlias = Literal["NONE", "MARKET_DATA", "USER_STREAM", "USER_DATA", "TRADE", "MARGIN"]
"""What a request must have, in the exchange's words: nothing, the key (two words), or also a signature (three)."""

DAY_MS: Final = 24 * 60 * 60 * 1000
MAX_PERIOD_MS: Final = 30 * DAY_MS
MAX_RECV_WINDOW: Final = 60_000
LIMITS: Final = range(7, 31)
ACCOUNT_TYPES: Final = ("SPOT", "MARGIN", "FUTURES")

_LONG: Final = r"^[0-9]{1,20}$"
_MAX_LONG: Final = 2**63 - 1
_SIGNED: Final = ("USER_DATA", "TRADE", "MARGIN")
_CREDENTIALS: Final = ("timestamp", "signature")
_SIGNATURE: Final = re.compile(r"(?:^|&)signature=[^&]*\Z")
_NUMBERS: Final = ("startTime", "endTime", "limit", "recvWindow", "timestamp")
# RFC 3986's query. Anything else was not percent-encoded before it was signed.
_ENCODED_QUERY: Final = re.compile(r"(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/?]|%[0-9A-Fa-f]{2})*")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The weight of an endpoint, the security that it requires, and its parameters.

    Attributes:
        weight: Its request weight.
        security: What a request must have.
        mandatory: The parameters that it requires, besides those of a signed request.
        optional: The other parameters that it reads; None for any.
        respond: Returns the body, if `MockExchange` does not compute it itself.
    """

    weight: int
    security: Security
    mandatory: tuple[str, ...] = ()
    optional: tuple[str, ...] | None = None
    respond: Callable[[RecordedRequest], object] | None = None

    @property
    def is_signed(self) -> bool:
        """Whether a request needs a timestamp and a signature."""
        return self.security in _SIGNED

    def reads(self, name: str) -> bool:
        """Whether it reads a parameter."""
        if name in (*_CREDENTIALS, "recvWindow"):
            return self.is_signed
        return self.optional is None or name in (*self.mandatory, *self.optional)


WALLET_BALANCE: Final = "/sapi/v1/asset/wallet/balance"
ACCOUNT_SNAPSHOT: Final = "/sapi/v1/accountSnapshot"
ENDPOINTS: Final[Mapping[tuple[str, str], Endpoint]] = {
    ("GET", WALLET_BALANCE): Endpoint(60, "USER_DATA", optional=("quoteAsset", "needBalanceDetail")),
    ("GET", ACCOUNT_SNAPSHOT): Endpoint(2400, "USER_DATA", ("type",), ("startTime", "endTime", "limit")),
}


def counter_and_header(method: str, path: str) -> tuple[str, str]:
    """The counter of a request's weight, and the header with the used weight.

    Each endpoint of `/sapi/` has its own counter. All others share one.
    """
    if path.startswith("/sapi/"):
        return f"{method} {path}", "x-sapi-used-ip-weight-1m"
    return "all others", "x-mbx-used-weight-1m"


class Refused(Exception):  # noqa: N818 - a response of the exchange, not an error in this program
    """The exchange responds with a status, a code and a message instead of data."""

    def __init__(self, code: int, msg: str, status: int = HTTPStatus.BAD_REQUEST) -> None:
        super().__init__(code, msg, status)
        self.code = code
        self.msg = msg
        self.status = status


def check_usage(usage: Usage, ip: str, weight_limit: int) -> None:
    """Refuse a request after a 429 or during a ban."""
    if usage.status == HTTPStatus.TOO_MANY_REQUESTS:
        msg = f"Too many requests; current limit of IP({ip}) is {weight_limit} request weight per minute."
        raise Refused(-1003, msg, usage.status)
    if usage.status == HTTPStatus.IM_A_TEAPOT:
        until_ms = int(usage.until * 1000)
        raise Refused(-1003, f"Way too much request weight used; IP banned until {until_ms}.", usage.status)


def check_key(api_key: str | None, keys: Mapping[str, ApiKey]) -> ApiKey:
    """Find the key that the request names."""
    if api_key is None or not well_formed(api_key):
        raise Refused(-2014, "API-key format invalid.", HTTPStatus.UNAUTHORIZED)
    if (key := keys.get(api_key)) is None:
        raise Refused(-2008, "Invalid Api-Key ID.", HTTPStatus.UNAUTHORIZED)
    if not key.permitted:
        raise Refused(-2015, "Invalid API-key, IP, or permissions for action.", HTTPStatus.UNAUTHORIZED)
    return key


def well_formed(api_key: str) -> bool:
    """Whether a text has the form of an API key: 64 letters and digits."""
    return re.fullmatch(r"[A-Za-z0-9]{64}", api_key) is not None


def read_parameters(pairs: list[tuple[str, str]], endpoint: Endpoint) -> dict[str, str]:
    """Check the form of the parameters. An endpoint that reads any parameter may get one more than once."""
    parameters = dict(pairs)
    if len(parameters) < len(pairs) and endpoint.optional is not None:
        raise Refused(-1101, "Duplicate values for a parameter detected.")
    known = [name for name in parameters if endpoint.reads(name)]
    if len(known) < len(parameters):
        raise Refused(
            -1104,
            f"Not all sent parameters were read; read '{len(known)}' parameter(s) but was sent '{len(parameters)}'.",
        )
    for name in (*endpoint.mandatory, *(_CREDENTIALS if endpoint.is_signed else ())):
        value = parameters.get(name)
        if not value or (name in _NUMBERS and not re.fullmatch(_LONG, value)):
            raise Refused(-1102, f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed.")
    for name, value in parameters.items():
        if not value:
            raise Refused(-1105, f"Parameter '{name}' was empty.")
        if name in _NUMBERS and not re.fullmatch(_LONG, value):
            raise Refused(-1100, f"Illegal characters found in parameter '{name}'; legal range is '{_LONG}'.")
        if name in _NUMBERS and int(value) > _MAX_LONG:
            raise _not_valid(name)
    return parameters


def check_timestamp(parameters: Mapping[str, str], now_ms: int) -> None:
    """Refuse a request that was signed too long ago, or in the future."""
    timestamp = int(parameters["timestamp"])
    recv_window = int(parameters.get("recvWindow", 5000))
    if not 1 <= recv_window <= MAX_RECV_WINDOW:
        raise _not_valid("recvWindow")
    if timestamp >= now_ms + 1000:
        raise Refused(-1021, "Timestamp for this request was 1000ms ahead of the server's time.")
    if now_ms - timestamp > recv_window:
        raise Refused(-1021, "Timestamp for this request is outside of the recvWindow.")


def check_signature(query_string: str, form: str, signature: str, key: ApiKey) -> None:
    """Refuse a wrong signature. The payload is the query string and the form, as received, without the signature.

    The signature must be the last parameter of either.
    """
    payload = _SIGNATURE.sub("", query_string) + _SIGNATURE.sub("", form)
    if not (_ENCODED_QUERY.fullmatch(payload) and key.verify(payload.encode(), signature)):
        raise Refused(-1022, "Signature for this request is not valid.")


def read_type(parameters: Mapping[str, str]) -> str:
    """The account that is asked for: spot, margin or futures."""
    if parameters["type"] not in ACCOUNT_TYPES:
        raise _not_valid("type")
    return parameters["type"]


def check_quote_asset(asset: str, account: Account) -> None:
    """Refuse an asset that the exchange does not list. Names are case-sensitive.

    The documentation does not say which error this is. -1130 is its error for a value that is not valid.
    """
    if not account.knows(asset):
        raise _not_valid("quoteAsset")


def read_details(parameters: Mapping[str, str]) -> bool:
    """Whether the request asks for the assets of the wallets.

    The documentation does not say which error another value gets. -1130 is its error for a value that is not valid.
    """
    wanted = parameters.get("needBalanceDetail", "false")
    if wanted not in {"true", "false"}:
        raise _not_valid("needBalanceDetail")
    return wanted == "true"


def read_limit(parameters: Mapping[str, str]) -> int:
    """The maximum number of snapshots."""
    limit = int(parameters.get("limit", 7))
    if limit not in LIMITS:
        raise _not_valid("limit")
    return limit


def read_days(parameters: Mapping[str, str], now_ms: int) -> range:
    """The days whose snapshots are asked for.

    Without `endTime` the period ends now; without `startTime` it begins 7 whole days before the day on which it ends.
    The last month is today and the 30 days before it, in UTC. A day has its snapshot once it is over.
    """
    end = int(parameters.get("endTime", now_ms))
    start = int(parameters.get("startTime", _midnight(end) - 7 * DAY_MS))
    if start < _midnight(now_ms) - MAX_PERIOD_MS:
        raise _not_valid("startTime" if "startTime" in parameters else "endTime")
    if not start < end < start + MAX_PERIOD_MS:
        raise _not_valid("endTime" if "endTime" in parameters else "startTime")
    # A day belongs to the period if its `updateTime` does.
    first = (start + 999) // DAY_MS
    past = min((end + 1000) // DAY_MS, now_ms // DAY_MS)
    return range(first, past)


def end_of_day(day: int) -> int:
    """A snapshot's `updateTime`: the last second of its day, in ms."""
    return (day + 1) * DAY_MS - 1000


def _midnight(ms: int) -> int:
    return ms - ms % DAY_MS


def _not_valid(name: str) -> Refused:
    return Refused(-1130, f"Data sent for parameter '{name}' is not valid.")
