"""The output: its destination and its format."""

from __future__ import annotations

import csv
import errno
import io
import json
import os
import secrets
import shutil
import sys
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, TextIO

import click

from binance_wallet_extras.export import Kind, Record, columns, rows, to_arrow
from binance_wallet_extras.extra import extra

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import Console, RenderableType

__all__ = ["Format", "chosen", "console", "destination", "encoded", "printable", "rendered"]

# Off a terminal nothing is folded: what reads a pipe has no width.
_UNFOLDED: Final = 10_000


class Format(StrEnum):
    """What `--format` takes."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    NDJSON = "ndjson"
    PARQUET = "parquet"


_ENDINGS: Final = {
    ".txt": Format.TABLE,
    ".json": Format.JSON,
    ".csv": Format.CSV,
    ".ndjson": Format.NDJSON,
    ".parquet": Format.PARQUET,
}


def chosen(format_: Format | None, json_: bool, output: Path | None) -> Format:
    """The format that the options ask for; where they leave it open, the one that the file is named after."""
    if json_ and format_ not in {None, Format.JSON}:
        raise click.UsageError(f"--json and --format {format_} contradict each other")
    ending = output.suffix.lower() if output else ""
    named = _ENDINGS.get(ending)
    found = Format.JSON if json_ else format_
    if found is None:
        if ending and not named:
            known = ", ".join(_ENDINGS).replace(".txt", ".txt (the table)")
            raise click.UsageError(f"{output} ends in none of {known}: say with --format what it is to be")
        found = named or Format.TABLE
    elif named not in {None, Format.TABLE, found}:  # a .txt may hold any text
        raise click.UsageError(f"{found} and {output} contradict each other")
    if found is Format.PARQUET:
        if output is None:
            raise click.UsageError("parquet is binary: name a file for it with --output")
        with extra("arrow"):
            import_module("pyarrow")  # missed now, and not after a call was spent
    return found


@contextmanager
def destination(output: Path | None) -> Iterator[BinaryIO]:
    """Standard output, or a file that is never half written.

    Entering fails if the file cannot be written, so that this is known before a request costs any weight.
    """
    if output is None or str(output) in {"-", "/dev/stdout"}:
        if sys.stdout is None:
            raise OSError(errno.EBADF, "closed", "standard output")
        try:
            yield sys.stdout.buffer
            sys.stdout.flush()
        except BrokenPipeError:
            pass  # whoever reads this has had enough, as `head` has
        except OSError as error:
            error.filename = error.filename or "standard output"
            raise
        return
    target = Path(os.path.realpath(output))  # a symbolic link stays, and what it points to is replaced
    if target.exists() and not target.is_file():
        with target.open("wb") as device:  # a named pipe, say: it is written to, not replaced
            yield device
        return
    part = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        with part.open("xb") as file:
            if target.exists():
                target.open("ab").close()  # replacing a file takes no permission to write it; we do
                shutil.copymode(target, part)
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
    except OSError as error:
        if error.filename == str(part):
            error.filename = str(output)
        raise
    finally:
        part.unlink(missing_ok=True)


def encoded(format_: Format, records: Sequence[Record], kind: Kind, quote_asset: str | None = None) -> bytes:
    """The rows of `binance_wallet_extras.export` as a file of this format."""
    if format_ is Format.PARQUET:
        return _parquet(records, kind, quote_asset)
    table = [{name: _cell(value) for name, value in row.items()} for row in rows(records, quote_asset=quote_asset)]
    if format_ is Format.JSON:
        return json.dumps(table, ensure_ascii=False, indent=2).encode() + b"\n"
    if format_ is Format.NDJSON:
        return b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in table)
    text = io.StringIO()
    writer = csv.DictWriter(text, columns(records, kind), lineterminator="\n")
    writer.writeheader()
    writer.writerows(
        {name: str(cell).lower() if isinstance(cell, bool) else cell for name, cell in row.items()} for row in table
    )
    return text.getvalue().encode()


def _cell(value: object) -> object:
    """Amounts as plain decimals with all their digits, in a string: as numbers, most JSON readers would round them."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return value


def _parquet(records: Sequence[Record], kind: Kind, quote_asset: str | None) -> bytes:
    table = to_arrow(records, kind=kind, quote_asset=quote_asset)
    from pyarrow import parquet  # type: ignore[import-untyped]

    buffer = io.BytesIO()
    parquet.write_table(table, buffer)
    return buffer.getvalue()


def rendered(what: RenderableType, *, to_file: bool) -> bytes:
    """A table as text: as wide as the terminal; in files and pipes, as wide as it needs."""
    screen = console(sys.stdout)
    if to_file or not screen.is_terminal:
        screen = console(io.StringIO(), width=_UNFOLDED)
    with screen.capture() as capture:
        screen.print(what, crop=False)
    lines = (line.rstrip() for line in capture.get().splitlines())
    encoding = "utf-8" if to_file else sys.stdout.encoding
    return "".join(f"{line}\n" for line in lines).encode(encoding, "replace")


def console(file: TextIO, width: int | None = None) -> Console:
    """A console, with colour only on terminals and without NO_COLOR (https://no-color.org)."""
    from rich.console import Console

    colour = file.isatty() and not os.environ.get("NO_COLOR")
    return Console(
        file=file, width=width, force_terminal=file.isatty(), color_system="auto" if colour else None, highlight=False
    )


def printable(text: str) -> str:
    """A message of others, such as the exchange, as one line without control characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
