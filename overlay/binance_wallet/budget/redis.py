"""A budget store for machines behind one IP address: Redis 6 or later, or Valkey (extra `redis`)."""

from collections.abc import Sequence
from functools import partial
from hashlib import sha1
from importlib.resources import files
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import anyio
import anyio.to_thread
import msgspec
import redis
from anyio.lowlevel import RunVar
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
_SCRIPT_SHA: Final = sha1(_SCRIPT.encode(), usedforsecurity=False).hexdigest()
_THREADS: Final = 40  # of an event loop, each with a connection
_FAILURES: Final = (redis.RedisError, OSError, RuntimeError, TypeError, ValueError, msgspec.MsgspecError)
_limiters: Final[RunVar[anyio.CapacityLimiter]] = RunVar("binance_wallet.budget.redis")
_decoder: Final = msgspec.msgpack.Decoder(tuple[str, float, bool, list[tuple[int, int]]])


class RedisStore(SharedStore):
    """Thread-safe, and safe after a fork. The operations of one call are one call of a script, which is atomic.

    Async clients ask in worker threads: a connection of redis-py's async client belongs to one event loop. Connections
    are kept here, and not in redis-py's pool, which is slower and refuses the 101st thread.
    """

    longest_timeout = 2.0

    def __init__(self, url: str, address: str) -> None:
        """`url` is redis://[[USERNAME]:PASSWORD@]HOST[:PORT][/DB], or with rediss:// for TLS."""
        self._address = f"{_PREFIX}:{{{address}}}"  # in braces: all keys of an address are in one slot of a cluster
        self._url = urlsplit(url)
        super().__init__()

    def after_fork(self) -> None:
        super().after_fork()
        self._idle: list[Any] = []  # connections

    def __str__(self) -> str:
        return f"{self._url.netloc.rpartition('@')[2]}{self._url.path}, {self._address}"

    def _call(self, operations: Sequence[Operation], seconds: float) -> Reply:
        try:
            # A connection has the longest timeout. A thread can be left earlier: also while it resolves a host name.
            reply = self._reuse(operations) if seconds >= self.longest_timeout else None
            return reply or in_thread(partial(self._ask, operations)).result(seconds)
        except _FAILURES as error:
            raise self._out_of_order(error) from None

    async def _acall(self, operations: Sequence[Operation], seconds: float) -> Reply:
        ask = partial(self._ask, operations)
        try:
            with anyio.fail_after(seconds):
                return await anyio.to_thread.run_sync(ask, abandon_on_cancel=True, limiter=_limiter())
        except _FAILURES as error:
            raise self._out_of_order(error) from None

    def _out_of_order(self, error: Exception) -> StoreError:
        self._idle.clear()  # they may have lost the server, too
        text, password = str(error) or type(error).__name__, self._password
        return StoreError(f"Redis: {text.replace(password, '[redacted]') if password else text}")

    def _ask(self, operations: Sequence[Operation]) -> Reply:
        return self._reuse(operations) or self._run(self._new_connection(), operations)

    def _reuse(self, operations: Sequence[Operation]) -> Reply | None:
        """Run the script on an idle connection; None if there is none, or if it has been closed meanwhile.

        If the server closes it at this very moment, the operations may be performed twice.
        """
        try:
            return self._run(self._idle.pop(), operations)
        except (IndexError, redis.ConnectionError):
            return None

    def _run(self, connection: Any, operations: Sequence[Operation]) -> Reply:
        endpoint, minutes = _counts(operations[-1])  # the facts before it concern the same ones
        keys = [self._address] + [f"{self._address}:{endpoint}:{minute}" for minute in minutes]
        argument = msgspec.msgpack.encode((minutes, [_named(operation) for operation in operations]))
        try:
            connection.send_command("EVALSHA", _SCRIPT_SHA, len(keys), *keys, argument)
            response = connection.read_response()
        except NoScriptError:
            connection.send_command("EVAL", _SCRIPT, len(keys), *keys, argument)
            response = connection.read_response()
        name, time, ban, values = _decoder.decode(response)
        counts = {minute: Count(*value) for minute, value in zip(minutes, values, strict=True)}
        self._idle.append(connection)  # only here: a response that was not read would be taken for the next one
        return Reply(_verdict(name, time, ban), {endpoint: counts} if counts else {})

    def _new_connection(self) -> Any:
        connection_class = redis.SSLConnection if self._url.scheme == "rediss" else redis.Connection
        return connection_class(
            host=self._url.hostname or "",
            port=self._url.port or 6379,
            db=int(self._url.path.strip("/") or 0),
            username=unquote(self._url.username or "") or None,
            password=self._password or None,
            socket_timeout=self.longest_timeout,
            socket_keepalive=True,
            protocol=2,  # redis-py's default depends on its version
        )

    @property
    def _password(self) -> str:
        return unquote(self._url.password or "")


def _limiter() -> anyio.CapacityLimiter:
    """Of the event loop: anyio's default one is for all that the program does in worker threads."""
    try:
        return _limiters.get()
    except LookupError:
        _limiters.set(limiter := anyio.CapacityLimiter(_THREADS))
        return limiter


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
