"""Tables for people to read. No amount or date is split: columns that do not fit are left out, with a note."""

from __future__ import annotations

import re
from bisect import bisect_right
from decimal import MAX_PREC, Decimal, localcontext
from functools import partial
from itertools import groupby, pairwise
from textwrap import wrap
from typing import TYPE_CHECKING, Any, Final, TypeVar

from attrs import define, field
from rich.box import SIMPLE, Box
from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from binance_wallet_extras.export.prices import total_in_btc
from binance_wallet_extras.futures_symbols import quote_asset_of_symbol
from binance_wallet_extras.text import printable

from .terminal import encodable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from binance_wallet import Balances
    from binance_wallet_client.models import (
        AccountSnapshot,
        FuturesPosition,
        FuturesSnapshot,
        MarginSnapshot,
        SpotSnapshot,
        WalletBalance,
    )
    from rich.console import Console, ConsoleOptions, RenderResult

    from binance_wallet_extras.archive import BalancesStatus, Price, PricesStatus, Status
    from binance_wallet_extras.export import RecordedBalance
    from binance_wallet_extras.export.prices import Quote

__all__ = [
    "archive_status",
    "balances",
    "balances_of_accounts",
    "each_account",
    "history",
    "prices",
    "recorded_balances",
    "snapshots",
]

T = TypeVar("T")

_EIGHT_DECIMALS: Final = Decimal("0.00000001")  # as the exchange's own amounts have
_NO_PRICE: Final = "no price"
_UNLIMITED: Final = 10_000
_PLAIN: Final = Box("    \n    \n -- \n    \n    \n -- \n    \n    ", ascii=True)  # SIMPLE in ASCII
_NUMBER: Final = re.compile(r"[+-]?\d+(\.\d+)?")


@define
class _Sheet:
    """A table of amounts by name. If not all columns fit, the last ones are left out."""

    title: str
    name: str
    amounts: Sequence[str]
    rows: list[list[str]] = field(factory=list)
    totals: list[list[str]] = field(factory=list)
    names: int = 1
    """The number of columns with names. The other columns have amounts."""

    def add(self, name: str, *amounts: Decimal | str | None) -> None:
        self.rows.append(_row(name, *amounts))

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield from self.shown_in(options.encoding).parts(console, options)

    def shown_in(self, encoding: str) -> _Sheet:
        """The same sheet with escapes for characters that the encoding lacks, so that its widths are right."""

        def shown(texts: Iterable[str]) -> list[str]:
            return [encodable(printable(text), encoding) for text in texts]

        title, name = shown([self.title, self.name])
        rows, totals = [*map(shown, self.rows)], [*map(shown, self.totals)]
        return _Sheet(title, name, shown(self.amounts), rows, totals, self.names)

    def parts(self, console: Console, options: ConsoleOptions) -> RenderResult:
        unlimited, width = options.update(max_width=_UNLIMITED), options.max_width

        def table(shown: int, *, folded: bool) -> Table:
            return self._table(shown, folded=folded, in_ascii=options.ascii_only)

        def needed(shown: int, *, folded: bool) -> int:
            return console.measure(table(shown, folded=folded), options=unlimited).maximum

        # Show only columns that fit, so that rich does not shorten or split anything.
        counts = range(self.names, len(self.amounts) + 1)
        fitting = bisect_right(counts, width, key=lambda count: needed(count, folded=True))
        if not fitting:
            yield self._upright(width)
            return
        shown = counts[fitting - 1]
        yield table(shown, folded=needed(shown, folded=False) > width)
        if left_out := self.amounts[shown:]:
            yield Text(f"Too narrow for {', '.join(left_out)}: widen the terminal, or pipe into less -S.\n")

    def _table(self, shown: int, *, folded: bool, in_ascii: bool) -> Table:
        """A table of the first columns. If folded, headings may have several lines; cells have one."""
        box = _PLAIN if in_ascii else SIMPLE
        table = Table(title=Text(self.title), title_justify="left", title_style="bold", box=box, pad_edge=False)
        rows = [*self.rows, *self.totals]
        columns: list[Sequence[str]] = []
        for index, heading in enumerate([self.name, *self.amounts[:shown]]):
            is_name = index < self.names
            cells = [row[index] for row in rows] if is_name else _aligned([row[index] for row in rows])
            width = max(map(cell_len, [*(heading.split() if folded else [heading]), *cells]))
            columns.append(cells if is_name else [" " * (width - cell_len(cell)) + cell for cell in cells])
            table.add_column(Text(heading, justify="left" if is_name else "right"), width=width)
        for index, row in enumerate(zip(*columns, strict=True)):
            is_total = index >= len(self.rows)
            if index == len(self.rows):
                table.add_section()
            table.add_row(*map(Text, row), style="bold" if is_total else None)
        return table

    def _upright(self, width: int) -> Text:
        fold = partial(wrap, width=width, break_long_words=False, break_on_hyphens=False)
        lines = [self.title]
        for name, *amounts in [*self.rows, *self.totals]:
            lines += [
                "",
                name,
                *(f"{what}: {amount}" for what, amount in zip(self.amounts, amounts, strict=True) if amount),
            ]
        return Text("\n".join("\n".join(fold(line)) for line in [*lines, ""]), no_wrap=True, overflow="ignore")


