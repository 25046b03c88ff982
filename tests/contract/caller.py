"""Callers of the exchange: our clients, and one that sends any query."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import httpx2
from binance_wallet_mock import MockExchange
from openapi_core.testing import MockRequest, MockResponse

from .openapi_core_validator import CONTRACT
from .spec import BALANCES, SNAPSHOTS
from .wire import signature

# Asks an endpoint of the generated client: `ask(endpoint, **arguments)`.
Ask = Callable[..., Any]

# The required parameters of a call.
NEEDED = {BALANCES["path"]: {}, SNAPSHOTS["path"]: {"type": "SPOT"}}


class Caller:
    """Sends any query, and checks that the contract allows the response."""

    def __init__(self, exchange: MockExchange, path: str, http: httpx2.Client) -> None:
        self.exchange, self.path, self._http = exchange, path, http

    def send(self, query: str, api_key: str | None = "") -> httpx2.Response:
        """Send a query string, with the exchange's own key, another one or none."""
        headers = {} if api_key is None else {"X-MBX-APIKEY": api_key or self.exchange.api_key}
        response = self._http.get(f"{self.exchange.base_url}{self.path}?{query}", headers=headers)
        CONTRACT.validate_response(
            MockRequest(self.exchange.base_url, "GET", self.path),
            MockResponse(response.content, response.status_code, dict(response.headers)),
        )
        return response

    def signed(self, query: str, api_secret: str | None = None) -> str:
        return f"{query}&signature={signature(query, api_secret or self.exchange.api_secret)}"

    def query(self, **parameters: object) -> str:
        """The required and the given parameters with a timestamp, unsigned. A parameter that is None is left out."""
        parameters = {**NEEDED[self.path], "timestamp": int(self.exchange.now() * 1000), **parameters}
        return urlencode({name: value for name, value in parameters.items() if value is not None})

    def get(self, api_key: str | None = "", **parameters: object) -> httpx2.Response:
        return self.send(self.signed(self.query(**parameters)), api_key)

    def add_key(self, api_key: str, **options: object) -> str:
        self.exchange.add_key(api_key, api_secret="another", **options)
        return api_key
