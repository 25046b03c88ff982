"""Excel workbooks for people: a sheet for each table, so that each of its columns can be added up."""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from tempfile import TemporaryDirectory, gettempdir
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from attrs import define, evolve, field, frozen
from binance_wallet_client.models import (
    AssetBalance,
    FuturesAsset,
    FuturesPosition,
    FuturesSnapshot,
    MarginAsset,
    MarginSnapshot,
    MarginSnapshotData,
    SpotAsset,
    SpotSnapshot,
    SpotSnapshotData,
    WalletBalance,
)
from msgspec import Struct

from binance_wallet_extras.extra import extra
from binance_wallet_extras.text import is_formula, printable

from .rows import (
    WITH_GRAND_TOTAL,
    ByAccount,
    ExportError,
    Kind,
    Record,
    RecordedBalance,
    Records,
    collect,
    kind_of,
    quote_asset_of,
    quote_of,
    scalars,
    total_of,
    with_account_names,
)

if TYPE_CHECKING:
    from .prices import Prices, Quote

__all__ = ["to_excel"]

_Cell: TypeAlias = Decimal | date | str | bool
_Key: TypeAlias = Mapping[str, tuple[type, Callable[[Any], _Cell | None]]]

# What Excel has room for.
_MAX_ROWS: Final = 1_048_576
_MAX_DIGITS: Final = 15  # of a number
_MAX_PLACES: Final = 30  # of a number that is shown
_MAX_EXPONENT: Final = 300
_MAX_TEXT: Final = 32_767  # UTF-16 units
_MAX_NAME: Final = 31  # UTF-16 units, of a sheet
_MAX_WIDTH: Final = 255  # digits, of a column

_NOT_IN_NAMES: Final = re.compile(r"[\[\]:*?/\\]")
_DATE_FORMATS: Final[Mapping[type, str]] = {date: "yyyy-mm-dd", datetime: "yyyy-mm-dd hh:mm:ss"}
_NOTE: Final = (
    f"Yellow cells are text. Excel keeps {_MAX_DIGITS} digits of a number, and these amounts have more. "
    "Sums leave them out."
)
_HEADINGS: Final = {
    "activate": "Active",
    "asset": "Asset",
    "asset_name": "Name",
    "borrowed": "Borrowed",
    "btc_valuation": "Value (BTC)",
    "entry_price": "Entry price",
    "free": "Free",
    "freeze": "Frozen",
    "interest": "Interest",
    "locked": "Locked",
    "margin_balance": "Margin balance",
    "margin_level": "Margin level",
    "mark_price": "Mark price",
    "net_asset": "Net",
    "position_amt": "Size",
    "symbol": "Symbol",
    "total_asset_of_btc": "Total assets (BTC)",
    "total_liability_of_btc": "Owed (BTC)",
    "total_net_asset_of_btc": "Net value (BTC)",
    "un_realized_profit": "Unrealized profit",
    "wallet_balance": "Wallet balance",
    "wallet_name": "Wallet",
    "withdrawing": "Withdrawing",
}


