"""The formats of the output."""

from __future__ import annotations

import csv
import io
import json
from enum import StrEnum
from importlib import import_module
from typing import TYPE_CHECKING, Final

import click
from binance_wallet_client.model import plain

from binance_wallet_extras.export import Kind, Records, columns, rows, to_arrow
from binance_wallet_extras.export.prices import quote_arguments
from binance_wallet_extras.extra import extra
from binance_wallet_extras.text import is_formula

from .output import render

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from rich.console import RenderableType

    from binance_wallet_extras.export.prices import Quote, QuoteArguments

    from .output import Content

__all__ = ["Format", "chosen", "write"]


class Format(StrEnum):
    """What `--format` takes."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    NDJSON = "ndjson"
    PARQUET = "parquet"
    XLSX = "xlsx"
    CSV_EXCEL = "csv-excel"


_ENDINGS: Final = {
    ".txt": Format.TABLE,
    ".json": Format.JSON,
    ".csv": Format.CSV,
    ".ndjson": Format.NDJSON,
    ".parquet": Format.PARQUET,
    ".xlsx": Format.XLSX,
}

_BINARY: Final = {Format.PARQUET: ("arrow", "pyarrow"), Format.XLSX: ("excel", "xlsxwriter")}  # extra and module

_BYTE_ORDER_MARK: Final = "\ufeff"  # without it, Excel takes a CSV file for one in the system's old encoding


def chosen(format_: Format | None, json_: bool, output: Path | None) -> Format:
    """The format that the options name, or else the ending of the output file; by default, a table."""
    if json_ and format_ not in {None, Format.JSON}:
        raise click.UsageError(f"--json and --format {format_} contradict each other")
    ending = output.suffix.lower() if output else ""
    named = _ENDINGS.get(ending)
    found = Format.JSON if json_ else format_
    if found is None:
        if ending and not named:
            known = ", ".join(_ENDINGS).replace(".txt", ".txt (the table)")
            raise click.UsageError(f"{output} ends in none of {known}: name its format with --format")
        found = named or Format.TABLE
    elif named not in {None, Format.TABLE, Format.CSV if found is Format.CSV_EXCEL else found}:
        raise click.UsageError(f"{found} and {output} contradict each other")  # but a .txt may hold any text
    if found in _BINARY:
        name, module = _BINARY[found]
        if output is None:
            raise click.UsageError(f"{found} is binary: name a file for it with --output")
        with extra(name):
            import_module(module)  # fail now if it is missing, before a call costs weight
    return found


def write(
    content: Content,
    form: Format,
    records: Records,
    kind: Kind,
    *,
    table: Callable[[], RenderableType],
    quote: Quote | None = None,
) -> None:
    """Write records in a format: as a table for people, or as the rows of `binance_wallet_extras.export`."""
    quoted = quote_arguments(quote)
    if form is Format.TABLE:
        content.write(render(table(), to_file=content.is_file))
    elif form is Format.PARQUET:
        content.write(_parquet(records, kind, quoted))
    elif form is Format.XLSX:
        from binance_wallet_extras.export import to_excel  # slow to import

        content.write(to_excel(records, kind=kind, **quoted))
    elif content.isatty():
        content.write_text(_text(form, records, kind, quoted))
    else:  # data is in UTF-8 everywhere
        content.write(_text(form, records, kind, quoted).encode(errors="backslashreplace"))


def _text(form: Format, records: Records, kind: Kind, quoted: QuoteArguments) -> str:
    table = plain(rows(records, **quoted))  # amounts as texts: most JSON readers round numbers
    match form:
        case Format.JSON:
            return f"{_json(table, indent=2)}\n"
        case Format.NDJSON:
            return "".join(f"{_json(row)}\n" for row in table)
    mark = _BYTE_ORDER_MARK if form is Format.CSV_EXCEL else ""
    return mark + _csv(table, columns(records, kind, prices=quoted.get("prices")))


def _json(value: object, indent: int | None = None) -> str:
    """Readable JSON: only characters that are not printable are escaped."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return "".join(c if c.isprintable() or c == "\n" else json.dumps(c)[1:-1] for c in text)


class _Lines(io.StringIO):
    """Turns the CSV writer's CRLF into LF. Told to write LF, it would not quote a CR in a cell before Python 3.13."""

    def write(self, line: str) -> int:
        return super().write(line.removesuffix("\r\n") + "\n")


def _csv(table: Sequence[dict[str, object]], types: Mapping[str, type]) -> str:
    text = _Lines(newline="")
    writer = csv.DictWriter(text, types, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({name: _csv_cell(cell, types[name]) for name, cell in row.items()} for row in table)
    return text.getvalue()


def _csv_cell(cell: object, type_: type) -> object:
    """A bool is written as in JSON. A text that a spreadsheet would run gets an apostrophe before it."""
    if isinstance(cell, bool):
        return str(cell).lower()
    if type_ is str and isinstance(cell, str) and is_formula(cell):
        return f"'{cell}"
    return cell


def _parquet(records: Records, kind: Kind, quoted: QuoteArguments) -> bytes:
    table = to_arrow(records, kind=kind, **quoted)
    from pyarrow import parquet  # type: ignore[import-untyped]

    buffer = io.BytesIO()
    parquet.write_table(table, buffer)
    return buffer.getvalue()
