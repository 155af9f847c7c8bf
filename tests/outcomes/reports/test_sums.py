from __future__ import annotations

from collections import Counter
from datetime import timedelta
from fractions import Fraction

from entitlements.kernel import utc
from entitlements.outcomes.reports.figure import ReportSection
from entitlements.outcomes.reports.measured_cases import Period
from entitlements.outcomes.reports.sums import Scope, Sums

START, END = utc("2026-03-01T00:00Z"), utc("2026-04-01T00:00Z")
PERIOD = Period(START, END, END - timedelta(microseconds=1), START)
FLOW = ReportSection.FLOW


def sums(*ids: str, has_ids: bool = True) -> Sums:
    found = Sums(has_ids=has_ids)
    for id in ids:
        found.add(FLOW, "cases", "opened", id)
        found.add_wait("answer", "elapsed", timedelta(hours=len(id)), is_over=True)
    return found


def scope(of: Sums) -> Scope:
    return Scope(of, None, is_total=True, period=PERIOD, zone="UTC")


def test_parts_add_up_to_the_whole() -> None:
    whole = sums("R-2", "R-10")
    whole.include(sums("R-1"))
    (figure,) = scope(whole).counted(FLOW, "cases", ["opened"])
    assert (figure.value, figure.ids) == (3, ("R-1", "R-10", "R-2"))
    assert whole.waits["answer", "elapsed"].quantile(Fraction(1)) == timedelta(hours=4)
    assert whole.scores == Counter()


def test_without_ids_only_counts_are_kept() -> None:
    found = sums("R-1", "R-2", has_ids=False)
    assert found.ids == {}
    assert scope(found).amount(FLOW, "cases", "opened") == 2
    assert scope(found).names(FLOW) == ["cases"]
    assert scope(found).amount(FLOW, "cases", "over") == 0
