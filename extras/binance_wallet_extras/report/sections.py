"""What the page shows, section by section: charts, and tables of text."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar

from attrs import frozen
from binance_wallet_client.models import FuturesSnapshot, MarginSnapshot, SpotSnapshot

from binance_wallet_extras.plot.series import Series, missing, over_days, positions, quantity, runs, value

from . import charts
from .text import Rounded, amount, decimals, moment, percent, sentence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from binance_wallet_client.models import AccountSnapshot, FuturesPosition, WalletBalance

    from .text import Text

__all__ = [
    "Column", "Figure", "ForPeriod", "Section", "Table",
    "account", "changes", "holds_something", "recorded", "wallets",
]  # fmt: skip

Cell: TypeAlias = str | Rounded

K = TypeVar("K")

_SPANS: Final = (1, 7, 30, 365)
_LOW_LEVEL: Final = Decimal("1.5")
_NOT_THERE: Final = "\N{EN DASH}"
_MOST_SERIES: Final = 8
_MOST_NAMED: Final = 4
_MOST_GAPS: Final = 6


@frozen
class Column:
    """A column of a table; numbers stand at the right, and are sorted as numbers."""

    title: str
    numeric: bool = True


@frozen
class ForPeriod:
    """A text, and the first day of the period that it is for; None if it is for all of them."""

    text: Cell
    since: date | None = None


@frozen
class Table:
    """A table of text, whose first cells name the rows."""

    caption: str
    columns: Sequence[Column] = ()
    rows: Sequence[Sequence[Cell]] = ()
    total: Sequence[Cell] = ()
    since: date | None = None
    """The first day of its period, where there is one such table for each period."""
    by_day: bool = False
    """Whether the rows are days, of which the page shows those in the period."""


@frozen
class Figure:
    """A chart, and in words what it shows."""

    title: str
    texts: Sequence[ForPeriod]
    chart: charts.Spec


@frozen
class Section:
    """A part of the page, under a heading of its own."""

    id: str
    title: str
    sources: Sequence[ForPeriod]
    is_account: bool = False
    headline: Cell = ""
    warning: Cell = ""
    notes: Sequence[ForPeriod] = ()
    figures: Sequence[Figure] = ()
    tables: Sequence[Table] = ()


def wallets(text: Text, at: datetime, balances: Sequence[WalletBalance], quote_asset: str) -> Section:
    """What each wallet is worth, and all of them together."""
    total = sum((wallet.balance for wallet in balances), Decimal(0))
    held = sorted((wallet for wallet in balances if wallet.balance), key=lambda wallet: -wallet.balance)
    places = decimals([total, *(wallet.balance for wallet in held)])
    figures, tables = [], []
    if held:
        title = text("wallets_title", unit=quote_asset)
        words = sentence(
            text,
            "wallets_text",
            {"total": amount(total, places), "largest": amount(held[0].balance, places)},
            count=len(held),
            unit=quote_asset,
            wallet=held[0].wallet_name,
        )
        bars = charts.bars([(wallet.wallet_name, wallet.balance) for wallet in held], text("balance"))
        figures.append(Figure(title, [ForPeriod(words)], bars))
        columns = [Column(text("wallet"), numeric=False), *_columns(text, "balance", "share")]
        rows: list[list[Cell]] = [
            [wallet.wallet_name, amount(wallet.balance, places), _share(wallet.balance, total)] for wallet in held
        ]
        sums: list[Cell] = [text("total"), amount(total, places), _share(total, total)]
        tables.append(Table(title, columns, rows, total=sums))
    return Section(
        "wallets",
        text("now"),
        [ForPeriod(text("source_balances", moment=moment(at)))],
        headline=sentence(text, "amount", {"amount": amount(total, places)}, unit=quote_asset),
        figures=figures,
        tables=tables,
    )


def _share(part: Decimal, whole: Decimal) -> str:
    return f"{100 * part / whole:.2f}" if whole else ""


def recorded(
    text: Text, records: Mapping[datetime, Sequence[WalletBalance]], quote_asset: str, periods: Sequence[date]
) -> Section:
    """What the wallets were worth whenever that was recorded."""
    last_of_day = {at.date(): at for at in sorted(records)}
    totals: dict[date, Decimal] = defaultdict(Decimal)
    by_wallet: dict[str, dict[date, Decimal]] = defaultdict(dict)
    for day, at in last_of_day.items():
        for wallet in records[at]:
            by_wallet[wallet.wallet_name][day] = wallet.balance
            totals[day] += wallet.balance
    shown = [Series(text("total"), quote_asset, totals)]
    shown += [Series(name, quote_asset, found) for name, found in by_wallet.items() if any(found.values())]
    every = [found for each in shown for found in each.amounts.values()]  # in one unit
    columns = [_cells(each.amounts, together=every) for each in shown]
    rows = [
        [f"{at:%Y-%m-%d %H:%M}", *(column.get(day, _NOT_THERE) for column in columns)]
        for day, at in reversed(last_of_day.items())
    ]
    caption = text("with_unit", name=text("recorded"), unit=quote_asset)
    heads = [Column(text("recorded_at"), numeric=False), *(Column(each.name) for each in shown)]
    last = max(last_of_day)
    return Section(
        "recorded",
        text("recorded"),
        [
            ForPeriod(text("source_recorded", first=moment(min(ats)), last=moment(max(ats))), since)
            for since, ats in _in_periods(periods, {at: at.date() for at in records})
        ],
        notes=[
            ForPeriod(text("recorded_on", count=len(days), days=(last - min(days)).days + 1), since)
            for since, days in _in_periods(periods, {day: day for day in last_of_day})
            if missing(days, last)
        ],
        figures=[
            _over_time(text, each, periods, each.name, charts.over_time(each.amounts, [], _labels(text, "balance")))
            for each in shown
        ],
        tables=[Table(caption, heads, rows, by_day=True)],
    )


def changes(
    text: Text, accounts: Sequence[Sequence[AccountSnapshot]], periods: Sequence[date], last: date
) -> Section | None:
    """What the accounts were worth at last, and how that had changed since earlier days, where there are those.

    None if there is no account with a value.
    """
    series = {
        f"{text(snapshots[0].type)}: {_named(text, each)}": each.amounts
        for snapshots in accounts
        for each in _values(text, snapshots)
    }
    if not series:
        return None
    tables = [_changes(text, series, since, last) for since in periods]
    return Section(
        "changes",
        text("changes"),
        _sources(text, [snapshot for snapshots in accounts for snapshot in snapshots], periods),
        notes=[ForPeriod(text("changes_note"))] if any(map(_has_changes, tables)) else [],
        tables=tables,
    )


def _changes(text: Text, series: Mapping[str, Mapping[date, Decimal]], since: date, last: date) -> Table:
    """The changes over spans of days that lie in a period."""
    spans = [
        span
        for span in _SPANS
        if last - timedelta(span) >= since and any(max(days) - timedelta(span) in days for days in series.values())
    ]
    columns = [Column(text("account"), numeric=False), Column(text("last_day"), numeric=False), Column(text("value"))]
    columns += [Column(text("change_over", days=span)) for span in spans]
    rows: list[list[Cell]] = []
    for name, days in series.items():
        final = max(days)
        rows.append([name, str(final), amount(days[final]), *(_change(text, days, final, span) for span in spans)])
    return Table(text("changes_table"), columns, rows, since=since)


def _has_changes(table: Table) -> bool:
    return len(table.columns) > 3  # besides account, last day and value


def _change(text: Text, days: Mapping[date, Decimal], day: date, span: int) -> Cell:
    """The change over so many days, and in brackets the same in percent."""
    difference, percentage = _difference(days, day, span)
    if percentage in {"", _NOT_THERE}:
        return difference
    return sentence(text, "change_and_percent", {"change": difference}, percent=percentage)


def account(text: Text, snapshots: Sequence[AccountSnapshot], periods: Sequence[date], last: date) -> Section:
    """One account: its value over time, what it holds, and what came and went.

    Args:
        text: The page's language.
        snapshots: The account's, oldest first, one a day.
        periods: The first day of each period to choose from.
        last: The last day of the report. Days up to there are missing if the account has no snapshot of them.
    """
    final = snapshots[-1]
    day = final.update_time.date()
    every = _values(text, snapshots)
    series = sorted(every, key=lambda each: not each.amounts[day])[
        :_MOST_SERIES
    ]  # what there is none of any more, last
    tables = [_held(text, final)]
    warning: Cell = ""
    if isinstance(final, MarginSnapshot):
        owed = final.data.total_liability_of_btc
        tables.insert(0, _margin_level(text, final))
        if owed and final.data.margin_level <= _LOW_LEVEL:
            warning = sentence(text, "low", {"level": amount(final.data.margin_level)})
    if isinstance(final, FuturesSnapshot):
        tables += _positions(text, final)
    if len(snapshots) > 1:
        tables += [_moved(text, snapshots, since) for since in periods]
    tables.append(_daily(text, snapshots, series))
    gaps = missing((snapshot.update_time.date() for snapshot in snapshots), last)
    notes = [*_missing(text, gaps, periods)]
    if len(series) < len(every):
        notes.append(ForPeriod(text("some_assets", shown=len(series), count=len(every))))
    return Section(
        final.type,
        text(final.type),
        _sources(text, snapshots, periods),
        is_account=True,
        headline=_headline(text, series, len(every), day),
        warning=warning,
        notes=notes,
        figures=[
            _over_time(
                text, each, periods, _named(text, each), charts.over_time(each.amounts, gaps, _labels(text, "value"))
            )
            for each in series
            if len(snapshots) > 1
        ],
        tables=tables,
    )


def _headline(text: Text, series: Sequence[Series], count: int, day: date) -> Rounded:
    named = [(amount(each.amounts[day]), each.unit) for each in series[:_MOST_NAMED]]
    words = [sentence(text, "amount", {"amount": found}, unit=unit) for found, unit in named]
    if count > len(words):
        words.append(Rounded(text("more", count=count - len(words))))
    exact = " · ".join(word.exact or word.text for word in words)
    return Rounded(" · ".join(map(str, words)), exact if any(word.exact for word in words) else "")


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


def _labels(text: Text, amount: str) -> charts.Labels:
    return charts.Labels(day=text("day"), amount=text(amount), missing=text("missing"))


def _in_periods(periods: Sequence[date], days: Mapping[K, date]) -> Iterator[tuple[date, list[K]]]:
    """For each period, what has its day in it; not for those in which there is none."""
    for since in periods:
        if found := [key for key, day in days.items() if day >= since]:
            yield since, found


def _sources(text: Text, snapshots: Iterable[AccountSnapshot], periods: Sequence[date]) -> list[ForPeriod]:
    days = {day: day for day in sorted(snapshot.update_time.date() for snapshot in snapshots)}
    return [
        ForPeriod(text("source_snapshots", days=text.span(found[0], found[-1])), since)
        for since, found in _in_periods(periods, days)
    ]


def _cells(by_day: Mapping[date, Decimal], together: Sequence[Decimal] = ()) -> dict[date, Rounded]:
    """Amounts with as many decimals each; by default, they are all that stand together."""
    places = decimals(together or by_day.values())
    return {day: amount(found, places) for day, found in by_day.items()}


def _difference(by_day: Mapping[date, Decimal], day: date, span: int) -> tuple[Rounded, str]:
    """The change over so many days, and the same in percent."""
    before = by_day.get(day - timedelta(span))
    if before is None:
        return Rounded(_NOT_THERE), _NOT_THERE
    return amount(by_day[day] - before, sign="+"), percent(before, by_day[day])


def _missing(text: Text, gaps: Sequence[date], periods: Sequence[date]) -> Iterator[ForPeriod]:
    for since, days in _in_periods(periods, {day: day for day in gaps}):
        few = len(runs(days)) <= _MOST_GAPS
        words = (
            text("missing_days", count=len(days), days=text.days(days))
            if few
            else text("missing_many", count=len(days))
        )
        yield ForPeriod(words, since)


def _over_time(text: Text, series: Series, periods: Sequence[date], title: str, chart: charts.Spec) -> Figure:
    words = [_in_words(text, series, since) for since in periods]
    return Figure(title, [ForPeriod(each, since) for each, since in zip(words, periods, strict=True)], chart)


def _in_words(text: Text, series: Series, since: date) -> Cell:
    """How a series went in a period."""
    by_day = {day: amount for day, amount in series.amounts.items() if day >= since}
    if not by_day:
        return text("no_record")
    cells = _cells(by_day)
    first, last = min(by_day), max(by_day)
    if first == last:
        return sentence(text, "one_day", {"amount": cells[first]}, day=first)
    lowest, highest = min(by_day, key=by_day.__getitem__), max(by_day, key=by_day.__getitem__)
    amounts = {"first": cells[first], "last": cells[last], "lowest": cells[lowest], "highest": cells[highest]}
    days = {"first_day": first, "last_day": last, "lowest_day": lowest, "highest_day": highest}
    return sentence(text, "series_text", amounts, **days)


def _moved(text: Text, snapshots: Sequence[AccountSnapshot], since: date) -> Table:
    """The assets whose quantity changed in a period: what is new or gone, then by relative change."""
    period = [snapshot for snapshot in snapshots if snapshot.update_time.date() >= since]
    if len(period) < 2:
        return Table(text("moved_unknown"), since=since)
    first, last = (snapshot.update_time.date() for snapshot in (period[0], period[-1]))
    moved = [
        (asset, by_day[first], by_day[last])
        for asset, by_day in over_days([period[0], period[-1]], quantity).items()
        if by_day[first] != by_day[last]
    ]
    if not moved:
        return Table(text("moved_nothing", first=first, last=last), since=since)
    moved.sort(key=lambda row: _relative(row[1], row[2]), reverse=True)
    rows: list[list[Cell]] = [
        [asset, amount(before), amount(after), amount(after - before, sign="+"), _percent_or_word(text, before, after)]
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
    rows: list[list[Cell]] = [[asset, *map(amount, amounts)] for asset, amounts in _holdings(snapshot)]
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
    rows: list[list[Cell]] = [
        [
            found.symbol,
            text("short" if found.position_amt < 0 else "long"),
            amount(found.position_amt),
            amount(found.entry_price),
            amount(found.mark_price),
            sentence(text, "amount", {"amount": amount(worth.worth)}, unit=worth.quote_asset),
        ]
        for found, worth in zip(opened, positions(snapshot), strict=True)
    ]
    yield Table(text("positions", day=snapshot.update_time.date()), columns, rows)


def _daily(text: Text, snapshots: Sequence[AccountSnapshot], series: Sequence[Series]) -> Table:
    """The days that there are, the last one first."""
    columns = [Column(text("day"), numeric=False), *(Column(_named(text, each)) for each in series)]
    if len(series) == 1:
        columns += _columns(text, "change", "percent")
    if isinstance(snapshots[0], MarginSnapshot):
        columns += _columns(text, "debt_btc", "level")
    values = [_cells(each.amounts) for each in series]
    rows: list[list[Cell]] = []
    for snapshot in reversed(snapshots):
        day = snapshot.update_time.date()
        row: list[Cell] = [str(day), *(cells[day] for cells in values)]
        if len(series) == 1:
            row += _difference(series[0].amounts, day, 1)
        if isinstance(snapshot, MarginSnapshot):
            row += [amount(snapshot.data.total_liability_of_btc), amount(snapshot.data.margin_level)]
        rows.append(row)
    return Table(text("days"), columns, rows, by_day=True)


def _columns(text: Text, *keys: str) -> list[Column]:
    return [Column(text(key)) for key in keys]
