"""Laws of a store about cases, rosters, work items and leases of groups."""

from __future__ import annotations

from typing import Final

import attrs
from hypothesis import given
from hypothesis import strategies as st

from entitlements.contracts.account import OpenCase
from entitlements.kernel.errors import (
    ConflictError,
    DuplicateIdError,
    InvalidValueError,
    UnknownIdError,
)
from entitlements.kernel.instants import to_micros
from entitlements.ports.case_lists import CaseFilter
from entitlements.ports.claims import ClaimOrder
from entitlements.ports.records import Case, WorkItem
from entitlements.routing.agents.agent import Agent
from entitlements.routing.offers.lifecycle import WorkStatus
from entitlements.routing.roster import Roster
from entitlements.routing.work.queue_limits import QueueState
from entitlements.sla.case_history.events import Event
from entitlements.testing.laws.stores.transactions import (
    HOUR,
    SOME,
    START,
    Law,
    Make,
    opened,
    refused,
)
from entitlements.testing.strategies import ports as draw
from entitlements.testing.strategies import routing

# Cases


def cases_travel(make: Make) -> None:
    """Any case is read back equal, and counts in the account."""

    @SOME
    @given(draw.cases(), draw.cases())
    def check(case: Case, other: Case) -> None:
        store = opened(make)
        after = attrs.evolve(
            case,
            events=case.events + other.events,
            recorded=case.recorded + other.recorded,
            closed=other.closed,
            next_due_at=other.next_due_at,
        )
        with store.begin("t") as work:
            work.cases.open(case)
            refused(DuplicateIdError, work.cases.open, case)
        with store.begin("t") as work:
            work.cases.open(case)
            work.commit()
        with store.begin("t") as work:
            assert work.cases.case("R-1") == case
            account = work.accounts.account("acme")
            assert account == attrs.evolve(draw.account(), cases=[case.counted])
            work.cases.change(case, after)
            assert work.cases.case("R-1") == after
            work.commit()
        with store.begin("t") as work:
            assert work.cases.case("R-1") == after
            account = work.accounts.account("acme")
            assert account == attrs.evolve(draw.account(), cases=[after.counted])

    check()


def a_case_changes_only_from_what_it_is(make: Make) -> None:
    """A change from another state is refused; events are never removed."""
    store = opened(make)
    case = draw.case()
    answered = case.with_events([Event.responded(START + HOUR)], START + 2 * HOUR)
    with store.begin("t") as work:
        refused(UnknownIdError, work.cases.open, draw.case(customer="nobody"))
    with store.begin("t") as work:
        work.cases.open(case)
        work.cases.change(case, answered)
        work.commit()
    for before, after, kind in (
        (case, answered, ConflictError),
        (answered, case, InvalidValueError),
        (answered, attrs.evolve(answered, recorded=answered.recorded[::-1]), InvalidValueError),
        (case, draw.case("R-2"), InvalidValueError),
        (draw.case("R-2"), draw.case("R-2"), UnknownIdError),
        (answered, attrs.evolve(answered, opened=START - HOUR), InvalidValueError),
    ):
        with store.begin("t") as work:
            refused(kind, work.cases.change, before, after)
    with store.begin("t") as work:
        assert work.cases.case("R-1") == answered


def cases_are_found_in_order(make: Make) -> None:
    """By customer in the order of opening, by when they are due; closed ones on request."""
    store = opened(make, draw.account(), draw.account("other"))
    a, b = draw.case("a"), attrs.evolve(draw.case("b"), opened=START - HOUR, next_due_at=None)
    c = attrs.evolve(draw.case("c"), next_due_at=START)
    with store.begin("t") as work:
        for each in (a, b, c, draw.case("d", "other")):
            work.cases.open(each)
        assert work.cases.of("acme") == (b, a, c)
        assert work.cases.page("acme", most=2) == (b, a)
        assert work.cases.page("acme", (to_micros(a.opened), "a")) == (c,)
        assert work.cases.page("acme", (to_micros(c.opened), "c")) == ()
        before, other = (each.mark for each in work.cases.listed(CaseFilter(), most=2))
        assert work.cases.due(START - HOUR) == ()
        assert work.cases.due(START) == ("c",)
        assert work.cases.due(START + HOUR, most=2) == ("c", "a")
        work.cases.change(a, attrs.evolve(a, closed=START + HOUR))
        same, changed = (each.mark for each in work.cases.listed(CaseFilter(), most=2))
        assert (same == before, changed == other) == (True, False)
        assert work.cases.of("acme", open_only=True) == (b, c)
        assert len(work.cases.of("acme")) == 3
        found = work.accounts.account("acme")
        assert found is not None
        assert [each.id for each in found.cases] == ["b", "c", "a"]


def seeded_cases_stay(make: Make) -> None:
    """Cases opened with an account are not among the cases of the store, but count."""
    seed = OpenCase(id="old", contract="C-1", line="L-1", opened=START)
    store = opened(make, attrs.evolve(draw.account(), cases=[seed]))
    with store.begin("t") as work:
        assert work.cases.of("acme") == ()
        work.cases.open(draw.case())
        found = work.accounts.account("acme")
        assert found is not None
        assert found.cases == (seed, draw.case().counted)


