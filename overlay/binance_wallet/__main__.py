"""`python -m binance_wallet` is the command `binance-wallet`, by its entry point: the client itself has no command."""

import sys
from importlib.metadata import entry_points

(command,) = entry_points(group="console_scripts", name="binance-wallet")
sys.exit(command.load()())
