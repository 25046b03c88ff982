"""Error trackers and tracebacks show local variables: no frame of ours holds a secret when an error passes through."""

import asyncio
import inspect
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any, NoReturn

import httpx2
import pytest
from binance_wallet import AsyncWalletClient, InvalidRequestError, WalletClient, WalletError
from rich.traceback import Traceback

from .conftest import API_KEY, API_SECRET, OpenWallet, StartServer, every_transport
from .secrecy import chain
from .server import CLOSE, FOREVER
from .steps import raw

OURS = ("/overlay/binance_wallet/", "/generated/binance_wallet_client/", "/httpcore2/", "/httpx2/")
PASSWORD = "hunter2hunter2hunter2"


def frames(error: BaseException) -> Iterator[FrameType]:
    for one in chain(error):
        traceback = one.__traceback__
        while traceback:
            if any(part in traceback.tb_frame.f_code.co_filename for part in OURS):
                yield traceback.tb_frame
            traceback = traceback.tb_next


def shown(error: BaseException) -> str:
    """What the frames of ours and of our libraries hold, as rich, structlog and error trackers show it."""
    texts = [f"{frame.f_code.co_qualname}: {inspect.getargvalues(frame).locals!r}" for frame in frames(error)]
    for one in chain(error):
        trace = Traceback.extract(type(one), one, one.__traceback__, show_locals=True, locals_max_string=None)
        texts += [
            f"{frame.name}: {name} = {node.value_repr} {[str(child) for child in node.iter_tokens()]}"
            for stack in trace.stacks
            for frame in stack.frames
            if any(part in frame.filename for part in OURS)
            for name, node in (frame.locals or {}).items()
        ]
    return "\n".join(texts)


def assert_hidden(error: BaseException, *secrets: str) -> None:
    text = shown(error)
    for secret in secrets:
        assert secret not in text, [line[:300] for line in text.splitlines() if secret in line]


@every_transport
@pytest.mark.parametrize("step", [raw(CLOSE), raw(FOREVER)], ids=["dropped", "too late"])
def test_a_call_that_fails(step: Any, fault_server: StartServer, open_wallet: OpenWallet) -> None:
    server = fault_server(step)
    with pytest.raises(WalletError) as caught:
        open_wallet(server.url, timeout=0.3, retries=0).balances()
    assert_hidden(caught.value, API_KEY, API_SECRET, *(request.signature for request in server.requests))


@pytest.mark.parametrize("stop", [KeyboardInterrupt, asyncio.CancelledError, SystemExit])
@pytest.mark.parametrize("is_async", [False, True])
def test_a_call_that_is_interrupted(is_async: bool, stop: type[BaseException]) -> None:
    signatures: list[str] = []

    def interrupted(request: httpx2.Request) -> NoReturn:
        signatures.append(request.url.params["signature"])
        raise stop

    async def call() -> None:
        async with AsyncWalletClient(API_KEY, API_SECRET, transport=httpx2.MockTransport(interrupted)) as wallet:
            await wallet.balances()

    def call_synchronously() -> None:
        WalletClient(API_KEY, API_SECRET, transport=httpx2.MockTransport(interrupted)).balances()

    with pytest.raises(stop) as caught:
        asyncio.run(call()) if is_async else call_synchronously()
    assert signatures
    assert_hidden(caught.value, API_KEY, API_SECRET, *signatures)


WRONG: dict[str, dict[str, Any]] = {
    "a timeout": {"timeout": -1},
    "an option that is none": {"tiemout": 5},
    "a budget": {"budget": f"redis://u:{PASSWORD}@host:port/0"},
    "a budget's scheme": {"budget": f"redsi://u:{PASSWORD}@host"},
    "an address": {"base_url": f"https://u:{PASSWORD}@api.binance.com"},
    "a transport": {"transport": object()},
    "both keys": {"private_key": "key.pem"},
    "a passphrase": {"passphrase": PASSWORD},
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
@pytest.mark.parametrize("make", [WalletClient, AsyncWalletClient, WalletClient.from_env, AsyncWalletClient.from_env])
def test_a_constructor_that_fails(make: Callable[..., Any], wrong: dict[str, Any]) -> None:
    with pytest.raises((InvalidRequestError, TypeError)) as caught:
        make(**{"api_key": API_KEY, "api_secret": API_SECRET} | wrong)
    assert_hidden(caught.value, API_KEY, API_SECRET, PASSWORD)


@pytest.mark.parametrize("wrong", [value for value in WRONG.values() if "api_secret" not in value])
def test_a_constructor_that_fails_with_the_environments_key(
    wrong: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BINANCE_API_KEY", API_KEY)
    monkeypatch.setenv("BINANCE_API_SECRET", API_SECRET)
    with pytest.raises((InvalidRequestError, TypeError)) as caught:
        WalletClient.from_env(**wrong, retries=-1)
    assert_hidden(caught.value, API_KEY, API_SECRET, PASSWORD)


def test_a_proxy_that_cannot_be_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"ftp://u:{PASSWORD}@proxy.test")
    with pytest.raises(InvalidRequestError) as caught:
        WalletClient(API_KEY, API_SECRET)
    assert_hidden(caught.value, API_KEY, API_SECRET, PASSWORD)


def test_a_half_made_client_has_a_repr() -> None:
    assert "WalletClient" in repr(WalletClient.__new__(WalletClient))
