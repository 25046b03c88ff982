"""The README's table "What happens when…", row by row. The faults themselves are tested thoroughly elsewhere."""

import logging
import os
import pickle
import re
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import time_machine
from binance_wallet import (
    ApiError,
    AuthenticationError,
    BannedError,
    DeadlineError,
    InvalidRequestError,
    InvalidResponseError,
    NetworkError,
    RateLimitError,
    ServerError,
    WalletClient,
    WalletError,
)
from binance_wallet.budget import Budget
from binance_wallet.clock import Clock, Time
from binance_wallet_mock import MockExchange
from docs_blocks import READMES, ROOT


def rows(readme):
    """The cells of the table, without its head."""
    text = (ROOT / readme).read_text()
    section = re.search(r"^## (?:What happens when|遇到这些情况).*?(?=^## )", text, re.DOTALL | re.MULTILINE)
    lines = re.findall(r"^\| (.+?) \| (.+) \|$", section[0], re.MULTILINE)
    return lines[1:]


@pytest.fixture
def wallet_of(mock_exchange):
    """Make clients of the exchange, which share a budget; waiting for a retry takes no time."""
    wallets = []
    budget = Budget(clock=Clock(Time(uniform=lambda *_: 0.0)))

    def wallet_of(**options):
        defaults = {
            "api_key": mock_exchange.api_key,
            "api_secret": mock_exchange.api_secret,
            "base_url": mock_exchange.base_url,
            "budget": budget,
        }
        wallets.append(WalletClient(**defaults | options))
        return wallets[-1]

    yield wallet_of
    for wallet in wallets:
        wallet.close()


def statuses(exchange):
    return [request.status for request in exchange.requests]


def wrong_clock(mock_exchange, wallet_of):
    mock_exchange.advance(3600)
    wallet = wallet_of()
    wallet.balances()
    wallet.balances()
    assert statuses(mock_exchange) == [400, 200, 200]


def weight_used_up(mock_exchange, wallet_of):
    wallet = wallet_of(weight_limit=60, timeout=0.01)
    wallet_of(weight_limit=None).balances()
    with pytest.raises(RateLimitError, match="this call was not sent"):
        wallet.balances()
    assert statuses(mock_exchange) == [200]


def too_many_requests(mock_exchange, wallet_of):
    wallet = wallet_of()
    mock_exchange.fail(429, -1003, "slower", headers={"Retry-After": "1"})
    wallet.balances()
    assert statuses(mock_exchange) == [429, 200]
    mock_exchange.fail(429, -1003, "slower", headers={"Retry-After": "60"})
    for _ in range(2):
        with pytest.raises(RateLimitError) as refused:
            wallet.balances()
        assert 59 < refused.value.retry_after <= 61  # the lower bound of the clock may lag by a second
    assert statuses(mock_exchange) == [429, 200, 429]


def ban(mock_exchange, wallet_of):
    mock_exchange.fail(418, -1003, "banned", headers={"Retry-After": "1"})
    wallet = wallet_of()
    for _ in range(2):
        with pytest.raises(BannedError):
            wallet.balances()
    assert statuses(mock_exchange) == [418]
    time.sleep(1)
    wallet.balances()


def shared_address(mock_exchange, wallet_of):
    environment = {
        "BINANCE_API_KEY": mock_exchange.api_key,
        "BINANCE_API_SECRET": mock_exchange.api_secret,
        "BINANCE_BASE_URL": mock_exchange.base_url,
        "PYTHONPATH": str(Path(__file__).parent / "docs_today"),
        "DOCS_AHEAD": str(time.time() - time_machine.escape_hatch.time.time()),
    }
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder).absolute() / 'budget.db'}"
        program = (
            "from binance_wallet import WalletClient\n"
            f"with WalletClient.from_env(budget={url!r}, weight_limit=120) as wallet: wallet.balances()\n"
        )
        for _ in range(2):
            subprocess.run([sys.executable, "-c", program], env=os.environ | environment, check=True)
        with pytest.raises(RateLimitError, match="this call was not sent"):
            wallet_of(budget=url, weight_limit=120, timeout=1.0).balances()
    assert statuses(mock_exchange) == [200, 200]


def trouble(mock_exchange, wallet_of):
    mock_exchange.fail(502, times=3)
    wallet_of().balances()
    mock_exchange.fail(502, times=4)
    with pytest.raises(ServerError):
        wallet_of().balances()
    assert statuses(mock_exchange) == [502, 502, 502, 200, 502, 502, 502, 502]


def lost_connection(mock_exchange, wallet_of):
    mock_exchange.drop(times=3)
    wallet_of().balances()
    mock_exchange.drop(times=4)
    with pytest.raises(NetworkError):
        wallet_of().balances()
    assert len(mock_exchange.requests) == 8


def no_end(mock_exchange, wallet_of):
    mock_exchange.delay(60)
    with pytest.raises(DeadlineError):
        wallet_of(timeout=0.2).balances()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=drip, args=(listener,))
        thread.start()
        with pytest.raises(DeadlineError):
            wallet_of(base_url=f"http://127.0.0.1:{listener.getsockname()[1]}", timeout=0.2).balances()
        thread.join()


