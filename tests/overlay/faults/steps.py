"""Steps for the fault server's scripts: what can go wrong with an answer."""

from collections.abc import Iterator
from itertools import repeat

from .bodies import BALANCES, encoded
from .server import CLOSE, FOREVER, Action, Request, Step, drip, head, respond

OK = respond(encoded(BALANCES))


def raw(*actions: Action) -> Step:
    """Exactly this, whatever the request."""
    return lambda _: actions


def cut(step: Step, size: int, *then: Action) -> Step:
    """The first `size` bytes of an answer (from its end, if negative), and then something else."""
    return lambda request: [b"".join(step(request))[:size], *then]


def chunked(chunk: bytes, end: bytes = b"0\r\n\r\n") -> Step:
    """An answer of one chunk, and what comes after it."""
    framed = b"%x\r\n%b\r\n" % (len(chunk), chunk)
    return lambda request: [head(request, Transfer_Encoding="chunked") + framed + end, CLOSE]


def without_length(request: Request) -> Iterator[Action]:
    yield head(request) + encoded(BALANCES)
    yield CLOSE


def without_length_cut(size: int) -> Step:
    """The first `size` bytes of a body whose end is that of its connection."""
    return lambda request: [head(request) + encoded(BALANCES)[:size], CLOSE]


def after_an_early_hint(request: Request) -> Iterator[Action]:
    yield b"HTTP/1.1 103 Early Hints\r\n\r\n"
    yield from OK(request)


def early_hints_for_ever(request: Request) -> Iterator[Action]:
    return drip(repeat(b"HTTP/1.1 103 Early Hints\r\n\r\n"), 0.01)


def slow_status_line(request: Request) -> Iterator[Action]:
    return drip((bytes([byte]) for byte in head(request)), 0.02)


def slow_headers(request: Request) -> Iterator[Action]:
    yield b"HTTP/1.1 200 OK\r\n"
    yield from drip(repeat(b"X-Slow: 1\r\n"), 0.02)


def a_megabyte_of_headers(request: Request) -> Iterator[Action]:
    yield b"HTTP/1.1 200 OK\r\n"
    yield from repeat(b"X-Much: " + b"x" * 9990 + b"\r\n", 110)


def dripping_body(request: Request) -> Iterator[Action]:
    yield head(request, Content_Length="1000000")
    yield from drip(repeat(b" "), 0.02)


def dripping_chunks(request: Request) -> Iterator[Action]:
    yield head(request, Transfer_Encoding="chunked")
    yield from drip(repeat(b"1\r\n \r\n"), 0.02)


def body_that_stops(request: Request) -> Iterator[Action]:
    yield head(request, Content_Length="100") + b"[{"
    yield FOREVER


def fifty_megabytes(request: Request) -> Iterator[Action]:
    """A right answer, after much white space."""
    body = encoded(BALANCES)
    yield head(request, Content_Length="50000000")
    yield from repeat(b" " * 1_000_000, 49)
    yield b" " * (1_000_000 - len(body)) + body
