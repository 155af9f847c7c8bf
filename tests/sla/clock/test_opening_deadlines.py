"""The deadlines of a case at its opening: equal by value, and stored without their targets."""

from __future__ import annotations

import pickle
from datetime import date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from entitlements.calendars import Anchor, BusinessDays, Calendar
from entitlements.kernel.errors import EntitlementsError
from entitlements.kernel.instants import from_micros, from_micros_or_none, to_micros, utc
from entitlements.sla import Event, History, SlaPolicy, Target, measure
from entitlements.sla.clock.opening_deadlines import OpeningDeadlines
from entitlements.testing.strategies.sla import instants, policies

HOUR = timedelta(hours=1)
DESK = Calendar(
    zone="Europe/Berlin", week="Mo-Fr 09:00-12:30,13:00-17:30", holidays=[date(2026, 4, 6)]
)
THURSDAY = to_micros(utc("2026-04-02T16:30+02:00"))


def deadlines() -> OpeningDeadlines:
    promise = SlaPolicy(
        id="p",
        targets=[
            Target(
                milestone="resolution", within=2 * HOUR, calendar="desk", warn=[0.75, 0.5, HOUR]
            ),
            Target(milestone="update", within=None),
        ],
        calendars={"desk": DESK},
    )
    targets = promise.compiled.targets_for("S1", "phone", frozenset())
    return OpeningDeadlines(targets, THURSDAY, targets.due_instants(THURSDAY))


def test_warnings_of_an_opening_are_instants() -> None:
    found = deadlines()
    berlin = [DESK.local(from_micros(each)) for each in found.warnings("resolution")]
    assert [f"{each:%a %H:%M}" for each in berlin] == ["Thu 17:30", "Fri 09:30"]
    assert found.warnings("update") == ()
    assert found.names == ("resolution", "update")


def test_stored_deadlines_are_equal_and_keep_their_warnings() -> None:
    found = deadlines()
    stored = pickle.loads(pickle.dumps(found))  # noqa: S301 - our own bytes
    assert stored == found
    assert hash(stored) == hash(found)
    assert stored.warnings("resolution") == found.warnings("resolution")
    assert stored.due("update") is None


def test_deadlines_of_another_opening_are_not_equal() -> None:
    found = deadlines()
    assert OpeningDeadlines(found.source, THURSDAY + 1, found.due_instants) != found


def test_a_milestone_that_has_not_begun_at_the_opening_has_no_warnings_there() -> None:
    promise = SlaPolicy(
        id="p",
        targets=[
            Target(milestone="first_response", within=2 * HOUR, warn=[HOUR]),
            Target(milestone="next_response", within=4 * HOUR, warn=[HOUR]),
        ],
    )
    targets = promise.compiled.targets_for(None, "", frozenset())
    found = OpeningDeadlines(targets, THURSDAY, targets.due_instants(THURSDAY))
    assert [from_micros(each) for each in found.warnings("first_response")] == [
        from_micros(THURSDAY) + HOUR
    ]
    assert (found.due("next_response"), found.warnings("next_response")) == (None, ())
    assert found.warnings("no such milestone") == ()
    assert found.due("no such milestone") is None


@given(policies(), instants(), st.sampled_from(["S1", "S2", None]))
def test_the_next_change_is_that_of_a_measurement_at_the_opening(
    policy: SlaPolicy, at: datetime, severity: str | None
) -> None:
    opened = Event.opened(at, severity=severity)
    targets = policy.compiled.targets_for(severity, None, frozenset())
    try:
        dues = targets.due_instants(opened.micros)
    except EntitlementsError:
        return  # a calendar never opens for long enough
    found = OpeningDeadlines(targets, opened.micros, dues)
    measured = measure(policy, History([opened]), at)
    assert from_micros_or_none(found.next_change) == measured.next_change


def test_the_same_business_day_that_has_ended_is_due_at_the_opening() -> None:
    same_day = BusinessDays(0, anchor=Anchor.END)
    target = Target(milestone="first_response", within=same_day, calendar="desk")
    policy = SlaPolicy(id="p", targets=[target], calendars={"desk": DESK})
    evening = utc("2026-03-02T20:00+01:00")
    found = policy.compiled.targets_for(None, "phone", frozenset(), None)
    assert found.due_instants(to_micros(evening)) == (to_micros(evening),)
    measured = measure(policy, History([Event.opened(evening)]), evening)
    assert measured["first_response"].due == evening
