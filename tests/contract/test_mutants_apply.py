"""Each mutant of `mutants.py` still breaks something: what it replaces is there, and nothing else looks the same."""

import pytest

from .mutants import ROOT, Mutant, applies, mutants


@pytest.mark.parametrize("mutant", [*mutants()], ids=lambda mutant: mutant.name)
def test_what_is_to_be_broken_is_there_exactly_once(mutant: Mutant):
    assert applies(mutant, ROOT)
