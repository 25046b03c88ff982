"""`binance-wallet doctor`: checks the connection, the key, the clock and the budget."""

from __future__ import annotations

import os
import stat
import sys
import time
from contextlib import suppress
from email.utils import parsedate_to_datetime
from itertools import chain
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

import click
from attrs import frozen
from binance_wallet.budget.counters import limit_of
from binance_wallet.errors import ApiError, InvalidRequestError, WalletError
from binance_wallet_client import REQUEST_WEIGHT_LIMIT
from binance_wallet_client.api.asset import query_user_wallet_balance

from binance_wallet_extras.files import WRITABLE_BY_OTHERS, exposure
from binance_wallet_extras.remedies import remedy

from .options import Connection, budget_of_this_user, connection_options, error_message, error_message_with_remedy
from .output import destination
from .terminal import make_console, one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from binance_wallet import WalletClient

__all__ = ["Finding", "doctor", "examine"]

_TOPICS: Final = ("reachability", "key", "permission", "clock", "budget")

_SQLITE: Final = "sqlite:///"


@frozen
class Finding:
    """The state of one topic: right (True), wrong (False), or unknown (None)."""

    topic: str
    is_ok: bool | None
    text: str

    def __str__(self) -> str:
        verdict = {True: "ok", False: "WRONG", None: "?"}[self.is_ok]
        return f"{verdict:<6}{self.topic:<13} {self.text}"

    def wrapped(self, width: int) -> str:
        """The same, wrapped to lines of this width. Further lines are indented below the text."""
        return fill(str(self), width, subsequent_indent=" " * 20, break_long_words=False, break_on_hyphens=False)


@click.command()
@connection_options("Whose key to check (see keys list).")
def doctor(*, connection: Connection) -> None:
    """Check the connection, the key, the clock and the budget.

    It makes one call of weight 60. For each topic, it prints one line, with the remedy if something is wrong.
    """
    with destination(None) as content:
        code, findings = examine(connection)
        console = make_console(sys.stdout)
        lines = [finding.wrapped(console.width) if console.is_terminal else str(finding) for finding in findings]
        content.write_text("".join(f"{line}\n" for line in lines))
    click.get_current_context().exit(code)


def examine(connection: Connection) -> tuple[int, list[Finding]]:
    """Call the exchange once (weight 60). Return the exit code, and the state of each topic."""
    try:
        found = _call(connection)
        code = 0 if all(finding.is_ok for finding in found) else 1
    except InvalidRequestError as error:  # its message says what to do
        text = one_line(error_message(error))
        if text.startswith("--timeout"):
            raise  # wrong usage
        code, found = 2, [Finding(_topic(error, text), False, text)]
    except WalletError as error:
        code, found = 1, _explain(error, connection)
    by_topic = {finding.topic: finding for finding in found}
    for topic, problem in chain(_exposed_files(connection.budget), _archive_problems()):
        known = by_topic.get(topic)
        if known and one_line(problem) in known.text:
            continue
        by_topic[topic] = Finding(topic, False, f"{known.text}; {one_line(problem)}" if known else one_line(problem))
        code = code or 1
    unknown = "not known: see what is wrong first"
    shown = [*_TOPICS, *(topic for topic in by_topic if topic not in _TOPICS)]
    return code, [by_topic.get(topic, Finding(topic, None, unknown)) for topic in shown]


def _topic(error: InvalidRequestError, text: str) -> str:
    from binance_wallet_extras.accounts import AccountError

    topics = {"API_KEY": "key", "API_SECRET": "key", "PRIVATE_KEY": "key", "--budget": "budget"}
    found = next((topic for name, topic in topics.items() if name in text), "reachability")
    return "key" if isinstance(error, AccountError) else found


def _call(connection: Connection) -> list[Finding]:
    with connection.wallet() as wallet:
        sent = time.time()
        response = query_user_wallet_balance.sync_detailed(client=wallet)
        received = time.time()
        budget = _budget(wallet, connection.budget)
        host = urlsplit(wallet.base_url).hostname
    return [
        Finding("reachability", True, f"{host} responds in {received - sent:.2f} s"),
        Finding("key", True, "the exchange accepts the key and its signature"),
        Finding("permission", True, "this key may read from this IP address"),
        _clock(response.headers.get("Date", ""), sent, received),
        budget,
    ]


