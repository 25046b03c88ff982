"""The client raises for every documented error the exception that the contract names."""

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from binance_wallet import ApiError, WalletClient, errors
from binance_wallet.budget import forget_budgets
from hypothesis import assume, given
from hypothesis_profiles import examples

from .endpoints import arguments, module, required
from .schema_bodies import bodies
from .spec import OPERATIONS, SPEC, documented_responses, inlined, response_schema

ERROR_BODY = inlined(SPEC["components"]["schemas"]["ErrorBody"], SPEC)
BY_STATUS, BY_CODE = (SPEC["components"][f"x-error-{key}"] for key in ("statuses", "codes"))


def call(wallet: WalletClient, operation: dict[str, Any]) -> None:
    module(operation).sync(client=wallet, **arguments(operation, required(operation)))


class Documented(NamedTuple):
    """An error, as the contract gives it in an example."""

    operation: dict[str, Any]
    status: int
    said: Any
    kind: str


def documented() -> Iterator[object]:
    for operation in OPERATIONS.values():
        for status in operation["responses"].keys() - {"200"}:
            for name, said in documented_responses(operation, status).items():
                code = None if isinstance(said, str) else str(said["code"])
                kind = BY_STATUS.get(status) or BY_CODE.get(code, {}).get("error", "ApiError")
                error = Documented(operation, int(status.replace("XX", "03")), said, kind)
                yield pytest.param(error, id=f"{operation['operationId']}-{status}-{name}")


@pytest.mark.parametrize("wanted", sorted(documented(), key=lambda error: error.id))
def test_a_documented_error_becomes_its_exception(contract_exchange, options, wanted):
    is_page = isinstance(wanted.said, str)
    body = wanted.said if is_page else json.dumps(wanted.said)
    # A refused timestamp is sent once more, with the time corrected.
    contract_exchange.fail(wanted.status, body=body, headers={"Retry-After": "7"}, times=2)
    with WalletClient(**options) as wallet, pytest.raises(ApiError) as caught:
        call(wallet, wanted.operation)
    error = caught.value
    assert (type(error).__name__, error.status_code) == (wanted.kind, wanted.status)
    # The pages have one heading, which is their title, too.
    said = {"code": None, "msg": re.findall("<h1>(.+)</h1>", body)[0]} if is_page else wanted.said
    assert {"code": error.code, "msg": error.msg} == said
    if wanted.status in {418, 429, 503}:
        assert error.retry_after == 7


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=lambda operation: operation["operationId"])
@pytest.mark.parametrize("status", [200, 400, 401, 404, 418, 429, 500, 503])
@examples(short=5, full=100)
@given(said=bodies(ERROR_BODY))
def test_any_error_body_is_read_under_any_status(contract_exchange, options, operation, status, said):
    """The exchange reports errors under 200, too."""
    success = response_schema(operation).get("properties", {}).get("code", {"enum": []})
    if status == 200 and not success.keys() & {"const", "enum"}:
        pytest.skip("its `code` is data")
    assume(status != 200 or said["code"] not in success.get("enum", [success.get("const")]))
    forget_budgets()
    contract_exchange.reset()
    contract_exchange.fail(status, body=json.dumps(said), times=2)
    with WalletClient(**options) as wallet, pytest.raises(ApiError) as caught:
        call(wallet, operation)
    error = caught.value
    assert (error.status_code, error.code) == (status, said["code"])
    assert error.msg == said.get("msg") or not said.get("msg")
    kind = BY_STATUS.get(str(status)) or BY_CODE.get(str(error.code), {}).get("error")
    assert isinstance(error, getattr(errors, kind or BY_STATUS.get(f"{status // 100}XX", "ApiError")))
