"""The spot, margin and futures accounts: their value over time, what they hold, and what came and went."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from binance_wallet_client.models import FuturesSnapshot, MarginSnapshot, SpotSnapshot

from binance_wallet_extras.plot.series import Series, missing, over_days, positions, quantity, runs, value

from . import charts
from .layout import Cell, Column, Figure, ForPeriod, Section, Table, columns, in_periods
from .text import NOT_THERE, Rounded, amount, decimals, in_words, percent, percent_or_word, sentence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from binance_wallet_client.models import AccountSnapshot, FuturesPosition

    from .text import Text

__all__ = ["account", "changes", "holds_something"]

_SPANS: Final = (1, 7, 30, 365)
_LOW_LEVEL: Final = Decimal("1.5")
_MOST_SERIES: Final = 8
_MOST_NAMED: Final = 4
_MOST_GAPS: Final = 6


def changes(
    text: Text, accounts: Sequence[Sequence[AccountSnapshot]], periods: Sequence[date], last: date
) -> Section | None:
    """What the accounts were worth at last, and how that had changed since earlier days, where there are those.

    None if there is no account with a value.
    """
    series = {
        text("with_unit", name=text(snapshots[0].type), unit=each.unit): each.amounts
        for snapshots in accounts
        for each in _values(text, snapshots)
    }
    if not series:
        return None
    tables = [_changes(text, series, since, last) for since in periods]
    has_changes = any(len(table.columns) > 2 for table in tables)  # besides account and value
    return Section(
        "changes",
        text("changes"),
        _sources(text, [snapshot for snapshots in accounts for snapshot in snapshots], periods),
        notes=[ForPeriod(text("changes_note"))] if has_changes else [],
        tables=tables,
    )


def _changes(text: Text, series: Mapping[str, Mapping[date, Decimal]], since: date, last: date) -> Table:
    """The changes over spans of days that lie in a period."""
    spans = [
        span
        for span in _SPANS
        if last - timedelta(span) >= since and any(max(days) - timedelta(span) in days for days in series.values())
    ]
    heads = [Column(text("account"), numeric=False), *columns(text, "value")]
    heads += [Column(text("change_over", days=span)) for span in spans]
    rows: list[list[Cell]] = []
    for name, days in series.items():
        final = max(days)
        named = name if final == last else text("until", name=name, day=final)
        rows.append([named, amount(days[final]), *(_change(text, days, final - timedelta(n), final) for n in spans)])
    return Table(text("changes_table", day=last), heads, rows, since=since)


def _change(text: Text, days: Mapping[date, Decimal], before: date, after: date) -> Cell:
    """The change from day to day, and in brackets the same in percent."""
    if before not in days:
        return NOT_THERE
    change, percentage = _difference(days, before, after)
    return sentence(text, "change_and_percent", {"change": change}, percent=percentage) if percentage else change


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
    # What there is none of any more, last.
    series = sorted(every, key=lambda each: not each.amounts[day])[:_MOST_SERIES]
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
        group=final.type,
        headline=_headline(text, series, len(every), day),
        warning=warning,
        notes=notes,
        figures=[
            Figure(
                _named(text, each),
                [ForPeriod(in_words(text, each.amounts, since), since) for since in periods],
                charts.over_time(each.amounts, charts.Labels(text("day"), text("value")), daily=True),
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


def _sources(text: Text, snapshots: Iterable[AccountSnapshot], periods: Sequence[date]) -> list[ForPeriod]:
    days = {day: day for day in sorted(snapshot.update_time.date() for snapshot in snapshots)}
    return [
        ForPeriod(text("source_snapshots", days=text.span(found[0], found[-1])), since)
        for since, found in in_periods(periods, days)
    ]


def _difference(by_day: Mapping[date, Decimal], before: date, after: date) -> tuple[Rounded, str]:
    """The change from day to day, with as many decimals as the amounts, and the same in percent."""
    both = by_day[before], by_day[after]
    return amount(both[1] - both[0], decimals(both), sign="+"), percent(*both)


def _missing(text: Text, gaps: Sequence[date], periods: Sequence[date]) -> Iterator[ForPeriod]:
    for since, days in in_periods(periods, {day: day for day in gaps}):
        few = len(runs(days)) <= _MOST_GAPS
        key, values = ("missing_days", {"days": text.days(days)}) if few else ("missing_many", {})
        yield ForPeriod(text(key, count=len(days), **values), since)


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
    heads = [Column(text("asset"), numeric=False), *columns(text, "before", "after", "change", "percent")]
    rows = [[asset, *_move(text, before, after)] for asset, before, after in moved]
    return Table(text("moved", first=first, last=last), heads, rows, since=since)


def _move(text: Text, before: Decimal, after: Decimal) -> list[Cell]:
    places = decimals([before, after])
    amounts = amount(before, places), amount(after, places), amount(after - before, places, sign="+")
    return [*amounts, percent_or_word(text, before, after)]


def _relative(before: Decimal, after: Decimal) -> Decimal:
    return abs((after - before) / before) if before and after else Decimal("Infinity")


_HELD: Final = {
    "spot": ["quantity", "free", "locked"],
    "margin": ["net", "free", "locked", "borrowed", "interest"],
    "futures": ["wallet_balance", "margin_balance"],
}


def _held(text: Text, snapshot: AccountSnapshot) -> Table:
    heads = [Column(text("asset"), numeric=False), *columns(text, *_HELD[snapshot.type])]
    rows: list[list[Cell]] = [[asset, *map(amount, amounts)] for asset, amounts in _holdings(snapshot)]
    return Table(text("held", day=snapshot.update_time.date()), heads, rows)


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
    heads = [Column(text("day"), numeric=False), *columns(text, "level", "assets_btc", "debt_btc", "net_btc")]
    amounts = (data.margin_level, data.total_asset_of_btc, data.total_liability_of_btc, data.total_net_asset_of_btc)
    return Table(text("risk", day=day), heads, [[str(day), *map(amount, amounts)]])


def _opened(snapshot: AccountSnapshot) -> list[FuturesPosition]:
    if not isinstance(snapshot, FuturesSnapshot):
        return []
    return [position for position in snapshot.data.position if position.position_amt]


def _positions(text: Text, snapshot: FuturesSnapshot) -> Iterator[Table]:
    if not (opened := _opened(snapshot)):
        return
    heads = [Column(text("symbol"), numeric=False), Column(text("side"), numeric=False)]
    heads += columns(text, "size", "entry", "mark", "worth")
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
    yield Table(text("positions", day=snapshot.update_time.date()), heads, rows)


def _daily(text: Text, snapshots: Sequence[AccountSnapshot], series: Sequence[Series]) -> Table:
    """The days that there are, the last one first; each is compared with the one before it."""
    heads = [Column(text("day"), numeric=False), *(Column(_named(text, each)) for each in series)]
    if len(series) == 1:
        heads += columns(text, "change", "percent")
    if isinstance(snapshots[0], MarginSnapshot):
        heads += columns(text, "debt_btc", "level")
    places = [decimals(each.amounts.values()) for each in series]
    rows: list[list[Cell]] = []
    before = None
    for snapshot in snapshots:
        day = snapshot.update_time.date()
        row: list[Cell] = [str(day), *(amount(each.amounts[day], n) for each, n in zip(series, places, strict=True))]
        if len(series) == 1:
            row += _difference(series[0].amounts, before, day) if before else [NOT_THERE, NOT_THERE]
        if isinstance(snapshot, MarginSnapshot):
            row += [amount(snapshot.data.total_liability_of_btc), amount(snapshot.data.margin_level)]
        rows.insert(0, row)
        before = day
    return Table(text("days"), heads, rows, by_day=True)
