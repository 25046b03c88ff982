"""`make endpoint` adds an operation of another file to the contract."""

import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from contracts import ROOT, SPEC, Generate, run_script
from endpoint import main, round_trip
from ruamel.yaml import YAML
from strict_exchange import KEY, SECRET, StrictExchange, differences, read

ELSEWHERE = Path(__file__).with_name("elsewhere.yaml")
DEPOSITS, THINGS, COINS = "/sapi/v1/elsewhere/deposits", "/sapi/v1/mining/things", "/api/v3/coins"


def run_endpoint(spec: Path, operation: str, *arguments: str, source: Path | str = ELSEWHERE) -> tuple[int, str, str]:
    """Run spec/endpoint.py; return its exit code, standard output and standard error."""
    return run_script(main, source, operation, "--spec", spec, *arguments)


@pytest.fixture(scope="module")
def extended(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """A contract with three more operations, and what was printed about each."""
    spec = tmp_path_factory.mktemp("endpoint") / "openapi.yaml"
    spec.write_bytes(SPEC.read_bytes())
    said = {}
    for path in (DEPOSITS, THINGS, COINS):
        code, said[path], errors = run_endpoint(spec, f"GET {path}")
        assert (code, errors) == (0, "")
    return spec, said


@pytest.fixture(scope="module")
def extended_contract(extended: tuple[Path, dict[str, str]]) -> Any:
    return YAML(typ="safe").load(extended[0])


def test_the_rest_of_the_contract_stays_unchanged(extended: tuple[Path, dict[str, str]]) -> None:
    """Comments, order and quotes, too: lines are only added. The layout must be that of this tool."""
    before = StringIO()
    round_trip().dump(round_trip().load(SPEC), before)
    lines = iter(extended[0].read_text(encoding="utf-8").splitlines())
    assert all(line in lines for line in before.getvalue().splitlines())


def test_it_is_in_the_contracts_conventions(extended_contract: Any) -> None:
    node = extended_contract["paths"][DEPOSITS]["get"]
    assert (node["x-request-weight"], node.keys() & {"security", "x-rate-limit"}) == (1, set())
    assert [parameter.get("name", parameter.get("$ref")) for parameter in node["parameters"]] == [
        *("coin", "status", "startTime", "#/components/parameters/recvWindow")
    ]
    assert node["parameters"][2]["schema"]["x-unit"] == "unix-ms"
    schema = extended_contract["components"]["schemas"]["ElsewhereDeposits"]
    assert schema["required"] == ["amount", "insertTime"]
    types = {name: {**prop, "description": ""} for name, prop in schema["properties"].items()}
    assert types == {
        "amount": {"$ref": "#/components/schemas/Amount", "description": ""},
        "coin": {"type": "string", "description": ""},
        "insertTime": {"type": "integer", "format": "int64", "x-unit": "unix-ms", "description": ""},
        "note": {"type": ["string", "null"], "description": ""},
        "source": {"$ref": "#/components/schemas/ElsewhereDepositsSource", "description": ""},
    }


def test_it_knows_limits_security_and_codes(extended_contract: Any) -> None:
    things, coins = (extended_contract["paths"][path]["get"] for path in (THINGS, COINS))
    assert (things["x-rate-limit"], things["x-request-weight"]) == ("sapi-uid", 300)
    assert "X-SAPI-USED-UID-WEIGHT-1M" in things["responses"]["200"]["headers"]
    assert extended_contract["components"]["schemas"]["MiningThingsResponse"]["properties"]["code"]["const"] == 0
    assert "application/json" in things["parameters"][0]["content"]
    assert (coins["security"], coins["x-rate-limit"], coins["x-request-weight"]) == ([], "api-ip", 80)


def test_only_the_code_of_the_whole_response_may_mean_success(extended_contract: Any) -> None:
    voucher = extended_contract["components"]["schemas"]["MiningThingsResponseVoucher"]["properties"]
    assert voucher["code"] == {"type": "string", "description": "The exchange does not describe it."}


@pytest.mark.parametrize(
    ("path", "guess"),
    [
        (DEPOSITS, "ElsewhereDeposits.amount: an exact amount"),
        (DEPOSITS, "ElsewhereDeposits.insertTime: a moment in milliseconds"),
        (DEPOSITS, "the operationId elsewhereDeposits"),
        (THINGS, "`code` 0 means success"),
        (THINGS, "parameter ids: sent as JSON text"),
        (COINS, "the weight 80, which is the highest of 2, 80 in the text"),
        (COINS, "security: none"),
    ],
)
def test_what_it_guessed_it_says(extended: tuple[Path, dict[str, str]], path: str, guess: str) -> None:
    assert guess in extended[1][path]


def test_it_says_how_to_import_what_it_wrote(extended: tuple[Path, dict[str, str]]) -> None:
    assert extended[1][DEPOSITS].endswith("\nfrom binance_wallet_client.api.wallet import elsewhere_deposits\n")


def test_a_file_in_the_home_directory_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = tmp_path / "openapi.yaml"
    spec.write_bytes(SPEC.read_bytes())
    monkeypatch.setenv("HOME", str(ELSEWHERE.parent))
    assert run_endpoint(spec, f"GET {DEPOSITS}", source=f"~/{ELSEWHERE.name}")[0] == 0


def test_without_a_file_it_says_what_to_give(tmp_path: Path) -> None:
    code, _, errors = run_endpoint(tmp_path / "openapi.yaml", "", source="")
    assert (code, errors) == (1, 'endpoint: usage: make endpoint FROM=file.yaml OPERATION="GET /sapi/v1/…"\n')


def test_what_it_wrote_is_generated_and_called(
    extended: tuple[Path, dict[str, str]], generate: Generate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from binance_wallet import WalletClient

    assert generate("--spec", extended[0], "--output", tmp_path / "extended_client") == (0, "")
    monkeypatch.syspath_prepend(tmp_path)
    from extended_client.api.wallet import elsewhere_deposits  # type: ignore[import-not-found]

    expected = read(YAML(typ="safe").load(ELSEWHERE), "get", DEPOSITS)
    with StrictExchange() as exchange, WalletClient(KEY, SECRET, base_url=exchange.base_url) as wallet:
        exchange.expect(expected)
        coin, status, start_time = (parameter.argument for parameter in expected.parameters)
        deposits = elsewhere_deposits.sync(client=wallet, coin=coin, status=status, start_time=start_time)
    assert [*expected.failures, *differences(expected.response, deposits)] == []


@pytest.mark.parametrize(
    ("operation", "complaint"),
    [
        ("GET /sapi/v1/nothing", "the file has no GET /sapi/v1/nothing"),
        (f"POST {DEPOSITS}", f"the file has no POST {DEPOSITS}; it has GET there"),
        ("GET /api/v3/weightless", "the file does not say what a call weighs: add WEIGHT="),
        ("GET /api/v3/clash", "it cannot be expressed: ClashResponse: m and M would become one name, m"),
        ("", "usage: make endpoint FROM="),
        (DEPOSITS, "usage: make endpoint FROM="),
    ],
)
def test_an_operation_that_cannot_be_added_changes_nothing(tmp_path: Path, operation: str, complaint: str) -> None:
    spec = tmp_path / "openapi.yaml"
    spec.write_bytes(SPEC.read_bytes())
    code, _, errors = run_endpoint(spec, operation)
    [line] = errors.splitlines()
    assert (code, complaint in line) == (1, True), line
    assert spec.read_bytes() == SPEC.read_bytes()
    assert [*tmp_path.iterdir()] == [spec]


@pytest.mark.parametrize("weight", ["abc", "1.5", "0", "-1", "", "\uff11"])
def test_a_weight_that_is_not_a_whole_number_is_one_line(tmp_path: Path, weight: str) -> None:
    spec = tmp_path / "openapi.yaml"
    spec.write_bytes(SPEC.read_bytes())
    code, _, errors = run_endpoint(spec, "GET /api/v3/weightless", f"--weight={weight}")
    assert (code, errors) == (1, f"endpoint: the weight must be a whole number of at least 1, not {weight!r}\n")
    assert spec.read_bytes() == SPEC.read_bytes()


def test_a_weight_can_be_given(tmp_path: Path) -> None:
    spec = tmp_path / "openapi.yaml"
    spec.write_bytes(SPEC.read_bytes())
    command = [sys.executable, "-B", ROOT / "spec" / "endpoint.py", ELSEWHERE]  # as make runs it
    operation = ["GET /api/v3/weightless", "--weight", "7"]
    subprocess.run([*command, *operation, "--spec", spec], check=True)
    assert "is in the contract already" in run_endpoint(spec, *operation)[2]
    assert YAML(typ="safe").load(spec)["paths"]["/api/v3/weightless"]["get"]["x-request-weight"] == 7
