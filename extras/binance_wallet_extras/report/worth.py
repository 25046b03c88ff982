"""What wallets are worth in the user's currency, all together and each by itself; and the same of several accounts."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Literal, TypeAlias

from attrs import frozen

from binance_wallet_extras.plot.series import missing

from . import charts
from .layout import Cell, Column, Figure, ForPeriod, Scope, Section, Table, columns
from .text import NOT_THERE, amount, decimals, in_words, moment, percent, percent_or_word, sentence, share

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from binance_wallet_client.models import WalletBalance

    from .text import Rounded, Text

__all__ = ["Worth", "of_accounts", "of_wallets", "over_time", "together"]

_Parts: TypeAlias = Literal["wallets", "accounts"]


@frozen
class Worth:
    """What each of several parts was worth, and all of them together, on the days that there is a record of."""

    parts: _Parts
    quote_asset: str
    moments: dict[date, datetime]
    """Of the last record of each day, oldest first."""
    by_name: dict[str, dict[date, Decimal]]
    """What there was no record of is not there."""
    total: dict[date, Decimal]
    """All parts together."""


def of_wallets(records: Mapping[datetime, Sequence[WalletBalance]], quote_asset: str) -> Worth:
    """The wallets of an account, by the last record of each day."""
    moments = {at.date(): at for at in sorted(records)}
    by_name: dict[str, dict[date, Decimal]] = defaultdict(dict)
    total: dict[date, Decimal] = defaultdict(Decimal)
    for day, at in moments.items():
        for wallet in records[at]:
            days = by_name[wallet.wallet_name]
            days[day] = days.get(day, Decimal(0)) + wallet.balance
            total[day] += wallet.balance
    return Worth("wallets", quote_asset, moments, _largest_first(by_name, max(moments)), total)


def of_accounts(accounts: Mapping[str, Worth]) -> Worth:
    """Several accounts, each on its own days; and their total, on the days that there is a record of each of them."""
    [quote_asset] = {each.quote_asset for each in accounts.values()}
    days = sorted(set.intersection(*({*each.moments} for each in accounts.values())))
    moments = {day: max(each.moments[day] for each in accounts.values()) for day in days}
    by_name = {name: each.total for name, each in accounts.items()}
    total = {day: sum((each.total[day] for each in accounts.values()), Decimal(0)) for day in days}
    return Worth("accounts", quote_asset, moments, _largest_first(by_name, max(days, default=date.min)), total)


def _largest_first(by_name: Mapping[str, dict[date, Decimal]], last: date) -> dict[str, dict[date, Decimal]]:
    return dict(sorted(by_name.items(), key=lambda each: -each[1].get(last, Decimal(0))))


def together(scope: Scope, worth: Worth, title: str) -> Section:
    """All parts together over time, and what each of them is worth at last."""
    text, last = scope.text, max(worth.moments)
    in_each = dict(scope.in_periods({day: day for day in worth.moments}))
    return Section(
        worth.parts,
        title,
        [ForPeriod(_source(text, worth, days), since) for since, days in in_each.items()],
        headline=_with_unit(text, amount(worth.total[last], unit=worth.quote_asset), worth.quote_asset),
        changes=[
            ForPeriod(_change_since(text, worth, days[0], last), since)
            for since, days in in_each.items()
            if len(days) > 1
        ],
        notes=[
            ForPeriod(text("recorded_on", count=len(days), days=(last - days[0]).days + 1), since)
            for since, days in in_each.items()
            if missing(days, last)
        ],
        figures=_lines(scope, {_named(text, "total", worth): worth.total}, worth.quote_asset, height=260),
        tables=[
            *(table for since, days in in_each.items() if (table := _each(text, worth, days[0], last, since)).rows),
            *([_daily(text, worth)] if len(worth.moments) > 1 else []),
        ],
    )


def over_time(scope: Scope, worth: Worth) -> Section | None:
    """Each part by itself over time. None if there is but one record, or one part."""
    parts = _with_something(worth)
    figures = _lines(scope, parts, worth.quote_asset)
    if len(figures) < 2:
        return None
    return Section(f"{worth.parts}-over-time", scope.text(f"{worth.parts}_over_time"), [], figures=figures)


def _with_something(worth: Worth) -> dict[str, dict[date, Decimal]]:
    return {name: days for name, days in worth.by_name.items() if any(days.values())}


def _named(text: Text, key: str, worth: Worth) -> str:
    return text("with_unit", name=text(key), unit=worth.quote_asset)


def _source(text: Text, worth: Worth, days: Sequence[date]) -> str:
    first, last = (moment(worth.moments[day]) for day in (days[0], days[-1]))
    if first == last:
        return text("source_balances", moment=first)
    return text("source_recorded", first=first, last=last)


def _with_unit(text: Text, found: Rounded, unit: str) -> Rounded:
    return sentence(text, "amount", {"amount": found}, unit=unit)


def _change_since(text: Text, worth: Worth, first: date, last: date) -> Rounded:
    before, after = worth.total[first], worth.total[last]
    change = _with_unit(
        text, amount(after - before, decimals([before, after], worth.quote_asset), sign="+"), worth.quote_asset
    )
    if percentage := percent(before, after):
        change = sentence(text, "change_and_percent", {"change": change}, percent=percentage)
    return sentence(text, "since", {"change": change}, moment=moment(worth.moments[first]))


def _lines(scope: Scope, by_name: Mapping[str, Mapping[date, Decimal]], unit: str, height: int = 160) -> list[Figure]:
    """A chart of each, if it has more than one day."""
    text = scope.text
    labels = charts.Labels.of(text, "balance")
    return [
        Figure(
            name,
            [ForPeriod(in_words(text, days, unit, since), since) for since in scope.periods],
            charts.over_time(days, labels, height=height),
        )
        for name, days in by_name.items()
        if len(days) > 1
    ]


def _each(text: Text, worth: Worth, first: date, last: date, since: date) -> Table:
    """What each part is worth at last, and how that changed since the first record of a period."""
    zero = Decimal(0)
    by_name = {name: (days.get(first, zero), days.get(last, zero)) for name, days in worth.by_name.items()}
    rows = [(name, *found) for name, found in by_name.items() if any(found)]
    before, after = worth.total[first], worth.total[last]
    places = decimals([before, after, *(found for _, *both in rows for found in both)], worth.quote_asset)

    def cells(name: str, before: Decimal, now: Decimal) -> list[Cell]:
        shown: list[Cell] = [name, amount(now, places), share(now, after)]
        if first < last:
            shown += [amount(now - before, places, sign="+"), percent_or_word(text, before, now)]
        return shown

    heads = [
        Column(text(f"name_of_{worth.parts}"), numeric=False),
        *columns(text, "balance"),
        Column(text("share"), bar=True),
    ]
    caption = _named(text, f"each_of_{worth.parts}", worth)
    if first < last:
        heads += columns(text, "change", "percent")
        caption = text("with_change", name=caption, moment=moment(worth.moments[first]))
    return Table(
        caption,
        heads,
        [cells(*row) for row in rows],
        total=cells(text("total"), before, after) if rows else (),
        since=since,
    )


def _daily(text: Text, worth: Worth) -> Table:
    """The days that there are, the last one first."""
    shown = [worth.total, *_with_something(worth).values()]
    places = decimals([found for days in shown for found in days.values()], worth.quote_asset)
    rows: list[list[Cell]] = [
        [f"{at:%Y-%m-%d %H:%M}", *(amount(days[day], places) if day in days else NOT_THERE for days in shown)]
        for day, at in reversed(worth.moments.items())
    ]
    heads = [Column(text("recorded_at"), numeric=False), *map(Column, [text("total"), *_with_something(worth)])]
    return Table(_named(text, "days", worth), heads, rows, by_day=True)
