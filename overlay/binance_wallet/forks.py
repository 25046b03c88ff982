"""Forks: a child process starts without connections and with new locks."""

import os
from threading import RLock
from weakref import WeakSet


class ForkSafe:
    """`after_fork` runs in each forked child; here, it renews the `lock`."""

    def __init__(self) -> None:
        self.after_fork()
        _instances.add(self)

    def after_fork(self) -> None:
        self.lock = RLock()  # reentrant: a signal handler may interrupt who holds it


_instances: WeakSet[ForkSafe] = WeakSet()


def _renew_all() -> None:
    for instance in list(_instances):
        instance.after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_all)
