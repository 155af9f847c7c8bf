"""Removal of agents: their work can be moved and closed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from tests.service.cases.agents.test_offer_commands import load
from tests.service.cases.test_admission import item_of
from tests.service.desks import (
    MINUTE,
    MONDAY,
    TENANT,
    accepted_case,
    admitted,
    desk,
    desk_offering,
    messages,
    request,
    settle,
)

from entitlements.adapters.memory import MemoryStore
from entitlements.kernel.errors import ConflictError, InvalidValueError, UnknownIdError
from entitlements.ports import Store
from entitlements.routing import Agent, Roster
from entitlements.routing.agents.workload import Reservation
from entitlements.routing.offers.lifecycle import WorkStatus
from entitlements.routing.offers.offer_policy import OfferPolicy
from entitlements.service import (
    AcceptOffer,
    CancelCase,
    DeclineOffer,
    Desk,
    DeskCommand,
    OfferCase,
    RecordEvent,
    ReopenCase,
    ResolveCase,
    TransferCase,
)
from entitlements.sla.case_history.events import Event
from entitlements.testing.laws.desk import accepted_at_most_once, all_or_nothing

THREE = Roster(agents=[Agent(id=id, groups=["experts"], capacity=2) for id in ("ada", "bob", "cy")])
LATER = MONDAY + MINUTE


def settled(store_of: Callable[[], Store], offers: OfferPolicy | None = None) -> tuple[Store, Desk]:
    store = store_of()
    settle(store, THREE)
    return store, desk(store) if offers is None else desk_offering(store, offers)


def offered(at: Desk, case: str, agent: str) -> int:
    admitted(at, request(case))
    return at.execute(OfferCase(id=f"o {case}", case=case, agents=[agent]), MONDAY).fences[agent]


def theirs(at: Desk, case: str, agent: str) -> int:
    fence = offered(at, case, agent)
    at.execute(AcceptOffer(id=f"a {case}", case=case, agent=agent, fence=fence), MONDAY)
    return fence


def replaced(store: Store, roster: Roster) -> None:
    """Replace the stored roster, as the host may do at any time."""
    with store.begin(TENANT) as work:
        work.roster.change(work.roster.roster(), roster)
        work.commit()


ENDS = {
    "transfer": lambda fence: TransferCase(id="k", case="R-1", fence=fence),
    "resolve": lambda _: ResolveCase(id="k", case="R-1"),
    "cancel": lambda _: CancelCase(id="k", case="R-1"),
    "close": lambda _: RecordEvent(id="k", case="R-1", event=Event.closed(LATER)),
}
ROSTERS = {
    "nobody is left": Roster(),
    "the assignee has left": Roster(agents=[THREE.agents["bob"]]),
    "the assignee came back with empty hands": THREE,
    "the assignee is in another group": Roster(agents=[Agent(id="ada", groups=["others"])]),
}


@pytest.mark.parametrize("roster", ROSTERS)
@pytest.mark.parametrize("end", ENDS)
def test_work_of_a_removed_agent_can_be_moved_and_closed(
    store_of: Callable[[], Store], end: str, roster: str
) -> None:
    store, at = settled(store_of)
    fence = theirs(at, "R-1", "ada")
    replaced(store, ROSTERS[roster])
    at.execute(ENDS[end](fence), LATER)
    expected = {"transfer": WorkStatus.QUEUED, "cancel": WorkStatus.CANCELLED}.get(
        end, WorkStatus.DONE
    )
    assert item_of(at, "R-1").state.status is expected
    assert sum(load(at).values()) == 0
    if end == "resolve":
        at.execute(ReopenCase(id="again", case="R-1"), LATER)
        assert item_of(at, "R-1").queued


def test_an_offer_to_a_removed_agent_can_be_declined_and_ends_and_cannot_be_accepted(
    store_of: Callable[[], Store],
) -> None:
    store, at = settled(store_of)
    first, second = offered(at, "R-1", "ada"), offered(at, "R-2", "ada")
    replaced(store, Roster(agents=[THREE.agents["bob"]]))
    with pytest.raises(UnknownIdError, match="ada"):
        at.execute(AcceptOffer(id="a", case="R-1", agent="ada", fence=first), MONDAY)
    at.execute(DeclineOffer(id="d", case="R-1", agent="ada", fence=first), MONDAY)
    assert at.process_due(LATER).work_items == ("R-2",)
    assert second == 1
    assert at.execute(OfferCase(id="o", case="R-2"), LATER).fences == {"bob": 2}


def test_an_agent_who_came_back_without_work_uses_capacity_by_accepting(
    store_of: Callable[[], Store],
) -> None:
    store, at = settled(store_of)
    fence = offered(at, "R-1", "ada")
    replaced(store, THREE)
    at.execute(AcceptOffer(id="a", case="R-1", agent="ada", fence=fence), MONDAY)
    assert load(at) == {"ada": 1, "bob": 0, "cy": 0}
    all_or_nothing(store, TENANT)


def test_an_agent_with_work_is_not_removed_unless_the_work_is_moved(
    store_of: Callable[[], Store],
) -> None:
    store, at = settled(store_of)
    theirs(at, "R-1", "ada")
    before = messages(at)
    with pytest.raises(ConflictError, match="assigned work") as caught:
        at.remove_agent("ada", LATER)
    assert caught.value.field == "held"
    assert (messages(at), load(at)["ada"]) == (before, 1)
    assert at.remove_agent("bob", LATER) == ()
    assert load(at) == {"ada": 1, "cy": 0}
    all_or_nothing(store, TENANT)


def test_the_work_of_a_removed_agent_waits_for_another(store_of: Callable[[], Store]) -> None:
    store, at = settled(store_of, OfferPolicy(wrap_up=timedelta(hours=1)))
    theirs(at, "R-1", "ada")
    at.execute(ResolveCase(id="r", case="R-1"), MONDAY)
    theirs(at, "R-2", "ada")
    admitted(at, request("R-3"))
    at.execute(OfferCase(id="o3", case="R-3", agents=["bob", "cy"]), MONDAY)
    assert at.remove_agent("ada", LATER - MINUTE / 2 - MINUTE / 4, policy="requeue") == (
        "R-1",
        "R-2",
    )
    assert item_of(at, "R-1").state.status is WorkStatus.DONE
    assert item_of(at, "R-2").queued
    assert at.remove_agent("bob", MONDAY + MINUTE / 4, policy="requeue") == ("R-3",)
    left = item_of(at, "R-3").state
    assert ([each.agent for each in left.leases], left.refusal_count) == (["cy"], 0)
    assert load(at) == {"cy": 1}
    assert at.execute(OfferCase(id="o2", case="R-2"), MONDAY + MINUTE / 4).fences == {"cy": 2}
    with pytest.raises(UnknownIdError, match="ada"):
        at.remove_agent("ada", LATER, policy="requeue")
    all_or_nothing(store, TENANT)
    accepted_at_most_once(messages(at))


def test_the_work_of_a_removed_agent_is_offered_to_the_successor_or_nothing_changes(
    store_of: Callable[[], Store],
) -> None:
    store, at = settled(store_of)
    theirs(at, "R-1", "ada")
    theirs(at, "R-2", "ada")
    theirs(at, "R-3", "bob")
    before, sent = load(at), messages(at)
    with pytest.raises(ConflictError, match="cannot take work `R-2`"):
        at.remove_agent("ada", LATER, policy="hand_to", to="bob")
    assert (load(at), messages(at)) == (before, sent)
    with pytest.raises(UnknownIdError, match="zoe"):
        at.remove_agent("ada", LATER, policy="hand_to", to="zoe")
    assert at.remove_agent("ada", LATER, policy="hand_to", to="cy") == ("R-1", "R-2")
    assert load(at) == {"bob": 1, "cy": 2}
    lease = item_of(at, "R-1").state.leases[0]
    at.execute(AcceptOffer(id="now", case="R-1", agent="cy", fence=lease.fence), LATER)
    all_or_nothing(store, TENANT)


def test_a_successor_is_named_exactly_if_work_is_handed_over(at_desk: Desk) -> None:
    for asked in ({"policy": "hand_to"}, {"policy": "requeue", "to": "bob"}, {"policy": "fire"}):
        with pytest.raises(InvalidValueError):
            at_desk.remove_agent("ada", MONDAY, **asked)
    with pytest.raises(InvalidValueError):
        at_desk.remove_agent("ada", MONDAY, policy="hand_to", to="ada")
    assert set(load(at_desk)) == {"ada", "bob"}


def test_work_that_the_host_moved_away_does_not_keep_an_agent_from_being_removed(
    store: MemoryStore, at_desk: Desk
) -> None:
    agent, _ = accepted_case(at_desk, request())
    task = item_of(at_desk, "R-1").work
    with store.begin(TENANT) as work:
        now = work.roster.roster()
        plain = now.complete(Reservation("R-1", 1).key, MONDAY).assign(task, agent, MONDAY)
        work.roster.change(now, plain)
        work.commit()
    assert at_desk.remove_agent(agent, MONDAY, policy="requeue") == ()
    command: DeskCommand = ResolveCase(id="r", case="R-1")
    at_desk.execute(command, LATER)


def test_an_agent_is_removed_though_the_host_has_moved_some_of_their_work_away(
    store: MemoryStore, at_desk: Desk
) -> None:
    for id in ("R-1", "R-2"):
        admitted(at_desk, request(id))
        at_desk.execute(OfferCase(id=f"o {id}", case=id, agents=["ada"]), MONDAY)
    del store._tenants[TENANT]["work_items"]["R-1"]  # noqa: SLF001 - the host moved it away
    assert at_desk.remove_agent("ada", LATER, policy="requeue") == ("R-2",)
    assert load(at_desk) == {"bob": 0}
    assert item_of(at_desk, "R-2").queued
