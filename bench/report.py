"""From the numbers of `run.py` to RESULTS.md and results.svg."""

import json
import statistics
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import altair as alt
import numpy as np

Results = dict[str, Any]

OURS, OURS_ASYNC = "binance_wallet", "binance_wallet_aiohttp"
NAMES = {
    "binance_wallet": "binance-wallet",
    "binance_wallet_aiohttp": "binance-wallet with aiohttp",
    "python_binance": "python-binance",
    "binance_sdk_wallet": "binance-sdk-wallet (official)",
    "ccxt": "ccxt",
    "floor": "floor",
}
PEERS = ("python_binance", "binance_sdk_wallet", "ccxt")


@dataclass(frozen=True)
class Row:
    """One kind of work: where its numbers are, and how they are written."""

    title: str
    name: str
    key: str
    scale: float
    unit: str
    more_is_better: bool = False

    def values(self, results: Results, client: str) -> list[float]:
        """One number of each round; none if this client does not do this work."""
        return [numbers[self.key] * self.scale for numbers in results["measured"][self.name].get(client, [])]

    def ratios(self, results: Results, client: str, other: str) -> list[float]:
        """Of one client to another, in each round."""
        both = zip(self.values(results, client), self.values(results, other), strict=True)
        return [mine / theirs for mine, theirs in both]

    def best(self, results: Results) -> str:
        """The peer that is ahead of the other ones."""
        ahead = max if self.more_is_better else min
        peers = [peer for peer in PEERS if self.values(results, peer)]
        return ahead(peers, key=lambda peer: statistics.median(self.values(results, peer)))


SMALL = Row("ten wallets", "small", "seconds", 1e3, "ms")
MONTH = Row("30 days of 500 assets", "month", "seconds", 1e3, "ms")
TOTALS = Row("30 days of 500 assets, then exact totals", "month", "with_totals", 1e3, "ms")
IMPORT = Row("import", "imports", "seconds", 1e3, "ms")
RESIDENT = Row("memory of the process after the import", "imports", "resident", 2**-20, "MiB")
HELD = Row("memory that the decoded month holds", "memory", "held", 2**-20, "MiB")
PEAK = Row("memory at the peak of the month's call", "memory", "peak", 2**-20, "MiB")
TASKS = [Row(f"ten wallets, {n} tasks at once", "tasks", n, 1, "calls/s", more_is_better=True) for n in ("10", "50")]
ROWS = [SMALL, MONTH, TOTALS, IMPORT, RESIDENT, HELD, PEAK]


@dataclass(frozen=True)
class Goal:
    """How our client is to compare with a peer: at most so much of its number, or at least."""

    row: Row
    ratio: float
    peer: str | None = None  # else the best one of the run

    def line(self, results: Results) -> list[str]:
        """As a row of the table of goals."""
        ours = OURS_ASYNC if self.row in TASKS else OURS
        peer = self.peer or self.row.best(results)
        ratios = self.row.ratios(results, ours, peer)
        ratio, sign = statistics.median(ratios), "≥" if self.row.more_is_better else "≤"
        met = ratio >= self.ratio if self.row.more_is_better else ratio <= self.ratio
        floor = number(statistics.median(self.row.ratios(results, "floor", peer)))
        verdict = "met" if met else "**not met**"
        return [self.row.title, f"{sign} {self.ratio:g} of {NAMES[peer]}", spread(ratios), floor, verdict]


GOALS = [
    Goal(SMALL, 0.5),
    Goal(TOTALS, 0.75),
    Goal(TOTALS, 0.1, "binance_sdk_wallet"),
    Goal(IMPORT, 0.33),
    Goal(RESIDENT, 0.6),
    Goal(HELD, 1.0, "ccxt"),
    *(Goal(row, 1.0, "python_binance") for row in TASKS),
]

RESERVATION_GOALS = {"file": 0.3, "Redis": 0.3}  # ms

TEMPLATE = Path(__file__).with_name("RESULTS.template.md")


