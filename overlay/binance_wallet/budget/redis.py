"""A budget store for machines behind one IP address: Redis 6 or later, or Valkey (extra `redis`)."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
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
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError
from redis.retry import Retry

from binance_wallet.clock import DRIFT
from binance_wallet.threads import in_thread

from .operations import Block, Blocked, Confirm, Full, Operation, Read, Verdict, WrongTime
from .rule import LONGEST_BLOCK, MinuteUsage, Seconds, Weight
from .shared import SUSPEND_TOLERANCE, TIME_TTL, Reply, SharedStore, StoreError

_PREFIX: Final = "binance-wallet:1"  # with the version of what the keys hold
_CONSTANTS: Final = f"""\
local LONGEST_BLOCK, DRIFT = {LONGEST_BLOCK:.0f}, {DRIFT}
local TIME_TTL, SUSPEND_TOLERANCE = {TIME_TTL}, {SUSPEND_TOLERANCE}
"""
_SCRIPT: Final = _CONSTANTS + files("binance_wallet.budget").joinpath("rule.lua").read_text(encoding="utf-8")
_SCRIPT_SHA: Final = sha1(_SCRIPT.encode(), usedforsecurity=False).hexdigest()
_THREADS: Final = 40  # of an event loop
_MAX_CONNECTIONS: Final = 10_000  # more than a process has threads: redis-py would refuse one that is too many
_FAILURES: Final = (redis.RedisError, OSError, RuntimeError, TypeError, ValueError, msgspec.MsgspecError)
_limiters: Final[RunVar[anyio.CapacityLimiter]] = RunVar("binance_wallet.budget.redis")
_decoder: Final = msgspec.msgpack.Decoder(tuple[str, Seconds, bool, list[list[tuple[str, Weight, Weight]]]])


class RedisStore(SharedStore):
    """Thread-safe, and safe after a fork. The operations of one call are one call of a script, which is atomic.

    Redis is asked in worker threads, which can be left at the deadline, also while a host name is resolved.
    """

    max_timeout = 2.0

    def __init__(self, url: str, address: str, certificates: Mapping[str, str] | None = None) -> None:
        """`url` is redis://[[USERNAME]:PASSWORD@]HOST[:PORT][/DB], or with rediss:// for TLS.

        `certificates` are files, by redis-py's names: ssl_ca_certs, ssl_certfile and ssl_keyfile.
        """
        self._certificates = certificates or {}
        self._address = f"{_PREFIX}:{{{address}}}"  # in braces: all keys of an address are in one slot of a cluster
        self._url = urlsplit(url)
        super().__init__()

    def init_process_state(self) -> None:
        super().init_process_state()
        self._redis = redis.Redis(
            host=self._url.hostname or "",
            port=self._url.port or 6379,
            db=int(self._url.path.strip("/") or 0),
            username=unquote(self._url.username or "") or None,
            password=self._password or None,
            ssl=self._url.scheme == "rediss",
            socket_timeout=self.max_timeout + 1,  # the call itself waits for less
            socket_connect_timeout=self.max_timeout + 1,
            ssl_check_hostname=True,  # not the default of all versions
            socket_keepalive=True,
            max_connections=_MAX_CONNECTIONS,
            retry=Retry(NoBackoff(), 0),  # a script that was performed is not performed again
            protocol=2,  # redis-py's default depends on its version
            ssl_ca_certs=self._certificates.get("ssl_ca_certs"),
            ssl_certfile=self._certificates.get("ssl_certfile"),
            ssl_keyfile=self._certificates.get("ssl_keyfile"),
        )

    def __str__(self) -> str:
        return f"{self._url.netloc.rpartition('@')[2]}{self._url.path}, {self._address}"

    def _call(self, operations: Sequence[Operation], seconds: float) -> Reply:
        try:
            return in_thread(partial(self._run, operations)).result(seconds)
        except _FAILURES as error:
            raise self._store_error(error) from None

    async def _acall(self, operations: Sequence[Operation], seconds: float) -> Reply:
        try:
            with anyio.fail_after(seconds):
                return await anyio.to_thread.run_sync(
                    partial(self._run, operations), abandon_on_cancel=True, limiter=_limiter()
                )
        except _FAILURES as error:
            raise self._store_error(error) from None

    def _store_error(self, error: Exception) -> StoreError:
        with suppress(*_FAILURES):
            self._redis.connection_pool.disconnect(inuse_connections=False)  # they may have lost the server, too
        text = "no response in time" if isinstance(error, TimeoutError) else str(error) or type(error).__name__
        password = self._password
        if text.startswith("MOVED "):
            text = f"this is a node of a cluster, and not the one that holds the budget ({text})"
        return StoreError(f"Redis: {text.replace(password, '[redacted]') if password else text}")

    def _run(self, operations: Sequence[Operation]) -> Reply:
        counter, minutes = _counter_and_minutes(operations[-1])  # those before it concern the same ones
        keys = [self._address] + [f"{self._address}:{minute}" for minute in minutes]
        argument = msgspec.msgpack.encode((counter, minutes, [_as_message(operation) for operation in operations]))
        try:
            response = self._redis.evalsha(_SCRIPT_SHA, len(keys), *keys, argument)
        except NoScriptError:
            response = self._redis.eval(_SCRIPT, len(keys), *keys, argument)
        name, time, ban, values = _decoder.decode(response)
        usage: dict[str, dict[int, MinuteUsage]] = {}
        for minute, of_minute in zip(minutes, values, strict=True):
            for counted, used, reported in of_minute:
                usage.setdefault(counted, {})[minute] = MinuteUsage(used, reported)
        return Reply(_verdict(name, time, ban), usage)

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


def _counter_and_minutes(operation: Operation) -> tuple[str, tuple[int, ...]]:
    """The counter and the minutes that the operation is about."""
    match operation:
        case Block():
            return "", ()
        case Read(minutes):
            return "", minutes
        case Confirm():
            return operation.counter, operation.all_minutes()
    return operation.counter, operation.minutes


def _as_message(operation: Operation) -> dict[str, Any]:
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
