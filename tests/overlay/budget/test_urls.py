"""What `budget=` and BINANCE_BUDGET take."""

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import httpx2
import pytest
from binance_wallet import AsyncWalletClient, InvalidRequestError, WalletClient
from binance_wallet.budget import Budget, shared_budget
from binance_wallet.budget.memory import MemoryStore
from binance_wallet.budget.redis import RedisStore
from binance_wallet.budget.sqlite import SqliteStore
from binance_wallet.budget.urls import budget_at

KEY = "k" * 64


def client(budget: Budget | str | None, **options: object) -> WalletClient:
    return WalletClient(KEY, KEY, budget=budget, **options)


def budget_of(wallet: WalletClient | AsyncWalletClient) -> Budget:
    return wallet._driver.pipeline.budget


def test_without_a_url_the_budget_is_in_memory() -> None:
    assert isinstance(budget_of(client(None)).store, MemoryStore)


@pytest.mark.parametrize("url", ["sqlite:///sub/budget.db", "sqlite:///{tmp}/sub/budget.db"])
def test_a_path_is_relative_after_three_slashes_and_absolute_after_four(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in SQLAlchemy's URLs, and so in those of an archive."""
    (tmp_path / "sub").mkdir()
    monkeypatch.chdir(tmp_path)
    assert str(budget_of(client(url.replace("{tmp}", str(tmp_path)))).store) == f"{tmp_path}/sub/budget.db"


def test_an_absolute_path_that_lacks_the_fourth_slash_gets_a_hint(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequestError, match=f"an absolute path has four slashes: sqlite:///{tmp_path}/b.db"):
        client(f"sqlite://{tmp_path}/b.db")


def test_a_path_may_begin_with_the_home_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    respond(client("sqlite:///~/my%20budget.db", transport=httpx2.MockTransport(balances)))
    assert (tmp_path / "my budget.db").exists()


@pytest.mark.parametrize("url", ["redis://localhost", "redis://h:1/3", "rediss://user:pass@h:1/0?address=gateway-a"])
def test_redis_is_named_by_host_port_and_database(url: str) -> None:
    assert isinstance(budget_of(client(url)).store, RedisStore)


def test_both_clients_and_all_keys_of_a_process_share_the_budget_of_a_url(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/budget.db"
    wallets = [client(url), WalletClient("other" * 8, KEY, budget=url), AsyncWalletClient(KEY, KEY, budget=url)]
    assert len({budget_of(wallet) for wallet in wallets}) == 1


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
def test_threads_that_start_at_the_same_time_share_a_budget(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = Budget.__init__

    def make_slowly(*args: object) -> None:
        make(*args)
        time.sleep(0.05)

    monkeypatch.setattr(Budget, "__init__", make_slowly)
    url = f"sqlite:///{tmp_path}/budget.db"
    get = partial(shared_budget, "host") if kind == "memory" else partial(budget_at, url, "host", None)
    with ThreadPoolExecutor(8) as pool:
        budgets = [future.result() for future in [pool.submit(get) for _ in range(8)]]
    assert len(set(budgets)) == 1


def test_another_address_another_host_and_another_proxy_have_budgets_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path}/budget.db"
    budgets = [budget_of(client(url)), budget_of(client(f"{url}?address=gateway-a"))]
    budgets.append(budget_of(client(url, base_url="https://api1.binance.com")))
    monkeypatch.setenv("HTTPS_PROXY", "http://user:password@proxy.test:3128")
    budgets.append(budget_of(client(url)))
    assert len(set(budgets)) == 4


def test_a_proxys_password_may_have_any_character(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://user:p[ss@proxy.test:1")
    assert isinstance(budget_of(client(f"sqlite:///{tmp_path}/budget.db")).store, SqliteStore)


def test_from_env_reads_binance_budget(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BINANCE_API_KEY", KEY)
    monkeypatch.setenv("BINANCE_API_SECRET", KEY)
    monkeypatch.setenv("BINANCE_BUDGET", f"sqlite:///{tmp_path}/budget.db")
    assert isinstance(budget_of(WalletClient.from_env()).store, SqliteStore)


@pytest.mark.parametrize(
    "url",
    [
        "", "memory", "sqlite", "sqlite://", "sqlite:///", "sqlite:b.db", "sqlite://host/budget.db", "sqlite:///{tmp}",
        "sqlite:///{tmp}/nowhere/budget.db", "sqlite:///{tmp}/b.db?adress=a", "sqlite:///{tmp}/b.db?address=",
        "sqlite:///{tmp}/b.db?address=a&address=b", "sqlite:///{tmp}/b.db?address", "sqlite:///{tmp}/b.db#a",
        f"sqlite:///{'x' * 300}/b.db", f"sqlite:///{'x' * 300}", "sqlite:///a%00b", "sqlite:///{tmp}/a%00b/c", "sqlite:///~nobody-here/b.db",
        "redis://", "redis:///0", "redis://host:port/0", "redis://host:99999/0", "redis://host/zero", "redis://host/0/1",
        "redis://host/0?socket_timeout=9", "postgres://host/db", "https://host", "redis://host/0?address={{a}}",
        "redis://ho\nst/0", 7, b"redis://host/0",
    ],
)  # fmt: skip
def test_a_url_that_cannot_be_meant_is_refused_at_once(url: object, tmp_path: Path) -> None:
    if isinstance(url, str):
        url = url.replace("{tmp}", str(tmp_path))
    with pytest.raises(InvalidRequestError, match="budget"):
        client(url)  # type: ignore[arg-type]


def test_a_directory_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequestError, match=f"there is no directory {tmp_path}/nowhere$"):
        client(f"sqlite:///{tmp_path}/nowhere/budget.db")


def test_a_path_in_the_home_directory_needs_no_fourth_slash(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(InvalidRequestError, match=f"there is no directory {tmp_path}/nope$"):
        client("sqlite:///~/nope/x.db")


def test_a_refusal_does_not_show_the_password() -> None:
    with pytest.raises(InvalidRequestError) as caught:
        client("redis://:swordfish@host:port/0")
    assert "swordfish" not in str(caught.value)


def test_redis_without_the_extra_is_refused_and_says_where_to_read_about_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "redis", None)
    monkeypatch.delitem(sys.modules, "binance_wallet.budget.redis", raising=False)
    with pytest.raises(InvalidRequestError, match=r"redis is not installed: it comes with the extra 'redis' \(see"):
        client("redis://host/0")


def balances(request: httpx2.Request) -> httpx2.Response:
    return httpx2.Response(200, json=[])


def respond(wallet: WalletClient) -> None:
    assert wallet.balances() == []


def test_a_client_with_a_transport_of_its_own_uses_the_store_too(url: str) -> None:
    with client(url, transport=httpx2.MockTransport(balances)) as wallet:
        respond(wallet)
        assert wallet.usage["/sapi/v1/asset/wallet/balance"].used == 60


def test_no_key_and_no_password_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://user:swordfish@proxy.test:3128")
    with client(f"sqlite:///{tmp_path}/budget.db", transport=httpx2.MockTransport(balances)) as wallet:
        respond(wallet)
        kept = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert b"wallet/balance" in kept
    assert b"kkkk" not in kept
    assert b"swordfish" not in kept


def test_a_proxy_is_kept_without_its_password(tmp_path: Path) -> None:
    budget = budget_at(f"sqlite:///{tmp_path}/budget.db", "api.test", "http://user:swordfish@proxy.test:3128")
    budget.store.perform(budget.reservation("/path", 60, None), time.monotonic() + 60)
    kept = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert b"proxy.test:3128" in kept
    assert b"swordfish" not in kept
