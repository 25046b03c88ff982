"""Remedies of errors, and their messages in the user's own terms."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

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
from binance_wallet_client.contract import ErrorCode

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["message_and_notes", "remedy"]

# The topic of each error, by its class and its code or HTTP status, and its remedy. The first that matches counts.
_REMEDIES: Final[tuple[tuple[type[WalletError], int | None, str, str], ...]] = (
    (
        AuthenticationError,
        ErrorCode.REJECTED_MBX_KEY,
        "permission",
        "The key, the IP address or the permission is wrong: in the API management, check all three",
    ),
    (
        AuthenticationError,
        ErrorCode.INVALID_SIGNATURE,
        "key",
        "The secret does not belong to this key: copy both again",
    ),
    (AuthenticationError, None, "key", "Copy the key again from the API management, or make another one"),
    (TimestampError, None, "clock", "Requests take too long to arrive: check the connection"),
    (RateLimitError, None, "budget", "Wait that long; all programs behind this IP address share its weight"),
    (ServerError, None, "reachability", "The exchange is in trouble: try again in some minutes"),
    (NetworkError, None, "reachability", "Check the connection, HTTPS_PROXY and BINANCE_BASE_URL"),
    (InvalidResponseError, None, "reachability", "This is not how the exchange responds: check BINANCE_BASE_URL"),
    (ApiError, 451, "reachability", "The exchange does not serve this location"),
    (WalletError, None, "reachability", "A firewall or a proxy may be in the way: check BINANCE_BASE_URL"),
)


def remedy(error: WalletError, *, has_private_key: bool = False) -> tuple[str, str]:
    """The topic of an error of a call, and what to do. Not for an InvalidRequestError, whose message says it."""
    code, status = getattr(error, "code", None), getattr(error, "status_code", None)
    if has_private_key and code == ErrorCode.INVALID_SIGNATURE:
        return "key", "This private key is not the one whose public key is registered for the API key: check both"
    return next(
        (topic, remedy)
        for kind, wanted, topic, remedy in _REMEDIES
        if isinstance(error, kind) and wanted in {None, code, status}
    )


def message_and_notes(error: Exception, names: Mapping[str, str]) -> list[str]:
    """The message of an error and its notes. `names` translates the names of wrong arguments."""
    name = re.compile(rf"\b({'|'.join(names)})\b")

    def renamed(text: str) -> str:
        is_ours = any(name.match(part) for part in text.split(": "))
        return name.sub(lambda found: names[found[0]], text) if is_ours else text

    message = str(error)
    notes = [renamed(note) for note in getattr(error, "__notes__", [])]
    return [renamed(message) if isinstance(error, InvalidRequestError) else message, *notes]
