"""What the network and the exchange can do to a call, and what comes of it: one table, every transport."""

import gzip
import pickle
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any

import msgspec
import pytest
from binance_wallet import (
    ApiError,
    AuthenticationError,
    BannedError,
    DeadlineError,
    InvalidResponseError,
    NetworkError,
    RateLimitError,
    ServerError,
    TimestampError,
    WalletClient,
    WalletError,
)

from . import steps
from .bodies import BALANCES, FUTURES, MARGIN, MISSING, SPOT, changed, encoded, error, worth
from .conftest import API_KEY, API_SECRET, TRANSPORTS, OpenWallet, StartServer, every_transport
from .fake_time import START, FakeTime
from .secrecy import assert_no_secret
from .server import CLOSE, FOREVER, RESET, Step, Unread, head, respond
from .steps import OK, chunked, cut, raw


@dataclass(frozen=True)
class Fails:
    """The error that comes out: exactly of this class, with these words in its message, with these attributes."""

    kind: type[WalletError]
    words: str = ""
    attributes: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Case:
    """A fault: what the server does, what comes out of the call, and how many requests the server has seen."""

    name: str
    script: list[Step | Unread]
    outcome: Any
    requests: int = 1
    call: Callable[[WalletClient], Any] = lambda wallet: wallet.balances()
    timeout: float = 10.0


def fails(kind: type[WalletError], words: str = "", **attributes: Any) -> Fails:
    return Fails(kind, words, attributes)


RIGHT = worth("0.71842752")
LOST = fails(NetworkError, sent=True)
LATE = fails(DeadlineError, "not done within 0.5 s", sent=True)


def late(name: str, step: Step | Unread, requests: int = 1) -> Case:
    """A fault that only the deadline ends."""
    return Case(name, [step], LATE, requests, timeout=0.5)


CONNECTION = [
    Case("reset at once", [Unread([RESET])], fails(NetworkError), 0),
    Case("reset at once, then fine", [Unread([RESET]), OK], RIGHT, 1),
    Case("closed at once", [Unread([CLOSE])], fails(NetworkError), 0),
    Case("reset before the headers", [raw(RESET)], LOST, 4),
    Case("reset before the headers, then fine", [raw(RESET), OK], RIGHT, 2),
    Case("reset during the headers", [cut(OK, 30, RESET)], LOST, 4),
    Case("reset after the headers", [cut(OK, -len(encoded(BALANCES)), RESET)], LOST, 4),
    Case("reset during the body", [cut(OK, -5, RESET)], LOST, 4),
    Case("reset during the body, then fine", [cut(OK, -5, RESET), OK], RIGHT, 2),
    Case("closed before the headers", [raw(CLOSE)], LOST, 4),
    Case("closed during the headers", [cut(OK, 30, CLOSE)], LOST, 4),
    Case("fine at the last attempt", [raw(RESET), raw(CLOSE), cut(OK, 30, RESET), OK], RIGHT, 4),
    Case("closed in a body without a length", [steps.without_length_cut(1)], LOST, 4),
    Case("closed in a body without a length, in an amount", [steps.without_length_cut(40)], LOST, 4),
    Case("closed in a body without a length, then fine", [steps.without_length_cut(30), OK], RIGHT, 2),
    Case("an early hint", [steps.after_an_early_hint], RIGHT),
    Case("a megabyte of headers", [steps.a_megabyte_of_headers], LOST, 4),
    Case("a line that is no header", [raw(b"HTTP/1.1 200 OK\r\nno header\r\nContent-Length: 2\r\n\r\n[]")], LOST, 4),
    *(
        Case(f"a head with {lines}", [raw(f"HTTP/1.1 200 OK\r\n{lines}\r\n\r\n[]".encode(), CLOSE)], LOST, 4)
        for lines in (
            "Content-Length: 2\r\nContent-Length: 3",
            "Content-Length: 2\r\nTransfer-Encoding: gzip, chunked",
            "Content-Length: 9x",
            "Content-Length: -5",
        )
    ),
    Case("another protocol", [raw(b"SSH-2.0-OpenSSH_9.6\r\n", CLOSE)], LOST, 4),
    Case("HTTP/0.9", [raw(b"[]", CLOSE)], LOST, 4),
    late("silence", raw(FOREVER)),
    late("silence before the request", Unread([FOREVER]), 0),
    late("silence in the headers", cut(OK, 30, FOREVER)),
]

