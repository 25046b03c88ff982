"""The request-weight budget: what keeps an IP address within the exchange's limits."""

from .budget import Budget, Usage, shared_budget
from .memory import MemoryStore
from .operations import Block, Blocked, Full, Operation, Reconcile, Release, Reserve, Store, Verdict

__all__ = [
    "Block",
    "Blocked",
    "Budget",
    "Full",
    "MemoryStore",
    "Operation",
    "Reconcile",
    "Release",
    "Reserve",
    "Store",
    "Usage",
    "Verdict",
    "shared_budget",
]
