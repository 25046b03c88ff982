"""Balances and snapshots as rows and as data frames. See `rows`, `COLUMNS`, `to_arrow`, `to_pandas`, `to_polars`."""

from .frames import to_arrow, to_pandas, to_polars
from .rows import COLUMNS, ExportError, Kind, Record, RecordedBalance, Row, columns, rows

__all__ = [
    "COLUMNS",
    "ExportError",
    "Kind",
    "Record",
    "RecordedBalance",
    "Row",
    "columns",
    "rows",
    "to_arrow",
    "to_pandas",
    "to_polars",
]
