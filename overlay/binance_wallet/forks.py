"""Forks: a child process starts without connections and with new locks."""

import os
from threading import RLock
from typing import Protocol
from weakref import WeakSet


class Forkable(Protocol):
    def after_fork(self) -> None: ...


_forkables: WeakSet[Forkable] = WeakSet()
reset_after_fork = _forkables.add
"""Have `after_fork` called in each child of this process."""


class ForkSafeLock:
    """Has a `lock` that is free in each child of this process."""

    def __init__(self) -> None:
        self.after_fork()
        reset_after_fork(self)

    def after_fork(self) -> None:
        self.lock = RLock()  # reentrant: a signal handler may make a call


def _reset_all() -> None:
    for forkable in list(_forkables):
        forkable.after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_reset_all)
