"""schemathesis against the mock exchange, over HTTP: the contract allows the response to any request."""

from pathlib import Path

import pytest
import schemathesis
from hypothesis_profiles import FULL, SEED

from . import hooks, spec

assert hooks  # it registers itself

config = schemathesis.Config.from_path(Path(__file__).with_name("schemathesis.toml"))
config.update(seed=SEED, max_failures=None)
served = [spec.BALANCES["path"], spec.SNAPSHOTS["path"]]
schema = schemathesis.openapi.from_path(spec.PATH, config=config).include(path=served)
schema.config.generation.update(max_examples=2000 if FULL else 40)


@pytest.mark.timeout(600 if FULL else 60)
@schema.parametrize()
def test_any_request_gets_a_documented_response(case, contract_exchange):
    """Examples, every edge of every schema, and random data, valid and not; all checks, and those in hooks.py."""
    case.call_and_validate(base_url=contract_exchange.base_url)
