"""`make demo`: what a newcomer would type, against a mock exchange on this machine."""

import os
import subprocess
import sys
from pathlib import Path

from binance_wallet_mock import MockExchange

COMMAND = Path(sys.executable).with_name("binance-wallet")
REPORT, BUDGET = Path("build/report.html"), Path("build/budget.db")
STEPS = (
    ["balances", "--quote", "USDT"],
    ["snapshots", "spot", "--days", "30", "--plot"],
    ["snapshots", "futures", "--days", "5"],
    ["doctor"],
    ["report", "--output", str(REPORT)],
)
NEXT = f"""
That was a mock exchange. Its report is in {REPORT}: open it in a browser. Next, in an environment of your own:
"One account, one total, one picture" in README.md.
"""

REPORT.parent.mkdir(exist_ok=True)
with MockExchange(seed=7) as exchange:
    own = {name: value for name, value in os.environ.items() if not name.startswith("BINANCE_")}
    environment = own | {
        "BINANCE_BASE_URL": exchange.base_url,
        "BINANCE_API_KEY": exchange.api_key,
        "BINANCE_API_SECRET": exchange.api_secret,
        "BINANCE_BUDGET": f"sqlite:///{BUDGET}",  # not the file of the user's own commands
    }
    for step in STEPS:
        print(f"\n$ binance-wallet {' '.join(step)}", flush=True)
        subprocess.run([COMMAND, *step], env=environment, check=True)
print(NEXT, end="")
