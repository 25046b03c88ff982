"""Flat rows, in one long format for each kind of record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import MAX_PREC, Decimal, localcontext
from functools import cache
from itertools import repeat
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, TypeVar, cast

import msgspec
from binance_wallet.balances import Balances
from binance_wallet.errors import WalletError
from binance_wallet.snapshots import History
from binance_wallet_client.models import (
    AccountSnapshot,
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

from binance_wallet_extras.names import quote_asset_problem

from .prices import Quote

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import UnionType

    from .prices import Prices

__all__ = [
    "COLUMNS",
    "WITH_GRAND_TOTAL",
    "ByAccount",
    "ExportError",
    "Kind",
    "Record",
    "RecordedBalance",
    "Records",
    "Row",
    "as_list",
    "collect",
    "columns",
    "kind_of",
    "quote_asset_of",
    "quote_of",
    "rows",
    "scalars",
    "total_of",
    "with_account_names",
]

T = TypeVar("T")

Record: TypeAlias = WalletBalance | AccountSnapshot
Kind: TypeAlias = Literal[
    "balances", "wallet_assets", "recorded_balances", "recorded_assets", "spot", "margin", "futures", "snapshots"
]
Records: TypeAlias = "Iterable[Record] | History | Mapping[str, Iterable[Record] | History | None]"
"""What `balances`, `snapshots` or `history` returned; or, by the names of several accounts, what they returned.

None stands for the balances of an account that failed. Then there is no grand total.
"""
Row: TypeAlias = dict[str, Decimal | datetime | str | bool | None]


class RecordedBalance(WalletBalance, frozen=True, kw_only=True):
    """The balance of one wallet at a moment, from an archive."""

    _shown = (("recorded_at", ""), ("wallet_name", ""), ("balance", ""), ("quote_asset", ""))

    recorded_at: datetime
    """When it was asked for, in UTC."""
    quote_asset: str
    """The asset that the balance is in units of."""


class ExportError(WalletError, ValueError):
    """The records do not fit the table or the picture."""


class _AllTypes(list[Any]):
    """The snapshots of a history, which are of all types, even if some have none."""


class ByAccount(list[Any]):
    """The records of several named accounts, account by account.

    Raises ExportError if an account has None, and no other one has balances.
    """

    def __init__(self, records: Mapping[str, Iterable[Record] | History | None]) -> None:
        self.parts: dict[str, list[Any]] = {name: as_list(each) for name, each in records.items() if each is not None}
        self.is_whole = len(self.parts) == len(records)
        super().__init__(record for part in self.parts.values() for record in part)
        # Rows of other kinds would not show that an account is missing.
        if not (self.is_whole or any(map(_has_grand_total, self.parts.values()))):
            missing = ", ".join(name for name in records if name not in self.parts)
            raise ExportError(f"there are no records of {missing}: None may stand for balances only, beside others")


@cache
def scalars(model: type[msgspec.Struct]) -> dict[str, type]:
    """The fields of a model that fit into a cell."""
    return {field.name: field.type for field in msgspec.structs.fields(model) if field.type in (Decimal, str, bool)}


_WALLET: Final[dict[str, type]] = {**scalars(WalletBalance), "quote_asset": str}
_DAY: Final[dict[str, type]] = {"type": str, "update_time": datetime}
_SPOT = {**_DAY, **scalars(SpotAsset), **scalars(SpotSnapshotData)}
_MARGIN = {**_DAY, **scalars(MarginAsset), **scalars(MarginSnapshotData)}
_FUTURES = {**_DAY, "record": str, **scalars(FuturesAsset), **scalars(FuturesPosition)}
COLUMNS: Final[Mapping[Kind, Mapping[str, type]]] = {
    "balances": _WALLET,
    "wallet_assets": {**_WALLET, **scalars(AssetBalance)},
    "recorded_balances": {"recorded_at": datetime, **_WALLET},
    "recorded_assets": {"recorded_at": datetime, **_WALLET, **scalars(AssetBalance)},
    "spot": _SPOT,
    "margin": _MARGIN,
    "futures": _FUTURES,
    "snapshots": {**_SPOT, **_MARGIN, **_FUTURES},
}
"""The columns of each kind of record, in order, with the type of their cells. They are named as in the models.

