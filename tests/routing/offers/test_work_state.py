"""The state of work: refusals, ages, timeouts, and the fold of all events."""

from __future__ import annotations

from datetime import datetime, timedelta

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


def test_wrap_up_holds_until_its_end() -> None:
    state = run(
        *ACCEPTED,
        (3, AssigneeAction("s", AssigneeActionKind.START, 1)),
        (9, AssigneeAction("f", AssigneeActionKind.FINISH, 1)),
        (68, ProcessTimeouts()),
    )
    assert state.status is WorkStatus.WRAPPING
    assert state.next_change_at(POLICY) == NINE + timedelta(seconds=69)


def test_whoever_declined_is_excluded_until_they_have_cooled_down() -> None:
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
    anew = OfferPolicy(keep_age=False, restart_relaxation=False)
    state = run(*OFFERED, (2, Decline("d", "ada", 1)), policy=anew)
    assert (state.queued_at, state.declined_at) == (NINE + timedelta(seconds=2), None)


class OffersKeepTheirBooks(RuleBasedStateMachine):
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
                self.carry_out(Enqueue(id))
            case "offer":
                self.carry_out(Offer(id, ["ada", "bob"] if back else [who]))
            case "accept":
                self.carry_out(Accept(id, who, leases.get(who, fence)))
            case "decline":
                self.carry_out(Decline(id, who, leases.get(who, fence)))
            case "rescind":
                self.carry_out(Rescind(id))
            case "park":
                self.carry_out(Park(id))
            case "cancel":
                if back:
                    self.carry_out(Cancel(id))
            case action:
                self.carry_out(
                    AssigneeAction(
                        id, AssigneeActionKind(action), self.state.assignee_fence or fence
                    )
                )

    @rule(seconds=st.sampled_from([0, 29, 30, 95]))
    def sweep(self, seconds: int) -> None:
        self.at += timedelta(seconds=seconds)
        self.carry_out(ProcessTimeouts())
        assert events_of_command(self.state, ProcessTimeouts(), self.at, self.policy) == ()

    def carry_out(self, command: WorkCommand) -> None:
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
    def capacity_is_taken_by_standing_grants_and_by_nothing_else(self) -> None:
        grants = {Reservation("R-1", each.fence).key: each.agent for each in self.state.leases}
        if self.state.assignee_fence:
            grants[Reservation("R-1", self.state.assignee_fence).key] = self.state.assignee
        held = {work: id for id, each in self.router.roster.standings.items() for work in each.held}
        assert held == grants
        assert all(len(each.held) <= 1 for each in self.router.roster.standings.values())


TestOffersKeepTheirBooks = OffersKeepTheirBooks.TestCase
