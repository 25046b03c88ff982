"""The request-weight budget: what keeps an IP address within the exchange's limits."""

from .budget import Budget, Usage, forget_budgets, shared_budget
from .operations import Blocked, Operation, Release, Reserve, WrongTime

__all__ = [
    "Blocked",
    "Budget",
    "Operation",
    "Release",
    "Reserve",
    "Usage",
    "WrongTime",
    "forget_budgets",
    "shared_budget",
]
