"""The results of the tools. Amounts are texts, days are dates, and times are in UTC."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field

from binance_wallet_extras.text import printable

__all__ = [
    "ArchiveStatus",
    "Asset",
    "Balances",
    "Day",
    "Endpoint",
    "Gap",
    "Granularity",
    "History",
    "Limits",
    "Point",
    "RecordedAccount",
    "RecordedBalances",
    "RecordedDays",
    "Result",
    "Type",
    "ValueOverTime",
    "Wallet",
]

Amount = Annotated[str, Field(pattern=r"^-?\d+(\.\d+)?$", description="An exact decimal number.")]
Type = Literal["spot", "margin", "futures"]
Granularity = Literal["record", "day", "week", "month"]
Name = Annotated[str, AfterValidator(printable)]
"""A name from outside. Invisible characters could hide instructions to an assistant: see `printable`."""


class Result(BaseModel):
    """The base of all results."""

    summary: str = Field(description="The result in words.")
    left_out: str | None = Field(
        default=None, description="What was left out to keep the result short, and how to get it."
    )


class Asset(BaseModel):
    """One asset of a wallet, in units of itself."""

    asset: Name
    asset_name: Name = Field(description="Its full name.")
    free: Amount
    locked: Amount
    freeze: Amount
    withdrawing: Amount
    btc_valuation: Amount = Field(description="What all of it is worth, in BTC.")


class Wallet(BaseModel):
    """One wallet."""

    wallet: Name
    activated: bool
    balance: Amount = Field(description="What all of it is worth, in the quote asset.")
    assets: list[Asset] | None = Field(default=None, description="The most valuable first; null if they are not known.")


class Balances(Result):
    """What the wallets of an account are worth now."""

    account: str
    quote: Name = Field(description="The asset that the balances and the total are in.")
    at: datetime = Field(description="When that was, by the exchange's time.")
    total: Amount = Field(description="The sum of all balances.")
    wallets: list[Wallet]


class Day(BaseModel):
    """One of the exchange's accounts at the end of a day."""

    day: date
    totals: dict[str, Amount] = Field(
        description="Of the whole account, in BTC; margin_level is a ratio. Futures have none."
    )
    assets: list[dict[str, Name]] | None = Field(
        description="What it held, in units of each asset; null if left out of this result."
    )
    positions: list[dict[str, Name]] = Field(default=[], description="Open positions of futures.")


class History(Result):
    """What one of the exchange's accounts held at the end of each day."""

    account: str
    type: Type
    source: Literal["exchange", "archive"]
    days: list[Day] = Field(description="Oldest first. A day that is not here is not recorded.")


class Point(BaseModel):
    """What all wallets together were worth at a moment."""

    day: date
    at: datetime
    total: Amount
    btc: Amount | None = Field(description="What one BTC was worth at the end of the day, if that is known.")


class ValueOverTime(Result):
    """What all wallets of an account together were worth over time."""

    account: str
    quote: Name = Field(description="The asset that the totals and prices are in.")
    granularity: Granularity = Field(
        description="What a point stands for: a record, or the last one of a day, a week or a month."
    )
    points: list[Point] = Field(description="Oldest first. Between them, nothing is known.")


class Gap(BaseModel):
    """Days in a row without a record, both ends included."""

    first: date
    last: date
    state: Literal["pending", "lost"] = Field(
        description="The next update asks for pending days. The exchange serves lost ones no longer."
    )


class RecordedDays(BaseModel):
    """The recorded days of one of the exchange's accounts."""

    type: Type
    first: date
    last: date
    days: int
    gaps: list[Gap]
    corrections: int = Field(description="How many days the exchange later served with other content.")


class RecordedBalances(BaseModel):
    """When the balances of all wallets were recorded."""

    quote: Name
    first: datetime
    last: datetime
    records: int


class RecordedAccount(BaseModel):
    """What the archive has of an account."""

    account: str
    balances: list[RecordedBalances] = Field(description="By the asset that they are in.")
    snapshots: list[RecordedDays]


class ArchiveStatus(Result):
    """What the archive has."""

    archive: str
    accounts: list[RecordedAccount]


class Endpoint(BaseModel):
    """The request weight of one endpoint in the running minute."""

    endpoint: str
    used: int
    left: int


class Limits(Result):
    """What may be sent to the exchange, and when."""

    at: datetime = Field(description="The exchange's time, as far as it is known.")
    next_minute_at: datetime
    next_minute_in: int = Field(description="Seconds.")
    endpoints: list[Endpoint]
    blocked: Literal["no", "pause", "ban"] = Field(
        description="Whether the exchange wants no request now: after a 429 (pause), or during a ban (ban)."
    )
    blocked_until: datetime | None
