from datetime import timedelta

import attrs
from tests.service.desks import MONDAY, POLICY, request

from entitlements.kernel.ids import key
from entitlements.ports import Case
from entitlements.ports.records import FrozenTerms
from entitlements.service.cases.deadline_alerts import (
    AlertKind,
    deadline_alerts,
    new_alerts,
    read_clocks,
)
from entitlements.sla import Event, SlaPolicy, Target

HOUR = timedelta(hours=1)
TERMS = FrozenTerms(edition=1, contract="C", line="1", policy="standard")


def case(*events: Event) -> Case:
    opened = Event.opened(MONDAY, severity="S1", channel="phone")
    return Case(request=request(), opened=MONDAY, terms=TERMS, events=[opened, *events])


def test_no_notice_is_due_at_the_opening_and_the_first_warning_is_next() -> None:
    measured, next_due_at = read_clocks(case(), POLICY, MONDAY)
    assert deadline_alerts(measured) == ()
    assert next_due_at == MONDAY + HOUR / 2


def test_a_notice_is_due_at_its_instant_and_not_before() -> None:
    half, _ = read_clocks(case(), POLICY, MONDAY + HOUR / 2)
    assert [each.at for each in deadline_alerts(half)] == [MONDAY + HOUR / 2]
    due = MONDAY + HOUR
    before, next_due_at = read_clocks(case(), POLICY, due - timedelta(microseconds=1))
    assert [each.kind for each in deadline_alerts(before)] == [AlertKind.WARNING]
    assert next_due_at == due
    at, _ = read_clocks(case(), POLICY, due)
    warning, breach = deadline_alerts(at)
    assert (breach.kind, breach.milestone, breach.at) == (AlertKind.BREACH, "first_response", due)
    assert breach.name == key("alert", "first_response", 1, "breach", 0)
    assert warning.name == key("alert", "first_response", 1, "warning", 1)


def test_a_notice_names_the_deadline_that_it_is_about() -> None:
    measured, _ = read_clocks(case(), POLICY, MONDAY + 2 * HOUR)
    assert [(each.kind.value, each.at, each.due) for each in deadline_alerts(measured)] == [
        ("warning", MONDAY + HOUR / 2, MONDAY + HOUR),
        ("breach", MONDAY + HOUR, MONDAY + HOUR),
    ]


def test_a_notice_that_was_sent_is_not_sent_again() -> None:
    measured, _ = read_clocks(case(), POLICY, MONDAY + 2 * HOUR)
    sent = attrs.evolve(case(), alerts_sent=[key("alert", "first_response", 1, "warning", 1)])
    assert [each.kind for each in new_alerts(sent, measured)] == [AlertKind.BREACH]


def test_every_period_of_a_recurring_milestone_has_separate_notices() -> None:
    policy = SlaPolicy(
        id="updates",
        targets=[
            Target(milestone="first_response", within=None),
            Target(milestone="update", within=HOUR, recurrence="periodic"),
        ],
    )
    late = case(Event.responded(MONDAY + 2 * HOUR))
    measured, _ = read_clocks(late, policy, MONDAY + 4 * HOUR)
    names = [each.name for each in deadline_alerts(measured)]
    assert names == [key("alert", "update", cycle, "breach", 0) for cycle in (1, 2)]


def test_a_case_is_due_again_at_the_instant_of_a_future_event() -> None:
    later = case(Event.responded(MONDAY + HOUR / 4))
    assert read_clocks(later, POLICY, MONDAY)[1] == MONDAY + HOUR / 4


def test_every_warning_of_a_target_is_a_separate_notice() -> None:
    target = Target(milestone="first_response", within=timedelta(hours=1), warn=[0.5, 0.75])
    measured, _ = read_clocks(case(), SlaPolicy(id="standard", targets=[target]), MONDAY + HOUR)
    found = [(each.kind, each.number, each.at - MONDAY) for each in deadline_alerts(measured)]
    minute = timedelta(minutes=1)
    assert found[:2] == [("warning", 1, 30 * minute), ("warning", 2, 45 * minute)]
    assert len({each.name for each in deadline_alerts(measured)}) == len(found)
