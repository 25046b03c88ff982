"""Balances and snapshots as `rows` (`COLUMNS`), data frames (`to_arrow`, `to_pandas`, `to_polars`) and for Excel."""

from typing import TYPE_CHECKING

from .frames import to_arrow, to_pandas, to_polars
from .prices import Prices, PricesError, read_prices
from .rows import COLUMNS, ExportError, Kind, Record, RecordedBalance, Records, Row, columns, rows

if TYPE_CHECKING:
    from .excel import to_excel

__all__ = [
    "COLUMNS",
    "ExportError",
    "Kind",
    "Prices",
    "PricesError",
    "Record",
    "RecordedBalance",
    "Records",
    "Row",
    "columns",
    "read_prices",
    "rows",
    "to_arrow",
    "to_excel",
    "to_pandas",
    "to_polars",
]


def __getattr__(name: str) -> object:
    """Import `to_excel` on first use: it is slow to import."""
    if name == "to_excel":
        from .excel import to_excel

        return to_excel
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
