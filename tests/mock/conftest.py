"""A hand-made client for the mock exchange, which comes from the plugin's own fixture `mock_exchange`."""

from collections.abc import Callable, Iterator
from urllib.parse import urlencode

import httpx2
import pytest
from binance_wallet_mock import MockExchange
from mock_wire import sign

Send = Callable[..., httpx2.Response]


@pytest.fixture(scope="session")
def http() -> Iterator[httpx2.Client]:
    with httpx2.Client(trust_env=False) as client:
        yield client


@pytest.fixture
def send(mock_exchange: MockExchange, http: httpx2.Client) -> Send:
    """Sends a query string as it is, with the exchange's own key unless told otherwise."""

    def send(path: str, query: str, api_key: str | None = mock_exchange.api_key) -> httpx2.Response:
        headers = {} if api_key is None else {"X-MBX-APIKEY": api_key}
        return http.get(f"{mock_exchange.base_url}{path}?{query}", headers=headers)

    return send


@pytest.fixture
def get(mock_exchange: MockExchange, send: Send) -> Send:
    """Sends parameters with a timestamp, signed; a parameter that is None is left out."""

    def get(path: str, **parameters: object) -> httpx2.Response:
        stamped = {**parameters, "timestamp": parameters.get("timestamp", round(mock_exchange.now() * 1000))}
        query = urlencode({name: value for name, value in stamped.items() if value is not None})
        return send(path, f"{query}&signature={sign(query, mock_exchange.api_secret)}")

    return get
