"""Tables for notebooks. Names come from the exchange, so all text is escaped."""

from __future__ import annotations

from decimal import Decimal
from html import escape
from typing import TYPE_CHECKING, Any

from .model import Model, brief, summary, values

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


def of_list(records: Sequence[Model], caption: str = "") -> str:
    """A table with a row for each record."""
    rows = [{name: (value, word) for name, value, word in summary(record)} for record in records]
    columns: dict[str, str] = {}
    for row in rows:
        columns |= {name: _alignment(value) for name, (value, _) in row.items()}
    head = "".join(_cell("th", name, align) for name, align in columns.items())
    body = [
        "".join(_cell("td", _text(*row[name]) if name in row else "", align) for name, align in columns.items())
        for row in rows
    ]
    return _table([head, *body] if rows else [], caption)


def of_record(model: Model) -> str:
    """A table with a row for each value, and one for each list of models."""
    single, lists = [], []
    for name, value in _unfolded(model):
        if isinstance(value, list) and value and all(isinstance(item, Model) for item in value):
            lists.append(of_list(value, f"{name}: {brief(value)}"))
        else:
            single.append(_cell("th", name, "left") + _cell("td", _text(value), _alignment(value)))
    return "".join([_table(single, type(model).__name__), *lists])


def _unfolded(model: Model, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """The values of a model and of the models in it, with the path of each."""
    for name, value in values(model):
        if isinstance(value, Model):
            yield from _unfolded(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value


def _table(rows: list[str], caption: str) -> str:
    heading = f'<caption style="text-align: left">{escape(caption)}</caption>' if caption else ""
    return f"<table>{heading}{''.join(f'<tr>{row}</tr>' for row in rows)}</table>"


def _cell(element: str, text: str, align: str) -> str:
    return f'<{element} style="text-align: {align}">{escape(text)}</{element}>'


def _text(value: object, word: str = "") -> str:
    return value if isinstance(value, str) else brief(value, word)


def _alignment(value: object) -> str:
    is_number = isinstance(value, Decimal | int | float | list | dict) and not isinstance(value, bool)
    return "right" if is_number else "left"
