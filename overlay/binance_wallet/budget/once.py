"""A cache that calls its function once, even where threads ask at the same time."""

from collections.abc import Callable
from functools import cache
from typing import Generic, TypeVar, TypeVarTuple

from binance_wallet.forks import ForkSafeLock

_Arguments = TypeVarTuple("_Arguments")
_T = TypeVar("_T")


class Once(Generic[*_Arguments, _T]):
    """`functools.cache` calls the function in each thread that misses: each would get a value of its own."""

    def __init__(self, function: Callable[[*_Arguments], _T]) -> None:
        self._cached = cache(function)
        self._lock = ForkSafeLock()
        self.cache_clear = self._cached.cache_clear

    def __call__(self, *arguments: *_Arguments) -> _T:
        with self._lock.lock:
            return self._cached(*arguments)
