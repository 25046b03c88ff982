"""Forks: a child process starts with locks and connections of its own."""

import os
from threading import RLock
from weakref import WeakSet


class ForkSafe:
    """Has state that a process cannot inherit, such as the `lock`: a forked child makes its own."""

    def __init__(self) -> None:
        self.init_process_state()
        _instances.add(self)

    def init_process_state(self) -> None:
        """Make that state, also in each forked child. Overrides call this one first."""
        self.lock = RLock()  # reentrant: a signal handler may interrupt who holds it


_instances: WeakSet[ForkSafe] = WeakSet()


def _renew_all() -> None:
    for instance in list(_instances):
        instance.init_process_state()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_all)