def _aligned(cells: Sequence[str]) -> list[str]:
    """The cells of a column, with spaces after the numbers, so that their decimal points are aligned."""
    numbers = [_NUMBER.fullmatch(cell) for cell in cells]
    fractions = [len(number[1] or "") if number else 0 for number in numbers]
    longest = max(fractions, default=0)
    return [
        cell + " " * (longest - fraction) if number else cell
        for cell, number, fraction in zip(cells, numbers, fractions, strict=True)
    ]


def balances(wallets: Balances) -> RenderableType:
    """The balance of each wallet, their total, and the assets of each wallet, if known."""
    sheet = _Sheet("Wallets", "Wallet", [f"Balance ({wallets.quote_asset})"])
    for wallet in wallets:
        sheet.add(_wallet_name(wallet), wallet.balance)
    sheet.totals.append(_row("Total", wallets.total))
    return Group(sheet, *(_held(f"{each.wallet_name} wallet", each) for each in wallets if each.asset_balances))


def balances_of_accounts(accounts: Mapping[str, Balances], missing: Sequence[str]) -> RenderableType:
    """The wallets of several accounts, the total of each account, and the total of all accounts that are here.

    The last row says whether accounts are missing. Other formats then have no grand total.
    """
    [quote] = {wallets.quote_asset for wallets in accounts.values()}
    but = f" but {', '.join(missing)}" if missing else ""
    sheet = _Sheet(f"Wallets of all accounts{but}", "Account", ["Wallet", f"Balance ({quote})"], names=2)
    for name, wallets in accounts.items():
        for wallet in wallets:
            sheet.add(name, _wallet_name(wallet), wallet.balance)
        sheet.totals.append(_row(name, "Total", wallets.total))
    with localcontext(prec=MAX_PREC):
        total = sum((wallets.total for wallets in accounts.values()), Decimal(0))
    sheet.totals.append(_row("These accounts" if missing else "All accounts", "Total", total))
    held = [
        _held(f"{name}: {wallet.wallet_name} wallet", wallet)
        for name, wallets in accounts.items()
        for wallet in wallets
        if wallet.asset_balances
    ]
    return Group(sheet, *held)


def _wallet_name(wallet: WalletBalance) -> str:
    return wallet.wallet_name + ("" if wallet.activate else " (inactive)")


def _held(title: str, wallet: WalletBalance) -> _Sheet:
    sheet = _Sheet(title, "Asset", ["Value (BTC)", "Free", "Locked", "Frozen", "Withdrawing"])
    for each in sorted(wallet.asset_balances or (), key=lambda asset: asset.btc_valuation, reverse=True):
        sheet.add(each.asset, each.btc_valuation, each.free, each.locked, each.freeze, each.withdrawing)
    return sheet


def recorded_balances(wallets: Sequence[RecordedBalance], owner: str = "") -> RenderableType:
    """The balances of wallets over time, with totals, by quote asset; and their last assets, if known.

    `owner` is the name of the account, if there are several.
    """
    of = f"{owner}: " if owner else ""
    sheets = []
    for quote in dict.fromkeys(wallet.quote_asset for wallet in wallets):
        of_quote = [wallet for wallet in wallets if wallet.quote_asset == quote]
        names = [*dict.fromkeys(wallet.wallet_name for wallet in of_quote)]
        by_time: dict[datetime, dict[str, Decimal]] = {}
        for wallet in of_quote:
            balances, name = by_time.setdefault(wallet.recorded_at, {}), wallet.wallet_name
            with localcontext(prec=MAX_PREC):
                balances[name] = balances.get(name, Decimal(0)) + wallet.balance  # a wallet may be listed twice
        sheet = _Sheet(f"{of}Balances ({quote})", "Recorded at (UTC)", ["Total", *names])
        for at, balances in by_time.items():
            with localcontext(prec=MAX_PREC):
                total = sum(balances.values(), Decimal(0))
            sheet.add(f"{at:%Y-%m-%d %H:%M}", total, *(balances.get(name) for name in names))
        sheets.append(sheet)
    if not sheets:
        return Text(f"{printable(of)}All recorded wallets were empty: see --all.\n")
    last = max(wallet.recorded_at for wallet in wallets)
    held = [wallet for wallet in wallets if wallet.recorded_at == last and wallet.asset_balances]
    return Group(
        *sheets, *(_held(f"{of}{each.wallet_name} wallet at {last:%Y-%m-%d %H:%M} (UTC)", each) for each in held)
    )


