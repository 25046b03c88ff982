"""Records as parts of a result."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, cast

from binance_wallet_client.model import plain
from binance_wallet_client.models import FuturesPosition
from msgspec import UNSET
from msgspec.structs import asdict

from binance_wallet_extras.details import NO_DETAILS, lists_assets

from .results import Asset, Day, Gap, RecordedBalances, RecordedDays, Type, Wallet
from .shorten import fitting

if TYPE_CHECKING:
    from collections.abc import Sequence

    from binance_wallet import Balances
    from binance_wallet_client.models import AccountSnapshot
    from msgspec import Struct

    from binance_wallet_extras.archive import BalancesStatus, Status

__all__ = ["GAPS", "add_assets", "day_of", "recorded_balances", "recorded_days"]

GAPS: Final = 20
"""The number of gaps of an account that are shown, the newest ones."""


def add_assets(wallets: Sequence[Wallet], found: Balances) -> str | None:
    """Add each wallet's assets to it, the most valuable first, as many as fit. Return what is left out, in words."""
    if not lists_assets(found):
        return NO_DETAILS
    listed = [
        (asset.btc_valuation, index, Asset(**_cells(asset)))
        for index, each in enumerate(found)
        for asset in each.asset_balances or ()
    ]
    listed.sort(key=lambda each: each[0], reverse=True)
    kept = fitting([asset for _, _, asset in listed])
    held: list[list[Asset]] = [[] for _ in wallets]
    for (_, index, _), asset in zip(listed, kept, strict=False):
        held[index].append(asset)
    for wallet, each, assets in zip(wallets, found, held, strict=True):
        wallet.assets = None if each.asset_balances is UNSET else assets
    if len(kept) == len(listed):
        return None
    command = "the command `binance-wallet balances --details` writes all to a file, with --output"
    return f"the {len(listed) - len(kept)} least valuable of {len(listed)} assets; {command}"


def recorded_balances(found: BalancesStatus) -> RecordedBalances:
    return RecordedBalances(quote=found.quote_asset, first=found.first, last=found.last, records=found.records)


def recorded_days(found: Status) -> RecordedDays:
    gaps = [Gap(first=gap.first, last=gap.last, state="lost" if gap.lost else "pending") for gap in found.gaps[-GAPS:]]
    return RecordedDays(
        type=cast("Type", found.type.lower()),
        first=found.first,
        last=found.last,
        days=found.days,
        gaps=gaps,
        corrections=found.corrections,
    )


def day_of(snapshot: AccountSnapshot) -> Day:
    parts = [*asdict(snapshot.data).values()]
    rows = [row for part in parts if isinstance(part, list) for row in part]
    return Day(
        day=snapshot.update_time.date(),
        totals=_cells(snapshot.data),
        assets=[_cells(row) for row in rows if not isinstance(row, FuturesPosition)],
        positions=[_cells(row) for row in rows if isinstance(row, FuturesPosition)],
    )


def _cells(row: Struct) -> dict[str, Any]:
    """The names and amounts of a record, as text."""
    return {name: plain(value) for name, value in asdict(row).items() if isinstance(value, str | Decimal)}
