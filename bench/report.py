"""From the numbers of `run.py` to RESULTS.md."""

import statistics
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

Measured = dict[str, list[dict[str, float]]]  # of each client, the numbers of each round; less is better

NAMES = {"python_binance": "python-binance", "binance_sdk_wallet": "binance-sdk-wallet", "ccxt": "ccxt"}
OURS = {"binance_wallet": "", "binance_wallet_aiohttp": ", with httpx-aiohttp"}
MINUTE = "a minute of the quota, processor ms"


def markdown(results: dict[str, Any]) -> str:
    """The whole of RESULTS.md."""
    busy = statistics.median(values(results["sync"], "binance_wallet", MINUTE))
    tables = {
        "sync_table": table(comparison(results["sync"])),
        "async_table": table(comparison(results["async"])),
        **{name: table(results[name]) for name in ("budget", "archive", "page")},
    }
    template = Path(__file__).with_name("RESULTS.template.md").read_text(encoding="utf-8")
    return template.format(
        **results | tables,
        busy=number(busy),
        addresses=f"{int(60_000 / busy):,}",
        sync_ratio=to_best_peer(results["sync"], "binance_wallet"),
        async_ratio=to_best_peer(results["async"], "binance_wallet"),
        aiohttp_ratio=to_best_peer(results["async"], "binance_wallet_aiohttp"),
    )


def to_best_peer(measured: Measured, ours: str) -> str:
    """How our minute of the quota compares, in words."""
    best = best_peer(measured, MINUTE)
    return f"{spread(ratios(measured, ours, best, MINUTE))} times what {NAMES[best]} takes"


def comparison(measured: Measured) -> Iterator[dict[str, str]]:
    """Our number of each kind of work, and its ratios to the others' numbers: to the best peer's in bold."""
    names = NAMES | {"before": "itself before"}
    for work in measured["binance_wallet"][0]:
        best = best_peer(measured, work)
        for ours in [name for name in OURS if name in measured]:
            row = {"": work + OURS[ours], "binance-wallet": spread(values(measured, ours, work))}
            for other in [name for name in names if name in measured]:
                text = spread(ratios(measured, ours, other, work))
                row[f"÷ {names[other]}"] = f"**{text}**" if other == best else text
            yield row


def best_peer(measured: Measured, work: str) -> str:
    """The peer that needs the least."""
    return min(measured.keys() & NAMES.keys(), key=lambda peer: statistics.median(values(measured, peer, work)))


def ratios(measured: Measured, client: str, peer: str, work: str) -> list[float]:
    """Of one client to another, in each round."""
    return [mine[work] / theirs[work] for mine, theirs in zip(measured[client], measured[peer], strict=True)]


def values(measured: Measured, client: str, work: str) -> list[float]:
    """One number of each round."""
    return [numbers[work] for numbers in measured[client]]


def spread(numbers: Sequence[float]) -> str:
    """The median, the lowest and the highest."""
    return f"{number(statistics.median(numbers))} ({number(min(numbers))} to {number(max(numbers))})"


def number(value: float) -> str:
    """Three digits that count."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def table(rows: Iterable[dict[str, Any]]) -> str:
    """In Markdown, with the keys as the head."""
    rows = [{key: number(cell) if isinstance(cell, float) else str(cell) for key, cell in row.items()} for row in rows]
    lines = [rows[0].keys(), ["---"] * len(rows[0]), *(row.values() for row in rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
