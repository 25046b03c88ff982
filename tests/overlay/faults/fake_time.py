"""Time that tests can skip."""

import math
import time
from threading import Lock

from binance_wallet.budget import Budget
from binance_wallet.clock import Clock, Time

START = 1_768_910_410.0  # 2026-01-20T12:00:10Z


class FakeTime:
    """Real time, of which sleeping skips as much as it should have waited out.

    So deadlines hold for what really happens on a socket, and nobody waits for a retry. The exchange starts at START,
    ten seconds into a minute; `machine_ahead` is how wrong this machine's clock is, in seconds.
    """

    def __init__(self, machine_ahead: float = 0.0) -> None:
        self.machine_ahead = machine_ahead
        self._exchange_ahead = START - time.monotonic()
        self._skipped = 0.0
        self._lock = Lock()

    def budget(self) -> Budget:
        """The budget, and with it the clock, of a process that has just started. Random waits are the longest."""

        def longest(low: float, high: float) -> float:
            return math.nextafter(high, low)  # as of a random number, the end is excluded

        return Budget(clock=Clock(Time(self.wall, self.monotonic, self.sleep, self.async_sleep, longest)))

    def monotonic(self) -> float:
        return time.monotonic() + self._skipped

    def exchange(self) -> float:
        return self.monotonic() + self._exchange_ahead

    def wall(self) -> float:
        return self.exchange() + self.machine_ahead

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self._skipped += seconds

    async def async_sleep(self, seconds: float) -> None:
        self.sleep(seconds)

    def exchange_jumps(self, seconds: float) -> None:
        """As it looks from here when this machine was suspended."""
        self._exchange_ahead += seconds
