"""Models in FastAPI: as responses, in a request, and in its OpenAPI description."""

from decimal import Decimal
from typing import Annotated

import pytest
from binance_wallet import AccountSnapshot, Balances, History, SpotSnapshot, WalletBalance
from fastapi import Body, FastAPI
from fastapi.testclient import TestClient
from pydantic import Field, TypeAdapter, ValidationError


@pytest.fixture
def browser(mock_exchange):
    app = FastAPI()
    with mock_exchange.client() as wallet:
        history = wallet.history(days=7)
        balances = wallet.balances(details=True)

    @app.get("/balances")
    def get_balances() -> list[WalletBalance]:
        return balances

    @app.get("/total")
    def get_total() -> Balances:
        return balances

    @app.get("/spot", response_model=SpotSnapshot)
    def get_spot():
        return history.spot[0]

    @app.get("/days")
    def get_days() -> list[Annotated[AccountSnapshot, Field(discriminator="type")]]:
        return [*history.futures, *history.margin, *history.spot]

    @app.get("/history")
    def get_history() -> History:
        return history

    @app.post("/double")
    def double(balance: Annotated[WalletBalance, Body()]) -> Decimal:
        return balance.balance * 2

    app.state.balances, app.state.history = balances, history
    with TestClient(app) as browser:
        yield browser


def test_responses_are_plain_values(browser):
    history = browser.app.state.history
    accounts = {name: [day.to_dict() for day in account] for name, account in history._asdict().items()}
    assert browser.get("/balances").json() == [wallet.to_dict() for wallet in browser.app.state.balances]
    assert browser.get("/spot").json() == accounts["spot"][0]
    assert browser.get("/history").json() == accounts
    assert browser.get("/days").json() == [*accounts["futures"], *accounts["margin"], *accounts["spot"]]


def test_balances_are_a_response_with_their_total(browser):
    balances = browser.app.state.balances
    assert browser.get("/total").json() == balances.to_dict()
    schema = browser.get("/openapi.json").json()["components"]["schemas"]["Balances"]
    assert schema["required"] == ["quote_asset", "total", "wallets"]
    assert schema["properties"]["total"]["format"] == "decimal"


def test_balances_are_read_again(browser):
    balances, adapter = browser.app.state.balances, TypeAdapter(Balances)
    again = adapter.validate_json(browser.get("/total").text)
    assert (again, again.quote_asset, again.total) == (balances, balances.quote_asset, balances.total)
    assert adapter.validate_python(balances) is balances


def test_a_total_that_is_not_the_sum_is_refused():
    with pytest.raises(ValidationError, match="the total must be the sum of the wallets, 0"):
        TypeAdapter(Balances).validate_python({"quote_asset": "USDT", "total": "5", "wallets": []})


def test_a_history_is_read_again(browser):
    adapter = TypeAdapter(History)
    assert adapter.validate_json(browser.get("/history").text) == browser.app.state.history
    assert adapter.validate_python(browser.app.state.history) is browser.app.state.history


def test_a_request_may_hold_a_model(browser):
    wallet = {"activate": True, "balance": "0.00000001", "wallet_name": "Spot"}
    assert browser.post("/double", json=wallet).json() == "2E-8"
    refused = browser.post("/double", json=wallet | {"balance": "much"})
    assert (refused.status_code, refused.json()["detail"][0]["loc"]) == (422, ["body", "balance"])


def test_the_description_has_the_models(browser):
    description = browser.get("/openapi.json").json()
    schemas = description["components"]["schemas"]
    days = description["paths"]["/days"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert schemas["WalletBalance"]["required"] == ["activate", "balance", "wallet_name"]
    assert schemas["WalletBalance"]["properties"]["balance"]["format"] == "decimal"
    assert days["items"]["discriminator"]["mapping"]["spot"] == "#/components/schemas/SpotSnapshot"
