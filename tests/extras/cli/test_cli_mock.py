"""`binance-wallet mock`. For how it ends, see test_cli_errors.py."""

import re
import sys
from pathlib import Path

import httpx2
import pytest
from binance_wallet import WalletClient
from binance_wallet_mock import MockExchange

COMMAND = Path(sys.executable).with_name("binance-wallet")


def exported(process):
    """The variables that it prints for `export`."""
    lines = "".join(process.stdout.readline().decode() for _ in range(3))
    return dict(re.findall(r"^export (\w+)=(\S+)$", lines, re.MULTILINE))


def test_it_prints_all_three_variables_whatever_the_environment_has(start_command, environment):
    found = exported(start_command("mock", "--port", "0"))

    assert set(found) == {"BINANCE_BASE_URL", "BINANCE_API_KEY", "BINANCE_API_SECRET"}
    assert found["BINANCE_API_KEY"] != environment["BINANCE_API_KEY"]


def test_a_malformed_key_in_the_environment_does_not_matter(start_command):
    assert exported(start_command("mock", "--port", "0", BINANCE_API_KEY="short"))


def test_without_an_output_nobody_would_learn_the_key_so_it_ends(run):
    code, _, errors = run(command=["sh", "-c", 'exec "$0" mock --port 0 >&-', COMMAND])

    assert (code, errors) == (1, "binance-wallet: standard output: closed\n")


def test_its_minute_can_be_shortened(start_command):
    base_url = exported(start_command("mock", "--port", "0", "--weight-limit", "59", "--minute", "3"))[
        "BINANCE_BASE_URL"
    ]

    answer = httpx2.get(f"{base_url}/sapi/v1/asset/wallet/balance", trust_env=False)

    assert (answer.status_code, int(answer.headers["Retry-After"]) <= 3) == (429, True)


def test_a_weight_limit_of_its_own_is_kept(start_command):
    process = start_command("mock", "--port", "0", "--weight-limit", "59")
    base_url = exported(process)["BINANCE_BASE_URL"]

    answer = httpx2.get(f"{base_url}/sapi/v1/asset/wallet/balance", trust_env=False)

    assert (answer.status_code, "59 request weight per minute" in answer.text) == (429, True)


@pytest.mark.parametrize("seed", [0, 7])
def test_a_seed_makes_the_same_account_each_time(start_command, seed):
    found = exported(start_command("mock", "--port", "0", "--seed", str(seed)))

    with (
        WalletClient(
            found["BINANCE_API_KEY"], found["BINANCE_API_SECRET"], base_url=found["BINANCE_BASE_URL"]
        ) as served,
        MockExchange(seed=seed) as exchange,
        WalletClient(exchange.api_key, exchange.api_secret, base_url=exchange.base_url) as expected,
    ):
        assert served.balances() == expected.balances()


def test_where_the_port_is_taken_a_free_one_is_recommended(run, exchange):
    port = exchange.base_url.rpartition(":")[2]

    code, shown, errors = run("mock", "--port", port)

    assert (code, shown) == (1, "")
    assert errors == f"binance-wallet: port {port} is taken: --port 0 takes a free one\n"


def test_a_key_in_the_environment_is_neither_used_nor_shown(start_command):
    process = start_command("mock", "--port", "0", BINANCE_API_KEY="short")

    exported = [process.stdout.readline().decode() for _ in range(3)]
    names = [line.partition("=")[0] for line in exported]
    assert names == ["export BINANCE_BASE_URL", "export BINANCE_API_KEY", "export BINANCE_API_SECRET"]
    assert "short" not in "".join(exported)


def test_several_accounts_have_keys_and_holdings_of_their_own_and_commands_that_name_them(start_command):
    process = start_command("mock", "--port", "0", "--accounts", "3")
    found = exported(process)

    lines = [process.stdout.readline().decode() for _ in range(3)]
    command = r"printf '%s\\n' (\w{64}) (\w{64}) \| binance-wallet keys add (mock-\d) --no-keyring\n"
    keys = [re.fullmatch(command, line).groups() for line in lines]
    assert [name for _, _, name in keys] == ["mock-1", "mock-2", "mock-3"]
    assert keys[0][:2] == (found["BINANCE_API_KEY"], found["BINANCE_API_SECRET"])
    balances = []
    for key, secret, _ in keys:
        with WalletClient(key, secret, base_url=found["BINANCE_BASE_URL"]) as wallet:
            balances.append(wallet.balances().total)
    assert len({*balances}) == 3


def test_its_explanation_is_no_line_to_paste(start_command):
    process = start_command("mock", "--port", "0", "--accounts", "2")
    exported(process)

    shown = process.stderr.readline().decode()
    assert shown == "The mock exchange is up; Ctrl-C stops it. Paste these lines into another shell:\n"


def test_a_key_that_was_kept_is_good_after_a_restart(start_command):
    keys = [exported(start_command("mock", "--port", "0"))["BINANCE_API_KEY"] for _ in range(2)]
    assert keys[0] == keys[1]
    assert exported(start_command("mock", "--port", "0", "--seed", "7"))["BINANCE_API_KEY"] != keys[0]