# Rosters, offers, leases


def rosters_travel(make: Make) -> None:
    """Any roster replaces any other, if the other is still as it was read."""

    @SOME
    @given(routing.rosters(), routing.rosters())
    def check(first: Roster, second: Roster) -> None:
        store = make()
        with store.begin("t") as work:
            assert work.roster.roster() == Roster()
            work.roster.change(Roster(), first)
            work.commit()
        with store.begin("t") as work:
            assert work.roster.roster() == first
            work.roster.change(first, second)
            work.commit()
        with store.begin("t") as work:
            assert work.roster.roster() == second
            db = {id: each for id, each in second.agents.items() if "db" in each.groups}
            assert work.roster.roster(["db"]).agents == db
            if any(_stood(first, id) != _stood(second, id) for id in first.agents):
                refused(ConflictError, work.roster.change, first, Roster(assignment_count=9))

    check()


def a_roster_changes_wholly_or_not_at_all(make: Make) -> None:
    """If one agent is no longer as it was read, no agent is changed."""
    store = make()
    stored = Roster(agents=[Agent(id=id) for id in "abc"])
    wrong = stored.replace(Agent(id="b", region="eu"))
    with store.begin("t") as work:
        work.roster.change(Roster(), stored)
        after = Roster(agents=[Agent(id=id, region="us") for id in "abc"])
        refused(ConflictError, work.roster.change, wrong, after)
        work.commit()
    with store.begin("t") as work:
        assert work.roster.roster() == stored


def a_roster_is_as_marked(make: Make) -> None:
    """An agent's mark stays the same until the agent is written, and changes then."""

    @SOME
    @given(routing.rosters(), routing.rosters())
    def check(first: Roster, second: Roster) -> None:
        store = make()
        with store.begin("t") as work:
            work.roster.change(Roster(), first)
            before = work.roster.state("db")
            written = work.roster.change(first, second, before)
            after = work.roster.state("db")
            there = {id for id, each in second.agents.items() if "db" in each.groups}
            assert after.keys() == {"", *there}
            for id in there:
                same = id in first.agents and _stood(first, id) == _stood(second, id)
                assert same == (id not in written)
                assert after[id] == (before.get(id, after[id]) if same else written[id])
                assert same or before.get(id) != after[id]
            if (first.on_call, first.since) != (second.on_call, second.since):
                assert before[""] != after[""]
            assert work.roster.state("db") == after
            some = sorted(second.agents)[::2]
            found = work.roster.roster(["db"], some or ["nobody"])
            assert set(found.agents) == {id for id in some if id in there}
            assert all(_stood(found, id) == _stood(second, id) for id in found.agents)

    check()


def _stood(roster: Roster, agent: str) -> object:
    found = roster.agents.get(agent)
    return None if found is None else (found, roster.workload(agent))


def placements_travel(make: Make) -> None:
    """Any work is read back equal, in any state."""

    @SOME
    @given(draw.work_items("R-1"), draw.work_items("R-1"))
    def check(first: WorkItem, second: WorkItem) -> None:
        store = make()
        with store.begin("t") as work:
            work.work_items.add(first)
            work.commit()
        with store.begin("t") as work:
            assert work.work_items.item("R-1") == first
            assert work.work_items.claim(first.group) == ((first,) if first.queued else ())
            work.work_items.change(first, second)
            work.commit()
        with store.begin("t") as work:
            assert work.work_items.item("R-1") == second
            assert work.work_items.groups() == ((second.group,) if second.queued else ())
            since = second.state.queued_at or second.work.opened
            length = QueueState(waiting=1, oldest=since) if second.queued else QueueState()
            assert work.work_items.queue(second.group) == length
            if first != second:
                refused(ConflictError, work.work_items.change, first, second)
        with store.begin("t") as work:
            refused(DuplicateIdError, work.work_items.add, second)

    check()


def work_changes_together(make: Make) -> None:
    """Many work items change at once, or none does."""

    @SOME
    @given(*[draw.work_items(f"R-{n}") for n in range(3)], draw.work_items("R-2"))
    def check(one: WorkItem, two: WorkItem, three: WorkItem, other: WorkItem) -> None:
        store = make()
        changes = [(each, attrs.evolve(each, group="new")) for each in (one, two, three)]
        with store.begin("t") as work:
            for each in (one, two, three):
                work.work_items.add(each)
            if other != three:
                wrong = [*changes[:2], (other, attrs.evolve(other, group="new"))]
                refused(ConflictError, work.work_items.change_all, wrong)
                assert work.work_items.item("R-0") == one
            work.work_items.change_all([])
            work.work_items.change_all(changes)
            work.commit()
        with store.begin("t") as work:
            for before, after in changes:
                assert work.work_items.item(before.id) == after

    check()
    store = make()
    here, gone = draw.work_item("R-0"), draw.work_item("R-1")
    with store.begin("t") as work:
        work.work_items.add(here)
        refused(ConflictError, work.work_items.change_all, [(here, here), (gone, gone)])
    with store.begin("t") as work:
        refused(InvalidValueError, work.work_items.change_all, [(here, here), (here, here)])
        refused(InvalidValueError, work.work_items.change_all, [(here, gone)])


