"""What must not come out, whoever repeats it: the key and the signature of the request that is under way."""

import logging
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

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


class _Filter(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        if secrets := _secrets.get():
            record.msg, record.args = redacted(record.getMessage(), secrets), None
        return True


for _name in (*(f"httpcore.{part}" for part in ("connection", "http11", "http2", "proxy", "socks")), "hpack.hpack"):
    logging.getLogger(_name).addFilter(_Filter())
