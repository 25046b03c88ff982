"""What a client does, and does not do, once the exchange has told it to slow down."""

import logging
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import httpx2
import pytest
from binance_wallet import (
    AsyncWalletClient,
    BannedError,
    NetworkError,
    RateLimitError,
    ServerError,
    WalletBalance,
    WalletClient,
)
from binance_wallet_client.types import Call

from .bodies import BALANCES, SPOT, encoded, error, worth
from .conftest import API_KEY, API_SECRET, Blocking, OpenWallet, StartServer
from .fake_time import FakeTime
from .server import RESET, Action, Request, Step, respond
from .steps import OK, raw

BALANCE = "/sapi/v1/asset/wallet/balance"
REFUSALS = pytest.mark.parametrize(("status", "kind"), [(429, RateLimitError), (418, BannedError)])


def used(weight: int) -> Step:
    return respond(encoded(BALANCES), X_SAPI_USED_IP_WEIGHT_1M=str(weight))


@REFUSALS
def test_after_a_refusal_nothing_is_sent_until_it_is_over(
    status: int, kind: type[RateLimitError], fault_server: StartServer, open_wallet: OpenWallet, fake_time: FakeTime
) -> None:
    server = fault_server(respond(error(-1003), status, Retry_After="300"), OK)
    wallet = open_wallet(server.url)
    with pytest.raises(kind):
        wallet.balances()
    fake_time.sleep(290)
    with pytest.raises(kind, match="this call was not sent") as caught:
        wallet.balances()
    assert type(caught.value) is kind
    assert caught.value.retry_after == pytest.approx(10, abs=1)
    assert len(server.requests) == 1
    fake_time.sleep(11)
    assert wallet.balances() == worth("0.71842752")


@REFUSALS
def test_a_refusal_holds_for_every_endpoint(
    status: int, kind: type[RateLimitError], fault_server: StartServer, open_wallet: OpenWallet
) -> None:
    server = fault_server(respond(error(-1003), status, Retry_After="300"), OK)
    wallet = open_wallet(server.url)
    with pytest.raises(kind):
        wallet.balances()
    with pytest.raises(kind):
        wallet.snapshots("SPOT")
    assert len(server.requests) == 1


@REFUSALS
@pytest.mark.parametrize("client", [WalletClient, AsyncWalletClient])
def test_a_refusal_holds_for_every_client_of_the_same_address(
    client: type, status: int, kind: type[RateLimitError], fault_server: StartServer
) -> None:
    server = fault_server(respond(error(-1003), status, Retry_After="300"), OK)
    for url in (server.url, f"{server.url}/"):
        with pytest.raises(kind):
            balances(client(API_KEY, API_SECRET, base_url=url))
    assert len(server.requests) == 1


@REFUSALS
@pytest.mark.parametrize(
    ("client", "make_transport"), [(WalletClient, httpx2.HTTPTransport), (AsyncWalletClient, httpx2.AsyncHTTPTransport)]
)
def test_a_refusal_does_not_hold_for_an_httpx_transport_which_may_have_another_address(
    client: type,
    make_transport: Callable[[], Any],
    status: int,
    kind: type[RateLimitError],
    fault_server: StartServer,
) -> None:
    server = fault_server(respond(error(-1003), status, Retry_After="300"), OK)
    with pytest.raises(kind):
        balances(client(API_KEY, API_SECRET, base_url=server.url))
    wallet = client(API_KEY, API_SECRET, base_url=server.url, transport=make_transport())
    assert balances(wallet) == worth("0.71842752")


def balances(wallet: WalletClient | AsyncWalletClient) -> list[WalletBalance]:
    """What a client answers that has the budget that clients have by default."""
    with Blocking(wallet) if isinstance(wallet, AsyncWalletClient) else wallet as caller:
        return caller.balances()


def test_a_ban_after_a_refusal_is_known_as_a_ban(
    fault_server: StartServer, open_wallet: OpenWallet, fake_time: FakeTime
) -> None:
    server = fault_server(
        respond(error(-1003), 429, Retry_After="60"), respond(error(-1003), 418, Retry_After="300"), OK
    )
    wallet = open_wallet(server.url)
    with pytest.raises(RateLimitError):
        wallet.balances()
    fake_time.sleep(61)
    for _ in range(2):
        with pytest.raises(BannedError):
            wallet.balances()
    assert len(server.requests) == 2


