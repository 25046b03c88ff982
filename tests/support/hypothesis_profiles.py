"""How many examples Hypothesis tries, and from which seed.

- The contract tests: CONTRACT_PROFILE=full, as in `make contract`, tries more, from a new seed each time, except in CI.
  CONTRACT_SEED sets the seed.
- The core: FUZZ=1, as in `make fuzz`, tries more.
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

thoroughly = settings(max_examples=5000 if os.environ.get("FUZZ") else 120, deadline=None)  # however slow the machine


def replay(nodeid: str) -> str:
    """The command that runs a contract test again with the same examples."""
    variables = f"CONTRACT_PROFILE={'full' if FULL else 'short'} CONTRACT_SEED={SEED}"
    return f"{variables} .venv/bin/pytest '{nodeid}'"


def examples(*, short: int, full: int) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Try a contract test with as many examples as the profile says."""
    # Generating bodies is slow, as is a server that shares two cores with its client: neither is a failure.
    suppressed = [HealthCheck.too_slow, HealthCheck.data_too_large]
    # To explain a failure takes longer than all the rest, and a body explains itself.
    phases = set(Phase) - {Phase.explain}
    profile = settings(
        max_examples=full if FULL else short, deadline=None, suppress_health_check=suppressed, phases=phases
    )
    patience = pytest.mark.timeout(600 if FULL else 60)
    return lambda test: patience(seed(SEED)(profile(test)))
