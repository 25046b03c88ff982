"""Request weight and bans, by an injected clock and over HTTP."""

import itertools
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import httpx2
import pytest
from binance_wallet_mock import MockExchange, RecordedRequest
from binance_wallet_mock.limits import TOLERATED_REFUSALS, Limiter
from mock_wire import BALANCES, SNAPSHOTS

MINUTE = 28_000_000 * 60


def exhausted(limiter: Limiter, now: float) -> None:
    while limiter.spend("ip", "/", 2400, now).status == 200:
        pass


def test_five_snapshots_fit_in_a_minute_and_the_next_minute_is_a_new_one():
    limiter = Limiter()
    used = [limiter.spend("ip", "/", 2400, MINUTE + n) for n in range(6)]
    assert [(usage.status, usage.used) for usage in used[:5]] == [(200, 2400 * n) for n in range(1, 6)]
    assert (used[5].status, used[5].used, used[5].until) == (429, 12_000, MINUTE + 60)
    assert limiter.spend("ip", "/", 2400, MINUTE + 59.999).status == 429
    assert limiter.spend("ip", "/", 2400, MINUTE + 60).used == 2400


def test_addresses_and_endpoints_count_apart():
    limiter = Limiter(limit=100)
    for address, endpoint in [("a", "/x"), ("a", "/y"), ("b", "/x")]:
        assert limiter.spend(address, endpoint, 100, MINUTE).used == 100


def test_going_on_regardless_ends_in_longer_and_longer_bans():
    limiter = Limiter()
    now: float = MINUTE
    lengths = []
    for _ in range(14):
        exhausted(limiter, now)
        statuses = [limiter.spend("ip", "/", 2400, now).status for _ in range(TOLERATED_REFUSALS + 1)]
        assert statuses == [429] * TOLERATED_REFUSALS + [418]
        ban = limiter.spend("ip", "/other", 1, now)
        assert ban.status == 418
        lengths.append((ban.until - now) / 60)
        assert limiter.spend("ip", "/", 1, ban.until - 0.001).status == 418
        assert limiter.spend("neighbour", "/", 1, now).status == 200
        now = ban.until
        assert limiter.spend("ip", "/", 1, now).status == 200
        now += 60
    assert lengths == [2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 4320, 4320]


def test_a_new_minute_forgives_refusals():
    limiter = Limiter()
    for minute in range(5):
        now = MINUTE + 60 * minute
        exhausted(limiter, now)
        for _ in range(TOLERATED_REFUSALS):
            assert limiter.spend("ip", "/", 2400, now).status == 429


@pytest.fixture
def stopped_exchange(mock_exchange):
    """`mock_exchange`, its time standing still at the fifth second of a minute."""
    mock_exchange.set_time(datetime(2026, 3, 10, 12, 0, 5, tzinfo=UTC), tick=False)
    return mock_exchange


def test_too_fast_then_banned_then_forgiven_over_http(stopped_exchange, get):
    used = [get(SNAPSHOTS, type="SPOT").headers["X-SAPI-USED-IP-WEIGHT-1M"] for _ in range(5)]
    assert used == ["2400", "4800", "7200", "9600", "12000"]

    refused = get(SNAPSHOTS, type="SPOT")
    assert (refused.status_code, refused.json()["code"]) == (429, -1003)
    assert refused.json()["msg"].startswith("Too many requests; ")
    assert refused.headers["X-SAPI-USED-IP-WEIGHT-1M"] == "12000"
    assert refused.headers["Retry-After"] == "55"
    assert get(BALANCES).status_code == 200

    for _ in range(TOLERATED_REFUSALS):
        assert get(SNAPSHOTS, type="SPOT").status_code == 429
    banned = get(SNAPSHOTS, type="SPOT")
    assert (banned.status_code, banned.json()["code"]) == (418, -1003)
    assert banned.headers["Retry-After"] == "120"
    assert get(BALANCES).status_code == 418

    stopped_exchange.advance(121)
    assert get(BALANCES).headers["X-SAPI-USED-IP-WEIGHT-1M"] == "60"


