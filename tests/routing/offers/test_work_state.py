"""The life of one piece of work: table, leases, fences, refusals, silence, capacity."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from entitlements.kernel import ConflictError, TransitionError
from entitlements.kernel.instants import utc
from entitlements.routing import (
    Agent,
    RelaxationPlan,
    RelaxationRestart,
    RelaxationStep,
    Roster,
    Router,
    Work,
)
from entitlements.routing.live.reservations import apply_reservations
from entitlements.routing.offers.lifecycle import (
    TRANSITIONS,
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
    TransitionKind,
    WorkCommand,
    WorkStatus,
)
from entitlements.routing.offers.work_state import (
    WorkState,
    apply_event,
    events_of_command,
    rebuild_state,
    reservation_key,
)

NINE = utc("2026-03-02T09:00Z")
POLICY = OfferPolicy(lease=timedelta(seconds=30), wrap_up=timedelta(seconds=60))


def run(*steps: tuple[int, WorkCommand], policy: OfferPolicy = POLICY) -> WorkState:
    """Carry out commands at seconds after nine."""
    state = WorkState(work="R-1")
    for second, command in steps:
        for event in events_of_command(state, command, NINE + timedelta(seconds=second), policy):
            state = apply_event(state, event)
    return state


OFFERED = ((0, Enqueue("q")), (1, Offer("o", ["ada"])))
ACCEPTED = (*OFFERED, (2, Accept("a", "ada", 1)))


def test_a_whole_life() -> None:
    state = run(
        *ACCEPTED,
        (3, AssigneeAction("s", AssigneeActionKind.START, 1)),
        (9, AssigneeAction("f", AssigneeActionKind.FINISH, 1)),
        (68, ProcessTimeouts()),
        (69, ProcessTimeouts()),
    )
    assert (state.phase, state.assignee, state.assignee_fence) == (WorkStatus.DONE, "ada", 0)


def test_wrap_up_holds_until_its_end() -> None:
    state = run(
        *ACCEPTED,
        (3, AssigneeAction("s", AssigneeActionKind.START, 1)),
        (9, AssigneeAction("f", AssigneeActionKind.FINISH, 1)),
        (68, ProcessTimeouts()),
    )
    assert state.phase is WorkStatus.WRAPPING
    assert state.next_change_at(POLICY) == NINE + timedelta(seconds=69)


def test_without_wrap_up_finished_is_done() -> None:
    done = (
        *ACCEPTED,
        (3, AssigneeAction("s", AssigneeActionKind.START, 1)),
        (9, AssigneeAction("f", AssigneeActionKind.FINISH, 1)),
    )
    assert run(*done, policy=OfferPolicy()).phase is WorkStatus.DONE


def test_the_first_to_accept_rescinds_the_others() -> None:
    state = run((0, Enqueue("q")), (1, Offer("o", ["ada", "bob", "eve"])))
    assert [(each.agent, each.fence) for each in state.leases] == [
        ("ada", 1),
        ("bob", 2),
        ("eve", 3),
    ]
    events = events_of_command(state, Accept("a", "bob", 2), NINE + timedelta(seconds=2), POLICY)
    assert [(each.deed, each.agent) for each in events] == [
        (TransitionKind.RESCINDED, "ada"),
        (TransitionKind.RESCINDED, "eve"),
        (TransitionKind.ACCEPTED, "bob"),
    ]


def test_it_queues_again_only_when_all_offers_have_ended() -> None:
    both = ((0, Enqueue("q")), (1, Offer("o", ["ada", "bob"])), (2, Decline("d", "ada", 1)))
    assert run(*both).phase is WorkStatus.OFFERED
    assert run(*both, (3, Decline("e", "bob", 2))).phase is WorkStatus.QUEUED


def test_a_lease_ends_at_its_end_whether_anybody_looked_or_not() -> None:
    state = run(*OFFERED)
    with pytest.raises(TransitionError, match="ended at"):
        events_of_command(state, Accept("a", "ada", 1), NINE + timedelta(seconds=31), POLICY)
    assert events_of_command(state, Accept("a", "ada", 1), NINE + timedelta(seconds=30), POLICY)
    expired = run(*OFFERED, (31, ProcessTimeouts()))
    assert (expired.phase, expired.refusals[0].agent) == (WorkStatus.QUEUED, "ada")


def test_the_third_refusal_parks_the_work() -> None:
    steps: list[tuple[int, WorkCommand]] = [(0, Enqueue("q"))]
    for n in (1, 2, 3):
        steps += [(2 * n, Offer(f"o{n}", [f"a{n}"])), (2 * n + 1, Decline(f"d{n}", f"a{n}", n))]
    assert run(*steps[:-2]).phase is WorkStatus.QUEUED
    assert run(*steps).phase is WorkStatus.PARKED
    assert run(*steps, (60, Enqueue("again"))).refusal_count == 0


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


def test_a_silent_assignee_loses_the_work() -> None:
    policy = OfferPolicy(silence=timedelta(minutes=10))
    heard = (*ACCEPTED, (300, AssigneeAction("h", AssigneeActionKind.HEAR, 1)))
    assert run(*heard, (899, ProcessTimeouts()), policy=policy).phase is WorkStatus.ACCEPTED
    lost = run(*heard, (900, ProcessTimeouts()), policy=policy)
    assert (lost.phase, lost.assignee, lost.fence) == (WorkStatus.QUEUED, None, 1)
    paused = run(
        *ACCEPTED,
        (3, AssigneeAction("p", AssigneeActionKind.PAUSE, 1)),
        (9_999, ProcessTimeouts()),
        policy=policy,
    )
    assert paused.phase is WorkStatus.PAUSED


def test_a_transfer_is_remembered() -> None:
    state = run(
        *ACCEPTED,
        (9, AssigneeAction("t", AssigneeActionKind.TRANSFER, 1)),
        (10, Offer("o2", ["bob"])),
    )
    assert state.transferred_at == NINE + timedelta(seconds=9)
    assert state.leases[0].fence == 2


def test_a_repeated_command_is_nothing() -> None:
    state = run(*ACCEPTED)
    assert events_of_command(state, Accept("a", "ada", 1), NINE + timedelta(hours=1), POLICY) == ()


@pytest.mark.parametrize(
    ("steps", "command", "error"),
    [
        pytest.param(OFFERED, Accept("a", "ada", 2), ConflictError, id="a fence not granted"),
        pytest.param(OFFERED, Accept("a", "bob", 1), ConflictError, id="another's offer"),
        pytest.param(ACCEPTED, Accept("b", "ada", 1), ConflictError, id="accepted already"),
        pytest.param(
            ACCEPTED,
            AssigneeAction("s", AssigneeActionKind.START, 2),
            ConflictError,
            id="a stale fence",
        ),
        pytest.param(ACCEPTED, Offer("a", ["bob"]), ConflictError, id="a used command id"),
        pytest.param(ACCEPTED, Offer("b", ["bob"]), TransitionError, id="offered while held"),
        pytest.param(OFFERED, Offer("p", ["ada"]), TransitionError, id="offered to her twice"),
        pytest.param(ACCEPTED, Rescind("r"), TransitionError, id="nothing to rescind"),
        pytest.param(
            ACCEPTED,
            AssigneeAction("f", AssigneeActionKind.FINISH, 1),
            TransitionError,
            id="not started",
        ),
        pytest.param((), Park("p"), TransitionError, id="parked before it queued"),
        pytest.param(OFFERED, Enqueue("e"), TransitionError, id="queued while offered"),
        pytest.param((*OFFERED, (2, Cancel("c"))), Cancel("d"), TransitionError, id="cancelled"),
    ],
)
def test_what_cannot_happen_is_refused(
    steps: tuple[tuple[int, WorkCommand], ...], command: WorkCommand, error: type[Exception]
) -> None:
    state = run(*steps)
    with pytest.raises(error):
        events_of_command(state, command, NINE + timedelta(seconds=5), POLICY)


def test_work_with_the_longest_name_can_be_offered_too() -> None:
    router = Router(Roster(agents=[Agent(id="ada"), Agent(id="bob")]))
    works = [Work(id=199 * "x" + last, opened=NINE) for last in "ab"]
    for work in works:
        events = events_of_command(rebuild_state(work.id, ()), Enqueue("q"), NINE)
        events += events_of_command(
            rebuild_state(work.id, events), Offer("o", ["ada", "bob"]), NINE
        )
        apply_reservations(router, work, events)
    held = sorted(work for each in router.roster.standings.values() for work in each.held)
    assert held == sorted(reservation_key(work.id, fence) for work in works for fence in (1, 2))
    assert router.holder(reservation_key(works[0].id, 1)) == "ada"


def test_an_offer_needs_one_to_fifty_different_agents() -> None:
    for agents in ([], ["ada", "ada"], [f"a{n}" for n in range(51)]):
        with pytest.raises(ValueError, match="an offer to"):
            Offer("o", agents)
    assert len(Offer("o", [f"a{n}" for n in range(50)]).agents) == 50


def test_every_phase_can_be_left_except_the_last() -> None:
    sources = {row.source for row in TRANSITIONS}
    assert set(WorkStatus) - sources == {WorkStatus.DONE, WorkStatus.CANCELLED}
    reachable = {WorkStatus.NEW}
    for _ in WorkStatus:
        reachable |= {row.target for row in TRANSITIONS if row.source in reachable}
    assert reachable == set(WorkStatus)
    assert len({(row.source, row.deed) for row in TRANSITIONS}) == len(TRANSITIONS)


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
            case act:
                self.carry_out(
                    AssigneeAction(id, AssigneeActionKind(act), self.state.assignee_fence or fence)
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
        grants = {reservation_key("R-1", each.fence): each.agent for each in self.state.leases}
        if self.state.assignee_fence:
            grants[reservation_key("R-1", self.state.assignee_fence)] = self.state.assignee
        held = {work: id for id, each in self.router.roster.standings.items() for work in each.held}
        assert held == grants
        assert all(len(each.held) <= 1 for each in self.router.roster.standings.values())


TestOffersKeepTheirBooks = OffersKeepTheirBooks.TestCase
