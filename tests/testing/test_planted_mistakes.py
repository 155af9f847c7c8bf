"""Mistakes that were planted in the plans of the demo are found; the driver tries all forty."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from tests.planted import ROOT
from tests.testing.planted_mistakes import MISTAKES, Mistake, finders
from tests.testing.shipped_promises import shipped_promises

from entitlements.cli.commands.demo import document
from entitlements.testing.promises import check_promises, promise_coverage

SOME = [each for number, each in enumerate(MISTAKES) if number % 5 == 2]


@pytest.mark.parametrize("mistake", SOME, ids=lambda each: each.what)
def test_a_mistake_is_found_by_promises_or_by_check(mistake: Mistake) -> None:
    found = finders(mistake, fuzz=False)
    assert found == [each for each in mistake.found_by.split() if each != "fuzz"]


def test_there_are_forty_mistakes_of_different_kinds() -> None:
    assert len({each.what for each in MISTAKES}) == 40
    assert all(each.found_by for each in MISTAKES)
    page = (ROOT / "docs" / "testing.md").read_text(encoding="utf-8")
    told = dict(re.findall(r"^\| `?(\w+)`? alone \| (\d+):", page, re.MULTILINE))
    counts = Counter(each.found_by for each in MISTAKES)
    assert told == {name: str(counts[name]) for name in ("promises", "check", "fuzz")}


def test_the_promises_of_the_demo_leave_nothing_out_but_what_they_name() -> None:
    file = shipped_promises()
    results = check_promises(file)
    assert [each.explain() for each in results if not each.holds] == []
    *counts, reasons = promise_coverage(file.facts, results)
    assert [(each.kind, each.missed) for each in counts if each.missed] == []
    rest = document("demo.promises.yaml").partition("# Reasons that no question")[2]
    named = re.findall(r"^#   ([a-z_, ]+): \w", rest, re.MULTILINE)
    assert sorted(", ".join(named).split(", ")) == list(reasons.missed)
