"""The request-weight budget: what keeps an IP address within the exchange's limits."""

from .budget import Budget, Usage, forget_budgets, shared_budget
from .operations import Blocked, Full, Operation, Release, Reserve, Verdict, WrongTime

__all__ = [
    "Blocked", "Budget", "Full", "Operation", "Release", "Reserve", "Usage", "Verdict", "WrongTime", "forget_budgets",
    "shared_budget",
]  # fmt: skip
