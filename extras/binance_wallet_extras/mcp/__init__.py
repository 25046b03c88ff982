"""A server of the Model Context Protocol, for assistants. Extra `mcp`."""

from binance_wallet_extras.extra import extra

with extra("mcp"):
    from .server import make_server
    from .tools import WAIT

__all__ = ["WAIT", "make_server"]
