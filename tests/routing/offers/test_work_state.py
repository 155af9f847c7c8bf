"""The state of work: refusals, ages, timeouts, and the fold of all events."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from tests.routing.offers.histories import ACCEPTED, NINE, OFFERED, POLICY, run

from entitlements.kernel import ConflictError, TransitionError
from entitlements.routing import Agent, RelaxationPlan, RelaxationStep, Roster, Router, Work
from entitlements.routing.agents.workload import Reservation
from entitlements.routing.live.reservations import apply_reservations
from entitlements.routing.offers.command_events import events_of_command
from entitlements.routing.offers.lifecycle import (
    Accept,
    AssigneeAction,
    AssigneeActionKind,
    Cancel,
    Decline,
    Enqueue,
    Offer,
    OfferPolicy,
    Park,
    ProcessTimeouts,
    Rescind,
    WorkCommand,
    WorkStatus,
)
from entitlements.routing.offers.work_state import WorkState, apply_event, rebuild_state
from entitlements.routing.work.relaxation import RelaxationRestart


def test_wrap_up_lasts_until_its_end() -> None:
    state = run(
        *ACCEPTED,
        (3, AssigneeAction("s", AssigneeActionKind.START, 1)),
        (9, AssigneeAction("f", AssigneeActionKind.FINISH, 1)),
        (68, ProcessTimeouts()),
    )
    assert state.status is WorkStatus.WRAPPING
    assert state.next_change_at(POLICY) == NINE + timedelta(seconds=69)


def test_an_agent_who_declined_is_excluded_until_the_cool_down_is_over() -> None:
    policy = OfferPolicy(cool_down=timedelta(minutes=5), again_for={"lunch"})
    declined = run(*OFFERED, (2, Decline("d", "ada", 1)), policy=policy)
    at = NINE + timedelta(seconds=2)
    assert declined.excluded_agents(at, policy) == {"ada"}
    assert declined.excluded_agents(at + timedelta(minutes=5), policy) == frozenset()
    lunch = run(*OFFERED, (2, Decline("d", "ada", 1, "lunch")), policy=policy)
    assert lunch.excluded_agents(at, policy) == frozenset()
    assert declined.excluded_agents(at + timedelta(days=9), OfferPolicy()) == {"ada"}


def test_a_decline_keeps_the_age_and_may_restart_relaxation() -> None:
    state = run(*OFFERED, (2, Decline("d", "ada", 1)))
    assert state.queued_at == NINE
    plan = RelaxationPlan(
        steps=[RelaxationStep(after=timedelta(seconds=10), drop="x")],
        restart=RelaxationRestart.DECLINE,
    )
    work = state.as_work(Work(id="R-1", opened=NINE, relaxation=plan), NINE, POLICY)
    assert work.excluded_agents == {"ada"}
    assert work.next_change_at(NINE) == NINE + timedelta(seconds=12)
    restarted = OfferPolicy(keep_age=False, restart_relaxation=False)
    state = run(*OFFERED, (2, Decline("d", "ada", 1)), policy=restarted)
    assert (state.queued_at, state.declined_at) == (NINE + timedelta(seconds=2), None)


class OffersAndCapacityAgree(RuleBasedStateMachine):
    """Throws commands at one piece of work, in any order and with any fence."""

    def __init__(self) -> None:
        super().__init__()
        self.state = WorkState(work="R-1")
        self.router = Router(Roster(agents=[Agent(id=id, capacity=1) for id in ("ada", "bob")]))
        self.work = Work(id="R-1", opened=NINE)
        self.events: list[object] = []
        self.at: datetime = NINE
        self.highest = 0
        self.number = 0
        self.policy = OfferPolicy(
            lease=timedelta(seconds=30),
            wrap_up=timedelta(seconds=10),
            silence=timedelta(seconds=90),
        )

    @rule(
        kind=st.sampled_from(["queue", "offer", "offer", "accept", "accept", "decline", "rescind"])
        | st.sampled_from(["park", "cancel", *AssigneeActionKind, *AssigneeActionKind]),
        who=st.sampled_from(["ada", "bob"]),
        back=st.sampled_from([0, 0, 0, 1]),
        seconds=st.sampled_from([0, 1, 40]),
        repeat=st.sampled_from([False, False, True]),
    )
    def command(self, kind: str, who: str, back: int, seconds: int, repeat: bool) -> None:  # noqa: FBT001 - drawn by Hypothesis
        self.at += timedelta(seconds=seconds)
        self.number += not repeat
        id, fence = f"c{self.number}", max(1, self.state.fence - back)
        leases = {lease.agent: lease.fence for lease in self.state.leases}
        match kind:
            case "queue":
                self.execute(Enqueue(id))
            case "offer":
                self.execute(Offer(id, ["ada", "bob"] if back else [who]))
            case "accept":
                self.execute(Accept(id, who, leases.get(who, fence)))
            case "decline":
                self.execute(Decline(id, who, leases.get(who, fence)))
            case "rescind":
                self.execute(Rescind(id))
            case "park":
                self.execute(Park(id))
            case "cancel":
                if back:
                    self.execute(Cancel(id))
            case action:
                self.execute(
                    AssigneeAction(
                        id, AssigneeActionKind(action), self.state.assignee_fence or fence
                    )
                )

    @rule(seconds=st.sampled_from([0, 29, 30, 95]))
    def process_timeouts(self, seconds: int) -> None:
        self.at += timedelta(seconds=seconds)
        self.execute(ProcessTimeouts())
        assert events_of_command(self.state, ProcessTimeouts(), self.at, self.policy) == ()

    def execute(self, command: WorkCommand) -> None:
        try:
            events = events_of_command(self.state, command, self.at, self.policy)
        except (TransitionError, ConflictError):
            return
        for event in events:
            self.state = apply_event(self.state, event)
        self.events += events
        apply_reservations(self.router, self.work, events)
        if not isinstance(command, ProcessTimeouts):
            assert events_of_command(self.state, command, self.at, self.policy) == ()

    @invariant()
    def the_state_is_the_fold_of_the_events(self) -> None:
        assert rebuild_state("R-1", self.events) == self.state

    @invariant()
    def the_fence_never_goes_back(self) -> None:
        assert self.state.fence >= self.highest
        self.highest = self.state.fence

    @invariant()
    def capacity_is_taken_by_open_offers_and_the_assignee_only(self) -> None:
        grants = {Reservation("R-1", each.fence).key: each.agent for each in self.state.leases}
        if self.state.assignee_fence:
            grants[Reservation("R-1", self.state.assignee_fence).key] = self.state.assignee
        held = {work: id for id, each in self.router.roster.standings.items() for work in each.held}
        assert held == grants
        assert all(len(each.held) <= 1 for each in self.router.roster.standings.values())


TestOffersAndCapacityAgree = OffersAndCapacityAgree.TestCase


def test_an_acceptance_and_a_new_queueing_reset_the_count_of_refusals() -> None:
    declined = (*OFFERED, (2, Decline("d", "ada", 1)))
    assert run(*declined).refusal_count == 1
    accepted = run(*declined, (3, Offer("p", ["bob"])), (4, Accept("a", "bob", 2)))
    assert (accepted.refusal_count, len(accepted.refusals)) == (0, 1)


@pytest.mark.parametrize("action", ["release", "transfer"])
@pytest.mark.parametrize(("keep_age", "second"), [(True, 0), (False, 9)])
def test_work_that_returns_keeps_its_age_if_the_policy_says_so(
    action: str,
    keep_age: bool,  # noqa: FBT001 - a table
    second: int,
) -> None:
    policy = OfferPolicy(keep_age=keep_age)
    state = run(*ACCEPTED, (9, AssigneeAction("r", action, 1)), policy=policy)
    assert (state.status, state.assignee) == (WorkStatus.QUEUED, None)
    assert state.queued_at == NINE + timedelta(seconds=second)
