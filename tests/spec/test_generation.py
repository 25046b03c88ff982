"""The generated package is up to date, the same every time, and never a guess."""

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "generated" / "binance_wallet_client"


def contents(package: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(package)): path.read_bytes()
        for path in package.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


@pytest.fixture
def package_copy(tmp_path):
    copy = tmp_path / "binance_wallet_client"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    return copy


def test_the_committed_package_is_what_the_contract_gives_to_the_byte(generate, tmp_path):
    assert generate("--output", tmp_path / "elsewhere") == (0, "")
    assert contents(tmp_path / "elsewhere") == contents(PACKAGE)


def test_generating_over_a_package_removes_stale_files(generate, package_copy):
    (package_copy / "models" / "stale.py").touch()
    assert generate("--output", package_copy) == (0, "")
    assert contents(package_copy) == contents(PACKAGE)
    assert list(package_copy.parent.iterdir()) == [package_copy]


def test_check_names_edited_missing_and_added_files(generate, package_copy):
    with (package_copy / "client.py").open("a") as client:
        client.write("# edited\n")
    (package_copy / "types.py").unlink()
    (package_copy / "mine.py").touch()
    before = contents(package_copy)

    code, errors = generate("--check", "--output", package_copy)

    assert code == 1
    assert errors.splitlines() == ["differs: client.py", "not generated: mine.py", "missing: types.py"]
    assert contents(package_copy) == before


def test_check_makes_no_folder_for_a_missing_package(tmp_path):
    spec = tmp_path / "spec"
    shutil.copytree(ROOT / "spec", spec, ignore=shutil.ignore_patterns("__pycache__"))
    before = contents(tmp_path)
    command = [sys.executable, "-B", spec / "generate.py", "--check", "--output", tmp_path / "nowhere" / "client"]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 1
    assert contents(tmp_path) == before
    assert [*tmp_path.iterdir()] == [spec]


WINDOWS = """
import io
from functools import partial

def open(file, mode="r", buffering=-1, encoding=None, errors=None, newline=None, *rest):
    newline = "\\r\\n" if "w" in mode and "b" not in mode and newline is None else newline
    return opened(file, mode, buffering, encoding, errors, newline, *rest)

opened, io.open = io.open, open
"""


def test_the_package_is_the_same_to_the_byte_on_windows(tmp_path):
    """There, text is written with \\r\\n, and git may have checked the sources out with it."""
    shutil.copytree(ROOT / "spec", tmp_path / "spec", ignore=shutil.ignore_patterns("__pycache__"))
    for source in [*(tmp_path / "spec" / "runtime").iterdir(), *(tmp_path / "spec" / "templates").iterdir()]:
        if source.is_file():
            source.write_bytes(source.read_bytes().replace(b"\n", b"\r\n"))
    (tmp_path / "sitecustomize.py").write_text(WINDOWS)
    subprocess.run(
        [sys.executable, tmp_path / "spec" / "generate.py", "--output", tmp_path / "client"],
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        check=True,
    )
    assert contents(tmp_path / "client") == contents(PACKAGE)


def test_a_package_that_cannot_be_replaced_stays(package_copy, tmp_path):
    code = "import sys; from pathlib import Path; from generate import replace; replace(*map(Path, sys.argv[1:]))"
    command = [sys.executable, "-c", code, package_copy, tmp_path / "fresh", tmp_path / "old"]  # there is nothing fresh
    result = subprocess.run(command, cwd=ROOT / "spec", capture_output=True, text=True, check=False)
    assert (result.returncode, "FileNotFoundError" in result.stderr) == (1, True)
    assert contents(package_copy) == contents(PACKAGE)


@pytest.mark.parametrize("text", ['so "quoted"', 'or """', "a \\", 'a \\"', "C:\\Users"])
def test_a_description_may_end_in_anything(generate, document, tmp_path, text):
    """Quotes and backslashes are plain text, in the docstring of anything that they describe."""
    alias, model = (document["components"]["schemas"][name] for name in ("SnapshotType", "SpotAsset"))
    call = document["paths"]["/sapi/v1/accountSnapshot"]["get"]
    for node in (alias, model, model["properties"]["asset"], call, call["parameters"][0]):
        node["description"] = text
    YAML(typ="safe").dump(document, tmp_path / "openapi.yaml")

    code, errors = generate("--spec", tmp_path / "openapi.yaml", "--output", tmp_path / "client")

    assert (code, errors) == (0, "")
    for module, times in {
        "models/spot_asset": 2,
        "models/__init__": 1,
        "api/account/daily_account_snapshot": 2,
    }.items():
        nodes = ast.walk(ast.parse((tmp_path / "client" / f"{module}.py").read_text(encoding="utf-8")))
        strings = [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]
        assert sum(string.count(text) for string in strings) == times


def test_every_file_says_that_it_is_generated():
    banner = "# Generated by `make generate` from spec/openapi.yaml; do not edit."
    assert {path.read_text(encoding="utf-8").partition("\n")[0] for path in PACKAGE.rglob("*.py")} == {banner}


@pytest.mark.parametrize("text", [None, "", "- a list\n", "\udcff"])
def test_a_file_that_is_not_a_contract_is_an_error(generate, package_copy, tmp_path, text):
    """It is missing, empty, a list, or not UTF-8."""
    spec = tmp_path / "openapi.yaml"
    if text is not None:
        spec.write_bytes(text.encode(errors="surrogateescape"))

    code, errors = generate("--spec", spec, "--output", package_copy)

    [line] = errors.splitlines()
    assert (code, "openapi.yaml" in line) == (1, True), line
    assert contents(package_copy) == contents(PACKAGE)