def each_account(render: Callable[[T, str], RenderableType], found: Mapping[str, T]) -> RenderableType:
    """The tables of several accounts, one after the other."""
    return Group(*(render(each, name) for name, each in found.items()))


def archive_status(
    location: str, statuses: Sequence[Status], balances: Sequence[BalancesStatus], prices: Sequence[PricesStatus]
) -> RenderableType:
    """The location of an archive, its days, balances and prices, and the missing days."""
    heading = Text(f"Archive: {printable(location)}\n", no_wrap=True, overflow="ignore")
    recorded = _Sheet("Recorded days (UTC)", "Account and type", ["First", "Last", "Days", "Corrections"])
    missing = _Sheet("Missing days (UTC)", "Account and type", ["State", "First", "Last", "Days"])
    for each in statuses:
        name = f"{each.account}: {each.type.lower()}"
        recorded.add(name, *map(str, (each.first, each.last, each.days, each.corrections)))
        for gap in each.gaps:
            missing.add(name, "lost" if gap.lost else "pending", str(gap.first), str(gap.last), str(gap.days))
    moments = _Sheet("Recorded balances (UTC)", "Account and quote asset", ["First", "Last", "Records"])
    for record in balances:
        times = (f"{moment:%Y-%m-%d %H:%M}" for moment in (record.first, record.last))
        moments.add(f"{record.account}: {record.quote_asset}", *times, str(record.records))
    priced = _Sheet("Prices of BTC, by day (UTC)", "Quote asset", ["First", "Last", "Days", "Imported"])
    for price in prices:
        priced.add(price.quote_asset, *map(str, (price.first, price.last, price.days, price.imported)))
    return Group(
        heading,
        recorded if statuses else Text("No snapshots are recorded yet.\n"),
        *([missing if missing.rows else Text("No days are missing.\n")] if statuses else []),
        moments if balances else Text("No balances are recorded yet.\n"),
        *([priced] if prices else []),
    )


def prices(records: Sequence[Price]) -> RenderableType:
    """The price of BTC by day: a table for each quote asset."""
    sheets = []
    for quote, of_quote in groupby(records, lambda price: price.quote_asset):
        sheet = _Sheet(f"Prices of BTC in {quote}", "Day (UTC)", [f"Price ({quote})", "Source", "Recorded at (UTC)"])
        for price in of_quote:
            sheet.add(str(price.day), price.price, price.source, f"{price.recorded_at:%Y-%m-%d %H:%M}")
        sheets.append(sheet)
    return Group(*sheets) if sheets else Text("No prices are recorded.\n")


def history(found: Mapping[str, Mapping[str, Sequence[AccountSnapshot]]], quote: Quote | None) -> RenderableType:
    """What several accounts were worth day by day: see `snapshots`."""
    return Group(*(snapshots(type_, days, quote, name) for name, each in found.items() for type_, days in each.items()))


def snapshots(
    type_: str, days: Sequence[AccountSnapshot], quote: Quote | None = None, owner: str = ""
) -> RenderableType:
    """What spot, margin or futures was worth day by day, and what it held at the end of the last of these days.

    `owner` is the name of the account, if there are several.
    """
    of = f"{printable(owner)}: " if owner else ""
    if not days:
        return Text(f"{of}No {type_} snapshots in this period. A day has one after its end (UTC).\n")
    sheets = [*_TYPES[type_](days, quote)]
    for sheet in sheets:
        if isinstance(sheet, _Sheet):
            sheet.title = of + sheet.title
    return Group(*sheets)


