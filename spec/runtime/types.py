"""Types that models and endpoints share."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Annotated, Final, Generic, Protocol, TypeVar

import httpx2
from attrs import define
from msgspec import UNSET, Meta, UnsetType

T = TypeVar("T")

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

UnixMs = Annotated[int, Meta(ge=-62_135_596_800_000, le=253_402_300_799_999)]
"""Milliseconds since 1970-01-01T00:00:00Z, between the years 1 and 9999: the moments that a `datetime` can hold."""


def moment(ms: int) -> datetime:
    """The moment in UTC, exact to the millisecond."""
    # Added rather than divided, because seconds in a float lose milliseconds.
    return EPOCH + timedelta(milliseconds=ms)


class RawResponse(Protocol):
    """A response before it is parsed; `httpx2.Response` is one."""

    @property
    def status_code(self) -> int: ...

    @property
    def headers(self) -> Mapping[str, str] | Mapping[bytes, bytes]: ...

    @property
    def content(self) -> bytes: ...


@define
class Response(Generic[T]):
    """A response with its parsed value."""

    status_code: HTTPStatus
    content: bytes
    headers: httpx2.Headers
    parsed: T


__all__ = ("UNSET", "RawResponse", "Response", "UnixMs", "UnsetType", "moment")
