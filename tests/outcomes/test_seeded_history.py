from __future__ import annotations

from tests.effort import tries
from tests.outcomes import seeded_history
from tests.outcomes.seeded_history import END, START, case_of, decide, differences

from entitlements.outcomes import report


def test_two_years_have_the_figures_that_were_chosen() -> None:
    wrong, found = differences(tries(300), seed=tries(1, deep=2))
    assert wrong == []
    assert len(found.figures) > 300


def test_a_case_that_is_lost_is_seen() -> None:
    known = list(decide(60, 3))
    found = report(map(case_of, known[1:]), START, END)
    wanted = seeded_history.truths(known)
    differ = [key for key in wanted if key[0] == "flow" and found.figure(*key).value != wanted[key]]
    assert differ