def test_a_short_refusal_does_not_cut_a_ban_short(
    fault_server: StartServer, open_wallet: OpenWallet, fake_time: FakeTime
) -> None:
    """Two requests are in flight: the one is banned, and the other is then told to wait a little."""
    budget = fake_time.budget()
    banned = threading.Event()

    def pause(request: Request) -> Iterable[Action]:
        banned.wait()
        return respond(error(-1003), 429, Retry_After="5")(request)

    slow, quick = fault_server(pause), fault_server(respond(error(-1003), 418, Retry_After="300"), OK)
    late, wallet = (open_wallet(server.url, budget=budget) for server in (slow, quick))
    with ThreadPoolExecutor(1) as pool:
        refused = pool.submit(late.balances)
        while not slow.requests:
            time.sleep(0.01)
        with pytest.raises(BannedError):
            wallet.balances()
        banned.set()
        assert isinstance(refused.exception(), RateLimitError)
    fake_time.sleep(6)
    with pytest.raises(BannedError):
        wallet.balances()
    assert len(quick.requests) == 1


def test_a_server_error_without_a_limit_holds_nothing_back(fault_server: StartServer, open_wallet: OpenWallet) -> None:
    server = fault_server(respond(b"", 500), OK)
    wallet = open_wallet(server.url, retries=0)
    with pytest.raises(ServerError):
        wallet.balances()
    assert wallet.balances() == worth("0.71842752")


def test_the_count_of_the_exchange_holds_calls_back(fault_server: StartServer, open_wallet: OpenWallet) -> None:
    server = fault_server(used(11_980))
    wallet = open_wallet(server.url)
    wallet.balances()
    with pytest.raises(RateLimitError, match="this call was not sent") as caught:
        wallet.balances()
    assert caught.value.retry_after == pytest.approx(50, abs=2)  # the exchange started ten seconds into a minute
    assert len(server.requests) == 1


