"""A budget store for machines behind one IP address: Redis 6 or later, or Valkey (extra `redis`)."""

from collections.abc import Callable, Sequence
from functools import partial
from hashlib import sha1
from importlib.resources import files
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import anyio
import anyio.to_thread
import msgspec
import redis
from redis.exceptions import NoScriptError

from binance_wallet.threads import in_thread

from .memory import LONGEST_BLOCK, Count
from .operations import Block, Blocked, Full, Operation, Reconcile, Verdict, WrongTime
from .shared import DRIFT, SUSPENDED, TIME_IS_KNOWN_FOR, Reply, SharedStore, StoreError

_PREFIX: Final = "binance-wallet:1"  # with the version of what the keys hold
_CONSTANTS: Final = f"""\
local LONGEST_BLOCK, DRIFT = {LONGEST_BLOCK:.0f}, {DRIFT}
local TIME_IS_KNOWN_FOR, SUSPENDED = {TIME_IS_KNOWN_FOR}, {SUSPENDED}
"""
_SCRIPT: Final = _CONSTANTS + files("binance_wallet.budget").joinpath("rule.lua").read_text(encoding="utf-8")
_SCRIPT_NAME: Final = sha1(_SCRIPT.encode(), usedforsecurity=False).hexdigest()
_decoder: Final = msgspec.msgpack.Decoder(tuple[str, float, bool, list[tuple[int, int]]])


class RedisStore(SharedStore):
    """Thread-safe, and safe after a fork. The operations of one call are one call of a script, which is atomic.

    An async client asks in a worker thread. So all clients of the process share the connections, whatever their event
    loops; a connection of redis-py's async client belongs to one loop of asyncio. The connections are kept here:
    redis-py's own pool takes a third of the time of a reservation, and refuses the 101st thread.
    """

    longest_timeout = 2.0

    def __init__(self, url: str, address: str) -> None:
        """`url` is redis://[[USERNAME]:PASSWORD@]HOST[:PORT][/DB], or with rediss:// for TLS."""
        self._address = f"{_PREFIX}:{{{address}}}"  # in braces: in a cluster, all keys of an address are in one slot
        parts = urlsplit(url)
        self._server = f"{parts.hostname}:{parts.port or 6379}{parts.path}"
        self._password = unquote(parts.password or "")
        self._new_connection: Callable[[], Any] = partial(
            redis.SSLConnection if parts.scheme == "rediss" else redis.Connection,
            host=parts.hostname,
            port=parts.port or 6379,
            db=int(parts.path.strip("/") or 0),
            username=unquote(parts.username or "") or None,
            password=self._password or None,
            socket_timeout=self.longest_timeout,
        )
        super().__init__()

    def after_fork(self) -> None:
        super().after_fork()
        self._idle: list[Any] = []  # connections

    def __str__(self) -> str:
        return f"{self._server}, {self._address}"

    def _call(self, operations: Sequence[Operation], seconds: float) -> Reply:
        if connection := self._idle_connection():
            return self._ask(connection, operations, seconds)
        try:  # resolving the server's name and connecting may take longer
            return in_thread(partial(self._ask, self._new_connection(), operations, seconds)).result(seconds)
        except (TimeoutError, RuntimeError) as error:  # RuntimeError: there can be no more threads
            raise StoreError(f"Redis: {str(error) or 'Timeout'}") from None

    async def _acall(self, operations: Sequence[Operation], seconds: float) -> Reply:
        connection = self._idle_connection() or self._new_connection()
        try:
            with anyio.fail_after(seconds):
                ask = partial(self._ask, connection, operations, seconds)
                return await anyio.to_thread.run_sync(ask, abandon_on_cancel=True)
        except TimeoutError:
            raise StoreError("Redis: Timeout") from None

    def _idle_connection(self) -> Any:
        """A connection that waits for a command, or None."""
        while True:
            try:
                connection = self._idle.pop()
                if not connection.can_read():
                    return connection
            except IndexError:
                return None
            except redis.RedisError:  # the server has closed it
                pass

    def _ask(self, connection: Any, operations: Sequence[Operation], seconds: float) -> Reply:
        """Run the script."""
        endpoint, minutes = _counts(operations[-1])  # which the others are about, too
        keys = [self._address] + [f"{self._address}:{endpoint}:{minute}" for minute in minutes]
        argument = msgspec.msgpack.encode((minutes, [_named(operation) for operation in operations]))
        arguments = len(keys), *keys, argument
        try:
            try:
                reply = self._response(connection, seconds, "EVALSHA", _SCRIPT_NAME, *arguments)
            except NoScriptError:
                reply = self._response(connection, seconds, "EVAL", _SCRIPT, *arguments)
            name, time, ban, values = _decoder.decode(reply)
        except (redis.RedisError, OSError, UnicodeError, msgspec.MsgspecError) as error:
            connection.disconnect()
            text = str(error).replace(self._password, "[redacted]") if self._password else str(error)
            raise StoreError(f"Redis: {text or type(error).__name__}") from None
        self._idle.append(connection)
        counts = {minute: Count(*value) for minute, value in zip(minutes, values, strict=True)}
        return Reply(_verdict(name, time, ban), {endpoint: counts} if counts else {})

    def _response(self, connection: Any, seconds: float, *command: object) -> bytes:
        """Send a command, and wait so many seconds for the response."""
        connection.send_command(*command)
        if seconds < self.longest_timeout and not connection.can_read(seconds):  # a connection's own timeout is longer
            raise redis.TimeoutError("Timeout")
        response: bytes = connection.read_response()
        return response


def _counts(operation: Operation) -> tuple[str, tuple[int, ...]]:
    """The endpoint and the minutes that the operation is about."""
    match operation:
        case Block():
            return "", ()
        case Reconcile(endpoint, minute):
            return endpoint, (minute,)
    return operation.endpoint, operation.minutes


def _named(operation: Operation) -> dict[str, Any]:
    """The operation as the script takes it."""
    return {"name": type(operation).__name__, **operation._asdict()}


def _verdict(name: str, time: float, ban: bool) -> Verdict:
    match name:
        case "Full":
            return Full(time)
        case "Blocked":
            return Blocked(time, ban)
        case "WrongTime":
            return WrongTime(time)
    return None
