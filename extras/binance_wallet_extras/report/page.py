"""One HTML file that brings along all it needs and loads nothing else."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import localcontext
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from typing import TYPE_CHECKING, Final, Literal

from binance_wallet_client.models import AccountSnapshot, WalletBalance
from jinja2 import Environment, PackageLoader, StrictUndefined

from binance_wallet_extras.export import ExportError, RecordedBalance
from binance_wallet_extras.export.rows import listed
from binance_wallet_extras.plot.html import embedded, library, policy
from binance_wallet_extras.text import printable

from . import sections
from .charts import CONFIG
from .text import Language, Text, moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

__all__ = ["render"]

_PERIODS: Final = (7, 30, 90, 365)
_DIGITS: Final = 100  # so that sums stay exact, and quotients short
_LOCALES: Final[Mapping[Language, Literal["en-US", "zh-CN"]]] = {Language.EN: "en-US", Language.ZH: "zh-CN"}


def render(
    snapshots: Iterable[AccountSnapshot] = (),
    balances: Iterable[WalletBalance] = (),
    *,
    recorded: Iterable[RecordedBalance] = (),
    quote_asset: str = "BTC",
    title: str | None = None,
    language: Language | str = Language.EN,
    made_at: datetime | None = None,
) -> str:
    """Make a page that shows what the wallets hold, how that grew, and what changed.

    The page is one HTML file. It works without a network, and its content security policy lets nothing in from outside.
    It names no account and no key, unless `title` does.

    Args:
        snapshots: Daily snapshots of one or more accounts, in any order.
        balances: What the wallets are worth now.
        recorded: What the wallets were worth earlier. Without `balances`, the last record stands for now.
        quote_asset: The asset that all balances are in. Those of now do not say so themselves.
        title: The heading of the page.
        language: "en" or "zh".
        made_at: The moment of `balances`, which the page shows; by default now.

    Raises:
        ExportError: There are neither snapshots nor balances; or these are not lists of them; or some balances were
            recorded in another asset; or `language` or `quote_asset` is wrong.
    """
    if language not in [*Language]:
        raise ExportError(f"language must be one of {', '.join(Language)}, not {language!r}")
    if not isinstance(quote_asset, str):
        raise ExportError(f"quote_asset must be the name of an asset, such as 'BTC', not {quote_asset!r}")
    text = Text(Language(language))
    made_at = (made_at or datetime.now(UTC)).astimezone(UTC)
    accounts = _accounts(snapshots)
    records = _records(recorded, quote_asset)
    if current := listed(balances, WalletBalance, "balances"):
        records[made_at] = current
    if not accounts and not records:
        raise ExportError("there is nothing to report: no snapshots and no balances")
    held = [days for days in accounts if sections.holds_something(days)]
    periods = _periods(text, held, records)
    with localcontext(prec=_DIGITS):
        shown = [*_sections(text, held, records, quote_asset, [since for _, since in periods])]
    return _page(
        text,
        title=title or text("title"),
        made=moment(made_at),
        covers=[sections.ForPeriod(text.span(since, _last(held, records)), since) for _, since in periods],
        notes=_notes(text, accounts),
        accounts=[days[0].type for days in held],
        periods=periods,
        sections=shown,
    )


def _accounts(snapshots: Iterable[AccountSnapshot]) -> list[list[AccountSnapshot]]:
    """The snapshots by account, oldest first, one a day."""
    accounts: dict[str, dict[date, AccountSnapshot]] = {"spot": {}, "margin": {}, "futures": {}}
    for snapshot in sorted(listed(snapshots, AccountSnapshot, "snapshots"), key=lambda snapshot: snapshot.update_time):
        accounts[snapshot.type][snapshot.update_time.date()] = snapshot
    return [[*days.values()] for days in accounts.values() if days]


def _records(recorded: Iterable[RecordedBalance], quote_asset: str) -> dict[datetime, Sequence[WalletBalance]]:
    """The balances by the moment in UTC."""
    records: defaultdict[datetime, list[WalletBalance]] = defaultdict(list)
    for balance in listed(recorded, RecordedBalance, "recorded balances"):
        if balance.quote_asset != quote_asset:
            raise ExportError(f"a balance was recorded in {balance.quote_asset}, and the report is in {quote_asset}")
        records[balance.recorded_at.astimezone(UTC)].append(balance)
    return {**records}


def _periods(
    text: Text, accounts: Sequence[Sequence[AccountSnapshot]], records: Iterable[datetime]
) -> list[tuple[str, date]]:
    """The periods to choose from, and their first days; the last of them is all there is."""
    recorded = [at.date() for at in records]
    days = [snapshot.update_time.date() for snapshots in accounts for snapshot in snapshots]
    if not recorded and not days:
        return []
    first, last = min(recorded + days), max(days or recorded)
    shorter = [(text("last_days", days=days), last - timedelta(days)) for days in _PERIODS]
    return [*((label, since) for label, since in shorter if since > first), (text("all_days"), first)]


def _sections(
    text: Text,
    accounts: Sequence[Sequence[AccountSnapshot]],
    records: Mapping[datetime, Sequence[WalletBalance]],
    quote_asset: str,
    periods: Sequence[date],
) -> Iterator[sections.Section]:
    if records:
        yield sections.wallets(text, max(records), records[max(records)], quote_asset)
    last = max((each[-1].update_time.date() for each in accounts), default=date.min)
    if changes := sections.changes(text, accounts, periods, last):
        yield changes
    if len({at.date() for at in records}) > 1:
        yield sections.recorded(text, records, quote_asset, periods)
    for days in accounts:
        yield sections.account(text, days, periods, last)


def _last(accounts: Iterable[Sequence[AccountSnapshot]], records: Iterable[datetime]) -> date:
    return max([days[-1].update_time.date() for days in accounts] + [at.date() for at in records])


def _notes(text: Text, accounts: Sequence[Sequence[AccountSnapshot]]) -> list[str]:
    """What is not in the page, and why."""
    if not accounts:
        return [text("no_snapshots")]
    empty = [text(days[0].type) for days in accounts if not sections.holds_something(days)]
    return [text("nothing_held", accounts=", ".join(empty))] if empty else []


def _page(text: Text, *, sections: Sequence[sections.Section], **values: object) -> str:
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
    return Environment(
        loader=PackageLoader("binance_wallet_extras.report", "page"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _shown(value: object) -> object:
    """What the template writes: names and titles are made safe here; `safe` marks what is none of both."""
    return value if hasattr(value, "__html__") else printable(str(value))


def _asset(name: str) -> str:
    return files("binance_wallet_extras.report").joinpath("page", name).read_text(encoding="utf-8")