def test_a_call_with_time_enough_waits_for_the_next_minute(
    fault_server: StartServer, open_wallet: OpenWallet, fake_time: FakeTime
) -> None:
    server = fault_server(used(11_980), used(60))
    wallet = open_wallet(server.url, timeout=60)
    first_minute = fake_time.exchange() // 60
    wallet.balances()
    wallet.balances()
    assert [request.at // 60 - first_minute for request in server.requests] == [0, 1]


def test_each_endpoint_has_a_budget_of_its_own(fault_server: StartServer, open_wallet: OpenWallet) -> None:
    server = fault_server(used(12_000), respond(encoded(SPOT)))
    wallet = open_wallet(server.url)
    wallet.balances()
    assert len(wallet.snapshots("SPOT")) == 1


def test_five_snapshot_calls_fit_into_a_minute(fault_server: StartServer, open_wallet: OpenWallet) -> None:
    server = fault_server(respond(encoded(SPOT)))
    wallet = open_wallet(server.url)
    for _ in range(5):
        wallet.snapshots("SPOT")
    with pytest.raises(RateLimitError):
        wallet.snapshots("SPOT")
    assert len(server.requests) == 5


def test_retries_count_as_weight(fault_server: StartServer, open_wallet: OpenWallet) -> None:
    server = fault_server(respond(b"", 500))
    wallet = open_wallet(server.url)
    with pytest.raises(ServerError):
        wallet.snapshots("SPOT")
    with pytest.raises((ServerError, RateLimitError)):
        wallet.snapshots("SPOT")
    assert len(server.requests) == 5


def test_a_lower_limit_leaves_weight_to_others(fault_server: StartServer, open_wallet: OpenWallet) -> None:
    server = fault_server(OK)
    wallet = open_wallet(server.url, weight_limit=120)
    wallet.balances()
    wallet.balances()
    with pytest.raises(RateLimitError):
        wallet.balances()
    assert len(server.requests) == 2


def test_without_a_limit_nothing_is_held_back(fault_server: StartServer, open_wallet: OpenWallet) -> None:
    server = fault_server(used(50_000))
    wallet = open_wallet(server.url, weight_limit=None)
    wallet.balances()
    wallet.balances()
    assert len(server.requests) == 2


def test_the_budget_can_be_seen(fault_server: StartServer, open_wallet: OpenWallet) -> None:
    wallet = open_wallet(fault_server(used(660)).url)
    assert wallet.usage == {}
    wallet.balances()
    usage = wallet.usage[BALANCE]
    assert (usage.used, usage.left) == (660, 11_340)
    assert usage.reset == pytest.approx(50, abs=2)


def test_the_next_minute_starts_afresh(fault_server: StartServer, open_wallet: OpenWallet, fake_time: FakeTime) -> None:
    wallet = open_wallet(fault_server(used(660)).url)
    wallet.balances()
    fake_time.sleep(60)
    assert wallet.usage[BALANCE].used == 0


def test_a_wait_for_a_server_is_obeyed(fault_server: StartServer, open_wallet: OpenWallet) -> None:
    server = fault_server(respond(b"", 503, Retry_After="7"), OK)
    open_wallet(server.url).balances()
    first, second = server.requests
    assert second.at - first.at >= 7


@pytest.mark.parametrize("retry_after", ["0", "Thu, 01 Jan 1970 00:00:00 GMT"])
def test_a_refusal_for_no_time_is_no_leave_to_hurry(
    retry_after: str, fault_server: StartServer, open_wallet: OpenWallet
) -> None:
    server = fault_server(respond(error(-1003), 429, Retry_After=retry_after), OK)
    open_wallet(server.url).balances()
    first, second = server.requests
    assert second.at - first.at >= 0.5  # as after any other failure


def test_waits_grow_with_each_failure(fault_server: StartServer, open_wallet: OpenWallet) -> None:
    server = fault_server(respond(b"", 500))
    with pytest.raises(ServerError):
        open_wallet(server.url).balances()
    moments = [request.at for request in server.requests]
    waits = [later - earlier for earlier, later in pairwise(moments)]
    assert waits == pytest.approx([0.5, 1, 2], abs=0.2)  # the longest that jitter allows


def test_every_attempt_is_stamped_with_its_own_moment(fault_server: StartServer, open_wallet: OpenWallet) -> None:
    def late(request: Request) -> float:
        return request.at - request.timestamp / 1000

    server = fault_server(respond(b"", 500))
    with pytest.raises(ServerError):
        open_wallet(server.url).balances()
    assert all(abs(late(request)) < 0.6 for request in server.requests)
    assert len({request.timestamp for request in server.requests}) == 4


def test_an_endpoint_with_a_parameter_in_its_path_has_one_budget(
    fault_server: StartServer, open_wallet: OpenWallet
) -> None:
    wallet = open_wallet(fault_server(respond()).url)
    for thing in (1, 2):
        wallet.request(Call("GET", f"/sapi/v1/things/{thing}", {}, "/sapi/v1/things/{id}", weight=5, idempotent=True))
    assert {endpoint: usage.used for endpoint, usage in wallet.usage.items()} == {"/sapi/v1/things/{id}": 10}


def test_a_wait_for_weight_is_logged_with_its_seconds(
    fault_server: StartServer, open_wallet: OpenWallet, caplog: pytest.LogCaptureFixture
) -> None:
    wallet = open_wallet(fault_server(used(11_980), OK).url, timeout=60)
    wallet.balances()
    wallet.balances()
    [record] = waits(caplog)
    assert record.seconds == pytest.approx(50, abs=2)
    assert (
        record.getMessage()
        == f"{BALANCE}: the request weight of this minute is used up; waiting {record.seconds:.0f} s"
    )


def test_a_wait_for_another_attempt_is_logged_with_its_seconds(
    fault_server: StartServer, open_wallet: OpenWallet, caplog: pytest.LogCaptureFixture
) -> None:
    open_wallet(fault_server(respond(error(-1003), 429, Retry_After="5"), OK).url).balances()
    [record] = waits(caplog)
    assert record.seconds == 5
    assert record.getMessage().endswith("trying again in 5.0 s")
    assert "call again" not in record.getMessage()


def waits(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    """What the client has logged of waits of more than a second."""
    return [
        record
        for record in caplog.records
        if (record.name, record.levelname) == ("binance_wallet", "INFO") and getattr(record, "seconds", 0) > 1
    ]


def test_a_request_near_the_end_of_a_minute_counts_in_that_minute_only_once_it_is_answered(
    fault_server: StartServer, open_wallet: OpenWallet, fake_time: FakeTime
) -> None:
    fake_time.sleep(45)  # 55 s into a minute
    wallet = open_wallet(fault_server(used(60)).url)
    wallet.balances()
    assert wallet.usage[BALANCE].used == 60
    fake_time.sleep(10)
    assert wallet.usage[BALANCE].used == 0


def test_a_request_near_the_end_of_a_minute_counts_in_both_if_it_is_not_answered(
    fault_server: StartServer, open_wallet: OpenWallet, fake_time: FakeTime
) -> None:
    fake_time.sleep(45)
    wallet = open_wallet(fault_server(raw(RESET)).url, retries=0)
    with pytest.raises(NetworkError):
        wallet.balances()
    assert wallet.usage[BALANCE].used == 60
    fake_time.sleep(10)
    assert wallet.usage[BALANCE].used == 60


def ban(
    until: float, words: str = "Way too much request weight used; IP banned until {}. Please use WebSocket."
) -> bytes:
    return error(-1003, words.format(int(until * 1000)))


@pytest.mark.parametrize("status", [200, 400, 403, 418, 429, 503])
def test_a_ban_is_one_whatever_its_status_and_ends_when_its_text_says(
    status: int, fault_server: StartServer, open_wallet: OpenWallet, fake_time: FakeTime
) -> None:
    server = fault_server(respond(ban(fake_time.exchange() + 600), status), OK)
    wallet = open_wallet(server.url, timeout=3600)
    with pytest.raises(BannedError) as caught:
        wallet.balances()
    assert caught.value.retry_after == pytest.approx(600, abs=2)
    assert caught.value.status_code == status
    fake_time.sleep(590)
    with pytest.raises(BannedError, match="this call was not sent"):
        wallet.balances()
    fake_time.sleep(12)
    assert wallet.balances() == worth("0.71842752")


@pytest.mark.parametrize(
    ("ends", "seconds"),
    [
        (("30", 600), 600),
        (("900", 600), 900),
        (("299.997", 10), 300),
        (("299.997", -10), 300),
        ((None, -10), 120),  # it is over, by a clock that is ahead; and yet it came
        ((None, 40 * 86_400), 3 * 86_400),
        (("0", -10), 120),
    ],
)
def test_a_ban_ends_at_the_later_of_its_header_and_its_text_within_the_longest_ban(
    ends: tuple[str | None, float],
    seconds: float,
    fault_server: StartServer,
    open_wallet: OpenWallet,
    fake_time: FakeTime,
) -> None:
    header, text = ends
    server = fault_server(respond(ban(fake_time.exchange() + text), 418, Retry_After=header))
    with pytest.raises(BannedError) as caught:
        open_wallet(server.url).balances()
    assert caught.value.retry_after == pytest.approx(seconds, abs=2)


@pytest.mark.parametrize(("words", "status"), [("IP Banned Until {}", 400), ("... ip banned until {}", 429)])
def test_a_ban_is_known_by_its_words_in_any_case(
    words: str, status: int, fault_server: StartServer, open_wallet: OpenWallet, fake_time: FakeTime
) -> None:
    server = fault_server(respond(ban(fake_time.exchange() + 300, words), status))
    with pytest.raises(BannedError):
        open_wallet(server.url).balances()


@pytest.mark.parametrize(("header", "seconds"), [("2.5", 3), ("0.001", 1), ("59.0", 59)])
def test_fractions_of_a_second_are_rounded_up(
    header: str, seconds: float, fault_server: StartServer, open_wallet: OpenWallet
) -> None:
    server = fault_server(respond(error(-1003), 429, Retry_After=header))
    with pytest.raises(RateLimitError) as caught:
        open_wallet(server.url, retries=0).balances()
    assert caught.value.retry_after == seconds
