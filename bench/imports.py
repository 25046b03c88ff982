"""Import a module in a process that has imported nothing else yet; print seconds and resident bytes, as JSON."""

import sys
import time

began = time.perf_counter()
__import__(sys.argv[1])
seconds = time.perf_counter() - began

with open("/proc/self/status", encoding="ascii") as status:  # noqa: PTH123 - pathlib would be in the measurement
    resident = next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmRSS"))
print(f'{{"seconds": {seconds}, "resident": {resident}}}')
