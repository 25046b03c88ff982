"""`binance-wallet mock`, but for how it ends: see test_cli_errors.py."""

import httpx


def test_a_weight_limit_of_its_own_is_kept(start):
    process = start("mock", "--port", "0", "--weight-limit", "59")
    _, exported = process.stdout.readline(), process.stdout.readline().decode()
    base_url = exported.strip().removeprefix("export BINANCE_BASE_URL=")

    answer = httpx.get(f"{base_url}/sapi/v1/asset/wallet/balance", trust_env=False)

    assert (answer.status_code, "59 request weight per minute" in answer.text) == (429, True)


def test_where_the_port_is_taken_a_free_one_is_recommended(run, exchange):
    port = exchange.base_url.rpartition(":")[2]

    code, shown, errors = run("mock", "--port", port)

    assert (code, shown) == (1, "")
    assert errors == f"binance-wallet: port {port} is taken: --port 0 takes a free one\n"