def to_excel(
    records: Records,
    *,
    kind: Kind | None = None,
    quote_asset: str | None = None,
    prices: Prices | None = None,
) -> bytes:
    """Make an Excel workbook, and return the content of its file. Needs the extra `excel`.

    - Snapshots: for each type a sheet with a row for each day, and one with a row for each day and asset; for
      futures, one with a row for each day and asset, and one with a row for each day and position. Days are in UTC.
    - Balances: a sheet with a row for each wallet; with `details`, one with a row for each wallet and asset, too.
    - Recorded balances: the same with a row for each time (in UTC); and a sheet for each quote asset.
    - Several named accounts: each row begins with the account. Balances have one sheet more, with the total of each
      account, and of all if none is None.

    An amount is a number where the 15 digits that Excel keeps are enough. Otherwise it is text, in a yellow cell. No
    name becomes a formula.

    Args:
        records: What `balances`, `snapshots` or `history` returned; an iterator is read to its end. Or that of several
            named accounts, in a dictionary by their names.
        kind: One of the keys of `COLUMNS`, for the right sheets even if there are no records.
        quote_asset: The asset that balances are in, unless they are a `Balances`, which knows it; or the asset that
            `prices` are in.
        prices: By day, what one BTC was worth, for spot and margin snapshots. The sheets with a row for each day then
            have the value in that asset, and an empty cell where there is no price.

    Raises:
        ExportError: `records` is not a list of records; or it is empty and `kind` is not given; or they are not of
            this kind; or they are balances in another asset, or in an unknown one; or they take more rows than a
            sheet has (1,048,576), or a longer text than a cell holds.
        PricesError: See `rows`.
        OSError: The folder for temporary files is full, or cannot be written.
    """
    with extra("excel"):
        from xlsxwriter import Workbook  # type: ignore[import-untyped]
        from xlsxwriter.exceptions import FileCreateError  # type: ignore[import-untyped]
    found = collect(records)  # `records` may be an iterator, which can be read only once
    quote = quote_of(found, quote_asset, prices)
    kind, asset = kind_of(found, kind, prices=prices), quote_asset_of(found, quote_asset)
    specs = [spec.with_value(quote) if quote and spec.has_total else spec for spec in _sheet_specs(found, kind, asset)]
    sheets = [_Sheet.of(spec, found) for spec in specs]
    if isinstance(found, ByAccount) and kind in WITH_GRAND_TOTAL:
        sheets.insert(0, _totals(found, asset))
    content = io.BytesIO()
    failure = None
    # XlsxWriter keeps rows in files there. After an error, some may still be open.
    with TemporaryDirectory(prefix="binance-wallet-", ignore_cleanup_errors=True) as folder:
        try:
            with Workbook(content, {"constant_memory": True, "tmpdir": folder}) as book:
                taken: set[str] = set()
                for sheet in sheets:
                    sheet.write(book, _name(sheet.spec.sheet, taken))
        except OSError as error:
            failure = error.errno, error.strerror
        except FileCreateError as error:
            failure = error.args[0].errno, error.args[0].strerror
    if failure:  # a new error, since the traceback of the old one would keep XlsxWriter's files open
        raise OSError(*failure, gettempdir())
    return content.getvalue()


@frozen
class _SheetSpec:
    """The definition of a sheet. Each part of a record is one row, which begins with the record's own cells."""

    sheet: str
    record: type[Struct]
    key: _Key
    """By heading, the type of a record's own cells, and a function that returns the cell."""
    model: type[Struct]
    """The type of the parts."""
    parts: Callable[[Any], Iterable[Struct]]
    headings: Mapping[str, str] = _HEADINGS
    has_total: bool = False
    """Whether a record has a total in BTC. It then has one row."""
    by_account: bool = False
    """Whether a row begins with the name of an account."""

    def with_value(self, quote: Quote) -> _SheetSpec:
        """The same with the value of each record in the quote asset."""
        name = "Net value" if self.record is MarginSnapshot else "Value"
        return evolve(self, key={**self.key, f"{name} ({quote.asset})": (Decimal, quote.value)})

    def columns(self) -> list[_Column]:
        """Texts, then amounts, then booleans."""
        order = [str, Decimal, bool]
        fields = sorted(scalars(self.model).items(), key=lambda each: order.index(each[1]))
        return [
            *([_Column("Account", str)] if self.by_account else []),
            *(_Column(heading, type_) for heading, (type_, _) in self.key.items()),
            *(_Column(self.headings.get(name, name), type_, name) for name, type_ in fields),
        ]

    def rows(self, records: Sequence[Struct], names: Sequence[str]) -> Iterator[list[_Cell | None]]:
        for account, record in with_account_names(records):
            if isinstance(record, self.record):
                start = [*([account] if self.by_account else []), *(cell(record) for _, cell in self.key.values())]
                for part in self.parts(record):
                    yield [*start, *(getattr(part, name) for name in names)]


_DAY: Final[_Key] = {"Day (UTC)": (date, lambda snapshot: snapshot.update_time.date())}
_WALLET: Final[_Key] = {"Wallet": (str, lambda wallet: wallet.wallet_name)}
_MOMENT: Final[_Key] = {"Recorded at (UTC)": (datetime, lambda wallet: wallet.recorded_at.replace(tzinfo=None))}

