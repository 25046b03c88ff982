"""Data frames. Amounts stay exact, as decimals of up to 38 digits, unless floats are asked for; times are in UTC."""

from __future__ import annotations

from datetime import datetime
from decimal import Context, Decimal
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from binance_wallet_extras.extra import extra

from .amounts import PlainDecimal
from .rows import ExportError, Kind, Records, collect, columns, rows

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd  # type: ignore[import-untyped]
    import polars as pl
    import pyarrow as pa  # type: ignore[import-untyped]

    from .prices import Prices

__all__ = ["to_arrow", "to_pandas", "to_polars"]

_MAX_DIGITS: Final = 38  # what a 128-bit decimal holds
# Enough for nearly all amounts, so that the files of different days have one schema. And few enough for Arrow to
# multiply two such columns: the product has the digits of both.
_DIGITS: Final = 18
_PLACES: Final = 8


def to_arrow(
    records: Records,
    *,
    kind: Kind | None = None,
    quote_asset: str | None = None,
    prices: Prices | None = None,
    floats: bool = False,
) -> pa.Table:
    """Make an Arrow table with the rows of `rows` and the columns of `COLUMNS`. Needs the extra `arrow`.

    Args:
        records: What `balances`, `snapshots` or `history` returned; an iterator is read to its end. Or that of several
            named accounts, in a dictionary by their names.
        kind: One of the keys of `COLUMNS`, for the right columns even if there are no records. A history has those of
            `snapshots`.
        quote_asset: The asset that balances are in, unless they are a `Balances`, which knows it; or the asset that
            `prices` are in.
        prices: By day, what one BTC was worth, for spot and margin snapshots: see `rows`.
        floats: Amounts as 64-bit floats instead of exact decimals.

    Returns:
        A table. Amounts are `decimal128(18, 8)`, or wider in a column that needs more digits. Times are
            `timestamp("ms", "UTC")`.

    Raises:
        ExportError: `records` is not a list of records; or it is empty and `kind` is not given; or they are not of
            this kind; or they are balances in another asset, or in an unknown one; or an amount does not fit into 38
            digits.
        PricesError: See `rows`.
    """
    with extra("arrow"):
        import pyarrow as pa
    arrow_types = {str: pa.string(), bool: pa.bool_(), datetime: pa.timestamp("ms", tz="UTC"), Decimal: pa.float64()}
    types, data, decimals = _columns(records, kind, quote_asset, prices, floats=floats)
    schema = pa.schema(
        [
            (name, pa.decimal128(*decimals[name]) if name in decimals else arrow_types[type_])
            for name, type_ in types.items()
        ]
    )
    return pa.table(data, schema)


def to_pandas(
    records: Records,
    *,
    kind: Kind | None = None,
    quote_asset: str | None = None,
    prices: Prices | None = None,
    floats: bool = False,
) -> pd.DataFrame:
    """Make a pandas data frame. Needs the extra `pandas`. Arguments and errors are those of `to_arrow`.

    Returns:
        A data frame with an index from 0. Exact amounts are Decimals in columns of objects: `frame.to_csv(...)` writes
            all their digits, without an exponent. Times are `datetime64[ms, UTC]`.
    """
    with extra("pandas"):
        import pandas as pd  # noqa: F401 - fails here if it is missing, not inside pyarrow
        import pyarrow as pa  # noqa: F401 - part of the same extra
    found = collect(records)  # once: an iterator has nothing more after it
    frame = to_arrow(found, kind=kind, quote_asset=quote_asset, prices=prices, floats=floats).to_pandas()
    for name, type_ in columns(found, kind, prices=prices).items():
        if type_ is Decimal and not floats:
            frame[name] = frame[name].map(PlainDecimal, na_action="ignore").astype(object)
    return frame


def to_polars(
    records: Records,
    *,
    kind: Kind | None = None,
    quote_asset: str | None = None,
    prices: Prices | None = None,
    floats: bool = False,
) -> pl.DataFrame:
    """Make a polars data frame. Needs the extra `polars`, not pyarrow. Arguments and errors are those of `to_arrow`.

    Returns:
        A data frame. Exact amounts are `Decimal(18, 8)`, or wider in a column that needs more digits. Times are
            `Datetime("ms", "UTC")`.
    """
    with extra("polars"):
        import polars as pl
    polars_types = {str: pl.String(), bool: pl.Boolean(), datetime: pl.Datetime("ms", "UTC"), Decimal: pl.Float64()}
    types, data, decimals = _columns(records, kind, quote_asset, prices, floats=floats)
    schema = {
        name: pl.Decimal(*decimals[name]) if name in decimals else polars_types[type_] for name, type_ in types.items()
    }
    return pl.DataFrame(data, schema)


def _columns(
    records: Records,
    kind: Kind | None,
    quote_asset: str | None,
    prices: Prices | None,
    *,
    floats: bool,
) -> tuple[Mapping[str, type], dict[str, list[Any]], dict[str, tuple[int, int]]]:
    """By column: its type; its cells; and for exact amounts, the number of digits and of decimals."""
    found = collect(records)  # once: an iterator has nothing more after it
    types = columns(found, kind, prices=prices)
    table = rows(found, quote_asset=quote_asset, prices=prices)
    data: dict[str, list[Any]] = {name: [row.get(name) for row in table] for name in types}
    decimals: dict[str, tuple[int, int]] = {}
    convert: Callable[[Decimal], Any] = float
    for name in (name for name, type_ in types.items() if type_ is Decimal):
        if not floats:
            decimals[name] = digits, places = _size(name, data[name])
            # Arrow and polars need all amounts of a column with the same number of decimals.
            convert = partial(Decimal.quantize, exp=Decimal((0, (1,), -places)), context=Context(digits))
        data[name] = [None if amount is None else convert(amount) for amount in data[name]]
    return types, data, decimals


def _size(name: str, amounts: list[Decimal | None]) -> tuple[int, int]:
    whole = 0
    places = _PLACES
    for amount in amounts:
        if amount:
            whole = max(whole, amount.adjusted() + 1)
            places = max(places, -int(amount.as_tuple().exponent))
    digits = max(_DIGITS, whole + places)
    if digits > _MAX_DIGITS:
        raise ExportError(
            f"{name} takes {digits} digits, {places} of them decimals, and a column of exact amounts holds "
            f"{_MAX_DIGITS}: use floats=True, or rows()"
        )
    return digits, places
