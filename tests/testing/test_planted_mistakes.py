"""Mistakes that were planted in the plans of the demo are found; the driver tries all forty."""

from __future__ import annotations

import pytest
from tests.testing.planted_mistakes import MISTAKES, Mistake, finders

SOME = [each for number, each in enumerate(MISTAKES) if number % 5 == 2]


@pytest.mark.parametrize("mistake", SOME, ids=lambda each: each.what)
def test_a_mistake_is_found_by_promises_or_by_check(mistake: Mistake) -> None:
    found = finders(mistake, fuzz=False)
    assert found == [each for each in mistake.found_by.split() if each != "fuzz"]


def test_there_are_forty_mistakes_of_different_kinds() -> None:
    assert len({each.what for each in MISTAKES}) == 40
    assert all(each.found_by for each in MISTAKES)
