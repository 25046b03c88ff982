"""The pydantic schema of a model: it reads and writes the values of `to_dict`."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache, reduce
from operator import or_
from types import UnionType
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    Final,
    Literal,
    NotRequired,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

from msgspec import Meta, UnsetType
from msgspec.structs import fields
from pydantic import (
    AfterValidator,
    AwareDatetime,
    ConfigDict,
    Field,
    PlainSerializer,
    Strict,
    ValidatorFunctionWrapHandler,
    WithJsonSchema,
    WrapSerializer,
    WrapValidator,
)
from pydantic_core import PydanticSerializationUnexpectedValue
from typing_extensions import TypedDict  # of pydantic, which takes no other below Python 3.12

from .model import Model, names, plain, tag, values
from .types import EPOCH

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

_MAX_DIGITS: Final = 1000


def _can_be_written_out(amount: Decimal) -> Decimal:
    """The amount. Raises ValueError for one such as `1E+999999999`, whose digits would fill the memory."""
    _, digits, exponent = amount.as_tuple()
    if len(digits) + abs(int(exponent)) > _MAX_DIGITS:
        raise ValueError(f"an amount must have at most {_MAX_DIGITS} digits")
    return amount


_TYPES: Final[dict[Any, Any]] = {
    Decimal: Annotated[
        Decimal,
        AfterValidator(_can_be_written_out),
        PlainSerializer(plain, when_used="json"),
        WithJsonSchema({"type": "string", "format": "decimal", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"}),
    ],
    Any: Annotated[Any, PlainSerializer(plain, when_used="json")],
    bool: Annotated[bool, Strict()],
    datetime: AwareDatetime,
    int: Annotated[int, Strict()],
}
_BOUNDS: Final = ("ge", "gt", "le", "lt", "max_length", "min_length", "multiple_of", "pattern")


@cache
def of_model(kind: type[Model]) -> Any:
    """The type that stands for a model: a dictionary of its values, which becomes one when it is read."""
    items: dict[str, Any] = {name: Literal[value] for name, value in tag(kind).items()}
    fields_by_name = dict(zip(names(kind), fields(kind), strict=True))
    for name, field in fields_by_name.items():
        if name == field.name:
            item = _translated(field.type)
        else:
            moment = get_type_hints(getattr(kind, name).fget)["return"]
            item = Annotated[_translated(moment), AfterValidator(_milliseconds)]
        items[name] = item if field.required else NotRequired[item]

    def make(found: dict[str, Any]) -> Model:
        return kind(**{field.name: found[name] for name, field in fields_by_name.items() if name in found})

    return _standing_for(kind, items, make, lambda model: {**tag(kind), **dict(values(model))})


@cache
def of_named_tuple(kind: type[Any]) -> Any:
    """The type that stands for a named tuple of lists of models: a dictionary, too."""
    return of_class(kind, get_type_hints(kind), lambda found: kind(**found), lambda value: value._asdict())


def of_class(
    kind: type[T], types: dict[str, Any], make: Callable[[dict[str, Any]], T], take: Callable[[T], dict[str, Any]]
) -> Any:
    """The type that stands for a class: a dictionary of values of these types, which `take` takes from it."""
    return _standing_for(kind, {name: _translated(given) for name, given in types.items()}, make, take)


def _standing_for(
    kind: type[T], items: dict[str, Any], make: Callable[[dict[str, Any]], T], take: Callable[[T], dict[str, Any]]
) -> Any:
    make_type: Any = TypedDict  # type checkers want the names written out
    shape = make_type(kind.__name__, items)
    shape.__doc__, shape.__module__ = kind.__doc__, kind.__module__
    # The patterns of the contract are Python's.
    shape.__pydantic_config__ = ConfigDict(regex_engine="python-re")

    def read(value: object, handler: ValidatorFunctionWrapHandler) -> T:
        return value if isinstance(value, kind) else make(handler(value))

    def taken(value: object) -> dict[str, Any]:
        if isinstance(value, kind):
            return take(value)
        raise PydanticSerializationUnexpectedValue(f"Expected a {kind.__name__}")  # it may be another one of a union

    # A function with a type for what it returns would hide the shape from the JSON schema.
    return Annotated[shape, WrapValidator(read), WrapSerializer(lambda value, handler: handler(taken(value)))]


def _milliseconds(value: datetime | None) -> int | None:
    return None if value is None else (value - EPOCH) // timedelta(milliseconds=1)


def _translated(given: Any) -> Any:
    """A type of msgspec as one of pydantic."""
    origin: Any = get_origin(given)
    arguments = get_args(given)
    if origin is Annotated:
        base, *metas = arguments
        found = {word: getattr(meta, word) for meta in metas if isinstance(meta, Meta) for word in _BOUNDS}
        bounds = {word: bound for word, bound in found.items() if bound is not None}
        return Annotated[_translated(base), Field(**bounds)]
    if origin is Union or origin is UnionType:
        return _union([member for member in arguments if member is not UnsetType])
    if origin in {list, dict}:
        return origin[tuple(map(_translated, arguments))]
    return _TYPES.get(given, given)


def _union(members: list[Any]) -> Any:
    tagged = [member for member in members if isinstance(member, type) and issubclass(member, Model) and tag(member)]
    others = [_translated(member) for member in members if len(tagged) < 2 or member not in tagged]
    if len(tagged) > 1:
        [name] = tag(tagged[0])
        others.append(Annotated[reduce(or_, tagged), Field(discriminator=name)])
    return reduce(or_, others)
