"""Requirements loosen step by step, by one of five clocks."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.calendars import Calendar
from entitlements.kernel import InvalidValueError
from entitlements.kernel.instants import utc
from entitlements.routing import (
    Agent,
    RelaxationPlan,
    RelaxationStep,
    Requirement,
    RoutingObligations,
    Work,
)
from entitlements.routing.work.relaxation import RelaxationRestart, RelaxationStart
from entitlements.testing.oracles import routing as oracle
from entitlements.testing.strategies.routing import agents, instants, plans, requirements

NINE = utc("2026-03-02T09:00Z")
MINUTE = timedelta(minutes=1)
FULL = Requirement(
    groups="db",
    skills={"oracle": 3, "spanish": 2},
    preferred={"spanish": 5},
    obligations=RoutingObligations(clearances="sc", residency="eu"),
)


def test_each_step_keeps_the_changes_of_earlier_steps() -> None:
    plan = RelaxationPlan(
        steps=[
            RelaxationStep(after=5 * MINUTE, lower={"oracle": 2}),
            RelaxationStep(after=10 * MINUTE, drop="spanish", groups="net"),
            RelaxationStep(after=20 * MINUTE, any_group=True),
        ]
    )
    work = Work(id="R-1", opened=NINE, requires=FULL, relaxation=plan)
    seen = [work.requirement_at(NINE + n * MINUTE) for n in (4, 5, 10, 20)]
    assert seen[0] == FULL
    assert seen[1].skills == {"oracle": 2, "spanish": 2}
    assert (seen[2].skills, seen[2].preferred) == ({"oracle": 2}, {})
    assert seen[2].groups == {"db", "net"}
    assert seen[3].groups == frozenset()
    assert {each.obligations for each in seen} == {FULL.obligations}


@given(requirements(), plans(), agents("a"), instants())
def test_an_agent_who_fits_before_a_step_fits_after_it(
    requires: Requirement, plan: RelaxationPlan, agent: object, opened: datetime
) -> None:
    work = Work(id="w", opened=opened, requires=requires, relaxation=plan)
    moment: datetime | None = opened
    fitted = False
    while moment is not None:
        fits = oracle.qualified(agent, work.requirement_at(moment))  # type: ignore[arg-type]
        assert fits or not fitted
        fitted = fits
        moment = work.next_change_at(moment)


def test_a_step_never_raises_a_level() -> None:
    step = RelaxationStep(after=MINUTE, lower={"oracle": 9})
    assert step.apply(FULL).skills == FULL.skills


@pytest.mark.parametrize(
    ("since", "restart", "expected"),
    [
        pytest.param(
            RelaxationStart.OPENED, RelaxationRestart.NEVER, 10, id="cumulative from the opening"
        ),
        pytest.param(RelaxationStart.REQUESTED, RelaxationRestart.NEVER, 12, id="from the request"),
        pytest.param(
            RelaxationStart.ROUTABLE, RelaxationRestart.NEVER, 13, id="from when it could be routed"
        ),
        pytest.param(
            RelaxationStart.OPENED, RelaxationRestart.DECLINE, 17, id="again after a decline"
        ),
        pytest.param(
            RelaxationStart.OPENED, RelaxationRestart.TRANSFER, 18, id="again after a transfer"
        ),
    ],
)
def test_clocks_count_from_their_start(
    since: RelaxationStart, restart: RelaxationRestart, expected: int
) -> None:
    plan = RelaxationPlan(
        steps=[RelaxationStep(after=10 * MINUTE, drop="oracle")], since=since, restart=restart
    )
    work = Work(
        id="R-1",
        opened=NINE,
        requested=NINE + 2 * MINUTE,
        routable=NINE + 3 * MINUTE,
        declined=NINE + 7 * MINUTE,
        transferred=NINE + 8 * MINUTE,
        relaxation=plan,
    )
    assert work.next_change_at(NINE) == NINE + expected * MINUTE


def test_a_missing_start_is_the_opening() -> None:
    for since in RelaxationStart:
        plan = RelaxationPlan(
            steps=[RelaxationStep(after=MINUTE)], since=since, restart=RelaxationRestart.DECLINE
        )
        work = Work(id="R-1", opened=NINE, relaxation=plan)
        assert work.next_change_at(NINE) == NINE + MINUTE


def test_open_time_counts_only_while_open() -> None:
    desk = Calendar(zone="UTC", week="Mo-Fr 09:00-17:00")
    plan = RelaxationPlan(
        steps=[RelaxationStep(after=timedelta(hours=2), drop="oracle")], hours=desk
    )
    work = Work(id="R-1", opened=utc("2026-03-02T16:00Z"), relaxation=plan)
    assert work.next_change_at(work.opened) == utc("2026-03-03T10:00Z")
    assert work.next_change_at(utc("2026-03-03T10:00Z")) is None


def test_a_step_that_the_hours_never_reach_is_left_out() -> None:
    plan = RelaxationPlan(steps=[RelaxationStep(after=MINUTE)], hours=Calendar.never())
    assert Work(id="R-1", opened=NINE, relaxation=plan).next_change_at(NINE) is None


def test_steps_must_rise_and_take_time() -> None:
    for afters in ([5, 5], [5, 3]):
        with pytest.raises(InvalidValueError):
            RelaxationPlan(steps=[RelaxationStep(after=n * MINUTE) for n in afters])
    with pytest.raises(InvalidValueError):
        RelaxationStep(after=timedelta())


def test_groups_added_to_a_requirement_of_any_group_do_not_narrow_it() -> None:
    step = RelaxationStep(after=timedelta(minutes=1), groups="net")
    assert step.apply(Requirement()).groups == frozenset()
    assert step.apply(Requirement(groups="db")).groups == {"db", "net"}


def three_steps(**flags: object) -> RelaxationPlan:
    """Return a plan of three steps, of which the second and third are as the flags say."""
    return RelaxationPlan(
        steps=[
            RelaxationStep(after=5 * MINUTE, lower={"oracle": 2}),
            RelaxationStep(after=10 * MINUTE, groups="net", **flags),  # type: ignore[arg-type]
            RelaxationStep(after=20 * MINUTE, any_group=True, **flags),  # type: ignore[arg-type]
        ]
    )


@pytest.mark.parametrize(("expiries", "steps"), [(0, 0), (1, 2), (2, 3), (9, 3)])
def test_each_expired_offer_takes_the_next_step_that_says_so_and_those_before_it(
    expiries: int, steps: int
) -> None:
    assert three_steps(on_expiry=True).steps_taken_after(expiries) == steps
    assert three_steps().steps_taken_after(expiries) == 0


def test_steps_taken_apply_at_any_time_and_the_clock_continues() -> None:
    work = Work(id="R-1", opened=NINE, requires=FULL, relaxation=three_steps(), steps_taken=2)
    early = work.requirement_at(NINE - timedelta(days=1))
    assert (early.groups, early.skills["oracle"]) == ({"db", "net"}, 2)
    assert work.next_change_at(NINE) == NINE + 20 * MINUTE
    assert work.requirement_at(NINE + 20 * MINUTE).groups == frozenset()


@given(requirements(), plans(), agents("a"), instants(), st.integers(0, 4))
def test_an_agent_who_fits_fits_after_more_steps_are_taken(
    requires: Requirement, plan: RelaxationPlan, agent: Agent, at: datetime, taken: int
) -> None:
    fits = [
        oracle.qualified(
            agent,
            Work(
                id="w", opened=at, requires=requires, relaxation=plan, steps_taken=n
            ).requirement_at(at),
        )
        for n in range(taken + 1)
    ]
    assert fits == sorted(fits)