- `balances`, a row for each wallet: `activate`, `balance` (in units of `quote_asset`), `wallet_name`, `quote_asset`.
- `wallet_assets`, of balances with `details`, a row for each wallet and asset: the columns of `balances`, which repeat;
  `asset`, `asset_name`, `free`, `locked`, `freeze`, `withdrawing` (in units of the asset), `btc_valuation` (in BTC).
- `recorded_balances`, from an archive: `recorded_at`, in UTC, and the columns of `balances`.
- `recorded_assets`, from an archive with `details`: `recorded_at`, in UTC, and the columns of `wallet_assets`.
- `spot`, a row for each day and asset: `type`, `update_time`, `asset`, `free`, `locked` (in units of the asset);
  `total_asset_of_btc` (in BTC).
- `margin`, a row for each day and asset: `type`, `update_time`, `asset`, `borrowed`, `free`, `interest`, `locked`,
  `net_asset` (in units of the asset); `margin_level` (a ratio), `total_asset_of_btc`, `total_liability_of_btc`,
  `total_net_asset_of_btc` (in BTC).
- `futures`, a row for each day and asset, in which `record` is "asset", and one for each day and position, in which
  it is "position": `type`, `update_time`, `record`; `asset`, `margin_balance`, `wallet_balance` (in units of the
  asset); `symbol`, `entry_price`, `mark_price`, `un_realized_profit` (in the symbol's quote asset), `position_amt` (in
  its base asset). The cells of the other record are None.
- `snapshots`, of several types together: the columns of all three. The cells of other types are None.

Of several named accounts, given by their names, each row begins with `account`. Those of `balances` and
`wallet_assets` end with `grand_total`: what the wallets of all rows are worth together, in units of `quote_asset`. It
repeats on every row. It is None if the balances of an account are None: a sum without that account is not the total.

With `prices`, the columns of `spot`, `margin` and `snapshots` end with `total_in_quote` and `quote_asset`: what the
account was worth in that asset. This is `total_asset_of_btc`, or `total_net_asset_of_btc` of a margin account, times
the price of the day, rounded to 8 decimals and 15 digits. It is None on a day without a price, and for a futures
account, which has no total.

