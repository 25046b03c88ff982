"""The scripted faults of the next requests."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    from .messages import Response

Edit: TypeAlias = Callable[[Any], object]
"""Takes the decoded JSON of the response, and returns what is sent instead."""


@dataclass(slots=True, eq=False)
class Fault:
    """What happens to the next requests: a delay, another response, a changed one, or none at all.

    Attributes:
        call: The call that scripted it, to be shown.
        path: The only path that it is for; None for any.
        left: The number of requests that are still to meet it.
        met: Whether any request has met it.
    """

    call: str
    path: str | None
    left: int
    delay: float = 0.0
    response: Response | None = None
    edit: Edit | None = None
    drop: bool = False
    met: bool = False


NO_FAULT: Final = Fault("", None, 0)


class FaultScript:
    """The faults that are still to be met, in their order. Any thread may use it."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, fault: Fault) -> None:
        """Put a fault at the end of the script."""
        with self._lock:
            self._faults.append(fault)

    def next(self, path: str) -> Fault:
        """The fault that a request to this path meets: the first that is meant for it, or `NO_FAULT`."""
        with self._lock:
            for fault in self._faults:
                if fault.path in {None, path}:
                    fault.met = True
                    fault.left -= 1
                    if not fault.left:
                        self._faults.remove(fault)
                    return fault
        return NO_FAULT

    def unused(self) -> list[str]:
        """The calls that scripted a fault which no request has met."""
        with self._lock:
            return [fault.call for fault in self._faults if not fault.met]

    def clear(self) -> None:
        """Forget all faults."""
        with self._lock:
            self._faults.clear()
