"""The budget store that counts in this process only."""

from binance_wallet.forks import ForkSafe

from .operations import Operation, Verdict
from .rule import AddressState


class MemoryStore(ForkSafe):
    """Thread-safe."""

    def __str__(self) -> str:
        return "memory"

    def __init__(self) -> None:
        super().__init__()
        self.state = AddressState()

    def perform(self, operation: Operation, deadline: float = 0.0) -> Verdict:  # noqa: ARG002 - nothing here takes time
        with self.lock:
            return self.state.perform(operation)

    async def aperform(self, operation: Operation, deadline: float = 0.0) -> Verdict:
        return self.perform(operation, deadline)

    def used(self, minute: int) -> dict[str, int]:
        with self.lock:
            usage = self.state.usage.items()
            return {counter: minutes[minute].used if minute in minutes else 0 for counter, minutes in usage}
