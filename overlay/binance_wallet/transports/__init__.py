"""What sends requests. A client's transport is chosen when the client is made."""

from abc import ABC, abstractmethod

from binance_wallet.messages import Response, SignedRequest


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
