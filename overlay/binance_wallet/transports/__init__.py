"""What sends requests. A client's transport is chosen when the client is made."""

from abc import ABC, abstractmethod
from typing import Final

from binance_wallet.messages import Response, SignedRequest

# Whose exceptions are failures of a transport: Python's own, and those of the libraries that may be below it.
_LIBRARIES: Final = {
    "builtins",
    "ssl",
    "socket",
    "asyncio",
    "anyio",
    "trio",
    "h11",
    "h2",
    "httpcore2",
    "httpx2",
    "aiohttp",
    "httpx_aiohttp",
    "binance_wallet",
    "binance_wallet_client",
}


def is_transport_error(error: Exception, transport: object = None) -> bool:
    """Whether an exception is a failure of the transport, which may be one that the user brings.

    Others, such as a job's time limit, come from a signal handler.
    """
    home = type(error).__module__.partition(".")[0]
    return isinstance(error, OSError) or home in _LIBRARIES | {type(transport).__module__.partition(".")[0]}


class Transport(ABC):
    """Sends a request once. `deadline` is in `time.monotonic()`.

    `send` raises NetworkError, whose `sent` says whether the request may have left; or InvalidResponseError for a body
    that cannot be decoded.
    """

    @abstractmethod
    def send(self, request: SignedRequest, deadline: float) -> Response: ...

    @abstractmethod
    def close(self) -> None: ...


class AsyncTransport(ABC):
    """The same with `await`."""

    @abstractmethod
    async def send(self, request: SignedRequest, deadline: float) -> Response: ...

    @abstractmethod
    async def aclose(self) -> None: ...