def work_is_claimed_by_turn(make: Make) -> None:
    """Rank, then deadline (none is last), then opening, then id; offered work is not claimed."""
    store = make()
    ids = {"late": (0, None), "b": (0, START), "a": (0, START), "last": (2, START), "r1": (1, None)}
    with store.begin("t") as work:
        for id, (rank, due) in ids.items():
            each = draw.work_item(id, rank=rank)
            work.work_items.add(attrs.evolve(each, work=attrs.evolve(each.work, due=due)))
        work.work_items.add(draw.work_item("x", group="net"))
        gone = draw.work_item("y", group="net")
        done = attrs.evolve(gone.state, status=WorkStatus.DONE)
        work.work_items.add(attrs.evolve(gone, group="hr", state=done, next_due_at=START))
        order = ("a", "b", "late", "r1", "last")
        assert tuple(each.id for each in work.work_items.claim("db")) == order
        assert tuple(each.id for each in work.work_items.claim("db", 1)) == ("a", *order[2:])
        assert work.work_items.claim("hr") == ()
        assert work.work_items.groups() == ("db", "net")
        assert [work.work_items.queue(each).waiting for each in ("db", "net", "hr")] == [5, 1, 0]
        assert work.work_items.due(START) == ("y",)
        refused(UnknownIdError, work.work_items.item, "no")
        refused(UnknownIdError, work.work_items.change, gone := draw.work_item("no"), gone)


def the_first_of_every_rank_are_claimed(make: Make) -> None:
    """By deadline, those with one and those without; by opening; or the whole queue."""

    @SOME
    @given(
        st.lists(st.tuples(*[st.integers(0, 3)] * 3), max_size=9),
        st.integers(0, 4),
        st.sets(st.integers(0, 8), max_size=2),
    )
    def check(drawn: list[tuple[int, int, int]], most: int, aside: set[int]) -> None:
        store, known = make(), dict[str, tuple[int, int, int]]()
        with store.begin("t") as work:
            for number, (rank, due, opened) in enumerate(drawn):
                item = draw.work_item(f"R-{number}", rank=rank)
                task = attrs.evolve(
                    item.work, due=START + due * HOUR if due else None, opened=START - opened * HOUR
                )
                work.work_items.add(attrs.evolve(item, work=task))
                if number not in aside:
                    known[item.id] = (rank, due, opened)
            left_out = {f"R-{number}" for number in aside}
            for by in ClaimOrder:
                found = {each.id for each in work.work_items.claim("db", most, left_out, by)}
                assert found == _claimed(known, most, by)
            refused(InvalidValueError, work.work_items.claim, "db", most, left_out, "soon")

    check()


def _claimed(known: dict[str, tuple[int, int, int]], most: int, by: ClaimOrder) -> set[str]:
    """Return what is to be claimed of work with a rank, a deadline (0 for none) and an age."""
    if by is ClaimOrder.WHOLE:
        return set(known)
    found = set[str]()
    for rank in range(4):
        ages = sorted((-age, id) for id, (own, _, age) in known.items() if own == rank)
        if by is ClaimOrder.OPENING:
            found |= {id for _, id in ages[:most]}
            continue
        dated = sorted((known[id][1], age, id) for age, id in ages if known[id][1])
        found |= {id for _, _, id in dated[:most]}
        found.update([id for _, id in ages if not known[id][1]][:most])
    return found


def a_group_has_one_decider(make: Make) -> None:
    """A lease keeps others out until it ends; the next owner fences the old one out."""
    store = make()
    with store.begin("t") as work:
        first = work.group_leases.take("db", "one", START, START + HOUR)
        assert first is not None
        assert work.group_leases.take("db", "two", START, START + HOUR) is None
        renewed = work.group_leases.take("db", "one", START, START + 2 * HOUR)
        assert renewed is not None
        assert renewed.term == first.term
        work.group_leases.check(first)
        work.commit()
    with store.begin("t") as work:
        second = work.group_leases.take("db", "two", START + 2 * HOUR, START + 3 * HOUR)
        assert second is not None
        assert second.term > first.term
        refused(ConflictError, work.group_leases.check, first)
        work.group_leases.release(first)
        assert work.group_leases.leases() == (second,)
        work.group_leases.release(second)
        third = work.group_leases.take("db", "one", START + 2 * HOUR, START + 3 * HOUR)
        assert third is not None
        assert third.term > second.term
        refused(ConflictError, work.group_leases.check, second)


WORK_LAWS: Final[tuple[Law, ...]] = (
    cases_travel,
    a_case_changes_only_from_what_it_is,
    cases_are_found_in_order,
    seeded_cases_stay,
    rosters_travel,
    a_roster_changes_wholly_or_not_at_all,
    a_roster_is_as_marked,
    placements_travel,
    work_changes_together,
    work_is_claimed_by_turn,
    the_first_of_every_rank_are_claimed,
    a_group_has_one_decider,
)
