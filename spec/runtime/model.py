"""What all models have in common: how they show themselves, and their plain values."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from msgspec import UNSET, Struct

if TYPE_CHECKING:
    from collections.abc import Iterator

T = TypeVar("T")

DAY = "day"
"""The unit of a moment of which only the day is shown."""


class Model(Struct, frozen=True):
    """A record that the exchange sent. It shows itself in one line, and in a notebook as a table."""

    _shown: ClassVar[tuple[tuple[str, str], ...]] = ()
    """What one line shows: the path of each value, and its unit or what it counts. All fields if empty."""

    def to_dict(self) -> dict[str, Any]:
        """Return the values by their Python names, as JSON has them.

        Amounts are strings of plain digits, moments and dates are ISO 8601 with `Z` for UTC, models are dictionaries.
        What the exchange left out is left out.
        """
        return {**tag(type(self)), **{name: plain(value) for name, value in values(self)}}

    def __repr__(self) -> str:
        named = not self._shown
        parts = (f"{name}={brief(value)}" if named else brief(value, word) for name, value, word in summary(self))
        return f"{type(self).__name__}({', '.join(parts)})"

    def __rich_repr__(self) -> None:  # type: ignore[override]
        """Let rich show the `repr`, and not all that is in the lists."""

    def __hash__(self) -> int:
        try:
            return super().__hash__()
        except TypeError:  # Lists have no hash. The other values of equal models are equal, too.
            return hash(tuple(value for _, value in values(self) if not isinstance(value, list | dict)))

    def _repr_html_(self) -> str:
        from .notebook import of_record

        return of_record(self)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: Any) -> Any:
        from .pydantic_schema import of_model  # late, because pydantic may be missing

        return handler.generate_schema(of_model(cls))


class Ordered(Model, frozen=True):
    """A model with a moment. Earlier ones are less than later ones, of any class."""

    _order: ClassVar[str]
    """The field with the moment."""

    def __lt__(self, other: Ordered) -> bool:
        if not isinstance(other, Ordered):
            return NotImplemented
        return bool(getattr(self, self._order) < getattr(other, other._order))


class Records(list[T]):
    """A list that shows itself as a table in a notebook."""

    __slots__ = ()

    def _repr_html_(self) -> str | None:
        from .notebook import of_list

        models = [item for item in self if isinstance(item, Model)]
        return of_list(models) if models and len(models) == len(self) else None


@cache
def tag(kind: type[Model]) -> dict[str, str]:
    """The discriminator of a model, by its Python name; empty if it has none."""
    value = kind.__struct_config__.tag
    own = vars(kind).items()
    return {name: each for name, each in own if value is not None and each == value and not name.startswith("_")}


@cache
def names(kind: type[Model]) -> tuple[str, ...]:
    """The names of a model's values, in the order of its fields. A moment has the name of its `datetime`."""
    return tuple(_name(kind, field) for field in kind.__struct_fields__)


def _name(kind: type[Model], field: str) -> str:
    stem = field.removesuffix("_ms")
    candidates = (stem, f"{stem}_")  # the latter where the stem is a reserved name
    return next((name for name in candidates if isinstance(getattr(kind, name, None), property)), field)


def values(model: Model) -> Iterator[tuple[str, Any]]:
    """The names and values of a model, without what the exchange left out."""
    for name in names(type(model)):
        if (value := getattr(model, name)) is not UNSET:
            yield name, value


def summary(model: Model) -> Iterator[tuple[str, Any, str]]:
    """What a reader looks for first: its path, its value, and its unit or what it counts."""
    shown = model._shown  # noqa: SLF001 - public names are the exchange's
    for path, word in shown:
        value: Any = model
        for name in path.split("."):
            value = getattr(value, name, None)
        if value is not None and value is not UNSET:
            yield path, value, word
    if not shown:
        yield from ((name, value, "") for name, value in values(model))


def brief(value: object, word: str = "") -> str:
    """A value in a few words; a list or a map is only counted."""
    match value:
        case list() | dict():
            noun = word or "items"
            return f"{len(value)} {noun.removesuffix('s') if len(value) == 1 else noun}"
        case datetime() if word == DAY:
            return value.date().isoformat()
        case Decimal() | date():  # a datetime, too
            text = format(value, "f") if isinstance(value, Decimal) else str(value)
        case _:
            text = repr(value)
    return f"{text} {word}".rstrip()


def plain(value: Any) -> Any:  # noqa: PLR0911 - a table
    """A value as JSON has it."""
    match value:
        case Model():
            return value.to_dict()
        case list():
            return [plain(item) for item in value]
        case dict():
            return {key: plain(item) for key, item in value.items()}
        case Decimal():
            return format(value, "f")  # `str` writes a zero as `0E-8`
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
        case date():
            return value.isoformat()
    return value
