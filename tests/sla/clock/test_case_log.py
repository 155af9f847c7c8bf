"""The log of a case: its entries say what holds after each change."""

from __future__ import annotations

from datetime import timedelta

from entitlements.sla import SlaPolicy, Target
from entitlements.sla.clock.case_log import CaseChange, CaseLog, ClockTerms

TERMS: ClockTerms = (
    SlaPolicy(id="p", targets=[Target(milestone="resolution", within=timedelta(hours=1))]).compiled,
    "web",
    frozenset(),
)


def test_an_entry_says_what_holds_after_the_change() -> None:
    case = CaseLog((10, "S2", TERMS, frozenset()))
    case.reasons = frozenset({"customer"})
    case.record(20, CaseChange.PAUSES)
    case.severity = "S1"
    case.record(30, CaseChange.SEVERITY)
    assert case.log == [
        (20, CaseChange.PAUSES, frozenset({"customer"}), "S2", TERMS),
        (30, CaseChange.SEVERITY, frozenset({"customer"}), "S1", TERMS),
    ]


def test_counting_begins_with_what_holds_now_and_knows_the_first_severity() -> None:
    case = CaseLog((10, "S2", TERMS, frozenset()))
    case.severity = "S1"
    assert case.start_state(40) == (40, "S1", TERMS, frozenset())
    assert case.first_severity == "S2"
    assert case.opening[0] == 10
