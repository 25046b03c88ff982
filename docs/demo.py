"""`make demo`: what a newcomer would type, against a mock exchange on this machine."""

import os
import subprocess
import sys
from pathlib import Path

from binance_wallet.mock import MockExchange

COMMAND = Path(sys.executable).with_name("binance-wallet")
STEPS = (
    ["balances", "--quote", "USDT"],
    ["snapshots", "spot", "--days", "30"],
    ["snapshots", "margin", "--days", "30"],
    ["snapshots", "futures", "--days", "30"],
)

with MockExchange(seed=7) as exchange:
    environment = os.environ | {
        "BINANCE_BASE_URL": exchange.base_url,
        "BINANCE_API_KEY": exchange.api_key,
        "BINANCE_API_SECRET": exchange.api_secret,
    }
    for step in STEPS:
        print(f"\n$ binance-wallet {' '.join(step)}", flush=True)
        subprocess.run([COMMAND, *step], env=environment, check=True)
