"""The spot, margin and futures accounts: their value over time, what they hold, and how that changed."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from binance_wallet_client.models import FuturesSnapshot, MarginSnapshot, SpotSnapshot

from binance_wallet_extras.plot.series import Series, missing, over_days, positions, quantity, runs, value

from . import charts
from .changes import changes_table
from .language import NOT_THERE, Rounded, amount, amounts, decimals, describe, percent, sentence
from .layout import Cell, Column, Figure, ForPeriod, Scope, Section, Table, columns

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from binance_wallet_client.models import AccountSnapshot, FuturesPosition

    from .language import Text

__all__ = ["account", "changes", "holds_something"]

_SPANS: Final = (1, 7, 30, 365)
_LOW_LEVEL: Final = Decimal("1.5")
_MAX_SERIES: Final = 8
_MAX_NAMED: Final = 4
_MAX_GAPS: Final = 6


def changes(scope: Scope, accounts: Sequence[Sequence[AccountSnapshot]], last: date) -> Section | None:
    """The section with the last value of each account, and its changes since earlier days.

    None if no account has a value.
    """
    text = scope.text
    series = {
        text("with_unit", name=text(snapshots[0].type), unit=each.unit): each
        for snapshots in accounts
        for values in [_values(text, snapshots)]
        for each in [*_in_quote_asset(scope, snapshots, values), *values]
    }
    if not series:
        return None
    tables = [_changes(text, series, since, last) for since in scope.periods]
    has_changes = any(len(table.columns) > 2 for table in tables)  # besides account and value
    return Section(
        "changes",
        text("changes"),
        _sources(scope, [snapshot for snapshots in accounts for snapshot in snapshots]),
        notes=[ForPeriod(text("changes_note"))] if has_changes else [],
        tables=tables,
    )


def _changes(text: Text, series: Mapping[str, Series], since: date, last: date) -> Table:
    """The changes over spans of days that lie in a period."""
    spans = [
        span
        for span in _SPANS
        if last - timedelta(span) >= since
        and any(max(each.amounts) - timedelta(span) in each.amounts for each in series.values())
    ]
    heads = [Column(text("account"), numeric=False), *columns(text, "value")]
    heads += [Column(text("change_over", days=span)) for span in spans]
    rows: list[list[Cell]] = []
    for name, each in series.items():
        days = each.amounts
        final = max(days)
        earlier = [final - timedelta(span) for span in spans]
        places = decimals([days[final], *(days[day] for day in earlier if day in days)], each.unit)
        named = name if final == last else text("until", name=name, day=final)
        changes = [_change(text, days, day, final, places) if day in days else NOT_THERE for day in earlier]
        rows.append([named, amount(days[final], places), *changes])
    return Table(text("changes_table", day=last), heads, rows, since=since)


def _change(text: Text, days: Mapping[date, Decimal], before: date, after: date, places: int) -> Cell:
    """The change between two days, and in brackets the same in percent."""
    change, percentage = _difference(days, before, after, places)
    return sentence(text, "change_and_percent", {"change": change}, percent=percentage) if percentage else change


def account(scope: Scope, snapshots: Sequence[AccountSnapshot], last: date) -> Section:
    """One account: its value over time, what it holds, and how that changed.

    Args:
        scope: The page's.
        snapshots: The account's, oldest first, one a day.
        last: The last day of the report. Days up to there are missing if the account has no snapshot of them.
    """
    text = scope.text
    final = snapshots[-1]
    day = final.update_time.date()
    every = _values(text, snapshots)
    # Assets of which nothing is left come last.
    series = sorted(every, key=lambda each: not each.amounts[day])[:_MAX_SERIES]
    quoted = [*_in_quote_asset(scope, snapshots, series)]
    now = [each for each in quoted if day in each.amounts]
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
        tables += [_quantity_changes(text, snapshots, since) for since in scope.periods]
    tables.append(_daily(text, snapshots, series, quoted))
    notes = [*_missing(scope, missing((snapshot.update_time.date() for snapshot in snapshots), last))]
    notes += [note for each in quoted for note in _without_price(scope, series[0], each)]
    if len(series) < len(every):
        notes.append(ForPeriod(text("some_assets", shown=len(series), count=len(every))))
    return Section(
        final.type,
        text(final.type),
        _sources(scope, snapshots),
        group=final.type,
        headline=_headline(text, [*now, *series], len(now) + len(every), day),
        warning=warning,
        notes=notes,
        figures=[
            Figure(
                _title(text, each),
                [ForPeriod(describe(text, each.amounts, each.unit, since), since) for since in scope.periods],
                charts.over_time(each.amounts, charts.Labels.of(text, "value"), daily=True),
            )
            for each in [*quoted, *series]
            if len(each.amounts) > 1
        ],
        tables=tables,
    )


def _headline(text: Text, series: Sequence[Series], count: int, day: date) -> Rounded:
    named = [(amount(each.amounts[day], unit=each.unit), each.unit) for each in series[:_MAX_NAMED]]
    words = [sentence(text, "amount", {"amount": found}, unit=unit) for found, unit in named]
    if count > len(words):
        words.append(Rounded(text("more", count=count - len(words))))
    exact = " · ".join(word.exact or word.text for word in words)
    return Rounded(" · ".join(map(str, words)), exact if any(word.exact for word in words) else "")


def holds_something(snapshots: Sequence[AccountSnapshot]) -> bool:
    """Whether an account holds anything on any day."""
    return any(any(value(each).values()) or _holdings(each) or _opened(each) for each in snapshots)


def _values(text: Text, snapshots: Sequence[AccountSnapshot]) -> list[Series]:
    name = text(f"{snapshots[0].type}_value")
    by_unit = over_days(snapshots, value)
    if isinstance(snapshots[0], FuturesSnapshot):  # only assets that it held
        by_unit = {unit: by_day for unit, by_day in by_unit.items() if any(by_day.values())}
    return [Series(name, unit, by_day) for unit, by_day in by_unit.items()]


def _in_quote_asset(scope: Scope, snapshots: Sequence[AccountSnapshot], series: Sequence[Series]) -> Iterator[Series]:
    """The value of a spot or margin account in the quote asset, on the days that have a price."""
    worth = {snapshot.update_time.date(): scope.quote.value(snapshot) for snapshot in snapshots}
    by_day = {day: found for day, found in worth.items() if found is not None}
    if by_day and scope.quote.asset != "BTC":
        yield Series(series[0].name, scope.quote.asset, by_day)


def _without_price(scope: Scope, series: Series, quoted: Series) -> Iterator[ForPeriod]:
    """For each period, the number of days without a price."""
    for since, days in scope.in_periods({day: day for day in series.amounts}):
        if count := sum(day not in quoted.amounts for day in days):
            yield ForPeriod(scope.text("no_price", unit=quoted.unit, count=count, days=len(days)), since)


def _title(text: Text, series: Series) -> str:
    return text("with_unit", name=series.name, unit=series.unit)


def _sources(scope: Scope, snapshots: Iterable[AccountSnapshot]) -> list[ForPeriod]:
    days = {day: day for day in sorted(snapshot.update_time.date() for snapshot in snapshots)}
    return [
        ForPeriod(scope.text("source_snapshots", days=scope.text.span(found[0], found[-1])), since)
        for since, found in scope.in_periods(days)
    ]


def _difference(by_day: Mapping[date, Decimal], before: date, after: date, places: int) -> tuple[Rounded, str]:
    """The change between two days, and the same in percent."""
    both = by_day[before], by_day[after]
    return amount(both[1] - both[0], places, sign="+"), percent(*both)


def _missing(scope: Scope, gaps: Sequence[date]) -> Iterator[ForPeriod]:
    text = scope.text
    for since, days in scope.in_periods({day: day for day in gaps}):
        few = len(runs(days)) <= _MAX_GAPS
        key, values = ("missing_days", {"days": text.days(days)}) if few else ("missing_many", {})
        yield ForPeriod(text(key, count=len(days), **values), since)


def _quantity_changes(text: Text, snapshots: Sequence[AccountSnapshot], since: date) -> Table:
    """The assets whose quantity changed in a period."""
    period = [snapshot for snapshot in snapshots if snapshot.update_time.date() >= since]
    if len(period) < 2:
        return Table(text("changed_unknown"), since=since)
    before, after = map(_quantities, (period[0], period[-1]))
    days = {"first": period[0].update_time.date(), "last": period[-1].update_time.date()}
    captions = text("changed_days", **days), text("changed_days_nothing", **days)
    return changes_table(text, [text("asset")], before, after, since=since, captions=captions)


def _quantities(snapshot: AccountSnapshot) -> dict[tuple[str, ...], Decimal]:
    return {(asset,): found for asset, found in quantity(snapshot).items()}


_HELD: Final = {
    "spot": ["quantity", "free", "locked"],
    "margin": ["net", "free", "locked", "borrowed", "interest"],
    "futures": ["wallet_balance", "margin_balance"],
}


def _held(text: Text, snapshot: AccountSnapshot) -> Table:
    heads = [Column(text("asset"), numeric=False), *columns(text, *_HELD[snapshot.type])]
    rows: list[list[Cell]] = [[asset, *amounts(found, asset)] for asset, found in _holdings(snapshot)]
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
    in_btc = data.total_asset_of_btc, data.total_liability_of_btc, data.total_net_asset_of_btc
    return Table(text("risk", day=day), heads, [[str(day), amount(data.margin_level), *amounts(in_btc, "BTC")]])


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
            *amounts([found.entry_price, found.mark_price]),
            sentence(text, "amount", {"amount": amount(worth.worth, unit=worth.quote_asset)}, unit=worth.quote_asset),
        ]
        for found, worth in zip(opened, positions(snapshot), strict=True)
    ]
    yield Table(text("positions", day=snapshot.update_time.date()), heads, rows)


def _daily(
    text: Text, snapshots: Sequence[AccountSnapshot], series: Sequence[Series], quoted: Sequence[Series]
) -> Table:
    """The values by day, the newest first. Each is compared with the recorded day before it."""
    shown = [*quoted, *series]
    heads = [Column(text("day"), numeric=False), *(Column(_title(text, each)) for each in shown)]
    if len(series) == 1:
        heads += [Column(text("with_unit", name=text("change"), unit=series[0].unit)), *columns(text, "percent")]
    risks = {
        snapshot.update_time.date(): (snapshot.data.total_liability_of_btc, snapshot.data.margin_level)
        for snapshot in snapshots
        if isinstance(snapshot, MarginSnapshot)
    }
    if risks:
        heads += columns(text, "debt_btc", "level")
    places = [decimals(each.amounts.values(), each.unit) for each in shown]
    of_risks = [decimals(column) for column in zip(*risks.values(), strict=True)]
    rows: list[list[Cell]] = []
    before = None
    for snapshot in snapshots:
        day = snapshot.update_time.date()
        row: list[Cell] = [str(day)]
        row += [
            amount(each.amounts[day], n) if day in each.amounts else NOT_THERE
            for each, n in zip(shown, places, strict=True)
        ]
        if len(series) == 1:
            row += _difference(series[0].amounts, before, day, places[-1]) if before else [NOT_THERE, NOT_THERE]
        if risks:
            row += [amount(found, n) for found, n in zip(risks[day], of_risks, strict=True)]
        rows.append(row)
        before = day
    return Table(text("days"), heads, rows[::-1], by_day=True)
