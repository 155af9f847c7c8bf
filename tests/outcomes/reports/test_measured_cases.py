from __future__ import annotations

import attrs
import pytest
from tests.outcomes.test_attainment import START, at, case

from entitlements.kernel import Span
from entitlements.outcomes import CaseRecord
from entitlements.outcomes.reports.measured_cases import Period, case_digest, measured
from entitlements.sla import Event, PolicyVersions

MONTH = Period(START, at(720), at(720) - (at(0) - START) - (at(1) - at(0)) / 3_600_000_000, START)
USUAL = case("R-1", [Event.opened(at(1)), Event.responded(at(2)), Event.resolved(at(3), id="done")])
OPEN = case("R-1", [Event.opened(at(1)), Event.responded(at(2))])


def kept_once(one: CaseRecord, other: CaseRecord) -> bool:
    return case_digest(one, MONTH) == case_digest(other, MONTH)


@pytest.mark.parametrize(
    "other",
    [
        attrs.evolve(USUAL, severity="S1"),
        attrs.evolve(USUAL, follows="R-0"),
        attrs.evolve(USUAL, policy=PolicyVersions([(START, USUAL.policy)])),
        attrs.evolve(USUAL, history=USUAL.history.append(Event.reopened(at(4)))),
        attrs.evolve(USUAL, history=USUAL.history.append(Event.corrected(at(4), "done"))),
        attrs.evolve(USUAL, id="R-2"),
    ],
)
def test_a_case_that_differs_has_another_digest(other: CaseRecord) -> None:
    assert not kept_once(USUAL, other)
    assert kept_once(USUAL, attrs.evolve(USUAL))


def test_only_what_is_over_is_settled() -> None:
    assert Span(MONTH.start, MONTH.end).end - MONTH.last < (at(1) - at(0))
    assert measured(USUAL, MONTH).is_settled
    assert not measured(OPEN, MONTH).is_settled
    later = attrs.evolve(USUAL, history=USUAL.history.append(Event.reopened(at(1000))))
    assert not measured(later, MONTH).is_settled
