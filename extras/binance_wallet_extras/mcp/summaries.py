"""The summaries: each result in a few sentences."""

from __future__ import annotations

from decimal import Decimal, localcontext
from typing import TYPE_CHECKING, Final

from binance_wallet_client.models import FuturesSnapshot

from binance_wallet_extras.export.prices import total_in_btc
from binance_wallet_extras.text import plural, printable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from binance_wallet import Balances
    from binance_wallet_client.models import AccountSnapshot

    from .results import Day, Endpoint, Granularity, RecordedAccount

__all__ = [
    "format_time",
    "left_out_of_days",
    "left_out_of_values",
    "of_balances",
    "of_days",
    "of_limits",
    "of_status",
    "of_values",
]

_DIGITS: Final = 60  # enough for any quotient that is rounded to one decimal
_MAX_NAME: Final = 40  # characters


def format_time(moment: datetime) -> str:
    """A time in UTC, to the second."""
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"


def of_balances(account: str, found: Balances, at: datetime) -> str:
    """What all wallets together are worth, and each wallet that is not empty."""
    wallets = [f"{_name(each.wallet_name)} {each.balance:f}" for each in found if each.balance]
    total = f"All wallets of {account} together are worth {found.total:f} {_name(found.quote_asset)}"
    return f"{total} at {format_time(at)}. By wallet: {', '.join(wallets) or 'all are empty'}."


def of_days(type_: str, account: str, days: Sequence[AccountSnapshot]) -> str:
    """What it was worth on the first and the last day, or what it held on the last."""
    if not days:
        return f"The exchange has no {type_} day of {account} in this period."
    first, last = days[0], days[-1]
    dates = f"from {first.update_time.date()} to {last.update_time.date()}"
    period = f"{plural(len(days), f'{type_} day')} of {account}, {dates}"
    if isinstance(last, FuturesSnapshot):  # it has no total
        held = f"{plural(len(last.data.assets), 'asset')} and {plural(len(last.data.position), 'position')}"
        return f"{period}. At the end of the last day it had {held}."
    before, after = (total_in_btc(day) or Decimal(0) for day in (first, last))
    return f"{period}. It was worth {_from_to(before, after, 'BTC')}."


def of_values(account: str, quote: str, totals: Mapping[datetime, Decimal]) -> str:
    """The first, the last, the lowest and the highest value."""
    first, last = min(totals), max(totals)
    low, high = min(totals, key=totals.__getitem__), max(totals, key=totals.__getitem__)
    period = f"{plural(len(totals), 'record')} of {account}, from {format_time(first)} to {format_time(last)}"
    worth = f"All wallets together were worth {_from_to(totals[first], totals[last], _name(quote))}"
    lowest, highest = (f"{totals[at]:f} on {at.date()}" for at in (low, high))
    return f"{period}. {worth}. Lowest: {lowest}; highest: {highest}."


def of_status(accounts: Sequence[RecordedAccount], missing: Sequence[str]) -> str:
    """What is recorded of each account."""
    parts = []
    for each in accounts:
        days = [f"{days.type} {plural(days.days, 'day')} to {days.last}" for days in each.snapshots]
        balances = [f"balances in {_name(one.quote)} {plural(one.records, 'time')}" for one in each.balances]
        parts.append(f"{each.account}: {', '.join(days + balances)}.")
    parts += [f"{name}: nothing is recorded." for name in missing]
    return " ".join(parts)


def of_limits(endpoints: Sequence[Endpoint], seconds: int, until: datetime | None, *, is_ban: bool) -> str:
    """How much weight is used and left, and whether the exchange wants a pause."""
    used = ", ".join(f"{each.used:,} of {each.used + each.left:,} used for {each.endpoint}" for each in endpoints)
    minute = f"In this minute, {used}. The next minute begins in {seconds} s."
    if until is None:
        return minute
    why = "has banned this IP address" if is_ban else "wants a pause"
    return f"The exchange {why}: nothing is sent until {format_time(until)}. {minute}"


def left_out_of_days(type_: str, every: Sequence[Day], shown: Sequence[Day]) -> str | None:
    """What `newest_days` has left out, and how to get it."""
    parts = []
    if older := every[: len(every) - len(shown)]:
        count = plural(len(older), "day")
        parts.append(f"{count} up to {older[-1].day}: ask with from={older[0].day} and to={older[-1].day}")
    if bare := [day.day for day in shown if day.assets is None]:
        held = f"what it held on {plural(len(bare), 'day')} up to {bare[-1]}"
        parts.append(f"{held}: ask with from={bare[0]} and to={bare[-1]}")
    if shown and (missing := _held(every[-1]) - _held(shown[-1])):
        parts.append(f"the last {missing:,} of {_held(every[-1]):,} assets and positions of {shown[-1].day}")
    command = f"the command `binance-wallet snapshots {type_}` writes all to a file, with --output"
    return "; ".join([*parts, command]) if parts else None


def _held(day: Day) -> int:
    return len(day.assets or ()) + len(day.positions)


def left_out_of_values(granularity: Granularity, shown: int, total: int) -> str | None:
    """What `downsampled` has left out, and how to get it."""
    if shown == total:
        return None
    kept = f"this is the last one of each {granularity}"
    return f"{total - shown} of {total} records: {kept}; ask for a shorter period with from and to"


def _from_to(before: Decimal, after: Decimal, unit: str) -> str:
    if before <= 0:
        return f"{before:f} {unit} at first, and {after:f} {unit} at last"
    with localcontext(prec=_DIGITS):
        change = (after - before) / before
    return f"{before:f} {unit} at first, and {after:f} {unit} at last: {change:+.1%}"


def _name(name: str) -> str:
    shown = printable(name)
    return shown if len(shown) <= _MAX_NAME else f"{shown[:_MAX_NAME]}…"