def test_a_refused_request_has_its_weight_counted(stopped_exchange, get, send):
    assert send(BALANCES, "").headers["X-SAPI-USED-IP-WEIGHT-1M"] == "60"
    assert get(BALANCES, quoteAsset="").headers["X-SAPI-USED-IP-WEIGHT-1M"] == "120"


def test_waiting_as_told_is_enough(stopped_exchange, get):
    for _ in range(5):
        get(SNAPSHOTS, type="SPOT")
    stopped_exchange.advance(int(get(SNAPSHOTS, type="SPOT").headers["Retry-After"]))
    assert get(SNAPSHOTS, type="SPOT").status_code == 200


def test_the_source_address_is_what_counts(stopped_exchange):
    """Each of this machine's addresses is another IP address to the exchange."""
    used = []
    for address in ("127.0.0.1", "127.0.0.2", "127.0.0.1"):
        with httpx2.Client(transport=httpx2.HTTPTransport(local_address=address)) as http:
            used.append(http.get(stopped_exchange.base_url + BALANCES).headers["X-SAPI-USED-IP-WEIGHT-1M"])
    assert used == ["60", "60", "120"]


def test_weight_and_bans_are_exact_however_many_call_at_once(stopped_exchange):
    """32 clients with 10 calls each, on connections of their own: 200 fit, 11 may be too many, the rest is banned."""

    def statuses(_: int) -> list[int]:
        with httpx2.Client(base_url=stopped_exchange.base_url, trust_env=False) as http:
            return [http.get(BALANCES).status_code for _ in range(10)]

    with ThreadPoolExecutor(32) as pool:
        found = Counter(itertools.chain.from_iterable(pool.map(statuses, range(32))))
    assert found == {401: 200, 429: 1 + TOLERATED_REFUSALS, 418: 320 - 200 - 1 - TOLERATED_REFUSALS}


@pytest.mark.parametrize("minute", [0, -1, float("nan")])
def test_a_minute_that_never_ends_is_refused(minute):
    with pytest.raises(ValueError, match="minute must be a positive number of seconds"):
        MockExchange(minute=minute)


@pytest.mark.parametrize("weight_limit", [0, -1, "x", "60", 59.5, None])
def test_a_weight_limit_that_no_request_can_keep_is_refused(weight_limit):
    with pytest.raises(ValueError, match=f"weight_limit must be a positive whole number, not {weight_limit!r}"):
        MockExchange(weight_limit=weight_limit)


def test_minutes_and_bans_go_by_the_clock_that_is_handed_in(http):
    now = MINUTE + 5.0
    with MockExchange(weight_limit=60, clock=lambda: now) as exchange:
        responses = [http.get(exchange.base_url + BALANCES) for _ in range(2 + TOLERATED_REFUSALS + 1)]
        assert [response.status_code for response in responses] == [401] + [429] * (1 + TOLERATED_REFUSALS) + [418]
        assert (responses[1].headers["Retry-After"], responses[-1].headers["Retry-After"]) == ("55", "120")
        now += 119
        assert http.get(exchange.base_url + BALANCES).status_code == 418
        now += 1
        assert http.get(exchange.base_url + BALANCES).status_code == 401


def test_a_minute_can_be_shortened_and_the_limit_changed():
    exchange = MockExchange(minute=2.0, weight_limit=60)
    exchange.set_time(datetime(2026, 3, 10, 12, 0, 5, tzinfo=UTC), tick=False)

    def status() -> tuple[int, str | None]:
        response = exchange.respond(RecordedRequest("GET", BALANCES, "", {}), "127.0.0.1")
        return response.status, response.headers.get("retry-after")

    assert [status(), status()] == [(401, None), (429, "1")]
    exchange.advance(1)
    assert status() == (401, None)
