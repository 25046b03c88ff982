"""The page: one HTML file that loads nothing else."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import localcontext
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from typing import TYPE_CHECKING, Final, Literal

from attrs import evolve
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from binance_wallet_extras.export import ExportError
from binance_wallet_extras.export.prices import Quote, check_prices
from binance_wallet_extras.names import quote_asset_problem
from binance_wallet_extras.plot.html import embed_json, library, policy
from binance_wallet_extras.text import printable

from . import snapshots
from .account import Account, AccountData, quote_asset_of
from .assets import assets
from .charts import CONFIG
from .language import Language, Text, moment
from .layout import ForPeriod, Scope, Section
from .values import ValueHistory, accounts_history, parts_section, total_section

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from binance_wallet_extras.export.prices import Prices

__all__ = ["render"]

_PERIODS: Final = (7, 30, 90, 365)
_TOGETHER: Final = "all"
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d( \d\d:\d\d)?")
_DIGITS: Final = 100  # enough for exact sums, and few enough for short quotients
_LOCALES: Final[Mapping[Language, Literal["en-US", "zh-CN"]]] = {Language.EN: "en-US", Language.ZH: "zh-CN"}


def render(
    *accounts: Account,
    quote_asset: str | None = None,
    prices: Prices | None = None,
    title: str | None = None,
    language: Language | str = Language.EN,
    made_at: datetime | None = None,
) -> str:
    """Make a page that shows what the wallets hold, how that grew, and what changed. Return its HTML.

    The page is one file. It works without a network, and its content security policy lets nothing in from outside. It
    shows no key. It names accounts only if there are several, or if `title` does.

    Args:
        accounts: One account; or several: then the page shows their total, and the account that the reader chooses.
        quote_asset: The asset that balances and prices are in, unless the balances say so themselves.
        prices: By day (UTC), what one BTC was worth at its end: see `Archive.prices`. With them, the page shows spot
            and margin accounts in `quote_asset`, too, and counts the days without a price.
        title: The heading of the page.
        language: "en" or "zh".
        made_at: The moment of the accounts' `balances`, which the page shows, as an aware datetime; by default now.

    Raises:
        ExportError: There are neither snapshots nor balances; or these are not lists of them; or the balances are in
            several assets, or in an unknown one; or there are several accounts, and their names are not all different;
            or an account that failed has records; or `language` or `quote_asset` is wrong.
        PricesError: `prices` are not prices by day.
    """
    if language not in [*Language]:
        raise ExportError(f"language must be one of {', '.join(Language)}, not {language!r}")
    if quote_asset is not None and (problem := quote_asset_problem(quote_asset)):
        raise ExportError(problem)
    prices = prices or {}
    check_prices(prices)
    names = Counter(account.name for account in accounts)
    if len(accounts) > 1 and ("" in names or len(names) < len(accounts)):
        raise ExportError("several accounts need a name each: Account(..., name=...)")
    text = Text(Language(language))
    made_at = (made_at or datetime.now(UTC)).astimezone(UTC)
    records = [account.records() for account in accounts]
    quote_asset = quote_asset_of(records, quote_asset)
    with localcontext(prec=_DIGITS):
        data = [AccountData.of(each, quote_asset, made_at) for each in records]
        if not any(each.types or each.values for each in data):
            raise ExportError("there is nothing to report: no snapshots and no balances")
        periods = _periods(text, data)
        scope = Scope(text, [since for _, since in periods], Quote(quote_asset, prices))
        shown = [*_sections(scope, data)]
    last = max((day for each in data for day in each.days), default=date.min)
    return _page(
        text,
        title=title or text("title"),
        made=moment(made_at),
        covers=[ForPeriod(text.span(since, last), since) for _, since in periods],
        notes=_notes_of_page(scope, data, shown),
        choices=_choices(text, data, shown),
        periods=periods,
        sections=shown,
    )


def _periods(text: Text, accounts: Sequence[AccountData]) -> list[tuple[str, date]]:
    """The periods to choose from, and their first days. The last one is the whole period."""
    days = [day for account in accounts for day in account.days]
    if not days:
        return []
    first, last = min(days), max([day for account in accounts for day in account.snapshot_days] or days)
    shorter = [(text("last_days", days=days), last - timedelta(days)) for days in _PERIODS]
    return [*((label, since) for label, since in shorter if since > first), (text("all_days"), first)]


def _sections(scope: Scope, accounts: Sequence[AccountData]) -> Iterator[Section]:
    if len(accounts) == 1:
        yield from _account_sections(scope, accounts[0], _notes(scope, accounts[0]))
        return
    for section in _total_sections(scope, accounts):
        yield evolve(section, group=_TOGETHER)
    has_total = any(account.values for account in accounts)  # if not, the page says once that there are no balances
    for number, account in enumerate(accounts, 1):
        for section in _account_sections(scope, account, _notes(scope, account, of_balances=has_total)):
            title = scope.text("of_account", account=account.name, title=section.title)
            yield evolve(section, id=f"account-{number}-{section.id}", title=title, group=str(number))


def _total_sections(scope: Scope, accounts: Sequence[AccountData]) -> Iterator[Section]:
    """Several accounts together."""
    text = scope.text
    by_name = {account.name: account.values for account in accounts if account.values}
    if not by_name:
        return
    history = accounts_history(by_name)
    others = text.listed(account.name for account in accounts if not account.values)
    title = text("all_accounts_but", accounts=others) if others else text("all_accounts")
    section = total_section(scope, history, title) if history.moments else Section(history.kind, title, [])
    notes = [*map(ForPeriod, _notes_of_total(scope, accounts, history))]
    yield evolve(section, notes=[*section.notes, *notes])
    if parts := parts_section(scope, history):
        yield parts


def _notes_of_total(scope: Scope, accounts: Sequence[AccountData], history: ValueHistory | None) -> Iterator[str]:
    """The days and accounts that are not in the total of several accounts, and why.

    `history` is None if no account has balances.
    """
    text = scope.text
    unit = scope.quote.asset
    if history is None:
        yield text("no_total", unit=unit)
    elif not history.moments:
        yield text("no_common_day")
    elif any({*account.values.moments} - {*history.moments} for account in accounts if account.values):
        yield text("total_of_days")
    if failed := [account.name for account in accounts if account.failed]:
        yield text("not_read", accounts=text.listed(failed))
    if history and (others := [account.name for account in accounts if not (account.values or account.failed)]):
        yield text("not_in_total", unit=unit, accounts=text.listed(others))


def _account_sections(scope: Scope, account: AccountData, notes: Sequence[str]) -> Iterator[Section]:
    found = [*_all_sections(scope, account)]
    for section in found[:1]:
        yield evolve(section, notes=[*map(ForPeriod, notes), *section.notes])
    yield from found[1:]


def _all_sections(scope: Scope, account: AccountData) -> Iterator[Section]:
    if account.values:
        yield total_section(scope, account.values, scope.text("all_wallets"))
        if wallets := parts_section(scope, account.values):
            yield wallets
    if account.assets:
        yield assets(scope, account.assets)
    last = max(account.snapshot_days, default=date.min)
    if changes := snapshots.changes(scope, account.held, last):
        yield changes
    for each in account.held:
        yield snapshots.account(scope, each, last)


def _notes(scope: Scope, account: AccountData, *, of_balances: bool = True) -> list[str]:
    """What is missing of an account, and why."""
    text = scope.text
    notes = []
    if not account.types:
        notes.append(text("no_snapshots"))
    if empty := [text(each[0].type) for each in account.types if each not in account.held]:
        notes.append(text("nothing_held", accounts=text.listed(empty)))
    if account.values and not account.assets:
        notes.append(text("no_assets"))
    if of_balances and not account.values:
        notes.append(text("no_balances", unit=scope.quote.asset))
    return notes


def _notes_of_page(scope: Scope, accounts: Sequence[AccountData], shown: Sequence[Section]) -> list[str]:
    """The notes that belong to no section."""
    if len(accounts) == 1:
        return [] if shown else _notes(scope, accounts[0])
    return [] if any(account.values for account in accounts) else [*_notes_of_total(scope, accounts, None)]


def _choices(text: Text, accounts: Sequence[AccountData], shown: Sequence[Section]) -> list[tuple[str, str]]:
    """The groups of sections to choose from, as values and labels. The first one is the default."""
    if len(accounts) == 1:
        return [("", text("all")), *((each[0].type, text(each[0].type)) for each in accounts[0].held)]
    first = _TOGETHER if any(section.group == _TOGETHER for section in shown) else ""
    filled = [(str(number), each.name) for number, each in enumerate(accounts, 1) if each.types or each.values]
    return [(first, text("all")), *filled]


def _page(text: Text, *, sections: Sequence[Section], **values: object) -> str:
    """Fill in the template."""
    vega, script, style = library(), _asset("page.js"), _asset("page.css")
    charts = {
        f"figure-{number}-{place}": figure.chart
        for number, section in enumerate(sections, 1)
        for place, figure in enumerate(section.figures, 1)
    }
    locale = _LOCALES[text.language]
    return (
        _environment()
        .get_template("page.html.jinja")
        .render(
            text=text,
            language=locale,
            policy=policy(scripts=(vega, script), style=style),
            library=vega,
            script=script,
            style=style,
            data=embed_json({"charts": charts, "config": CONFIG}),
            version=version("binance-wallet"),
            sections=sections,
            **values,
        )
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("binance_wallet_extras.report", "page"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["unbroken"] = _unbroken
    return environment


def _unbroken(value: object) -> Markup:
    """A text whose dates are not broken into lines."""
    return Markup(_DATE.sub(r'<span class="date">\g<0></span>', str(escape(_shown(value)))))  # noqa: S704 - it is escaped


def _shown(value: object) -> object:
    """Make a value printable, unless it is Markup."""
    return value if hasattr(value, "__html__") else printable(str(value))


def _asset(name: str) -> str:
    return files("binance_wallet_extras.report").joinpath("page", name).read_text(encoding="utf-8")
