"""Runs the command in a fork for each line on standard input, so that hundreds of runs import it once.

A line is JSON: `args`, `env`, and for `stdout` and `stderr` a path, or null for a closed one. The exit code is printed.
"""

import gc
import json
import os
import random
import signal
import sys

import binance_wallet.cli.app
import binance_wallet.cli.tables  # noqa: F401
import rich.console  # noqa: F401
from binance_wallet.cli import main

gc.freeze()  # at exit, a fork would look through all of this
for line in sys.stdin:
    run = json.loads(line)
    if (child := os.fork()) == 0:
        break
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
else:
    sys.exit()


def interrupt(*_):
    raise KeyboardInterrupt


for descriptor, name in enumerate(["stdin", "stdout", "stderr"]):
    if path := run.get(name, os.devnull):
        os.dup2(os.open(path, os.O_RDWR | os.O_CREAT), descriptor)
    else:
        os.close(descriptor)
        setattr(sys, name, None)  # as in a new process
os.environ.clear()
os.environ.update(run["env"])
sys.argv = ["binance-wallet", *run["args"]]
random.uniform = min  # the pauses before retries
signal.signal(signal.SIGALRM, interrupt)
signal.setitimer(signal.ITIMER_REAL, 0.5 if "mock" in run["args"] else 20)  # the mock exchange does not end by itself
code = main()
signal.setitimer(signal.ITIMER_REAL, 0)
sys.exit(code)