# Only a transport that ends each read at the deadline ends these; the timeouts of a sync httpx2 transport are its own.
SLOW_HEADS = [
    late("slow status line", steps.slow_status_line),
    late("slow headers", steps.slow_headers),
    late("early hints for ever", steps.early_hints_for_ever),
]


def body(name: str, content: bytes, outcome: Any, requests: int = 1, **headers: str) -> Case:
    return Case(name, [respond(content, **headers)], outcome, requests)


def not_understood(content: bytes, words: str = "") -> Fails:
    return fails(InvalidResponseError, words, path="$", body=content, status_code=200)


WIFI = b"<html>Log in to this Wi-Fi</html>"
SPACE = b" \r\n"
CUT_SHORT = encoded(BALANCES)[:-1]
BOMB = gzip.compress(b"[" + bytes(80_000_000) + b"]", 1)

BODIES = [
    body("empty", b"", not_understood(b"")),
    body("white space", SPACE, not_understood(SPACE)),
    body("JSON that stops", CUT_SHORT, not_understood(CUT_SHORT, "truncated")),
    body("not JSON", b"Welcome", not_understood(b"Welcome", "Expected JSON")),
    body("a page", WIFI, not_understood(WIFI, "Wi-Fi"), Content_Type="text/html"),
    body("two documents", b"[][]", not_understood(b"[][]")),
    body("a byte order mark", b"\xef\xbb\xbf[]", []),
    body("UTF-16", "[]".encode("utf-16"), not_understood("[]".encode("utf-16"))),
    body("not UTF-8", b"\xff\xfe", not_understood(b"\xff\xfe")),
    body(
        "a name that is not UTF-8",
        b'[{"activate":true,"balance":"1","walletName":"\xff"}]',
        fails(InvalidResponseError),
    ),
    body(
        "half a surrogate pair",
        b'[{"activate":true,"balance":"1","walletName":"\\ud800"}]',
        fails(InvalidResponseError),
    ),
    body("nested too deeply", b'[{"x":' + b"[" * 100_000, fails(InvalidResponseError)),
    body("10 MB of rubbish", b"x" * 10_000_000, fails(InvalidResponseError, path="$")),
    body("gzip", gzip.compress(encoded(BALANCES)), RIGHT, Content_Encoding="gzip"),
    body("deflate", zlib.compress(encoded(BALANCES)), RIGHT, Content_Encoding="deflate"),
    body("gzip in capitals", gzip.compress(encoded(BALANCES)), RIGHT, Content_Encoding="GZip"),
    body("gzip by its old name", gzip.compress(encoded(BALANCES)), RIGHT, Content_Encoding="x-gzip"),
    body(
        "gzip in three members",
        b"".join(gzip.compress(part) for part in (encoded(BALANCES)[:9], b"", encoded(BALANCES)[9:])),
        RIGHT,
        Content_Encoding="gzip",
    ),
    body("gzip and zeros", gzip.compress(encoded(BALANCES)) + bytes(512), RIGHT, Content_Encoding="gzip"),
    body(
        "gzip whose second member is a bomb",
        gzip.compress(b"[") + BOMB,
        fails(InvalidResponseError, "larger"),
        Content_Encoding="gzip",
    ),
    body(
        "gzip whose second member stops",
        gzip.compress(b"[") + gzip.compress(encoded(BALANCES))[:30],
        LOST,
        4,
        Content_Encoding="gzip",
    ),
    body("a byte order mark in gzip", gzip.compress(b"\xef\xbb\xbf[]"), [], Content_Encoding="gzip"),
    body("broken gzip", gzip.compress(b"[]")[:10] + b"\xff" * 9, fails(InvalidResponseError), Content_Encoding="gzip"),
    body("gzip that is none", encoded(BALANCES), fails(InvalidResponseError), Content_Encoding="gzip"),
    body("gzip that stops", gzip.compress(encoded(BALANCES))[:40], LOST, 4, Content_Encoding="gzip"),
    body("an encoding that is not meant", encoded(BALANCES), fails(InvalidResponseError), Content_Encoding="br"),
    body("an encoding nobody asked for", b"\x28\xb5\x2f\xfd", fails(InvalidResponseError), Content_Encoding="own"),
    body("80 MB in little gzip", BOMB, fails(InvalidResponseError, "larger"), Content_Encoding="gzip"),
    body(
        "gzip in gzip", gzip.compress(gzip.compress(b"[]")), fails(InvalidResponseError), Content_Encoding="gzip, gzip"
    ),
    Case("204", [respond(b"", 204)], fails(InvalidResponseError, status_code=204)),
    Case("a success that HTTP does not know", [respond(b"[]", 299)], fails(InvalidResponseError, status_code=299)),
    Case("50 MB", [steps.fifty_megabytes], RIGHT),
    Case("truncated", [cut(OK, -5, CLOSE)], LOST, 4),
    Case("truncated, then fine", [cut(OK, -5, CLOSE), OK], RIGHT, 2),
    Case("without length", [steps.without_length], RIGHT),
    Case("two lengths", [raw(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n[]")], LOST, 4),
    Case("chunked", [chunked(encoded(BALANCES))], RIGHT),
    Case("truncated chunks", [chunked(encoded(BALANCES), end=b"")], LOST, 4),
    Case("chunks that are none", [chunked(encoded(BALANCES), end=b"zz\r\n")], LOST, 4),
    late("dripping body", steps.dripping_body),
    late("dripping chunks", steps.dripping_chunks),
    late("a body that stops", steps.body_that_stops),
]


def contract(name: str, content: bytes, outcome: Any, type: str | None = None) -> Case:
    """An answer of `balances`, or of snapshots of some type."""
    call = (lambda wallet: wallet.snapshots(type)) if type else lambda wallet: wallet.balances()
    return Case(name, [respond(content)], outcome, call=call)


def wrong(document: Any, path: str, value: Any, words: str = "", at: str | None = None) -> Case:
    """A right answer with one wrong value: refused, and the path to it named."""
    kind = None if document is BALANCES else document["snapshotVos"][0]["type"].upper()
    name = f"{kind or 'balances'} with {path} {'missing' if value is MISSING else repr(value)}"
    return contract(name, changed(document, path, value), fails(InvalidResponseError, words, path=at or path), kind)


def spelled(amount: str) -> Case:
    """An amount that JSON escapes hide."""
    content = encoded([BALANCES[0] | {"balance": "AMOUNT"}]).replace(b"AMOUNT", amount.encode())
    return contract(f"spelled {amount}", content, fails(InvalidResponseError, path="$[0].balance"))


def exact(amount: str) -> Case:
    return contract(f"exactly {amount}", changed(BALANCES, "$[0].balance", amount), worth(amount))


ASSET = "$.snapshotVos[0].data.balances[0]"
NOT_AMOUNTS = ["", "many", None, ["1"], True, "NaN", "-nan12", "sNaN", "Infinity", "-Infinity", "inf"]

CONTRACT = [
    contract("an object for a list", b"{}", fails(InvalidResponseError, path="$")),
    contract("a list for an object", b"[]", fails(InvalidResponseError, path="$"), "SPOT"),
    contract("null for a list", b"null", fails(InvalidResponseError, path="$")),
    contract("null for an object", b"null", fails(InvalidResponseError, path="$"), "SPOT"),
    contract("no wallets", b"[]", []),
    contract("an unknown field", changed(BALANCES, "$[0].colour", {"deep": [1, None]}), RIGHT),
    contract(
        "NaN without quotes", b'[{"activate":true,"balance":NaN,"walletName":"Spot"}]', fails(InvalidResponseError)
    ),
    wrong(BALANCES, "$[0]", None),
    wrong(BALANCES, "$[0].activate", None),
    wrong(BALANCES, "$[0].activate", 1),
    wrong(BALANCES, "$[0].walletName", 1),
    wrong(BALANCES, "$[0].walletName", MISSING, "walletName", at="$[0]"),
    *[wrong(BALANCES, "$[0].balance", value) for value in NOT_AMOUNTS],
    wrong(BALANCES, "$[0].balance", "1E+999999"),
    wrong(BALANCES, "$[0].balance", "1e-999999"),
    spelled(r"\u004eaN"),
    spelled(r"Inf\u0069nity"),
    exact("0E-8"),
    exact("-0.00000001"),
    exact("123456789012345678.901234567890"),
    wrong(SPOT, "$.code", "200"),
    wrong(SPOT, "$.code", None),
    wrong(SPOT, "$.code", MISSING, "code", at="$"),
    wrong(SPOT, "$.snapshotVos", MISSING, "snapshotVos", at="$"),
    wrong(SPOT, "$.snapshotVos", None),
    contract("no snapshots", changed(SPOT, "$.snapshotVos", []), [], "SPOT"),
    wrong(SPOT, "$.snapshotVos[0].type", MISSING, "type", at="$.snapshotVos[0]"),
    wrong(SPOT, "$.snapshotVos[0].type", None),
    wrong(SPOT, "$.snapshotVos[0].type", "options", "Expected a value that the contract lists"),
    wrong(SPOT, "$.snapshotVos[0].type", "SPOT"),
    wrong(SPOT, "$.snapshotVos[0].type", "margin", at="$.snapshotVos[0].data"),
    wrong(MARGIN, "$.snapshotVos[0].type", "futures", at="$.snapshotVos[0].data"),
    contract("spot for futures", encoded(SPOT), fails(InvalidResponseError, path="$.snapshotVos[0].type"), "FUTURES"),
    contract("futures for spot", encoded(FUTURES), fails(InvalidResponseError, path="$.snapshotVos[0].type"), "SPOT"),
    contract(
        "a margin snapshot among spot ones",
        encoded(SPOT | {"snapshotVos": SPOT["snapshotVos"] + MARGIN["snapshotVos"]}),
        fails(InvalidResponseError, path="$.snapshotVos[1].type"),
        "SPOT",
    ),
    wrong(SPOT, "$.snapshotVos[0].updateTime", "now"),
    wrong(SPOT, "$.snapshotVos[0].updateTime", 1.5),
    wrong(SPOT, "$.snapshotVos[0].updateTime", 10**17),
    wrong(SPOT, "$.snapshotVos[0].data", None),
    wrong(SPOT, f"{ASSET}.asset", None),
    wrong(SPOT, f"{ASSET}.locked", MISSING, "locked", at=ASSET),
    wrong(SPOT, f"{ASSET}.free", "NaN"),
    wrong(MARGIN, "$.snapshotVos[0].data.marginLevel", "Infinity"),
    wrong(FUTURES, "$.snapshotVos[0].data.position[0].markPrice", "NaN"),
]


def refusal(status: int, code: int, kind: type[ApiError], requests: int = 1) -> Case:
    outcome = fails(kind, f"(code {code}, HTTP {status})", code=code, status_code=status, msg="Said the exchange.")
    return Case(f"{code} under {status}", [respond(error(code), status)], outcome, requests)


def under_200(code: int, kind: type[ApiError], requests: int = 1, **beside: Any) -> Case:
    content = encoded({"code": code, "msg": "No."} | beside)
    name = f"{code} under 200" + "".join(f" beside {len(value)} {name}" for name, value in beside.items())
    outcome = fails(kind, code=code, status_code=200, msg="No.")
    return Case(name, [respond(content)], outcome, requests, lambda wallet: wallet.snapshots("SPOT"))


def page(status: int, title: str, kind: type[ApiError], requests: int = 1) -> Case:
    html = f"<html><head><title>{title}</title><style>p {{color: red}}</style></head><body><p>Really.</p></body></html>"
    outcome = fails(kind, f"{title} Really. (HTTP {status})", status_code=status, code=None)
    return Case(f"a page under {status}", [respond(html.encode(), status, Content_Type="text/html")], outcome, requests)


def no_error_body(name: str, status: int, content: bytes, kind: type[ApiError], requests: int = 1) -> Case:
    return Case(name, [respond(content, status)], fails(kind, status_code=status, code=None), requests)


def without_words(content: bytes) -> Case:
    outcome = fails(TimestampError, code=-1021, status_code=400, msg="Bad Request")
    return Case(content.decode(), [respond(content, 400)], outcome, 2)


ERRORS = [
    refusal(500, -1000, ServerError, 4),
    refusal(400, -1000, ServerError),
    refusal(500, -1001, ServerError, 4),
    refusal(503, -1006, ServerError, 4),
    refusal(504, -1007, ServerError, 4),
    refusal(503, -1008, ServerError, 4),
    refusal(400, -1021, TimestampError, 2),
    without_words(b'{"code":-1021}'),
    without_words(b'{"code":-1021,"msg":null}'),
    without_words(b'{"code":-1021,"msg":""}'),
    refusal(400, -1022, AuthenticationError),
    *[refusal(400, code, ApiError) for code in (-1100, -1101, -1102, -1104, -1105, -1130, -9999)],
    *[refusal(401, code, AuthenticationError) for code in (-2008, -2014, -2015)],
    refusal(400, -2015, AuthenticationError),
    refusal(404, 200, ApiError),
    under_200(-1000, ServerError, 4),
    under_200(-1003, RateLimitError),
    under_200(-1022, AuthenticationError),
    under_200(-1130, ApiError),
    under_200(-1130, ApiError, snapshotVos=[]),
    under_200(-1130, ApiError, snapshotVos=SPOT["snapshotVos"]),
    under_200(-1130, ApiError, snapshotVos=SPOT["snapshotVos"] * 1000),
    under_200(0, ApiError),
    under_200(201, ApiError, snapshotVos=[]),
    Case("-1130 for balances, under 200", [respond(error(-1130))], fails(ApiError, code=-1130, status_code=200)),
    page(403, "403 Forbidden", ApiError),
    page(404, "404 Not Found", ApiError),
    page(500, "500 Internal Server Error", ServerError, 4),
    page(502, "502 Bad Gateway", ServerError, 4),
    page(503, "503 Service Unavailable", ServerError, 4),
    no_error_body("an empty 503", 503, b"", ServerError, 4),
    no_error_body("a word under 401", 401, b"no", AuthenticationError),
    no_error_body("a list under 400", 400, b"[-1121]", ApiError),
    no_error_body("a code in words", 400, b'{"code":"x","msg":"y"}', ApiError),
    no_error_body("a code of 5000 digits", 400, b'{"code":-%s,"msg":"y"}' % (b"1" * 5000), ApiError),
    no_error_body("an error nested too deeply", 400, b'{"a":' * 100_000, ApiError),
    no_error_body("a status beyond all", 799, b"", ServerError, 4),
    Case("500, then fine", [respond(b"", 500), OK], RIGHT, 2),
    Case("502 three times, then fine", [*[respond(b"", 502)] * 3, OK], RIGHT, 4),
    Case("502 four times, then fine", [*[respond(b"", 502)] * 4, OK], fails(ServerError, status_code=502), 4),
    Case("500, then -1022", [respond(b"", 500), respond(error(-1022), 400)], fails(AuthenticationError), 2),
]


def limited(name: str, status: int, retry_after: str | None, outcome: Any, requests: int = 1) -> Case:
    """429 or the like with a Retry-After, and then a right answer to who asks again."""
    return Case(name, [respond(error(-1003), status, Retry_After=retry_after), OK], outcome, requests)


def told(kind: type[ApiError], retry_after: float) -> Fails:
    return fails(kind, f"call again in {retry_after:.0f} s", retry_after=retry_after)


def used(weight: str) -> Case:
    return Case(f"used weight {weight:.10}", [respond(encoded(BALANCES), X_SAPI_USED_IP_WEIGHT_1M=weight)], RIGHT)


def dated(date: str | None) -> Case:
    return Case(f"date {date}", [respond(encoded(BALANCES), Date=date)], RIGHT)


def twice(header: str, value: str, status: int, outcome: Any) -> Case:
    lines = f"HTTP/1.1 {status} Scripted\r\n{header}: {value}\r\n{header}: {value}\r\nContent-Length: 2\r\n\r\n[]"
    return Case(f"two {header} under {status}", [raw(lines.encode())], outcome)


SOON, LATER, PAST = (formatdate(START + seconds, usegmt=True) for seconds in (3, 3600, -3600))


def late_and_never_whole(status: int) -> Step:
    """The head comes late, and the body not at all."""
    return lambda request: [0.25, head(request, status, Retry_After="300", Content_Length="100"), FOREVER]


# Then the status and the headers tell what to do.
UNREADABLE: dict[str, Callable[[int], Step]] = {
    "has an encoding of its own": lambda status: respond(b"no", status, Retry_After="300", Content_Encoding="br"),
    "is no gzip": lambda status: respond(b"no", status, Retry_After="300", Content_Encoding="gzip"),
    "is cut short": lambda status: cut(respond(b"no", status, Retry_After="300"), -1, CLOSE),
}

HEADERS = [
    limited("429 that passes", 429, "2", RIGHT, 2),
    limited("429 that passes, with a date", 429, SOON, RIGHT, 2),
    limited("429 that has passed", 429, PAST, RIGHT, 2),
    limited("429 for no time", 429, "0", RIGHT, 2),
    limited("429 with seconds", 429, "30", told(RateLimitError, 30)),
    limited("429 with a date", 429, LATER, fails(RateLimitError, retry_after=pytest.approx(3600, abs=1))),
    limited("429 with garbage", 429, "soon", told(RateLimitError, 60)),
    limited("429 with a negative number", 429, "-5", told(RateLimitError, 60)),
    limited("429 until the end of time", 429, "9" * 400, fails(RateLimitError)),
    limited("429 with a date beyond all", 429, "Fri, 31 Dec 99999 23:59:59 GMT", told(RateLimitError, 60)),
    limited("429 without Retry-After", 429, None, told(RateLimitError, 60)),
    limited("418 with seconds", 418, "300", told(BannedError, 300)),
    limited("418 that would pass", 418, "1", told(BannedError, 1)),
    limited("418 without Retry-After", 418, None, told(BannedError, 120)),
    *(
        Case(
            f"{status} whose body {what}",
            [step(status), OK],
            fails(kind, code=None, status_code=status, retry_after=300.0),
        )
        for what, step in UNREADABLE.items()
        for status, kind in ((418, BannedError), (429, RateLimitError), (503, ServerError))
    ),
    *(
        Case(
            f"{status} that comes late, and whose body never comes",
            [late_and_never_whole(status), OK],
            fails(kind, code=None, status_code=status, retry_after=300.0),
            timeout=0.6,
        )
        for status, kind in ((418, BannedError), (429, RateLimitError), (503, ServerError))
    ),
    limited("503 that passes", 503, "5", RIGHT, 2),
    limited("503 with Retry-After", 503, "3600", fails(RateLimitError, retry_after=3600)),
    Case("502 with Retry-After", [respond(b"", 502, Retry_After="3600")], fails(ServerError, retry_after=3600)),
    twice("Retry-After", "30", 429, fails(RateLimitError)),
    twice("Date", LATER, 200, []),
    twice("X-SAPI-USED-IP-WEIGHT-1M", "60", 200, []),
    twice("Content-Type", "application/json", 200, []),
    *[used(weight) for weight in ("much", "-60", "6e1", "\xb2", "9" * 5000)],
    *[dated(date) for date in (None, "yesterday", "Fri, 31 Dec 9999 23:59:59 GMT", "Fri, 31 Dec 99999 23:59:59 GMT")],
]


def table(**groups: list[Case]) -> pytest.MarkDecorator:
    cases = [pytest.param(case, id=f"{group}: {case.name}") for group, cases in groups.items() for case in cases]
    return pytest.mark.parametrize("case", cases)


@every_transport
@table(connection=CONNECTION, body=BODIES, headers=HEADERS)
def test_what_comes_of_a_fault_in_http(case: Case, check: Callable[[Case], None]) -> None:
    check(case)


@pytest.mark.parametrize("open_wallet", [name for name in TRANSPORTS if name != "sync-httpx"], indirect=True)
@table(head=SLOW_HEADS)
def test_what_comes_of_a_head_that_drips(case: Case, check: Callable[[Case], None]) -> None:
    check(case)


@table(contract=CONTRACT, error=ERRORS)
def test_what_comes_of_a_response(case: Case, check: Callable[[Case], None]) -> None:
    check(case)


@pytest.fixture
def check(
    request: pytest.FixtureRequest,
    fault_server: StartServer,
    open_wallet: OpenWallet,
    fake_time: FakeTime,
    capsys: pytest.CaptureFixture[str],
) -> Callable[[Case], None]:
    """Play a case, and see that it comes out as the table says."""
    transport = request.node.callspec.params["open_wallet"]

    def check_case(case: Case) -> None:
        server = fault_server(*case.script)
        wallet = open_wallet(server.url, timeout=case.timeout)
        started, raised, value = fake_time.monotonic(), None, None
        try:
            value = case.call(wallet)
        except WalletError as error:
            raised = error
        took = fake_time.monotonic() - started

        if isinstance(case.outcome, Fails):
            assert type(raised) is case.outcome.kind, f"{raised!r}, {value!r:.200}"
            assert case.outcome.words in str(raised)
            assert {name: getattr(raised, name) for name in case.outcome.attributes} == case.outcome.attributes
            assert_survives_pickling(raised)
        else:
            assert raised is None
            assert msgspec.json.encode(value) == msgspec.json.encode(
                case.outcome
            )  # 0E-8 and 0 are equal, and not the same
        signatures = [request.signature for request in server.requests]
        if transport == "async-aiohttp":  # repeats a request by itself, once, where a connection is lost
            assert case.requests / 2 <= len({*signatures}) <= case.requests
            assert max(map(signatures.count, signatures), default=0) <= 2
        else:
            assert len(signatures) == case.requests
            assert len({*signatures}) == case.requests, "an attempt was not signed anew"
        assert took <= case.timeout + 1
        assert_no_secret(
            {API_KEY, API_SECRET} | server.secrets,
            error=raised,
            client=f"{wallet!r} {vars(wallet)!r}",
            output="".join(capsys.readouterr()),
        )

    return check_case


def assert_survives_pickling(error: BaseException) -> None:
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is type(error)
    assert (str(copy), copy.args, vars(copy)) == (str(error), error.args, vars(error))
