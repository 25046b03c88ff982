"""What the clients' constructors accept, refuse and show."""

import pickle
from pathlib import Path
from typing import Any

import httpx2
import pytest
from binance_wallet import AsyncWalletClient, InvalidRequestError, WalletClient
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

KEY = "PublicPublicPublicPublicPublicPublicPublicPublicPublicPublicKey1"
SECRET = "HiddenHiddenHiddenHiddenHiddenHiddenHiddenHiddenHiddenHiddenKey2"
PRIVATE = Ed25519PrivateKey.generate()
PEM = PRIVATE.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
PUBLIC = PRIVATE.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
LOCKED = PRIVATE.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"open")).decode()

pytestmark = pytest.mark.parametrize("client", [WalletClient, AsyncWalletClient])


def shortly(value: object) -> str:
    """A parameter in a test's name, which must not hold a key that was made a moment ago."""
    return ascii(value)[:40]


Kind = type[WalletClient | AsyncWalletClient]


def base_url_of(wallet: WalletClient | AsyncWalletClient) -> str:
    return wallet.base_url.rstrip("/")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"api_key": ""}, "api_key"),
        ({"api_key": None}, "api_key"),
        ({"api_key": b"bytes"}, "api_key"),
        ({"api_key": " \t"}, "api_key"),
        ({"api_key": f"{KEY}\n"}, "api_key"),
        ({"api_key": f"{KEY}\r\nX-Evil: 1"}, "api_key"),
        ({"api_key": "Schlüssel"}, "api_key"),
        ({"api_key": f'"{KEY}"'}, "api_key has a character that no key has"),
        ({"api_key": f"'{KEY}'"}, "api_key"),
        ({"api_key": f"{KEY}#comment"}, "api_key"),
        ({"api_key": "<your_api_key>"}, "api_key"),
        ({"api_key": "your key here"}, "api_key"),
        ({"api_key": f"{KEY}\u200b"}, "api_key"),
        ({"api_key": "${BINANCE_API_KEY}"}, "api_key"),
        ({"api_secret": f'"{SECRET}"'}, "api_secret"),
        ({"api_secret": f"{SECRET} # mine"}, "api_secret"),
        ({"api_secret": "<secret>"}, "api_secret"),
        ({"api_secret": ""}, "api_secret"),
        ({"api_secret": None}, "api_secret"),
        ({"api_secret": f" {SECRET}"}, "api_secret"),
        ({"api_secret": 5}, "api_secret"),
        ({"private_key": PEM}, "not both"),
        ({"api_secret": None, "private_key": PUBLIC}, "this is a public key"),
        ({"passphrase": "for nothing"}, "passphrase"),
        ({"api_secret": None, "private_key": PEM, "passphrase": b"bytes"}, "passphrase must be a str"),
        ({"timeout": 0}, "timeout"),
        ({"timeout": -1}, "timeout"),
        ({"timeout": float("nan")}, "timeout"),
        ({"timeout": float("inf")}, "timeout"),
        ({"timeout": 1e12}, "timeout"),
        ({"timeout": None}, "timeout"),
        ({"timeout": True}, "timeout"),
        ({"timeout": "10"}, "timeout"),
        ({"timeout": httpx2.Timeout(5)}, "timeout"),
        ({"retries": -1}, "retries"),
        ({"retries": 1.0}, "retries"),
        ({"retries": None}, "retries"),
        ({"recv_window": 0}, "recv_window"),
        ({"recv_window": 60_001}, "recv_window"),
        ({"recv_window": 5000.0}, "recv_window"),
        ({"weight_limit": 0}, "weight_limit"),
        ({"weight_limit": 1.5}, "weight_limit"),
        ({"base_url": ""}, "base_url"),
        ({"base_url": None}, "base_url"),
        ({"base_url": "api.binance.com"}, "base_url"),
        ({"base_url": "ftp://api.binance.com"}, "base_url"),
        ({"base_url": "https://"}, "base_url"),
        ({"base_url": "https://api.binance.com:port"}, "base_url"),
        ({"base_url": "https://\udcff"}, "base_url"),  # a byte that is no UTF-8, from the environment or a shell
        ({"base_url": "https://api.binance.com?x=1"}, "base_url"),
        ({"base_url": "https://api.binance.com?"}, "base_url"),
        ({"base_url": "https://user:hidden@api.binance.com"}, "base_url"),
        ({"base_url": "http://api.binance.com"}, "https"),
        ({"base_url": "http://192.168.1.1:8080"}, "https"),
        ({"base_url": "http://localhost.evil.test"}, "https"),
        ({"base_url": "http://127.0.0.1.evil.test"}, "https"),
        ({"base_url": "http://0.0.0.0"}, "https"),
    ],
    ids=shortly,
)
def test_what_is_wrong_is_refused_and_no_secret_repeated(client: Kind, arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidRequestError, match=words) as caught:
        client(**{"api_key": KEY, "api_secret": SECRET} | arguments)
    said = f"{caught.value!r} {caught.value.__context__!r}"
    assert not any(secret in said for secret in (KEY, SECRET, "hidden", PEM.splitlines()[1]))


@pytest.mark.parametrize(
    "base_url",
    [
        "https://api.binance.com",
        "https://api4.binance.com/",
        "http://localhost:8080",
        "http://127.0.0.1:8080",
        "http://127.8.0.1",
        "http://[::1]:8080",
    ],
)
def test_https_and_this_machine_are_accepted(client: Kind, base_url: str) -> None:
    assert base_url_of(client(KEY, SECRET, base_url=base_url)) == base_url.rstrip("/")


