"""What could be wrong between here and the exchange, and what to do about it: one call, and a line for each."""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final

import click
from attrs import frozen
from binance_wallet_client.api.asset import query_user_wallet_balance

from binance_wallet.errors import (
    ApiError,
    AuthenticationError,
    InvalidRequestError,
    InvalidResponseError,
    NetworkError,
    RateLimitError,
    ServerError,
    TimestampError,
    WalletError,
)

from .options import Connection, connection_options
from .output import destination, printable

if TYPE_CHECKING:
    from collections.abc import Callable

    from binance_wallet import WalletClient

__all__ = ["Finding", "doctor", "examine"]

_TOPICS: Final = ("reachability", "key", "permission", "clock", "budget")

# What an error is about, and what to do about it. The first that fits counts.
_REMEDIES: Final[tuple[tuple[type[WalletError], int | None, str, str], ...]] = (
    (AuthenticationError, -2015, "permission", "let this key read, and from this IP address, in the API management"),
    (AuthenticationError, -1022, "key", "the secret does not belong to this key: copy both anew"),
    (AuthenticationError, None, "key", "copy the key anew, or make another one, in the API management"),
    (TimestampError, None, "clock", "requests take too long to arrive: look at the connection"),
    (RateLimitError, None, "budget", "wait that long; all that shares this IP address counts"),
    (ServerError, None, "reachability", "the exchange is in trouble: try again in some minutes"),
    (NetworkError, None, "reachability", "check the connection, HTTPS_PROXY and BINANCE_BASE_URL"),
    (InvalidResponseError, None, "reachability", "this does not look like the exchange: check BINANCE_BASE_URL"),
    (WalletError, None, "reachability", "a firewall or a proxy may be in the way: check BINANCE_BASE_URL"),
)


@frozen
class Finding:
    """How one topic stands: well (True), badly (False), or nobody knows (None)."""

    topic: str
    well: bool | None
    text: str

    def __str__(self) -> str:
        verdict = {True: "ok", False: "WRONG", None: "?"}[self.well]
        return f"{verdict:<6}{self.topic:<13} {self.text}"


@click.command()
@connection_options
def doctor(*, connection: Connection) -> None:
    """Find out what is wrong between here and the exchange.

    It says what to do about it, and costs one call of weight 60.
    """
    findings = examine(connection.wallet)
    with destination(None) as file:
        file.write("".join(f"{finding}\n" for finding in findings).encode())
    if not all(finding.well for finding in findings):
        click.get_current_context().exit(1)


def examine(make: Callable[[], WalletClient]) -> list[Finding]:
    """Make a client, call the exchange once (weight 60), and say how each topic stands."""
    try:
        found = _call(make)
    except InvalidRequestError as error:  # it says itself what to do
        if str(error).startswith("timeout"):
            raise  # that is no finding: it was typed
        credential = any(name in str(error) for name in ("api_key", "api_secret", "private_key"))
        found = [Finding("key" if credential else "reachability", False, printable(str(error)))]
    except WalletError as error:
        found = _explain(error)
    by_topic = {finding.topic: finding for finding in found}
    return [by_topic.get(topic, Finding(topic, None, "not known: see what is wrong first")) for topic in _TOPICS]


def _call(make: Callable[[], WalletClient]) -> list[Finding]:
    with make() as wallet:
        sent = time.time()
        response = query_user_wallet_balance.sync_detailed(client=wallet)
        received = time.time()
        (usage,) = wallet.usage.values()
        host = wallet.get_httpx_client().base_url.host
    left = "" if usage.left is None else f", and has {usage.left} left"
    return [
        Finding("reachability", True, f"{host} answers in {received - sent:.2f} s"),
        Finding("key", True, "known to the exchange, and the signature is right"),
        Finding("permission", True, "this key may read from this IP address"),
        _clock(response.headers.get("Date", ""), sent, received),
        Finding("budget", True, f"this IP address has used {usage.used} of the weight for balances this minute{left}"),
    ]


def _clock(date: str, sent: float, received: float) -> Finding:
    try:
        told = parsedate_to_datetime(date).timestamp()
    except ValueError:
        return Finding("clock", None, "the answer does not tell the time")
    # The answer was stamped while we waited for it, with the second that had begun last.
    if sent - 1 <= told <= received:
        return Finding("clock", True, "right to the second")
    offset = told + 0.5 - (sent + received) / 2
    where = f"{abs(offset):.0f} s {'behind' if offset > 0 else 'ahead'}"
    return Finding(
        "clock", False, f"this machine's is {where}; calls allow for it, other programs may not: set it by NTP"
    )


def _explain(error: WalletError) -> list[Finding]:
    code = getattr(error, "code", None)
    topic, remedy = next(
        (topic, remedy)
        for kind, wanted, topic, remedy in _REMEDIES
        if isinstance(error, kind) and wanted in {None, code}
    )
    found = [Finding(topic, False, f"{printable(str(error))}: {remedy}")]
    if isinstance(error, ApiError) and topic != "reachability" and code is not None:
        found.append(Finding("reachability", True, "the exchange answers"))
    if topic == "permission":
        found.append(Finding("key", True, "known to the exchange"))
    return found