_SNAPSHOTS: Final[Mapping[Kind, list[_SheetSpec]]] = {
    "spot": [
        _SheetSpec("Spot", SpotSnapshot, _DAY, SpotSnapshotData, lambda snapshot: [snapshot.data], has_total=True),
        _SheetSpec("Spot assets", SpotSnapshot, _DAY, SpotAsset, lambda snapshot: snapshot.data.balances),
    ],
    "margin": [
        _SheetSpec(
            "Margin", MarginSnapshot, _DAY, MarginSnapshotData, lambda snapshot: [snapshot.data], has_total=True
        ),
        _SheetSpec("Margin assets", MarginSnapshot, _DAY, MarginAsset, lambda day: day.data.user_assets),
    ],
    "futures": [
        _SheetSpec("Futures assets", FuturesSnapshot, _DAY, FuturesAsset, lambda snapshot: snapshot.data.assets),
        _SheetSpec(
            "Futures positions", FuturesSnapshot, _DAY, FuturesPosition, lambda snapshot: snapshot.data.position
        ),
    ],
}


def _sheet_specs(records: Sequence[Record], kind: Kind, quote_asset: str | None) -> list[_SheetSpec]:
    if kind == "snapshots":
        return [spec for specs in _SNAPSHOTS.values() for spec in specs]
    if kind in _SNAPSHOTS:
        return _SNAPSHOTS[kind]
    moment: _Key = {}
    quotes: Iterable[str | None] = [quote_asset]
    if kind in {"recorded_balances", "recorded_assets"}:
        moment = _MOMENT
        quotes = dict.fromkeys(each.quote_asset for each in records if isinstance(each, RecordedBalance)) or [None]
    specs = [_balances(quote, moment) for quote in quotes]
    if kind in {"wallet_assets", "recorded_assets"}:
        key = {**moment, **_WALLET}
        specs.append(
            _SheetSpec("Wallet assets", WalletBalance, key, AssetBalance, lambda wallet: wallet.asset_balances or ())
        )
    return specs


def _balances(quote_asset: str | None, key: _Key) -> _SheetSpec:
    def of(wallet: WalletBalance) -> list[WalletBalance]:
        return [wallet] if getattr(wallet, "quote_asset", quote_asset) == quote_asset else []

    name, unit = ("", "") if quote_asset is None else (f" {quote_asset}", f" ({quote_asset})")
    headings = {**_HEADINGS, "balance": f"Balance{unit}"}
    return _SheetSpec(f"Balances{name}", WalletBalance, key, WalletBalance, of, headings)


class _Total(Struct):
    """The total of an account."""

    account: str
    balance: Decimal


def _totals(records: ByAccount, quote_asset: str | None) -> _Sheet:
    """A sheet with the total of each account, and of all if all are there."""
    totals = [_Total(name, total_of(part)) for name, part in records.parts.items()]
    if records.is_whole:
        totals.append(_Total("All accounts", total_of(records)))
    headings = {"account": "Account", "balance": f"Balance ({quote_asset})"}
    spec = _SheetSpec("Accounts", _Total, {}, _Total, lambda total: [total], headings)
    return _Sheet.of(spec, totals)


@define
class _Column:
    """A column, and what must be known about its cells before the first one is written."""

    heading: str
    type: type
    name: str = ""
    """The field of a part; empty for a record's own cells."""
    width: int = field(init=False)
    places: int = 0
    """The decimals of its numbers."""
    has_text: bool = False
    """Whether an amount is written as text."""

    def __attrs_post_init__(self) -> None:
        self.heading = printable(self.heading)
        self.width = _width(self.heading)

    def measure(self, cell: _Cell | None) -> None:
        match cell:
            case str():
                text = printable(cell)
                if len(text.encode("utf-16-le")) // 2 > _MAX_TEXT:
                    raise ExportError(
                        f"{self.heading}: a text is longer than a cell of Excel holds: write csv or parquet"
                    )
                self.width = max(self.width, _width(text))
            case Decimal():
                if not _is_number(cell):
                    self.has_text = True
                else:
                    self.places = max(self.places, -int(cell.as_tuple().exponent))
                self.width = max(self.width, len(f"{cell:,f}"))
            case date():
                self.width = max(self.width, len(_DATE_FORMATS[self.type]))


