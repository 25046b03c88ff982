"""Balances and snapshots as `rows` (`COLUMNS`), data frames (`to_arrow`, `to_pandas`, `to_polars`) and for Excel."""

from .excel import to_excel
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
    "to_excel",
    "to_pandas",
    "to_polars",
]
