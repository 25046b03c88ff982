"""One exception tree: the generated errors, which the contract tells apart, and those of a call that got no answer.

WalletError
├── InvalidRequestError         refused here, before any request (also a ValueError)
├── InvalidResponseError        the answer does not fit the contract
├── ApiError                    the exchange said no
│   ├── AuthenticationError         key, signature, IP address or permission: never retried
│   ├── TimestampError              the clock, even after it was corrected by the answer
│   ├── RateLimitError              too fast: until `retry_after` is over, calls raise at once and send nothing
│   │   └── BannedError                 much too fast: never retried
│   └── ServerError                 the exchange is in trouble, and the retries did not outlast it
└── NetworkError                no answer, or half of one
    └── DeadlineError               `timeout` is over
"""

from binance_wallet_client.errors import *  # noqa: F403 - one tree, told by the contract where it can be
from binance_wallet_client.errors import WalletError as WalletError  # noqa: PLC0414 - for type checkers, still of this module


class NetworkError(WalletError):
    """No answer came, or only a part of one, and the retries did not help.

    Check name resolution, proxy, certificates and the connection; `__cause__` is what the network library said.
    """


class DeadlineError(NetworkError):
    """The call was not done within `timeout` seconds, retries and waits included. Call again, or allow more time."""
