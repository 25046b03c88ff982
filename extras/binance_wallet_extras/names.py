"""Names of accounts."""

from typing import Final

__all__ = ["ALL"]

ALL: Final = "all"
"""Stands for all accounts, where one is asked for. No account has this name."""
