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

from .terminal import screens

__all__ = ["main"]


def main() -> int:
    """Run the command on the process's arguments, and return its exit code. The entry point handles Ctrl-C."""
    _reserve_standard_descriptors()
    if sys.stderr is None:  # it is closed
        sys.stderr = Path(os.devnull).open("w")  # noqa: SIM115 - as long as the process
    with _unwound_by_signals(), screens():
        try:
            return _run()
        finally:
            for stream in filter(None, (sys.stdout, sys.stderr)):
                _drop_unwritable(stream)


def _reserve_standard_descriptors() -> None:
    """Open those that are closed: or a file that is opened later is standard output to a library, and gets its text."""
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
        with extra("cli,mock" if sys.argv[1:2] == ["mock"] else "cli"):  # or the other would be missed next
            import_module("rich")  # not needed yet, but better missed now than after a call was spent
            from .app import run
    except ModuleNotFoundError as error:
        print(f"binance-wallet: {error}", file=sys.stderr)
        return 1
    return run()


def _drop_unwritable(stream: TextIO) -> None:
    """Discard what a full or closed stream still holds: at exit, Python would try once more, and end with 120."""
    try:
        stream.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
