"""A scripted server that misbehaves on purpose: real sockets, standard library only.

Each request is answered by the next step of the script; the last step serves all that follow. A step is a function of
the request and yields what happens: bytes are sent, a number is a pause in seconds, RESET and CLOSE end the connection,
an SSL context starts TLS on it. A step that just ends leaves the connection open for the next request.

A step that is `Unread(...)` does not wait for a request: it happens as soon as the connection is open, or idle again.
"""

import math
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from email.utils import formatdate
from enum import Enum
from functools import cached_property
from typing import Self
from urllib.parse import unquote


class End(Enum):
    """How the server ends a connection."""

    CLOSE = "in an orderly way"
    RESET = "at once, and what is under way is lost"


CLOSE, RESET = End
FOREVER = math.inf

Action = bytes | float | End | ssl.SSLContext


@dataclass(frozen=True)
class Request:
    """A request as it arrived, at the exchange's time `at`. Header names are lower case."""

    line: bytes
    headers: dict[str, str]
    at: float
    connection: int
    body: bytes

    @cached_property
    def target(self) -> str:
        return self.line.split()[1].decode("ascii")

    @cached_property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @cached_property
    def query(self) -> str:
        return self.target.partition("?")[2]

    @cached_property
    def parameters(self) -> dict[str, str]:
        """The query's parameters, still percent-encoded."""
        return dict(pair.partition("=")[::2] for pair in self.query.split("&"))

    @property
    def timestamp(self) -> int:
        return int(self.parameters["timestamp"])

    @property
    def signature(self) -> str:
        return self.parameters["signature"]

    @property
    def secrets(self) -> set[str]:
        """What in this request nobody else may see, as sent and decoded."""
        if "signature" not in self.parameters:
            return set()
        return {self.signature, unquote(self.signature), self.headers["x-mbx-apikey"]}


Step = Callable[[Request], Iterable[Action]]


def respond(body: bytes = b"[]", status: int = 200, /, **headers: str | None) -> Step:
    """Answer in full, and keep the connection. `Retry_After="1"` is a header; None leaves one out."""
    return lambda request: [head(request, status, **{"Content_Length": str(len(body))} | headers) + body]


def head(request: Request, status: int = 200, /, **headers: str | None) -> bytes:
    """An answer's status line and headers. Every real server sends a Date, so this one does."""
    lines = {"Date": formatdate(request.at, usegmt=True), "Content_Type": "application/json"} | headers
    fields = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in lines.items() if value is not None)
    return f"HTTP/1.1 {status} Scripted\r\n{fields}\r\n".encode("latin-1")


def drip(data: Iterable[bytes], every: float) -> Iterator[Action]:
    """Send pieces with a pause after each."""
    for piece in data:
        yield piece
        yield every


class Unread(tuple[Action, ...]):
    """A step that does not wait for a request: the actions themselves."""

    __slots__ = ()


class FaultServer:
    """Follows its script on 127.0.0.1, inside its `with` block. `now` is its clock; with `tls`, it speaks TLS."""

    def __init__(
        self, *script: Step | Unread, now: Callable[[], float] = time.time, tls: ssl.SSLContext | None = None
    ) -> None:
        self.requests: list[Request] = []
        self.connections = 0
        self._script = list(script)
        self._now = now
        self._tls = tls
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self._open: dict[int, socket.socket] = {}

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self._listener.getsockname()[1]
        self.url = f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"
        self._start(self._accept)
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._stopping.set()
        with suppress(OSError):  # wakes accept()
            socket.create_connection(("127.0.0.1", self.port)).close()
        with self._lock:
            for connection in self._open.values():  # wakes recv() and send()
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        self._listener.close()

    @property
    def secrets(self) -> set[str]:
        """All the API keys and signatures that were sent here."""
        return {secret for request in self.requests for secret in request.secrets}

    def left_alone(self, within: float) -> bool:
        """Whether all its connections end in so many seconds."""
        deadline = time.monotonic() + within
        while self._open and time.monotonic() < deadline:
            self._stopping.wait(0.01)
        return not self._open

    def _start(self, run: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=run, args=args, daemon=True, name="fault-server")
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            if self._stopping.is_set():
                return connection.close()
            self.connections += 1
            self._start(self._serve, connection, self.connections)

    def _serve(self, connection: socket.socket, number: int) -> None:
        self._use(connection, number)
        try:
            with suppress(OSError):  # a client may hang up at any time, and so does the end of this server
                self._converse(connection, number)
        finally:
            with self._lock:
                self._open.pop(number).close()

    def _converse(self, connection: socket.socket, number: int) -> None:
        if self._tls:
            connection = self._secured(connection, number, self._tls)
        while not self._stopping.is_set():
            for action in self._next_actions(connection, number):
                match action:
                    case bytes():
                        connection.sendall(action)
                    case ssl.SSLContext():
                        connection = self._secured(connection, number, action)
                    case End.RESET:
                        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                        return
                    case End.CLOSE:
                        return
                    case pause if self._stopping.wait(None if pause == FOREVER else pause):
                        return

    def _secured(self, connection: socket.socket, number: int, tls: ssl.SSLContext) -> ssl.SSLSocket:
        secured = tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        self._use(secured, number)
        secured.do_handshake()
        return secured

    def _use(self, connection: socket.socket, number: int) -> None:
        with self._lock:
            self._open[number] = connection
            if self._stopping.is_set():
                connection.shutdown(socket.SHUT_RDWR)

    def _next_actions(self, connection: socket.socket, number: int) -> Iterable[Action]:
        request = None if isinstance(self._script[0], Unread) else self._read(connection, number)
        with self._lock:
            step = self._script.pop(0) if len(self._script) > 1 else self._script[0]
            if request is None or isinstance(step, Unread):
                return step
            self.requests.append(request)
        return step(request)

    def _read(self, connection: socket.socket, number: int) -> Request:
        received = self._received_until(connection, b"", lambda received: b"\r\n\r\n" in received)
        head, _, body = received.partition(b"\r\n\r\n")
        line, *fields = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, _, value in (field.partition(": ") for field in fields)}
        length = int(headers.get("content-length", 0))
        body = self._received_until(connection, body, lambda received: len(received) >= length)
        return Request(line.encode("latin-1"), headers, self._now(), number, body)

    def _received_until(self, connection: socket.socket, received: bytes, is_all: Callable[[bytes], bool]) -> bytes:
        while not is_all(received):
            chunk = connection.recv(65_536)
            if not chunk:
                raise ConnectionResetError
            received += chunk
        return received
