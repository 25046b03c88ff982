"""Text for people. A name or a message from outside must not reach a terminal as a command to it."""

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

__all__ = ["Screen", "below", "console", "drawable", "encodable", "escaped", "one_line", "screens"]

_SPACES: Final = re.compile(r"[ \t\r\n]+")


# Frames and braille cells as ASCII characters, for a terminal that has no others.
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
    """The text with escapes for the characters that an encoding does not have."""
    return text.encode(encoding, "backslashreplace").decode(encoding)


def escaped(text: str, encoding: str) -> str:
    """Lines of text in an encoding, each of them `printable`."""
    return encodable("\n".join(map(printable, text.split("\n"))), encoding)


def one_line(text: str) -> str:
    """A message as one line: its line breaks become spaces, and it is `printable`."""
    return printable(_SPACES.sub(" ", text).strip())


@frozen
class Screen:
    """Standard output or standard error for text: all that is printed to it is `escaped`, except line breaks.

    Its encoding has all characters, whatever the encoding of the stream below: click would not print them to ASCII.
    """

    stream: TextIO
    encoding: ClassVar[str] = "utf-8"
    errors: ClassVar[str] = "strict"

    @property
    def buffer(self) -> BinaryIO:
        return self.stream.buffer

    def write(self, text: str) -> int:
        self.stream.write(escaped(text, self.stream.encoding))
        return len(text)

    def flush(self) -> None:
        self.stream.flush()

    def isatty(self) -> bool:
        return self.stream.isatty()

    def fileno(self) -> int:
        return self.stream.fileno()


@contextmanager
def screens() -> Iterator[None]:
    """Make `Screen`s of standard output and standard error, unless they are closed."""
    streams = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = (stream and cast("TextIO", Screen(stream)) for stream in streams)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = streams


def below(stream: TextIO) -> TextIO:
    """The stream that takes escape sequences and bytes."""
    return stream.stream if isinstance(stream, Screen) else stream


def console(stream: TextIO, width: int | None = None) -> Console:
    """A console, with colour only on terminals and without NO_COLOR (https://no-color.org).

    It writes escape sequences of its own. So text for it must be `escaped`.
    """
    from rich.console import Console, ConsoleDimensions

    file = below(stream)
    colour = file.isatty() and not os.environ.get("NO_COLOR")
    screen = Console(
        file=file, width=width, force_terminal=file.isatty(), color_system="auto" if colour else None, highlight=False
    )
    if screen.is_dumb_terminal:  # rich takes all of them for 80 columns wide
        screen.size = ConsoleDimensions(*shutil.get_terminal_size())
    return screen