@pytest.mark.parametrize(
    "options",
    [
        {"timeout": 1},
        {"timeout": 0.5},
        {"retries": 0},
        {"recv_window": 60_000},
        {"weight_limit": None},
        {"weight_limit": 1},
    ],
    ids=repr,
)
def test_what_is_right_is_accepted(client: Kind, options: dict[str, Any]) -> None:
    client(KEY, SECRET, **options)


@pytest.mark.parametrize(
    "credentials",
    [
        {"api_secret": SECRET},
        {"private_key": PEM},
        {"private_key": LOCKED, "passphrase": "open"},
    ],
    ids=["HMAC", "PEM", "encrypted PEM"],
)
def test_nothing_that_is_shown_of_a_client_is_secret(client: Kind, credentials: dict[str, str]) -> None:
    wallet = client(KEY, **credentials)
    shown = f"{wallet!r} {wallet} {vars(wallet)!r} {wallet.usage!r}"
    assert not any(secret in shown for secret in (KEY, SECRET, 'open"', PEM.splitlines()[1], LOCKED.splitlines()[1]))


def test_a_client_shows_what_it_calls_where_it_counts_and_how_its_key_ends(client: Kind) -> None:
    shown = repr(client(KEY, SECRET, base_url="http://localhost:1"))
    assert shown == f"{client.__name__}(api_key='…Key1', base_url='http://localhost:1', budget='memory')"


def test_a_client_shows_a_shared_budget_without_its_password(client: Kind) -> None:
    shown = repr(client(KEY, SECRET, budget=f"redis://:{SECRET}@localhost/0"))
    assert "budget='localhost/0, " in shown
    assert SECRET not in shown


def test_a_client_is_not_pickled(client: Kind) -> None:
    with pytest.raises((TypeError, AttributeError, pickle.PicklingError)):
        pickle.dumps(client(KEY, SECRET))


def test_a_client_is_made_from_the_environment(client: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BINANCE_API_KEY", KEY)
    monkeypatch.setenv("BINANCE_API_SECRET", SECRET)
    monkeypatch.setenv("BINANCE_BASE_URL", "http://localhost:1")
    assert base_url_of(client.from_env()) == "http://localhost:1"


def test_without_a_base_url_in_the_environment_it_is_the_exchange(
    client: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BINANCE_API_KEY", KEY)
    monkeypatch.setenv("BINANCE_API_SECRET", SECRET)
    assert base_url_of(client.from_env()) == "https://api.binance.com"


def test_a_private_key_comes_from_the_environment(client: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BINANCE_API_KEY", KEY)
    monkeypatch.setenv("BINANCE_PRIVATE_KEY", LOCKED)
    monkeypatch.setenv("BINANCE_PRIVATE_KEY_PASSPHRASE", "open")
    client.from_env()


def test_options_win_over_the_environment(client: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BINANCE_API_SECRET", "from the environment")
    monkeypatch.setenv("BINANCE_BASE_URL", "http://localhost:1")
    wallet = client.from_env(api_key=KEY, private_key=PEM, base_url="http://localhost:2")
    assert base_url_of(wallet) == "http://localhost:2"


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({}, "BINANCE_API_KEY"),
        ({"BINANCE_API_SECRET": SECRET}, "BINANCE_API_KEY"),
        ({"BINANCE_API_KEY": KEY}, "BINANCE_API_SECRET"),
        ({"BINANCE_API_KEY": "", "BINANCE_API_SECRET": SECRET}, "BINANCE_API_KEY"),
        ({"BINANCE_API_KEY": KEY, "BINANCE_API_SECRET": SECRET, "BINANCE_PRIVATE_KEY": PEM}, "not both"),
        ({"BINANCE_API_KEY": KEY, "BINANCE_PRIVATE_KEY": LOCKED}, "passphrase"),
        ({"BINANCE_API_KEY": KEY, "BINANCE_API_SECRET": SECRET, "BINANCE_BASE_URL": "http://api.test"}, "https"),
    ],
    ids=lambda value: value if isinstance(value, str) else "+".join(value) or "nothing",
)
def test_what_the_environment_lacks_is_named(
    client: Kind, variables: dict[str, str], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(InvalidRequestError, match=words):
        client.from_env()


@pytest.mark.parametrize("option", ["tiemout", "origin", "api_key"])
def test_with_options_takes_no_other_options(client: Kind, option: str) -> None:
    wallet = client(KEY, SECRET)
    with pytest.raises(TypeError, match=f"with_options has no option {option}"):
        wallet.with_options(**{option: 1})


@pytest.mark.parametrize(
    "one_line",
    [
        PEM.strip().replace("\n", "\\n"),
        PEM.replace("\n", "\\n"),
        f'"{PEM.strip()}"'.replace("\n", "\\n"),
        PEM.replace("\n", "\\r\\n"),
        PEM.replace("\n", "\r\n"),
    ],
    ids=["", "with its last line break", "in quotes", "of Windows", "lines of Windows"],
)
def test_a_pem_in_one_line_is_read(client: Kind, one_line: str) -> None:
    """The only form that many hosts' settings can hold."""
    client(KEY, private_key=one_line)


def test_a_tilde_in_the_path_of_a_private_key_is_the_home_directory(
    client: Kind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "key.pem").write_text(PEM)
    monkeypatch.setenv("HOME", str(tmp_path))
    client(KEY, private_key="~/key.pem")
    with pytest.raises(InvalidRequestError, match="path of a readable file"):
        client(KEY, private_key="~nobody-of-this-name/key.pem")


@pytest.mark.parametrize(
    "base_url", [" https://api.binance.com", "https://api.binance.com \n", "\thttps://api.binance.com"]
)
def test_white_space_around_the_base_url_is_ignored(client: Kind, base_url: str) -> None:
    assert client(KEY, SECRET, base_url=base_url).base_url == "https://api.binance.com"