def drip(listener):
    """Respond to one request with a body that never ends."""
    connection, _ = listener.accept()
    with connection:
        connection.recv(65_536)
        try:
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n[")
            while True:
                connection.sendall(b" ")
                time.sleep(0.02)
        except OSError:
            pass  # the client has had enough


def redirect(mock_exchange, wallet_of):
    with MockExchange() as elsewhere:
        mock_exchange.fail(302, headers={"Location": elsewhere.base_url}, body="")
        with pytest.raises(ApiError, match="redirect"):
            wallet_of().balances()
        assert elsewhere.requests == []


def error_under_200(mock_exchange, wallet_of):
    mock_exchange.fail(200, -2015, "no", body='{"code": -2015, "msg": "no", "snapshotVos": []}')
    with pytest.raises(AuthenticationError):
        wallet_of().snapshots("SPOT")


def misfit(mock_exchange, wallet_of):
    for body, path in [
        ("<html>", "$"),
        ('[{"activate": true, "walletName": "Spot"}]', "$[0]"),
        ('[{"activate": 1, "balance": "0", "walletName": "Spot"}]', "$[0].activate"),
    ]:
        mock_exchange.fail(200, body=body)
        with pytest.raises(InvalidResponseError) as refused:
            wallet_of().balances()
        assert refused.value.path == path


def no_amount(mock_exchange, wallet_of):
    for amount in ('"NaN"', '"Infinity"', "null", '"much"'):
        mock_exchange.fail(200, body=f'[{{"activate": true, "balance": {amount}, "walletName": "Spot"}}]')
        with pytest.raises(InvalidResponseError) as refused:
            wallet_of().balances()
        assert refused.value.path == "$[0].balance"


def wrong_key(mock_exchange, wallet_of):
    wallets = [wallet_of(api_key="A" * 64), wallet_of(api_secret="other")]
    mock_exchange.add_key("B" * 64, api_secret="b", permitted=False)
    for wallet in [*wallets, wallet_of(api_key="B" * 64, api_secret="b")]:
        with pytest.raises(AuthenticationError):
            wallet.balances()
    assert len(mock_exchange.requests) == 3


def wrong_parameter(mock_exchange, wallet_of):
    wallet = wallet_of()
    for call in (
        lambda: wallet.balances(""),
        lambda: wallet.snapshots("SPOT", days=31),
        lambda: wallet.snapshots("spots"),
    ):
        with pytest.raises(InvalidRequestError):
            call()
    assert mock_exchange.requests == []


def plain_http(mock_exchange, wallet_of):
    with pytest.raises(InvalidRequestError):
        wallet_of(base_url="http://mock_exchange.example")


def secrets(mock_exchange, wallet_of):
    logging.getLogger().setLevel(logging.DEBUG)
    wallet = wallet_of()
    mock_exchange.fail(403)
    with pytest.raises(ApiError) as refused:
        wallet.balances()
    shown = f"{wallet!r} {vars(wallet)!r} {refused.value!r} {pickle.dumps(refused.value)!r}"
    signature = mock_exchange.requests[0].query_string.rpartition("=")[2]
    for secret in (mock_exchange.api_key, mock_exchange.api_secret, signature):
        assert secret not in shown
    return {mock_exchange.api_key, mock_exchange.api_secret, signature}


CHECKS = (
    wrong_clock,
    weight_used_up,
    too_many_requests,
    ban,
    shared_address,
    trouble,
    lost_connection,
    no_end,
    redirect,
    error_under_200,
    misfit,
    no_amount,
    wrong_key,
    wrong_parameter,
    plain_http,
    secrets,
)


@pytest.mark.usefixtures("early_in_the_minute")
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_a_row_of_the_table_is_true(check, mock_exchange, wallet_of, caplog):
    with caplog.at_level(logging.DEBUG):
        hidden = check(mock_exchange, wallet_of) or ()
    logged = [record.getMessage() for record in caplog.records if record.name != "uvicorn.access"]  # the exchange's own
    assert not [line for line in logged for secret in hidden if secret in line]


def test_each_row_is_checked_for_the_errors_that_it_names():
    assert len(rows("README.md")) == len(CHECKS)
    for check, (_, what) in zip(CHECKS, rows("README.md"), strict=True):
        named = set(re.findall(r"`(\w+Error)`", what))
        assert named <= set(check.__code__.co_names), check.__name__


def test_the_tables_of_all_readmes_say_the_same():
    """Their cells have the same code."""
    english, chinese = (
        [sorted(re.findall(r"`[^`]+`", when + what)) for when, what in rows(readme)] for readme in READMES
    )
    assert english == chinese


GUIDE = ROOT / "docs" / "how-to" / "testing.md"
FAULTS = re.findall(r"^\| (.+?) \| `(.+?)`(?: .*?|: .*?)? \| (.+) \|$", GUIDE.read_text(), re.MULTILINE)


@pytest.mark.usefixtures("early_in_the_minute")
@pytest.mark.parametrize(("what", "script", "outcome"), FAULTS, ids=[what for what, _, _ in FAULTS])
def test_each_fault_of_the_guide_to_testing_does_what_the_guide_says(what, script, outcome):
    named = re.findall(r"`(\w+Error)`", outcome)
    with eval(script) if script.startswith("MockExchange") else MockExchange() as exchange:
        options = {"timeout": 1} if "timeout" in outcome else {}
        credentials = exchange.api_key, exchange.api_secret
        with WalletClient(*credentials, base_url=exchange.base_url, budget=Budget(), **options) as wallet:
            if script.startswith("MockExchange"):
                wallet.snapshots("SPOT")
            else:
                exec(script)
            if named:
                with pytest.raises(WalletError) as caught:
                    wallet.snapshots("SPOT") if script.startswith("MockExchange") else wallet.balances()
                assert type(caught.value).__name__ == named[0]
            else:
                assert wallet.balances()
                assert len(exchange.requests) == 2  # one was not right


def test_all_faults_of_the_guide_are_tried():
    assert len(FAULTS) == 9
