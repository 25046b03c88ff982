"""Waits for request weight, and shows the waits and, if asked to, the attempts."""

from __future__ import annotations

import logging
import math
import re
import sys
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final, TypeVar

from binance_wallet.errors import BannedError, InvalidRequestError, RateLimitError, WalletError

from .terminal import make_console, one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from binance_wallet import Attempt
    from rich.live import Live

__all__ = ["call_all", "retry_after_wait", "show_waits"]

T = TypeVar("T")

_LENGTH: Final = re.compile(r"; (waiting|trying again in) [\d.]+ s$")  # at the end of the client's messages
_NOT_SENT: Final = ": this call was not sent"  # at the end of the client's message for a call that it refuses
_BAR: Final = 10  # columns
_MIN_WAIT: Final = 1.0  # seconds; the exchange bans an address that keeps retrying at once
_MAX_WAIT: Final = 600.0  # seconds; weight is counted by the minute, so a longer wait has another cause
_logger: Final = logging.getLogger("binance_wallet")


def retry_after_wait(call: Callable[[], T], *, wait: bool) -> T:
    """Call. If the request weight is used up, wait for more and call again, unless `wait` is False.

    It waits at most ten minutes, and not for the end of a ban, which may last three days.
    """
    while True:
        try:
            return call()
        except RateLimitError as error:
            seconds = math.inf if error.retry_after is None else max(error.retry_after, _MIN_WAIT)
            if not wait or isinstance(error, BannedError) or seconds > _MAX_WAIT:
                raise
            _logger.info(error.msg.removesuffix(_NOT_SENT), extra={"seconds": seconds})
        time.sleep(seconds)


def call_all(calls: Mapping[str, Callable[[], Any]], *, wait: bool) -> dict[str, Any]:
    """Make several calls, and return their responses by the names of the calls.

    A note of an error names the call that failed, and the responses that are lost because of it.
    """
    found: dict[str, Any] = {}
    for name, call in calls.items():
        try:
            found[name] = retry_after_wait(call, wait=wait)
        except InvalidRequestError:
            raise  # it says which option is wrong
        except WalletError as error:
            error.add_note(f"in the call for {name}")
            if found:
                *others, last = found
                received = f"{', '.join(others)} and {last}" if others else last
                error.add_note(f"{received} were received, but are not written")
            raise
    return found


@contextmanager
def show_waits() -> Iterator[Callable[[Attempt], None]]:
    """Show the waits and the warnings that the client logs, on standard error.

    Yields a function for `on_attempt`, which shows attempts there.
    """
    handler, level = _Handler(logging.INFO), _logger.level
    _logger.addHandler(handler)
    _logger.setLevel(logging.INFO)
    try:
        yield handler.show_attempt
    finally:
        _logger.setLevel(level)
        _logger.removeHandler(handler)
        handler.close()


class _Handler(logging.Handler):
    """Shows a record with `seconds`, which announces a wait: as a countdown on a terminal, or else as a line."""

    _live: Live | None = None

    def emit(self, record: logging.LogRecord) -> None:
        self._stop()
        seconds = getattr(record, "seconds", 0.0)
        message = one_line(record.getMessage())
        with suppress(OSError):  # showing a wait must not fail the command
            if seconds >= 1:
                self._show(seconds, _LENGTH.sub("", message))
            elif record.levelno >= logging.WARNING:
                print("binance-wallet:", message, file=sys.stderr)

    def show_attempt(self, attempt: Attempt) -> None:
        """Show an attempt, or a wait that is over, as a line."""
        self._stop()
        with suppress(OSError):
            print("binance-wallet:", one_line(_attempt_line(attempt)), file=sys.stderr)

    def close(self) -> None:
        self._stop()
        super().close()

    def _show(self, seconds: float, why: str) -> None:
        console = make_console(sys.stderr)
        if not console.is_terminal or console.is_dumb_terminal:
            print(f"binance-wallet: waiting {math.ceil(seconds)} s: {why}", file=sys.stderr)
            return
        from rich.live import Live
        from rich.markup import escape
        from rich.progress_bar import ProgressBar
        from rich.table import Table

        end = time.monotonic() + seconds

        def countdown() -> Table:
            line = Table.grid(padding=(0, 1), expand=True)
            line.add_column(width=_BAR)
            line.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
            if (left := end - time.monotonic()) > 0:
                bar = ProgressBar(total=seconds, completed=seconds - left, width=_BAR)
                line.add_row(bar, f"Waiting, {math.ceil(left)} s left: {escape(why)}")
            return line

        self._live = Live(
            get_renderable=countdown, console=console, transient=True, redirect_stdout=False, redirect_stderr=False
        )
        self._live.start()

    def _stop(self) -> None:
        if self._live:
            with suppress(OSError):
                self._live.stop()
        self._live = None


def _attempt_line(attempt: Attempt) -> str:
    cause = str(attempt.error).partition("; call again in")[0].removesuffix(_NOT_SENT)  # the wait is over
    if attempt.kind == "wait":
        return f"{attempt.endpoint}: waited {attempt.seconds:.1f} s before attempt {attempt.number}: {cause}"
    end = f"failed after {attempt.seconds:.2f} s: {attempt.error}"
    if attempt.error is None:
        end = f"HTTP {attempt.status_code} in {attempt.seconds:.2f} s"
    used = "" if attempt.used_weight is None else f"; weight used in this minute: {attempt.used_weight}"
    return f"{attempt.endpoint}: attempt {attempt.number}: {end}{used}"
