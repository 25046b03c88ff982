"""The command `binance-wallet` (extra `cli`)."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import FrameType
from typing import TextIO

from binance_wallet_extras.extra import extra

from .terminal import escaping_streams

__all__ = ["main"]


def main() -> int:
    """Run the command on the process's arguments, and return its exit code. The entry point handles Ctrl-C."""
    _reserve_standard_descriptors()
    if sys.stderr is None:  # it is closed
        sys.stderr = Path(os.devnull).open("w")  # noqa: SIM115 - as long as the process
    with _unwound_by_signals(), escaping_streams():
        try:
            return _run()
        finally:
            for stream in filter(None, (sys.stdout, sys.stderr)):
                _drop_unwritable(stream)


def _reserve_standard_descriptors() -> None:
    """Open closed standard streams on the null device. Otherwise a file opened later would get their numbers."""
    while (descriptor := os.open(os.devnull, os.O_RDWR)) < 3:
        pass
    os.close(descriptor)


class _Terminated(BaseException):
    """A signal asks the process to end."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


@contextmanager
def _unwound_by_signals() -> Iterator[None]:
    """Let SIGTERM and SIGHUP end the process as Ctrl-C does, after temporary files are removed."""

    def unwind(number: int, _frame: FrameType | None) -> None:
        signal.signal(number, signal.SIG_IGN)
        raise _Terminated(number)

    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:  # nohup ignores it
            signal.signal(number, unwind)
    try:
        yield
    except _Terminated as end:
        signal.signal(end.number, signal.SIG_DFL)
        signal.raise_signal(end.number)


def _run() -> int:
    try:
        with extra("cli,mock" if sys.argv[1:2] == ["mock"] else "cli"):  # both: the command needs both
            import_module("rich")  # fail now if it is missing, before a call costs weight
            from .app import run
    except ModuleNotFoundError as error:
        print(f"binance-wallet: {error}", file=sys.stderr)
        return 1
    return run()


def _drop_unwritable(stream: TextIO) -> None:
    """Discard output that cannot be written. At exit, Python would try again, and end with 120."""
    try:
        stream.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
