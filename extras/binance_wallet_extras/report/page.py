"""One HTML file that brings along all it needs and loads nothing else."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import localcontext
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from typing import TYPE_CHECKING, Final, Literal

from attrs import evolve, frozen
from binance_wallet_client.models import AccountSnapshot, WalletBalance
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from binance_wallet_extras.export import ExportError, RecordedBalance
from binance_wallet_extras.export.rows import listed
from binance_wallet_extras.plot.html import embedded, library, policy
from binance_wallet_extras.text import printable

from . import snapshots
from .charts import CONFIG
from .layout import ForPeriod, Section
from .text import Language, Text, moment
from .worth import Worth, of_accounts, of_wallets, over_time, together

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from binance_wallet import History

__all__ = ["Account", "render"]

_PERIODS: Final = (7, 30, 90, 365)
_TOGETHER: Final = "all"
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d( \d\d:\d\d)?")
_DIGITS: Final = 100  # so that sums stay exact, and quotients short
_LOCALES: Final[Mapping[Language, Literal["en-US", "zh-CN"]]] = {Language.EN: "en-US", Language.ZH: "zh-CN"}


@frozen
class Account:
    """An account to report on. It may have any of these, and needs a name where there are several accounts.

    Attributes:
        snapshots: Daily snapshots of one or more types, in any order; or a `History`.
        balances: What the wallets are worth now.
        recorded: What the wallets were worth earlier. Without `balances`, the last record stands for now.
        name: What the page calls the account, if it is not alone.
    """

    snapshots: Iterable[AccountSnapshot] | History = ()
    balances: Iterable[WalletBalance] = ()
    recorded: Iterable[RecordedBalance] = ()
    name: str = ""


def render(
    *accounts: Account,
    quote_asset: str = "BTC",
    title: str | None = None,
    language: Language | str = Language.EN,
    made_at: datetime | None = None,
) -> str:
    """Make a page that shows what the wallets hold, how that grew, and what changed.

    The page is one HTML file. It works without a network, and its content security policy lets nothing in from outside.
    It names no key; and no account, unless there are several, or `title` does.

    Args:
        accounts: One account; or several, of which the page shows the total, and each that the reader chooses.
        quote_asset: The asset that all balances are in. Those of now do not say so themselves.
        title: The heading of the page.
        language: "en" or "zh".
        made_at: The moment of the accounts' `balances`, which the page shows; by default now.

    Raises:
        ExportError: There are neither snapshots nor balances; or these are not lists of them; or some balances were
            recorded in another asset; or several accounts have not a name each; or `language` or `quote_asset` is
            wrong.
    """
    if language not in [*Language]:
        raise ExportError(f"language must be one of {', '.join(Language)}, not {language!r}")
    if not isinstance(quote_asset, str):
        raise ExportError(f"quote_asset must be the name of an asset, such as 'BTC', not {quote_asset!r}")
    text = Text(Language(language))
    made_at = (made_at or datetime.now(UTC)).astimezone(UTC)
    _check_names(accounts)
    with localcontext(prec=_DIGITS):
        contents = [_read(account, quote_asset, made_at) for account in accounts]
        if not any(content.types or content.worth for content in contents):
            raise ExportError("there is nothing to report: no snapshots and no balances")
        periods = _periods(text, contents)
        shown = [*_sections(text, contents, [since for _, since in periods])]
    last = max((day for content in contents for day in content.days), default=date.min)
    return _page(
        text,
        title=title or text("title"),
        made=moment(made_at),
        covers=[ForPeriod(text.span(since, last), since) for _, since in periods],
        notes=[] if shown else _notes(text, contents[0]),
        choices=_choices(text, contents, shown),
        periods=periods,
        sections=shown,
    )


@frozen
class _Content:
    """What there is of an account."""

    name: str
    types: list[list[AccountSnapshot]]
    """The snapshots of each type, oldest first, one a day."""
    worth: Worth | None
    """What the wallets were worth."""

    @property
    def held(self) -> list[list[AccountSnapshot]]:
        """The snapshots of the types of which there is anything to show."""
        return [each for each in self.types if snapshots.holds_something(each)]

    @property
    def snapshot_days(self) -> list[date]:
        return [snapshot.update_time.date() for each in self.held for snapshot in each]

    @property
    def days(self) -> list[date]:
        """The days that there is anything to show of."""
        return [*self.snapshot_days, *(self.worth.moments if self.worth else ())]


def _check_names(accounts: Sequence[Account]) -> None:
    names = Counter(account.name for account in accounts)
    if len(accounts) > 1 and ("" in names or len(names) < len(accounts)):
        raise ExportError("several accounts need a name each: Account(..., name=...)")


def _read(account: Account, quote_asset: str, made_at: datetime) -> _Content:
    types: dict[str, dict[date, AccountSnapshot]] = {"spot": {}, "margin": {}, "futures": {}}
    found = listed(account.snapshots, AccountSnapshot, "snapshots")
    for snapshot in sorted(found, key=lambda snapshot: snapshot.update_time):
        types[snapshot.type][snapshot.update_time.date()] = snapshot
    records: defaultdict[datetime, list[WalletBalance]] = defaultdict(list)
    for balance in listed(account.recorded, RecordedBalance, "recorded balances"):
        if balance.quote_asset != quote_asset:
            raise ExportError(f"a balance was recorded in {balance.quote_asset}, and the report is in {quote_asset}")
        records[balance.recorded_at.astimezone(UTC)].append(balance)
    if current := listed(account.balances, WalletBalance, "balances"):
        records[made_at] = current
    worth = of_wallets(records, quote_asset) if records else None
    return _Content(account.name, [[*days.values()] for days in types.values() if days], worth)


def _periods(text: Text, contents: Sequence[_Content]) -> list[tuple[str, date]]:
    """The periods to choose from, and their first days; the last of them is all there is."""
    days = [day for content in contents for day in content.days]
    if not days:
        return []
    first, last = min(days), max([day for content in contents for day in content.snapshot_days] or days)
    shorter = [(text("last_days", days=days), last - timedelta(days)) for days in _PERIODS]
    return [*((label, since) for label, since in shorter if since > first), (text("all_days"), first)]


def _sections(text: Text, contents: Sequence[_Content], periods: Sequence[date]) -> Iterator[Section]:
    if len(contents) == 1:
        yield from _of_account(text, contents[0], periods)
        return
    for section in _of_all(text, contents, periods):
        yield evolve(section, group=_TOGETHER)
    for number, content in enumerate(contents, 1):
        for section in _of_account(text, content, periods):
            title = text("of_account", account=content.name, title=section.title)
            yield evolve(section, id=f"account-{number}-{section.id}", title=title, group=str(number))


def _of_all(text: Text, contents: Sequence[_Content], periods: Sequence[date]) -> Iterator[Section]:
    """Several accounts together."""
    by_name = {content.name: content.worth for content in contents if content.worth}
    if not by_name:
        return
    notes = [ForPeriod(text("total_of_days"))]
    if others := [content.name for content in contents if not content.worth]:
        notes.append(ForPeriod(text("not_in_total", accounts=", ".join(others))))
    worth = of_accounts(by_name)
    if not worth.moments:
        yield Section(worth.parts, text("all_accounts"), [], notes=[ForPeriod(text("no_common_day")), *notes[1:]])
        return
    section = together(text, worth, periods)
    yield evolve(section, notes=[*section.notes, *notes])
    if parts := over_time(text, worth, periods):
        yield parts


def _of_account(text: Text, content: _Content, periods: Sequence[date]) -> Iterator[Section]:
    found = [*_parts(text, content, periods)]
    for section in found[:1]:
        notes = [*map(ForPeriod, _notes(text, content)), *section.notes]
        yield evolve(section, notes=notes)
    yield from found[1:]


def _parts(text: Text, content: _Content, periods: Sequence[date]) -> Iterator[Section]:
    if content.worth:
        yield together(text, content.worth, periods)
        if wallets := over_time(text, content.worth, periods):
            yield wallets
    last = max(content.snapshot_days, default=date.min)
    if changes := snapshots.changes(text, content.held, periods, last):
        yield changes
    for each in content.held:
        yield snapshots.account(text, each, periods, last)


def _notes(text: Text, content: _Content) -> list[str]:
    """What is not there of an account, and why."""
    if not content.types:
        return [text("no_snapshots")]
    empty = [text(each[0].type) for each in content.types if each not in content.held]
    return [text("nothing_held", accounts=", ".join(empty))] if empty else []


def _choices(text: Text, contents: Sequence[_Content], shown: Sequence[Section]) -> list[tuple[str, str]]:
    """The groups of sections to choose from: values and labels, the first of which is chosen at first."""
    if len(contents) == 1:
        return [("", text("all")), *((each[0].type, text(each[0].type)) for each in contents[0].held)]
    first = _TOGETHER if any(section.group == _TOGETHER for section in shown) else ""
    return [(first, text("all")), *((str(number), content.name) for number, content in enumerate(contents, 1))]


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
