"""Whether a connection that was kept can be used again."""

import select
from typing import Protocol


class _HasFileno(Protocol):
    def fileno(self) -> int: ...


def is_stale(sock: _HasFileno) -> bool:
    """Whether it was closed by the other side, or there is something on it that nobody has asked for."""
    try:
        if not hasattr(select, "poll"):  # Windows
            return bool(select.select([sock], [], [], 0)[0])
        poll = select.poll()
        poll.register(sock, select.POLLIN)
        return bool(poll.poll(0))
    except (OSError, ValueError):  # closed here already
        return True