`update_time` is the end of the day, in UTC. `margin_level` and the totals are of all assets and repeat on every
row of the day: take one of them, do not add them up. A day or a wallet without assets has one row, and no asset.
"""


def rows(records: Records, *, quote_asset: str | None = None, prices: Prices | None = None) -> list[Row]:
    """Flatten balances or snapshots into dictionaries with the columns of `COLUMNS`. Amounts stay exact Decimals.

    Args:
        records: What `balances`, `snapshots` or `history` returned; or that of several named accounts, in a dictionary
            by their names.
        quote_asset: The asset that balances are in, unless they are a `Balances`, which knows it; or, with snapshots,
            the asset that `prices` are in.
        prices: By day, what one BTC was worth, for spot and margin snapshots: see `Archive.prices` and `read_prices`.

    Raises:
        ExportError: These are not records: see `columns`. Or they are balances in another asset, or in an unknown one.
            Or `quote_asset` of balances is not as the exchange writes it. Or an account's records are None, and the
            others' are not balances.
        PricesError: `prices` are not prices by day; or `quote_asset` of snapshots is not as the exchange writes it; or
            one of them is given without the other.
    """
    found = collect(records)
    quote = quote_of(found, quote_asset, prices)
    end: Row = {}
    if found and isinstance(found, ByAccount) and kind_of(found) in WITH_GRAND_TOTAL:
        end = {"grand_total": total_of(found) if found.is_whole else None}
    quote_asset = quote_asset_of(found, quote_asset)
    return [
        {**({} if name is None else {"account": name}), **row, **end}
        for name, record in with_account_names(found)
        for row in _flat(record, quote_asset, quote)
    ]


def columns(records: Records, kind: Kind | None = None, *, prices: Prices | None = None) -> Mapping[str, type]:
    """The columns of a data frame of these records: those of `kind`, by default the kind of the records.

    Raises:
        ExportError: These are not records, but for example one snapshot that is not in a list; or they are not of this
            kind; or there are none, and `kind` is not given; or `prices` are given, and this kind has no totals.
    """
    found = collect(records)
    kind = kind_of(found, kind, prices=prices)
    whole = {**COLUMNS[kind], **({} if prices is None else _IN_QUOTE)}
    if not isinstance(found, ByAccount):
        return whole
    return {"account": str, **whole, **({"grand_total": Decimal} if kind in WITH_GRAND_TOTAL else {})}


def kind_of(records: Records, kind: Kind | None = None, *, prices: Prices | None = None) -> Kind:
    """The kind of table for these records: see `columns`."""
    records = collect(records)
    parts = records.parts.values() if isinstance(records, ByAccount) else [records]
    if kind is None and any(isinstance(part, _AllTypes) for part in parts):
        kind = "snapshots"
    found: set[Kind] = {_kind(record) for record in records}
    if kind is None and found:
        mixed: list[Kind] = [each for each, kinds in _DETAILED.items() if found == kinds] or ["snapshots"]
        [kind, *_] = found if len(found) == 1 else mixed
    if kind is None or kind not in COLUMNS:
        problem = "there are no records" if kind is None else f"{kind!r} is not a kind of record"
        raise ExportError(f"{problem}: give kind= one of {', '.join(COLUMNS)}")
    wanted: set[Kind] = {"spot", "margin", "futures"} if kind == "snapshots" else _DETAILED.get(kind, {kind})
    if found - wanted:
        raise ExportError(f"asked for a table of {kind}, got {' and '.join(sorted(found))}")
    if prices is not None and kind not in _WITH_TOTAL:
        raise ExportError(f"a table of {kind} has no totals in BTC that prices would fit: leave prices= out")
    return kind


_IN_QUOTE: Final[Mapping[str, type]] = {"total_in_quote": Decimal, "quote_asset": str}
_WITH_TOTAL: Final[set[Kind]] = {"spot", "margin", "snapshots"}
WITH_GRAND_TOTAL: Final[set[Kind]] = {"balances", "wallet_assets"}
# Not every wallet may list its assets.
_DETAILED: Final[Mapping[Kind, set[Kind]]] = {
    "wallet_assets": {"balances", "wallet_assets"},
    "recorded_assets": {"recorded_balances", "recorded_assets"},
}


def quote_of(records: list[Record], quote_asset: str | None, prices: Prices | None) -> Quote | None:
    """The quote of snapshots, besides BTC; None if there is none. Raises ExportError or PricesError."""
    if prices is None and not records:  # they may be balances, which need no prices
        return None
    if any(isinstance(record, WalletBalance) for record in records):
        if prices is not None:
            raise ExportError("balances are in their own asset, and take no prices: leave prices= out")
        return None
    return Quote.of(quote_asset, prices)


def quote_asset_of(records: list[Record], quote_asset: str | None) -> str | None:
    """The asset that all balances are in."""
    if isinstance(records, ByAccount):
        found = {quote_asset_of(part, quote_asset) for part in records.parts.values()}
        if len(found) > 1:
            raise ExportError(f"these balances are in {' and '.join(sorted(map(str, found)))}: ask for one asset")
        return next(iter(found), quote_asset)
    if quote_asset is not None and (problem := quote_asset_problem(quote_asset)):
        raise ExportError(problem)
    known = {record.quote_asset for record in records if isinstance(record, RecordedBalance)}
    if isinstance(records, Balances):
        known.add(records.quote_asset)
    if quote_asset is not None and known - {quote_asset}:
        raise ExportError(f"these balances are in {' and '.join(sorted(known))}, not in {quote_asset}")
    if isinstance(records, Balances):
        return records.quote_asset
    if quote_asset is None and any(_kind(record) in _DETAILED["wallet_assets"] for record in records):
        raise ExportError("a list of balances does not say which asset they are in: give quote_asset=")
    return quote_asset


def collect(records: Records) -> list[Record]:
    """The records as a list, or as `ByAccount` for several named accounts. Raises ExportError."""
    if isinstance(records, Mapping):
        return ByAccount(cast("Mapping[str, Iterable[Record] | History | None]", records))
    return as_list(records)


def total_of(wallets: Iterable[Any]) -> Decimal:
    """The exact sum of balances."""
    with localcontext(prec=MAX_PREC):
        return sum((wallet.balance for wallet in wallets), Decimal(0))


def with_account_names(records: Sequence[T]) -> Iterator[tuple[str | None, T]]:
    """Each record with the name of its account, which is None if there is only one account."""
    if not isinstance(records, ByAccount):
        return zip(repeat(None), records)
    return ((name, record) for name, part in records.parts.items() for record in part)


def as_list(records: Iterable[T] | History, types: type[Any] | UnionType = Record, name: str = "records") -> list[T]:
    """The records as a list. Raises ExportError if they are not a list, or not all of these types."""
    given = type(records).__name__
    if isinstance(records, History):
        records = _AllTypes(day for days in records for day in days)
    if isinstance(records, Iterable):
        found = records if isinstance(records, list) else [*records]
        others = [type(record).__name__ for record in found if not isinstance(record, types)]
        if not others:
            return found
        given += f" of {others[0]}"
    raise ExportError(f"give a list of {name}, not a {given}")


def _kind(record: Record) -> Kind:
    if not isinstance(record, WalletBalance):
        return record.type
    if isinstance(record, RecordedBalance):
        return "recorded_balances" if record.asset_balances is msgspec.UNSET else "recorded_assets"
    return "balances" if record.asset_balances is msgspec.UNSET else "wallet_assets"


def _has_grand_total(records: list[Record]) -> bool:
    # `Balances` may be empty.
    return isinstance(records, Balances) or any(_kind(record) in WITH_GRAND_TOTAL for record in records)


def _flat(record: Record, quote_asset: str | None, quote: Quote | None) -> Iterator[Row]:
    whole: Row = {}
    parts: list[Row]
    match record:
        case RecordedBalance():
            whole = {"recorded_at": record.recorded_at, **_cells(record)}
            parts = [_cells(asset) for asset in record.asset_balances or ()]
        case WalletBalance():
            whole = {"quote_asset": quote_asset, **_cells(record)}
            parts = [_cells(asset) for asset in record.asset_balances or ()]
        case SpotSnapshot():
            whole = _day(record) | _cells(record.data)
            parts = [_cells(asset) for asset in record.data.balances]
        case MarginSnapshot():
            whole = _day(record) | _cells(record.data)
            parts = [_cells(asset) for asset in record.data.user_assets]
        case FuturesSnapshot():
            whole = _day(record)
            parts = [{"record": "asset", **_cells(asset)} for asset in record.data.assets]
            parts += [{"record": "position", **_cells(position)} for position in record.data.position]
    blank: Row = dict.fromkeys(COLUMNS[_kind(record)])
    if quote:
        worth = None if isinstance(record, WalletBalance) else quote.value(record)
        whole |= {"total_in_quote": worth, "quote_asset": quote.asset}
    for part in parts or [{}]:
        yield blank | whole | part


def _day(snapshot: AccountSnapshot) -> Row:
    return {"type": snapshot.type, "update_time": snapshot.update_time}


def _cells(struct: msgspec.Struct) -> Row:
    return {name: getattr(struct, name) for name in scalars(type(struct))}
