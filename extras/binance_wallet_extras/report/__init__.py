"""A page to look at: what the wallets hold, how that grew, and what changed. One HTML file. Extra `report`."""

from binance_wallet_extras.extra import extra

with extra("report"):
    from .account import Account
    from .language import Language
    from .page import render

__all__ = ["Account", "Language", "render"]
