"""Runs the command `binance-wallet` within the process of the tests, which starts nothing and imports nothing anew.

The command is given what a process has: arguments, environment, folder, and standard streams, down to the descriptors.
Only a separate process shows how it starts and ends: with signals, limits or mounts. Tests of these start one.
"""

import os
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from unittest.mock import patch

from binance_wallet import clock
from binance_wallet.budget import forget_budgets
from binance_wallet_extras.cli.__main__ import main

NAMES = ("stdin", "stdout", "stderr")


def run(args: Sequence[str], env: dict[str, str], folder: str, streams: Sequence[int | None]) -> int:
    """Run the command and return its exit code. It pauses for the shortest time before retries.

    `streams` are the descriptors of its standard input, output and error; None stands for a closed one.
    """
    forget_budgets()
    encoding = env.get("PYTHONIOENCODING", "utf-8")
    with (
        patch.dict(os.environ, env, clear=True),
        patch.object(sys, "argv", ["binance-wallet", *args]),
        patch.object(clock, "Time", partial(clock.Time, uniform=min)),
        _in_folder(folder),
        _signal_handlers_kept(),
        _standard_streams(streams, encoding),
    ):
        try:
            return main()
        except SystemExit as end:  # as click does when it has completed a word for a shell
            return int(end.code or 0)


def output(args: Sequence[str], env: dict[str, str], folder: str) -> tuple[int, bytes, bytes]:
    """Run the command without a terminal; return its exit code, standard output and standard error."""
    with open(os.devnull) as stdin, tempfile.TemporaryFile() as stdout, tempfile.TemporaryFile() as stderr:  # noqa: PTH123
        code = run(args, env, folder, [stream.fileno() for stream in (stdin, stdout, stderr)])
        stdout.seek(0)
        stderr.seek(0)
        return code, stdout.read(), stderr.read()


@contextmanager
def _in_folder(folder: str) -> Iterator[None]:
    before = os.getcwd()  # noqa: PTH109
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


@contextmanager
def _signal_handlers_kept() -> Iterator[None]:
    kept = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)


@contextmanager
def _standard_streams(streams: Sequence[int | None], encoding: str) -> Iterator[None]:
    """Put descriptors in the places of 0, 1 and 2, and streams in an encoding in `sys`, as Python does at its start."""
    kept = [os.dup(number) for number in range(3)]
    try:
        with ExitStack() as opened:
            for number, (name, stream) in enumerate(zip(NAMES, streams, strict=True)):
                if stream is None:
                    os.close(number)
                else:
                    os.dup2(stream, number)
                text = None if stream is None else _text(number, encoding)
                opened.enter_context(patch.object(sys, name, text))
                opened.enter_context(patch.object(sys, f"__{name}__", text))
            try:
                yield
            finally:
                for name in NAMES:
                    if text := getattr(sys, name):
                        text.close()
    finally:
        for number, descriptor in enumerate(kept):
            os.dup2(descriptor, number)
            os.close(descriptor)


def _text(number: int, encoding: str):
    name, _, errors = encoding.partition(":")
    if number == 2:
        errors = "backslashreplace"  # Python takes no other for standard error
    return open(number, "w" if number else "r", encoding=name, errors=errors or None, closefd=False)
