"""Text for people, escaped: names and messages from outside must not control a terminal."""

from __future__ import annotations

import os
import re
import shutil
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO, ClassVar, Final, TextIO, cast

from attrs import frozen

from binance_wallet_extras.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

__all__ = [
    "EscapingStream",
    "drawable",
    "encodable",
    "escaped",
    "escaping_streams",
    "make_console",
    "one_line",
    "underlying",
]

_SPACES: Final = re.compile(r"[ \t\r\n]+")


# ASCII characters in place of frames and braille cells, for a terminal that has no others.
_ASCII: Final[dict[int, str]] = {
    **{ord(drawn): plain for drawn, plain in zip("\u2800─│┌┐└┘├┤┬┴┼", " -|+++++++++", strict=True)},
    **dict.fromkeys(range(0x2801, 0x2900), "*"),
}


def drawable(text: str, encoding: str) -> str:
    """A drawing in characters that the encoding has."""
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return text.translate(_ASCII)
    return text


def encodable(text: str, encoding: str) -> str:
    """The text, with escapes for the characters that an encoding lacks."""
    return text.encode(encoding, "backslashreplace").decode(encoding)


def escaped(text: str, encoding: str) -> str:
    """The text with `printable` lines, and with escapes for the characters that an encoding lacks."""
    return encodable("\n".join(map(printable, text.split("\n"))), encoding)


def one_line(text: str) -> str:
    """A message as one line: its line breaks become spaces, and it is `printable`."""
    return printable(_SPACES.sub(" ", text).strip())


@contextmanager
def errors_named(name: str) -> Iterator[None]:
    """Errors name the output as the user did, and not a temporary file or nothing."""
    try:
        yield
    except OSError as error:
        error.filename = name
        raise


@frozen
class EscapingStream:
    """Standard output or standard error, which escapes all text that is printed to it: see `escaped`.

    It claims to be UTF-8, whatever the underlying stream is: click would not print other characters to ASCII.
    """

    stream: TextIO
    name: str
    encoding: ClassVar[str] = "utf-8"
    errors: ClassVar[str] = "strict"

    @property
    def buffer(self) -> BinaryIO:
        return self.stream.buffer

    def write(self, text: str) -> int:
        with errors_named(self.name):
            self.stream.write(escaped(text, self.stream.encoding))
        return len(text)

    def flush(self) -> None:
        with errors_named(self.name):
            self.stream.flush()

    def isatty(self) -> bool:
        return self.stream.isatty()

    def fileno(self) -> int:
        return self.stream.fileno()


@contextmanager
def escaping_streams() -> Iterator[None]:
    """Make standard output and standard error `EscapingStream`s, unless they are closed."""
    stdout, stderr = sys.stdout, sys.stderr
    sys.stdout = stdout and cast("TextIO", EscapingStream(stdout, "standard output"))
    sys.stderr = stderr and cast("TextIO", EscapingStream(stderr, "standard error"))
    try:
        yield
    finally:
        sys.stdout, sys.stderr = stdout, stderr


def underlying(stream: TextIO) -> TextIO:
    """The stream below an `EscapingStream`. It takes escape sequences and bytes."""
    return stream.stream if isinstance(stream, EscapingStream) else stream


def make_console(stream: TextIO, width: int | None = None) -> Console:
    """A console of rich, with colour only on terminals and without NO_COLOR (https://no-color.org).

    It writes its own escape sequences, so its text must be `escaped` before.
    """
    from rich.console import Console, ConsoleDimensions

    file = underlying(stream)
    colour = file.isatty() and not os.environ.get("NO_COLOR")
    console = Console(
        file=file, width=width, force_terminal=file.isatty(), color_system="auto" if colour else None, highlight=False
    )
    if console.is_dumb_terminal:  # rich assumes 80 columns
        console.size = ConsoleDimensions(*shutil.get_terminal_size())
    return console
