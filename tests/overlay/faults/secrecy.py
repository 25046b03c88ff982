"""Where a secret could come out, and the assertion that it does not."""

import pickle
import traceback
from collections.abc import Iterable, Iterator
from logging import LogRecord
from pathlib import Path

HERE = str(Path(__file__).parents[2])


def assert_no_secret(
    secrets: Iterable[str], *, error: BaseException | None = None, logs: Iterable[LogRecord] = (), **texts: str
) -> None:
    """No secret in an error and all that hangs on it, in log records, or in any other text."""
    places = [*texts.items()]
    for record in logs:
        places += [(f"a log line of {record.name}", record.getMessage()), ("its record", repr(vars(record)))]
    if error is not None:
        places += [("the pickled error", pickle.dumps(error).decode("latin-1"))]
        places += [place for one in chain(error) for place in said_by(one)]
    shown = [f"{place}: {text[:2000]}" for place, text in places for secret in secrets if secret in text]
    assert not shown, "\n".join(["a secret comes out in", *shown])


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """An error and all that it follows from."""
    seen: list[BaseException] = []
    waiting = [error]
    while waiting:
        error = waiting.pop()
        if error is not None and error not in seen:
            seen.append(error)
            yield error
            waiting += [error.__cause__, error.__context__, *getattr(error, "exceptions", ())]


def said_by(error: BaseException) -> Iterator[tuple[str, str]]:
    """What an error tracker records of an error: its words, its attributes, and the variables of its frames."""
    name = type(error).__name__
    yield f"str of {name}", str(error)
    yield f"repr of {name}", repr(error)
    yield f"args of {name}", repr(error.args)
    yield f"vars of {name}", repr(vars(error))
    for value in vars(error).values():
        if hasattr(value, "headers"):
            # Header names that look secret are masked in a repr, so look at what is really there.
            yield f"{name}'s request or response", f"{getattr(value, 'url', '')} {[*value.headers.items()]}"
    for frame, line in traceback.walk_tb(error.__traceback__):
        if not frame.f_code.co_filename.startswith(HERE):
            for variable, value in frame.f_locals.items():
                shown = repr([*value]) if isinstance(value, tuple | list) else repr(value)  # as error trackers do
                yield f"{frame.f_code.co_filename}:{line}, variable {variable}", shown
