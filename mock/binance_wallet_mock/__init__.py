"""A mock exchange to test against: the two wallet endpoints, written from the exchange's documentation alone.

Serving needs the extra `mock`.
"""

from .account import Account
from .command import serve
from .exchange import MockExchange
from .messages import RecordedRequest

__all__ = ["Account", "MockExchange", "RecordedRequest", "serve"]
