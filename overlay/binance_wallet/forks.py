"""Forks: a child process starts without connections and with new locks."""

import os
from typing import Protocol
from weakref import WeakSet


class Forkable(Protocol):
    def after_fork(self) -> None: ...


_forkables: WeakSet[Forkable] = WeakSet()
reset_after_fork = _forkables.add
"""Have `after_fork` called in each child of this process."""


def _reset_all() -> None:
    for forkable in list(_forkables):
        forkable.after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_reset_all)
