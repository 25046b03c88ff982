"""Types that models and endpoints share."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Final, Generic, Protocol, TypeVar

from attrs import frozen
from msgspec import UNSET, Meta, UnsetType

if TYPE_CHECKING:
    from collections.abc import Mapping
    from http import HTTPStatus

    from httpx2 import Headers

T = TypeVar("T")

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

UnixMs = Annotated[int, Meta(ge=-62_135_596_800_000, le=253_402_300_799_999)]
"""Milliseconds since 1970-01-01T00:00:00Z, between the years 1 and 9999: the moments that a `datetime` can hold."""


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
    params: Mapping[str, str | int]
    """The parameters of the query by the exchange's names, not yet encoded."""
    endpoint: str
    """The path as the contract writes it. The exchange counts request weight by it."""
    weight: int
    """What the call costs, in request weight."""
    idempotent: bool
    """Whether it may be sent twice without harm."""


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
    "RawResponse",
    "Response",
    "SupportsAsyncRequest",
    "SupportsRequest",
    "UnixMs",
    "UnsetType",
    "moment",
)
