"""Types that models and endpoints share."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Final, Generic, Literal, Protocol, TypeAlias, TypeVar, Union

from attrs import field, frozen
from msgspec import UNSET, Meta, UnsetType

from .contract import DEFAULT_RATE_LIMIT

if TYPE_CHECKING:
    from collections.abc import Mapping
    from http import HTTPStatus

    from httpx2 import Headers

    from .limits import RateLimit

T = TypeVar("T")

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

UnixMs = Annotated[int, Meta(ge=-62_135_596_800_000, le=253_402_300_799_999)]
"""Milliseconds since 1970-01-01T00:00:00Z, between the years 1 and 9999: the moments that a `datetime` can hold."""

if TYPE_CHECKING:
    Open = Union[T, str]  # noqa: UP007 - mypy takes no `|` of a type variable
    OpenInt = Union[T, int]  # noqa: UP007
else:
    # msgspec cannot check the known values if any other string or integer is allowed.

    class Open:
        """`Open[Literal["A", "B"]]`: one of these, or a string that the exchange has added since."""

        def __class_getitem__(cls, known: Any) -> type[str]:
            return str

    class OpenInt:
        """The same of integers."""

        def __class_getitem__(cls, known: Any) -> type[int]:
            return int


Security: TypeAlias = Literal["none", "key", "signed"]
"""What a call is sent with: nothing, the API key, or key, timestamp and signature."""

Value: TypeAlias = "str | int | list[str | int]"
Params: TypeAlias = "dict[str, Value]"


def moment(ms: int) -> datetime:
    """The moment in UTC, exact to the millisecond."""
    # Added rather than divided, because seconds in a float lose milliseconds.
    return EPOCH + timedelta(milliseconds=ms)


@frozen
class Call:
    """A call of an endpoint, its arguments checked, before it is signed and sent."""

    method: str
    """The HTTP method, in capitals."""
    path: str
    """The path of the URL, percent-encoded."""
    params: Mapping[str, Value]
    """The parameters of the query by the exchange's names, not yet encoded. A list is sent as a repeated parameter."""
    endpoint: str
    """The path as the contract writes it."""
    weight: int
    """What the call costs, in request weight."""
    idempotent: bool
    """Whether it may be sent twice without harm."""
    rate_limit: RateLimit = DEFAULT_RATE_LIMIT
    """The rate limit that counts the weight."""
    success: frozenset[int] | None = frozenset()
    """The values of `code` in the response that mean success. Any other is an error; `None`: its `code` is data."""
    security: Security = "signed"
    """What it is sent with."""
    form: Mapping[str, Value] = field(factory=dict)
    """The parameters of a form body."""


class RawResponse(Protocol):
    """A response before it is parsed; `httpx2.Response` is one."""

    @property
    def status_code(self) -> int: ...

    @property
    def headers(self) -> Mapping[str, str] | Mapping[bytes, bytes]: ...

    @property
    def content(self) -> bytes: ...


class SupportsRequest(Protocol):
    """What the `sync` functions need of a client."""

    def request(self, call: Call) -> RawResponse: ...


class SupportsAsyncRequest(Protocol):
    """What the `asyncio` functions need of a client."""

    async def request(self, call: Call) -> RawResponse: ...


@frozen
class Response(Generic[T]):
    """A response with its parsed value."""

    status_code: HTTPStatus
    content: bytes
    headers: Headers
    parsed: T


__all__ = (
    "UNSET",
    "Call",
    "Open",
    "OpenInt",
    "Params",
    "RawResponse",
    "Response",
    "Security",
    "SupportsAsyncRequest",
    "SupportsRequest",
    "UnixMs",
    "UnsetType",
    "Value",
    "moment",
)
