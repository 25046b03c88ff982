"""Names of accounts and of assets."""

from typing import Final

from .text import asset

__all__ = ["ALL", "quote_asset_problem"]

ALL: Final = "all"
"""Stands for all accounts, where one is asked for. No account has this name."""


def quote_asset_problem(name: object) -> str:
    """Why this is not the name of an asset as the exchange writes it; empty if it is."""
    if not isinstance(name, str) or not name:
        return f"quote_asset must be the name of an asset, such as 'BTC', not {name!r}"
    written = asset(name)
    return (
        ""
        if name == written
        else f"quote_asset must be in upper case, as the exchange writes it: {written!r}, not {name!r}"
    )
