"""Decisions without I/O: clock, budget, periods, signatures, and what the constructors accept."""
