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
    """Redacts log records: httpcore2 logs headers at the level DEBUG."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = redact(record.getMessage()), None
        return True


for _name in ("connection", "http11", "http2", "proxy", "socks"):
    logging.getLogger(f"httpcore2.{_name}").addFilter(_Redacting())
