"""How much to try, and from which seed.

CONTRACT_PROFILE=full tries more, from a new seed each time, except in CI; CONTRACT_SEED sets it.
"""

import os
import random
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, Phase, seed, settings

FULL = os.environ.get("CONTRACT_PROFILE") == "full"
SEED = int(
    os.environ.get("CONTRACT_SEED") or (random.randrange(2**32) if FULL and "CI" not in os.environ else 20260115)
)


def replay(nodeid: str) -> str:
    """The command that runs a test as it was run here."""
    variables = f"CONTRACT_PROFILE={'full' if FULL else 'short'} CONTRACT_SEED={SEED}"
    return f"{variables} .venv/bin/pytest '{nodeid}'"


def examples(*, short: int, full: int) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Try a test with so many examples, according to the profile."""
    # Generating bodies is slow, as is a server that shares two cores with its client: neither is a failure.
    suppressed = [HealthCheck.too_slow, HealthCheck.data_too_large]
    # To explain a failure takes longer than all the rest, and a body explains itself.
    phases = set(Phase) - {Phase.explain}
    profile = settings(
        max_examples=full if FULL else short, deadline=None, suppress_health_check=suppressed, phases=phases
    )
    patience = pytest.mark.timeout(600 if FULL else 60)
    return lambda test: patience(seed(SEED)(profile(test)))
