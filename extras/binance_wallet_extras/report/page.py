"""One HTML file that brings along all it needs and loads nothing else."""

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
from binance_wallet_extras.plot.html import embedded, library, policy
from binance_wallet_extras.text import printable

from . import snapshots
from .account import Account, Content, quote_asset_of
from .assets import assets
from .charts import CONFIG
from .layout import ForPeriod, Scope, Section
from .text import Language, Text, moment
from .worth import Worth, of_accounts, over_time, together

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from binance_wallet_extras.export.prices import Prices

__all__ = ["render"]

_PERIODS: Final = (7, 30, 90, 365)
_TOGETHER: Final = "all"
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d( \d\d:\d\d)?")
_DIGITS: Final = 100  # so that sums stay exact, and quotients short
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
    given = [account.listed() for account in accounts]
    quote_asset = quote_asset_of(given, quote_asset)
    with localcontext(prec=_DIGITS):
        contents = [Content.of(account, quote_asset, made_at) for account in given]
        if not any(content.types or content.worth for content in contents):
            raise ExportError("there is nothing to report: no snapshots and no balances")
        periods = _periods(text, contents)
        scope = Scope(text, [since for _, since in periods], Quote(quote_asset, prices))
        shown = [*_sections(scope, contents)]
    last = max((day for content in contents for day in content.days), default=date.min)
    return _page(
        text,
        title=title or text("title"),
        made=moment(made_at),
        covers=[ForPeriod(text.span(since, last), since) for _, since in periods],
        notes=_notes_of_page(scope, contents, shown),
        choices=_choices(text, contents, shown),
        periods=periods,
        sections=shown,
    )


def _periods(text: Text, contents: Sequence[Content]) -> list[tuple[str, date]]:
    """The periods to choose from, and their first days; the last of them is all there is."""
    days = [day for content in contents for day in content.days]
    if not days:
        return []
    first, last = min(days), max([day for content in contents for day in content.snapshot_days] or days)
    shorter = [(text("last_days", days=days), last - timedelta(days)) for days in _PERIODS]
    return [*((label, since) for label, since in shorter if since > first), (text("all_days"), first)]


def _sections(scope: Scope, contents: Sequence[Content]) -> Iterator[Section]:
    if len(contents) == 1:
        yield from _of_account(scope, contents[0], _notes(scope, contents[0]))
        return
    for section in _of_all(scope, contents):
        yield evolve(section, group=_TOGETHER)
    has_total = any(content.worth for content in contents)  # without one, the page says once that there are no balances
    for number, content in enumerate(contents, 1):
        for section in _of_account(scope, content, _notes(scope, content, of_balances=has_total)):
            title = scope.text("of_account", account=content.name, title=section.title)
            yield evolve(section, id=f"account-{number}-{section.id}", title=title, group=str(number))


def _of_all(scope: Scope, contents: Sequence[Content]) -> Iterator[Section]:
    """Several accounts together."""
    text = scope.text
    by_name = {content.name: content.worth for content in contents if content.worth}
    if not by_name:
        return
    worth = of_accounts(by_name)
    others = text.listed(content.name for content in contents if not content.worth)
    title = text("all_accounts_but", accounts=others) if others else text("all_accounts")
    section = together(scope, worth, title) if worth.moments else Section(worth.parts, title, [])
    notes = [*map(ForPeriod, _notes_of_total(scope, contents, worth))]
    yield evolve(section, notes=[*section.notes, *notes])
    if parts := over_time(scope, worth):
        yield parts


def _notes_of_total(scope: Scope, contents: Sequence[Content], worth: Worth | None) -> Iterator[str]:
    """Which days and accounts are not in the total of several accounts, and why. None of them may have a worth."""
    text, unit = scope.text, scope.quote.asset
    if worth is None:
        yield text("no_total", unit=unit)
    elif not worth.moments:
        yield text("no_common_day")
    elif any({*content.worth.moments} - {*worth.moments} for content in contents if content.worth):
        yield text("total_of_days")
    if failed := [content.name for content in contents if content.failed]:
        yield text("not_read", accounts=text.listed(failed))
    if worth and (others := [content.name for content in contents if not (content.worth or content.failed)]):
        yield text("not_in_total", unit=unit, accounts=text.listed(others))


def _of_account(scope: Scope, content: Content, notes: Sequence[str]) -> Iterator[Section]:
    found = [*_parts(scope, content)]
    for section in found[:1]:
        yield evolve(section, notes=[*map(ForPeriod, notes), *section.notes])
    yield from found[1:]


def _parts(scope: Scope, content: Content) -> Iterator[Section]:
    if content.worth:
        yield together(scope, content.worth, scope.text("all_wallets"))
        if wallets := over_time(scope, content.worth):
            yield wallets
    if content.assets:
        yield assets(scope, content.assets)
    last = max(content.snapshot_days, default=date.min)
    if changes := snapshots.changes(scope, content.held, last):
        yield changes
    for each in content.held:
        yield snapshots.account(scope, each, last)


def _notes(scope: Scope, content: Content, *, of_balances: bool = True) -> list[str]:
    """What is not there of an account, and why."""
    text = scope.text
    notes = []
    if not content.types:
        notes.append(text("no_snapshots"))
    if empty := [text(each[0].type) for each in content.types if each not in content.held]:
        notes.append(text("nothing_held", accounts=text.listed(empty)))
    if content.worth and not content.assets:
        notes.append(text("no_assets"))
    if of_balances and not content.worth:
        notes.append(text("no_balances", unit=scope.quote.asset))
    return notes


def _notes_of_page(scope: Scope, contents: Sequence[Content], shown: Sequence[Section]) -> list[str]:
    """What no section says."""
    if len(contents) == 1:
        return [] if shown else _notes(scope, contents[0])
    return [] if any(content.worth for content in contents) else [*_notes_of_total(scope, contents, None)]


def _choices(text: Text, contents: Sequence[Content], shown: Sequence[Section]) -> list[tuple[str, str]]:
    """The groups of sections to choose from: values and labels, the first of which is chosen at first."""
    if len(contents) == 1:
        return [("", text("all")), *((each[0].type, text(each[0].type)) for each in contents[0].held)]
    first = _TOGETHER if any(section.group == _TOGETHER for section in shown) else ""
    filled = [(str(number), each.name) for number, each in enumerate(contents, 1) if each.types or each.worth]
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
            data=embedded({"charts": charts, "config": CONFIG}),
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
    """What the template writes: names and titles are made safe here; `safe` marks what is none of both."""
    return value if hasattr(value, "__html__") else printable(str(value))


def _asset(name: str) -> str:
    return files("binance_wallet_extras.report").joinpath("page", name).read_text(encoding="utf-8")
