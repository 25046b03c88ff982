"""The command `binance-wallet` with all that it may import, for launcher.py."""

import os
import random
import signal
from decimal import Decimal
from importlib import import_module

from binance_wallet_client.models import WalletBalance
from binance_wallet_extras.cli.__main__ import main
from binance_wallet_extras.report import render

for module in (
    "binance_wallet_extras.archive",
    "binance_wallet.budget.sqlite",
    "binance_wallet_extras.cli.app",
    "binance_wallet_extras.cli.tables",
    "binance_wallet_mock.app",
    "binance_wallet_mock.server",
    "binance_wallet_extras.plot",
    "binance_wallet.transports.open",
    "pyarrow.pandas_compat",
    "pyarrow.parquet",
    "rich.console",
    "rich.live",
    "sqlalchemy.dialects.sqlite.pysqlite",
):
    import_module(module)
# A process's first page takes seconds: the libraries that it brings along are put together. So does its first picture,
# but a fork of a process that has drawn one hangs: what draws it has threads.
render(balances=[WalletBalance(activate=True, balance=Decimal(1), wallet_name="Spot")])


def run() -> int:
    """Run the command, with the shortest pauses before retries; interrupt it after END_AFTER seconds."""
    random.uniform = min
    if limit := os.environ.get("END_AFTER"):
        signal.signal(signal.SIGALRM, signal.default_int_handler)
        signal.setitimer(signal.ITIMER_REAL, float(limit))
    code = main()
    signal.setitimer(signal.ITIMER_REAL, 0)
    return code
