"""A Binance of your own to test against: the two wallet endpoints, written from the exchange's documentation alone.

Serving takes the extra `mock`.
"""

from binance_wallet.mock.account import Account
from binance_wallet.mock.command import serve
from binance_wallet.mock.exchange import MockExchange, RecordedRequest

__all__ = ["Account", "MockExchange", "RecordedRequest", "serve"]
