"""A change of the contract that breaks code needs a version and a changelog entry that say so."""

import copy
import subprocess
from typing import Any

import pytest

from .compatibility import breaking_changes, undeclared
from .spec import BALANCES, PATH, ROOT, SNAPSHOTS, SPEC, load

BALANCE, SNAPSHOT = (("paths", operation["path"], "get") for operation in (BALANCES, SNAPSHOTS))
ASSET, LIMIT = ("parameters", 0), ("parameters", 3, "schema")
SCHEMAS = ("components", "schemas")
WALLET = (*SCHEMAS, "WalletBalance", "properties")
GONE = object()
PAGE = {"name": "page", "in": "query", "schema": {"type": "integer"}}


def edited(*keys: Any, to: Any = GONE) -> dict[str, Any]:
    """The contract with one thing in it changed, or gone."""
    spec = copy.deepcopy(SPEC)
    node: Any = spec
    for key in keys[:-1]:
        node = node[key]
    if to is GONE:
        del node[keys[-1]]
    else:
        node[keys[-1]] = to
    return spec


def git(*arguments: str) -> str | None:
    """The output of git; None if it fails."""
    try:
        return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return None


def test_nothing_breaks_unannounced_since_the_last_release():
    tag = git("describe", "--tags", "--abbrev=0", "--match", "v[0-9]*")
    released = git("show", f"{tag.strip()}:{PATH.relative_to(ROOT).as_posix()}") if tag else None
    if released is None:
        pytest.skip("no release to compare with: git knows of no version tag here")
    assert undeclared(load(released), SPEC, (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("spec", "complaint"),
    [
        (edited("paths", "/sapi/v1/accountSnapshot"), "dailyAccountSnapshot: is gone"),
        (edited(*SNAPSHOT, "operationId", to="snapshots"), "dailyAccountSnapshot: is gone"),
        (edited(*SNAPSHOT, "tags", to=["asset"]), "dailyAccountSnapshot: moved from account to asset"),
        (edited(*SNAPSHOT, "security", to=[{"apiKey": []}]), "dailyAccountSnapshot: is secured in another way"),
        (edited(*BALANCE, *ASSET), "queryUserWalletBalance.quoteAsset: is gone"),
        (edited(*BALANCE, *ASSET, "required", to=True), "queryUserWalletBalance.quoteAsset: is mandatory now"),
        (edited(*BALANCE, *ASSET, to={**PAGE, "required": True}), "queryUserWalletBalance.page: is mandatory now"),
        (edited(*SNAPSHOT, *LIMIT, "minimum", to=8), "dailyAccountSnapshot.limit: minimum is 8 now"),
        (edited(*SNAPSHOT, *LIMIT, "maximum", to=29), "dailyAccountSnapshot.limit: maximum is 29 now"),
        (edited(*SNAPSHOT, *LIMIT, "default", to=30), "dailyAccountSnapshot.limit: default was 7, is 30"),
        (edited(*SCHEMAS, "SnapshotType", "enum", to=["SPOT"]), "dailyAccountSnapshot.type: is one of ['SPOT'] now"),
        (edited(*WALLET, "activate"), "queryUserWalletBalance response[].activate: is gone"),
        (
            edited(*WALLET, "activate", "type", to="string"),
            "queryUserWalletBalance response[].activate: type was boolean, is string",
        ),
        (
            edited(*SCHEMAS, "Amount", "format"),
            "queryUserWalletBalance response[].balance: format was decimal, is None",
        ),
        (
            edited(*SCHEMAS, "SpotAsset", "required", to=["asset", "free"]),
            "dailyAccountSnapshot response.snapshotVos[]<spot>.data.balances[].locked: may be missing now",
        ),
        (
            edited(*SCHEMAS, "AccountSnapshot", "oneOf", 2),
            "dailyAccountSnapshot response.snapshotVos[]<futures>: is gone",
        ),
        (
            edited(*SCHEMAS, "SpotSnapshot", "properties", "updateTime", "x-unit"),
            "dailyAccountSnapshot response.snapshotVos[]<spot>.updateTime: x-unit was unix-ms, is None",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_change_that_breaks_code_is_found(spec, complaint):
    assert complaint in breaking_changes(SPEC, spec)


@pytest.mark.parametrize(
    "spec",
    [
        SPEC,
        edited("info", "description", to="Other words."),
        edited(*BALANCE, "summary", to="Other words."),
        edited("paths", "/sapi/v1/new", to={"get": {**SPEC["paths"][BALANCE[1]]["get"], "operationId": "new"}}),
        edited(*BALANCE, "parameters", to=[*SPEC["paths"][BALANCE[1]]["get"]["parameters"], PAGE]),
        edited(*SNAPSHOT, *LIMIT, "maximum", to=31),
        edited(*SCHEMAS, "SnapshotType", "enum", to=["SPOT", "MARGIN", "FUTURES", "OPTIONS"]),
        edited(*WALLET, "note", to={"type": "string"}),
        edited(*SCHEMAS, "ErrorBody", "properties", "data", to={}),
    ],
)
def test_a_change_that_breaks_no_code_is_not_reported(spec):
    assert breaking_changes(SPEC, spec) == []


@pytest.mark.parametrize(
    ("before", "after", "changelog", "is_declared"),
    [
        ("0.1.0", "0.2.0", "# Changelog\n\n## 0.2.0\n", True),
        ("0.1.0", "0.1.1", "# Changelog\n\n## 0.1.1\n", False),
        ("0.1.0", "0.2.0", "# Changelog\n\n## 0.1.0\n", False),
        ("1.4.0", "2.0.0", "# Changelog\n\n## 2.0.0 (unreleased)\n", True),
        ("1.4.0", "1.5.0", "# Changelog\n\n## 1.5.0\n", False),
        ("0.9.0", "1.0.0", "# Changelog\n\n## 1.0.0\n", True),
        ("1.4.0", "1.4.0", "# Changelog\n\n## 1.4.0\n", False),
    ],
)
def test_a_break_is_declared_by_version_and_changelog(before, after, changelog, is_declared):
    old, new = edited("info", "version", to=before), edited(*BALANCE, *ASSET)
    new["info"]["version"] = after
    assert (undeclared(old, new, changelog) == []) is is_declared
    assert undeclared(old, {**old, "info": new["info"]}, "") == [], (
        "nothing has changed, so there is nothing to declare"
    )
