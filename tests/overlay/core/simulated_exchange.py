"""An exchange in exact arithmetic: its time, what it accepts, and what it counts."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from binance_wallet.clock import Clock, Time

START_MS = 1_768_910_410_000  # 2026-01-20T12:00:10Z
RECV_WINDOW_MS = 5000


@dataclass
class SimulatedExchange:
    """Time passes only by `wait`. Monotonic time starts at 0, `ahead_ms` is how wrong this machine's clock is at first.

    Whole milliseconds, so that no rounding decides a test; `drift` is how much faster its clock runs than ours.
    """

    ahead_ms: int = 0
    drift: float = 0.0
    monotonic_ms: int = 0
    start_ms: int = START_MS
    used: Counter = field(default_factory=Counter)

    def clock(self, uniform: Callable[[float, float], float] = lambda *_: 0.0) -> Clock:
        """The clock of a process that starts now. By default, no wait has a random part."""
        return Clock(Time(wall=lambda: (self.now_ms + self.ahead_ms) / 1000, monotonic=self.monotonic, uniform=uniform))

    def monotonic(self) -> float:
        return self.monotonic_ms / 1000

    @property
    def now_ms(self) -> int:
        return self.start_ms + self.monotonic_ms + int(self.monotonic_ms * self.drift)

    @property
    def date(self) -> int:
        return self.now_ms // 1000

    @property
    def minute(self) -> int:
        return self.now_ms // 60_000

    def wait(self, ms: int) -> None:
        self.monotonic_ms += ms

    def accepts(self, timestamp: int) -> bool:
        return self.now_ms - RECV_WINDOW_MS <= timestamp < self.now_ms + 1000

    def call(self, clock: Clock, up_ms: int, down_ms: int) -> bool:
        """Whether a request that takes so long there and back is accepted; the clock learns from the response."""
        sent, timestamp = self.monotonic(), int(clock.now() * 1000)
        self.wait(up_ms)
        accepted, date = self.accepts(timestamp), self.date
        self.wait(down_ms)
        clock.learn(date, sent, self.monotonic(), refused=not accepted)
        return accepted
