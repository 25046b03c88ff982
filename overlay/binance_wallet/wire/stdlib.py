"""The way of the synchronous client: the standard library's HTTP, on sockets that heed the call's deadline."""

import io
import os
import re
import socket
import ssl
import time
from collections import deque
from contextlib import suppress
from email.errors import MissingHeaderBodySeparatorDefect
from http.client import CONTINUE, HTTPConnection, HTTPException, HTTPResponse
from typing import TYPE_CHECKING, cast

import httpx

from .call import Call, Headers
from .deadline import in_time, left
from .idle import is_stale
from .reply import LARGEST_BODY, Reply, decoded, extended

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_IDLE = 5.0  # seconds after which a connection is not used any more, as by httpx: the exchange closes it, too
_PART = 1024 * 1024  # at a time, for small chunks take much more room than they fill
_LARGEST_HEAD = 8 * 1024 * 1024  # a hundred headers of 64 kB, as http.client allows


class StdlibWire:
    """Connections to one exchange, kept for the next call."""

    def __init__(self, url: httpx.URL) -> None:
        self._host, self._port, self._tls = url.raw_host.decode(), url.port or 80, None
        if url.scheme == "https":
            self._port, self._tls = url.port or 443, httpx.create_ssl_context()
        self._idle: deque[_Connection] = deque()  # the one used last at the end
        self._closed = False
        self._process = os.getpid()

    def send(self, call: Call, target: bytes, headers: Headers, remaining: float) -> Reply:
        connection = self._kept() or self._connected(remaining)
        stands = False
        try:
            connection.putrequest(call.method, target.decode(), skip_host=True, skip_accept_encoding=True)
            for name, value in headers:
                connection.putheader(name, value)
            connection.endheaders(call.content or None)
            with connection.getresponse() as response:
                connection.check(response)
                reply = _read(response)
                stands = connection.is_done(response)
        except HTTPException as error:
            failure = httpx.RemoteProtocolError(f"{type(error).__name__}: {error}")
        else:
            return reply
        finally:
            if stands:
                connection.idle_since = time.monotonic()
                self._idle.append(connection)
                if self._closed:  # meanwhile
                    self.close()
            else:
                connection.shut()
        raise failure  # out here, so that it does not chain an error that has in it what was received

    def close(self) -> None:
        self._closed = True
        with suppress(IndexError):
            while True:
                self._idle.pop().shut()

    def _kept(self) -> "_Connection | None":
        if self._process != os.getpid():  # after a fork, the connections are the parent's
            self._idle, self._process = deque(), os.getpid()
        with suppress(IndexError):  # none is left; another thread may have taken the last
            while self._idle[0].idle_since < time.monotonic() - _IDLE:
                self._idle.popleft().shut()
            while (connection := self._idle.pop()).is_stale():
                connection.shut()
            return connection
        return None

    def _connected(self, remaining: float) -> "_Connection":
        try:
            return _Connection(in_time(lambda: self._open(remaining), httpx.ConnectTimeout, socket.socket.close))
        except (OSError, UnicodeError, RuntimeError) as error:  # the last: no thread can be started
            raise httpx.ConnectError(str(error)) from error

    def _open(self, remaining: float) -> socket.socket:
        sock = socket.create_connection((self._host, self._port), remaining)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self._tls.wrap_socket(sock, server_hostname=self._host) if self._tls else sock


class _Response(HTTPResponse):
    def _read_status(self) -> tuple[str, int, str]:
        version, status, reason = super()._read_status()  # type: ignore[misc]
        return version, CONTINUE if 100 < status < 200 else status, reason  # the one interim answer that it skips


class _Connection(HTTPConnection):
    response_class = _Response
    auto_open = 0
    debuglevel = 0  # above it, what is sent is printed: whoever sets it for all connections must not see the key

    def __init__(self, sock: socket.socket) -> None:
        super().__init__("")
        self.idle_since = 0.0
        self._socket = sock
        self._stream = _Stream(sock)
        self.sock = cast("socket.socket", self._stream)  # it has all that is used of one

    def check(self, response: HTTPResponse) -> None:
        """Raise on a head that http.client would make do with: cut off, broken, or of two minds about the body."""
        lengths = {*response.msg.get_all("Content-Length", ())}
        codings = response.msg.get_all("Transfer-Encoding", ())
        told_once = len(lengths) + len(codings) <= 1 and all(
            re.fullmatch(r"[0-9]{1,15}\s*", length) for length in lengths
        )
        broken = any(isinstance(defect, MissingHeaderBodySeparatorDefect) for defect in response.msg.defects)
        if self._stream.ended or broken or not told_once or not all(coding.lower() == "chunked" for coding in codings):
            raise httpx.RemoteProtocolError("the answer's head is broken")

    def is_done(self, response: HTTPResponse) -> bool:
        """Whether an answer that was read leaves the connection to the next: nothing more has come than that."""
        return not (response.will_close or self._stream.has_more())

    def is_stale(self) -> bool:
        return is_stale(self._socket)

    def shut(self) -> None:
        self._socket.close()


class _Reader(io.BufferedReader):
    def close(self) -> None:
        """Not yet: see `_Stream.has_more`."""


class _Stream(io.RawIOBase):
    """What `http.client` sees of a socket."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self.ended = False

    def sendall(self, data: bytes) -> None:
        self._socket.settimeout(left(None, httpx.WriteTimeout))
        self._socket.sendall(data)

    def makefile(self, _mode: str) -> io.BufferedReader:
        """For one answer."""
        self._room, self._is_read = LARGEST_BODY + _LARGEST_HEAD, False
        self._reader = _Reader(self, 64 * 1024)
        return self._reader

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int | None:
        if self._is_read:
            return None
        self._socket.settimeout(left(None, httpx.ReadTimeout))
        received = self._socket.recv_into(buffer)
        self.ended = not received
        self._room -= received
        if self._room < 0:  # whatever http.client makes of it, a chunk of size -1 for one
            raise httpx.DecodingError(f"the answer is larger than {LARGEST_BODY} bytes")
        return received

    def has_more(self) -> bool:
        """Whether more has come than the answer that was read."""
        self._is_read = True
        decrypted = self._socket.pending() if isinstance(self._socket, ssl.SSLSocket) else 0
        return bool(self._reader.peek(1) or decrypted)

    def close(self) -> None:
        """Not yet: http.client does it before the body is read, and after each one."""


def _read(response: HTTPResponse) -> Reply:
    headers = {name.lower().encode("latin-1"): value.encode("latin-1") for name, value in response.getheaders()}
    body = bytearray()
    while chunk := response.read(_PART):
        extended(body, chunk)
    if response.length:
        raise httpx.RemoteProtocolError(f"the body ends {response.length} bytes too early")
    encoding = headers.get(b"content-encoding", b"").decode("latin-1")
    return Reply(response.status, headers, decoded(bytes(body), encoding))
