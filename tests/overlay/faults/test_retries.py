"""Which calls are sent again, and which never are."""

import pytest
from binance_wallet import NetworkError, RateLimitError, ServerError, TimestampError, WalletClient, WalletError
from binance_wallet_client.types import Call

from .bodies import error
from .conftest import TRANSPORTS, OpenWallet, StartServer, every_transport
from .server import CLOSE, FOREVER, RESET, Step, respond
from .steps import OK, cut, raw

FAULTS = {
    "reset": (raw(RESET), NetworkError),
    "closed": (raw(CLOSE), NetworkError),
    "cut off": (cut(OK, -5, CLOSE), NetworkError),
    "silent": (raw(FOREVER), NetworkError),
    "500": (respond(b"", 500), ServerError),
    "503 with a time to wait": (respond(b"", 503, Retry_After="1"), ServerError),
    "429": (respond(error(-1003), 429, Retry_After="1"), RateLimitError),
    "a wrong timestamp": (respond(error(-1021), 400), TimestampError),
}


def order(wallet: WalletClient, *, idempotent: bool) -> object:
    """A call of an endpoint that the contract may have one day."""
    path = "/sapi/v1/order"
    return wallet.request(Call("POST", path, {"quantity": "1"}, path, weight=1, idempotent=idempotent)).status_code


@every_transport
@pytest.mark.parametrize(("fault", "kind"), FAULTS.values(), ids=FAULTS)
def test_what_is_not_idempotent_is_never_sent_twice(
    fault: Step, kind: type[WalletError], fault_server: StartServer, open_wallet: OpenWallet
) -> None:
    server = fault_server(fault, OK)
    with pytest.raises(kind):
        order(open_wallet(server.url, timeout=1), idempotent=False)
    assert len(server.requests) == 1


@pytest.mark.parametrize("name", [name for name in FAULTS if name != "silent"])
def test_what_is_idempotent_is_sent_again(name: str, fault_server: StartServer, open_wallet: OpenWallet) -> None:
    fault, _ = FAULTS[name]
    server = fault_server(fault, OK)
    wallet = open_wallet(server.url)
    assert order(wallet, idempotent=True) == 200
    assert len(server.requests) == 2


@pytest.mark.parametrize("open_wallet", [name for name in TRANSPORTS if name != "async-aiohttp"], indirect=True)
def test_what_has_certainly_not_left_is_sent_again_even_if_it_is_not_idempotent(
    refusing_port: int, open_wallet: OpenWallet, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(NetworkError) as caught:
        order(open_wallet(f"http://127.0.0.1:{refusing_port}"), idempotent=False)
    assert not caught.value.sent
    assert sum("trying again" in record.getMessage() for record in caplog.records) == 3


@every_transport
def test_a_call_of_another_endpoint_is_idempotent_if_it_is_a_get(
    fault_server: StartServer, open_wallet: OpenWallet
) -> None:
    server = fault_server(raw(RESET), OK)
    with pytest.raises(NetworkError):
        open_wallet(server.url).call("POST", "/sapi/v1/order", weight=1)
    assert len(server.requests) == 1
    server = fault_server(raw(RESET), OK)
    assert open_wallet(server.url).call("GET", "/sapi/v1/order", weight=1)
