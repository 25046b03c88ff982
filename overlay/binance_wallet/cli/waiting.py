"""Waiting for the request budget, where people can see it."""

from __future__ import annotations

import math
import sys
import time
from typing import TYPE_CHECKING, Final, TypeVar

from binance_wallet.errors import BannedError, RateLimitError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["patiently"]

T = TypeVar("T")

_LEAST: Final = 1.0  # seconds: whoever asks again at once, again and again, is banned
_TICK: Final = 0.1


def patiently(what: str, call: Callable[[], T]) -> T:
    """Call until the exchange's request budget allows it. A ban is not waited for: it may take three days."""
    while True:
        try:
            return call()
        except BannedError:
            raise
        except RateLimitError as error:
            if error.retry_after is None:
                raise
            _wait(max(error.retry_after, _LEAST), f"Waiting for request weight for {what}")


def _wait(seconds: float, why: str) -> None:
    if not sys.stderr.isatty():
        print(f"{why}: {math.ceil(seconds)} s", file=sys.stderr)
        time.sleep(seconds)
        return
    from rich.progress import BarColumn, Progress, TextColumn

    from .output import console

    columns = TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[left]} s left")
    with Progress(*columns, console=console(sys.stderr), transient=True) as progress:
        task = progress.add_task(why, total=seconds, left=math.ceil(seconds))
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            progress.update(task, completed=seconds - left, left=math.ceil(left))
            time.sleep(min(left, _TICK))