def write(results: Results, directory: Path) -> None:
    """Write RESULTS.md and results.svg."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "RESULTS.md").write_text(markdown(results), encoding="utf-8")
    picture(results).save(directory / "results.svg")


def markdown(results: Results) -> str:
    """The whole of RESULTS.md."""
    return TEMPLATE.read_text(encoding="utf-8").format(
        **{name: results[name] for name in ("minutes", "python", "machine", "rounds")},
        goals=table(["work", "goal", "measured", "the floor's", ""], (goal.line(results) for goal in GOALS)),
        behind=behind(results),
        sync=comparison(results, ROWS, (OURS, *PEERS, "floor")),
        tasks=comparison(results, TASKS, (OURS_ASYNC, OURS, "python_binance", "ccxt", "floor")),
        growth=growth(results),
        budget=budget(results),
        reservation=reservation(results),
        archive=archive(results),
        page=page(results),
        profile=profile(results),
        versions=", ".join(f"{package} {version}" for package, version in results["versions"].items()) + ".",
    )


def profile(results: Results) -> str:
    """The packages that our client spends its time in."""
    titles = {"small": SMALL.title, "month": TOTALS.title, "tasks": "ten wallets, 50 tasks at once"}
    shares = {
        title: ", ".join(f"{package} {share:.0%}" for package, share in results["profile"][key].items())
        for key, title in titles.items()
    }
    return table(["work", "share of the time"], shares.items())


def behind(results: Results) -> str:
    """Where a peer wins, in words."""
    lost = []
    for row in (*ROWS, *TASKS):
        best = row.best(results)
        ours, theirs = (
            statistics.median(row.values(results, client)) for client in (OURS_ASYNC if row in TASKS else OURS, best)
        )
        if ours < theirs if row.more_is_better else ours > theirs:
            lost.append(f"{row.title} ({NAMES[best]}: {number(theirs)} {row.unit}, ours: {number(ours)} {row.unit})")
    return f"A peer is ahead in: {'; '.join(lost)}." if lost else "No peer is ahead in anything measured here."


def comparison(results: Results, rows: Iterable[Row], clients: Sequence[str]) -> str:
    """Work by client."""
    return table(
        ["", *(NAMES[client] for client in clients)],
        ([f"{row.title}, {row.unit}", *(spread(row.values(results, client)) for client in clients)] for row in rows),
    )


def growth(results: Results) -> str:
    """Time and memory by number of records, and what a straight line through them says."""
    sizes, milliseconds, kibibytes = grown(results)
    fits = [line_through(sizes, values) for values in (milliseconds, kibibytes)]
    rows = [
        [f"{size:,}", number(time), number(fits[0](size)), number(memory), number(fits[1](size))]
        for size, time, memory in zip(sizes, milliseconds, kibibytes, strict=True)
    ]
    return table(["records", "ms", "line", "KiB", "line"], rows)


def grown(results: Results) -> tuple[list[int], list[float], list[float]]:
    """Numbers of records, and the median time in ms and memory in KiB of each."""
    times, memories = results["measured"]["growth month"], results["measured"]["growth memory"]
    return (
        [int(size) for size in times],
        [statistics.median(one["seconds"] for one in rounds) * 1e3 for rounds in times.values()],
        [statistics.median(one["held"] for one in rounds) / 1024 for rounds in memories.values()],
    )


def line_through(sizes: Sequence[float], values: Sequence[float]) -> Callable[[float], float]:
    """The straight line that has the least squares of relative errors."""
    x, y = np.array(sizes, float), np.array(values, float)
    (start, slope), *_ = np.linalg.lstsq(np.column_stack([1 / y, x / y]), np.ones(len(y)), rcond=None)
    return lambda size: start + slope * size


def budget(results: Results) -> str:
    """What the fleets got, or that there was no simulation."""
    if not results["budget"]:
        return "Left out of a quick run."
    fleets = [
        [
            str(fleet["processes"]),
            ", ".join(filter(None, (fleet["store"], fleet["event"]))),
            f"{fleet['share']:.0%}",
            str(fleet["429"]),
            str(fleet["418"]),
        ]
        for fleet in results["budget"]
    ]
    return table(["processes", "budget", "used", "429", "418"], fleets)


def reservation(results: Results) -> str:
    """What a reservation costs by store, and whether that is within the goal."""
    rows = []
    for store, values in results["measured"]["reservation"].items():
        goal = RESERVATION_GOALS.get(store)
        verdict = "" if goal is None else "met" if statistics.median(values) <= goal else "**not met**"
        rows.append([store, spread(values), "" if goal is None else f"≤ {goal} ms", verdict])
    return table(["budget", "a reservation, ms", "goal", ""], rows)


def archive(results: Results) -> str:
    """Size and times by years, or that nothing was measured."""
    rows = [
        [
            one["database"],
            str(one["years"]),
            number(one["bytes"] * 2**-20),
            number(one["read"] * 1e3),
            number(one["ratio"]),
            number(one["update"] * 1e3),
        ]
        for one in results["archive"]
    ]
    head = ["database", "years", "MiB", "read a year, ms", "÷ decoding", "add a day, ms"]
    return table(head, rows) if rows else "Left out of a quick run."


def page(results: Results) -> str:
    """The report of a year in a browser, or why there are no numbers."""
    if not (found := results["page"]):
        return "Left out of a quick run."
    if found["loaded"] is None:
        return "There was no Chromium."
    seconds = [f"{found[key]:.2f} s" for key in ("loaded", "first", "drawn")]
    verdict = "met" if found["loaded"] < 2 else "**not met**"
    row = [f"{found['bytes'] / 1e6:.2f} MB", *seconds, "< 2 s", verdict]
    return table(["size", "page loaded", "first chart drawn", "all charts drawn", "goal: loaded in", ""], [row])


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """In Markdown, numbers not aligned."""
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows))


def spread(values: Sequence[float]) -> str:
    """The median, and what it lies between."""
    if not values:
        return "none"
    return f"{number(statistics.median(values))} ({number(min(values))} to {number(max(values))})"


def number(value: float) -> str:
    """Three digits that count."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def picture(results: Results) -> alt.VConcatChart:
    """A bar for each client and work; below it, the growth."""
    bars = []
    for row in (SMALL, IMPORT, MONTH, TOTALS, RESIDENT, HELD, *TASKS):
        data = [
            {"client": name, "value": statistics.median(values), "low": min(values), "high": max(values)}
            for client, name in NAMES.items()
            if (values := row.values(results, client))
        ]
        client = alt.Y("client:N", sort=list(NAMES.values()), title=None)
        base = alt.Chart(alt.Data(values=data), title=f"{row.title}, {row.unit}", width=300, height=90)
        color = alt.Color("client:N", scale=alt.Scale(domain=list(NAMES.values()), range=COLORS), legend=None)
        bar = base.mark_bar().encode(alt.X("value:Q", title=None), client, color)
        bars.append(bar + base.mark_rule().encode(alt.X("low:Q", title=None), alt.X2("high:Q"), client))
    return alt.vconcat(alt.concat(*bars, columns=2), lines(results))


