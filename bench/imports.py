"""Import a client's module in a process that has imported nothing else yet, and make a first call.

`imports.py MODULE CLIENT URL` prints the time and the memory of this process at both moments, as JSON.
"""

import sys
import time


def measure(until: str) -> dict[str, float]:
    """What it took so far."""
    milliseconds = (time.perf_counter() - began) * 1e3
    with open("/proc/self/status", encoding="ascii") as status:  # noqa: PTH123 - pathlib would be in the measurement
        resident = next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))
    return {f"{until}, ms": milliseconds, f"{until}, MiB of memory": resident / 1024}


module, client, url = sys.argv[1:]
began = time.perf_counter()
__import__(module)
numbers = measure("import")

import json  # noqa: E402 - not before what is measured

import clients  # noqa: E402

getattr(clients, client)(url).balances()
print(json.dumps(numbers | measure("import to first answer")))