@frozen
class _Sheet:
    """A sheet whose cells fit into Excel."""

    spec: _SheetSpec
    columns: list[_Column]
    records: Sequence[Struct]

    @classmethod
    def of(cls, spec: _SheetSpec, records: Sequence[Struct]) -> _Sheet:
        """Measure all cells. Raises ExportError if they do not fit."""
        spec = evolve(spec, by_account=isinstance(records, ByAccount))
        number = 1 + sum(1 for _ in spec.rows(records, []))
        if number > _MAX_ROWS:
            raise ExportError(
                f"the sheet {spec.sheet!r} takes {number:,} rows, and Excel has {_MAX_ROWS:,}: choose a shorter "
                "period, or write csv or parquet"
            )
        sheet = cls(spec, spec.columns(), records)
        for row in sheet.rows():
            for column, cell in zip(sheet.columns, row, strict=True):
                column.measure(cell)
        return sheet

    def rows(self) -> Iterator[list[_Cell | None]]:
        return self.spec.rows(self.records, [column.name for column in self.columns if column.name])

    def write(self, book: Any, name: str) -> None:
        sheet = book.add_worksheet(name)
        sheet.freeze_panes(1, 0)
        sheet.repeat_rows(0)  # on paper
        sheet.fit_to_pages(1, 0)
        sheet.ignore_errors({"number_stored_as_text": f"A1:XFD{_MAX_ROWS}"})  # Excel offers to round it
        formats = [book.add_format(_cell_format(column)) for column in self.columns]
        guarded = book.add_format({"quote_prefix": True})
        exact = book.add_format({"align": "right", "bg_color": "#FFF2CC", "quote_prefix": True})
        for index, column in enumerate(self.columns):
            sheet.set_column(index, index, min(column.width + 2, _MAX_WIDTH))
            heading = {"bold": True, "align": "right" if column.type is Decimal else "left"}
            sheet.write_string(0, index, column.heading, book.add_format(heading))
            if column.has_text:
                sheet.write_comment(0, index, _NOTE)
        for number, row in enumerate(self.rows(), 1):
            for index, cell in enumerate(row):
                match cell:
                    case bool():
                        sheet.write_boolean(number, index, cell, formats[index])
                    case Decimal() if _is_number(cell):
                        sheet.write_number(number, index, cell, formats[index])
                    case Decimal():
                        sheet.write_string(number, index, f"{cell:f}", exact)
                    case str():
                        text = _not_markup(printable(cell))
                        sheet.write_string(number, index, text, guarded if is_formula(text) else formats[index])
                    case date():
                        sheet.write_datetime(number, index, cell, formats[index])


def _cell_format(column: _Column) -> dict[str, str]:
    """The format of the cells of a column."""
    if column.type is Decimal:
        return {"num_format": f"#,##0.{column.places * '0'}".removesuffix(".")}
    date_format = _DATE_FORMATS.get(column.type)
    return {"align": "left", "num_format": date_format} if date_format else {"align": "left"}


def _is_number(amount: Decimal) -> bool:
    """Whether Excel keeps and shows all digits of an amount."""
    _, digits, exponent = amount.as_tuple()
    if abs(amount.adjusted()) > _MAX_EXPONENT or -int(exponent) > _MAX_PLACES:
        return False
    return len(digits) <= _MAX_DIGITS or len("".join(map(str, digits)).strip("0")) <= _MAX_DIGITS


def _width(text: str) -> int:
    """The width of a text, in digits. Chinese characters are wide."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def _not_markup(text: str) -> str:
    """XlsxWriter would write a text such as `<r>…</r>` as XML."""
    return f"{text} " if text.startswith("<r>") and text.endswith("</r>") else text


def _name(wanted: str, taken: set[str]) -> str:
    """A name for a sheet that Excel accepts and that no other sheet has. Names of assets come from outside."""
    number = 1
    while True:
        ending = "" if number == 1 else f" ({number})"
        text = _NOT_IN_NAMES.sub("_", printable(wanted)).encode("utf-16-le")
        name = text[: 2 * (_MAX_NAME - len(ending))].decode("utf-16-le", "ignore").rstrip("' ") + ending
        if name.lower() not in taken:
            taken.add(name.lower())
            return name
        number += 1
