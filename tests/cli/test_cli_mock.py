"""`binance-wallet mock`, but for how it ends: see test_cli_errors.py."""

import httpx


def test_a_weight_limit_of_its_own_is_kept(start):
    process = start("mock", "--port", "0", "--weight-limit", "59")
    _, exported = process.stdout.readline(), process.stdout.readline().decode()
    base_url = exported.strip().removeprefix("export BINANCE_BASE_URL=")

    answer = httpx.get(f"{base_url}/sapi/v1/asset/wallet/balance", trust_env=False)

    assert (answer.status_code, "59 request weight per minute" in answer.text) == (429, True)
