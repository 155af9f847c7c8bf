"""The state of work: refusals, ages, timeouts, and the fold of all events."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
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
    Park,
    ProcessTimeouts,
    Rescind,
    WorkCommand,
    WorkStatus,
)
from entitlements.routing.offers.offer_policy import OfferPolicy
from entitlements.routing.offers.work_state import (
    OfferRefusal,
    WorkState,
    apply_event,
    rebuild_state,
)
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
    policy = OfferPolicy(cool_down=timedelta(minutes=5), excused_reasons={"lunch"})
    declined = run(*OFFERED, (2, Decline("d", "ada", 1)), policy=policy)
    at = NINE + timedelta(seconds=2)
    assert declined.excluded_agents(at, policy) == {"ada"}
    assert declined.excluded_agents(at + timedelta(minutes=5), policy) == frozenset()
    lunch = run(*OFFERED, (2, Decline("d", "ada", 1, "lunch")), policy=policy)
    assert lunch.excluded_agents(at, policy) == frozenset()
    assert declined.excluded_agents(at + timedelta(days=9), OfferPolicy()) == {"ada"}


def again(state_before: WorkState, *declines: str, policy: OfferPolicy) -> WorkState:
    """Offer the work and decline it, once for each name, a second apart."""
    state = state_before
    for second, agent in enumerate(declines):
        at = NINE + timedelta(seconds=second)
        for command in (
            Offer(f"o{second}", [agent]),
            Decline(f"d{second}", agent, state.fence + 1),
        ):
            for event in events_of_command(state, command, at, policy):
                state = apply_event(state, event)
    return state


def test_an_agent_is_demoted_before_excluded_by_the_limit_of_declines_for_each_agent() -> None:
    # Dynamics 365: an agent who has declined the same item three times gets it no more.
    policy = OfferPolicy(declines=None, agent_declines=3)
    queued = run((0, Enqueue("q")), policy=policy)
    later = NINE + timedelta(hours=1)
    twice = again(queued, "ada", "ada", "bob", policy=policy)
    assert twice.demoted_agents(later, policy) == {"ada", "bob"}
    assert twice.excluded_agents(later, policy) == frozenset()
    third = again(queued, "ada", "ada", "bob", "ada", policy=policy)
    assert third.excluded_agents(later, policy) == {"ada"}
    assert third.demoted_agents(later, policy) == {"bob"}
    work = Work(id="R-1", opened=NINE, demoted_agents="zoe", excluded_agents="eve")
    routed = third.as_work(work, later, policy)
    assert routed.demoted_agents == {"bob", "zoe"}
    assert routed.excluded_agents == {"ada", "eve"}
    never = OfferPolicy(declines=None, agent_declines=None)
    assert third.excluded_agents(later, never) == frozenset()
    assert third.demoted_agents(later, never) == {"ada", "bob"}


@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.integers(0, 9), st.sampled_from(["", "lunch"])),
        max_size=8,
    ),
    st.none() | st.integers(1, 3),
    st.none() | st.integers(1, 9),
    st.integers(0, 12),
)
def test_who_is_excluded_or_demoted_follows_from_the_refusals_that_count(
    refused: list[tuple[str, int, str]], limit: int | None, cool_down: int | None, now: int
) -> None:
    second = timedelta(seconds=1)
    policy = OfferPolicy(
        agent_declines=limit,
        cool_down=None if cool_down is None else cool_down * second,
        excused_reasons=["lunch"],
    )
    refusals = tuple(OfferRefusal(agent, NINE + at * second, why) for agent, at, why in refused)
    state, at = WorkState(work="R-1", refusals=refusals), NINE + now * second
    excluded, demoted = state.excluded_agents(at, policy), state.demoted_agents(at, policy)
    for agent in "abc":
        number = 0
        for who, when, why in refused:
            if who == agent and why != "lunch" and (cool_down is None or now < when + cool_down):
                number += 1
        assert (agent in excluded) == (limit is not None and number >= limit)
        assert (agent in demoted) == (number > 0 and agent not in excluded)


def test_refusals_before_the_cool_down_neither_demote_nor_exclude() -> None:
    policy = OfferPolicy(declines=None, agent_declines=2, cool_down=timedelta(seconds=2))
    state = again(run((0, Enqueue("q")), policy=policy), "ada", "ada", policy=policy)
    at = NINE + timedelta(seconds=1)
    assert state.excluded_agents(at, policy) == {"ada"}
    assert state.demoted_agents(at + timedelta(seconds=1), policy) == {"ada"}
    assert state.demoted_agents(at + timedelta(seconds=2), policy) == frozenset()


def test_an_expired_offer_takes_the_step_that_says_so() -> None:
    step = RelaxationStep(after=timedelta(days=1), any_group=True, on_expiry=True)
    work = Work(id="R-1", opened=NINE, relaxation=RelaxationPlan(steps=[step]))
    declined = run(*OFFERED, (2, Decline("d", "ada", 1)))
    assert declined.as_work(work, NINE, POLICY).steps_taken == 0
    expired = run(*OFFERED, (60, ProcessTimeouts()))
    assert expired.refusals[0].expired
    assert expired.as_work(work, NINE, POLICY).steps_taken == 1


def test_a_restart_of_the_plan_takes_back_the_steps_of_expired_offers() -> None:
    step = RelaxationStep(after=timedelta(days=1), any_group=True, on_expiry=True)
    plan = RelaxationPlan(steps=[step], restart="decline")
    work = Work(id="R-1", opened=NINE, relaxation=plan)
    expired = run(*OFFERED, (60, ProcessTimeouts()))
    assert expired.as_work(work, NINE, POLICY).steps_taken == 1, "the expiry itself counts"
    policy = OfferPolicy(declines=None)
    state = expired
    for second, command in ((70, Offer("o2", ["bob"])), (71, Decline("d2", "bob", 2))):
        for event in events_of_command(state, command, NINE + timedelta(seconds=second), policy):
            state = apply_event(state, event)
    assert state.as_work(work, NINE, policy).steps_taken == 0


def test_work_that_waits_too_long_over_all_offers_is_parked() -> None:
    policy = OfferPolicy(
        lease=timedelta(seconds=30), declines=None, longest_wait=timedelta(seconds=100)
    )
    queued = run((0, Enqueue("q")), policy=policy)
    assert queued.next_change_at(policy) == NINE + timedelta(seconds=100)
    waited = run((0, Enqueue("q")), (99, ProcessTimeouts()), policy=policy)
    assert waited.status is WorkStatus.QUEUED
    parked = run((0, Enqueue("q")), (100, ProcessTimeouts()), policy=policy)
    assert parked.status is WorkStatus.PARKED
    assert parked.next_change_at(policy) is None
    offered = (0, Enqueue("q")), (10, Offer("o", ["ada"])), (80, Offer("o2", ["bob"]))
    late = run(*offered[:2], (40, ProcessTimeouts()), offered[2], policy=policy)
    assert late.status is WorkStatus.OFFERED
    both = run(
        *offered[:2], (40, ProcessTimeouts()), offered[2], (110, ProcessTimeouts()), policy=policy
    )
    assert both.status is WorkStatus.PARKED, "an offer is not cut short, and counts as waiting"
    accepted = run(
        *offered[:2],
        (40, ProcessTimeouts()),
        offered[2],
        (109, Accept("a", "bob", 2)),
        (999, ProcessTimeouts()),
        policy=policy,
    )
    assert accepted.status is WorkStatus.ACCEPTED
    again_queued = run(
        (0, Enqueue("q")), (100, ProcessTimeouts()), (200, Enqueue("q2")), policy=policy
    )
    assert again_queued.next_change_at(policy) == NINE + timedelta(seconds=300)


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
        held = {work: id for id, each in self.router.roster.workloads.items() for work in each.held}
        assert held == grants
        assert all(len(each.held) <= 1 for each in self.router.roster.workloads.values())


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
