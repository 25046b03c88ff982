"""A process that was forked shares nothing with its parent that is not to be shared."""

import os
import warnings
from collections.abc import Callable

import httpx
import pytest
from binance_wallet import InvalidRequestError, WalletClient

from .answers import encoded
from .conftest import API_KEY, API_SECRET, Serve
from .server import Action, Request, answer

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="no forks here")


def personal(request: Request) -> list[Action]:
    """An answer that shows whose question it answers."""
    name = request.parameters["quoteAsset"]
    return answer(encoded([{"activate": True, "balance": "1", "walletName": name}]))(request)


def in_a_fork(check: Callable[[], bool]) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the server's threads are not needed in the fork
        child = os.fork()
    if not child:
        try:
            os._exit(0 if check() else 1)
        finally:
            os._exit(2)
    return os.waitpid(child, 0)[1] == 0


def test_a_fork_has_connections_of_its_own(serve: Serve) -> None:
    server = serve(personal)
    with WalletClient(API_KEY, API_SECRET, base_url=server.url) as wallet:
        wallet.balances("FIRST")
        assert in_a_fork(lambda: wallet.balances("CHILD")[0].wallet_name == "CHILD")
        assert wallet.balances("PARENT")[0].wallet_name == "PARENT"
    assert server.connections == 2


def test_a_transport_that_was_brought_is_not_used_in_a_fork(serve: Serve) -> None:
    server = serve(personal)
    transport = httpx.HTTPTransport()

    def refuses() -> bool:
        with pytest.raises(InvalidRequestError, match="fork"):
            wallet.balances("CHILD")
        return True

    with WalletClient(API_KEY, API_SECRET, base_url=server.url, transport=transport) as wallet:
        wallet.balances("FIRST")
        assert in_a_fork(refuses)
        assert wallet.balances("PARENT")[0].wallet_name == "PARENT"