COLORS = ["#f0b90b", "#c99400", "#5b7083", "#7d92a5", "#9fb2c3", "#d9d9d9"]


def lines(results: Results) -> alt.HConcatChart:
    """Time and memory by records, both axes logarithmic, with the straight lines fitted to them."""
    sizes, *measured = grown(results)
    charts = []
    for title, values in zip(("call, ms", "memory, KiB"), measured, strict=True):
        fit = line_through(sizes, values)
        data = [{"records": size, "value": value, "fit": fit(size)} for size, value in zip(sizes, values, strict=True)]
        x = alt.X("records:Q", scale=alt.Scale(type="log"), axis=alt.Axis(grid=False))
        base = alt.Chart(alt.Data(values=data), title=f"{title}, and a straight line", width=300, height=200)
        line = base.mark_line(color="#9fb2c3").encode(
            x, alt.Y("fit:Q", scale=alt.Scale(type="log"), axis=alt.Axis(grid=False), title=None)
        )
        points = base.mark_point(color="#c99400", filled=True, size=60).encode(x, alt.Y("value:Q", title=None))
        charts.append(line + points)
    return alt.hconcat(*charts)


if __name__ == "__main__":  # anew from the numbers of an earlier run: report.py results.json directory
    write(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")), Path(sys.argv[2]))
