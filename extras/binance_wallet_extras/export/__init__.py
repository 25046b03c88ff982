"""Balances and snapshots as rows and as data frames. See `rows`, `COLUMNS`, `to_arrow`, `to_pandas`, `to_polars`."""

from .frames import to_arrow, to_pandas, to_polars
from .prices import Prices, PricesError, read_prices
from .rows import COLUMNS, ExportError, Kind, Record, RecordedBalance, Row, columns, rows

__all__ = [
    "COLUMNS",
    "ExportError",
    "Kind",
    "Prices",
    "PricesError",
    "Record",
    "RecordedBalance",
    "Row",
    "columns",
    "read_prices",
    "rows",
    "to_arrow",
    "to_pandas",
    "to_polars",
]
