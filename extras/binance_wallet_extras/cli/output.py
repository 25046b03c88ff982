"""The output: its destination, and its text."""

from __future__ import annotations

import errno
import io
import os
import stat
import sys
from contextlib import ExitStack, contextmanager, suppress
from select import select
from typing import TYPE_CHECKING, Any, Final, Protocol

from attrs import frozen

from binance_wallet_extras.files import Replacement, check_owner, descriptor, follow_links, is_device_for_text, stat_of

from .terminal import errors_named, escaped, make_console, underlying

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rich.console import RenderableType

__all__ = ["Content", "destination", "reason", "render", "say", "say_done"]

_UNLIMITED: Final = 10_000  # columns, of files and pipes


class Content(io.BytesIO):
    """The content of a destination, which is written when the command has succeeded."""

    def __init__(self, *, encoding: str = "utf-8", is_file: bool = True, is_terminal: bool = False) -> None:
        super().__init__()
        self.encoding = encoding
        self.is_file = is_file
        self._is_terminal = is_terminal

    def isatty(self) -> bool:
        return self._is_terminal

    def write_text(self, text: str) -> None:
        """Write text for people, `escaped`."""
        self.write(escaped(text, self.encoding).encode(self.encoding))


class _Place(Protocol):
    def write(self, content: bytes, /) -> object: ...


@frozen
class _Stream:
    """A stream. Its reader may stop reading early, as `head` does."""

    stream: io.RawIOBase

    def write(self, content: bytes) -> None:
        rest = memoryview(content)
        with suppress(BrokenPipeError):
            while rest:
                rest = rest[self.stream.write(rest) or 0 :]
                if rest:
                    select([], [self.stream], [])  # another program has made it non-blocking: wait for room


@contextmanager
def destination(output: Path | None) -> Iterator[Content]:
    """Collect the content of standard output (None or "-") or of a file, and write it at the end.

    A file is written atomically. It may also be a named pipe, a terminal, or an open file of this process, such as
    `/dev/stderr` or `/dev/fd/63`. Entering fails if it cannot or must not be written, before a call costs weight. An
    error names the file as the user did.
    """
    if str(output) == "-":
        output = None
    name = "standard output" if output is None else str(output)
    with ExitStack() as entered:
        with errors_named(name):
            place, content = _standard_output() if output is None else _open(output, entered)
        yield content
        with errors_named(name):
            place.write(content.getvalue())


def say(line: str) -> None:
    """Write a line to standard output."""
    with destination(None) as content:
        content.write_text(f"{line}\n")


def say_done(line: str) -> None:
    """Say what was done, unless standard output is closed."""
    if sys.stdout is not None:
        say(line)


def reason(error: OSError) -> str:
    """The file and the cause of an error, in one line."""
    return ": ".join(filter(None, (error.filename, error.strerror or str(error))))


def _standard_output() -> tuple[_Place, Content]:
    if sys.stdout is None:
        raise OSError(errno.EBADF, "closed")
    stream = underlying(sys.stdout)
    stream.flush()
    raw: Any = getattr(stream.buffer, "raw", stream.buffer)  # with PYTHONUNBUFFERED, the buffer is the raw stream
    return _Stream(raw), Content(encoding=stream.encoding, is_file=False, is_terminal=stream.isatty())


def _open(output: Path, entered: ExitStack) -> tuple[_Place, Content]:
    path = follow_links(output.expanduser())
    if (number := descriptor(path)) is not None:
        return _standard_output() if number == 1 else _open_stream(_duplicate(number), entered)
    if found := stat_of(path):
        if stat.S_ISCHR(found.st_mode) and is_device_for_text(path):
            return _open_stream(path.open("wb", buffering=0), entered)
        check_owner(path, found)
        if stat.S_ISFIFO(found.st_mode):
            return _open_stream(path.open("wb", buffering=0), entered)
        if not stat.S_ISREG(found.st_mode):
            raise OSError(errno.EINVAL, "it is a directory, a device or a socket, not a file")
    replacement = Replacement(path)
    entered.callback(replacement.close)  # before it is opened: a signal may come at any moment
    replacement.open()
    return replacement, Content()


def _open_stream(stream: io.RawIOBase, entered: ExitStack) -> tuple[_Place, Content]:
    entered.callback(stream.close)
    return _Stream(stream), Content(is_terminal=stream.isatty())


def _duplicate(number: int) -> io.RawIOBase:
    import fcntl

    if fcntl.fcntl(number, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY:
        raise OSError(errno.EBADF, "it is open for reading only")
    return os.fdopen(os.dup(number), "wb", buffering=0)


def render(what: RenderableType, *, to_file: bool) -> bytes:
    """A table as text: as wide as the terminal; in files and pipes, as wide as it needs."""
    encoding = "utf-8" if to_file else underlying(sys.stdout).encoding
    if to_file or not sys.stdout.isatty():
        console = make_console(io.TextIOWrapper(io.BytesIO(), encoding), width=_UNLIMITED)
    else:
        console = make_console(sys.stdout)
    with console.capture() as capture:
        console.print(what, crop=False)
    lines = (line.rstrip() for line in capture.get().splitlines())
    return "".join(f"{line}\n" for line in lines).encode(encoding, "backslashreplace")