def _budget(wallet: WalletClient, url: str | None) -> Finding:
    """The request weight that this IP address has used in this minute, as far as known, and where it is counted."""
    wallet.budget.store.perform(wallet.budget.reading(), time.monotonic() + 1)
    used = ", ".join(
        f"{usage.used} of {limit_of(counter, REQUEST_WEIGHT_LIMIT)} used for {counter}"
        for counter, usage in sorted(wallet.usage.items())
        if usage.used
    )
    text = f"{used or 'nothing used'}; counted in {wallet.budget.store}"
    if failure := getattr(wallet.budget.store, "failure", None):
        return Finding("budget", False, f"{text}, which fails: {failure}")
    if url is None:
        try:
            budget_of_this_user()
        except OSError as error:
            why = f"the state directory cannot be made: {one_line(str(error))}"
            return Finding("budget", False, f"{text} only, since {why}; make it, or give --budget")
    return Finding("budget", True, text)


def _exposed_files(budget: str | None) -> Iterator[tuple[str, str]]:
    """By topic, the files of the key and of the budget that other users of this machine can read or write."""
    from binance_wallet_extras.accounts import AccountError
    from binance_wallet_extras.accounts.accounts import key_files

    named: list[Path] = []
    try:
        named = key_files()
    except AccountError as error:
        yield "key", str(error)
    for path in [*_key_files(), *named]:
        if problem := exposure(path, stat.S_IRWXG | stat.S_IRWXO):
            yield "key", f"{problem}: chmod 600 {path}"
    with suppress(OSError, RuntimeError):  # no state directory is a finding of its own
        url = budget_of_this_user() if budget is None else budget
        if url.startswith(_SQLITE):
            path = Path(unquote(url.removeprefix(_SQLITE).partition("?")[0])).expanduser().absolute()
            for each, mode in ((path, 600), (path.parent, 700)):
                if problem := exposure(each, WRITABLE_BY_OTHERS):
                    yield "budget", f"{problem}: chmod {mode} {each}"


def _archive_problems() -> Iterator[tuple[str, str]]:
    """The problems of the archive, if its extra is installed."""
    with suppress(ImportError):
        from binance_wallet_extras.archive import problems

        yield from (("archive", problem) for problem in problems(os.environ.get("BINANCE_ARCHIVE") or None))


def _key_files() -> Iterator[Path]:
    """The file of the private key, and env files in the folder that the pages use."""
    private_key = os.environ.get("BINANCE_PRIVATE_KEY", "")
    with suppress(OSError, RuntimeError, ValueError):  # it may be the key itself
        if private_key and (path := Path(private_key).expanduser()).is_file():
            yield path
    with suppress(OSError, RuntimeError):
        yield from sorted(Path("~/.config/binance-wallet").expanduser().glob("env*"))


def _clock(date: str, sent: float, received: float) -> Finding:
    try:
        reported = parsedate_to_datetime(date).timestamp()
    except ValueError:
        return Finding("clock", None, "the response has no date")
    # The exchange wrote the date while we waited for the response, rounded down to a second.
    if sent - 1 <= reported <= received:
        return Finding("clock", True, "right to the second")
    offset = reported + 0.5 - (sent + received) / 2
    where = f"{abs(offset):.0f} s {'behind' if offset > 0 else 'ahead'}"
    return Finding(
        "clock",
        False,
        f"this machine's is {where}; binance-wallet corrects that, other programs may not: set it by NTP",
    )


def _explain(error: WalletError, connection: Connection) -> list[Finding]:
    code = getattr(error, "code", None)
    topic, _ = remedy(error)
    found = [
        Finding(topic, False, one_line(error_message_with_remedy(error, has_private_key=connection.has_private_key)))
    ]
    if isinstance(error, ApiError) and topic != "reachability" and code is not None:
        found.append(Finding("reachability", True, "the exchange responds"))
    return found
