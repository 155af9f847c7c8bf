from __future__ import annotations

from collections.abc import Callable

import attrs
import pytest
from sqlalchemy import update

from entitlements.adapters.sql import SqlStore
from entitlements.kernel.errors import ConflictError
from entitlements.routing.agents.agent import Agent
from entitlements.routing.agents.on_call import OnCall, OnCallLayer
from entitlements.routing.roster import Roster
from entitlements.routing.work.work import Work
from entitlements.testing.strategies.ports import START, account, case, work_item


def test_two_groups_are_routed_at_the_same_time(make_sql: Callable[[], SqlStore]) -> None:
    store = make_sql()
    whole = Roster(agents=[Agent(id="a", groups="db"), Agent(id="b", groups="net")])
    with store.begin("t") as work:
        work.roster.change(Roster(), whole)
        work.commit()
    with store.begin("t") as work:
        db, net = work.roster.roster(["db"]), work.roster.roster(["net"])
    assert (set(db.agents), set(net.agents)) == ({"a"}, {"b"})
    for before, agent in ((db, "a"), (net, "b")):
        with store.begin("t") as work:
            one = Work(id=f"w-{agent}", opened=START)
            work.roster.change(before, before.assign(one, agent, START))
            work.commit()
    with store.begin("t") as work:
        after = work.roster.roster()
        assert (after.holder("w-a"), after.holder("w-b"), after.assignment_count) == ("a", "b", 1)
        with pytest.raises(ConflictError) as caught:
            work.roster.change(db, db.set_status("a", START, away=True))
        assert caught.value.field == "agents.a"


def test_an_agent_who_moves_between_groups_is_read_in_the_new_one(
    make_sql: Callable[[], SqlStore],
) -> None:
    store = make_sql()
    before = Roster(agents=[Agent(id="a", groups="db")])
    after = before.replace(Agent(id="a", groups=["net", "hr"]))
    with store.begin("t") as work:
        work.roster.change(Roster(), before)
        work.roster.change(before, after)
        assert work.roster.roster(["db"]).agents == {}
        assert set(work.roster.roster(["net", "hr"]).agents) == {"a"}


def test_a_schedule_is_replaced_only_if_it_is_still_as_it_was_read(
    make_sql: Callable[[], SqlStore],
) -> None:
    store = make_sql()
    old = OnCall(id="night", layers=[OnCallLayer(members=["a"], start=START)])
    new = OnCall(id="night", layers=[OnCallLayer(members=["b"], start=START)])
    with store.begin("t") as work:
        work.roster.change(Roster(), Roster(on_call=[old]))
        work.roster.change(Roster(on_call=[old]), Roster(on_call=[new]))
        assert work.roster.roster() == Roster(on_call=[new])
        with pytest.raises(ConflictError) as caught:
            work.roster.change(Roster(on_call=[old]), Roster())
        assert caught.value.field == "on_call.night"
        with pytest.raises(ConflictError):
            work.roster.change(Roster(), Roster(on_call=[old]))
        work.roster.change(Roster(on_call=[new]), Roster())
        assert work.roster.roster() == Roster()


def test_the_rotation_counter_never_decreases_and_a_period_can_restart(
    make_sql: Callable[[], SqlStore],
) -> None:
    store = make_sql()
    with store.begin("t") as work:
        work.roster.change(Roster(), Roster(assignment_count=5))
        work.roster.change(Roster(assignment_count=2), Roster(assignment_count=3))
        assert work.roster.roster().assignment_count == 5
        since = attrs.evolve(Roster(assignment_count=5), since=START)
        work.roster.change(Roster(assignment_count=5), since)
        assert work.roster.roster() == since


def test_a_row_that_another_version_wrote_differently_can_be_changed(
    make_sql: Callable[[], SqlStore],
) -> None:
    store, t = make_sql(), make_sql().tables
    before = Roster(
        agents=[Agent(id="a")],
        on_call=[OnCall(id="night", layers=[OnCallLayer(members=["a"], start=START)])],
    )
    with store.begin("t") as work:
        work.roster.change(Roster(), before)
        work.accounts.open(account())
        work.cases.open(case())
        work.work_items.add(work_item())
        work.commit()
    with store.engine.begin() as connection:
        for table in (t.agents, t.cases, t.work_items):
            connection.execute(update(table).values(state="as an earlier version wrote it"))
        connection.execute(update(t.schedules).values(body=t.schedules.c.body + " "))
    with store.begin("t") as work:
        after = Roster(agents=[Agent(id="a", region="eu")])
        work.roster.change(before, after)
        work.cases.change(case(), attrs.evolve(case(), next_due_at=None))
        work.work_items.change(work_item(), attrs.evolve(work_item(), group="net"))
        assert work.roster.roster() == after
        assert work.cases.case("R-1").next_due_at is None
        assert work.work_items.item("R-1").group == "net"


def test_agents_that_change_together_are_marked_as_the_store_marks_them_from_then_on(
    make_sql: Callable[[], SqlStore],
) -> None:
    before = Roster(agents=[Agent(id=id, groups="db") for id in ("a", "b", "c")])
    after = before.set_status("a", START, away=True).set_status("b", START, away=True)
    with make_sql().begin("t") as work:
        work.roster.change(Roster(), before)
        marks = work.roster.change(before, after, work.roster.state("db"))
        now = work.roster.state("db")
        assert marks == {"a": now["a"], "b": now["b"]}
        assert work.roster.roster() == after