def _spot(days: Sequence[SpotSnapshot], quote: Quote | None) -> Iterable[_Sheet]:
    yield _worth("Spot account", "Value", days, quote, {})

    held = _Sheet(f"Held at the end of {_date(days[-1])} (UTC)", "Asset", ["Free", "Locked"])
    for asset in days[-1].data.balances:
        if asset.free or asset.locked:
            held.add(asset.asset, asset.free, asset.locked)
    yield held


def _margin(days: Sequence[MarginSnapshot], quote: Quote | None) -> Iterable[_Sheet]:
    owed = [day.data.total_liability_of_btc for day in days]
    levels = [day.data.margin_level for day in days]
    yield _worth("Margin account", "Net value", days, quote, {"Owed (BTC)": owed, "Margin level": levels})

    title = f"Held at the end of {_date(days[-1])} (UTC)"
    held = _Sheet(title, "Asset", ["Net", "Free", "Locked", "Borrowed", "Interest"])
    for asset in days[-1].data.user_assets:
        amounts = asset.net_asset, asset.free, asset.locked, asset.borrowed, asset.interest
        if any(amounts):
            held.add(asset.asset, *amounts)
    yield held


def _worth(
    title: str,
    value: str,
    days: Sequence[AccountSnapshot],
    quote: Quote | None,
    others: Mapping[str, Sequence[Decimal]],
) -> _Sheet:
    """What spot or margin was worth day by day: in BTC, or first in the quote asset, with how that changed."""
    in_btc = [total_in_btc(day) for day in days]
    worth = [quote.value(day) for day in days] if quote else in_btc
    asset = quote.asset if quote else "BTC"
    changes, percentages = zip(*_changes(worth), strict=True)
    changed = {f"Change ({asset})": changes, "Change (%)": percentages}
    columns: Mapping[str, Sequence[Decimal | str | None]] = {f"{value} (BTC)": in_btc, **others}
    if quote:
        shown = [_NO_PRICE if amount is None else amount for amount in worth]
        columns = {f"{value} ({asset})": shown, **changed, **columns}
    else:
        columns = {**columns, **changed}
    sheet = _Sheet(title, "Day (UTC)", [*columns])
    for day, *amounts in zip(days, *columns.values(), strict=True):
        sheet.add(_date(day), *amounts)
    return sheet


def _futures(days: Sequence[FuturesSnapshot], quote: Quote | None) -> Iterable[RenderableType]:
    # Snapshots of futures have no total, and no prices to compute one.
    balances = [{asset.asset: asset.wallet_balance for asset in day.data.assets} for day in days]
    assets = dict.fromkeys(asset for held in balances for asset, amount in held.items() if amount)
    wallet = _Sheet("Futures account: wallet balance", "Day (UTC)", [*assets])
    for day, held in zip(days, balances, strict=True):
        wallet.add(_date(day), *(held.get(asset) for asset in assets))
    yield wallet
    if quote:
        yield Text(f"Snapshots of futures have no total, and so none in {printable(quote.asset)}.\n")

    by_quote: dict[str, list[FuturesPosition]] = {}
    for position in days[-1].data.position:
        by_quote.setdefault(quote_asset_of_symbol(position.symbol, balances[-1]), []).append(position)
    for unit, positions in by_quote.items():
        columns = ["Size", f"Notional ({unit})", f"Entry price ({unit})", f"Mark price ({unit})"]
        opened = _Sheet(f"Positions at the end of {_date(days[-1])} (UTC)", "Symbol", columns)
        for position in positions:
            with localcontext(prec=MAX_PREC):
                notional = (position.position_amt * position.mark_price).quantize(_EIGHT_DECIMALS)
            opened.add(position.symbol, position.position_amt, notional, position.entry_price, position.mark_price)
        yield opened


_TYPES: Final[Mapping[str, Callable[[Sequence[Any], Quote | None], Iterable[RenderableType]]]] = {
    "spot": _spot,
    "margin": _margin,
    "futures": _futures,
}


def _date(day: AccountSnapshot) -> str:
    return f"{day.update_time:%Y-%m-%d}"


def _changes(values: Sequence[Decimal | None]) -> Iterable[tuple[str, str]]:
    """The change from the day before, as an amount and in percent; empty if either value is unknown."""
    yield "", ""
    for before, value in pairwise(values):
        if before is None or value is None:
            yield "", ""
        else:
            yield f"{value - before:+f}", f"{100 * (value - before) / abs(before):+.2f}" if before else ""


def _row(name: str, *amounts: Decimal | str | None) -> list[str]:
    return [name, *(f"{amount:f}" if isinstance(amount, Decimal) else amount or "" for amount in amounts)]
