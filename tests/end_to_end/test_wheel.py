"""The wheel: what it holds, and that it installs."""

import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT]
    subprocess.run(build, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


def test_the_wheel_holds_the_four_packages_each_typed(wheel):
    packages = {"binance_wallet", "binance_wallet_client", "binance_wallet_extras", "binance_wallet_mock"}
    names = zipfile.ZipFile(wheel).namelist()
    assert {f"{package}/py.typed" for package in packages} <= set(names)
    assert {name.split("/")[0].split("-")[0] for name in names} == packages


@pytest.mark.timeout(180)
def test_the_wheel_installs_into_an_empty_environment_and_imports(wheel, tmp_path):
    """It brings only the core's dependencies. The command names the extra that it needs."""
    venv.create(tmp_path / "venv", with_pip=True)
    python = tmp_path / "venv" / "bin" / "python"
    constraints = ROOT / "constraints.txt"
    subprocess.run([python, "-m", "pip", "install", "-q", "-c", constraints, wheel], check=True, capture_output=True)
    imported = subprocess.run(
        [python, "-W", "error", "-c", "import binance_wallet; print(binance_wallet.WalletClient.__name__)"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (imported.stdout, imported.stderr) == ("WalletClient\n", "")
    command = subprocess.run(
        [python.with_name("binance-wallet"), "balances"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert command.returncode == 1
    assert "the extra 'cli'" in command.stderr
