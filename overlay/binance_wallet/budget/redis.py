"""A budget store for machines behind one IP address: Redis 6 or later, or Valkey (extra `redis`)."""

from collections.abc import Sequence
from functools import partial
from importlib.resources import files
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import anyio
import anyio.to_thread
import msgspec
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from binance_wallet.threads import in_thread

from .memory import LONGEST_BLOCK, Count
from .operations import Block, Blocked, Full, Operation, Reconcile, Reserve, Verdict, WrongTime
from .shared import DRIFT, SHORTEST_TIMEOUT, SUSPENDED, TIME_IS_KNOWN_FOR, Reply, SharedStore, StoreError

_PREFIX: Final = "binance-wallet:1"  # with the version of what the keys hold
_CONSTANTS: Final = f"""\
local LONGEST_BLOCK, DRIFT = {LONGEST_BLOCK:.0f}, {DRIFT}
local TIME_IS_KNOWN_FOR, SUSPENDED = {TIME_IS_KNOWN_FOR}, {SUSPENDED}
"""
_SCRIPT: Final = _CONSTANTS + files("binance_wallet.budget").joinpath("rule.lua").read_text(encoding="utf-8")
_FOREVER: Final = 1e300  # JSON has no infinity


class RedisStore(SharedStore):
    """Thread-safe, and safe after a fork. The operations of one call are one call of a script, which is atomic.

    An async client asks in a worker thread. So one pool of connections serves all clients of the process, whatever
    their event loops; a connection of redis-py's async client belongs to one loop of asyncio.
    """

    longest_timeout = 3.0

    def __init__(self, url: str, address: str) -> None:
        """`url` is one of redis-py. Raises ValueError if it is not."""
        self._address = f"{_PREFIX}:{{{address}}}"  # in braces: in a cluster, all keys of an address are in one slot
        parts = urlsplit(url)
        self._server = f"{parts.hostname}:{parts.port or 6379}{parts.path}"
        self._password = unquote(parts.password or "")
        # Connecting and reading may each take the timeout. Calls with less time left have clients of their own.
        self._scripts = {
            seconds: _script(url, seconds / 2) for seconds in (SHORTEST_TIMEOUT, 1.0, self.longest_timeout)
        }
        super().__init__()

    def after_fork(self) -> None:
        super().after_fork()
        self._is_connected = False

    def __str__(self) -> str:
        return f"{self._server}, {self._address}"

    def _call(self, operations: Sequence[Operation], seconds: float) -> Reply:
        if self._is_connected:
            return self._run(operations, seconds)
        try:
            return in_thread(partial(self._run, operations, seconds)).result(seconds)
        except (TimeoutError, RuntimeError) as error:  # RuntimeError: there can be no more threads
            raise StoreError(f"Redis: {error or 'Timeout'}") from None

    def _run(self, operations: Sequence[Operation], seconds: float) -> Reply:
        """Run the script. If there is no connection yet, resolving the server's name may take longer."""
        script = self._scripts[max(longest for longest in self._scripts if longest <= seconds)]
        counts = list(dict.fromkeys(count for operation in operations for count in _counts(operation)))
        keys = [self._address, *(f"{self._address}:{endpoint}:{minute}" for endpoint, minute in counts)]
        arguments = msgspec.json.encode([_arguments(operation, counts) for operation in operations])
        try:
            verdict, first, second, *values = script(keys=keys, args=[arguments]).split()
        except (redis.RedisError, OSError, UnicodeError) as error:
            self._is_connected = False
            text = str(error).replace(self._password, "[redacted]") if self._password else str(error)
            raise StoreError(f"Redis: {text or type(error).__name__}") from None
        self._is_connected = True
        known: dict[str, dict[int, Count]] = {}
        numbers = map(int, values)
        for (endpoint, minute), used, reported in zip(counts, numbers, numbers, strict=True):
            known.setdefault(endpoint, {})[minute] = Count(used, reported)
        return Reply(_verdict(verdict, float(first), second == b"1"), known)

    async def _acall(self, operations: Sequence[Operation], seconds: float) -> Reply:
        try:
            with anyio.fail_after(seconds):
                ask = partial(self._run, operations, seconds)
                return await anyio.to_thread.run_sync(ask, abandon_on_cancel=True)
        except TimeoutError:
            raise StoreError("Redis: Timeout") from None


def _script(url: str, timeout: float) -> Any:
    retry = Retry(NoBackoff(), 0)
    client = redis.Redis.from_url(url, socket_connect_timeout=timeout, socket_timeout=timeout, retry=retry)
    return client.register_script(_SCRIPT)


def _counts(operation: Operation) -> list[tuple[str, int]]:
    """The endpoint and minute of each count that the operation is about."""
    match operation:
        case Block():
            return []
        case Reconcile(endpoint, minute):
            return [(endpoint, minute)]
    return [(operation.endpoint, minute) for minute in operation.minutes]


def _arguments(operation: Operation, counts: list[tuple[str, int]]) -> dict[str, Any]:
    """The operation as the script takes it."""
    arguments = operation._asdict() | {"name": type(operation).__name__.lower()}
    arguments["keys"] = [2 + counts.index(count) for count in _counts(operation)]  # Lua counts from 1
    for bound in ("earliest", "latest"):
        if bound in arguments:
            arguments[bound] = max(-_FOREVER, min(arguments[bound], _FOREVER))
    if isinstance(operation, Reserve) and operation.limit is None:
        del arguments["limit"]
    return arguments


def _verdict(name: bytes, time: float, ban: bool) -> Verdict:
    match name:
        case b"full":
            return Full(time)
        case b"blocked":
            return Blocked(time, ban)
        case b"wrong_time":
            return WrongTime(time)
    return None
