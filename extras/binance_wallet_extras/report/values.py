"""Values in the user's currency over time: of wallets and of accounts, each by itself and all together."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Literal, TypeAlias

from attrs import frozen

from binance_wallet_extras.plot.series import missing

from . import charts
from .language import NOT_THERE, amount, decimals, describe, moment, percent, percent_or_word, sentence, share
from .layout import Cell, Column, Figure, ForPeriod, Scope, Section, Table, columns

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from binance_wallet_client.models import WalletBalance

    from .language import Rounded, Text

__all__ = ["ValueHistory", "accounts_history", "parts_section", "total_section", "wallets_history"]

_Kind: TypeAlias = Literal["wallets", "accounts"]


@frozen
class ValueHistory:
    """The value of each wallet or each account, and of all together, by day."""

    kind: _Kind
    quote_asset: str
    moments: dict[date, datetime]
    """The time of the last record of each day, oldest first."""
    by_name: dict[str, dict[date, Decimal]]
    """Days without a record are left out."""
    total: dict[date, Decimal]
    """The value of all together."""


def wallets_history(records: Mapping[datetime, Sequence[WalletBalance]], quote_asset: str) -> ValueHistory:
    """The values of the wallets of an account, by the last record of each day."""
    moments = {at.date(): at for at in sorted(records)}
    by_name: dict[str, dict[date, Decimal]] = defaultdict(dict)
    total: dict[date, Decimal] = defaultdict(Decimal)
    for day, at in moments.items():
        for wallet in records[at]:
            days = by_name[wallet.wallet_name]
            days[day] = days.get(day, Decimal(0)) + wallet.balance
            total[day] += wallet.balance
    return ValueHistory("wallets", quote_asset, moments, _largest_first(by_name, max(moments)), total)


def accounts_history(accounts: Mapping[str, ValueHistory]) -> ValueHistory:
    """The values of accounts, each on its own days, and their total, on the days on which all have a record."""
    [quote_asset] = {each.quote_asset for each in accounts.values()}
    days = sorted(set.intersection(*({*each.moments} for each in accounts.values())))
    moments = {day: max(each.moments[day] for each in accounts.values()) for day in days}
    by_name = {name: each.total for name, each in accounts.items()}
    total = {day: sum((each.total[day] for each in accounts.values()), Decimal(0)) for day in days}
    return ValueHistory("accounts", quote_asset, moments, _largest_first(by_name, max(days, default=date.min)), total)


def _largest_first(by_name: Mapping[str, dict[date, Decimal]], last: date) -> dict[str, dict[date, Decimal]]:
    return dict(sorted(by_name.items(), key=lambda each: -each[1].get(last, Decimal(0))))


def total_section(scope: Scope, history: ValueHistory, title: str) -> Section:
    """The section with the total over time, and the last value of each part."""
    text = scope.text
    last = max(history.moments)
    in_each = dict(scope.in_periods({day: day for day in history.moments}))
    return Section(
        history.kind,
        title,
        [ForPeriod(_source(text, history, days), since) for since, days in in_each.items()],
        headline=_with_unit(text, amount(history.total[last], unit=history.quote_asset), history.quote_asset),
        changes=[
            ForPeriod(_change_since(text, history, days[0], last), since)
            for since, days in in_each.items()
            if len(days) > 1
        ],
        notes=[
            ForPeriod(text("recorded_on", count=len(days), days=(last - days[0]).days + 1), since)
            for since, days in in_each.items()
            if missing(days, last)
        ],
        figures=_lines(scope, {_named(text, "total", history): history.total}, history.quote_asset, height=260),
        tables=[
            *(table for since, days in in_each.items() if (table := _each(text, history, days[0], last, since)).rows),
            *([_daily(text, history)] if len(history.moments) > 1 else []),
        ],
    )


def parts_section(scope: Scope, history: ValueHistory) -> Section | None:
    """The section with each part over time. None if there is only one record, or one part."""
    parts = _without_zeros(history)
    figures = _lines(scope, parts, history.quote_asset)
    if len(figures) < 2:
        return None
    return Section(f"{history.kind}-over-time", scope.text(f"{history.kind}_over_time"), [], figures=figures)


def _without_zeros(history: ValueHistory) -> dict[str, dict[date, Decimal]]:
    return {name: days for name, days in history.by_name.items() if any(days.values())}


def _named(text: Text, key: str, history: ValueHistory) -> str:
    return text("with_unit", name=text(key), unit=history.quote_asset)


def _source(text: Text, history: ValueHistory, days: Sequence[date]) -> str:
    first, last = (moment(history.moments[day]) for day in (days[0], days[-1]))
    if first == last:
        return text("source_balances", moment=first)
    return text("source_recorded", first=first, last=last)


def _with_unit(text: Text, found: Rounded, unit: str) -> Rounded:
    return sentence(text, "amount", {"amount": found}, unit=unit)


def _change_since(text: Text, history: ValueHistory, first: date, last: date) -> Rounded:
    before, after = history.total[first], history.total[last]
    change = _with_unit(
        text, amount(after - before, decimals([before, after], history.quote_asset), sign="+"), history.quote_asset
    )
    if percentage := percent(before, after):
        change = sentence(text, "change_and_percent", {"change": change}, percent=percentage)
    return sentence(text, "since", {"change": change}, moment=moment(history.moments[first]))


def _lines(scope: Scope, by_name: Mapping[str, Mapping[date, Decimal]], unit: str, height: int = 160) -> list[Figure]:
    """A chart for each, if it has more than one day."""
    text = scope.text
    labels = charts.Labels.of(text, "balance")
    return [
        Figure(
            name,
            [ForPeriod(describe(text, days, unit, since), since) for since in scope.periods],
            charts.over_time(days, labels, height=height),
        )
        for name, days in by_name.items()
        if len(days) > 1
    ]


def _each(text: Text, history: ValueHistory, first: date, last: date, since: date) -> Table:
    """The last value of each part, and its change since the first record of a period."""
    zero = Decimal(0)
    by_name = {name: (days.get(first, zero), days.get(last, zero)) for name, days in history.by_name.items()}
    rows = [(name, *found) for name, found in by_name.items() if any(found)]
    before, after = history.total[first], history.total[last]
    places = decimals([before, after, *(found for _, *both in rows for found in both)], history.quote_asset)

    def cells(name: str, before: Decimal, now: Decimal) -> list[Cell]:
        shown: list[Cell] = [name, amount(now, places), share(now, after)]
        if first < last:
            shown += [amount(now - before, places, sign="+"), percent_or_word(text, before, now)]
        return shown

    heads = [
        Column(text(f"name_of_{history.kind}"), numeric=False),
        *columns(text, "balance"),
        Column(text("share"), bar=True),
    ]
    caption = _named(text, f"each_of_{history.kind}", history)
    if first < last:
        heads += columns(text, "change", "percent")
        caption = text("with_change", name=caption, moment=moment(history.moments[first]))
    return Table(
        caption,
        heads,
        [cells(*row) for row in rows],
        total=cells(text("total"), before, after) if rows else (),
        since=since,
    )


def _daily(text: Text, history: ValueHistory) -> Table:
    """The values by day, the newest first."""
    shown = [history.total, *_without_zeros(history).values()]
    places = decimals([found for days in shown for found in days.values()], history.quote_asset)
    rows: list[list[Cell]] = [
        [f"{at:%Y-%m-%d %H:%M}", *(amount(days[day], places) if day in days else NOT_THERE for days in shown)]
        for day, at in reversed(history.moments.items())
    ]
    heads = [Column(text("recorded_at"), numeric=False), *map(Column, [text("total"), *_without_zeros(history)])]
    return Table(_named(text, "days", history), heads, rows, by_day=True)
