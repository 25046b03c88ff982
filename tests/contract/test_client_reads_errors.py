"""The client makes of every documented error the exception that the contract names for it."""

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from binance_wallet import ApiError, WalletClient, errors
from binance_wallet.limits import shared_budget
from binance_wallet_client.api.account import daily_account_snapshot
from binance_wallet_client.api.asset import query_user_wallet_balance
from hypothesis import given

from .bodies import bodies
from .profile import examples
from .spec import BALANCES, OPERATIONS, SNAPSHOTS, SPEC, answer_schema

ENDPOINTS = {
    BALANCES["path"]: lambda wallet: query_user_wallet_balance.sync(client=wallet),
    SNAPSHOTS["path"]: lambda wallet: daily_account_snapshot.sync(client=wallet, type_="SPOT"),
}
ERROR_BODY = answer_schema(BALANCES, "400")
BY_STATUS, BY_CODE = (SPEC["components"][f"x-error-{key}"] for key in ("statuses", "codes"))


class Documented(NamedTuple):
    """An error, as the contract gives it in an example."""

    path: str
    status: int
    said: Any
    kind: str


def documented() -> Iterator[object]:
    for operation in OPERATIONS.values():
        for status, response in operation["responses"].items():
            said = [example for media in response["content"].values() for example in media["examples"].items()]
            for name, example in said if status != "200" else ():
                code = example["value"].get("code") if isinstance(example["value"], dict) else None
                kind = BY_STATUS.get(status) or BY_CODE.get(str(code), {}).get("error", "ApiError")
                error = Documented(operation["path"], int(status.replace("XX", "03")), example["value"], kind)
                yield pytest.param(error, id=f"{operation['operationId']}-{status}-{name}")


@pytest.mark.parametrize("wanted", [*documented()])
def test_a_documented_error(exchange, options, wanted):
    """Its class, its code, its message, and when to come back."""
    is_page = isinstance(wanted.said, str)
    body = wanted.said if is_page else json.dumps(wanted.said)
    # A refused timestamp is sent once more, with the time corrected.
    exchange.fail(wanted.status, body=body, headers={"Retry-After": "7"}, times=2)
    with WalletClient(**options) as wallet, pytest.raises(ApiError) as caught:
        ENDPOINTS[wanted.path](wallet)
    error = caught.value
    assert (type(error).__name__, error.status_code) == (wanted.kind, wanted.status)
    said = {"code": None, "msg": " ".join(re.sub("<[^>]*>", " ", body).split())} if is_page else wanted.said
    assert {"code": error.code, "msg": error.msg} == said
    if wanted.status in {418, 429, 503}:
        assert error.retry_after == 7


@pytest.mark.parametrize("path", ENDPOINTS)
@pytest.mark.parametrize("status", [200, 400, 401, 404, 418, 429, 500, 503])
@examples(short=10, full=100)
@given(said=bodies(ERROR_BODY).filter(lambda said: said["code"] != 200))
def test_any_error_body(exchange, options, path, status, said):
    """Under any status: the exchange reports errors under 200 as well."""
    shared_budget.cache_clear()
    exchange.reset()
    exchange.fail(status, body=json.dumps(said), times=2)
    with WalletClient(**options) as wallet, pytest.raises(ApiError) as caught:
        ENDPOINTS[path](wallet)
    error = caught.value
    assert (error.status_code, error.code) == (status, said["code"])
    assert error.msg == said.get("msg") or not said.get("msg")
    kind = BY_STATUS.get(str(status)) or BY_CODE.get(str(error.code), {}).get("error")
    assert isinstance(error, getattr(errors, kind or BY_STATUS.get(f"{status // 100}XX", "ApiError")))
