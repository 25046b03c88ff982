"""Requests and responses as plain values."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class RecordedRequest:
    """A request as it arrived.

    Attributes:
        method: As in `GET`.
        path: Percent-decoded.
        query_string: As it was sent, percent-encoded.
        headers: By name, in lower case.
        form: The body, as it was sent, if it is a form; else empty.
        status: The status of the response; None where the exchange hung up, or has not responded yet.
    """

    method: str
    path: str
    query_string: str
    headers: Mapping[str, str] = field(repr=False)
    form: str = ""
    status: int | None = None

    @property
    def query(self) -> dict[str, str]:
        """The parameters in the query string, decoded. If one was sent more than once, its last value."""
        return dict(parse_qsl(self.query_string, keep_blank_values=True))

    @property
    def parameters(self) -> list[tuple[str, str]]:
        """All parameters with their values, decoded, in their order: first the query string, then the form."""
        return [pair for text in (self.query_string, self.form) for pair in parse_qsl(text, keep_blank_values=True)]


@dataclass(frozen=True, slots=True)
class Response:
    """What goes back over the wire. Header names are in lower case."""

    status: int
    body: bytes
    headers: Mapping[str, str]


def to_json(value: object) -> bytes:
    """Compact JSON. Raises TypeError or ValueError for what JSON cannot express."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def is_json(response: Response) -> bool:
    """Whether a response says that it is JSON."""
    return response.headers.get("content-type", "").startswith("application/json")


def json_response(status: int, body: bytes, headers: Mapping[str, str]) -> Response:
    """A response of the exchange, as it usually looks."""
    return Response(status, body, {"content-type": "application/json;charset=UTF-8", **headers})
