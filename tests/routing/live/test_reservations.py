"""Offers take capacity like assignments: from the eligible only, and all of it or nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.kernel import ConflictError, UnknownIdError
from entitlements.kernel.instants import utc
from entitlements.routing import (
    Agent,
    Assigned,
    AssignedWork,
    AssignmentOverride,
    OfferPolicy,
    Requirement,
    Roster,
    Router,
    RoutingObligations,
    Work,
    Workload,
)
from entitlements.routing.agents.workload import Reservation
from entitlements.routing.live.reservations import apply_reservations
from entitlements.routing.offers.command_events import apply_command, events_of_command
from entitlements.routing.offers.lifecycle import (
    Accept,
    AssigneeAction,
    Decline,
    Enqueue,
    Offer,
    Rescind,
    WorkCommand,
    WorkEvent,
)
from entitlements.routing.offers.work_state import WorkState, rebuild_state
from entitlements.testing.oracles.routing import eligible
from entitlements.testing.strategies.routing import IDS, rosters, works

NINE = utc("2026-03-02T09:00Z")
SUPERVISOR = AssignmentOverride(by="grace", reason="no other agent is left")
POLICY = OfferPolicy(lease=timedelta(hours=1))


def events(*commands: WorkCommand, work: str = "R-1") -> list[WorkEvent]:
    state, found = WorkState(work=work), []
    for command in (Enqueue("q"), *commands):
        state, caused = apply_command(state, command, NINE, POLICY)
        found += caused
    return found


@given(rosters(), works("w9"), st.lists(st.sampled_from(IDS), min_size=1, max_size=3, unique=True))
def test_an_offer_takes_capacity_from_eligible_agents_only_and_all_or_nothing(
    roster: Roster, work: Work, agents: list[str]
) -> None:
    offered = events(Offer("o", agents), work="w9")
    router = Router(roster)
    able = eligible(work, roster, NINE)
    try:
        apply_reservations(router, work, offered)
    except (ConflictError, UnknownIdError):
        assert not set(agents) <= able
        assert router.roster == roster
    else:
        assert set(agents) <= able
        assert [
            router.holder(Reservation("w9", n).key) for n in range(1, len(agents) + 1)
        ] == agents


def test_of_several_one_who_is_not_eligible_refuses_the_whole_offer() -> None:
    router = Router(Roster(agents=[Agent(id="ada"), Agent(id="bob", capacity=0)]))
    before = router.roster
    with pytest.raises(ConflictError, match="agent `bob` cannot take work `R-1`: needs 1 in work"):
        apply_reservations(router, Work(id="R-1", opened=NINE), events(Offer("o", ["ada", "bob"])))
    assert router.roster == before
    apply_reservations(
        router, Work(id="R-1", opened=NINE), events(Offer("o", ["ada", "bob"], SUPERVISOR))
    )
    held = router.roster.workload("bob").held
    assert held[Reservation("R-1", 2).key].override == SUPERVISOR


def test_a_refused_acceptance_rescinds_no_other_offer() -> None:
    needs = Requirement(groups="db", obligations=RoutingObligations(clearances={"sc": 2}))
    work = Work(id="R-1", opened=NINE, requires=needs)
    cleared = [Agent(id=id, groups="db", clearances={"sc": 2}) for id in ("ada", "bob")]
    router = Router(Roster(agents=cleared))
    made = events(Offer("o", ["ada", "bob"]))
    apply_reservations(router, work, made)
    accepted = events(Offer("o", ["ada", "bob"]), Accept("a", "bob", 2))[len(made) :]
    for loses in ({"clearances": {"sc": 1}}, {"clearances": ()}, {"groups": "net"}):
        router.replace(Agent(id="bob", **({"groups": "db", "clearances": {"sc": 2}} | loses)))
        before = router.roster
        with pytest.raises(ConflictError, match="bob"):
            apply_reservations(router, work, accepted)
        assert router.roster == before
    router.replace(Agent(id="bob", groups="db", clearances={"sc": 3}, capacity=0))
    apply_reservations(router, work, accepted)
    assert router.holder(Reservation("R-1", 1).key) is None
    assert router.holder(Reservation("R-1", 2).key) == "bob"


def test_a_reservation_without_an_agent_is_not_released() -> None:
    router = Router(Roster(agents=[Agent(id="ada")]))
    made = events(Offer("o", ["gone"]), Rescind("r"))
    apply_reservations(router, Work(id="R-1", opened=NINE), made[-1:])
    assert router.roster == Roster(agents=[Agent(id="ada")])


def test_one_of_several_offers_is_rescinded() -> None:
    state, _ = apply_command(WorkState(work="R-1"), Enqueue("q"), NINE, POLICY)
    state, _ = apply_command(state, Offer("o", ["ada", "bob"]), NINE, POLICY)
    state, caused = apply_command(state, Rescind("r", "ada"), NINE, POLICY)
    assert [(each.agent, each.fence) for each in caused] == [("ada", 1)]
    assert [each.agent for each in state.leases] == ["bob"]
    with pytest.raises(ValueError, match="not offered to `ada`"):
        apply_command(state, Rescind("s", "ada"), NINE, POLICY)


@given(st.sampled_from(["R-1", "1", "1/1", "x" * 200]), st.integers(1, 99))
def test_the_key_of_a_reservation_equals_no_id(work: str, fence: int) -> None:
    name = Reservation(work, fence).key
    assert Reservation.of(name) == Reservation(work, fence)
    with pytest.raises(ValueError, match="is not an id"):
        Work(id=name, opened=NINE)
    kept = Workload(held={name: AssignedWork(Requirement(), NINE)})
    assert list(kept.held) == [name]


@pytest.mark.parametrize(
    "name",
    ["", " ", "R-1 ", "offer^R-1^0", "offer^R-1^x", "offer^^1", "offer^R-1", "commit^R-1^1",
     "offer^R-1^01", "offer^R-1^1^1"],
)  # fmt: skip
def test_only_ids_and_reservations_are_held(name: str) -> None:
    with pytest.raises(ValueError, match="is not an id"):
        Workload(held={name: AssignedWork(Requirement(), NINE)})


def test_a_choice_for_one_piece_of_work_does_not_make_others_eligible() -> None:
    router = Router(Roster(agents=[Agent(id="ada")]))
    assert isinstance(router.route(Work(id="R-1", opened=NINE), NINE), Assigned)
    declined = Work(id="R-2", opened=NINE, excluded_agents=["ada"])
    with pytest.raises(ConflictError, match="excluded"):
        router.assign(declined, "ada", NINE)


def test_work_with_the_longest_name_can_be_offered_too() -> None:
    router = Router(Roster(agents=[Agent(id="ada"), Agent(id="bob")]))
    works = [Work(id=199 * "x" + last, opened=NINE) for last in "ab"]
    for work in works:
        events = events_of_command(rebuild_state(work.id, ()), Enqueue("q"), NINE)
        events += events_of_command(
            rebuild_state(work.id, events), Offer("o", ["ada", "bob"]), NINE
        )
        apply_reservations(router, work, events)
    held = sorted(work for each in router.roster.workloads.values() for work in each.held)
    assert held == sorted(Reservation(work.id, fence).key for work in works for fence in (1, 2))
    assert router.holder(Reservation(works[0].id, 1).key) == "ada"


def test_an_acceptance_is_checked_against_the_obligations_of_the_work_now() -> None:
    router, work = (
        Router(Roster(agents=[Agent(id="ada", region="us")])),
        Work(id="R-1", opened=NINE),
    )
    state, events = WorkState(work="R-1"), []
    for command in (Enqueue("q"), Offer("o", ["ada"])):
        state, caused = apply_command(state, command, NINE)
        events += caused
    apply_reservations(router, work, events)
    _, accepted = apply_command(state, Accept("a", "ada", 1), NINE)
    demanding = Work(
        id="R-1",
        opened=NINE,
        requires=Requirement(obligations=RoutingObligations(residency="eu")),
    )
    with pytest.raises(ConflictError, match="not in region eu"):
        apply_reservations(router, demanding, accepted)
    apply_reservations(router, work, accepted)


def test_only_completed_work_counts_as_handled() -> None:
    router, work = Router(Roster(agents=[Agent(id="ada")])), Work(id="R-1", opened=NINE)
    declined = (Offer("o", ["ada"]), Decline("d", "ada", 1))
    apply_reservations(router, work, events(*declined))
    assert router.roster.workload("ada").handled == 0
    finished = (
        Accept("a", "ada", 2),
        AssigneeAction("s", "start", 2),
        AssigneeAction("f", "finish", 2),
    )
    apply_reservations(router, work, events(*declined, Offer("p", ["ada"]), *finished)[3:])
    assert router.roster.workload("ada").handled == 1
