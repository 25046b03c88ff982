"""What the page shows, section by section: charts, and tables of text."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from attrs import frozen
from binance_wallet_client.models import FuturesSnapshot, MarginSnapshot, SpotSnapshot

from binance_wallet_extras.plot.series import Series, missing, over_days, positions, quantity, value

from . import charts
from .text import amount, moment, percent, signed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from binance_wallet_client.models import AccountSnapshot, FuturesPosition, WalletBalance

    from .text import Text

__all__ = ["Column", "Figure", "Section", "Table", "account", "changes", "holds_something", "recorded", "wallets"]

_SPANS: Final = (1, 7, 30, 365)
_LOW_LEVEL: Final = Decimal("1.5")
_NOT_THERE: Final = "\N{EN DASH}"


@frozen
class Column:
    """A column of a table; numbers stand at the right, and are sorted as numbers."""

    title: str
    numeric: bool = True


@frozen
class Table:
    """A table of text, whose first cells name the rows."""

    caption: str
    columns: Sequence[Column] = ()
    rows: Sequence[Sequence[str]] = ()
    total: Sequence[str] = ()
    since: date | None = None
    """The first day of its period, where there is one such table for each period."""
    by_day: bool = False
    """Whether the rows are days, of which the page shows those in the period."""


@frozen
class Figure:
    """A chart, and in words what it shows."""

    title: str
    text: str
    chart: charts.Spec


@frozen
class Section:
    """A part of the page, under a heading of its own."""

    id: str
    title: str
    source: str
    is_account: bool = False
    headline: str = ""
    warning: str = ""
    notes: Sequence[str] = ()
    figures: Sequence[Figure] = ()
    tables: Sequence[Table] = ()


def wallets(text: Text, at: datetime, balances: Sequence[WalletBalance], quote_asset: str) -> Section:
    """What each wallet is worth, and all of them together."""
    total = sum((wallet.balance for wallet in balances), Decimal(0))
    held = sorted((wallet for wallet in balances if wallet.balance), key=lambda wallet: -wallet.balance)
    figures, tables = [], []
    if held:
        title = text("wallets_title", unit=quote_asset)
        words = text(
            "wallets_text",
            count=len(held),
            total=amount(total),
            unit=quote_asset,
            wallet=held[0].wallet_name,
            largest=amount(held[0].balance),
        )
        bars = charts.bars([(wallet.wallet_name, wallet.balance) for wallet in held], quote_asset)
        figures.append(Figure(title, words, bars))
        columns = [Column(text("wallet"), numeric=False), *_columns(text, "balance", "share")]
        rows = [[wallet.wallet_name, amount(wallet.balance), _share(wallet.balance, total)] for wallet in held]
        tables.append(Table(title, columns, rows, total=[text("total"), amount(total), _share(total, total)]))
    return Section(
        "wallets",
        text("now"),
        text("source_balances", moment=moment(at)),
        headline=f"{amount(total)} {quote_asset}",
        figures=figures,
        tables=tables,
    )


def _share(part: Decimal, whole: Decimal) -> str:
    return f"{100 * part / whole:.2f}" if whole else ""


def recorded(text: Text, records: Mapping[datetime, Sequence[WalletBalance]], quote_asset: str) -> Section:
    """What the wallets were worth whenever that was recorded."""
    last_of_day = {at.date(): at for at in sorted(records)}
    totals: dict[date, Decimal] = defaultdict(Decimal)
    by_wallet: dict[str, dict[date, Decimal]] = defaultdict(dict)
    for day, at in last_of_day.items():
        for wallet in records[at]:
            by_wallet[wallet.wallet_name][day] = wallet.balance
            totals[day] += wallet.balance
    shown = {text("total"): totals} | {name: found for name, found in by_wallet.items() if any(found.values())}
    rows = [
        [f"{at:%Y-%m-%d %H:%M}", *(amount(found[day]) if day in found else _NOT_THERE for found in shown.values())]
        for day, at in reversed(last_of_day.items())
    ]
    columns = [Column(text("recorded_at"), numeric=False), *map(Column, shown)]
    last = max(last_of_day)
    return Section(
        "recorded",
        text("recorded"),
        text("source_recorded", first=moment(min(records)), last=moment(max(records))),
        notes=_missing(text, last_of_day, last),
        figures=[_over_time(text, Series(name, quote_asset, found), last) for name, found in shown.items()],
        tables=[Table(text("with_unit", name=text("recorded"), unit=quote_asset), columns, rows, by_day=True)],
    )


def changes(text: Text, accounts: Sequence[Sequence[AccountSnapshot]]) -> Section | None:
    """What the accounts were worth at last, and how that had changed since earlier days, where there are those.

    None if there is no account with a value.
    """
    rows: list[list[str]] = []
    differences: list[list[tuple[str, str]]] = []
    for snapshots in accounts:
        last = snapshots[-1].update_time.date()
        for series in _values(text, snapshots):
            rows.append([f"{text(snapshots[0].type)}: {_named(text, series)}", str(last), amount(series.amounts[last])])
            differences.append([_difference(series.amounts, last, span) for span in _SPANS])
    if not rows:
        return None
    columns = [Column(text("account"), numeric=False), Column(text("last_day"), numeric=False), Column(text("value"))]
    for place, span in enumerate(_SPANS):
        column = [cells[place] for cells in differences]
        if any(change != _NOT_THERE for change, _ in column):
            columns += [Column(text("change_over", days=span)), Column(text("percent_over", days=span))]
            rows = [[*row, *cells] for row, cells in zip(rows, column, strict=True)]
    return Section(
        "changes",
        text("changes"),
        _source(text, [snapshot for snapshots in accounts for snapshot in snapshots]),
        notes=[text("changes_note")],
        tables=[Table(text("changes_table"), columns, rows)],
    )


def account(text: Text, snapshots: Sequence[AccountSnapshot], periods: Sequence[date], last: date) -> Section:
    """One account: its value over time, what it holds, and what came and went.

    Args:
        text: The page's language.
        snapshots: The account's, oldest first, one a day.
        periods: The first day of each period to choose from.
        last: The last day of the report. Days up to there are missing if the account has no snapshot of them.
    """
    final = snapshots[-1]
    series = _values(text, snapshots)
    tables = [_held(text, final)]
    warning = ""
    if isinstance(final, MarginSnapshot):
        owed = final.data.total_liability_of_btc
        tables.insert(0, _margin_level(text, final))
        if owed and final.data.margin_level <= _LOW_LEVEL:
            warning = text("low", level=amount(final.data.margin_level))
    if isinstance(final, FuturesSnapshot):
        tables += _positions(text, final)
    tables += [_moved(text, snapshots, since) for since in periods]
    tables.append(_daily(text, snapshots, series, last))
    return Section(
        final.type,
        text(final.type),
        _source(text, snapshots),
        is_account=True,
        headline=" · ".join(f"{amount(each.amounts[final.update_time.date()])} {each.unit}" for each in series),
        warning=warning,
        notes=_missing(text, [snapshot.update_time.date() for snapshot in snapshots], last),
        figures=[_over_time(text, each, last) for each in series],
        tables=tables,
    )


def holds_something(snapshots: Sequence[AccountSnapshot]) -> bool:
    """Whether there is anything to show of an account."""
    return any(any(value(each).values()) or _holdings(each) or _opened(each) for each in snapshots)


def _values(text: Text, snapshots: Sequence[AccountSnapshot]) -> list[Series]:
    name = text(f"{snapshots[0].type}_value")
    by_unit = over_days(snapshots, value)
    if isinstance(snapshots[0], FuturesSnapshot):  # each asset that there was some of
        by_unit = {unit: by_day for unit, by_day in by_unit.items() if any(by_day.values())}
    return [Series(name, unit, by_day) for unit, by_day in by_unit.items()]


def _named(text: Text, series: Series) -> str:
    return text("with_unit", name=series.name, unit=series.unit)


def _source(text: Text, snapshots: Iterable[AccountSnapshot]) -> str:
    days = [snapshot.update_time.date() for snapshot in snapshots]
    return text("source_snapshots", first=min(days), last=max(days))


def _difference(by_day: Mapping[date, Decimal], day: date, span: int) -> tuple[str, str]:
    """The change over so many days, and the same in percent."""
    before = by_day.get(day - timedelta(span))
    if before is None:
        return _NOT_THERE, _NOT_THERE
    return signed(by_day[day] - before), percent(before, by_day[day])


def _missing(text: Text, days: Iterable[date], last: date) -> list[str]:
    found = missing(days, last)
    return [text("missing_days", count=len(found), days=text.days(found))] if found else []


def _over_time(text: Text, series: Series, last: date) -> Figure:
    by_day = series.amounts
    gaps = missing(by_day, last)
    lowest, highest = min(by_day, key=by_day.__getitem__), max(by_day, key=by_day.__getitem__)
    words = text(
        "series_text",
        first_day=min(by_day),
        first=amount(by_day[min(by_day)]),
        last_day=max(by_day),
        last=amount(by_day[max(by_day)]),
        lowest=amount(by_day[lowest]),
        lowest_day=lowest,
        highest=amount(by_day[highest]),
        highest_day=highest,
    )
    if gaps:
        words += text("missing_count", count=len(gaps))
    labels = charts.Labels(day=text("day"), amount=_named(text, series), missing=text("missing"))
    return Figure(_named(text, series), words, charts.over_time(by_day, gaps, labels))


def _moved(text: Text, snapshots: Sequence[AccountSnapshot], since: date) -> Table:
    """The assets whose quantity changed in a period: what is new or gone, then by relative change."""
    period = [snapshot for snapshot in snapshots if snapshot.update_time.date() >= since] or snapshots[-1:]
    first, last = (snapshot.update_time.date() for snapshot in (period[0], period[-1]))
    moved = [
        (asset, by_day[first], by_day[last])
        for asset, by_day in over_days([period[0], period[-1]], quantity).items()
        if by_day[first] != by_day[last]
    ]
    if not moved:
        return Table(text("moved_nothing", first=first, last=last), since=since)
    moved.sort(key=lambda row: _relative(row[1], row[2]), reverse=True)
    rows = [
        [asset, amount(before), amount(after), signed(after - before), _percent_or_word(text, before, after)]
        for asset, before, after in moved
    ]
    columns = [Column(text("asset"), numeric=False), *_columns(text, "before", "after", "change", "percent")]
    return Table(text("moved", first=first, last=last), columns, rows, since=since)


def _relative(before: Decimal, after: Decimal) -> Decimal:
    return abs((after - before) / before) if before and after else Decimal("Infinity")


def _percent_or_word(text: Text, before: Decimal, after: Decimal) -> str:
    if not before:
        return text("came")
    return percent(before, after) if after else text("went")


_HELD: Final = {
    "spot": ["quantity", "free", "locked"],
    "margin": ["net", "free", "locked", "borrowed", "interest"],
    "futures": ["wallet_balance", "margin_balance"],
}


def _held(text: Text, snapshot: AccountSnapshot) -> Table:
    columns = [Column(text("asset"), numeric=False), *_columns(text, *_HELD[snapshot.type])]
    rows = [[asset, *map(amount, amounts)] for asset, amounts in _holdings(snapshot)]
    return Table(text("held", day=snapshot.update_time.date()), columns, rows)


def _holdings(snapshot: AccountSnapshot) -> list[tuple[str, tuple[Decimal, ...]]]:
    """The assets that an account has or owes, with the amounts of `_HELD`."""
    rows: list[tuple[str, tuple[Decimal, ...]]]
    match snapshot:
        case SpotSnapshot():
            rows = [(each.asset, (each.free + each.locked, each.free, each.locked)) for each in snapshot.data.balances]
        case MarginSnapshot():
            rows = [
                (each.asset, (each.net_asset, each.free, each.locked, each.borrowed, each.interest))
                for each in snapshot.data.user_assets
            ]
        case FuturesSnapshot():
            rows = [(each.asset, (each.wallet_balance, each.margin_balance)) for each in snapshot.data.assets]
    return [(asset, amounts) for asset, amounts in rows if any(amounts)]


def _margin_level(text: Text, snapshot: MarginSnapshot) -> Table:
    data = snapshot.data
    day = snapshot.update_time.date()
    titles = [Column(text("day"), numeric=False), *_columns(text, "level", "assets_btc", "debt_btc", "net_btc")]
    amounts = (data.margin_level, data.total_asset_of_btc, data.total_liability_of_btc, data.total_net_asset_of_btc)
    return Table(text("risk", day=day), titles, [[str(day), *map(amount, amounts)]])


def _opened(snapshot: AccountSnapshot) -> list[FuturesPosition]:
    if not isinstance(snapshot, FuturesSnapshot):
        return []
    return [position for position in snapshot.data.position if position.position_amt]


def _positions(text: Text, snapshot: FuturesSnapshot) -> Iterator[Table]:
    if not (opened := _opened(snapshot)):
        return
    columns = [Column(text("symbol"), numeric=False), Column(text("side"), numeric=False)]
    columns += _columns(text, "size", "entry", "mark", "worth")
    rows = [
        [
            found.symbol,
            text("short" if found.position_amt < 0 else "long"),
            amount(found.position_amt),
            amount(found.entry_price),
            amount(found.mark_price),
            f"{amount(abs(worth.worth))} {worth.quote_asset}",
        ]
        for found, worth in zip(opened, positions(snapshot), strict=True)
    ]
    yield Table(text("positions", day=snapshot.update_time.date()), columns, rows)


def _daily(text: Text, snapshots: Sequence[AccountSnapshot], series: Sequence[Series], last: date) -> Table:
    """All days, the last one first, with those that are missing."""
    by_day = {snapshot.update_time.date(): snapshot for snapshot in snapshots}
    columns = [Column(text("day"), numeric=False), *(Column(_named(text, each)) for each in series)]
    if len(series) == 1:
        columns += _columns(text, "change", "percent")
    if isinstance(snapshots[0], MarginSnapshot):
        columns += _columns(text, "debt_btc", "level")
    rows = []
    for day in sorted({*by_day, *missing(by_day, last)}, reverse=True):
        if day not in by_day:
            rows.append([str(day), *[text("missing")] * (len(columns) - 1)])
            continue
        row = [str(day), *(amount(each.amounts[day]) for each in series)]
        if len(series) == 1:
            row += _difference(series[0].amounts, day, 1)
        if isinstance(found := by_day[day], MarginSnapshot):
            row += [amount(found.data.total_liability_of_btc), amount(found.data.margin_level)]
        rows.append(row)
    return Table(text("days"), columns, rows, by_day=True)


def _columns(text: Text, *keys: str) -> list[Column]:
    return [Column(text(key)) for key in keys]
