"""One exception tree: the errors of the contract, and those of a call that got no response.

WalletError
├── InvalidRequestError         not sent, because it is not allowed (also a ValueError)
├── InvalidResponseError        the response does not fit the contract
├── ApiError                    the exchange returned an error
│   ├── AuthenticationError         key, signature, IP address or permission
│   ├── TimestampError              the clock: a call that is safe to repeat was sent again with the exchange's time
│   ├── RateLimitError              too many requests: no call is sent until `retry_after` has passed
│   │   └── BannedError                 the IP address is banned
│   └── ServerError                 the exchange has a problem, and the retries did not help
└── NetworkError                no response, or only a part of one
    └── DeadlineError               `timeout` has passed
"""

from binance_wallet_client.errors import *  # noqa: F403 - one tree, most of it from the contract
from binance_wallet_client.errors import WalletError as WalletError  # noqa: PLC0414 - for type checkers


class NetworkError(WalletError):
    """No response came, or only a part of one, and the retries did not help.

    Check name resolution, proxy, certificates and the connection.

    Args:
        message: What the network library said.
        sent: Whether the request may have reached the exchange.
    """

    def __init__(self, message: str, *, sent: bool = True) -> None:
        super().__init__(message)
        self.sent = sent


class DeadlineError(NetworkError):
    """The call was not done within `timeout` seconds, retries and waits included. Call again, or allow more time."""
