"""Keeps keys and signatures out of messages and logs."""

import logging
import re
from typing import Final

# A signature in a URL, or any word of 64 characters or more, the length of a key.
_SECRET: Final = re.compile(r"(?<=signature=)[^&\s'\"]+|[A-Za-z0-9+%=]{64,}")


def redact(text: str, secrets: frozenset[bytes] = frozenset()) -> str:
    """The text without what looks like a secret, and without the `secrets` of a request."""
    for secret in secrets:
        text = text.replace(secret.decode(), "[redacted]")
    return _SECRET.sub("[redacted]", text)


class _Redacting(logging.Filter):
    """Redacts log records: at the level DEBUG, httpcore2 logs headers, and so does hpack, which HTTP/2 uses."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = redact(record.getMessage())
        record.args = None
        return True


_LOGGERS: Final = ("connection", "http11", "http2", "proxy", "socks")

for _name in (*(f"httpcore2.{name}" for name in _LOGGERS), "hpack.hpack", "hpack.table"):
    logging.getLogger(_name).addFilter(_Redacting())
