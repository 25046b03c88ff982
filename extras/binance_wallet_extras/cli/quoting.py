"""The asset that totals are shown in: `--quote` and `--prices`."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

import click
from attrs import frozen

from binance_wallet_extras.export import PricesError, read_prices
from binance_wallet_extras.export.prices import Quote, total_in_btc
from binance_wallet_extras.text import printable

from .options import asset, file_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from binance_wallet_client.models import AccountSnapshot

    from .archive_source import ArchiveSource

__all__ = ["QuoteOptions", "quote_options", "say_which_days_lack_a_price"]

Command = TypeVar("Command", bound="Callable[..., None]")


@frozen
class QuoteOptions:
    """The asset to show totals in, and the file with prices of BTC in it, if one was given."""

    asset: str
    file: Path | None

    def quote(self, source: ArchiveSource | None) -> Quote:
        """The prices of the file and of the archive. The file's override the archive's. Raises PricesError."""
        given = read_prices(self.file) if self.file else {}
        prices = (source.prices(self.asset) if source else {}) | given
        if not prices:
            raise PricesError(
                f"the archive has no price of BTC in {self.asset}: an update with --quote {self.asset} records it, and "
                "archive prices import or --prices bring those of earlier days"
            )
        return Quote(self.asset, prices)


def quote_options(command: Command) -> Command:
    """Pass on `quoting`, or None: `--quote`, `--prices`. Use it below `archive_options`."""

    @click.option(
        "--quote",
        "asset",
        type=asset,
        metavar="ASSET",
        help="Also show totals in this asset, on the days that have a price: from the archive, or --prices.",
    )
    @click.option(
        "--prices",
        "file",
        type=file_name,
        metavar="FILE",
        help="A CSV file with days and prices of one BTC, such as 2025-12-31,81473.12. They override the archive's.",
    )
    @wraps(command)
    def wrapper(*, asset: str | None, file: Path | None, **rest: Any) -> None:
        if asset is None and file:
            raise click.UsageError("--prices does not say which asset the prices are in: give --quote, too")
        if asset == "BTC":
            raise click.UsageError("--quote: totals are in BTC anyway")
        if asset is not None and not file and not rest["source"]:
            raise click.UsageError(
                "--quote takes prices of BTC: give --archive, where updates record them, or --prices"
            )
        command(quoting=None if asset is None else QuoteOptions(asset, file), **rest)

    return wrapper  # type: ignore[return-value]


def say_which_days_lack_a_price(quote: Quote, snapshots: Iterable[AccountSnapshot]) -> None:
    """Say in one line how many days have no total in the quote asset."""
    days = {each.update_time.date() for each in snapshots if total_in_btc(each) is not None}
    if missing := days.difference(quote.prices):
        number = f"{len(missing)} of {len(days)}, the first is {min(missing)}, the last {max(missing)}"
        click.echo(f"binance-wallet: days without a price of BTC in {printable(quote.asset)}: {number}", err=True)
