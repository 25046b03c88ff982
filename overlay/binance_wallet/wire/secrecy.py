"""What must not come out, whoever repeats it: the key and the signature of the request that is under way."""

import logging
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import httpx

_secrets: ContextVar[Collection[str]] = ContextVar("binance_wallet_secrets", default=())


@contextmanager
def hidden(secrets: Collection[str]) -> Iterator[None]:
    """Black the secrets out of what httpcore logs meanwhile: an exchange, or a proxy, may send them back in headers."""
    token = _secrets.set(secrets)
    try:
        yield
    finally:
        _secrets.reset(token)


def redacted(text: str, secrets: Collection[str]) -> str:
    for secret in secrets:
        text = text.replace(secret, "[redacted]")
    return text


def scrubbed(
    error: BaseException, handled: BaseException | None, secrets: Collection[str], request: httpx.Request
) -> tuple[BaseException, str]:
    """An error to chain, and its words: in the place of the signed request, all that it follows from hold this one.

    Where a secret is still in it, only its words are left, without that. `handled` is what the user's own code was
    handling meanwhile: it is at the end of the chain, and is not touched.
    """
    try:
        for one in (chain := [*_chain(error, handled)]):
            one.__traceback__ = None  # its frames hold the signed request, and error trackers read them
            one.args = tuple(redacted(arg, secrets) if isinstance(arg, str) else arg for arg in one.args)
            if isinstance(one, httpx.RequestError):
                one.request = request
        said = "".join(f"{one} {one!r} {one.args} {vars(one)}" for one in chain)
        words = redacted(str(error), secrets)
    except Exception:  # noqa: BLE001 - an error that cannot even be shown
        return httpx.TransportError(type(error).__name__), "it cannot be shown"
    if any(secret in said for secret in secrets):
        return httpx.TransportError(f"{type(error).__name__}: {words}"), words
    return error, words


def _chain(error: BaseException, handled: BaseException | None) -> Iterator[BaseException]:
    seen = {id(handled)}
    waiting: list[BaseException | None] = [error]
    while waiting:
        if (one := waiting.pop()) is not None and id(one) not in seen:
            seen.add(id(one))
            yield one
            waiting += [one.__cause__, one.__context__]
            if isinstance(one, BaseExceptionGroup):
                waiting += one.exceptions


class _Filter(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        if secrets := _secrets.get():
            record.msg, record.args = redacted(record.getMessage(), secrets), None
        return True


for _name in (*(f"httpcore.{part}" for part in ("connection", "http11", "http2", "proxy", "socks")), "hpack.hpack"):
    logging.getLogger(_name).addFilter(_Filter())
