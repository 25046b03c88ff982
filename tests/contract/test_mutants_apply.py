"""Each mutant of `mutants.py` still breaks something: what it replaces is there, and nothing else looks the same."""

import ast
import re
import shutil
from functools import cache
from pathlib import Path

import pytest

from .mutants import ROOT, TESTS, Mutant, mutants, pattern, places, replace


@cache  # of a file that many mutants break
def tree(text: str) -> str:
    return ast.dump(ast.parse(text))


@pytest.mark.parametrize("mutant", [*mutants()], ids=lambda mutant: mutant.name)
def test_a_mutant_replaces_one_place_and_changes_the_code(mutant: Mutant, tmp_path: Path):
    [(path, found)] = places(mutant, ROOT)
    copy = tmp_path / path.relative_to(ROOT)
    copy.parent.mkdir(parents=True)
    shutil.copy(path, copy)
    replace(mutant, tmp_path)
    broken = copy.read_text(encoding="utf-8")
    if path.suffix == ".py":
        assert ast.dump(ast.parse(broken)) != tree(found.string)
    else:
        assert broken.split() != found.string.split()


def test_what_mutants_have_to_face_is_there():
    for test in {test for mutant in mutants() for test in mutant.tests}:
        file, _, name = test.partition("[")[0].partition("::")
        text = (TESTS / file).read_text(encoding="utf-8")
        assert re.search(rf"^(async )?def {name or 'test_.*'}\(", text, re.MULTILINE), test


def test_each_mutant_has_a_name_of_its_own():
    names = [mutant.name for mutant in mutants()]
    assert len({*names}) == len(names)


@pytest.mark.parametrize(
    ("code", "text", "is_found"),
    [
        ("f(_1, 7)", "f(\n    limit,\n    7,\n)", True),
        ("_1 < _2 < _1", "a < b < a", True),
        ("_1 < _2 < _1", "a < b < c", False),
        ("limit, 7", "limit, 70", False),
        ("limit, 7", "no_limit, 7", False),
    ],
)
def test_code_is_found_however_it_is_formatted_and_named(code, text, is_found):
    assert (pattern(code).search(text) is not None) is is_found
